import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SqlError } from '../../index.ts';
import { PartitionReader } from '../broker/topic-reader.ts';
import { consume, produce } from './topics.ts';

/** Queries that once gave wrong rows without a word. */
async function withReadings(): Promise<Engine> {
  const engine = await Engine.create({ kafka: 'embedded' });
  const link = await engine.brokerLink();
  await link.createTopic('t', 1);
  await produce(link, 't', [{ k: 'a', v: 1, at: 0 }, { k: 'a', v: 5, at: 1 }]);
  const upsert = (name: string, key: string): string =>
    `CREATE TABLE ${name} (k STRING, n BIGINT, PRIMARY KEY (${key}) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = '${name}', 'key.format' = 'json', 'value.format' = 'json');`;
  await engine.exec(`
    CREATE TABLE t (k STRING, v BIGINT, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts)
    WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
    CREATE TABLE w (k STRING, m STRING) WITH ('connector' = 'kafka', 'topic' = 'w', 'format' = 'json');
    ${upsert('a', 'k')} ${upsert('b', 'k')} ${upsert('wide', 'k, n')}`);
  return engine;
}

test('two queries of a job that count the same thing do not share their counts', async () => {
  await using engine = await withReadings();
  const counts = 'SELECT k, COUNT(*) FROM t GROUP BY k';
  const job = await engine.submit(`INSERT INTO a ${counts}; INSERT INTO b ${counts}`, { bounded: true });
  await job.finished;
  const link = await engine.brokerLink();
  const expected = ['{"k":"a","n":1}', '{"k":"a","n":2}'];
  assert.deepEqual(await consume(link, 'a'), expected);
  assert.deepEqual(await consume(link, 'b'), expected);
});

test('an aggregate in a window may have an argument that makes text', async () => {
  await using engine = await withReadings();
  const job = await engine.submit("INSERT INTO w SELECT k, MAX(CAST(v AS STRING)) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY k, window_start, window_end", { bounded: true });
  await job.finished;
  assert.deepEqual(await consume(await engine.brokerLink(), 'w'), ['{"k":"a","m":"5"}']);
});

test('a row that no longer meets a condition, or has another key, is withdrawn', async () => {
  await using engine = await withReadings();
  const job = await engine.submit('INSERT INTO a SELECT k, SUM(v) FROM t GROUP BY k HAVING SUM(v) < 5; INSERT INTO wide SELECT k, COUNT(*) FROM t GROUP BY k', { bounded: true });
  await job.finished;
  const recordsOf = async (topic: string): Promise<unknown> => (await new PartitionReader(await engine.brokerLink(), topic, 0).readAll()).map(({ key, value }) => [key, value]);
  assert.deepEqual(await recordsOf('a'), [['{"k":"a"}', '{"k":"a","n":1}'], ['{"k":"a"}', null]]);
  assert.deepEqual(await recordsOf('wide'), [['{"k":"a","n":1}', '{"k":"a","n":1}'], ['{"k":"a","n":1}', null], ['{"k":"a","n":2}', '{"k":"a","n":2}']]);
});

test('of several rows that have one key of the table the latest that is there is in it', async () => {
  await using engine = await withReadings();
  const link = await engine.brokerLink();
  await produce(link, 't', [{ k: 'a', v: 1, at: 2 }]);
  const job = await engine.submit('INSERT INTO a SELECT k, c FROM (SELECT k, v, COUNT(*) AS c FROM t GROUP BY k, v) AS s WHERE c < 2', { bounded: true });
  await job.finished;
  // The group of 1 goes when it has two rows: the group of 5 was the latest, and stays.
  assert.deepEqual(await consume(link, 'a'), ['{"k":"a","n":1}', '{"k":"a","n":1}']);
});

test('SET says what becomes of NULL and of text that is too long for a table', async () => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  await engine.exec(`CREATE TABLE t (a STRING, b STRING) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
    CREATE TABLE out (a VARCHAR(3) NOT NULL, b CHAR(4)) WITH ('connector' = 'kafka', 'topic' = 'out', 'format' = 'json')`);
  const link = await engine.brokerLink();
  await link.createTopic('t', 1);
  await produce(link, 't', [{ a: 'some', b: 'x' }, { b: 'none' }, { a: '\u{1F600}öß', b: null }]);
  const run = async (settings: Readonly<Record<string, string>>, query = 'SELECT a, b FROM t'): Promise<void> => {
    await (await engine.submit(`${Object.entries(settings).map(([key, value]) => `SET 'table.exec.sink.${key}' = '${value}';`).join('')} INSERT INTO out ${query}`, { bounded: true, fresh: true })).finished;
  };
  const [drop, cut, strict] = [{ 'not-null-enforcer': 'DROP' }, { 'type-length-enforcer': 'TRIM_PAD' }, { 'type-length-enforcer': 'error' }];
  await run(drop);
  await run({ ...drop, ...cut });
  assert.deepEqual(await consume(link, 'out'), ['{"a":"some","b":"x"}', '{"a":"\u{1F600}öß","b":null}', '{"a":"som","b":"x   "}', '{"a":"\u{1F600}öß","b":null}']);
  await assert.rejects(run({ ...drop, 'type-length-enforcer': 'IGNORE', 'not-null-enforcer': 'ERROR' }), { code: 'E0702' });
  await assert.rejects(run({ ...drop, ...strict }), (error: SqlError) => error.code === 'E0702' && error.message.includes("'some'") && error.message.includes('VARCHAR(3)'));
  await assert.rejects(run({ ...drop, ...strict }, "SELECT a, b FROM t WHERE CHAR_LENGTH(a) < 4 AND b IS NULL UNION ALL SELECT 'abc', 'x'"), (error: SqlError) => error.message.includes('CHAR(4)'));
  await run({ ...drop, ...strict }, "SELECT a, b FROM t WHERE CHAR_LENGTH(a) < 4");
  await assert.rejects(engine.exec("SET 'table.exec.sink.not-null-enforcer' = 'MAYBE'"), { code: 'E0508' });
});

test('text with a fraction is cut to an integer, and a number of 39 digits is refused', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect("SELECT CAST('12.5' AS INT) AS a, CAST('-0.6' AS INT) AS b, CAST('127.9' AS TINYINT) AS c");
  assert.deepEqual(rows, [{ a: 12, b: 0, c: 127 }]);
  await assert.rejects(engine.collect(`SELECT ${'9'.repeat(39)}`), (error: unknown) => error instanceof SqlError && error.code === 'E0207');
});

test('collect tells a group of NaN from a group of NULL', async () => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  await engine.exec(`CREATE TABLE d (a DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'd', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')`);
  const link = await engine.brokerLink();
  await link.createTopic('d', 1);
  await produce(link, 'd', ['{"a":"NaN"}', '{"a":null}', '{"a":"NaN"}']);
  const { rows } = await engine.collect('SELECT a, COUNT(*) AS n FROM d GROUP BY a');
  assert.deepEqual(rows, [{ a: NaN, n: 2n }, { a: null, n: 1n }]);
});

test('zero has one sign', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect('SELECT CAST(CAST(0 AS DECIMAL(5, 2)) * -1.00 AS DOUBLE) AS z');
  assert.ok(Object.is(rows[0]?.['z'], 0));
});

test('IS NOT NULL of a DECIMAL sum, where no row of the batch is NULL', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect('SELECT d FROM (VALUES (CAST(379.13 AS DECIMAL(10, 2))), (56.38)) AS t (d) WHERE d + 8.25 IS NOT NULL');
  assert.deepEqual(rows, [{ d: '379.13' }, { d: '56.38' }]);
});
