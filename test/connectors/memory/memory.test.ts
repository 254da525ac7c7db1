import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, SqlError } from '../../../index.ts';

test('what is inserted is there for every query, until the table goes', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE m (n INT, s STRING) WITH ('connector' = 'memory')");
  assert.deepEqual((await engine.collect('SELECT * FROM m')).rows, []);
  await engine.exec("INSERT INTO m VALUES (1, 'a'), (2, CAST(NULL AS STRING))");
  await engine.exec("INSERT INTO m VALUES (3, 'c')");
  assert.deepEqual((await engine.collect('SELECT * FROM m')).rows, [{ n: 1, s: 'a' }, { n: 2, s: null }, { n: 3, s: 'c' }]);
  assert.deepEqual((await engine.collect('SELECT s, SUM(n) AS t FROM m WHERE n > 1 GROUP BY s')).rows, [{ s: null, t: 2 }, { s: 'c', t: 3 }]);
  await engine.exec("DROP TABLE m; CREATE TABLE m (n INT, s STRING) WITH ('connector' = 'memory')");
  assert.deepEqual((await engine.collect('SELECT * FROM m')).rows, []);
});

test('values of every type come back as they went in', async () => {
  const types = ['BOOLEAN', 'TINYINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL(6, 2)', 'DECIMAL(30, 4)', 'STRING', 'BYTES', 'DATE', 'TIMESTAMP(3)', 'TIMESTAMP(9)', 'TIMESTAMP_LTZ(3)'];
  const values = ['TRUE', 'CAST(-3 AS TINYINT)', '7', '9007199254740993', 'CAST(1.5 AS FLOAT)', 'CAST(-2.5 AS DOUBLE)', '-1234.56', '12345678901234567890123456.7890', "'ä€'", "x'00ff'", "DATE '1969-12-31'", "TIMESTAMP '2024-02-29 10:00:00.123'", "CAST(TIMESTAMP '2024-02-29 10:00:00.123456789' AS TIMESTAMP(9))", 'TO_TIMESTAMP_LTZ(1500, 3)'];
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE m (k INT, ${types.map((type, i) => `c${i} ${type}`).join(', ')}, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'memory')`);
  const [direct] = (await engine.collect(`SELECT 1 AS k, ${values.map((value, i) => `CAST(${value} AS ${types[i]}) AS c${i}`).join(', ')}`)).rows;
  // Each key twice, so that rows are copied from one place of the table to another.
  for (const k of [1, 2, 1, 2]) await engine.exec(`INSERT INTO m VALUES (${k}, ${values.join(', ')}), (${k + 10}, ${types.map((type) => `CAST(NULL AS ${type})`).join(', ')})`);
  const { rows } = await engine.collect('SELECT * FROM m');
  assert.deepEqual(rows.map(({ k }) => k), [1, 11, 2, 12]);
  for (const row of rows) assert.deepEqual(row, Number(row['k']) < 10 ? { ...direct, k: row['k'] } : { k: row['k'], ...Object.fromEntries(types.map((_, i) => [`c${i}`, null])) });
});

test('with a primary key rows take the place of others, and readers get the changes', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE m (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'memory'); INSERT INTO m VALUES ('a', 1), ('b', 2), ('a', 3)");
  assert.deepEqual((await engine.collect('SELECT * FROM m')).rows, [{ k: 'b', n: 2n }, { k: 'a', n: 3n }]);
  const seen: string[] = [];
  for await (const { op, row } of engine.changes('SELECT k, n FROM m')) {
    seen.push(`${op} ${String(row['k'])} ${String(row['n'])}`);
    if (seen.length === 2) await engine.exec("INSERT INTO m VALUES ('b', 5), ('c', 6)");
    if (seen.length === 5) break;
  }
  assert.deepEqual(seen, ['+I b 2', '+I a 3', '-U b 2', '+U b 5', '+I c 6']);
  // A query that updates its rows is written as it ends, group by group.
  await engine.exec("CREATE TABLE t (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'memory')");
  await engine.exec("INSERT INTO t SELECT s, COUNT(*) FROM (VALUES ('x'), ('y'), ('x'), ('x')) AS v(s) GROUP BY s");
  assert.deepEqual((await engine.collect('SELECT * FROM t')).rows, [{ k: 'y', n: 1n }, { k: 'x', n: 3n }]);
});

test('a table whose rows are replaced again and again keeps what stands, and a reader misses nothing', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE m (k INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'memory'); CREATE TABLE g (i BIGINT) WITH ('connector' = 'datagen', 'fields.i.kind' = 'sequence', 'fields.i.start' = '1', 'fields.i.end' = '20000', 'rows-per-second' = '100000')");
  await engine.exec('INSERT INTO m VALUES (100, 0)');
  const state = new Map<unknown, unknown>();
  let isFed = false;
  for await (const { op, row } of engine.changes('SELECT k, n FROM m')) {
    if (op === '-U' || op === '-D') {
      assert.equal(state.get(row['k']), row['n']);
      state.delete(row['k']);
    } else state.set(row['k'], row['n']);
    if (!isFed) await engine.exec('INSERT INTO m SELECT CAST(MOD(i, 7) AS INT), i FROM g; INSERT INTO m VALUES (101, 1)');
    isFed = true;
    if (row['k'] === 101) break;
  }
  const last = Object.fromEntries(Array.from({ length: 7 }, (_, k) => [k, BigInt(20000 - ((20000 - k) % 7))]));
  assert.deepEqual(Object.fromEntries(state), { ...last, 100: 0n, 101: 1n });
  assert.deepEqual(Object.fromEntries((await engine.collect('SELECT * FROM m')).rows.map(({ k, n }) => [k, n])), { ...last, 100: 0n, 101: 1n });
});

test('a job reads what is there and then what comes; a stored one goes on behind it', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-memory-'));
  try {
    await using engine = await Engine.create({ stateDir });
    await engine.exec("CREATE TABLE a (n INT) WITH ('connector' = 'memory'); CREATE TABLE b (n INT) WITH ('connector' = 'memory'); INSERT INTO a VALUES (1), (2)");
    for (const rows of [[3], [4, 5]]) {
      const job = await engine.submit('INSERT INTO b SELECT n * 10 FROM a', { name: 'j' });
      await engine.exec(`INSERT INTO a VALUES ${rows.map((n) => `(${n})`).join(', ')}`);
      await job.stop({ drain: true });
    }
    const job = await engine.submit('INSERT INTO b SELECT n * 10 FROM a', { name: 'j', bounded: true });
    await job.finished;
    assert.deepEqual((await engine.collect('SELECT n FROM b')).rows.map(({ n }) => n).toSorted(), [10, 20, 30, 40, 50]);
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});

test('two engines share no rows; without a key updates are refused', async () => {
  const text = "CREATE TABLE m (s STRING, n BIGINT) WITH ('connector' = 'memory')";
  await using one = await Engine.create();
  await using other = await Engine.create();
  await one.exec(text);
  await other.exec(text);
  await one.exec("INSERT INTO m VALUES ('a', 1)");
  assert.deepEqual((await other.collect('SELECT * FROM m')).rows, []);
  await assert.rejects(one.exec("INSERT INTO m SELECT s, COUNT(*) FROM (VALUES ('x')) AS v(s) GROUP BY s"), (error: unknown) => error instanceof SqlError && error.code === 'E0301');
});

test('a ROW is kept whole, and read whole or field by field', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE m (n INT, r ROW<x INT, y STRING, z ROW<p DECIMAL(30, 2), q TIMESTAMP(6), s STRING>, b BOOLEAN, f FLOAT>) WITH ('connector' = 'memory')");
  await engine.exec("INSERT INTO m VALUES (1, ROW(2, 'zz', ROW(1.25, TIMESTAMP '2024-01-02 03:04:05.123456', 'in'), TRUE, CAST(0.5 AS FLOAT)))");
  engine.table('m').push([{ n: 2, r: { x: 3, z: { p: '12345678901234567890123456.78', s: '' } } }, { n: 3, r: null }, { n: 4, r: { y: 'only' } }]);
  const rows = async (sql: string): Promise<unknown[][]> => (await engine.collect(sql)).rows.map((row) => Object.values(row));
  assert.deepEqual((await rows('SELECT r FROM m'))[0], [{ x: 2, y: 'zz', z: { p: '1.25', q: '2024-01-02 03:04:05.123456', s: 'in' }, b: true, f: 0.5 }]);
  assert.deepEqual(await rows('SELECT n, r.x, r.y, r.z.p, r.z.q, r.z.s, r.b, r.f FROM m'), [
    [1, 2, 'zz', '1.25', '2024-01-02 03:04:05.123456', 'in', true, 0.5],
    [2, 3, null, '12345678901234567890123456.78', null, '', null, null],
    [3, null, null, null, null, null, null, null],
    [4, null, 'only', null, null, null, null, null],
  ]);
  assert.deepEqual(await rows("SELECT r.z FROM m WHERE r.y = 'zz'"), [[{ p: '1.25', q: '2024-01-02 03:04:05.123456', s: 'in' }]]);
  await engine.exec("CREATE TABLE k (r ROW<a INT, b STRING>, n INT, PRIMARY KEY (r) NOT ENFORCED) WITH ('connector' = 'memory'); INSERT INTO k VALUES (ROW(1, 'a'), 1), (ROW(1, 'b'), 2), (ROW(1, 'a'), 3)");
  assert.deepEqual(await rows('SELECT r.b, n FROM k'), [['b', 2], ['a', 3]]);
});

test('more rows than a chunk holds: fields are read by piece', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE m (r ROW<s STRING, n BIGINT>) WITH ('connector' = 'memory')");
  engine.table('m').push(Array.from({ length: 10_000 }, (_, n) => ({ r: n % 3 === 0 ? null : { s: `s${n}`, n } })));
  const { rows } = await engine.collect('SELECT r.n, r.s FROM m');
  assert.deepEqual(rows.map(({ n, s }) => [n, s]), Array.from({ length: 10_000 }, (_, n) => (n % 3 === 0 ? [null, null] : [BigInt(n), `s${n}`])));
});
