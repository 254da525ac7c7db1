import { SqlError } from '../core/diagnostic.ts';

/** Where rows of words lie in a capture: `count` rows of `width` words of 4 bytes, from the byte `at` on. */
export interface WordRows {
  readonly at: number;
  readonly count: number;
  readonly width: number;
  /** True: each word is mostly a little more than the one in the row before, as ids are. What it is more is stored then. */
  readonly isRising: boolean;
}

/** The version of packed bytes, which is also their first byte. Stores of version 3 held captures as they are, whose first bytes, versions of codecs, are all lower. */
const packedVersion = 128;

/** Fewer rows have too little in common. */
const leastRows = 8;
const headerBytes = 12;
const stretchBytes = 16;
/** Words of rows that are looked at, column by column, while they are near. */
const nearWords = 1 << 13;

/**
 * The bytes of a capture in an order that compresses fast and well: the first bytes of all words of a column, then the second ones, and so on. Most of these planes
 * are one value throughout and need not be there; a byte of a count or of an id resembles the same byte of the next row more than its neighbours.
 *
 * Format: version u8, three bytes of zero, size of the capture u32, number of stretches u32; for each stretch: at, count, width, isRising, u32 each; for each stretch:
 * its first row, then for each byte of a row 1 if it has a plane, else 0, then the planes, each of `count` bytes and zeros up to a multiple of 4; then the
 * capture's other bytes in their order. Little-endian.
 *
 * `rows` ascend; few of them stay where they are. What is given lies in what `take` gives: so many bytes, whatever they are, at a multiple of 4.
 */
export function pack(capture: Uint8Array, rows: readonly WordRows[], take: (size: number) => Uint8Array = (size) => new Uint8Array(size)): Uint8Array {
  const stretches = rows.filter(({ count }) => count >= leastRows).map((stretch) => ({ ...stretch, planes: planesOf(capture, stretch) }));
  let rest = capture.length;
  let size = headerBytes;
  for (const { count, width, planes } of stretches) {
    rest -= count * width * 4;
    size += stretchBytes + width * 8 + planes.length * padded(count);
  }
  const out = take(size + rest);
  const words = new Int32Array(out.buffer, out.byteOffset, size >>> 2);
  words[0] = packedVersion;
  words[1] = capture.length;
  words[2] = stretches.length;
  let to = headerBytes;
  for (const { at, count, width, isRising } of stretches) {
    words.set([at, count, width, isRising ? 1 : 0], to >>> 2);
    to += stretchBytes;
  }
  let restAt = size;
  let from = 0;
  for (const stretch of stretches) {
    const { at, count, width, planes } = stretch;
    out.set(capture.subarray(at, at + width * 4), to);
    to += width * 4;
    out.fill(0, to, to + width * 4);
    for (const place of planes) out[to + place] = 1;
    to += width * 4;
    writePlanes(capture, stretch, planes, words, to >>> 2);
    to += planes.length * padded(count);
    out.set(capture.subarray(from, at), restAt);
    restAt += at - from;
    from = at + count * width * 4;
  }
  out.set(capture.subarray(from), restAt);
  return out;
}

/** The capture that was packed; bytes that are a capture as it is are given back. */
export function unpack(bytes: Uint8Array): Uint8Array {
  const version = bytes[0] ?? 0;
  if (version < packedVersion) return bytes;
  if (version > packedVersion) throw new SqlError({ code: 'E0802', message: `the stored state has the packing ${version}, this program knows ${packedVersion}` });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint8Array(view.getUint32(4, true));
  const stretches = Array.from({ length: view.getUint32(8, true) }, (_, i) => {
    const word = (n: number): number => view.getUint32(headerBytes + i * stretchBytes + n * 4, true);
    return { at: word(0), count: word(1), width: word(2), isRising: word(3) === 1 };
  });
  let from = headerBytes + stretches.length * stretchBytes;
  for (const { at, count, width } of stretches) {
    const planesAt = from + width * 8;
    from = planesAt;
    for (let place = 0; place < width * 4; place++) {
      const hasPlane = bytes[planesAt - width * 4 + place] === 1;
      const first = bytes[planesAt - width * 8 + place] as number;
      readPlane(bytes, hasPlane ? from : undefined, first, count, out, at + place, width * 4);
      if (hasPlane) from += padded(count);
    }
  }
  let to = 0;
  for (const { at, count, width } of stretches) {
    out.set(bytes.subarray(from, from + at - to), to);
    from += at - to;
    to = at + count * width * 4;
  }
  out.set(bytes.subarray(from), to);
  for (const stretch of stretches) if (stretch.isRising) addSteps(out, stretch);
  return out;
}

function padded(count: number): number {
  return (count + 3) & ~3;
}

/** Adds to each row the one before it. */
function addSteps(bytes: Uint8Array, { at, count, width }: WordRows): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const step = width * 4;
  for (let word = at + step; word < at + count * step; word += 4) view.setInt32(word, (view.getInt32(word, true) + view.getInt32(word - step, true)) | 0, true);
}

