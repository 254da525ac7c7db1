import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from '../../parser/parse.ts';
import { words } from '../../parser/tokens.ts';

/** Words that are no names without backticks. A longer list wants a reason. */
const reserved = [
  'ALL', 'AND', 'AS', 'BETWEEN', 'CASE', 'CREATE', 'CROSS', 'DISTINCT', 'ELSE', 'END', 'EXCEPT', 'EXISTS', 'FALSE', 'FOR', 'FROM', 'FULL', 'GROUP', 'HAVING', 'IN', 'INNER', 'INSERT', 'INTERSECT', 'INTO', 'IS', 'JOIN', 'LEFT', 'LIKE', 'LIMIT', 'NOT', 'NULL',
  'ON', 'OR', 'ORDER', 'RIGHT', 'SELECT', 'THEN', 'TRUE', 'UNION', 'USING', 'VALUES', 'WHEN', 'WHERE', 'WITH',
];

/** Places where people have names: each word is read in all of them, as that name. */
const places: readonly (readonly [string, (word: string) => string])[] = [
  ['a column that is declared', (word) => `CREATE TABLE t (${word} BIGINT, b INT) WITH ('a' = 'b')`],
  ['the last column that is declared', (word) => `CREATE TABLE t (a INT, ${word} TIMESTAMP(3)) WITH ('a' = 'b')`],
  ['a computed column', (word) => `CREATE TABLE t (a INT, ${word} AS a + 1) WITH ('a' = 'b')`],
  ['a column of a watermark', (word) => `CREATE TABLE t (a INT, WATERMARK FOR ${word} AS ${word} - INTERVAL '1' SECOND) WITH ('a' = 'b')`],
  ['a column of a key', (word) => `CREATE TABLE t (a INT, PRIMARY KEY (${word}) NOT ENFORCED) WITH ('a' = 'b')`],
  ['a column that is read', (word) => `SELECT ${word}, t.${word}, ${word} + 1, COUNT(${word}), UPPER(${word}) FROM t WHERE ${word} > 1 AND ${word} IS NOT NULL GROUP BY ${word}, b ORDER BY ${word} DESC`],
  ['an alias behind AS', (word) => `SELECT a AS ${word}, b FROM t`],
  ['a table', (word) => `SELECT * FROM ${word}`],
  ['a column that is written', (word) => `INSERT INTO t (a, ${word}) SELECT 1, 2`],
  ['a descriptor', (word) => `SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(${word}), INTERVAL '1' SECOND))`],
];

test('the words that are reserved are these and no others', () => {
  const found = Object.keys(words).filter((word) => parse(`SELECT a AS ${word}, b FROM t`).errors.length > 0);
  assert.deepEqual(found.toSorted(), reserved);
});

for (const [place, text] of places) {
  test(`every other word is a name as ${place}`, () => {
    const all = [...Object.keys(words), 'VALUE', 'COUNT', 'YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'POSITION', 'TRIM', 'LEADING', 'INT', 'STRING', 'CURRENT_DATE'];
    for (const word of all.filter((one) => !reserved.includes(one))) {
      for (const written of [word, word.toLowerCase()]) {
        const { statements, errors } = parse(text(written));
        assert.deepEqual(errors.map((error) => error.format()), [], text(written));
        // The backticks take the meaning of a word away: what is read must be the same.
        const quoted = parse(text(`\`${written}\``)).statements;
        assert.deepEqual(withoutPlaces(statements), withoutPlaces(quoted), text(written));
      }
    }
  });
}

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'span' && key !== 'optionsSpan').map(([key, part]) => [key, withoutPlaces(part)]));
}
