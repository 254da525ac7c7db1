import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../../conformance/play.ts';
import { Random } from '../../random.ts';

const values = [Number.NaN, 5, Number.NaN, 1, Infinity, -Infinity, 0, Number.NaN, 3];

/** The query over the values in some order of arrival, and what it gives. */
async function run(seed: number, query: string): Promise<readonly unknown[]> {
  const random = new Random(seed);
  const order = values.map((x) => ({ x, rank: random.next() })).toSorted((a, b) => a.rank - b.rank);
  const rows = order.map(({ x }, i): PlayRow => ({ kind: 0, phase: 1, values: [i, x] }));
  // A row that comes and goes.
  rows.splice(4, 0, { kind: 0, phase: 1, values: [99, Number.NaN] });
  rows.push({ kind: 3, phase: 1, values: [99, Number.NaN] });
  const player = makePlayer(new Map([['t', { splits: [rows] }]]), { cut: () => random.int(1, 3) });
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE t (id INT, x DOUBLE, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'play-retract')");
  return (await engine.collect(query)).rows.map((row) => Object.values(row)).flat();
}

test('NaN is the greatest value of an order, in whatever order the rows come', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    assert.deepEqual(await run(seed, 'SELECT x FROM t ORDER BY x LIMIT 4'), [-Infinity, 0, 1, 3]);
    assert.deepEqual(await run(seed, 'SELECT x FROM t ORDER BY x DESC'), [NaN, NaN, NaN, Infinity, 5, 3, 1, 0, -Infinity]);
  }
});

test('NaN is the greatest value of MIN and MAX, in whatever order the rows come and go', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    assert.deepEqual(await run(seed, 'SELECT MIN(x), MAX(x), MIN(x) FILTER (WHERE x > 0), MAX(x) FILTER (WHERE x < 9) FROM t'), [-Infinity, NaN, 1, 5]);
    assert.deepEqual(await run(seed, 'SELECT MIN(x), MAX(x) FROM (SELECT DISTINCT x FROM t)'), [-Infinity, NaN]);
  }
});
