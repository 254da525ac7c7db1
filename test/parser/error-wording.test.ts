import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from '../../parser/parse.ts';

function errorOf(sql: string): string {
  const { errors } = parse(sql);
  return `${errors[0]?.code ?? 'none'}: ${errors[0]?.message ?? ''}`;
}

/** SQL that Flink reads and this build does not: never called wrong. */
const later: readonly (readonly [string, string])[] = [
  ['SELECT SUM(a) OVER (PARTITION BY b ORDER BY c) FROM t', 'OVER'],
  ['SELECT SUM(a) OVER w FROM t WINDOW w AS (ORDER BY c)', 'OVER'],
  ['SELECT ARRAY[1, 2]', 'ARRAY[...]'],
  ["SELECT MAP['a', 1]", 'MAP[...]'],
  ['SELECT a[1] FROM t', 'elements of arrays and maps, as in a[1]'],
  ['SELECT a IS NOT JSON FROM t', 'IS NOT JSON'],
  ['SELECT a BETWEEN SYMMETRIC 1 AND 2 FROM t', 'BETWEEN SYMMETRIC'],
  ['SELECT a FROM t GROUP BY GROUPING SETS ((a), (b))', 'GROUPING SETS'],
  ['SELECT * FROM t MATCH_RECOGNIZE (PATTERN (x))', 'MATCH_RECOGNIZE'],
  ['SELECT a FROM t, u WHERE t.a = u.a', 'several tables in FROM'],
  ['SELECT (1, 2)', 'rows of values, as in (a, b)'],
  ["SELECT /*+ STATE_TTL('a' = '1d') */ a FROM t", 'hints /*+ ... */'],
  ["SELECT x'0f'", "X'...' literals"],
  ['SELECT a FROM t JOIN u ON t.a = u.a', 'JOIN'],
  ['SELECT a FROM t ORDER BY a', 'ORDER'],
  ['SELECT a FROM t LIMIT 3', 'LIMIT'],
  ['WITH x AS (SELECT 1) SELECT * FROM x', 'WITH'],
];

for (const [sql, feature] of later) test(`not supported yet: ${sql}`, () => assert.equal(errorOf(sql), `E0002: not supported yet: ${feature}`));

test('what is no SQL anywhere is an error of the text', () => {
  for (const sql of ['SELEC 1', 'SELECT 1 +', 'SELECT a b c FROM t', 'SELECT (1, FROM t', 'CREATE TABLE t (a INT,) WITH ()', 'SELECT 1 FROM t WHERE', 'SELECT f(a b) FROM t']) {
    assert.match(errorOf(sql), /^E0001/, sql);
  }
});
