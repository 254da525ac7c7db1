import { allocateColumn, type BytesColumn, type Column } from '../../../core/column.ts';
import { decimalFromText } from '../../../core/decimal.ts';
import { layoutOf } from '../../../core/layout.ts';
import { isInteger, isStructured, isText, printType, type SqlType } from '../../../core/sql-type.ts';
import { parseDate, parseTime, parseTimestamp } from '../../../core/time.ts';
import { BadRecord, type BadRecordMode } from '../../../catalog/bad-record.ts';
import type { DecoderListener, ReadColumn } from '../../../catalog/format.ts';
import { integerRange } from '../../../functions/cast-number.ts';
import { readValue, type SqlValue } from '../../../core/value.ts';
import type { EpochReader } from './epoch.ts';
import { RawFields } from './raw-fields.ts';
import { readStructured, type NullPart } from './read-structured.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface SlowTierOptions {
  readonly bad?: BadRecordMode | undefined;
  /** A field that is not there, not even as null, does not fit. */
  readonly failsOnMissing?: boolean | undefined;
}

/** Where the slow tier puts text: the batch's heap, which it may grow. */
export interface TextTarget {
  appendText(text: string): { readonly offset: number; readonly length: number };
  /** Absent where no structured values are read. */
  appendBytes?(bytes: Uint8Array): { readonly offset: number; readonly length: number };
  /** What numbers mean in a TIMESTAMP_LTZ; absent where they are none. */
  readonly epoch?: EpochReader | undefined;
  /** Told of a part of a structured value that does not fit and is NULL; absent where the whole does not fit then. */
  readonly nullPart?: NullPart;
  /** True: a ROW without one of its fields does not fit. */
  readonly failsOnMissing?: boolean;
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
  readonly #mode: BadRecordMode;
  readonly #failsOnMissing: boolean;
  listener: DecoderListener | undefined;

  constructor(columns: readonly ReadColumn[], { bad = 'stop', failsOnMissing = false }: SlowTierOptions = {}) {
    this.#columns = columns;
    this.#fields = new RawFields(columns);
    this.#mode = bad;
    this.#failsOnMissing = failsOnMissing;
  }

