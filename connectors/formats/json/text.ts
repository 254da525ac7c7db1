/** Readers of JSON texts, under the contract of scan.ts. */

/** A text without escapes: its place in the heap. Anything beyond ASCII is checked to be UTF-8. */
export function readString(heap: Uint8Array, at: number, offsets: Int32Array, lengths: Int32Array, row: number): number {
  if (heap[at] !== 34) return -1;
  const p = endOfText(heap, at + 1, at + 1);
  if (p < 0) return -1;
  offsets[row] = at + 1;
  lengths[row] = p - at - 1;
  return p + 1;
}

/** The closing quote of the text heap[start ..) whose bytes before `at` are plain ASCII, or -1: an escape, a control, no UTF-8. */
export function endOfText(heap: Uint8Array, start: number, at: number): number {
  let p = at;
  let high = 0;
  let c = heap[p] as number;
  while (c !== 34) {
    if (c < 32 || c === 92) return -1;
    high |= c;
    c = heap[++p] as number;
  }
  return high >= 128 && !isUtf8(heap, start, p) ? -1 : p;
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

/** Four hexadecimal digits, or -1. */
export function hex4(heap: Uint8Array, at: number): number {
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
