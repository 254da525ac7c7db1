import { daysFromCivil, isValidDate, msPerDay } from '../../../core/time.ts';

/**
 * Readers of JSON values at a place in a heap. Each writes the value into column arrays at `row` and gives the place after it, or -1 when
 * the value is none that it reads: the slow tier then decides. None of them looks behind the value; the heap ends with 8 readable bytes.
 */

const two32 = 4294967296;

export function skipSpace(heap: Uint8Array, at: number): number {
  let p = at;
  for (let c = heap[p]; c === 32 || c === 10 || c === 13 || c === 9; c = heap[++p]);
  return p;
}

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

/** A decimal whose digits fit: at most `scale` after the point (more are left to the slow tier, which rounds), at most 15 in all. */
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

/** A text without escapes: its place in the heap. Anything beyond ASCII is checked to be UTF-8. */
export function readString(heap: Uint8Array, at: number, offsets: Int32Array, lengths: Int32Array, row: number): number {
  if (heap[at] !== 34) return -1;
  let p = at + 1;
  let high = 0;
  let c = heap[p] as number;
  while (c !== 34) {
    if (c < 32 || c === 92) return -1;
    high |= c;
    c = heap[++p] as number;
  }
  if (high >= 128 && !isUtf8(heap, at + 1, p)) return -1;
  offsets[row] = at + 1;
  lengths[row] = p - at - 1;
  return p + 1;
}

/** True when heap[start .. end) is well-formed UTF-8. Source: Unicode 16, table 3-7. */
export function isUtf8(heap: Uint8Array, start: number, end: number): boolean {
  let p = start;
  while (p < end) {
    const c = heap[p] as number;
    if (c < 0x80) {
      p++;
      continue;
    }
    const size = c >= 0xc2 && c <= 0xdf ? 2 : c >= 0xe0 && c <= 0xef ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    if (size === 0 || p + size > end) return false;
    const second = heap[p + 1] as number;
    const low = c === 0xe0 ? 0xa0 : c === 0xf0 ? 0x90 : 0x80;
    const high = c === 0xed ? 0x9f : c === 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (let i = 2; i < size; i++) if (((heap[p + i] as number) & 0xc0) !== 0x80) return false;
    p += size;
  }
  return true;
}

/** The unescaped text is written at slack[0], which moves on; -2 when there is no room up to `limit`. */
export function readEscapedString(heap: Uint8Array, at: number, end: number, offsets: Int32Array, lengths: Int32Array, row: number, slack: Int32Array, limit: number): number {
  if (heap[at] !== 34) return -1;
  let p = at + 1;
  let out = slack[0] as number;
  // Unescaped text is never longer than escaped text.
  if (out + (end - at) + 8 > limit) return -2;
  const start = out;
  for (;;) {
    let c = heap[p] as number;
    if (c === 34) break;
    if (c < 32 || p >= end) return -1;
    if (c !== 92) {
      heap[out++] = c;
      p++;
      continue;
    }
    c = heap[p + 1] as number;
    p += 2;
    const plain = c === 110 ? 10 : c === 116 ? 9 : c === 114 ? 13 : c === 98 ? 8 : c === 102 ? 12 : c === 34 || c === 92 || c === 47 ? c : -1;
    if (plain >= 0) {
      heap[out++] = plain;
      continue;
    }
    if (c !== 117) return -1;
    let unit = hex4(heap, p);
    if (unit < 0) return -1;
    p += 4;
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const next = unit < 0xdc00 && heap[p] === 92 && heap[p + 1] === 117 ? hex4(heap, p + 2) : -1;
      if (next >= 0xdc00 && next <= 0xdfff) {
        unit = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
        p += 6;
      } else unit = 0xfffd;
    }
    out = writeUtf8(heap, out, unit);
  }
  if (!isUtf8(heap, start, out)) return -1;
  offsets[row] = start;
  lengths[row] = out - start;
  slack[0] = out;
  return p + 1;
}

