import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { makePlayer } from '../conformance/play.ts';

async function rowsOf(sql: string): Promise<readonly (readonly unknown[])[]> {
  await using engine = await Engine.create();
  const { rows } = await engine.collect(sql);
  return rows.map((row) => Object.values(row));
}

const lists = "(VALUES (1, ARRAY['p', NULL]), (2, CAST(NULL AS ARRAY<STRING>)), (3, ARRAY['q'])) AS t(id, l)";

test('a row for each element; with LEFT JOIN one for a row without any', async () => {
  assert.deepEqual(await rowsOf(`SELECT id, e FROM ${lists} CROSS JOIN UNNEST(l) AS u(e)`), [[1, 'p'], [1, null], [3, 'q']]);
  assert.deepEqual(await rowsOf(`SELECT t.id, u.e FROM ${lists}, UNNEST(t.l) AS u(e)`), [[1, 'p'], [1, null], [3, 'q']]);
  assert.deepEqual(await rowsOf(`SELECT id, e, n FROM ${lists} LEFT JOIN UNNEST(l) WITH ORDINALITY AS u(e, n) ON TRUE`), [[1, 'p', 1], [1, null, 2], [2, null, null], [3, 'q', 1]]);
  assert.deepEqual(await rowsOf(`SELECT id, e FROM ${lists} JOIN UNNEST(l) AS u(e) ON e = 'q'`), [[3, 'q']]);
});

test('rows, maps and multisets have the columns of their elements', async () => {
  assert.deepEqual(await rowsOf("SELECT u.*, x + 1 FROM UNNEST(ARRAY[(1, 'a'), (2, NULLIF('b', 'b'))]) AS u(x, y)"), [[1, 'a', 2], [2, null, 3]]);
  assert.deepEqual(await rowsOf("SELECT k, v FROM UNNEST(MAP['b', 1, 'a', 2]) AS u(k, v)"), [['a', 2], ['b', 1]]);
  assert.deepEqual(await rowsOf("SELECT v, n FROM (SELECT COLLECT(x) AS s FROM (VALUES ('c'), ('b'), ('c')) AS t(x)) AS q, UNNEST(s) WITH ORDINALITY AS u(v, n)"), [['b', 1], ['c', 2], ['c', 3]]);
  assert.deepEqual(await rowsOf('SELECT a, b FROM UNNEST(ARRAY[ARRAY[1, 2], ARRAY[3]]) AS u(a), UNNEST(a) AS v(b)'), [[[1, 2], 1], [[1, 2], 2], [[3], 3]]);
});

test('more elements than a batch has room for', async () => {
  const numbers = Array.from({ length: 9000 }, (_, i) => i);
  assert.deepEqual(await rowsOf(`SELECT COUNT(*), SUM(e), MAX(n) FROM UNNEST(ARRAY[${numbers.join(', ')}]) WITH ORDINALITY AS u(e, n)`), [[9000n, 40495500, 9000]]);
});

test('a withdrawn row withdraws its elements, however the input is cut', async () => {
  const sql = 'SELECT e, COUNT(*) AS n FROM (SELECT g, ARRAY_AGG(v) AS l FROM t GROUP BY g) AS q, UNNEST(l) AS u(e) GROUP BY e';
  const rows = [[1, 'a'], [1, 'b'], [2, 'a'], [1, 'a'], [2, 'c']].map(([g, v]) => ({ kind: 0, values: [g as number, v as string], phase: 1 }));
  rows.push({ kind: 3, values: [1, 'a'], phase: 1 }, { kind: 3, values: [2, 'c'], phase: 1 });
  for (const step of [1, 2, 100]) {
    const player = makePlayer(new Map([['t', { splits: [rows] }]]), { cut: () => step });
    await using engine = await Engine.create({ connectors: player.connectors });
    await engine.exec("CREATE TABLE t (g INT, v STRING) WITH ('connector' = 'play-retract')");
    const { rows: found } = await engine.collect(sql);
    assert.deepEqual(new Map(found.map((row) => [row['e'], row['n']])), new Map([['a', 2n], ['b', 1n]]));
  }
});

test('what is no collection, and what is not there yet, is told with its place', async () => {
  const codeOf = (sql: string): Promise<string> => rowsOf(sql).then(() => 'none', (error: unknown) => (error instanceof SqlError ? error.code : String(error)));
  assert.equal(await codeOf(`SELECT 1 FROM ${lists}, UNNEST(id) AS u(e)`), 'E0206');
  assert.equal(await codeOf(`SELECT 1 FROM ${lists}, UNNEST(l) AS u(e, f)`), 'E0205');
  assert.equal(await codeOf(`SELECT 1 FROM ${lists} LEFT JOIN UNNEST(l) AS u(e) ON e = 'p'`), 'E0002');
});

test('event time goes on behind it', async () => {
  const rows = [['2021-03-04 00:00:01', ['x', 'y']], ['2021-03-04 00:00:12', []], ['2021-03-04 00:00:03', ['x']], ['2021-03-04 00:00:13', ['z']]].map(([ts, l]) => ({ kind: 0, values: [ts as string, l as string[]], phase: 1 }));
  const player = makePlayer(new Map([['t', { splits: [rows] }]]), { cut: () => 1 });
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`CREATE TABLE t (ts TIMESTAMP(3), l ARRAY<STRING>, WATERMARK FOR ts AS ts) WITH ('connector' = 'play');
    CREATE VIEW v AS SELECT ts, e FROM t, UNNEST(l) AS u(e)`);
  const { rows: found } = await engine.collect("SELECT window_start, e, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE v, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, e");
  // The row without elements has moved event time: the second x is late.
  assert.deepEqual(found.map((row) => [String(row['window_start']).slice(11, 19), row['e'], row['n']]), [['00:00:00', 'x', 1n], ['00:00:00', 'y', 1n], ['00:00:10', 'z', 1n]]);
});
