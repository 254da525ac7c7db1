import assert from 'node:assert/strict';
import test from 'node:test';
import { MemoryCatalog } from '../../catalog/catalog.ts';
import type { SqlError } from '../../core/diagnostic.ts';
import { parse } from '../../parser/parse.ts';
import { bindQuery } from '../../planner/bind-query.ts';

function errorOf(sql: string): string {
  const { errors } = parse(sql);
  return `${errors[0]?.code ?? 'none'}: ${errors[0]?.message ?? ''}`;
}

/** SQL that this grammar does not read: never called wrong. */
const later: readonly (readonly [string, string])[] = [
  ['SELECT * FROM t TABLESAMPLE (10)', 'TABLESAMPLE'],
  ['SELECT a IS OF (INT) FROM t', 'IS OF'],
  ['SELECT a MEMBER OF b FROM t', 'MEMBER OF'],
];

for (const [sql, feature] of later) test(`not supported yet: ${sql}`, () => assert.equal(errorOf(sql), `E0002: not supported yet: ${feature}`));

/** What is read, and refused where it would be planned. */
const unplanned: readonly (readonly [string, string])[] = [
  ['SELECT SUM(1) OVER (PARTITION BY 2 ORDER BY 3)', 'OVER'],
  ['SELECT SUM(1) OVER w WINDOW w AS (ORDER BY 3)', 'OVER'],
  ['SELECT * FROM t FOR SYSTEM_TIME AS OF x', 'FOR SYSTEM_TIME AS OF'],
  ['SELECT * FROM t MATCH_RECOGNIZE (PATTERN (x))', 'MATCH_RECOGNIZE'],
  ['SELECT SUM((SELECT 1))', 'a query within an aggregate'],
  ['SELECT 1 IN (SELECT 1)', 'IN (SELECT ...) but as a condition of WHERE or HAVING, alone or beside AND'],
  ["SELECT /*+ STATE_TTL('a' = '1d') */ 1", 'hints /*+ ... */'],
  ['SELECT 1 QUALIFY 1 > 0', 'QUALIFY'],
];

for (const [sql, feature] of unplanned) {
  test(`not planned yet: ${sql}`, () => {
    const [statement] = parse(sql).statements;
    assert.ok(statement?.kind === 'QueryStatement', JSON.stringify(parse(sql).errors));
    assert.throws(() => bindQuery(statement.query, new MemoryCatalog()), (error: SqlError) => error.code === 'E0002' && error.message === `not supported yet: ${feature}` && error.diagnostic.span !== undefined);
  });
}

/** A mistake, its message, and what stands behind the caret. */
const mistakes: readonly (readonly [string, string, string])[] = [
  ['SELECT 1 SELECT 2', 'a ; is missing before "SELECT"', 'a statement ends with ;'],
  ['SELECT a FROM t DROP TABLE u', 'a ; is missing before "DROP"', 'a statement ends with ;'],
  ['SELECT 0x1F', '"0x1F" is neither a number nor a name', 'write 31'],
  ["SET 'k' = 10s", '"10s" is neither a number nor a name', "a value is a text: '10s'"],
  ['SELECT 1_000', '"1_000" is neither a number nor a name', 'write 1000'],
  ['SELECT 5 AS order', '"order" is a reserved word', 'as a name, write `order`'],
  ['CREATE TABLE t (a INT,)', '")" cannot stand after ","', 'there is one comma too many before this'],
  ['SELECT 1 /* never closed', 'a comment is opened here and never closed', 'close it with */'],
  ['SELECT a FROM t WHER a = 1', '"a" cannot stand after "WHER"', 'did you mean WHERE?'],
  ['SELECT a FROM t GRUOP BY a', '"BY" cannot stand after "GRUOP"', 'did you mean GROUP?'],
  ['SELECT a b c FROM t', '"c" cannot stand after "b"', 'a comma is missing before this'],
  ['SHOW TABELS', '"TABELS" cannot stand here', 'did you mean "TABLES"?'],
  ['SELECT JSON_VALUE(a, 1 NULL ON NOTHING)', '"NULL ON NOTHING" cannot stand here', ''],
];

for (const [sql, message, label] of mistakes) {
  test(`told what is wrong: ${sql}`, () => {
    const [error] = parse(sql).errors;
    assert.deepEqual([error?.code, error?.message, error?.diagnostic.label ?? ''], ['E0001', message, label]);
  });
}

test('a missing ; comes with its fix, and the statements around it are read', () => {
  const text = 'SELECT 1; SELECT 2 SELECT 3; SELECT 4';
  const { statements, errors } = parse(text);
  const [fix] = errors[0]?.fixes ?? [];
  assert.ok(fix !== undefined && statements.length === 2 && errors.length === 1);
  assert.equal(parse(text.slice(0, fix.start) + fix.replacement + text.slice(fix.end)).statements.length, 4);
});

test('what is no SQL anywhere is an error of the text', () => {
  for (const sql of ['SELEC 1', 'SELECT 1 +', 'SELECT a b c FROM t', 'SELECT (1, FROM t', 'CREATE TABLE t (a INT,) WITH ()', 'SELECT 1 FROM t WHERE', 'SELECT f(a b) FROM t']) {
    assert.match(errorOf(sql), /^E0001/, sql);
  }
});
