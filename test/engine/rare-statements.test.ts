import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine, type SqlError } from '../../index.ts';
import { engineWith, failure } from './tables.ts';
import { consume } from './topics.ts';

async function answers(engine: Engine, sql: string): Promise<readonly unknown[]> {
  return (await engine.exec(sql)).map((result) => (result.kind === 'done' ? result.message : result.rows));
}

/** What is read and not planned: its name, and its place in the text. */
const later: readonly (readonly [string, string])[] = [
  ['UPDATE t SET v = 1 WHERE k = 2', 'UPDATE'],
  ['DELETE FROM t WHERE v = 1', 'DELETE FROM'],
  ['TRUNCATE TABLE t', 'TRUNCATE TABLE'],
  ['CALL sys.compact(name => 1)', 'CALL'],
  ["ADD JAR 'x.jar'", 'ADD JAR'],
  ["CREATE TEMPORARY SYSTEM FUNCTION f AS 'x' LANGUAGE JAVA USING JAR 'y'", 'CREATE TEMPORARY SYSTEM FUNCTION'],
  ["ALTER FUNCTION f AS 'x'", 'ALTER FUNCTION'],
  ['DROP TEMPORARY FUNCTION IF EXISTS f', 'DROP TEMPORARY FUNCTION'],
  ["CREATE MODEL m INPUT (a STRING) OUTPUT (b STRING) WITH ('provider' = 'x')", 'CREATE MODEL'],
  ['DROP MODEL m', 'DROP MODEL'],
  ["CREATE MATERIALIZED TABLE m FRESHNESS = INTERVAL '3' MINUTE REFRESH_MODE = FULL AS SELECT k FROM t", 'CREATE MATERIALIZED TABLE'],
  ['ALTER MATERIALIZED TABLE m SUSPEND', 'ALTER MATERIALIZED TABLE'],
  ["ANALYZE TABLE t PARTITION (v = 1) COMPUTE STATISTICS FOR COLUMNS k, v", 'ANALYZE TABLE'],
  ["COMPILE PLAN 'f' IF NOT EXISTS FOR INSERT INTO t SELECT 1", 'COMPILE PLAN'],
  ["EXECUTE PLAN 'f'", 'EXECUTE PLAN'],
  ["STOP JOB 'j' WITH SAVEPOINT WITH DRAIN", 'STOP JOB'],
  ["ALTER TABLE t ADD IF NOT EXISTS PARTITION (v = 1) WITH ('a' = 'b')", 'ADD PARTITION'],
  ['ALTER TABLE t ADD DISTRIBUTION BY HASH (k) INTO 4 BUCKETS', 'ADD DISTRIBUTION'],
  ['INSERT OVERWRITE t SELECT k, v, d, at FROM t', 'INSERT OVERWRITE'],
  ['INSERT INTO t SELECT k, v, d, at FROM t ON CONFLICT DO NOTHING', 'ON CONFLICT DO NOTHING'],
  ["SELECT /*+ STATE_TTL('t' = '1d') */ k FROM t", 'hints /*+ ... */'],
  ["SELECT k FROM t /*+ LOOKUP('table' = 't') */", 'the hint LOOKUP'],
  ['SELECT k FROM t QUALIFY v > 1', 'QUALIFY'],
  ["SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(k), MAP['async', 'true'])", 'ML_PREDICT'],
  ["SELECT * FROM TABLE(ML_PREDICT(INPUT => TABLE t, MODEL => MODEL a.m, ARGS => DESCRIPTOR(k)))", 'ML_PREDICT'],
  ['EXPLAIN PLAN_ADVICE SELECT k FROM t', 'EXPLAIN PLAN_ADVICE'],
  ["ALTER VIEW v SET ('a' = 'b')", 'ALTER VIEW SET'],
  ['ALTER TABLE t COMPACT', 'ALTER TABLE COMPACT'],
  ['ALTER TABLE t PARTITION (v = 1) RENAME TO PARTITION (v = 2)', 'ALTER TABLE PARTITION'],
  ['ALTER TABLE t RENAME a.b TO a.c', 'names of several parts in this place'],
  ["CREATE TABLE r (a RAW('x', 'y'))", 'RAW types'],
  ["CREATE MODEL m WITH ('a' = 'b') AS SELECT 1", 'CREATE MODEL AS'],
  ["ALTER MATERIALIZED TABLE m SET FRESHNESS = INTERVAL '1' DAY", 'SET FRESHNESS'],
  ["SELECT N'a'", "N'...' literals"],
];

