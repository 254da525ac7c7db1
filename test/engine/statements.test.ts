import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../index.ts';
import { failure } from './tables.ts';

const table = (name: string, columns: string, more = ''): string => `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'kafka', 'topic' = 'x', 'format' = 'json'${more});`;

/** What each statement answered: its word, or its rows as lists. */
async function answers(engine: Engine, sql: string): Promise<readonly unknown[]> {
  return (await engine.exec(sql)).map((result) => (result.kind === 'done' ? result.message : result.rows.map((row) => Object.values(row))));
}

async function last(engine: Engine, sql: string): Promise<unknown> {
  return (await answers(engine, sql)).at(-1);
}

test('databases and catalogs: names of one to three parts', async () => {
  await using engine = await Engine.create();
  await engine.exec(`CREATE DATABASE shop COMMENT 'sales'; CREATE DATABASE IF NOT EXISTS shop; ${table('shop.orders', 'id INT')} ${table('orders', 'other STRING')}`);
  assert.deepEqual(await last(engine, 'SHOW DATABASES'), [['default_database'], ['shop']]);
  assert.deepEqual(await last(engine, 'SHOW TABLES'), [['orders']]);
  assert.deepEqual(await last(engine, 'SHOW TABLES FROM shop'), [['orders']]);
  assert.deepEqual(engine.check('SELECT id FROM shop.orders; SELECT id FROM default_catalog.shop.orders; SELECT other FROM orders').errors, []);
  assert.deepEqual(await last(engine, 'USE shop; SHOW CURRENT DATABASE'), [['shop']]);
  assert.deepEqual(engine.check('SELECT id FROM orders; SELECT other FROM default_database.orders; SELECT o.id FROM orders AS o').errors, []);
  await engine.exec("USE default_database; CREATE CATALOG far WITH ('type' = 'generic_in_memory'); USE CATALOG far; CREATE DATABASE d; USE far.d");
  assert.deepEqual(await answers(engine, 'SHOW CATALOGS; SHOW CURRENT CATALOG; SHOW CURRENT DATABASE; SHOW DATABASES'), [[['default_catalog'], ['far']], [['far']], [['d']], [['d'], ['default']]]);
  await assert.rejects(engine.exec('SELECT id FROM orders'), failure('E0101', /no table orders/));
  await assert.rejects(engine.exec('DROP CATALOG far'), failure('E0106', /in use/));
  await engine.exec('USE CATALOG default_catalog; DROP CATALOG far');
  await assert.rejects(engine.exec('DROP DATABASE shop'), failure('E0106', /holds orders[^]*CASCADE/));
  await engine.exec('DROP DATABASE shop CASCADE');
  assert.deepEqual(await last(engine, 'SHOW DATABASES'), [['default_database']]);
  await assert.rejects(engine.exec('USE shap'), failure('E0106', /no database shap/));
  await assert.rejects(engine.exec('DROP DATABASE default_database'), failure('E0106'));
  assert.equal(await last(engine, 'DROP DATABASE IF EXISTS shop'), 'there is no database shop');
});

test('two tables of one name in two databases are two tables of a plan', async () => {
  await using engine = await Engine.create();
  await engine.exec(`CREATE DATABASE d; ${table('t', 'a INT')} ${table('d.t', 'a BIGINT')} ${table('`d.t`', 'a STRING')}`);
  const [insert] = engine.check('INSERT INTO t SELECT CAST(a AS INT) FROM d.t').inserts;
  assert.deepEqual([...insert?.planned.tables.keys() ?? []].toSorted(), ['d.t', 't']);
  assert.equal(insert?.planned.tables.get('d.t')?.path.database, 'd');
  assert.deepEqual(await last(engine, 'SHOW TABLES'), [['d.t'], ['t']]);
  assert.deepEqual((await engine.exec('DESCRIBE `d.t`')).map((result) => result.kind === 'rows' && result.rows[0]?.['type']), ['STRING']);
});

