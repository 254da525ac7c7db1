import { printDecimal } from '../../core/decimal.ts';

/**
 * Writers of JSON values as bytes at a place of `out`, which `view` lies over and which has room. Each gives the place after what it
 * wrote; up to 8 bytes behind that place may be overwritten, for bytes are written a word or two at a time.
 */

const utf8 = new TextEncoder();

export function writeAscii(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** A whole number below 2^53. */
export function writeNumber(out: Uint8Array, view: DataView, at: number, value: number): number {
  let p = at;
  let rest = value;
  if (rest < 0) {
    out[p++] = 45;
    rest = -rest;
  }
  if (rest < 1e8) return writeSmall(view, p, rest | 0);
  const high = Math.floor(rest / 1e8);
  p = high < 1e8 ? writeSmall(view, p, high | 0) : writeNumber(out, view, p, high);
  return writeEight(view, p, (rest - high * 1e8) | 0);
}

/** The four digits of 0 to 9999 as a little-endian word. */
export const fourDigits = Int32Array.from({ length: 10_000 }, (_, value) => pair((value / 100) | 0) | (pair(value % 100) << 16));

/** A number from 0 to 99,999,999. Up to 3 bytes behind it are overwritten. */
export function writeSmall(view: DataView, at: number, value: number): number {
  if (value < 10_000) return writeFour(view, at, value);
  const high = (value / 10_000) | 0;
  const p = writeFour(view, at, high);
  view.setInt32(p, fourDigits[(value - Math.imul(high, 10_000)) | 0] as number, true);
  return (p + 4) | 0;
}

/** A number from 0 to 9999, without leading zeros. */
function writeFour(view: DataView, at: number, value: number): number {
  const zeros = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;
  view.setInt32(at, (fourDigits[value] as number) >>> (zeros << 3), true);
  return (at + 4 - zeros) | 0;
}

/** A number from 0 to 99,999,999 as eight digits. */
function writeEight(view: DataView, at: number, value: number): number {
  const high = (value / 10_000) | 0;
  view.setInt32(at, fourDigits[high] as number, true);
  view.setInt32((at + 4) | 0, fourDigits[(value - Math.imul(high, 10_000)) | 0] as number, true);
  return (at + 8) | 0;
}

/** 0 to 99 as two digits, the first in the low byte. */
export function pair(value: number): number {
  const ten = Math.imul(value, 103) >> 10;
  return 0x3030 + ten + ((value - Math.imul(ten, 10)) << 8);
}

/** Exactly `count` digits of a number below 10^9. */
export function writeDigits(out: Uint8Array, view: DataView, at: number, value: number, count: number): number {
  let rest = value | 0;
  let p = (at + count) | 0;
  const second = (at + 2) | 0;
  while (p >= second) {
    const next = (rest / 100) | 0;
    p = (p - 2) | 0;
    view.setUint16(p, pair((rest - Math.imul(next, 100)) | 0), true);
    rest = next;
  }
  if (p !== at) out[at] = 48 + (rest % 10);
  return (at + count) | 0;
}

/** A BIGINT from its two words. */
export function writeLong(out: Uint8Array, view: DataView, at: number, words: Int32Array, row: number): number {
  const high = words[2 * row + 1] as number;
  const low = words[2 * row] as number;
  if (high >= -2097152 && high < 2097152) return writeNumber(out, view, at, high * 4294967296 + (low >>> 0));
  return writeAscii(out, at, String((BigInt(high) << 32n) | BigInt(low >>> 0)));
}

/** A DECIMAL with `scale` digits after the point; `high` holds the upper halves of wide ones. */
export function writeDecimal(out: Uint8Array, view: DataView, at: number, words: Int32Array, highValues: BigInt64Array | undefined, values: BigInt64Array, row: number, scale: number): number {
  const high = words[2 * row + 1] as number;
  const isSmall = high >= -2097152 && high < 2097152 && (highValues === undefined || highValues[row] === (high < 0 ? -1n : 0n));
  if (!isSmall) {
    const unscaled = highValues === undefined ? (values[row] as bigint) : ((highValues[row] as bigint) << 64n) | BigInt.asUintN(64, values[row] as bigint);
    return writeAscii(out, at, printDecimal(unscaled, scale));
  }
  let value = high * 4294967296 + ((words[2 * row] as number) >>> 0);
  if (scale === 0) return writeNumber(out, view, at, value);
  let p = at;
  if (value < 0) {
    out[p++] = 45;
    value = -value;
  }
  if (scale > 9) return writeAscii(out, p, printDecimal(BigInt(value), scale));
  const unit = powers[scale] as number;
  const whole = Math.floor(value / unit);
  p = writeNumber(out, view, p, whole);
  out[p++] = 46;
  return writeDigits(out, view, p, value - whole * unit, scale);
}

/** A DECIMAL without trailing zeros. `isScientific`: those before the point become an exponent, as Java's BigDecimal.toString writes it. */
export function writeShortDecimal(out: Uint8Array, view: DataView, at: number, words: Int32Array, highValues: BigInt64Array | undefined, values: BigInt64Array, row: number, scale: number, isScientific: boolean): number {
  const high = words[2 * row + 1] as number;
  const isSmall = high >= -2097152 && high < 2097152 && (highValues === undefined || highValues[row] === (high < 0 ? -1n : 0n));
  if (isSmall) {
    let value = high * 4294967296 + ((words[2 * row] as number) >>> 0);
    if (value === 0) return writeNumber(out, view, at, 0);
    let left = scale;
    while (left > 0 && value % 10 === 0) {
      value /= 10;
      left--;
    }
    if (left === 0 && (!isScientific || value % 10 !== 0)) return writeNumber(out, view, at, value);
  }
  const unscaled = highValues === undefined ? (values[row] as bigint) : ((highValues[row] as bigint) << 64n) | BigInt.asUintN(64, values[row] as bigint);
  return writeAscii(out, at, decimalText(unscaled, scale, isScientific));
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

const powers = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** The shortest digits that read back as the same double; not-a-number and infinities as texts, as Flink writes them. */
export function writeDouble(out: Uint8Array, view: DataView, at: number, value: number): number {
  if (Number.isInteger(value) && value > -1e15 && value < 1e15) {
    if (value === 0 && 1 / value < 0) return writeAscii(out, at, '-0.0');
    const p = writeNumber(out, view, at, value);
    out[p] = 46;
    out[p + 1] = 48;
    return p + 2;
  }
  if (!Number.isFinite(value)) return writeAscii(out, at, `"${value}"`);
  const size = value < 0 ? -value : value;
  if (size < 1e9 && size >= 1e-3) {
    // A few digits after the point, if they are all there is: then they are the shortest.
    for (let digits = 1; digits <= 4; digits++) {
      const unit = powers[digits] as number;
      const scaled = Math.round(size * unit);
      if (scaled / unit !== size) continue;
      let p = at;
      if (value < 0) out[p++] = 45;
      const whole = Math.floor(scaled / unit);
      p = writeNumber(out, view, p, whole);
      out[p++] = 46;
      return writeDigits(out, view, p, scaled - whole * unit, digits);
    }
  }
  return writeAscii(out, at, String(value));
}

export function writeFloat(out: Uint8Array, view: DataView, at: number, value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return writeDouble(out, view, at, value);
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return writeAscii(out, at, String(short));
  }
  return writeAscii(out, at, String(value));
}

const hex = '0123456789abcdef';

/** A text, quoted and escaped. Needs room for 6 bytes a byte, two quotes and a word; reads up to 3 bytes behind the text. */
export function writeString(out: Uint8Array, view: DataView, at: number, heap: Uint8Array, heapView: DataView, offset: number, length: number): number {
  out[at] = 34;
  let p = (at + 1) | 0;
  let i = offset;
  const end = (offset + length) | 0;
  const whole = (end - 8) | 0;
  // Plain ASCII first, which needs the shorter test.
  for (; i <= whole; i = (i + 8) | 0, p = (p + 8) | 0) {
    const word = heapView.getInt32(i, true);
    const next = heapView.getInt32((i + 4) | 0, true);
    if (((marks(word) | word | marks(next) | next) & -2139062144) !== 0) break;
    view.setInt32(p, word, true);
    view.setInt32((p + 4) | 0, next, true);
  }
  for (; i + 4 <= end; i += 4, p += 4) {
    const word = heapView.getInt32(i, true);
    if ((marks(word) & ~word & -2139062144) !== 0) return writeEscaped(out, p, heap, i, end);
    view.setInt32(p, word, true);
  }
  if (i < end) {
    // The bytes behind the text are taken for spaces.
    const word = heapView.getInt32(i, true);
    const mask = -1 << ((end - i) << 3);
    const padded = (word & ~mask) | (0x20202020 & mask);
    if ((marks(padded) & ~padded & -2139062144) !== 0) return writeEscaped(out, p, heap, i, end);
    view.setInt32(p, word, true);
    p += end - i;
  }
  out[p] = 34;
  return p + 1;
}

/** A text that needs no escape, quoted. Needs room for its bytes, two quotes and 8 more; reads up to 7 bytes behind the text. */
export function writePlain(out: Uint8Array, view: DataView, at: number, heapView: DataView, offset: number, length: number): number {
  out[at] = 34;
  const start = (at + 1) | 0;
  const shift = (offset - start) | 0;
  const end = (start + length) | 0;
  for (let p = start; p < end; p = (p + 8) | 0) {
    view.setInt32(p, heapView.getInt32((p + shift) | 0, true), true);
    view.setInt32((p + 4) | 0, heapView.getInt32((p + shift + 4) | 0, true), true);
  }
  out[end] = 34;
  return (end + 1) | 0;
}

/**
 * Of each byte below 128 the top bit: set when the byte is a quote, a backslash or a control. With its second bit turned a byte is below
 * 33 when it is a control or a quote. Source: Henry S. Warren, "Hacker's Delight", 6-1.
 */
function marks(word: number): number {
  return ((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101);
}

/** The rest of a text from its first special byte on, and its closing quote. */
function writeEscaped(out: Uint8Array, at: number, heap: Uint8Array, offset: number, end: number): number {
  let p = at;
  for (let i = offset; i < end; i++) {
    const c = heap[i] as number;
    if (c >= 32 && c !== 34 && c !== 92) {
      out[p++] = c;
      continue;
    }
    out[p++] = 92;
    const short = c === 34 ? 34 : c === 92 ? 92 : c === 10 ? 110 : c === 13 ? 114 : c === 9 ? 116 : c === 8 ? 98 : c === 12 ? 102 : 0;
    if (short !== 0) {
      out[p++] = short;
      continue;
    }
    p = writeAscii(out, p, `u00${hex[c >> 4] ?? '0'}${hex[c & 15] ?? '0'}`);
  }
  out[p++] = 34;
  return p;
}

const digits64 = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (letter) => letter.charCodeAt(0));

/** Bytes as base64, quoted. Needs room for two bytes a byte and 8. */
export function writeBase64(out: Uint8Array, at: number, heap: Uint8Array, offset: number, length: number): number {
  let p = at;
  out[p++] = 34;
  const end = offset + length;
  for (let i = offset; i < end; i += 3) {
    const left = end - i;
    const three = ((heap[i] as number) << 16) | (left > 1 ? (heap[i + 1] as number) << 8 : 0) | (left > 2 ? (heap[i + 2] as number) : 0);
    out[p++] = digits64[three >> 18] as number;
    out[p++] = digits64[(three >> 12) & 63] as number;
    out[p++] = left > 1 ? (digits64[(three >> 6) & 63] as number) : 61;
    out[p++] = left > 2 ? (digits64[three & 63] as number) : 61;
  }
  out[p++] = 34;
  return p;
}

/** A field's name with its quotes and colon, as bytes. */
export function nameBytes(prefix: string, name: string): Uint8Array {
  return utf8.encode(`${prefix}${JSON.stringify(name)}:`);
}
