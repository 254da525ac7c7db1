import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../index.ts';
import { engineWith, failure } from './tables.ts';

const kafka = (topic: string, more = ''): string => `WITH ('connector' = 'kafka', 'topic' = '${topic}', 'format' = 'json'${more})`;

test('computed columns and the watermark are bound where the table is made', async () => {
  await using engine = await Engine.create();
  const faults = (columns: string): readonly string[] => engine.check(`CREATE TABLE o (${columns}) ${kafka('o')};`).errors.map((error) => `${error.code} ${error.line}:${error.column}`);
  assert.deepEqual(faults('a INT, b AS a + 1, ts AS TO_TIMESTAMP_LTZ(a, 3), WATERMARK FOR ts AS ts'), []);
  assert.deepEqual(faults('a INT, c AS nofn(a)'), ['E0103 1:29']);
  assert.deepEqual(faults('a INT, c AS nofn(a), d AS zz + 1'), ['E0103 1:29', 'E0102 1:43']);
  assert.deepEqual(faults('ts TIMESTAMP(3), WATERMARK FOR missing AS ts'), ['E0102 1:59']);
  assert.deepEqual(faults('n INT, WATERMARK FOR n AS n'), ['E0201 1:43']);
  assert.deepEqual(faults('a INT, ts AS nofn(a), WATERMARK FOR ts AS ts'), ['E0103 1:30'], 'a watermark over a broken column is not told');
});

test('a query over a table with a broken declaration adds no error of its own', async () => {
  await using engine = await Engine.create();
  const { errors } = engine.check(`CREATE TABLE o (a INT, c AS nofn(a)) ${kafka('o')}; SELECT c FROM o; SELECT x FROM other;`);
  assert.deepEqual(errors.map((error) => error.code), ['E0103', 'E0101']);
});

test('a table whose CREATE cannot be read is not told to be missing; others are', async () => {
  await using engine = await Engine.create();
  const codes = (sql: string): readonly string[] => engine.check(sql).errors.map((error) => `${error.code} ${error.line}`);
  for (const create of ['CREATE TABLE o (a INT', 'CREATE TEMPORARY TABLE IF NOT EXISTS `o` (a INT,, b INT)', 'CREATE VIEW o SELECT 1 AS a', 'CREATE TABLE o (a INT) WITH ("connector" = \'print\')', 'create table o (a 1_000)']) {
    assert.deepEqual(codes(`${create};\nINSERT INTO o SELECT 1;\nSELECT nothing FROM o;\nSELECT a FROM other;`), ['E0001 1', 'E0101 4'], create);
  }
  assert.deepEqual(codes('SELECT FROM o;\nSELECT a FROM o'), ['E0001 1', 'E0101 2'], 'only what makes a table is missed');
});

test('an option that is nearly connector is told as such', async () => {
  await using engine = await Engine.create();
  const [fault] = engine.check("CREATE TABLE o (a INT) WITH ('conector' = 'kafka', 'topic' = 'o', 'format' = 'json')").errors;
  assert.ok(failure('E0501', /no connector has an option 'conector'[^]*the name is 'connector'/)(fault));
  assert.deepEqual([fault?.column, fault?.endColumn], [30, 40]);
});

test('a broker and a topic that cannot be are told where the table is made', async () => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  const [far] = engine.check(`CREATE TABLE o (a INT) ${kafka('o', ", 'properties.bootstrap.servers' = 'h:9092'")}`).errors;
  assert.ok(failure('E0507', /\^{8}/)(far));
  for (const topic of ['a/b', 'straße', '..']) {
    const [fault] = engine.check(`CREATE TABLE o (a INT) ${kafka(topic)}`).errors;
    assert.ok(failure('E0605', /cannot be the name of a topic/)(fault), topic);
    assert.deepEqual([fault?.column, fault?.endColumn], [63, 63 + topic.length + 2]);
  }
});

test('options of a call that nobody reads, and values that none can have, are refused', async () => {
  await using engine = await engineWith([]);
  const wrong = (options: object): never => options as never;
  await assert.rejects(engine.collect('SELECT 1 AS a', wrong({ maxrows: 1 })), failure('E0904', /no option 'maxrows'[^]*maxRows/));
  for (const maxRows of [NaN, -1, 1.5, '1']) await assert.rejects(engine.collect('SELECT 1 AS a', wrong({ maxRows })), failure('E0904', /maxRows is a whole number/));
  await assert.rejects(engine.collect('SELECT 1 AS a', wrong({ types: { bigint: 'Number' } })), failure('E0904', /types.bigint is 'bigint' or 'number' or 'string'/));
  await assert.rejects(engine.collect('SELECT 1 AS a', wrong({ types: { int: 'number' } })), failure('E0904', /types has no option 'int'/));
  await assert.rejects(engine.collect('SELECT 1 AS a', wrong({ bounded: true })), failure('E0904', /collect has no option 'bounded'/));
  await assert.rejects(engine.changes('SELECT 1 AS a', wrong({ updates: 'both' }))[Symbol.asyncIterator]().next(), failure('E0904', /updates is/));
  await assert.rejects(engine.query('SELECT 1 AS a', wrong({ bounded: 'yes' }))[Symbol.asyncIterator]().next(), failure('E0904', /bounded is true or false/));
  await assert.rejects(engine.exec('SELECT 1 AS a', wrong({ fresh: true })), failure('E0904', /exec has no option 'fresh'/));
  await assert.rejects(engine.submit('INSERT INTO t SELECT k, v, d, at FROM t', wrong({ job: 'x' })), failure('E0904', /submit has no option 'job'/));
  await assert.rejects(Engine.create(wrong({ types: { ltz: 'Date' } })), failure('E0904', /types.ltz/));
  await assert.rejects(engine.collect('SELECT 1 AS a', wrong({ signal: 5 })), failure('E0904', /signal is an AbortSignal, not 5/));
  await assert.rejects(Engine.create('embedded' as never), failure('E0904', /Engine\.create takes an object of options, not 'embedded'[^]*stateDir/));
  for (const stateDir of ['', 5]) await assert.rejects(Engine.create(wrong({ stateDir })), failure('E0904', /stateDir is the path of a folder/));
  await assert.rejects(Engine.create(wrong({ settings: 'x' })), failure('E0904', /settings is an object/));
  await assert.rejects(Engine.create(wrong({ connectors: {} })), failure('E0904', /connectors is an array/));
  await assert.rejects(Engine.create(wrong({ onNotice: 'log' })), failure('E0904', /onNotice is a function, not 'log'/));
  await assert.rejects(Engine.create(wrong({ signal: 'x' })), failure('E0904', /signal is an AbortSignal/));
  assert.deepEqual((await engine.collect('SELECT 1 AS a', { maxRows: 0, params: undefined })).rows, []);
});

test('a SELECT among the INSERTs to submit is refused with its place', async () => {
  await using engine = await engineWith([]);
  await assert.rejects(engine.submit("SELECT k FROM t;\nINSERT INTO t SELECT 'x', 1, 0.0, 1"), failure('E0904', /nobody would get the rows/, 1));
  assert.deepEqual(engine.jobs(), []);
});
