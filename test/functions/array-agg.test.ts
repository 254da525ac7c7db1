import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';

const row = (kind: number, g: number, n: number | null, s: string | null): PlayRow => ({ kind, values: [g, n, s], phase: 1 });
const rows = [row(0, 1, 7, 'q'), row(0, 1, null, null), row(0, 1, 4, 'p'), row(0, 1, 7, 'q'), row(0, 1, null, null), row(0, 2, null, null)];

async function grouped(calls: string, given: readonly PlayRow[], connector = 'play'): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const player = makePlayer(new Map([['t', { splits: [given] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`CREATE TABLE t (g INT, n INT, s STRING) WITH ('connector' = '${connector}')`);
  return (await engine.collect(`SELECT g, ${calls} FROM t GROUP BY g`)).rows;
}

test('NULL is an element unless it is ignored, with DISTINCT a single one', async () => {
  assert.deepEqual(await grouped('ARRAY_AGG(n RESPECT NULLS) AS a, ARRAY_AGG(n IGNORE NULLS) AS b, ARRAY_AGG(DISTINCT n) AS c, ARRAY_AGG(DISTINCT s) AS d, ARRAY_AGG(DISTINCT s IGNORE NULLS) AS e', rows), [
    { g: 1, a: [7, null, 4, 7, null], b: [7, 4, 7], c: [7, null, 4], d: ['q', null, 'p'], e: ['q', 'p'] },
    { g: 2, a: [null], b: null, c: [null], d: [null], e: null },
  ]);
});

test('the last of equal values that is taken back leaves', async () => {
  const calls = 'ARRAY_AGG(DISTINCT n) AS a, ARRAY_AGG(DISTINCT s IGNORE NULLS) AS b';
  const back = [row(3, 1, null, null), row(3, 1, 7, 'q')];
  assert.deepEqual((await grouped(calls, [...rows, ...back], 'play-retract'))[0], { g: 1, a: [7, null, 4], b: ['q', 'p'] });
  assert.deepEqual((await grouped(calls, [...rows, ...back, ...back], 'play-retract'))[0], { g: 1, a: [4], b: ['p'] });
});

test('DISTINCT of calls with a literal behind the value', async () => {
  assert.deepEqual((await grouped("LISTAGG(DISTINCT s, '; ') AS l, LISTAGG(s, '; ') AS m, PERCENTILE(DISTINCT n, 0.5) AS p", rows))[0], { g: 1, l: 'q; p', m: 'q; p; q', p: 5.5 });
  assert.deepEqual((await grouped("LISTAGG(DISTINCT s, '; ') AS l", [...rows, row(3, 1, 7, 'q')], 'play-retract'))[0], { g: 1, l: 'q; p' });
  await assert.rejects(grouped('LISTAGG(DISTINCT s, s) AS l', rows), { code: 'E0002' });
});

test('APPROX_COUNT_DISTINCT counts each value once', async () => {
  const calls = 'APPROX_COUNT_DISTINCT(n) AS a, COUNT(DISTINCT n) AS b, COUNT(n) AS c';
  assert.deepEqual(await grouped(calls, rows), [{ g: 1, a: 2n, b: 2n, c: 3n }, { g: 2, a: 0n, b: 0n, c: 0n }]);
  assert.deepEqual((await grouped(calls, [...rows, row(3, 1, 4, 'p')], 'play-retract'))[0], { g: 1, a: 1n, b: 1n, c: 2n });
  await assert.rejects(grouped('APPROX_COUNT_DISTINCT(*) AS a', rows), { code: 'E0208' });
});

test('clauses of other calls', async () => {
  await assert.rejects(grouped('JSON_ARRAYAGG(n IGNORE NULLS) AS x', rows), { code: 'E0002' });
  await assert.rejects(grouped('SUM(n IGNORE NULLS) AS x', rows), { code: 'E0001' });
});
