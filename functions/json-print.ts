import { entryTypes } from '../core/collection.ts';
import { parseDecimal } from '../core/decimal.ts';
import type { SqlType } from '../core/sql-type.ts';
import { printDate, printTimestamp } from '../core/time.ts';
import { instantOf, printDouble, printValue, type SqlValue } from '../core/value.ts';
import { isJsonArray, isJsonObject, JsonNumber, type Json } from './json-text.ts';

/**
 * How values become JSON, and how JSON is written anew: the names of objects in order, as Flink's Jackson writes them. Source: Flink's
 * JsonGenerateUtils and SqlJsonUtils; the documentation of java.math.BigDecimal, toString.
 */

/** A text in quotes; what has no sign of its own is escaped with capital digits. */
export function jsonText(text: string): string {
  return JSON.stringify(text).replace(/\\(?:u([0-9a-f]{4})|.)/g, (all, hex: string | undefined) => (hex === undefined ? all : `\\u${hex.toUpperCase()}`));
}

function inOrder(fields: readonly (readonly [name: string, json: string])[]): string {
  const sorted = fields.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([name, json]) => `${jsonText(name)}:${json}`).join(',')}}`;
}

/** The object of names and the JSON of values; of equal names the last one stays. */
export function jsonObject(fields: Iterable<readonly [name: string, json: string]>): string {
  return inOrder([...new Map(fields)]);
}

/** As Java's BigDecimal prints `unscaled` with so many digits behind the point: by an exponent where it is small, or has lost digits. */
function printBigDecimal(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled);
  const sign = unscaled < 0n ? '-' : '';
  const exponent = digits.length - 1 - scale;
  if (scale >= 0 && exponent >= -6) {
    if (scale === 0) return sign + digits;
    const padded = digits.padStart(scale + 1, '0');
    return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  }
  const mantissa = digits.length > 1 ? `${digits[0] ?? ''}.${digits.slice(1)}` : digits;
  return exponent === 0 ? sign + mantissa : `${sign}${mantissa}E${exponent > 0 ? '+' : ''}${exponent}`;
}

/** The digits of a number as Java's BigDecimal reads and prints them. */
function reprinted(source: string): string {
  const [mantissa = '', power = '0'] = source.split(/[eE]/);
  const parsed = parseDecimal(mantissa);
  return parsed === undefined ? source : printBigDecimal(parsed.unscaled, parsed.scale - Number(power));
}

/** A JSON number as Java prints it: an integer, or a BigDecimal. */
export function printJsonNumber({ source }: JsonNumber): string {
  return /[.eE]/.test(source) ? reprinted(source) : String(BigInt(source));
}

/** JSON that was read, written anew. */
export function reprintJson(value: Json): string {
  if (value instanceof JsonNumber) return printJsonNumber(value);
  if (isJsonArray(value)) return `[${value.map(reprintJson).join(',')}]`;
  if (isJsonObject(value)) return inOrder(Array.from(value, ([name, part]) => [name, reprintJson(part)] as const));
  return typeof value === 'string' ? jsonText(value) : JSON.stringify(value);
}

/** `2026-02-28T07:08:09.5`: as many digits as there are. */
function isoTime(value: SqlValue): string {
  const { millis, nanos } = instantOf(value);
  return printTimestamp(millis, nanos, 9).replace(' ', 'T').replace(/\.?0+$/, '');
}

/** The JSON of a value. Bytes are Base64; a TIMESTAMP_LTZ is its time in UTC. What Flink takes for no JSON (DATE, TIME, intervals) is its text. */
export function printAsJson(value: SqlValue, type: SqlType): string {
  if (value === null) return 'null';
  const parts = value as readonly SqlValue[];
  switch (type.kind) {
    case 'ARRAY':
      return `[${parts.map((part) => printAsJson(part, type.element)).join(',')}]`;
    case 'ROW':
      return inOrder(type.fields.map((field, i) => [field.name, printAsJson(parts[i] ?? null, field.type)] as const));
    case 'MAP':
    case 'MULTISET': {
      const [key, of] = entryTypes(type);
      return inOrder((parts as readonly (readonly [SqlValue, SqlValue])[]).map(([k, v]) => [printValue(k, key) ?? 'null', printAsJson(v, of)] as const));
    }
    case 'BOOLEAN':
      return String(value);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return String(value);
    case 'DECIMAL':
      return printBigDecimal(value as bigint, type.scale);
    case 'FLOAT':
    case 'DOUBLE':
      // A FLOAT becomes a DOUBLE first.
      return Number.isFinite(value) ? reprinted(printDouble(value as number)) : jsonText(String(value));
    case 'BINARY':
    case 'VARBINARY':
      return jsonText(btoa(Array.from(value as Uint8Array, (byte) => String.fromCharCode(byte)).join('')));
    case 'TIMESTAMP':
      return jsonText(isoTime(value));
    case 'TIMESTAMP_LTZ':
      return jsonText(`${isoTime(value)}Z`);
    case 'DATE':
      return jsonText(printDate(value as number));
    default:
      return jsonText(printValue(value, type) ?? '');
  }
}
