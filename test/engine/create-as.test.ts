import assert from 'node:assert/strict';
import test from 'node:test';
import type { Engine } from '../../index.ts';
import { engineWith, failure } from './tables.ts';
import { consume } from './topics.ts';

const into = (topic: string): string => `WITH ('connector' = 'kafka', 'topic' = '${topic}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')`;
const rows = [{ k: 'a', v: 1, d: 0.5, at: 1000 }, { k: 'b', v: 2, d: 1.5, at: 2000 }];

async function described(engine: Engine, table: string): Promise<readonly string[]> {
  const [result] = await engine.exec(`DESCRIBE ${table}`);
  return result?.kind === 'rows' ? result.rows.map(({ name, type, extras }) => [name, type, extras].filter((part) => part !== null).join(' ')) : [];
}

test('CREATE TABLE ... AS makes the table of the query and fills it', async () => {
  await using engine = await engineWith(rows);
  const results = await engine.exec(`CREATE TABLE o ${into('o')} AS SELECT k, v + 1 AS n, ts FROM t`, { bounded: true });
  assert.deepEqual(results, [{ kind: 'done', message: 'inserted 2 rows' }]);
  assert.deepEqual(await described(engine, 'o'), ['k STRING', 'n BIGINT', 'ts TIMESTAMP_LTZ(3)'], 'the time attribute is a plain time');
  assert.equal((await consume(await engine.brokerLink(), 'o')).length, 2);
  assert.deepEqual((await engine.collect('SELECT k, n FROM o')).rows, [{ k: 'a', n: 2n }, { k: 'b', n: 3n }]);
});

test('declared columns stand first, those of the query in its order and with the types that are declared', async () => {
  await using engine = await engineWith(rows);
  await engine.exec(`CREATE TABLE o (extra STRING, v DOUBLE, twice AS v * 2) ${into('o')} AS SELECT k, v FROM t`, { bounded: true });
  assert.deepEqual(await described(engine, 'o'), ['extra STRING', 'twice DOUBLE AS v * 2', 'k STRING', 'v DOUBLE']);
  assert.deepEqual(await consume(await engine.brokerLink(), 'o'), ['{"extra":null,"k":"a","v":1.0}', '{"extra":null,"k":"b","v":2.0}']);
  await engine.exec(`CREATE TABLE p (v, k) ${into('p')} AS SELECT k, v FROM t`, { bounded: true });
  assert.deepEqual(await described(engine, 'p'), ['v BIGINT', 'k STRING']);
  assert.deepEqual(await consume(await engine.brokerLink(), 'p'), ['{"v":1,"k":"a"}', '{"v":2,"k":"b"}']);
});

test('REPLACE and OR REPLACE: the definition is another one', async () => {
  await using engine = await engineWith(rows);
  await assert.rejects(engine.exec(`REPLACE TABLE o ${into('o')} AS SELECT k FROM t`, { bounded: true }), failure('E0101', /CREATE OR REPLACE/));
  await engine.exec(`CREATE OR REPLACE TABLE o ${into('o')} AS SELECT k FROM t`, { bounded: true });
  await engine.exec(`REPLACE TABLE o ${into('o2')} AS SELECT v FROM t`, { bounded: true });
  assert.deepEqual(await described(engine, 'o'), ['v BIGINT']);
  assert.deepEqual(await engine.exec(`CREATE TABLE IF NOT EXISTS o ${into('o')} AS SELECT k FROM t`), [{ kind: 'done', message: 'o is there already' }]);
});

test('what CREATE TABLE ... AS refuses, and where', async () => {
  await using engine = await engineWith([]);
  const refused: readonly (readonly [string, string, RegExp])[] = [
    [`CREATE TEMPORARY TABLE o ${into('o')} AS SELECT k FROM t`, 'E0001', /TEMPORARY/],
    [`CREATE TABLE o ${into('o')} AS SELECT nothing FROM t`, 'E0102', /nothing/],
    [`CREATE TABLE o (k) ${into('o')} AS SELECT k, v FROM t`, 'E0205', /"v", which is not listed/],
    [`CREATE TABLE o (x, k) ${into('o')} AS SELECT k FROM t`, 'E0102', /no column "x"/],
    [`CREATE TABLE o (k AS 'x') ${into('o')} AS SELECT k FROM t`, 'E0105', /another kind/],
    ['CREATE TABLE o AS SELECT k FROM t', 'E0503', /where its rows are/],
    [`CREATE TABLE t ${into('o')} AS SELECT k FROM t`, 'E0105', /already/],
    [`CREATE OR REPLACE TABLE o ${into('o')}`, 'E0001', /takes a query/],
    [`CREATE TABLE o (a, b) ${into('o')}`, 'E0001', /"a" has no type/],
  ];
  for (const [sql, code, text] of refused) await assert.rejects(engine.exec(sql, { bounded: true }), failure(code, text), sql);
  assert.deepEqual(await engine.exec('SHOW TABLES').then(([result]) => (result?.kind === 'rows' ? result.rows : [])), [{ 'table name': 't' }]);
});

test('EXPLAIN of CREATE TABLE ... AS shows the plan and makes nothing', async () => {
  await using engine = await engineWith([]);
  const [result] = await engine.exec(`EXPLAIN CREATE TABLE o ${into('o')} AS SELECT k FROM t`);
  assert.match(result?.kind === 'done' ? result.message : '', /Sink[^]*TableSourceScan/);
  await engine.exec(`EXPLAIN CODE CREATE TABLE o ${into('o')} AS SELECT k FROM t`);
  await assert.rejects(engine.exec('DESCRIBE o'), failure('E0101'));
});