test('a temporary table hides a lasting one until it is dropped', async () => {
  await using engine = await Engine.create();
  await engine.exec(`${table('t', 'a INT')} ${table('t', 'b INT').replace('TABLE', 'TEMPORARY TABLE')}`);
  assert.deepEqual(await last(engine, 'SHOW COLUMNS FROM t'), [['b', 'INT', true, null, null, null]]);
  await engine.exec('DROP TEMPORARY TABLE t');
  assert.deepEqual(await last(engine, 'SHOW COLUMNS FROM t'), [['a', 'INT', true, null, null, null]]);
  await assert.rejects(engine.exec('DROP TEMPORARY TABLE t'), failure('E0101', /not temporary/));
  await assert.rejects(engine.exec(table('t', 'a INT')), failure('E0105'));
});

test('SHOW takes patterns', async () => {
  await using engine = await Engine.create();
  await engine.exec(`${table('apple', 'a INT')} ${table('a_b', 'a INT')} CREATE VIEW Avocado AS SELECT a FROM apple;`);
  assert.deepEqual(await last(engine, "SHOW TABLES LIKE 'a%'"), [['a_b'], ['apple']]);
  assert.deepEqual(await last(engine, "SHOW TABLES ILIKE 'a%'"), [['Avocado'], ['a_b'], ['apple']]);
  assert.deepEqual(await last(engine, "SHOW TABLES NOT LIKE 'a____'"), [['Avocado'], ['a_b']]);
  assert.deepEqual(await last(engine, "SHOW TABLES LIKE 'a\\_b'"), [['a_b']]);
  assert.deepEqual(await last(engine, 'SHOW VIEWS'), [['Avocado']]);
  assert.deepEqual(await last(engine, "SHOW FUNCTIONS LIKE 'LOWE_'"), [['LOWER']]);
  await assert.rejects(engine.exec('SHOW CREATE MODEL m'), failure('E0002', /SHOW CREATE MODEL/));
});

test("DESCRIBE has Flink's columns", async () => {
  await using engine = await Engine.create();
  await engine.exec(table('t', "id BIGINT NOT NULL COMMENT 'who', at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND"));
  const [result] = await engine.exec('DESCRIBE t');
  assert.ok(result?.kind === 'rows');
  assert.deepEqual(result.columns.map((column) => column.name), ['name', 'type', 'null', 'key', 'extras', 'watermark', 'comment']);
  assert.deepEqual(result.rows.map((row) => Object.values(row)), [
    ['id', 'BIGINT', false, null, null, null, 'who'],
    ['at', 'BIGINT', true, null, null, null, null],
    ['ts', 'TIMESTAMP_LTZ(3) *ROWTIME*', true, null, 'AS TO_TIMESTAMP_LTZ(`at`, 3)', "ts - INTERVAL '5' SECOND", null],
  ]);
  assert.deepEqual(await last(engine, "SHOW COLUMNS IN t LIKE 'a%'"), [['at', 'BIGINT', true, null, null, null, null]]);
});

test('what SHOW CREATE prints makes the same table again, and shows no password', async () => {
  await using engine = await Engine.create();
  await engine.exec(table('t', "`od``d` INT COMMENT 'it''s', at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts", ", 'properties.sasl.password' = 'hidden'"));
  await engine.exec('CREATE VIEW v (a) AS SELECT at FROM t WHERE at > 3');
  const shown = async (): Promise<string> => {
    const texts = (await answers(engine, 'SHOW CREATE TABLE t; SHOW CREATE VIEW v')) as string[][][];
    return texts.flat(2).join(';\n');
  };
  const before = await shown();
  assert.ok(!before.includes('hidden') && before.includes("'properties.sasl.password' = '******'"), before);
  await engine.exec(`DROP VIEW v; DROP TABLE t; ${before}`);
  assert.equal(await shown(), before);
  await assert.rejects(engine.exec('SHOW CREATE TABLE v'), failure('E0101', /SHOW CREATE VIEW v/));
});

