import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, type TypedSql } from '../../index.ts';
import { engineWith, failure } from './tables.ts';
import { consume } from './topics.ts';

const rows = [{ k: 'a', v: 1, d: 0.5, at: 0 }, { k: "b'; DROP TABLE t; --", v: 2, d: 1.5, at: 1000 }, { k: 'c', v: 3, d: 2.5, at: 2000 }];

test('? takes its values in the order of the text', async () => {
  await using engine = await engineWith(['{"k":"a","v":1,"at":0}', '{"k":"b","v":9007199254740993,"at":0}']);
  const { rows: found } = await engine.collect('SELECT k, ? AS mark FROM t WHERE v = ? AND k <> ?', { params: ['x', 9007199254740993n, 'a'] });
  assert.deepEqual(found, [{ k: 'b', mark: 'x' }]);
});

test(':name takes its value wherever it stands', async () => {
  await using engine = await engineWith(rows);
  const { rows: found } = await engine.collect('SELECT k, v + :step AS w FROM t WHERE d > :least AND v + :step < 6', { params: { step: 3, least: 1 } });
  assert.deepEqual(found, [{ k: "b'; DROP TABLE t; --", w: 5n }]);
});

test('a value is never read as SQL', async () => {
  await using engine = await engineWith(rows);
  const k = "b'; DROP TABLE t; --";
  assert.deepEqual((await engine.collect('SELECT v FROM t WHERE k = ?', { params: [k] })).rows, [{ v: 2n }]);
  assert.deepEqual((await engine.collect("SELECT '?' AS a, ':k' AS b, ? AS c", { params: ['?'] })).rows, [{ a: '?', b: ':k', c: '?' }]);
});

test('each value has the type that its literal would have', async () => {
  await using engine = await Engine.create();
  const result = engine.query('SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, ? AS f, ? AS g, ? AS h', {
    params: [1, 2 ** 31, 0.5, -5n, 10n ** 20n, 'ä', new Date(1500), true],
  });
  assert.deepEqual((await result.columns()).map(({ type }) => type), ['INT', 'BIGINT', 'DOUBLE', 'BIGINT', 'DECIMAL(21, 0)', 'STRING', 'TIMESTAMP_LTZ(3)', 'BOOLEAN']);
  const all = [];
  for await (const row of result) all.push(row);
  assert.deepEqual(all, [{ a: 1, b: 2n ** 31n, c: 0.5, d: -5n, e: '100000000000000000000', f: 'ä', g: new Date(1500), h: true }]);
});

test('NULL is null, and compares as NULL does', async () => {
  await using engine = await engineWith(rows);
  assert.deepEqual((await engine.collect('SELECT COALESCE(?, k) AS k FROM t WHERE v = 1', { params: [null] })).rows, [{ k: 'a' }]);
  assert.deepEqual((await engine.collect('SELECT k FROM t WHERE k = CAST(? AS STRING)', { params: [null] })).rows, []);
});

test('the ends of BIGINT, and a zero with a sign, come back as they went', async () => {
  await using engine = await Engine.create();
  const values = [2n ** 63n - 1n, -(2n ** 63n), -0, Number.MAX_SAFE_INTEGER, 1e300] as const;
  const { rows: found } = await engine.collect('SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e', { params: values });
  assert.deepEqual(found, [{ a: values[0], b: values[1], c: -0, d: 9007199254740991n, e: 1e300 }]);
});

test('a value that is missing, left over or of no use is an error at its place', async () => {
  await using engine = await engineWith(rows);
  const ask = (sql: string, params?: readonly unknown[] | object): Promise<unknown> => engine.collect(sql, params === undefined ? {} : { params: params as readonly [] });
  await assert.rejects(ask('SELECT ? AS a, ? AS b', [1]), failure('E0904', /no value for this \?[^]*parameters: 2, values: 1/, 16));
  await assert.rejects(ask('SELECT ? AS a'), failure('E0904', /no value for this \?/, 8));
  await assert.rejects(ask('SELECT :a AS a', { A: 1 }), failure('E0904', /no value for :a/, 8));
  await assert.rejects(ask('SELECT ? AS a', [1, 2]), failure('E0904', /more values are given than the text has parameters: 2, not 1/, 8));
  await assert.rejects(ask('SELECT :a AS a', { a: 1, b: 2 }), failure('E0904', /a value is given for :b/, 8));
  await assert.rejects(ask('SELECT :a AS a', [1]), failure('E0904', /:a takes its value from an object/, 8));
  await assert.rejects(ask('SELECT ? AS a', { a: 1 }), failure('E0904', /\? takes its value from an array/, 8));
  await assert.rejects(ask('SELECT k FROM t WHERE v > ?', [true]), failure('E0208', /BIGINT and BOOLEAN/, 23));
  await assert.rejects(ask('SELECT ? AS a', [undefined]), failure('E0206', /undefined is no SQL value/, 8));
  await assert.rejects(ask('SELECT ? AS a', [NaN]), failure('E0207', /no literal for NaN/, 8));
  await assert.rejects(ask('SELECT ? AS a', [new Date(NaN)]), failure('E0207', /this Date/, 8));
  await assert.rejects(ask('SELECT ? AS a', [10n ** 38n]), failure('E0207', /38 digits/, 8));
  await assert.rejects(ask('SELECT ? AS a', ['\ud800']), failure('E0207', /surrogate/, 8));
  await assert.rejects(ask('SELECT ? AS a', [[1]]), failure('E0002', /not supported yet: a value of an array/, 8));
});

test('the statements of a script share their values, a definition takes none', async () => {
  await using engine = await engineWith(rows, { types: { bigint: 'number' } });
  await engine.exec(`CREATE TABLE o (k STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = 'o', 'format' = 'json')`);
  const results = await engine.exec('INSERT INTO o SELECT :k, :v; SELECT :v AS v', { params: { k: 'x', v: 7 } });
  assert.deepEqual(results.map((result) => (result.kind === 'rows' ? result.rows : result.message)), ['inserted 1 row', [{ v: 7 }]]);
  assert.deepEqual(await consume(await engine.brokerLink(), 'o'), ['{"k":"x","v":7}']);
  const job = await engine.submit('INSERT INTO o SELECT k, v FROM t WHERE v = ?', { params: [2], bounded: true });
  assert.equal((await job.finished).rowsOut, 1n);
  await assert.rejects(engine.exec('CREATE VIEW w AS SELECT k FROM t WHERE v = ?', { params: [1] }), failure('E0904', /a view cannot hold a parameter/, 44));
});

test('a typed query carries the types of its rows and parameters', async () => {
  await using engine = await engineWith(rows);
  const byKey: TypedSql<{ v: bigint }, readonly [string]> = { sql: 'SELECT v FROM t WHERE k = ?' };
  const { rows: [row] } = await engine.collect(byKey, { params: ['a'] });
  const v: bigint | undefined = row?.v;
  assert.equal(v, 1n);
  // @ts-expect-error -- the parameter is a text
  await assert.rejects(engine.collect(byKey, { params: [1] }), failure('E0207', /cannot be cast to INT/));
});
