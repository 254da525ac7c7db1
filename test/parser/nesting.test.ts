import assert from 'node:assert/strict';
import test from 'node:test';
import { maxNesting } from '../../parser/nesting.ts';
import { parse } from '../../parser/parse.ts';
import { printStatement } from '../../parser/print.ts';

const nestings: readonly (readonly [string, (depth: number) => string])[] = [
  ['parentheses', (depth) => `SELECT ${'('.repeat(depth)}1${')'.repeat(depth)}`],
  ['calls', (depth) => `SELECT ${'UPPER('.repeat(depth)}a${')'.repeat(depth)} FROM t`],
  ['CASE', (depth) => `SELECT ${'CASE WHEN TRUE THEN '.repeat(depth)}1${' END'.repeat(depth)}`],
  ['NOT', (depth) => `SELECT ${'NOT '.repeat(depth)}TRUE`],
  ['signs', (depth) => `SELECT ${'- '.repeat(depth)}1`],
  ['queries', (depth) => `${'SELECT * FROM ('.repeat(depth)}SELECT a FROM t${')'.repeat(depth)}`],
  ['types', (depth) => `SELECT CAST(NULL AS ${'ARRAY<'.repeat(depth - 1)}INT${'>'.repeat(depth - 1)})`],
  ['comparisons in a row', (depth) => `SELECT 1${' IS NULL'.repeat(depth)}`],
];

for (const [name, make] of nestings) {
  test(`${name}: nested to the limit it is read, beyond it is an error of the text`, () => {
    const { statements, errors } = parse(make(maxNesting));
    assert.deepEqual(errors, []);
    for (const statement of statements) assert.ok(printStatement(statement).length > 0);
    for (const depth of [maxNesting + 1, 20_000]) {
      const [error] = parse(make(depth), 'deep.sql').errors;
      assert.equal(error?.code, 'E0001');
      assert.match(error?.message ?? '', /nested more than 100 levels/);
      assert.equal(error?.line, 1);
    }
  });
}

test('what is closed again does not count', () => {
  assert.deepEqual(parse(`SELECT ${Array.from({ length: 1000 }, () => '(a < 1)').join(' OR ')}, CASE WHEN a < 1 THEN 2 END FROM t`).errors, []);
});
