import type { BytesColumn, Column } from '../../../core/column.ts';
import { isText, type SqlType } from '../../../core/sql-type.ts';
import { daysFromCivil, isValidDate } from '../../../core/time.ts';
import { integerRange } from '../../../functions/cast-number.ts';
import { minuteOf, readBoolean, readDecimal, readDouble, readInt, readLong } from '../json/scan.ts';
import { isBase64, writeField } from '../json/slow.ts';

const two32 = 4294967296;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where the text of a field that is not UTF-8 as it stands goes is never asked: it does not fit. */
const noText = { appendText: (): never => { throw new TypeError('text is taken where it lies'); } };

/** Puts bytes behind the records, in the heap of the column, and gives their place. */
export type AppendBytes = (bytes: Uint8Array) => number;

/**
 * Reads the text heap[at .. end) into the column's row; false when it does not fit. Numbers and times in their usual forms make no objects;
 * the rest is read as JSON's texts are. White space around what is no text does not count.
 */
export function readText(heap: Uint8Array, at: number, end: number, column: Column, type: SqlType, row: number, append: AppendBytes): boolean {
  if (column.layout === 'bytes') {
    if (type.kind === 'BINARY' || type.kind === 'VARBINARY') return readBase64(heap, at, end, column, row, append);
    if (!isText(type)) return false;
    let bits = 0;
    for (let p = at; p < end; p++) bits |= heap[p] as number;
    if (bits > 127 && textOf(heap, at, end) === undefined) return false;
    column.offsets[row] = at;
    column.lengths[row] = end - at;
    return true;
  }
  let from = at;
  let to = end;
  while (from < to && (heap[from] as number) <= 32) from++;
  while (from < to && (heap[to - 1] as number) <= 32) to--;
  if (readPlain(heap, from, to, column, type, row)) return true;
  const text = textOf(heap, from, to);
  if (text === undefined) return false;
  // As Java's parseBoolean: what is not true is false.
  if (column.layout === 'u8') {
    column.values[row] = text.toLowerCase() === 'true' ? 1 : 0;
    return true;
  }
  return writeField(column, type, row, { text, isText: true }, noText);
}

function readPlain(heap: Uint8Array, at: number, end: number, column: Column, type: SqlType, row: number): boolean {
  if (at === end) return false;
  switch (column.layout) {
    case 'u8':
      return readBoolean(heap, at, column.values, row) === end;
    case 'i32':
      if (type.kind === 'TIME') return false;
      if (type.kind === 'DATE') return end - at === 10 && readDay(heap, at, column.values, row);
      return readInt(heap, at, column.values, row, Number(rangeOf(type)[0]), Number(rangeOf(type)[1])) === end;
    case 'f32':
    case 'f64':
      return readDouble(heap, at, column.values, row) === end;
    case 'i64':
      if (type.kind === 'BIGINT') return readLong(heap, at, column.words, row) === end;
      if (type.kind === 'DECIMAL') return readDecimal(heap, at, column.words, undefined, row, type.precision, type.scale) === end;
      return readTime(heap, at, end, column.words, row);
    case 'i128':
      return type.kind === 'DECIMAL' && readDecimal(heap, at, column.words, column.highWords, row, type.precision, type.scale) === end;
    default:
      return false;
  }
}

const ranges = new Map<SqlType['kind'], readonly [bigint, bigint]>();

function rangeOf(type: SqlType): readonly [bigint, bigint] {
  let range = ranges.get(type.kind);
  if (range === undefined) ranges.set(type.kind, (range = integerRange(type)));
  return range;
}

function digit(heap: Uint8Array, at: number): number {
  const value = (heap[at] as number) - 48;
  return value >= 0 && value <= 9 ? value : NaN;
}

/** `yyyy-MM-dd` as days. */
function readDay(heap: Uint8Array, at: number, values: Int32Array, row: number): boolean {
  const year = digit(heap, at) * 1000 + digit(heap, at + 1) * 100 + digit(heap, at + 2) * 10 + digit(heap, at + 3);
  const month = digit(heap, at + 5) * 10 + digit(heap, at + 6);
  const day = digit(heap, at + 8) * 10 + digit(heap, at + 9);
  if (heap[at + 4] !== 45 || heap[at + 7] !== 45 || !isValidDate(year, month, day)) return false;
  values[row] = daysFromCivil(year, month, day);
  return true;
}

/** `yyyy-MM-dd( |T)HH:mm:ss[.fff][Z]` as ms. */
function readTime(heap: Uint8Array, at: number, end: number, words: Int32Array, row: number): boolean {
  let to = end;
  if (heap[to - 1] === 90) to--;
  const length = to - at;
  if (length !== 19 && length !== 23) return false;
  const second = digit(heap, at + 17) * 10 + digit(heap, at + 18);
  const millis = length === 19 ? 0 : digit(heap, at + 20) * 100 + digit(heap, at + 21) * 10 + digit(heap, at + 22);
  if (heap[at + 16] !== 58 || !(second < 60) || (length === 23 && heap[at + 19] !== 46)) return false;
  const value = minuteOf(heap, at) + second * 1000 + millis;
  if (Number.isNaN(value)) return false;
  words[2 * row] = value;
  words[2 * row + 1] = Math.floor(value / two32);
  return true;
}

/** Bytes are base64, as Jackson writes them. */
function readBase64(heap: Uint8Array, at: number, end: number, column: BytesColumn, row: number, append: AppendBytes): boolean {
  const text = textOf(heap, at, end)?.trim();
  if (text === undefined || !isBase64(text)) return false;
  const bytes = Buffer.from(text, 'base64');
  column.offsets[row] = append(bytes);
  column.lengths[row] = bytes.length;
  return true;
}

function textOf(heap: Uint8Array, at: number, end: number): string | undefined {
  try {
    return utf8.decode(heap.subarray(at, end));
  } catch {
    return undefined;
  }
}
