import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';

const pairs: readonly (readonly [kind: number, id: number, a: number | null, b: string | null])[] = [
  [0, 1, 1, 'x'], [0, 2, 1, 'x'], [0, 3, 1, 'y'], [0, 4, null, 'y'], [0, 5, 2, null], [0, 6, 3, 'z'], [3, 6, 3, 'z'], [3, 1, 1, 'x'],
];

async function collect(source: string, query: string): Promise<readonly unknown[]> {
  const rows = pairs.filter(([kind]) => source === 'play-retract' || kind === 0).map(([kind, ...values]): PlayRow => ({ kind, phase: 1, values }));
  await using engine = await Engine.create({ connectors: makePlayer(new Map([['t', { splits: [rows] }]])).connectors });
  await engine.exec(`CREATE TABLE t (id INT, a INT, b STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = '${source}')`.replace(source === 'play' ? ', PRIMARY KEY (id) NOT ENFORCED' : '-', source === 'play' ? '' : '-'));
  return (await engine.collect(query)).rows.flatMap((row) => Object.values(row));
}

test('COUNT of several values counts the rows in which none is NULL, with DISTINCT each combination once', async () => {
  const query = "SELECT COUNT(a, b), COUNT(DISTINCT a, b), COUNT(DISTINCT a, b) FILTER (WHERE b <> 'y'), COUNT(DISTINCT id, a) FROM t";
  assert.deepEqual(await collect('play', query), [4n, 3n, 2n, 5n]);
  assert.deepEqual(await collect('play-retract', query), [2n, 2n, 1n, 3n]);
});
