/**
 * The hash of keys. Frozen: it is part of the state format (test/core/hash.test.ts holds golden values).
 * Every key column is fed as 32-bit words of its layout's canonical bits; a NULL is fed as one word that no value starts with.
 * Source of the mixing: MurmurHash3 x86_32 by Austin Appleby, public domain.
 */
export const hashSeed = 0x5eed;
const nullWord = 0x6e756c6c;

/** The hash with one more 32-bit word mixed in. */
export function hashWord(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const mixed = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

export function hashNull(hash: number): number {
  return hashWord(hash, nullWord);
}

/** The last step: every bit of the result depends on every bit of the words. Int32. */
export function hashFinish(hash: number): number {
  let h = hash;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Feeds a value of layout bytes: its words little-endian, the last one padded with zeros, then its length in bytes. */
export function hashBytes(hash: number, heap: Uint8Array, offset: number, length: number): number {
  let h = hash;
  let i = offset;
  const wholeEnd = offset + (length & ~3);
  for (; i < wholeEnd; i += 4) {
    h = hashWord(h, (heap[i] as number) | ((heap[i + 1] as number) << 8) | ((heap[i + 2] as number) << 16) | ((heap[i + 3] as number) << 24));
  }
  let tail = 0;
  for (let shift = 0; i < offset + length; i++, shift += 8) tail |= (heap[i] as number) << shift;
  if ((length & 3) !== 0) h = hashWord(h, tail);
  return hashWord(h, length);
}

/** As `hashBytes`, four bytes at a time. */
export function hashText(hash: number, view: DataView, offset: number, length: number): number {
  let h = hash;
  let i = 0;
  for (; i + 4 <= length; i += 4) h = hashWord(h, view.getInt32(offset + i, true));
  if (i < length) h = hashWord(h, tailOf(view, offset, length));
  return hashWord(h, length);
}

/** The last one to three bytes of a value, those behind its whole words, and zeros. */
function tailOf(view: DataView, offset: number, length: number): number {
  if (length > 4) return view.getInt32(offset + length - 4, true) >>> (8 * (4 - (length & 3)));
  let tail = 0;
  for (let i = 0; i < length; i++) tail |= view.getUint8(offset + i) << (8 * i);
  return tail;
}

const doubleBits = new Float64Array(1);
const doubleWords = new Int32Array(doubleBits.buffer);

/** Feeds a DOUBLE: -0 is 0 and every NaN is one NaN. */
export function hashDouble(hash: number, value: number): number {
  doubleBits[0] = value === 0 ? 0 : value;
  if (value !== value) doubleBits[0] = NaN;
  return hashWord(hashWord(hash, doubleWords[0] as number), doubleWords[1] as number);
}

/** 128 key groups: the top 7 bits. */
export function keyGroupOf(hash: number): number {
  return hash >>> 25;
}

export function equalBytes(a: Uint8Array, aOffset: number, aLength: number, b: Uint8Array, bOffset: number, bLength: number): boolean {
  if (aLength !== bLength) return false;
  for (let i = 0; i < aLength; i++) if (a[aOffset + i] !== b[bOffset + i]) return false;
  return true;
}

/** True where the bytes from the word `at` on, a whole number of words, are those of the view, of one length. */
export function equalText(words: Int32Array, at: number, view: DataView, offset: number, length: number): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) if (words[at + (i >> 2)] !== view.getInt32(offset + i, true)) return false;
  return i === length || ((words[at + (i >> 2)] as number) & ((1 << (8 * (length - i))) - 1)) === tailOf(view, offset, length);
}

/** By bytes, which for UTF-8 is by code points. Negative, zero or positive. */
export function compareBytes(a: Uint8Array, aOffset: number, aLength: number, b: Uint8Array, bOffset: number, bLength: number): number {
  const shared = Math.min(aLength, bLength);
  for (let i = 0; i < shared; i++) {
    const difference = (a[aOffset + i] as number) - (b[bOffset + i] as number);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