function hex4(heap: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const c = heap[i] as number;
    const digit = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function writeUtf8(heap: Uint8Array, at: number, point: number): number {
  let p = at;
  if (point < 0x80) heap[p++] = point;
  else if (point < 0x800) {
    heap[p++] = 0xc0 | (point >> 6);
    heap[p++] = 0x80 | (point & 63);
  } else if (point < 0x10000) {
    heap[p++] = 0xe0 | (point >> 12);
    heap[p++] = 0x80 | ((point >> 6) & 63);
    heap[p++] = 0x80 | (point & 63);
  } else {
    heap[p++] = 0xf0 | (point >> 18);
    heap[p++] = 0x80 | ((point >> 12) & 63);
    heap[p++] = 0x80 | ((point >> 6) & 63);
    heap[p++] = 0x80 | (point & 63);
  }
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

export function isNull(heap: Uint8Array, at: number): boolean {
  return heap[at] === 110 && heap[at + 1] === 117 && heap[at + 2] === 108 && heap[at + 3] === 108;
}

function isFalse(heap: Uint8Array, at: number): boolean {
  return heap[at] === 102 && heap[at + 1] === 97 && heap[at + 2] === 108 && heap[at + 3] === 115 && heap[at + 4] === 101;
}

function digits2(heap: Uint8Array, at: number): number {
  const a = (heap[at] as number) - 48;
  const b = (heap[at + 1] as number) - 48;
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : -1;
}

/** `"yyyy-MM-dd( |T)HH:mm:ss[.f{1,3}][Z]"` as ms. Other forms (offsets, more digits) are left to the slow tier. */
export function readTimestamp(heap: Uint8Array, at: number, words: Int32Array, row: number): number {
  if (heap[at] !== 34) return -1;
  let p = at + 1;
  const century = digits2(heap, p);
  const ofCentury = digits2(heap, p + 2);
  const month = digits2(heap, p + 5);
  const day = digits2(heap, p + 8);
  const hour = digits2(heap, p + 11);
  const minute = digits2(heap, p + 14);
  const second = digits2(heap, p + 17);
  const separator = heap[p + 10];
  if ((century | ofCentury | month | day | hour | minute | second) < 0) return -1;
  if (heap[p + 4] !== 45 || heap[p + 7] !== 45 || (separator !== 32 && separator !== 84) || heap[p + 13] !== 58 || heap[p + 16] !== 58) return -1;
  const year = century * 100 + ofCentury;
  if (!isValidDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return -1;
  p += 19;
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
  const value = daysFromCivil(year, month, day) * msPerDay + ((hour * 60 + minute) * 60 + second) * 1000 + millis;
  words[2 * row] = value;
  words[2 * row + 1] = Math.floor(value / two32);
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

/** Passes over any value and checks every byte of it; -1 when it is no JSON, or nested deeper than `depth`. */
export function skipValue(heap: Uint8Array, at: number, end: number, depth: number): number {
  const c = heap[at] as number;
  switch (c) {
    case 34:
      return skipString(heap, at, end);
    case 123:
      return depth === 0 ? -1 : skipObject(heap, at, end, depth - 1);
    case 91:
      return depth === 0 ? -1 : skipArray(heap, at, end, depth - 1);
    case 110:
      return isNull(heap, at) ? at + 4 : -1;
    case 102:
      return isFalse(heap, at) ? at + 5 : -1;
    case 116:
      return heap[at + 1] === 114 && heap[at + 2] === 117 && heap[at + 3] === 101 ? at + 4 : -1;
    default:
      return skipNumber(heap, at);
  }
}

export function skipNumber(heap: Uint8Array, at: number): number {
  let p = at;
  let c = heap[p] as number;
  if (c === 45) c = heap[++p] as number;
  if (c < 48 || c > 57) return -1;
  const first = c;
  c = heap[++p] as number;
  if (first === 48 && c >= 48 && c <= 57) return -1;
  while (c >= 48 && c <= 57) c = heap[++p] as number;
  if (c === 46) {
    c = heap[++p] as number;
    if (c < 48 || c > 57) return -1;
    while (c >= 48 && c <= 57) c = heap[++p] as number;
  }
  if (c === 101 || c === 69) {
    c = heap[++p] as number;
    if (c === 45 || c === 43) c = heap[++p] as number;
    if (c < 48 || c > 57) return -1;
    while (c >= 48 && c <= 57) c = heap[++p] as number;
  }
  return p;
}

/** A text with or without escapes. */
export function skipString(heap: Uint8Array, at: number, end: number): number {
  if (heap[at] !== 34) return -1;
  let p = at + 1;
  let high = 0;
  for (;;) {
    const c = heap[p] as number;
    if (c === 34) break;
    if (c < 32 || p >= end) return -1;
    high |= c;
    p++;
    if (c !== 92) continue;
    const escape = heap[p++] as number;
    if (escape === 117) {
      if (hex4(heap, p) < 0) return -1;
      p += 4;
    } else if (escape !== 34 && escape !== 92 && escape !== 47 && escape !== 110 && escape !== 116 && escape !== 114 && escape !== 98 && escape !== 102) return -1;
  }
  return high >= 128 && !isUtf8(heap, at + 1, p) ? -1 : p + 1;
}

function skipObject(heap: Uint8Array, at: number, end: number, depth: number): number {
  let p = skipSpace(heap, at + 1);
  if (heap[p] === 125) return p + 1;
  for (;;) {
    p = skipString(heap, p, end);
    if (p < 0) return -1;
    p = skipSpace(heap, p);
    if (heap[p] !== 58) return -1;
    p = skipValue(heap, skipSpace(heap, p + 1), end, depth);
    if (p < 0) return -1;
    p = skipSpace(heap, p);
    if (heap[p] === 125) return p + 1;
    if (heap[p] !== 44) return -1;
    p = skipSpace(heap, p + 1);
  }
}

function skipArray(heap: Uint8Array, at: number, end: number, depth: number): number {
  let p = skipSpace(heap, at + 1);
  if (heap[p] === 93) return p + 1;
  for (;;) {
    p = skipValue(heap, p, end, depth);
    if (p < 0) return -1;
    p = skipSpace(heap, p);
    if (heap[p] === 93) return p + 1;
    if (heap[p] !== 44) return -1;
    p = skipSpace(heap, p + 1);
  }
}
