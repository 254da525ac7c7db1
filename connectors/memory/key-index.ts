import type { Column } from '../../core/column.ts';
import { equalBytes, hashBytes, hashDouble, hashFinish, hashSeed, hashWord } from '../../core/hash.ts';
import { greatestCapacity, type Chunk } from './chunk.ts';

const empty = 0;
const removed = -1;

/**
 * Which row stands for each key: an open-addressed table of places in a chain of chunks, whose rows hold the keys. A place is the chunk's
 * number times `greatestCapacity`, and the row.
 */
export class KeyIndex {
  readonly #key: readonly number[];
  /** A place + 1, or one of the two constants. */
  #slots = new Int32Array(64);
  /** Slots that are not empty, and keys. */
  #used = 0;
  size = 0;

  /** `key`: the columns of the key. */
  constructor(key: readonly number[]) {
    this.#key = key;
  }

  clear(): void {
    this.#slots.fill(empty);
    this.#used = this.size = 0;
  }

  /** The slot of the key of a row, or -1. */
  find(chunks: readonly Chunk[], columns: readonly Column[], row: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(columns, this.#key, row) & mask; ; slot = (slot + 1) & mask) {
      const stored = this.#slots[slot] as number;
      if (stored === empty) return -1;
      if (stored === removed) continue;
      const { columns: others } = chunks[chunkOf(stored - 1)] as Chunk;
      if (haveEqualKeys(columns, row, others, rowOf(stored - 1), this.#key)) return slot;
    }
  }

  placeAt(slot: number): number {
    return (this.#slots[slot] as number) - 1;
  }

  /** The key of that slot stands at another place now. */
  move(slot: number, place: number): void {
    this.#slots[slot] = place + 1;
  }

  /** Adds a key that is not there. Its row is in the chunks. */
  add(chunks: readonly Chunk[], place: number): void {
    if (2 * (this.#used + 1) > this.#slots.length) this.#rebuild(chunks);
    this.#put(chunks, place);
    this.#used++;
    this.size++;
  }

  remove(slot: number): void {
    this.#slots[slot] = removed;
    this.size--;
  }

  #put(chunks: readonly Chunk[], place: number): void {
    const mask = this.#slots.length - 1;
    let slot = hashOf((chunks[chunkOf(place)] as Chunk).columns, this.#key, rowOf(place)) & mask;
    while (this.#slots[slot] !== empty) slot = (slot + 1) & mask;
    this.#slots[slot] = place + 1;
  }

  #rebuild(chunks: readonly Chunk[]): void {
    const former = this.#slots;
    this.#slots = new Int32Array(4 * this.size > former.length ? former.length * 2 : former.length);
    for (let slot = 0; slot < former.length; slot++) if ((former[slot] as number) > 0) this.#put(chunks, (former[slot] as number) - 1);
    this.#used = this.size;
  }
}

export function chunkOf(place: number): number {
  return Math.floor(place / greatestCapacity);
}

export function rowOf(place: number): number {
  return place % greatestCapacity;
}

function hashOf(columns: readonly Column[], key: readonly number[], row: number): number {
  let hash = hashSeed;
  for (let k = 0; k < key.length; k++) {
    const column = columns[key[k] as number] as Column;
    if (column.layout === 'bytes') hash = hashBytes(hash, column.heap, column.offsets[row] as number, column.lengths[row] as number);
    else if ('words' in column) {
      hash = hashWord(hashWord(hash, column.words[2 * row] as number), column.words[2 * row + 1] as number);
      if (column.layout === 'i64n') hash = hashWord(hash, column.nanos[row] as number);
      else if (column.layout === 'i128') hash = hashWord(hash, column.highWords[2 * row] as number);
    } else if (column.layout === 'f32' || column.layout === 'f64') hash = hashDouble(hash, column.values[row] as number);
    else hash = hashWord(hash, column.values[row] as number);
  }
  return hashFinish(hash);
}

function haveEqualKeys(a: readonly Column[], rowA: number, b: readonly Column[], rowB: number, key: readonly number[]): boolean {
  for (let k = 0; k < key.length; k++) {
    const index = key[k] as number;
    if (!areEqual(a[index] as Column, rowA, b[index] as Column, rowB)) return false;
  }
  return true;
}

function areEqual(a: Column, i: number, b: Column, j: number): boolean {
  if ((a.nulls?.[i] ?? 0) !== (b.nulls?.[j] ?? 0)) return false;
  if (a.layout === 'bytes' && b.layout === 'bytes') {
    return equalBytes(a.heap, a.offsets[i] as number, a.lengths[i] as number, b.heap, b.offsets[j] as number, b.lengths[j] as number);
  }
  if ('words' in a && 'words' in b) {
    if (a.words[2 * i] !== b.words[2 * j] || a.words[2 * i + 1] !== b.words[2 * j + 1]) return false;
    if (a.layout === 'i64n' && b.layout === 'i64n') return a.nanos[i] === b.nanos[j];
    if (a.layout === 'i128' && b.layout === 'i128') return a.highWords[2 * i] === b.highWords[2 * j] && a.highWords[2 * i + 1] === b.highWords[2 * j + 1];
    return true;
  }
  if (a.layout === 'bytes' || b.layout === 'bytes' || 'words' in a || 'words' in b) return false;
  const x = a.values[i] as number;
  const y = b.values[j] as number;
  return x === y || (Number.isNaN(x) && Number.isNaN(y));
}
