import assert from 'node:assert/strict';
import test from 'node:test';
import { allocateColumn } from '../../core/column.ts';
import { types } from '../../core/sql-type.ts';
import { printDouble, printFloat, printValue, readValue } from '../../core/value.ts';

test('doubles print as Java prints them', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-1.5, '-1.5'],
    [100, '100.0'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [0.00099, '9.9E-4'],
    [1234567.5, '1234567.5'],
    [9999999, '9999999.0'],
    [10000000, '1.0E7'],
    [12345678.9, '1.23456789E7'],
    [1e21, '1.0E21'],
    [1.5e-7, '1.5E-7'],
    [123456789012345680000, '1.2345678901234568E20'],
    [Number.MAX_VALUE, '1.7976931348623157E308'],
    [-2.5e-9, '-2.5E-9'],
    [5e-324, '4.9E-324'],
    [1e-323, '9.9E-324'],
    [1 / 3, '0.3333333333333333'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [NaN, 'NaN'],
  ];
  for (const [value, text] of cases) assert.equal(printDouble(value), text);
});

test('floats print the shortest digits that give the same float', () => {
  assert.deepEqual([0.1, 1 / 3, 16777216, 3.4028234663852886e38, 1e-10, -2.5, 1.4e-45].map((value) => printFloat(Math.fround(value))), ['0.1', '0.33333334', '1.6777216E7', '3.4028235E38', '1.0E-10', '-2.5', '1.4E-45']);
});

test('values print as CAST to STRING gives them', () => {
  assert.equal(printValue(null, types.int), undefined);
  assert.equal(printValue(true, types.boolean), 'TRUE');
  assert.equal(printValue(9223372036854775807n, types.bigint), '9223372036854775807');
  assert.equal(printValue(-1050n, types.decimal(10, 2)), '-10.50');
  assert.equal(printValue(19782, { kind: 'DATE', nullable: true }), '2024-02-29');
  assert.equal(printValue(1500, types.timestamp(3)), '1970-01-01 00:00:01.500');
  assert.equal(printValue({ millis: 1500, nanos: 7 }, types.timestampLtz(9)), '1970-01-01 00:00:01.500000007');
  assert.equal(printValue(new Uint8Array([0, 255, 16]), { kind: 'VARBINARY', length: 3, nullable: true }), '00ff10');
  assert.equal(printValue('Grün', types.string), 'Grün');
});

test('a column gives its values exactly', () => {
  const long = allocateColumn('i64', 2);
  if (long.layout === 'i64') long.values.set([-9223372036854775808n, 5n]);
  assert.deepEqual([readValue(long, types.bigint, 0), readValue(long, types.bigint, 1)], [-9223372036854775808n, 5n]);
  assert.equal(readValue(long, types.timestamp(3), 1), 5);
  const wide = allocateColumn('i128', 1);
  if (wide.layout === 'i128') {
    wide.values[0] = BigInt.asIntN(64, -3n);
    wide.high[0] = -1n;
  }
  assert.equal(readValue(wide, types.decimal(38, 0), 0), -3n);
  wide.nulls = new Uint8Array([1]);
  assert.equal(readValue(wide, types.decimal(38, 0), 0), null);
});