  /** Decodes heap[at .. end) into `row`. `record` is its number, for the error. */
  decode(heap: Uint8Array, at: number, end: number, row: number, record: number, targets: readonly Column[], nulls: readonly Uint8Array[], any: Uint8Array, text: TextTarget): void {
    const fields = this.#fields;
    let json: string;
    try {
      json = jsonOf(heap.subarray(at, end));
    } catch (error) {
      // What the system says of it shows the place.
      throw this.#bad(record, undefined, 'JSON', error instanceof Error ? error.message : undefined);
    }
    if (!json.trimStart().startsWith('{')) throw this.#bad(record, undefined, 'a JSON object');
    fields.find(json);
    for (const [i, { path, type }] of this.#columns.entries()) {
      const misfit = fields.misfit(i);
      let value = fields.value(i);
      if (misfit !== undefined) {
        this.#misfit(record, path.slice(0, misfit).join('.'), 'a JSON object');
        value = undefined;
      } else if (this.#failsOnMissing && !fields.isThere(i)) throw this.#bad(record, path.join('.'), `${expected(type)}: it is missing`);
      let field = value === undefined ? undefined : value.startsWith('"') ? { text: JSON.parse(value) as string, isText: true } : { text: value, isText: false };
      const target = targets[i] as Column;
      const into = this.#mode === 'null-fields' && isStructured(type) ? { ...text, nullPart: (part: SqlType) => this.#misfit(record, path.join('.'), `${expected(type)}: a part is not ${expected(part)}`) } : text;
      if (field !== undefined && !writeField(target, type, row, field, into)) {
        this.#misfit(record, path.join('.'), expected(type), value);
        field = undefined;
      }
      if (field === undefined) {
        if (!type.nullable) throw this.#bad(record, path.join('.'), `${expected(type)}: it is null or missing, and the column is NOT NULL`);
        if (!writeField(target, type, row, undefined, text)) throw this.#bad(record, path.join('.'), expected(type));
        any[i] = 1;
      }
      (nulls[i] as Uint8Array)[row] = field === undefined ? 1 : 0;
    }
  }

  #bad(record: number, column: string | undefined, expectedText: string, found?: string): BadRecord {
    return new BadRecord(record, column, expectedText, this.#mode === 'stop' ? 'stop' : 'leave-out', found);
  }

  /** Of a field that becomes NULL where the options say so. */
  #misfit(record: number, column: string, expectedText: string, found?: string): void {
    const bad = this.#bad(record, column, expectedText, found);
    if (this.#mode !== 'null-fields') throw bad;
    this.listener?.nulled(bad);
  }
}

/** The text of bytes that are JSON. Throws SyntaxError, or TypeError for what is no UTF-8. */
function jsonOf(bytes: Uint8Array): string {
  const text = strictUtf8.decode(bytes);
  JSON.parse(text);
  return text;
}

function expected(type: SqlType): string {
  const text = printType({ ...type, nullable: true });
  const forms = type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ' ? `, as "2026-01-02 03:04:05.6" or "2026-01-02T03:04:05.6Z"${type.kind === 'TIMESTAMP' ? '' : ' or a number'}` : '';
  return `a${/^[AEIOU]/.test(text) ? 'n' : ''} ${text}${forms}`;
}

/** Writes one value; undefined is NULL. False when it does not fit. */
export function writeField(column: Column, type: SqlType, row: number, value: FieldValue | undefined, text: TextTarget): boolean {
  switch (column.layout) {
    case 'bytes': {
      if (isStructured(type)) return writeStructured(column, type, row, value, text);
      if (type.kind === 'BINARY' || type.kind === 'VARBINARY') return writeBytes(column, row, value, text);
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
      const number = value === undefined ? 0n : type.kind === 'DATE' ? dateOf(value) : type.kind === 'TIME' ? timeOf(value, type.precision) : integerOf(value, type);
      column.values[row] = Number(number ?? 0n);
      return number !== undefined;
    }
    case 'i64':
    case 'i128': {
      const number = value === undefined ? 0n : longOf(value, type, text.epoch);
      column.values[row] = BigInt.asIntN(64, number ?? 0n);
      if (column.layout === 'i128') column.high[row] = BigInt.asIntN(64, (number ?? 0n) >> 64n);
      return number !== undefined;
    }
    case 'i64n': {
      const instant = value === undefined ? { millis: 0, nanos: 0 } : instantOf(value, type, text.epoch);
      column.values[row] = BigInt(instant?.millis ?? 0);
      column.nanos[row] = instant?.nanos ?? 0;
      return instant !== undefined;
    }
    default:
      return false;
  }
}

/** Bytes are base64 in JSON, as Jackson writes them. */
function writeBytes(column: BytesColumn, row: number, value: FieldValue | undefined, text: TextTarget): boolean {
  const isGood = value === undefined || (value.isText && isBase64(value.text));
  const bytes = value === undefined || !isGood ? new Uint8Array(0) : Buffer.from(value.text, 'base64');
  const place = bytes.length === 0 || text.appendBytes === undefined ? { offset: 0, length: 0 } : text.appendBytes(bytes);
  column.offsets[row] = place.offset;
  column.lengths[row] = place.length;
  return isGood;
}

export function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text);
}

function writeStructured(column: BytesColumn, type: SqlType, row: number, value: FieldValue | undefined, text: TextTarget): boolean {
  const bytes = value === undefined || value.isText ? undefined : readNested(value.text, type, text.epoch, text);
  if (value !== undefined && bytes === undefined) return false;
  const place = bytes === undefined || text.appendBytes === undefined ? { offset: 0, length: 0 } : text.appendBytes(bytes);
  column.offsets[row] = place.offset;
  column.lengths[row] = place.length;
  return true;
}

