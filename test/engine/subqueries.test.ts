import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsValue } from '../../core/js-value.ts';
import { Engine } from '../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';
import { finalRows } from '../conformance/run-case.ts';

const ops = ['+I', '-U', '+U', '-D'];

/** What a query leaves over t (a INT, b INT) and u (c INT, d INT NOT NULL), whose changes come in that order. */
async function left(query: string, types: readonly string[], t: readonly (readonly [string, number | null, number | null])[], u: readonly (readonly [string, number | null, number])[]): Promise<readonly (readonly JsValue[])[]> {
  const played = (rows: readonly (readonly [string, ...(number | null)[]])[]): readonly PlayRow[] => rows.map(([op, ...values]) => ({ kind: ops.indexOf(op), values, phase: 1 }));
  const player = makePlayer(new Map([['t', { splits: [played(t)] }], ['u', { splits: [played(u)] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`CREATE TABLE t (a INT, b INT) WITH ('connector' = 'play-retract'); CREATE TABLE u (c INT, d INT NOT NULL) WITH ('connector' = 'play-retract');
    CREATE TABLE kept (${types.map((type, i) => `c${i} ${type}`).join(', ')}) WITH ('connector' = 'play');`);
  await engine.exec(`INSERT INTO kept ${query}`, { bounded: true });
  return finalRows(player.taken.get('kept') ?? [], undefined).toSorted((a, b) => Number(a[0]) - Number(b[0]));
}

const t = [['+I', 1, 10], ['+I', 2, 20], ['+I', 3, null]] as const;

test('a query in the place of a value follows the only row that is there', async () => {
  const rows = [['+I', 1, 5], ['-U', 1, 5], ['+U', 1, 6]] as const;
  assert.deepEqual(await left('SELECT a, (SELECT d FROM u) FROM t', ['INT', 'INT'], t, rows), [[1, 6], [2, 6], [3, 6]]);
  assert.deepEqual(await left('SELECT a, (SELECT d FROM u WHERE c = a) FROM t', ['INT', 'INT'], t, rows), [[1, 6], [2, null], [3, null]]);
  assert.deepEqual(await left('SELECT a, (SELECT c FROM u) FROM t', ['INT', 'INT'], t, [['+I', null, 1], ['-D', null, 1], ['+I', 7, 1]]), [[1, 7], [2, 7], [3, 7]]);
  assert.deepEqual(await left('SELECT a, (SELECT d FROM u) FROM t', ['INT', 'INT'], t, [['+I', 1, 5], ['-D', 1, 5]]), [[1, null], [2, null], [3, null]]);
});

test('a second row is an error, one of NULL too', async () => {
  for (const row of [['+I', 2, 6], ['+I', null, 6]] as const) {
    await assert.rejects(left('SELECT a, (SELECT c FROM u) FROM t', ['INT', 'INT'], t, [['+I', 1, 5], row]), { code: 'E0207', message: /there is a second row where one value is asked for/ });
  }
});

test('a count of no rows is 0 where the query reads the row, and not there where it stands alone', async () => {
  assert.deepEqual(await left('SELECT a, (SELECT COUNT(*) FROM u WHERE c = a), (SELECT COUNT(*) FROM u WHERE d > 100) FROM t', ['INT', 'BIGINT', 'BIGINT'], t, [['+I', 1, 5]]), [[1, 1n, null], [2, 0n, null], [3, 0n, null]]);
});

test('what has to be equal is no part of what is selected', async () => {
  assert.deepEqual(await left('SELECT a, (SELECT COUNT(*) + 1 FROM u WHERE 1 = a) FROM t', ['INT', 'BIGINT'], t, [['+I', 1, 5]]), [[1, 2n], [2, 1n], [3, 1n]]);
  await assert.rejects(left('SELECT a, (SELECT c + COUNT(*) FROM u WHERE c = a) FROM t', ['INT', 'BIGINT'], t, []), { code: 'E0204' });
});

test('queries beside groups follow the groups', async () => {
  const groups = [['+I', 1, 1], ['+I', 2, 2], ['+I', 3, 2], ['-D', 1, 1]] as const;
  const rows = [['+I', 2, 1], ['+I', 9, 1], ['-D', 9, 1]] as const;
  assert.deepEqual(await left('SELECT b, COUNT(*) FROM t GROUP BY b HAVING COUNT(*) > (SELECT MIN(d) FROM u)', ['INT', 'BIGINT'], groups, rows), [[2, 2n]]);
  assert.deepEqual(await left('SELECT b FROM t GROUP BY b HAVING (b, COUNT(*)) IN (SELECT c, d + 1 FROM u) AND SUM(a) > 1', ['INT'], groups, rows), [[2]]);
  assert.deepEqual(await left('SELECT SUM(a) + (SELECT MAX(c) FROM u), COUNT(*) FROM t', ['INT', 'BIGINT'], groups, rows), [[7, 2n]]);
});

test('queries beside groups see the columns that are grouped by, under all their names', async () => {
  const groups = [['+I', 1, 1], ['+I', 2, 2], ['+I', 3, 2], ['-D', 1, 1], ['+I', 4, 7]] as const;
  const rows = [['+I', 2, 4], ['+I', 2, 5], ['+I', 7, 1], ['-D', 7, 1]] as const;
  const of = (query: string, types: readonly string[]) => left(query, types, groups, rows);
  assert.deepEqual(await of('SELECT b, COUNT(*) FROM t GROUP BY b HAVING EXISTS (SELECT 1 FROM u WHERE c = t.b)', ['INT', 'BIGINT']), [[2, 2n]]);
  assert.deepEqual(await of('SELECT x.b FROM t AS x GROUP BY x.b HAVING COUNT(*) > (SELECT COUNT(*) FROM u WHERE c = x.b)', ['INT']), [[7]]);
  assert.deepEqual(await of('SELECT COUNT(*), (SELECT MAX(d) FROM u WHERE c = b), b FROM t GROUP BY b', ['BIGINT', 'INT', 'INT']).then((found) => found.toSorted((a, b) => Number(a[2]) - Number(b[2]))), [[2n, 5, 2], [1n, null, 7]]);
  assert.deepEqual(await of('SELECT b FROM t GROUP BY b HAVING MAX(a) NOT IN (SELECT d FROM u WHERE c = b)', ['INT']), [[2], [7]]);
  assert.deepEqual(await of('SELECT b, COUNT(*) FROM t GROUP BY ROLLUP (b) HAVING NOT EXISTS (SELECT 1 FROM u WHERE c = b)', ['INT', 'BIGINT']), [[null, 3n], [7, 1n]]);
  await assert.rejects(of('SELECT b FROM t GROUP BY b HAVING EXISTS (SELECT 1 FROM u WHERE c = a)', ['INT']), { code: 'E0204', message: /a is not grouped/ });
});

test('what is compared with a query may hold queries itself', async () => {
  const rows = [['+I', 1, 4], ['+I', 2, 5], ['-D', 2, 5], ['+I', 2, 8]] as const;
  assert.deepEqual(await left('SELECT a FROM t WHERE (SELECT MAX(d) FROM u WHERE c = a) IN (SELECT d FROM u WHERE c = 2)', ['INT'], t, rows), [[2]]);
  assert.deepEqual(await left('SELECT a FROM t WHERE a IN (SELECT c FROM u) AND (a, (SELECT MIN(c) FROM u)) NOT IN (SELECT c, c FROM u)', ['INT'], t, rows), [[2]]);
  assert.deepEqual(await left('SELECT a, b FROM t WHERE (SELECT MIN(d) FROM u) + a < ALL (SELECT d FROM u WHERE c <> a)', ['INT', 'INT'], t, rows), [[1, 10]]);
  assert.deepEqual(await left('SELECT COUNT(*) FROM t HAVING (SELECT MAX(c) FROM u) + COUNT(*) > ANY (SELECT d FROM u)', ['BIGINT'], t, rows), [[3n]]);
});

test('a name that nobody has is told as such, whatever else the query reads', async () => {
  const mistake = (query: string, message: RegExp) => assert.rejects(left(query, ['INT', 'INT'], [], []), { code: 'E0102', message });
  await mistake('SELECT a, (SELECT MAX(dd) FROM u WHERE c = t.a) FROM t', /no column "dd" in u/);
  await mistake('SELECT a, (SELECT MAX(d) FROM u WHERE u.cc = t.a) FROM t', /no column "cc" in u/);
  await mistake('SELECT a, (SELECT MAX(d) FROM u WHERE c = t.aa) FROM t', /no column "aa" in t/);
  await assert.rejects(left('SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE c = t.a AND EXISTS (SELECT 1 FROM t AS i WHERE i.b = u.d AND i.a = t.b))', ['INT'], [], []), { code: 'E0002', message: /a query within another that reads columns of the one around both/ });
});

test('names mean the query itself first, then the one around it', async () => {
  const rows = [['+I', 1, 1], ['+I', 2, 2]] as const;
  // b is of the inner t: no row is apart from the others.
  assert.deepEqual(await left('SELECT a FROM t WHERE EXISTS (SELECT 1 FROM t AS i WHERE b > 15)', ['INT'], t, rows), [[1], [2], [3]]);
  assert.deepEqual(await left('SELECT a FROM t WHERE EXISTS (SELECT 1 FROM t AS i WHERE t.b > 15 AND i.a = t.a)', ['INT'], t, rows), [[2]]);
  assert.deepEqual(await left('SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE c = a AND d IN (SELECT i.a FROM t AS i WHERE i.b = 20))', ['INT'], t, rows), [[2]]);
});

test('a condition that reads only the row itself decides for it alone', async () => {
  assert.deepEqual(await left('SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE b = 10)', ['INT'], t, [['+I', 1, 1]]), [[2], [3]]);
  assert.deepEqual(await left('SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE b = 10)', ['INT'], t, []), [[1], [2], [3]]);
});

test('NOT IN of values that are never NULL has a key, of others none, and both mean the same', async () => {
  assert.deepEqual(await left('SELECT a FROM t WHERE a NOT IN (SELECT d FROM u)', ['INT'], t, [['+I', 1, 2]]), [[1], [3]]);
  assert.deepEqual(await left('SELECT d FROM u WHERE d NOT IN (SELECT d FROM u WHERE c = 1)', ['INT'], t, [['+I', 1, 2], ['+I', 2, 3], ['+I', 2, 2]]), [[3]]);
  assert.deepEqual(await left('SELECT b FROM t WHERE b NOT IN (SELECT c FROM u)', ['INT'], t, [['+I', 10, 1]]), [[20]]);
  assert.deepEqual(await left('SELECT b FROM t WHERE b NOT IN (SELECT c FROM u)', ['INT'], t, [['+I', null, 1]]), []);
});
