import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';

const row = (kind: number, g: number, n: number | null, d: string | null, times: number | null): PlayRow => ({ kind, values: [g, n, d, times], phase: 1 });

async function grouped(calls: string, rows: readonly PlayRow[], connector = 'play'): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const player = makePlayer(new Map([['t', { splits: [rows] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`CREATE TABLE t (g INT, n INT, d DECIMAL(6, 2), times INT) WITH ('connector' = '${connector}')`);
  return (await engine.collect(`SELECT g, ${calls} FROM t GROUP BY g`)).rows;
}

const rows = [row(0, 1, 10, '0.50', 3), row(0, 1, 40, '-2.00', 0), row(0, 1, null, '9.00', 1), row(0, 1, 20, null, null), row(0, 1, 20, '1.50', 1), row(0, 2, null, null, 2)];

test('PERCENTILE lies between two values by how near it is to each', async () => {
  assert.deepEqual(await grouped('PERCENTILE(n, 0.5) AS half, PERCENTILE(n, 0) AS least, PERCENTILE(n, 0.9) AS most, PERCENTILE(d, ARRAY[1.0, 0.5, 0.25]) AS shares', rows), [
    { g: 1, half: 20, least: 10, most: 34, shares: [9, 1, -0.125] },
    { g: 2, half: null, least: null, most: null, shares: null },
  ]);
});

test('a value counts as often as it is said, and not at all for NULL and 0', async () => {
  assert.deepEqual((await grouped('PERCENTILE(n, 0.5, times) AS half, PERCENTILE(n, 0.9, CAST(times AS BIGINT)) AS most', rows))[0], { g: 1, half: 10, most: 17 });
});

test('what is taken back counts no longer', async () => {
  const calls = 'PERCENTILE(n, 0.9) AS one, PERCENTILE(n, ARRAY[0.1, 0.9], times) AS both';
  const back = [row(0, 1, 7, null, 5), row(0, 3, 1, null, 1), row(3, 1, 7, null, 5), row(3, 3, 1, null, 1)];
  assert.deepEqual(await grouped(calls, [...rows.slice(0, 2), ...back, ...rows.slice(2)], 'play-retract'), await grouped(calls, rows));
});

test('what is no share', async () => {
  await assert.rejects(grouped('PERCENTILE(n, 1.5) AS x', rows), /lies between 0 and 1, and 1\.5 does not/);
  await assert.rejects(grouped('PERCENTILE(n, 0.5, 3000000000) AS x', rows), /more than 2147483647 times/);
  await assert.rejects(grouped("PERCENTILE(d, '0.5') AS x", rows), { code: 'E0208' });
});
