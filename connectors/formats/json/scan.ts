import { daysFromCivil, isValidDate, msPerDay } from '../../../core/time.ts';
import { isFalse } from './skip.ts';

/**
 * Readers of JSON values at a place in a heap. Each writes the value into column arrays at `row` and gives the place after it, or -1 when
 * the value is none that it reads: the slow tier then decides. Needs: a zero byte somewhere behind the records, which ends every scan; a
 * caller checks the place it is given against the record's end.
 */

const two32 = 4294967296;

/** An integer of 64 bits, exact. */
export function readLong(heap: Uint8Array, at: number, words: Int32Array, row: number): number {
  let p = at;
  let c = heap[p] as number;
  const negative = c === 45;
  if (negative) c = heap[++p] as number;
  const start = p;
  let value = c - 48;
  if (value < 0 || value > 9) return -1;
  c = heap[++p] as number;
  if (value === 0 && c >= 48 && c <= 57) return -1;
  // Nine digits fit an int32; what follows is a double, exact to fifteen.
  const nine = start + 9;
  while (c >= 48 && c <= 57 && p < nine) {
    value = value * 10 + (c - 48);
    c = heap[++p] as number;
  }
  if (c < 48 || c > 57) {
    if (c === 46 || c === 101 || c === 69) return -1;
    const small = negative ? -value : value;
    words[2 * row] = small;
    words[2 * row + 1] = small >> 31;
    return p;
  }
  let long = value;
  while (c >= 48 && c <= 57) {
    long = long * 10 + (c - 48);
    c = heap[++p] as number;
  }
  if (c === 46 || c === 101 || c === 69) return -1;
  if (p - start > 15) return readLongExactly(heap, start, p, negative, words, row);
  const signed = negative ? -long : long;
  words[2 * row] = signed;
  words[2 * row + 1] = Math.floor(signed / two32);
  return p;
}

function readLongExactly(heap: Uint8Array, start: number, end: number, negative: boolean, words: Int32Array, row: number): number {
  if (end - start > 19) return -1;
  let value = 0n;
  for (let i = start; i < end; i++) value = value * 10n + BigInt((heap[i] as number) - 48);
  if (negative) value = -value;
  if (value !== BigInt.asIntN(64, value)) return -1;
  words[2 * row] = Number(BigInt.asIntN(32, value));
  words[2 * row + 1] = Number(value >> 32n);
  return end;
}

/** An integer between `low` and `high`, within 32 bits. */
export function readInt(heap: Uint8Array, at: number, values: Int32Array, row: number, low: number, high: number): number {
  let p = at;
  let c = heap[p] as number;
  const negative = c === 45;
  if (negative) c = heap[++p] as number;
  const start = p;
  let value = c - 48;
  if (value < 0 || value > 9) return -1;
  c = heap[++p] as number;
  if (value === 0 && c >= 48 && c <= 57) return -1;
  while (c >= 48 && c <= 57) {
    value = value * 10 + (c - 48);
    c = heap[++p] as number;
  }
  if (p - start > 10 || c === 46 || c === 101 || c === 69) return -1;
  if (negative) value = -value;
  if (value < low || value > high) return -1;
  values[row] = value;
  return p;
}

const tens = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const latin1 = new TextDecoder('latin1');

/** A number as the nearest double. Source of the exact fast path: William D. Clinger, "How to Read Floating Point Numbers Accurately". */
export function readDouble(heap: Uint8Array, at: number, values: Float64Array | Float32Array, row: number): number {
  let p = at;
  let c = heap[p] as number;
  const negative = c === 45;
  if (negative) c = heap[++p] as number;
  const start = p;
  let mantissa = c - 48;
  if (mantissa < 0 || mantissa > 9) return -1;
  c = heap[++p] as number;
  if (mantissa === 0 && c >= 48 && c <= 57) return -1;
  while (c >= 48 && c <= 57) {
    mantissa = mantissa * 10 + (c - 48);
    c = heap[++p] as number;
  }
  let digits = p - start;
  let fraction = 0;
  if (c === 46) {
    const from = ++p;
    c = heap[p] as number;
    while (c >= 48 && c <= 57) {
      mantissa = mantissa * 10 + (c - 48);
      c = heap[++p] as number;
    }
    fraction = p - from;
    if (fraction === 0) return -1;
    digits += fraction;
  }
  let exponent = 0;
  if (c === 101 || c === 69) {
    c = heap[++p] as number;
    const down = c === 45;
    if (c === 45 || c === 43) c = heap[++p] as number;
    const from = p;
    while (c >= 48 && c <= 57) {
      exponent = Math.min(9999, exponent * 10 + (c - 48));
      c = heap[++p] as number;
    }
    if (p === from) return -1;
    if (down) exponent = -exponent;
  }
  const scale = exponent - fraction;
  let value: number;
  if (digits <= 15 && scale >= -22 && scale <= 22) value = scale < 0 ? mantissa / (tens[-scale] as number) : mantissa * (tens[scale] as number);
  else value = Number(latin1.decode(heap.subarray(start, p)));
  values[row] = negative ? -value : value;
  return p;
}

/**
 * A decimal whose digits fit: at most `scale` after the point (more are left to the slow tier, which rounds), at most 15 in all. It has
 * digit loops of its own: one function for both, measured, made decimals a sixth slower.
 */
