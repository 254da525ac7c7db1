import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../index.ts';

async function callsOf(query: string, deterministic = true): Promise<{ readonly rows: unknown[]; readonly calls: (string | number)[] }> {
  await using engine = await Engine.create();
  const calls: (string | number)[] = [];
  engine.fn('double_it', { args: ['INT'], returns: 'INT', deterministic }, (value: number) => {
    calls.push(value);
    if (value === 13) throw new Error('thirteen');
    return value % 5 === 0 ? null : value * 2;
  });
  await engine.exec("CREATE TABLE t (a INT, b INT) WITH ('connector' = 'datagen', 'fields.a.kind' = 'sequence', 'fields.a.start' = '1', 'fields.a.end' = '6', 'fields.b.kind' = 'sequence', 'fields.b.start' = '11', 'fields.b.end' = '16')");
  return { rows: (await engine.collect(query)).rows.map((row) => Object.values(row)), calls };
}

test('a call that stands more than once is made once for a row', async () => {
  const { rows, calls } = await callsOf('SELECT DOUBLE_IT(a) AS x, DOUBLE_IT(a) + 1 AS y FROM t WHERE DOUBLE_IT(a) > 2');
  assert.deepEqual(rows, [[4, 5], [6, 7], [8, 9], [12, 13]]);
  assert.deepEqual(calls, [1, 2, 3, 4, 5, 6]);
});

test('a call is made only where it is needed, and once over several branches', async () => {
  const { rows, calls } = await callsOf('SELECT CASE WHEN a < 3 THEN DOUBLE_IT(b) WHEN a = 4 THEN DOUBLE_IT(b) - DOUBLE_IT(b) WHEN a = 5 THEN a END AS x FROM t');
  assert.deepEqual(rows, [[22], [24], [null], [0], [5], [null]]);
  assert.deepEqual(calls, [11, 12, 14]);
});

test('AND and OR stay lazy, and what was computed in one is used in the other', async () => {
  const { rows, calls } = await callsOf('SELECT a FROM t WHERE (a > 3 AND DOUBLE_IT(a) > 8) OR (a < 5 AND a <> 3 AND DOUBLE_IT(a) < 5)');
  assert.deepEqual(rows, [[1], [2], [6]]);
  assert.deepEqual(calls, [1, 2, 4, 5, 6]);
});

test('a call that need not give the same twice is made each time', async () => {
  const { calls } = await callsOf('SELECT DOUBLE_IT(a) AS x, DOUBLE_IT(a) AS y FROM t', false);
  assert.equal(calls.length, 12);
});