test('SHOW CREATE keeps what is said of the fields of a ROW', async () => {
  await using engine = await Engine.create();
  await engine.exec(table('t', "r ROW<a INT COMMENT 'it''s', `b``c` ROW<d STRING 'deep' > NOT NULL> COMMENT 'whole', l ARRAY<ROW<x INT 'of each'>>, m MAP<STRING, ROW(y INT NOT NULL 'a value')>, n ROW<z INT>"));
  const shown = async (): Promise<string> => ((await last(engine, 'SHOW CREATE TABLE t')) as string[][])[0]?.[0] ?? '';
  const before = await shown();
  assert.deepEqual(before.split('\n').slice(1, 5), [
    "  `r` ROW<`a` INT 'it''s', `b``c` ROW<`d` STRING 'deep'> NOT NULL> COMMENT 'whole',",
    "  `l` ARRAY<ROW<`x` INT 'of each'>>,",
    "  `m` MAP<STRING, ROW<`y` INT NOT NULL 'a value'>>,",
    '  `n` ROW<`z` INT>',
  ]);
  await engine.exec(`DROP TABLE t; ${before}`);
  assert.equal(await shown(), before);
  await engine.exec("CREATE TABLE u WITH ('topic' = 'u') LIKE t");
  assert.ok((((await last(engine, 'SHOW CREATE TABLE u')) as string[][])[0]?.[0] ?? '').includes("`d` STRING 'deep'"));
});

test('SHOW CREATE VIEW has whole names, so that it means the same wherever it is run', async () => {
  await using engine = await Engine.create();
  await engine.exec(`CREATE DATABASE other; USE other; ${table('t', 'a INT, b INT')} ${table('w', 'a INT')}
    CREATE VIEW v AS WITH w AS (SELECT a FROM t), x AS (SELECT * FROM w) SELECT x.a, t.b FROM x, t WHERE t.a IN (SELECT a FROM w AS y) AND EXISTS (SELECT 1 FROM other.t);
    USE default_database`);
  const shown = async (): Promise<string> => ((await last(engine, 'SHOW CREATE VIEW other.v')) as string[][])[0]?.[0] ?? '';
  const before = await shown();
  assert.equal(before, 'CREATE VIEW `default_catalog`.`other`.`v` (\n  `a`,\n  `b`\n)\nAS WITH w AS (SELECT a FROM default_catalog.other.t), x AS (SELECT * FROM w) SELECT x.a, t.b FROM x CROSS JOIN default_catalog.other.t WHERE t.a IN (SELECT a FROM w AS y) AND EXISTS (SELECT 1 FROM default_catalog.other.t)');
  await engine.exec(`DROP VIEW other.v; ${before}`);
  assert.equal(await shown(), before);
  await engine.exec('DROP TABLE other.t');
  assert.match(await shown(), /^CREATE VIEW [^]*`b`\n\)\nAS WITH/, 'also when it cannot be read any more');
  const many = Array.from({ length: 10_000 }, (_, i) => `a = ${i}`).join(' OR ');
  await engine.exec(`CREATE VIEW long AS SELECT a FROM other.w WHERE ${many}`);
  assert.match(((await last(engine, 'SHOW CREATE VIEW long')) as string[][])[0]?.[0] ?? '', /a = 9999$/);
});

test('LIKE takes over what its choices say', async () => {
  await using engine = await Engine.create();
  await engine.exec(table('base', 'id BIGINT, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts', ", 'scan.startup.mode' = 'earliest-offset'"));
  const names = async (like: string, columns = ''): Promise<unknown> => ((await last(engine, `CREATE TEMPORARY TABLE c ${columns} LIKE base ${like}; DESCRIBE c; DROP TABLE c; DESCRIBE base`.replace('; DROP TABLE c; DESCRIBE base', ''))) as unknown[][]).map((row) => row[0]);
  assert.deepEqual(await names(''), ['id', 'at', 'ts']);
  await engine.exec('DROP TABLE c');
  assert.deepEqual(await names('(EXCLUDING GENERATED EXCLUDING WATERMARKS)', '(more STRING)'), ['id', 'at', 'more']);
  await engine.exec('DROP TABLE c');
  assert.deepEqual(await names('(OVERWRITING GENERATED)', '(ts AS TO_TIMESTAMP_LTZ(at, 0))'), ['id', 'at', 'ts']);
  await engine.exec('DROP TABLE c');
  const shown = ((await last(engine, "CREATE TABLE d WITH ('topic' = 'other') LIKE base; SHOW CREATE TABLE d")) as string[][])[0]?.[0] ?? '';
  assert.match(shown, /'topic' = 'other'/);
  assert.match(shown, /'scan.startup.mode' = 'earliest-offset'/);
  await assert.rejects(engine.exec('CREATE TABLE e (id INT) LIKE base'), failure('E0105', /two columns "id"/));
  await assert.rejects(engine.exec('CREATE TABLE e (WATERMARK FOR ts AS ts) LIKE base'), failure('E0201', /OVERWRITING WATERMARKS/));
  await assert.rejects(engine.exec("CREATE TABLE e WITH ('topic' = 'y') LIKE base (INCLUDING OPTIONS)"), failure('E0504', /OVERWRITING OPTIONS/));
  await assert.rejects(engine.exec('CREATE TABLE e LIKE base (EXCLUDING GENERATED)'), failure('E0102', /WATERMARK/));
  await assert.rejects(engine.exec('CREATE TABLE e LIKE base (EXCLUDING OPTIONS)'), failure('E0503', /where its rows are/));
});