export function readDecimal(heap: Uint8Array, at: number, words: Int32Array, highWords: Int32Array | undefined, row: number, precision: number, scale: number): number {
  let p = at;
  let c = heap[p] as number;
  const negative = c === 45;
  if (negative) c = heap[++p] as number;
  const start = p;
  let value = c - 48;
  if (value < 0 || value > 9) return -1;
  c = heap[++p] as number;
  if (value === 0 && c >= 48 && c <= 57) return -1;
  while (c >= 48 && c <= 57) {
    value = value * 10 + (c - 48);
    c = heap[++p] as number;
  }
  const whole = p - start;
  let fraction = 0;
  if (c === 46) {
    const from = ++p;
    c = heap[p] as number;
    while (c >= 48 && c <= 57) {
      value = value * 10 + (c - 48);
      c = heap[++p] as number;
    }
    fraction = p - from;
    if (fraction === 0) return -1;
  }
  if (c === 101 || c === 69 || fraction > scale || whole + scale > 15 || whole > precision - scale) return -1;
  value *= tens[scale - fraction] as number;
  if (negative) value = 0 - value;
  words[2 * row] = value;
  words[2 * row + 1] = Math.floor(value / two32);
  if (highWords !== undefined) highWords[2 * row] = highWords[2 * row + 1] = value < 0 ? -1 : 0;
  return p;
}

/** true or false, as 1 or 0. */
export function readBoolean(heap: Uint8Array, at: number, values: Uint8Array, row: number): number {
  if (heap[at] === 116 && heap[at + 1] === 114 && heap[at + 2] === 117 && heap[at + 3] === 101) {
    values[row] = 1;
    return at + 4;
  }
  if (isFalse(heap, at)) {
    values[row] = 0;
    return at + 5;
  }
  return -1;
}

function digits2(heap: Uint8Array, at: number): number {
  const a = (heap[at] as number) - 48;
  const b = (heap[at + 1] as number) - 48;
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : -1;
}

/** `yyyy-MM-dd( |T)HH:mm` as ms since 1970, or not-a-number when the text is none or names a minute that does not exist. */
export function minuteOf(heap: Uint8Array, at: number): number {
  const century = digits2(heap, at);
  const ofCentury = digits2(heap, at + 2);
  const month = digits2(heap, at + 5);
  const day = digits2(heap, at + 8);
  const hour = digits2(heap, at + 11);
  const minute = digits2(heap, at + 14);
  const separator = heap[at + 10];
  if ((century | ofCentury | month | day | hour | minute) < 0) return NaN;
  if (heap[at + 4] !== 45 || heap[at + 7] !== 45 || (separator !== 32 && separator !== 84) || heap[at + 13] !== 58) return NaN;
  const year = century * 100 + ofCentury;
  if (!isValidDate(year, month, day) || hour > 23 || minute > 59) return NaN;
  return daysFromCivil(year, month, day) * msPerDay + (hour * 60 + minute) * 60_000;
}

/** `"yyyy-MM-dd( |T)HH:mm:ss[.f{1,3}][Z]"` as ms. Other forms (offsets, more digits) are left to the slow tier. */
export function readTimestamp(heap: Uint8Array, at: number, words: Int32Array, row: number): number {
  if (heap[at] !== 34) return -1;
  const minute = minuteOf(heap, at + 1);
  const second = digits2(heap, at + 18);
  if (Number.isNaN(minute) || heap[at + 17] !== 58 || second < 0 || second > 59) return -1;
  let p = at + 20;
  let millis = 0;
  let c = heap[p] as number;
  if (c === 46) {
    let scale = 100;
    c = heap[++p] as number;
    const from = p;
    while (c >= 48 && c <= 57) {
      millis += (c - 48) * scale;
      scale /= 10;
      c = heap[++p] as number;
    }
    if (p === from || p - from > 3) return -1;
  }
  if (c === 90) c = heap[++p] as number;
  if (c !== 34) return -1;
  const value = minute + second * 1000 + millis;
  words[2 * row] = value;
  words[2 * row + 1] = Math.floor(value / two32);
  return p + 1;
}

/** As `readTimestamp` with up to nine digits, which are cut to multiples of `unit` nanoseconds: ms, and the nanoseconds within the ms. */
export function readNanoTimestamp(heap: Uint8Array, at: number, words: Int32Array, nanos: Int32Array, row: number, unit: number): number {
  if (heap[at] !== 34) return -1;
  const minute = minuteOf(heap, at + 1);
  const second = digits2(heap, at + 18);
  if (Number.isNaN(minute) || heap[at + 17] !== 58 || second < 0 || second > 59) return -1;
  let p = at + 20;
  let fraction = 0;
  let c = heap[p] as number;
  if (c === 46) {
    let scale = 100_000_000;
    c = heap[++p] as number;
    const from = p;
    while (c >= 48 && c <= 57) {
      fraction += (c - 48) * scale;
      scale /= 10;
      c = heap[++p] as number;
    }
    if (p === from || p - from > 9) return -1;
  }
  if (c === 90) c = heap[++p] as number;
  if (c !== 34) return -1;
  const kept = fraction - (fraction % unit);
  const value = minute + second * 1000 + Math.floor(kept / 1_000_000);
  words[2 * row] = value;
  words[2 * row + 1] = Math.floor(value / two32);
  nanos[row] = kept % 1_000_000;
  return p + 1;
}

/** `"yyyy-MM-dd"` as days. */
export function readDate(heap: Uint8Array, at: number, values: Int32Array, row: number): number {
  const century = digits2(heap, at + 1);
  const ofCentury = digits2(heap, at + 3);
  const month = digits2(heap, at + 6);
  const day = digits2(heap, at + 9);
  if ((century | ofCentury | month | day) < 0 || heap[at] !== 34 || heap[at + 5] !== 45 || heap[at + 8] !== 45 || heap[at + 11] !== 34) return -1;
  const year = century * 100 + ofCentury;
  if (!isValidDate(year, month, day)) return -1;
  values[row] = daysFromCivil(year, month, day);
  return at + 12;
}
