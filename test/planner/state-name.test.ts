import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { upgradeOf } from '../../engine/verdict.ts';
import { makePlayer } from '../conformance/play.ts';

const tables = `
  CREATE TABLE people (id INT, k STRING, n INT, m INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'play-upsert');
  CREATE TABLE events (k STRING, n INT, m INT, b BIGINT, list ARRAY<ROW<p INT, q INT>>) WITH ('connector' = 'play');
  CREATE TABLE others (a INT, b INT) WITH ('connector' = 'play');
  CREATE TABLE texts (a STRING, b INT) WITH ('connector' = 'play');
  CREATE TABLE latest (a STRING, b INT, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'play');
  CREATE TABLE totals (a BIGINT, b BIGINT, c STRING) WITH ('connector' = 'play')`;

/** What becomes of the states of `before` when `after` takes its place. */
async function verdicts(before: string, after: string): Promise<readonly string[]> {
  await using engine = await Engine.create({ connectors: makePlayer(new Map()).connectors });
  await engine.exec(tables);
  const [old, next] = [before, after].map((query) => {
    const checked = engine.check(`INSERT INTO ${query}`);
    assert.equal(checked.inserts.length, 1, query);
    return checked.inserts.map(({ planned }) => planned.physical);
  });
  assert.ok(old !== undefined && next !== undefined);
  return upgradeOf(old, next).states.map(({ verdict }) => verdict);
}

const others: readonly (readonly [name: string, before: string, after: string, states: readonly string[]])[] = [
  ['another column under an alias, of rows that a normalization keeps', 'texts SELECT k, n FROM people', 'texts SELECT k, m FROM people', ['drop', 'drop']],
  ['another column under an alias, of rows that are kept for a key', 'latest SELECT k, n FROM people', 'latest SELECT k, m FROM people', ['drop', 'drop', 'drop', 'drop']],
  ['another column under an alias, summed over updates', 'texts SELECT k, SUM(v) FROM (SELECT id, k, n AS v FROM people) GROUP BY k', 'texts SELECT k, SUM(v) FROM (SELECT id, k, m AS v FROM people) GROUP BY k', ['drop', 'drop', 'drop', 'drop']],
  [
    'aliases of results that change places, below another group',
    'totals SELECT c, SUM(s), MAX(k) FROM (SELECT k, COUNT(*) AS c, SUM(b) AS s FROM events GROUP BY k) GROUP BY c',
    'totals SELECT c, SUM(s), MAX(k) FROM (SELECT k, COUNT(*) AS s, SUM(b) AS c FROM events GROUP BY k) GROUP BY c',
    ['drop', 'reuse', 'drop'],
  ],
  ['aliases of elements that change places', 'texts SELECT k, SUM(x) FROM events CROSS JOIN UNNEST(list) AS u (x, y) GROUP BY k', 'texts SELECT k, SUM(x) FROM events CROSS JOIN UNNEST(list) AS u (y, x) GROUP BY k', ['convert']],
  ['one collection taken apart twice', 'texts SELECT k, SUM(u.x) FROM events CROSS JOIN UNNEST(list) AS u (x, y) CROSS JOIN UNNEST(list) AS v (z, w) GROUP BY k', 'texts SELECT k, SUM(v.z) FROM events CROSS JOIN UNNEST(list) AS u (x, y) CROSS JOIN UNNEST(list) AS v (z, w) GROUP BY k', ['convert']],
  [
    'columns of a union that are equal in its first query alone',
    'texts SELECT \'all\', SUM(x) FROM (SELECT n AS x, n AS y FROM events UNION ALL SELECT a, b FROM others)',
    'texts SELECT \'all\', SUM(y) FROM (SELECT n AS x, n AS y FROM events UNION ALL SELECT a, b FROM others)',
    ['drop', 'drop'],
  ],
  [
    'what a column stands for is one operand',
    'texts SELECT k, SUM(x * x) FROM (SELECT k, n + m AS x FROM events) GROUP BY k',
    'texts SELECT k, SUM(n + m * n + m) FROM events GROUP BY k',
    ['convert'],
  ],
];

for (const [name, before, after, states] of others) {
  test(`state is another one: ${name}`, async () => assert.deepEqual((await verdicts(before, after)).toSorted(), states.toSorted()));
}

const same: readonly (readonly [name: string, before: string, after: string])[] = [
  ['another alias of rows that a normalization keeps', 'texts SELECT k, SUM(v) FROM (SELECT id, k, n AS v FROM people) GROUP BY k', 'texts SELECT k, SUM(w) FROM (SELECT id, k, n AS w FROM people) GROUP BY k'],
  ['another alias of an element', 'texts SELECT k, SUM(x) FROM events CROSS JOIN UNNEST(list) AS u (x, y) GROUP BY k', 'texts SELECT k, SUM(z) FROM events CROSS JOIN UNNEST(list) AS u (z, y) GROUP BY k'],
  ['another alias of a result below another group', 'totals SELECT c, COUNT(*), MAX(k) FROM (SELECT k, COUNT(*) AS c FROM events GROUP BY k) GROUP BY c', 'totals SELECT d, COUNT(*), MAX(k) FROM (SELECT k, COUNT(*) AS d FROM events GROUP BY k) GROUP BY d'],
];

for (const [name, before, after] of same) {
  test(`state goes on: ${name}`, async () => assert.deepEqual(new Set(await verdicts(before, after)), new Set(['reuse'])));
}