test('what is read and not planned yet answers its name and its place, never a syntax error', async () => {
  await using engine = await engineWith([]);
  for (const [sql, feature] of later) {
    const { errors } = engine.check(sql);
    assert.deepEqual(errors.map(({ code, message }) => [code, message]), [['E0002', `not supported yet: ${feature}`]], sql);
    assert.ok((errors[0] as SqlError).line === 1, sql);
  }
});

test('STOP JOB says where it stops a job', async () => {
  await using engine = await Engine.create();
  const [error] = engine.check("SHOW JOBS; STOP JOB 'j'").errors;
  assert.match(error?.format() ?? '', /at the prompt a job is stopped by this alone on its line\n {2}\\stop j {2}does the same;/);
});

test('there is one module, and nothing of what nobody can make', async () => {
  await using engine = await Engine.create();
  assert.deepEqual(await answers(engine, 'SHOW MODULES; SHOW FULL MODULES; USE MODULES core; SHOW JARS; SHOW MODELS; SHOW PROCEDURES; SHOW MATERIALIZED TABLES'), [[{ 'module name': 'core' }], [{ 'module name': 'core', used: true }], 'using module core', [], [], [], []]);
  await assert.rejects(engine.exec('USE MODULES core, hive'), failure('E0101', /hive/));
  await assert.rejects(engine.exec('LOAD MODULE core'), failure('E0105'));
  await assert.rejects(engine.exec("DESCRIBE JOB 'none'"), failure('E0904', /SHOW JOBS/));
});

test("SHOW JOBS and DESCRIBE JOB have Flink's columns", async () => {
  await using engine = await Engine.create({ kafka: 'embedded' }, { now: () => 1_700_000_000_000 });
  const table = (name: string): string => `CREATE TABLE ${name} (k STRING) WITH ('connector' = 'kafka', 'topic' = '${name}', 'format' = 'json');`;
  await engine.submit(`${table('a')} ${table('b')} INSERT INTO b SELECT k FROM a`, { name: 'mine' });
  const row = { 'job id': 'mine', 'job name': 'mine', status: 'RUNNING', 'start time': new Date(1_700_000_000_000) };
  assert.deepEqual(await answers(engine, "SHOW JOBS; SHOW JOBS LIKE 'x%'; DESCRIBE JOB 'mine'"), [[row], [], [row]]);
});

test('functions of the program are listed beside those of Sluice', async () => {
  await using engine = await Engine.create();
  engine.fn('shout', { args: ['STRING'], returns: 'STRING' }, (text: string) => text.toUpperCase());
  assert.deepEqual(await answers(engine, "SHOW USER FUNCTIONS; SHOW FUNCTIONS LIKE 'SHOUT'"), [[{ 'function name': 'SHOUT' }], [{ 'function name': 'SHOUT' }]]);
  const [own, built] = (await answers(engine, 'DESCRIBE FUNCTION shout; DESCRIBE FUNCTION EXTENDED upper')) as { 'info name': string; 'info value': string }[][];
  assert.deepEqual(own?.map((row) => Object.values(row)), [['is system function', 'false'], ['is temporary', 'true']]);
  assert.deepEqual(built?.slice(0, 4).map((row) => Object.values(row)), [['is system function', 'true'], ['is temporary', 'false'], ['kind', 'SCALAR'], ['is deterministic', 'true']]);
  await assert.rejects(engine.exec('DESCRIBE FUNCTION uper'), failure('E0103', /UPPER/));
});

test('a catalog has a comment and options', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE CATALOG c COMMENT 'mine' WITH ('type' = 'generic_in_memory', 'default-database' = 'd')");
  assert.deepEqual(await answers(engine, "DESCRIBE CATALOG EXTENDED c; ALTER CATALOG c COMMENT 'ours'; DESCRIBE CATALOG c"), [
    [{ 'info name': 'name', 'info value': 'c' }, { 'info name': 'type', 'info value': 'generic_in_memory' }, { 'info name': 'comment', 'info value': 'mine' }, { 'info name': 'option:default-database', 'info value': 'd' }],
    'altered catalog c',
    [{ 'info name': 'name', 'info value': 'c' }, { 'info name': 'type', 'info value': 'generic_in_memory' }, { 'info name': 'comment', 'info value': 'ours' }],
  ]);
  const [shown] = (await answers(engine, 'SHOW CREATE CATALOG c')) as [{ result: string }[]];
  await engine.exec(`DROP CATALOG c; ${shown[0]?.result ?? ''}`);
  assert.deepEqual(await answers(engine, 'SHOW CREATE CATALOG c'), [shown]);
  await assert.rejects(engine.exec("ALTER CATALOG c SET ('type' = 'jdbc')"), failure('E0504'));
});