/** Calls `body` with some rows at a time as words, which it may read until it returns: a multiple of four rows, but for the last. */
function eachNear(bytes: Uint8Array, { at, count, width, isRising }: WordRows, body: (words: Int32Array, row: number, rows: number) => void): void {
  const near = Math.max(4, Math.floor(nearWords / width) & ~3);
  const words = new Int32Array(Math.min(near, count) * width);
  const last = new Int32Array(width);
  for (let row = 0; row < count; row += near) {
    const rows = Math.min(near, count - row);
    new Uint8Array(words.buffer).set(bytes.subarray(at + row * width * 4, at + (row + rows) * width * 4));
    if (isRising) {
      const next = words.slice((rows - 1) * width, rows * width);
      toSteps(words, rows * width, width, last);
      last.set(next);
    }
    body(words, row, rows);
  }
}

function toSteps(words: Int32Array, length: number, width: number, before: Int32Array): void {
  for (let i = length - 1; i >= width; i--) words[i] = (words[i] as number) - (words[i - width] as number);
  for (let i = 0; i < width; i++) words[i] = (words[i] as number) - (before[i] as number);
}

/** The bytes of a row, by their place in it, that are not the same in all rows. */
function planesOf(bytes: Uint8Array, stretch: WordRows): readonly number[] {
  const { width } = stretch;
  const first = new Int32Array(width);
  const differences = new Int32Array(width);
  eachNear(bytes, stretch, (words, row, rows) => {
    if (row === 0) first.set(words.subarray(0, width));
    for (let w = 0; w < width; w++) differences[w] = (differences[w] as number) | differenceOf(words, w, rows * width, width, first[w] as number);
  });
  const planes: number[] = [];
  for (let place = 0; place < width * 4; place++) if ((((differences[place >>> 2] as number) >>> ((place & 3) * 8)) & 255) !== 0) planes.push(place);
  return planes;
}

function differenceOf(words: Int32Array, from: number, end: number, width: number, first: number): number {
  let difference = 0;
  for (let at = from; at < end; at += width) difference |= (words[at] as number) ^ first;
  return difference;
}

/** Writes the planes, one behind the other, from the word `to` of `out` on. */
function writePlanes(bytes: Uint8Array, stretch: WordRows, planes: readonly number[], out: Int32Array, to: number): void {
  const { width } = stretch;
  const planeWords = padded(stretch.count) / 4;
  eachNear(bytes, stretch, (words, row, rows) => {
    const fours = rows >> 2;
    for (let i = 0, plane = to + (row >> 2); i < planes.length; i++, plane += planeWords) {
      const place = planes[i] as number;
      if (planes[i + 1] === place + 1 && (place & 3) < 3) {
        twoPlanes(words, place >>> 2, (place & 3) * 8, width, fours, out, plane, plane + planeWords);
        i++;
        plane += planeWords;
      } else onePlane(words, place >>> 2, (place & 3) * 8, width, fours, out, plane);
    }
    // The rows at the end that are not four.
    for (let i = fours * 4; i < rows; i++) {
      for (const [k, place] of planes.entries()) {
        const word = to + k * planeWords + ((row + i) >> 2);
        const before = (i & 3) === 0 ? 0 : (out[word] as number);
        out[word] = before | ((((words[i * width + (place >>> 2)] as number) >>> ((place & 3) * 8)) & 255) << ((i & 3) * 8));
      }
    }
  });
}

/** The bytes of the column that begins at `from` which are `shift` bits up in its words. */
function onePlane(words: Int32Array, from: number, shift: number, width: number, fours: number, out: Int32Array, to: number): void {
  for (let i = 0, at = from; i < fours; i++, at += 4 * width) {
    const a = ((words[at] as number) >>> shift) & 255;
    const b = ((words[at + width] as number) >>> shift) & 255;
    const c = ((words[at + 2 * width] as number) >>> shift) & 255;
    out[to + i] = a | (b << 8) | (c << 16) | (((words[at + 3 * width] as number) >>> shift) << 24);
  }
}

/** The same of those bytes and of the next ones. */
function twoPlanes(words: Int32Array, from: number, shift: number, width: number, fours: number, out: Int32Array, first: number, second: number): void {
  for (let i = 0, at = from; i < fours; i++, at += 4 * width) {
    const a = (words[at] as number) >>> shift;
    const b = (words[at + width] as number) >>> shift;
    const c = (words[at + 2 * width] as number) >>> shift;
    const d = (words[at + 3 * width] as number) >>> shift;
    out[first + i] = (a & 255) | ((b & 255) << 8) | ((c & 255) << 16) | (d << 24);
    out[second + i] = ((a >>> 8) & 255) | (b & 0xff00) | ((c & 0xff00) << 8) | ((d & 0xff00) << 16);
  }
}

function readPlane(bytes: Uint8Array, plane: number | undefined, first: number, count: number, out: Uint8Array, to: number, step: number): void {
  if (plane !== undefined) for (let i = 0, at = to; i < count; i++, at += step) out[at] = bytes[plane + i] as number;
  else if (first !== 0) for (let i = 0, at = to; i < count; i++, at += step) out[at] = first;
}
