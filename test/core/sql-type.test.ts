import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { canStoreAs, canWidenTo, commonType, printType, sameType, withNullable, type SqlType } from '../../core/sql-type.ts';
import { resolveType } from '../../catalog/type-resolver.ts';
import { parse } from '../../parser/parse.ts';

/** The type that a text names, by the grammar. */
function typeOf(text: string): SqlType {
  const { statements, errors } = parse(`CREATE TABLE t (a ${text})`);
  assert.deepEqual(errors.map((error) => error.message), []);
  const column = statements[0]?.kind === 'CreateTable' ? statements[0].columns[0] : undefined;
  assert.ok(column?.kind === 'PhysicalColumn');
  return resolveType(column.type);
}

test('a printed type reads as the same type', () => {
  const texts = ['BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'BIGINT NOT NULL', 'FLOAT', 'DOUBLE', 'DATE', 'CHAR(3)', 'VARCHAR(20)', 'STRING', 'BINARY(4)', 'BYTES', 'DECIMAL(10, 2)', 'TIME(0)', 'TIMESTAMP(3)', 'TIMESTAMP_LTZ(6)', 'ARRAY<INT NOT NULL>', 'MAP<STRING, DOUBLE>', 'MULTISET<STRING>', 'ROW<`a b` INT, `c` ROW<`d` STRING NOT NULL>> NOT NULL'];
  for (const text of texts) {
    assert.equal(printType(typeOf(text)), text);
    assert.deepEqual(typeOf(printType(typeOf(text))), typeOf(text));
  }
});

test('other spellings name the same types', () => {
  const pairs: readonly (readonly [string, string])[] = [['INTEGER', 'INT'], ['NUMERIC(5)', 'DECIMAL(5, 0)'], ['DEC', 'DECIMAL(10, 0)'], ['DOUBLE PRECISION', 'DOUBLE'], ['TIMESTAMP', 'TIMESTAMP(6)'], ['TIMESTAMP(3) WITH LOCAL TIME ZONE', 'TIMESTAMP_LTZ(3)'], ['VARCHAR(2147483647)', 'STRING'], ['CHAR', 'CHAR(1)'], ['INT ARRAY', 'ARRAY<INT>']];
  for (const [text, printed] of pairs) assert.equal(printType(typeOf(text)), printed);
});

test('types out of range are errors', () => {
  for (const text of ['DECIMAL(39, 0)', 'DECIMAL(0, 0)', 'DECIMAL(5, 6)', 'TIMESTAMP(10)', 'CHAR(0)']) {
    assert.throws(() => typeOf(text), (error) => error instanceof SqlError && error.code === 'E0207', text);
  }
});

test('the common type is the same in either order', () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['INT', 'BIGINT', 'BIGINT'],
    ['TINYINT', 'SMALLINT', 'SMALLINT'],
    ['INT', 'DOUBLE', 'DOUBLE'],
    ['BIGINT', 'FLOAT', 'FLOAT'],
    ['DECIMAL(5, 2)', 'FLOAT', 'DOUBLE'],
    ['FLOAT', 'FLOAT', 'FLOAT'],
    ['DECIMAL(10, 2)', 'DECIMAL(5, 4)', 'DECIMAL(12, 4)'],
    ['DECIMAL(10, 2)', 'INT', 'DECIMAL(12, 2)'],
    ['DECIMAL(10, 2)', 'BIGINT', 'DECIMAL(21, 2)'],
    ['DECIMAL(38, 0)', 'DECIMAL(38, 10)', 'DECIMAL(38, 0)'],
    ['DECIMAL(10, 2)', 'DOUBLE', 'DOUBLE'],
    ['VARCHAR(5)', 'STRING', 'STRING'],
    ['TIMESTAMP(3)', 'TIMESTAMP(0)', 'TIMESTAMP(3)'],
    ['BOOLEAN', 'INT', undefined],
    ['STRING', 'INT', undefined],
    ['ROW<a INT>', 'INT', undefined],
  ];
  for (const [a, b, expected] of cases) {
    for (const [x, y] of [[typeOf(a), typeOf(b)], [typeOf(b), typeOf(a)]] as const) {
      const common = commonType(x, y);
      assert.equal(common === undefined ? undefined : printType(common), expected, `${a} and ${b}`);
    }
  }
  const mixed = commonType(withNullable(typeOf('INT'), false), typeOf('INT'));
  assert.equal(mixed?.nullable, true);
});

test('what is equal but for NULL is the same type', () => {
  assert.equal(sameType(typeOf('ROW<a INT NOT NULL>'), typeOf('ROW<a INT> NOT NULL')), true);
  assert.equal(sameType(typeOf('ROW<a INT>'), typeOf('ROW<b INT>')), false);
  assert.equal(sameType(typeOf('TIMESTAMP(3)'), typeOf('TIMESTAMP_LTZ(3)')), false);
});

test('widening loses nothing, storing may', () => {
  assert.equal(canWidenTo(typeOf('INT'), typeOf('BIGINT')), true);
  assert.equal(canWidenTo(typeOf('BIGINT'), typeOf('INT')), false);
  for (const [from, to] of [['BIGINT', 'INT'], ['DOUBLE', 'FLOAT'], ['DECIMAL(3, 1)', 'INT'], ['DOUBLE', 'BIGINT']] as const) assert.equal(canStoreAs(typeOf(from), typeOf(to)), false, `${from} into ${to}`);
  for (const [from, to] of [['INT', 'BIGINT'], ['DOUBLE', 'DECIMAL(5, 2)'], ['DECIMAL(3, 1)', 'FLOAT'], ['BIGINT', 'DOUBLE']] as const) assert.equal(canStoreAs(typeOf(from), typeOf(to)), true, `${from} into ${to}`);
  assert.equal(canStoreAs(typeOf('TIMESTAMP(3)'), typeOf('TIMESTAMP_LTZ(3)')), true);
  assert.deepEqual(['TIMESTAMP(3)', 'TIMESTAMP_LTZ(3)', 'DATE'].map((from) => canStoreAs(typeOf(from), typeOf('TIME(0)'))), [true, false, false]);
  assert.equal(canStoreAs(typeOf('STRING'), typeOf('INT')), false);
  assert.equal(canStoreAs(typeOf('INT'), typeOf('STRING')), false);
});
