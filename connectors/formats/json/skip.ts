import { hex4, isUtf8 } from './text.ts';

/** Passing over JSON without reading it, under the contract of scan.ts. */

/** How deep a value that is not read may nest before the slow tier takes the record. */
export const skipDepth = 48;

export function skipSpace(heap: Uint8Array, at: number): number {
  let p = at;
  for (let c = heap[p]; c === 32 || c === 10 || c === 13 || c === 9; c = heap[++p]);
  return p;
}

export function isNull(heap: Uint8Array, at: number): boolean {
  return heap[at] === 110 && heap[at + 1] === 117 && heap[at + 2] === 108 && heap[at + 3] === 108;
}

export function isFalse(heap: Uint8Array, at: number): boolean {
  return heap[at] === 102 && heap[at + 1] === 97 && heap[at + 2] === 108 && heap[at + 3] === 115 && heap[at + 4] === 101;
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

function skipNumber(heap: Uint8Array, at: number): number {
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

/** Any value but a text and null, as it stands there: its place in the heap. */
export function readRaw(heap: Uint8Array, at: number, end: number, offsets: Int32Array, lengths: Int32Array, row: number): number {
  if (heap[at] === 34 || isNull(heap, at)) return -1;
  const p = skipValue(heap, at, end, skipDepth);
  offsets[row] = at;
  lengths[row] = p - at;
  return p;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads an array or an object whose encoding `encode` gives, which goes into the slack, that of `into` where it is not the same heap; -2 where that has no room for it. */
export function readEncoded(heap: Uint8Array, at: number, end: number, offsets: Int32Array, lengths: Int32Array, row: number, slack: Int32Array, limit: number, encode: (json: string) => Uint8Array | undefined, into = heap): number {
  const next = skipValue(heap, at, end, skipDepth);
  if (next < 0 || next > end) return -1;
  const bytes = encode(strict.decode(heap.subarray(at, next)));
  const start = slack[0] as number;
  if (bytes === undefined) return -1;
  if (start + bytes.length > limit) return -2;
  into.set(bytes, start);
  offsets[row] = start;
  lengths[row] = bytes.length;
  slack[0] = start + bytes.length;
  return next;
}
