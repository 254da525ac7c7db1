import type { Column } from '../../../core/column.ts';
import { decimalFromText } from '../../../core/decimal.ts';
import { isInteger, isText, printType, type SqlType } from '../../../core/sql-type.ts';
import { parseDate, parseTimestamp } from '../../../core/time.ts';
import { BadRecord, type ReadColumn } from '../../../catalog/connector.ts';
import { integerRange } from '../../../functions/cast.ts';

/** JSON.parse with every number kept as it is written, so that BIGINT and DECIMAL are read from their digits. */
interface RawNumber {
  readonly rawJSON: string;
}
const { rawJSON, isRawJSON, parse } = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
};

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where the slow tier puts text: the batch's heap, which it may grow. */
export interface TextTarget {
  appendText(text: string): { readonly offset: number; readonly length: number };
}

/**
 * The slow tier decides: it reads every record that is JSON and fits its columns, and throws BadRecord for every other. The other tiers
 * give the same values for what they take, and leave the rest to it.
 */
export function decodeSlowly(heap: Uint8Array, at: number, end: number, row: number, record: number, columns: readonly ReadColumn[], targets: readonly Column[], nulls: readonly Uint8Array[], any: Uint8Array, text: TextTarget): void {
  let value: unknown;
  try {
    value = parse(strictUtf8.decode(heap.subarray(at, end)), (_key, inner, context) => (typeof inner === 'number' ? rawJSON(context.source ?? String(inner)) : inner));
  } catch {
    throw new BadRecord(record, undefined, 'JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isRawJSON(value)) throw new BadRecord(record, undefined, 'a JSON object');
  for (const [i, { path, type }] of columns.entries()) {
    const name = path.join('.');
    let field: unknown = value;
    for (const [depth, part] of path.entries()) {
      if (field === null || field === undefined) break;
      if (typeof field !== 'object' || Array.isArray(field) || isRawJSON(field)) throw new BadRecord(record, path.slice(0, depth).join('.'), 'a JSON object');
      field = Object.hasOwn(field, part) ? (field as Record<string, unknown>)[part] : undefined;
    }
    const isNull = field === null || field === undefined;
    (nulls[i] as Uint8Array)[row] = isNull ? 1 : 0;
    if (isNull) any[i] = 1;
    if (!write(targets[i] as Column, type, row, isNull ? undefined : field, text)) throw new BadRecord(record, name, expected(type));
  }
}

function expected(type: SqlType): string {
  const text = printType({ ...type, nullable: true });
  return `a${/^[AEIOU]/.test(text) ? 'n' : ''} ${text}`;
}

/** Writes one value; undefined is NULL. False when it does not fit. */
function write(column: Column, type: SqlType, row: number, value: unknown, text: TextTarget): boolean {
  switch (column.layout) {
    case 'bytes': {
      const string = value === undefined ? '' : textOf(value);
      if (!isText(type)) return false;
      const place = string === '' ? { offset: 0, length: 0 } : text.appendText(string);
      column.offsets[row] = place.offset;
      column.lengths[row] = place.length;
      return true;
    }
    case 'u8': {
      const flag = value === undefined ? false : booleanOf(value);
      column.values[row] = flag === true ? 1 : 0;
      return flag !== undefined;
    }
    case 'f32':
    case 'f64': {
      const number = value === undefined ? 0 : doubleOf(value);
      column.values[row] = number ?? 0;
      return number !== undefined;
    }
    case 'i32': {
      const number = value === undefined ? 0n : type.kind === 'DATE' ? dateOf(value) : integerOf(value, type);
      column.values[row] = Number(number ?? 0n);
      return number !== undefined;
    }
    case 'i64':
    case 'i128': {
      const number = value === undefined ? 0n : longOf(value, type);
      column.values[row] = BigInt.asIntN(64, number ?? 0n);
      if (column.layout === 'i128') column.high[row] = BigInt.asIntN(64, (number ?? 0n) >> 64n);
      return number !== undefined;
    }
    default:
      return false;
  }
}

/** A text; of another value, its JSON. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

/** The digits of a number, or a text that holds one. */
function numberText(value: unknown): string | undefined {
  if (isRawJSON(value)) return value.rawJSON;
  return typeof value === 'string' ? value.trim() : undefined;
}

function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

function doubleOf(value: unknown): number | undefined {
  const text = numberText(value);
  if (text === undefined || !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(NaN|Infinity)$/.test(text)) return undefined;
  return Number(text);
}

function integerOf(value: unknown, type: SqlType): bigint | undefined {
  const text = numberText(value);
  if (text === undefined || !isInteger(type) || !/^[+-]?\d+$/.test(text)) return undefined;
  const number = BigInt(text.replace('+', ''));
  const [low, high] = integerRange(type);
  return number >= low && number <= high ? number : undefined;
}

function dateOf(value: unknown): bigint | undefined {
  const days = typeof value === 'string' ? parseDate(value) : undefined;
  return days === undefined ? undefined : BigInt(days);
}

function longOf(value: unknown, type: SqlType): bigint | undefined {
  if (type.kind === 'BIGINT') return integerOf(value, type);
  if (type.kind === 'DECIMAL') {
    const text = numberText(value);
    return text === undefined ? undefined : decimalFromText(text, type.precision, type.scale);
  }
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') return undefined;
  const instant = typeof value === 'string' ? parseTimestamp(value) : undefined;
  return instant === undefined ? undefined : BigInt(instant.millis);
}
