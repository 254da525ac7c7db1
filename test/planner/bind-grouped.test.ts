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

test('an aggregate of what is never NULL is never NULL, in groups that have keys', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE t (k STRING, n INT NOT NULL, m INT, d DECIMAL(4, 1) NOT NULL) WITH ('connector' = 'datagen')");
  const neverNull = (query: string): readonly string[] | undefined => engine.check(query).queries[0]?.planned.physical.columns.filter(({ type }) => !type.nullable).map(({ name }) => name);
  const calls = 'SUM(n) AS s, AVG(n) AS a, MIN(n) AS l, MAX(DISTINCT n) AS g, FIRST_VALUE(n) AS f, LAST_VALUE(n) AS z, SUM(m) AS sm, MAX(m) AS gm, SUM(n) FILTER (WHERE m > 1) AS sf, VAR_SAMP(n) AS v, AVG(d) AS ad, SUM(d) AS sd, COUNT(m) AS c';
  assert.deepEqual(neverNull(`SELECT ${calls} FROM t GROUP BY k`), ['s', 'a', 'l', 'g', 'f', 'z', 'sd', 'c']);
  assert.deepEqual(neverNull(`SELECT ${calls} FROM t GROUP BY GROUPING SETS ((k), (m))`), ['s', 'a', 'l', 'g', 'f', 'z', 'sd', 'c']);
  assert.deepEqual(neverNull(`SELECT ${calls} FROM t GROUP BY ROLLUP (k)`), ['c']);
  assert.deepEqual(neverNull(`SELECT ${calls} FROM t`), ['c']);
});

test('beside a row that meets no group an aggregate is NULL, whatever its values are', async () => {
  await using engine = await Engine.create();
  const inner = (value: string): string => `(SELECT ${value} FROM (VALUES (1, 5), (1, 6)) AS u (k, n) WHERE u.k = t.k)`;
  assert.deepEqual((await engine.collect(`SELECT k, ${inner('SUM(n)')} AS s, ${inner('MAX(n) + 1')} AS g, ${inner('COUNT(n)')} AS c FROM (VALUES (1), (3)) AS t (k)`)).rows, [
    { k: 1, s: 11, g: 7, c: 2n },
    { k: 3, s: null, g: null, c: 0n },
  ]);
  assert.deepEqual((await engine.collect('SELECT t.k, s + 1 AS s FROM (VALUES (1), (3)) AS t (k) LEFT JOIN (SELECT k, SUM(n) AS s FROM (VALUES (1, 5), (1, 6)) AS u (k, n) GROUP BY k) AS g ON g.k = t.k')).rows.toSorted((a, b) => Number(a['k']) - Number(b['k'])), [
    { k: 1, s: 12 },
    { k: 3, s: null },
  ]);
});