/** The encoding of the JSON of an array or an object; undefined when it does not fit. */
export function readNested(json: string, type: SqlType, epoch: EpochReader | undefined, { nullPart, failsOnMissing }: Pick<TextTarget, 'nullPart' | 'failsOnMissing'>): Uint8Array | undefined {
  return readStructured(json, type, { leaf: (part, of) => leafOf(part, of, epoch), nullPart, failsOnMissing });
}

/** A value within a structured one; undefined when it does not fit. */
function leafOf(value: FieldValue, type: SqlType, epoch: EpochReader | undefined): SqlValue | undefined {
  if (isText(type)) return value.text;
  if (type.kind === 'BINARY' || type.kind === 'VARBINARY') return value.isText && isBase64(value.text) ? Buffer.from(value.text, 'base64') : undefined;
  const column = allocateColumn(layoutOf(type), 1);
  return writeField(column, type, 0, value, { appendText: () => nowhere, ...(epoch !== undefined && { epoch }) }) ? readValue(column, type, 0) : undefined;
}

const nowhere = { offset: 0, length: 0 };

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
  if (!isInteger(type)) return undefined;
  const number = /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : value.isText ? undefined : wholeOf(text);
  if (number === undefined) return undefined;
  const [low, high] = integerRange(type);
  return number >= low && number <= high ? number : undefined;
}

/** A whole number that is written with a fraction or an exponent, as 1.0 and 15e1 are; undefined for any other. */
function wholeOf(text: string): bigint | undefined {
  const [, sign = '', before = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${before}${fraction}`.replace(/^0+/, '');
  const zeros = Number(exponent) - fraction.length;
  if (digits === '') return before === '' ? undefined : 0n;
  // More digits than these have no place in a BIGINT.
  if (zeros >= 0) return digits.length + zeros > 19 ? undefined : BigInt(`${sign}${digits}${'0'.repeat(zeros)}`);
  const end = digits.length + zeros;
  return end <= 0 || /[^0]/.test(digits.slice(end)) ? undefined : BigInt(`${sign}${digits.slice(0, end)}`);
}

function dateOf(value: FieldValue): bigint | undefined {
  const days = value.isText ? parseDate(value.text) : undefined;
  return days === undefined ? undefined : BigInt(days);
}

function timeOf(value: FieldValue, precision: number): bigint | undefined {
  const millis = value.isText ? parseTime(value.text.replace(/Z$/, '')) : undefined;
  return millis === undefined ? undefined : BigInt(millis - (millis % 10 ** (3 - Math.min(3, precision))));
}

/** Digits beyond the type's are cut off. */
function instantOf(value: FieldValue, type: SqlType, epoch: EpochReader | undefined): { readonly millis: number; readonly nanos: number } | undefined {
  if (type.kind !== 'TIMESTAMP' && type.kind !== 'TIMESTAMP_LTZ') return undefined;
  const isNumber = !value.isText && type.kind === 'TIMESTAMP_LTZ' && /^-?[\d.eE+-]+$/.test(value.text) && Math.abs(Number(value.text)) < 1e17;
  const instant = value.isText ? parseTimestamp(value.text) : isNumber ? epoch?.instantOf(Number(value.text)) : undefined;
  return instant === undefined ? undefined : { millis: instant.millis, nanos: instant.nanos - (instant.nanos % 10 ** (9 - type.precision)) };
}

function longOf(value: FieldValue, type: SqlType, epoch: EpochReader | undefined): bigint | undefined {
  if (type.kind === 'BIGINT') return integerOf(value, type);
  if (type.kind === 'DECIMAL') return decimalFromText(wordOf(value), type.precision, type.scale);
  const instant = instantOf(value, type, epoch);
  return instant === undefined ? undefined : BigInt(instant.millis);
}
