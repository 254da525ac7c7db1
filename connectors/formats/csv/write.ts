import * as json from '../write-value.ts';
import { writeClock, writeDay, writeNanoTimestamp, writeTimestamp, type MinuteText } from '../write-time.ts';

/** Writers of fields: each writes at a place and gives the place behind. Up to 8 bytes behind may be overwritten. */

/** What decides about quotes; -1 where there is no such character. */
export interface Quoting {
  readonly quote: number;
  readonly escape: number;
  /** Text with a byte below it is quoted. */
  readonly safe: number;
}

/** Text longer than this is quoted without a look at it. Source: Jackson's CsvEncoder, which Flink writes CSV with. */
const longestUnquoted = 24;

/** As Jackson: the greatest of the characters that tell fields apart, and 1. */
export function quotingOf({ delimiter, quote, escape }: { readonly delimiter: number; readonly quote: number; readonly escape: number }): Quoting {
  return { quote, escape, safe: Math.max(delimiter, quote, escape, 13) + 1 };
}

/** A text, quoted where it may have to be. Needs room for two bytes a byte and two quotes. */
export function writeText(out: Uint8Array, at: number, heap: Uint8Array, offset: number, length: number, { quote, escape, safe }: Quoting): number {
  const end = offset + length;
  let isQuoted = false;
  if (quote >= 0) {
    let units = 0;
    for (let i = offset; i < end; i++) {
      const c = heap[i] as number;
      if (c < safe) isQuoted = true;
      // UTF-16 units, which Jackson counts: one for each character, two for those of four bytes.
      if ((c & 0xc0) !== 0x80) units += c >= 0xf0 ? 2 : 1;
    }
    if (units > longestUnquoted) isQuoted = true;
  }
  let p = at;
  if (!isQuoted) {
    for (let i = offset; i < end; i++) out[p++] = heap[i] as number;
    return p;
  }
  out[p++] = quote;
  for (let i = offset; i < end; i++) {
    const c = heap[i] as number;
    if (c === quote || c === escape) out[p++] = c;
    out[p++] = c;
  }
  out[p++] = quote;
  return p;
}

const scratch = new Uint8Array(128);
const scratchView = new DataView(scratch.buffer);

/** JSON's text of a time without its quotes, as a field. */
export function writeTime(out: Uint8Array, at: number, words: Int32Array, row: number, isLtz: boolean, minute: MinuteText, quoting: Quoting): number {
  const end = writeTimestamp(scratch, scratchView, 0, words, row, isLtz, minute);
  return writeText(out, at, scratch, 1, end - 2, quoting);
}

/** As `writeTime` with the nanoseconds within the ms. */
export function writeNanoTime(out: Uint8Array, at: number, words: Int32Array, nanos: Int32Array, row: number, isLtz: boolean, minute: MinuteText, quoting: Quoting): number {
  const end = writeNanoTimestamp(scratch, scratchView, 0, words, nanos, row, isLtz, minute);
  return writeText(out, at, scratch, 1, end - 2, quoting);
}

export function writeClockTime(out: Uint8Array, at: number, millis: number, quoting: Quoting): number {
  const end = writeClock(scratch, 0, millis);
  return writeText(out, at, scratch, 1, end - 2, quoting);
}

/** Bytes as base64, quoted as text is. Needs room for two bytes a byte and 56 more. */
export function writeBytes(out: Uint8Array, at: number, heap: Uint8Array, offset: number, length: number, quoting: Quoting): number {
  const digits = new Uint8Array(Math.ceil(length / 3) * 4 + 2);
  const end = json.writeBase64(digits, 0, heap, offset, length);
  return writeText(out, at, digits, 1, end - 2, quoting);
}

export function writeDate(out: Uint8Array, at: number, days: number, quoting: Quoting): number {
  const end = writeDay(scratch, scratchView, 0, days);
  return writeText(out, at, scratch, 1, end - 2, quoting);
}

/** FLOAT or DOUBLE: JSON quotes what is no number, CSV does not. */
export function writeReal(out: Uint8Array, view: DataView, at: number, value: number, isFloat: boolean): number {
  if (!Number.isFinite(value)) return json.writeAscii(out, at, String(value));
  return isFloat ? json.writeFloat(out, view, at, value) : json.writeDouble(out, view, at, value);
}