test('ALTER TABLE changes the whole definition or nothing', async () => {
  await using engine = await Engine.create();
  await engine.exec(table('t', 'id BIGINT, at BIGINT'));
  const columns = async (): Promise<readonly string[]> => ((await last(engine, 'DESCRIBE t')) as unknown[][]).map(([name, type]) => `${String(name)} ${String(type)}`);
  await engine.exec('ALTER TABLE t ADD (ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts)');
  assert.deepEqual(await columns(), ['id BIGINT', 'at BIGINT', 'ts TIMESTAMP_LTZ(3) *ROWTIME*']);
  await engine.exec('ALTER TABLE t ADD first_one STRING FIRST; ALTER TABLE t ADD second INT AFTER first_one; ALTER TABLE t MODIFY id INT; ALTER TABLE t DROP second');
  assert.deepEqual(await columns(), ['first_one STRING', 'id INT', 'at BIGINT', 'ts TIMESTAMP_LTZ(3) *ROWTIME*']);
  await engine.exec('ALTER TABLE t RENAME id TO key');
  const before = await columns();
  for (const [change, code] of [['ADD key INT', 'E0105'], ['DROP ts', 'E0102'], ['DROP at', 'E0102'], ['RENAME at TO key', 'E0105'], ['MODIFY none INT', 'E0102'], ["SET ('topic' = 'a/b')", 'E0605'], ["RESET ('connector')", 'E0503'], ["SET ('scan.start' = 'x')", 'E0501']]) {
    await assert.rejects(engine.exec(`ALTER TABLE t ${change}`), failure(code ?? '', /\^/), change);
  }
  assert.deepEqual(await columns(), before);
  await engine.exec("ALTER TABLE t DROP WATERMARK; ALTER TABLE t SET ('topic' = 'y', 'scan.startup.mode' = 'latest-offset'); ALTER TABLE t RESET ('scan.startup.mode'); ALTER TABLE t RENAME TO u");
  const shown = ((await last(engine, 'SHOW CREATE TABLE u')) as string[][])[0]?.[0] ?? '';
  assert.ok(/'topic' = 'y'/.test(shown) && !shown.includes('scan.startup.mode') && !shown.includes('WATERMARK'), shown);
  await assert.rejects(engine.exec('ALTER TABLE t DROP at'), failure('E0101'));
  assert.equal(await last(engine, 'ALTER TABLE IF EXISTS t DROP at'), 'there is no table t');
});

test('ALTER VIEW', async () => {
  await using engine = await Engine.create();
  await engine.exec(`${table('t', 'a INT, b INT')} CREATE VIEW v AS SELECT a FROM t; ALTER VIEW v AS SELECT b FROM t; ALTER VIEW v RENAME TO w`);
  assert.deepEqual(await answers(engine, 'DESCRIBE w; SHOW VIEWS'), [[['b', 'INT', true, null, null, null]], [['w']]]);
  await assert.rejects(engine.exec('ALTER VIEW w AS SELECT c FROM t'), failure('E0102'));
  await assert.rejects(engine.exec('ALTER VIEW t RENAME TO x'), failure('E0101', /is a table/));
});

test('settings are listed, and only those that there are are reset', async () => {
  await using engine = await Engine.create();
  assert.deepEqual((((await last(engine, "SET 'pipeline.name' = 'x'; SET")) as string[][]).find(([key]) => key === 'pipeline.name')), ['pipeline.name', 'x']);
  await assert.rejects(engine.exec("RESET 'pipeline.nam'"), failure('E0508', /pipeline.name/));
  assert.equal(await last(engine, "RESET 'pipeline.name'"), "reset 'pipeline.name'");
});

