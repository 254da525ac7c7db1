import { unreachable } from './assert.ts';
import { entryTypes } from './collection.ts';
import { decodeValue } from './collection-value.ts';
import type { Column } from './column.ts';
import { printDecimal } from './decimal.ts';
import { isStructured, type SqlType } from './sql-type.ts';
import type { SqlValue } from './sql-value.ts';
import { printDate, printTimestamp } from './time.ts';

const utf8 = new TextDecoder();

export type { SqlValue };

/** Reads row `row` of a column. For the cold path: results, errors, tests. */
export function readValue(column: Column, type: SqlType, row: number): SqlValue {
  if (column.nulls !== undefined && column.nulls[row] === 1) return null;
  switch (column.layout) {
    case 'u8':
      return column.values[row] === 1;
    case 'i32':
    case 'f32':
    case 'f64':
      return column.values[row] ?? 0;
    case 'i64': {
      const value = column.values[row] ?? 0n;
      return type.kind === 'BIGINT' || type.kind === 'DECIMAL' ? value : Number(value);
    }
    case 'i64n':
      return { millis: Number(column.values[row] ?? 0n), nanos: column.nanos[row] ?? 0 };
    case 'i128':
      return ((column.high[row] ?? 0n) << 64n) | BigInt.asUintN(64, column.values[row] ?? 0n);
    case 'bytes': {
      const start = column.offsets[row] ?? 0;
      const length = column.lengths[row] ?? 0;
      if (isStructured(type)) return decodeValue(column.heap, start, length, type);
      const bytes = column.heap.subarray(start, start + length);
      return type.kind === 'CHAR' || type.kind === 'VARCHAR' ? utf8.decode(bytes) : bytes.slice();
    }
    default:
      return unreachable(column);
  }
}

/** The text of a value as CAST(x AS STRING) gives it, and as results print it; NULL is undefined. */
export function printValue(value: SqlValue, type: SqlType): string | undefined {
  if (value === null) return undefined;
  switch (type.kind) {
    case 'BOOLEAN':
      return value === true ? 'TRUE' : 'FALSE';
    case 'DECIMAL':
      return printDecimal(value as bigint, type.scale);
    case 'DATE':
      return printDate(value as number);
    case 'TIME':
      return printTimestamp(value as number, 0, type.precision).slice('1970-01-01 '.length);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const { millis, nanos } = instantOf(value);
      return printTimestamp(millis, nanos, type.precision);
    }
    case 'FLOAT':
      return printFloat(value as number);
    case 'DOUBLE':
      return printDouble(value as number);
    case 'INTERVAL_MONTH':
      return printMonths(value as number);
    case 'INTERVAL_SECOND':
      return printTimeInterval(value as number);
    case 'BINARY':
    case 'VARBINARY':
      return hex(value as Uint8Array);
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
      return printStructured(value as readonly SqlValue[], type, printValue);
    default:
      return String(value);
  }
}

/** ms and nanoseconds of a time that is kept as either. */
export function instantOf(value: SqlValue): { readonly millis: number; readonly nanos: number } {
  return value !== null && typeof value === 'object' && 'millis' in value ? value : { millis: value as number, nanos: 0 };
}

/** `[1, NULL]`, `{a=1, b=2}`, `(1, a)`; `print` gives the parts. Source: Flink's ArrayToStringCastRule and its like for MAP and ROW. */
export function printStructured(value: readonly SqlValue[], type: SqlType, print: (value: SqlValue, type: SqlType) => string | undefined): string {
  const part = (each: SqlValue, of: SqlType): string => print(each, of) ?? 'NULL';
  switch (type.kind) {
    case 'ARRAY':
      return `[${value.map((each) => part(each, type.element)).join(', ')}]`;
    case 'ROW':
      return `(${type.fields.map((field, i) => part(value[i] ?? null, field.type)).join(', ')})`;
    default: {
      const [key, of] = entryTypes(type);
      return `{${(value as readonly (readonly [SqlValue, SqlValue])[]).map(([k, v]) => `${part(k, key)}=${part(v, of)}`).join(', ')}}`;
    }
  }
}

/** `+2-03`: years and months. */
export function printMonths(months: number): string {
  const size = Math.abs(months);
  return `${months < 0 ? '-' : '+'}${Math.floor(size / 12)}-${String(size % 12).padStart(2, '0')}`;
}

/** `+1 02:03:04.500`: days and a time of day. */
export function printTimeInterval(millis: number): string {
  const size = Math.abs(millis);
  return `${millis < 0 ? '-' : '+'}${Math.floor(size / 86_400_000)} ${printTimestamp(size % 86_400_000, 0, 3).slice('1970-01-01 '.length)}`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** As Java's Double.toString, which is what Flink casts to. */
export function printDouble(value: number): string {
  const shortest = String(value);
  // Java gives two digits at least, and of those the nearest: the least double is 4.9E-324.
  return javaNotation(value, /^-?\de/.test(shortest) ? value.toPrecision(2) : shortest);
}

/** As Java's Float.toString: the shortest digits that give the same float. */
export function printFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 2; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return javaNotation(value, String(Number(text)));
  }
  return javaNotation(value, String(value));
}

function javaNotation(value: number, shortest: string): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText] = shortest.replace(/^-/, '').split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  let digits = (whole + fraction).replace(/^0+/, '');
  const leadingZeros = (whole + fraction).length - digits.length;
  let exponent = Number(exponentText ?? 0) + whole.length - 1 - leadingZeros;
  digits = digits.replace(/0+$/, '') || '0';
  const sign = value < 0 ? '-' : '';
  if (exponent >= 7 || exponent < -3) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  if (exponent < 0) {
    digits = '0'.repeat(-exponent) + digits;
    exponent = 0;
  }
  const padded = digits.padEnd(exponent + 1, '0');
  return `${sign}${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1) || '0'}`;
}