const partitioned = "CREATE TABLE p (a STRING, day STRING, n INT) PARTITIONED BY (day, n) WITH ('connector' = 'kafka', 'topic' = 'p', 'format' = 'json');";

test('PARTITIONED BY is kept, shown, and gives INSERT its PARTITION', async () => {
  await using engine = await engineWith([{ k: 'x', v: 1 }]);
  await engine.exec(partitioned);
  const [shown] = (await answers(engine, 'SHOW CREATE TABLE p')) as [{ result: string }[]];
  assert.match(shown[0]?.result ?? '', /PARTITIONED BY \(`day`, `n`\)/);
  await engine.exec(`DROP TABLE p; ${shown[0]?.result ?? ''}`);
  assert.deepEqual(await answers(engine, 'SHOW CREATE TABLE p; SHOW PARTITIONS p'), [shown, []]);
  await engine.exec("INSERT INTO p PARTITION (day = 'mo', n) SELECT k, CAST(v AS INT) FROM t; INSERT INTO p PARTITION (n = 7) (day, a) SELECT 'tu', k FROM t", { bounded: true });
  assert.deepEqual(await consume(await engine.brokerLink(), 'p'), ['{"a":"x","day":"mo","n":1}', '{"a":"x","day":"tu","n":7}']);
});

test('mistakes about partitions', async () => {
  await using engine = await engineWith([]);
  await engine.exec(partitioned);
  const mistakes: readonly (readonly [string, string, RegExp])[] = [
    ["INSERT INTO t PARTITION (k = 'x') SELECT 1, 2, 3", 'E0102', /not partitioned by "k"/],
    ["INSERT INTO p PARTITION (dya = 'x') SELECT k, 1 FROM t", 'E0102', /day/],
    ["INSERT INTO p PARTITION (day = 'x') (day, a) SELECT k, k FROM t", 'E0105', /its value already/],
    ["INSERT INTO p PARTITION (day = 'x') SELECT k FROM t", 'E0205', /1/],
    ['SHOW PARTITIONS t', 'E0102', /not partitioned/],
    ['ALTER TABLE p DROP day', 'E0102', /partitioned by "day"/],
    [partitioned.replace('(day, n)', '(dya)').replace('TABLE p', 'TABLE q'), 'E0102', /day/],
  ];
  for (const [sql, code, text] of mistakes) await assert.rejects(engine.exec(sql, { bounded: true }), failure(code, text), sql);
  await engine.exec('CREATE TABLE like1 LIKE p; CREATE TABLE like2 LIKE p (EXCLUDING PARTITIONS); SHOW PARTITIONS like1');
  await assert.rejects(engine.exec('SHOW PARTITIONS like2'), failure('E0102'));
});

test('a constraint is dropped by its name', async () => {
  await using engine = await Engine.create();
  const table = (key: string): string => `CREATE TABLE u (a STRING NOT NULL, b INT, ${key}) WITH ('connector' = 'upsert-kafka', 'topic' = 'u', 'key.format' = 'json', 'value.format' = 'json');`;
  await engine.exec(table('CONSTRAINT mine PRIMARY KEY (a) NOT ENFORCED'));
  const [shown] = (await answers(engine, 'SHOW CREATE TABLE u')) as [{ result: string }[]];
  assert.match(shown[0]?.result ?? '', /CONSTRAINT `mine` PRIMARY KEY \(`a`\) NOT ENFORCED/);
  await assert.rejects(engine.exec('ALTER TABLE u DROP CONSTRAINT other'), failure('E0102', /its primary key is mine/));
  // upsert-kafka needs a key: that is what is told then.
  await assert.rejects(engine.exec('ALTER TABLE u DROP CONSTRAINT mine'), failure('E0303'));
});

test('BEGIN STATEMENT SET is the older form of EXECUTE STATEMENT SET', async () => {
  await using engine = await engineWith([{ k: 'x', v: 1 }]);
  const sink = (name: string): string => `CREATE TABLE ${name} (k STRING) WITH ('connector' = 'kafka', 'topic' = '${name}', 'format' = 'json');`;
  const job = await engine.submit(`${sink('o')} ${sink('q')} BEGIN STATEMENT SET; INSERT INTO o SELECT k FROM t; INSERT INTO q SELECT UPPER(k) FROM t; END;`, { bounded: true });
  await job.finished;
  const link = await engine.brokerLink();
  assert.deepEqual([await consume(link, 'o'), await consume(link, 'q')], [['{"k":"x"}'], ['{"k":"X"}']]);
});
