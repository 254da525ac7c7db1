import { printDecimal } from '../../../core/decimal.ts';
import * as json from '../json/write.ts';
import { writeDay, writeTimestamp, type MinuteText } from '../json/write-time.ts';

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

export function writeDate(out: Uint8Array, at: number, days: number, quoting: Quoting): number {
  const end = writeDay(scratch, scratchView, 0, days);
  return writeText(out, at, scratch, 1, end - 2, quoting);
}

/** FLOAT or DOUBLE: JSON quotes what is no number, CSV does not. */
export function writeReal(out: Uint8Array, view: DataView, at: number, value: number, isFloat: boolean): number {
  if (!Number.isFinite(value)) return json.writeAscii(out, at, String(value));
  return isFloat ? json.writeFloat(out, view, at, value) : json.writeDouble(out, view, at, value);
}

/** A DECIMAL without trailing zeros. `isScientific`: those before the point become an exponent, as Java's BigDecimal.toString writes it. */
export function writeDecimal(out: Uint8Array, view: DataView, at: number, words: Int32Array, highValues: BigInt64Array | undefined, values: BigInt64Array, row: number, scale: number, isScientific: boolean): number {
  const high = words[2 * row + 1] as number;
  const isSmall = high >= -2097152 && high < 2097152 && (highValues === undefined || highValues[row] === (high < 0 ? -1n : 0n));
  if (isSmall) {
    let value = high * 4294967296 + ((words[2 * row] as number) >>> 0);
    if (value === 0) return json.writeNumber(out, view, at, 0);
    let left = scale;
    while (left > 0 && value % 10 === 0) {
      value /= 10;
      left--;
    }
    if (left === 0 && (!isScientific || value % 10 !== 0)) return json.writeNumber(out, view, at, value);
  }
  const unscaled = highValues === undefined ? (values[row] as bigint) : ((highValues[row] as bigint) << 64n) | BigInt.asUintN(64, values[row] as bigint);
  return json.writeAscii(out, at, decimalText(unscaled, scale, isScientific));
}

function decimalText(unscaled: bigint, scale: number, isScientific: boolean): string {
  let value = unscaled;
  let left = scale;
  while ((left > 0 || isScientific) && value !== 0n && value % 10n === 0n) {
    value /= 10n;
    left--;
  }
  if (!isScientific) return printDecimal(value, left);
  const digits = String(value < 0n ? -value : value);
  const exponent = digits.length - 1 - left;
  if (left >= 0 && exponent >= -6) return printDecimal(value, left);
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${value < 0n ? '-' : ''}${mantissa}E${exponent < 0 ? '' : '+'}${exponent}`;
}
