import { entryTypes } from '../../core/collection.ts';
import type { JsRow, JsValue } from '../../core/js-value.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { printDouble, printFloat } from '../../core/value.ts';
import type { PlayValue } from './play.ts';

/** The encodings of expected values, from values as `playTypes` (play.ts) gives them. */

function withoutZeros(timestamp: string): string {
  return timestamp.includes('.') ? timestamp.replace(/\.?0+$/, '') : timestamp;
}

function hex(value: JsValue): string {
  return Buffer.from(value as Uint8Array).toString('hex');
}

function integer(value: JsValue): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function floating(value: number, type: SqlType): number | string {
  if (!Number.isFinite(value)) return String(value);
  return type.kind === 'FLOAT' ? Number(printFloat(value)) : value;
}

/** The parts of an ARRAY or a ROW, and pairs for a MAP or a MULTISET, each by `encode`; undefined for other types. */
function partsOf<T>(value: JsValue, type: SqlType, encode: (value: JsValue, type: SqlType) => T): readonly T[] | readonly (readonly [T, T])[] | undefined {
  switch (type.kind) {
    case 'ARRAY':
      return (value as readonly JsValue[]).map((part) => encode(part, type.element));
    case 'ROW':
      return type.fields.map((field) => encode((value as JsRow)[field.name] ?? null, field.type));
    case 'MAP':
    case 'MULTISET': {
      const [key, of] = entryTypes(type);
      return Array.from(value as ReadonlyMap<JsValue, JsValue>, ([k, v]) => [encode(k, key), encode(v, of)] as const);
    }
    default:
      return undefined;
  }
}

/** As rows of streaming cases write values. */
export function encodeTyped(value: JsValue, type: SqlType): unknown {
  if (value === null) return null;
  const parts = partsOf(value, type, encodeTyped);
  if (parts !== undefined) return parts;
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return integer(value);
    case 'FLOAT':
    case 'DOUBLE':
      return floating(value as number, type);
    case 'TIME':
      return withoutZeros(String(value));
    case 'TIMESTAMP':
      return withoutZeros(String(value));
    case 'TIMESTAMP_LTZ':
      return `${withoutZeros(String(value))}Z`;
    case 'BINARY':
    case 'VARBINARY':
      return hex(value);
    default:
      return value;
  }
}

/** As Flink's tests print rows. */
export function encodeText(value: JsValue, type: SqlType): string {
  if (value === null) return 'null';
  const parts = partsOf(value, type, encodeText);
  if (parts !== undefined) return type.kind === 'ARRAY' ? `[${parts.join(', ')}]` : type.kind === 'ROW' ? parts.join(',') : `{${parts.map((entry) => (entry as readonly [string, string]).join('=')).join(', ')}}`;
  switch (type.kind) {
    case 'FLOAT':
      return printFloat(value as number);
    case 'DOUBLE':
      return printDouble(value as number);
    case 'TIME':
      return javaTime(String(value), false);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const [date = '', time = ''] = String(value).split(' ');
      const isInstant = type.kind === 'TIMESTAMP_LTZ';
      return `${date}T${javaTime(time, isInstant)}${isInstant ? 'Z' : ''}`;
    }
    case 'BINARY':
    case 'VARBINARY':
      return hex(value);
    default:
      return String(value);
  }
}

/** Seconds are left out when they and the fraction are zero, unless `withSeconds`; a fraction has 3, 6 or 9 digits. */
function javaTime(text: string, withSeconds: boolean): string {
  const [clock = '', fraction = ''] = text.split('.');
  const digits = fraction.replace(/0+$/, '');
  const shown = digits === '' ? '' : `.${digits.padEnd(Math.ceil(digits.length / 3) * 3, '0')}`;
  return shown === '' && clock.endsWith(':00') && !withSeconds ? clock.slice(0, 5) : `${clock}${shown}`;
}

/** As `expected` of scalar cases writes values. */
export function encodeScalar(value: JsValue, type: SqlType): unknown {
  if (value === null) return null;
  const parts = partsOf(value, type, encodeScalar);
  if (parts !== undefined) return type.kind === 'ARRAY' ? parts : type.kind === 'ROW' ? { $row: parts } : { $map: parts };
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT': {
      const number = integer(value);
      return typeof number === 'string' ? { $i: number } : number;
    }
    case 'FLOAT':
    case 'DOUBLE': {
      const number = floating(value as number, type);
      return typeof number === 'string' ? { $f: number } : number;
    }
    case 'DECIMAL':
      return { $dec: value };
    case 'DATE':
      return { $date: value };
    case 'TIME':
      return { $time: withoutZeros(String(value)) };
    case 'TIMESTAMP':
      return { $timestamp: withoutZeros(String(value)) };
    case 'TIMESTAMP_LTZ':
      return { $timestamp_ltz: `${withoutZeros(String(value))}Z` };
    case 'BINARY':
    case 'VARBINARY':
      return { $hex: hex(value) };
    case 'INTERVAL_MONTH':
      return { $months: Number(value) };
    case 'INTERVAL_SECOND':
      return { $millis: Number(value) };
    default:
      return value;
  }
}

/** An input of a scalar case as rows write it: the marks of the typed form taken off, and a CHAR(n) of n characters, a BINARY(n) of n bytes, as Flink's literals are. */
export function plainInput(value: unknown, type = ''): PlayValue {
  const characters = /^CHAR\((\d+)\)/.exec(type)?.[1];
  if (characters !== undefined && typeof value === 'string') return value.padEnd(Number(characters));
  if (Array.isArray(value)) return value.map((part) => plainInput(part));
  if (value === null || typeof value !== 'object') return value as PlayValue;
  const inner = plainInput(Object.values(value)[0] as unknown);
  const bytes = /^BINARY\((\d+)\)/.exec(type)?.[1];
  return bytes !== undefined && typeof inner === 'string' ? inner.padEnd(2 * Number(bytes), '0') : inner;
}

/** One text for all ways to write the same value: trailing zeros of fractions of a second, 1 and 1.0, the order of a map's entries. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (key === '$map' && Array.isArray(part)) return part.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1)) as unknown;
    if (typeof part === 'string' && /^(\d{4}-\d\d-\d\d[ T])?\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(part)) {
      const isInstant = part.endsWith('Z');
      return withoutZeros(isInstant ? part.slice(0, -1) : part) + (isInstant ? 'Z' : '');
    }
    return part;
  });
}