test('EXPLAIN refuses what it does not know', async () => {
  await using engine = await Engine.create();
  assert.match(String(await last(engine, 'EXPLAIN CHANGELOG_MODE SELECT 1 AS a')), /changes I/);
  await assert.rejects(engine.exec('EXPLAIN ESTIMATED_COST SELECT 1'), failure('E0002', /ESTIMATED_COST/));
  await assert.rejects(engine.exec('EXPLAIN CHANGELOG_MOD SELECT 1'), failure('E0001', /did you mean "CHANGELOG_MODE"/));
});

test('what a table cannot have: keys that no row brings, watermarks that are no times', async () => {
  await using engine = await Engine.create();
  await assert.rejects(engine.exec(table('t', 'a INT, b AS a + 1, PRIMARY KEY (b) NOT ENFORCED')), failure('E0102', /"b", which is no physical column/));
  await assert.rejects(engine.exec(table('t', 'a INT, b INT, PRIMARY KEY (a, a) NOT ENFORCED')), failure('E0105', /"a" twice/));
  await assert.rejects(engine.exec(table('t', 'ts TIMESTAMP(3), WATERMARK FOR ts AS 5')), failure('E0201', /a watermark is a time/));
  await assert.rejects(engine.exec(table('t', 'a INT, pt AS PROCTIME(), WATERMARK FOR pt AS pt')), failure('E0201', /processing time/));
  await assert.rejects(engine.exec('SHOW TABLES FROM a.b.c'), failure('E0106', /a database has one name/));
});

test('DESCRIBE says which columns are times, also of a view', async () => {
  await using engine = await Engine.create();
  await engine.exec(`${table('t', "a INT, ts TIMESTAMP(3), pt AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND")} CREATE VIEW v AS SELECT pt AS p, ts FROM t;`);
  const types = ['TIMESTAMP(3) *ROWTIME*', 'TIMESTAMP_LTZ(3) *PROCTIME*'];
  assert.deepEqual(((await last(engine, 'DESCRIBE t')) as readonly (readonly unknown[])[]).map((row) => row[1]), ['INT', ...types]);
  assert.deepEqual(((await last(engine, 'DESCRIBE v')) as readonly (readonly unknown[])[]).map((row) => row[1]), types.toReversed());
});

test('a column that a computed one reads stays, unless both go', async () => {
  await using engine = await Engine.create();
  await engine.exec(table('t', 'a INT, b AS a + 1, c INT'));
  await assert.rejects(engine.exec('ALTER TABLE t DROP a'), failure('E0102', /a computed column or the watermark reads it/));
  await assert.rejects(engine.exec('ALTER TABLE t RENAME a TO d'), failure('E0102', /a computed column or the watermark reads it/));
  await engine.exec('ALTER TABLE t DROP (b, a)');
  assert.equal(((await last(engine, 'SHOW COLUMNS FROM t')) as readonly unknown[]).length, 1);
});

test("a zone may be an offset, as Java writes it", async () => {
  await using engine = await Engine.create();
  for (const [zone, text] of [['GMT+08:00', '1970-01-01 08:00:00.000'], ['UTC-3', '1969-12-31 21:00:00.000'], ['+05:30', '1970-01-01 05:30:00.000'], ['GMT-0130', '1969-12-31 22:30:00.000']]) {
    assert.deepEqual(await last(engine, `SET 'table.local-time-zone' = '${zone}'; SELECT CAST(TO_TIMESTAMP_LTZ(0, 3) AS STRING)`), [[text]], zone);
  }
});

test('types have the names that the standard gives them', async () => {
  await using engine = await Engine.create();
  await engine.exec(table('t', 'a CHAR VARYING(3), b CHARACTER(2), c CHARACTER VARYING, d BINARY VARYING(4), e DOUBLE PRECISION, f DEC(4, 1), g TIMESTAMP(3) WITH LOCAL TIME ZONE, h INT ARRAY'));
  assert.deepEqual(((await last(engine, 'DESCRIBE t')) as readonly (readonly unknown[])[]).map((row) => row[1]), ['VARCHAR(3)', 'CHAR(2)', 'STRING', 'VARBINARY(4)', 'DOUBLE', 'DECIMAL(4, 1)', 'TIMESTAMP_LTZ(3)', 'ARRAY<INT>']);
  await assert.rejects(engine.exec(table('v', 'a VARIANT')), failure('E0002', /VARIANT/));
});
