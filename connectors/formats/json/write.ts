import { printDecimal } from '../../../core/decimal.ts';
import { civilFromDays, msPerDay } from '../../../core/time.ts';

/** Writers of JSON values as bytes at a place of `out`, which has room. Each gives the place after what it wrote. */

const utf8 = new TextEncoder();

export function writeAscii(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** A whole number below 2^53. */
export function writeNumber(out: Uint8Array, at: number, value: number): number {
  let p = at;
  let rest = value;
  if (rest < 0) {
    out[p++] = 45;
    rest = -rest;
  }
  if (rest < 1e9) return writeDigits(out, p, rest, digitCount(rest));
  const high = Math.floor(rest / 1e9);
  p = high < 1e9 ? writeDigits(out, p, high, digitCount(high)) : writeNumber(out, p, high);
  return writeDigits(out, p, rest - high * 1e9, 9);
}

function digitCount(value: number): number {
  return value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : value < 100000 ? 5 : value < 1000000 ? 6 : value < 10000000 ? 7 : value < 100000000 ? 8 : 9;
}

/** Exactly `count` digits of a number below 10^9. */
function writeDigits(out: Uint8Array, at: number, value: number, count: number): number {
  let rest = value | 0;
  for (let p = at + count - 1; p >= at; p--) {
    const next = (rest / 10) | 0;
    out[p] = 48 + rest - next * 10;
    rest = next;
  }
  return at + count;
}

/** A BIGINT from its two words. */
export function writeLong(out: Uint8Array, at: number, words: Int32Array, row: number): number {
  const high = words[2 * row + 1] as number;
  const low = words[2 * row] as number;
  if (high >= -2097152 && high < 2097152) return writeNumber(out, at, high * 4294967296 + (low >>> 0));
  return writeAscii(out, at, String((BigInt(high) << 32n) | BigInt(low >>> 0)));
}

/** A DECIMAL with `scale` digits after the point; `high` holds the upper halves of wide ones. */
export function writeDecimal(out: Uint8Array, at: number, words: Int32Array, highValues: BigInt64Array | undefined, values: BigInt64Array, row: number, scale: number): number {
  const high = words[2 * row + 1] as number;
  const isSmall = high >= -2097152 && high < 2097152 && (highValues === undefined || highValues[row] === (high < 0 ? -1n : 0n));
  if (!isSmall) {
    const unscaled = highValues === undefined ? (values[row] as bigint) : ((highValues[row] as bigint) << 64n) | BigInt.asUintN(64, values[row] as bigint);
    return writeAscii(out, at, printDecimal(unscaled, scale));
  }
  let value = high * 4294967296 + ((words[2 * row] as number) >>> 0);
  if (scale === 0) return writeNumber(out, at, value);
  let p = at;
  if (value < 0) {
    out[p++] = 45;
    value = -value;
  }
  if (scale > 9) return writeAscii(out, p, printDecimal(BigInt(value), scale));
  const unit = powers[scale] as number;
  const whole = Math.floor(value / unit);
  p = writeNumber(out, p, whole);
  out[p++] = 46;
  return writeDigits(out, p, value - whole * unit, scale);
}

const powers = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** The shortest digits that read back as the same double; not-a-number and infinities as texts, as Flink writes them. */
export function writeDouble(out: Uint8Array, at: number, value: number): number {
  if (Number.isInteger(value) && value > -1e15 && value < 1e15) {
    if (value === 0 && 1 / value < 0) return writeAscii(out, at, '-0.0');
    const p = writeNumber(out, at, value);
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
      p = writeNumber(out, p, whole);
      out[p++] = 46;
      return writeDigits(out, p, scaled - whole * unit, digits);
    }
  }
  return writeAscii(out, at, String(value));
}

export function writeFloat(out: Uint8Array, at: number, value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return writeDouble(out, at, value);
  for (let digits = 6; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return writeAscii(out, at, String(short));
  }
  return writeAscii(out, at, String(value));
}

const hex = '0123456789abcdef';

/** A text, quoted and escaped. Needs room for 6 bytes a byte, and two quotes. */
export function writeString(out: Uint8Array, at: number, heap: Uint8Array, offset: number, length: number): number {
  let p = at;
  out[p++] = 34;
  const end = offset + length;
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

let lastDays = NaN;
const lastDate = new Uint8Array(10);

/** `"yyyy-MM-dd HH:mm:ss[.fff]"` with a trailing Z for TIMESTAMP_LTZ; the fraction without trailing zeros, as Flink writes it. */
export function writeTimestamp(out: Uint8Array, at: number, words: Int32Array, row: number, isLtz: boolean, isIso: boolean): number {
  const millis = (words[2 * row + 1] as number) * 4294967296 + ((words[2 * row] as number) >>> 0);
  const days = Math.floor(millis / msPerDay);
  let rest = millis - days * msPerDay;
  let p = at;
  out[p++] = 34;
  p = writeDate(out, p, days);
  out[p++] = isIso ? 84 : 32;
  const hours = Math.floor(rest / 3_600_000);
  rest -= hours * 3_600_000;
  const minutes = Math.floor(rest / 60_000);
  rest -= minutes * 60_000;
  const seconds = Math.floor(rest / 1000);
  rest -= seconds * 1000;
  p = writeDigits(out, p, hours, 2);
  out[p++] = 58;
  p = writeDigits(out, p, minutes, 2);
  out[p++] = 58;
  p = writeDigits(out, p, seconds, 2);
  if (rest !== 0) {
    out[p++] = 46;
    p = writeDigits(out, p, rest, 3);
    while (out[p - 1] === 48) p--;
  }
  if (isLtz) out[p++] = 90;
  out[p++] = 34;
  return p;
}

function writeDate(out: Uint8Array, at: number, days: number): number {
  if (days !== lastDays) {
    const { year, month, day } = civilFromDays(days);
    lastDays = days;
    writeDigits(lastDate, 0, year, 4);
    lastDate[4] = 45;
    writeDigits(lastDate, 5, month, 2);
    lastDate[7] = 45;
    writeDigits(lastDate, 8, day, 2);
  }
  for (let i = 0; i < 10; i++) out[at + i] = lastDate[i] as number;
  return at + 10;
}

export function writeDay(out: Uint8Array, at: number, days: number): number {
  out[at] = 34;
  const p = writeDate(out, at + 1, days);
  out[p] = 34;
  return p + 1;
}

/** A field's name with its quotes and colon, as bytes. */
export function nameBytes(prefix: string, name: string): Uint8Array {
  return utf8.encode(`${prefix}${JSON.stringify(name)}:`);
}
