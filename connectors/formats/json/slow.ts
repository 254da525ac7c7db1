import type { Column } from '../../../core/column.ts';
import { decimalFromText } from '../../../core/decimal.ts';
import { isInteger, isText, printType, type SqlType } from '../../../core/sql-type.ts';
import { parseDate, parseTimestamp } from '../../../core/time.ts';
import { BadRecord, type ReadColumn } from '../../../catalog/connector.ts';
import { integerRange } from '../../../functions/cast.ts';
import { RawFields } from './raw-fields.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where the slow tier puts text: the batch's heap, which it may grow. */
export interface TextTarget {
  appendText(text: string): { readonly offset: number; readonly length: number };
}

/** One value: what a text says, or the JSON of anything else, so that BIGINT and DECIMAL are read from their digits. */
interface FieldValue {
  readonly text: string;
  readonly isText: boolean;
}

/**
 * The slow tier decides: it reads every record that is JSON, as JSON.parse says, and fits its columns, and throws BadRecord for every
 * other. The other tiers give the same values for what they take, and leave the rest to it.
 */
export class SlowTier {
  readonly #columns: readonly ReadColumn[];
  readonly #fields: RawFields;

  constructor(columns: readonly ReadColumn[]) {
    this.#columns = columns;
    this.#fields = new RawFields(columns);
  }

  /** Decodes heap[at .. end) into `row`. `record` is its number, for the error. */
  decode(heap: Uint8Array, at: number, end: number, row: number, record: number, targets: readonly Column[], nulls: readonly Uint8Array[], any: Uint8Array, text: TextTarget): void {
    const fields = this.#fields;
    const json = jsonOf(heap.subarray(at, end));
    if (json === undefined) throw new BadRecord(record, undefined, 'JSON');
    if (!json.trimStart().startsWith('{')) throw new BadRecord(record, undefined, 'a JSON object');
    fields.find(json);
    for (const [i, { path, type }] of this.#columns.entries()) {
      const misfit = fields.misfit(i);
      if (misfit !== undefined) throw new BadRecord(record, path.slice(0, misfit).join('.'), 'a JSON object');
      const value = fields.value(i);
      if (value === undefined && !type.nullable) throw new BadRecord(record, path.join('.'), `${expected(type)}: it is null or missing, and the column is NOT NULL`);
      (nulls[i] as Uint8Array)[row] = value === undefined ? 1 : 0;
      if (value === undefined) any[i] = 1;
      const field = value === undefined ? undefined : value.startsWith('"') ? { text: JSON.parse(value) as string, isText: true } : { text: value, isText: false };
      if (!writeField(targets[i] as Column, type, row, field, text)) throw new BadRecord(record, path.join('.'), expected(type));
    }
  }
}

/** The text of bytes that are JSON; undefined when they are none. */
function jsonOf(bytes: Uint8Array): string | undefined {
  try {
    const text = strictUtf8.decode(bytes);
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

function expected(type: SqlType): string {
  const text = printType({ ...type, nullable: true });
  return `a${/^[AEIOU]/.test(text) ? 'n' : ''} ${text}`;
}

/** Writes one value; undefined is NULL. False when it does not fit. */
export function writeField(column: Column, type: SqlType, row: number, value: FieldValue | undefined, text: TextTarget): boolean {
  switch (column.layout) {
    case 'bytes': {
      if (!isText(type)) return false;
      // Of what is no text, its JSON as it stands in the record.
      const place = value === undefined || value.text === '' ? { offset: 0, length: 0 } : text.appendText(value.text);
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

/** White space around what a text says does not count. */
function wordOf({ text, isText: isQuoted }: FieldValue): string {
  return isQuoted ? text.trim() : text;
}

function booleanOf(value: FieldValue): boolean | undefined {
  const word = wordOf(value).toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

function doubleOf(value: FieldValue): number | undefined {
  const text = wordOf(value);
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(NaN|Infinity)$/.test(text) ? Number(text) : undefined;
}

function integerOf(value: FieldValue, type: SqlType): bigint | undefined {
  const text = wordOf(value);
  if (!isInteger(type) || !/^[+-]?\d+$/.test(text)) return undefined;
  const number = BigInt(text.replace('+', ''));
  const [low, high] = integerRange(type);
  return number >= low && number <= high ? number : undefined;
}

function dateOf(value: FieldValue): bigint | undefined {
  const days = value.isText ? parseDate(value.text) : undefined;
  return days === undefined ? undefined : BigInt(days);
}

function longOf(value: FieldValue, type: SqlType): bigint | undefined {
  if (type.kind === 'BIGINT') return integerOf(value, type);
  if (type.kind === 'DECIMAL') return decimalFromText(wordOf(value), type.precision, type.scale);
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') return undefined;
  const instant = value.isText ? parseTimestamp(value.text) : undefined;
  return instant === undefined ? undefined : BigInt(instant.millis);
}
