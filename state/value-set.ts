import { hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import type { Layout } from '../core/layout.ts';
import type { FieldSpec } from './table.ts';

/** What a ValueSet holds: the owner, an INT, and the value, of a layout of at most 8 bytes. */
export interface SetShape {
  readonly isSet: true;
  readonly fields: readonly [owner: FieldSpec, value: FieldSpec];
}

/** True for the layouts whose values a ValueSet holds. */
export function fitsSet(layout: Layout): boolean {
  return layout !== 'bytes' && layout !== 'i64n' && layout !== 'i128';
}

/** The first size, in slots: a power of two. */
const leastSlots = 16;

/**
 * The state shape `set`: for each owner, a record of a table, the different values that it has, each with a word of bits that are set and never
 * taken back. Nothing is taken out but by `clear`. An entry is four words in one array: owner + 1 (0: free), the bits, and two words of value,
 * so that a search waits for memory once. It lies where the top bits of its hash say, or behind: when the set grows, entries keep their order,
 * and a 64th of the slots is a 64th of the entries, whatever the size.
 *
 * Contract for kernels: call `reserve(rows)` before, take `words`, `doubles`, `longs`, `mask` and `shift` after it, and none of them is replaced inside the
 * kernel. A search begins at word `(hash >>> shift) * 4` and goes on by 4, & mask. Whoever sets bits calls `note` with them, and `entered` for a new entry.
 */
export class ValueSet {
  readonly shape: SetShape;
  words: Int32Array;
  /** The same memory, for values that are stored by one write. */
  longs: BigInt64Array;
  doubles: Float64Array;
  /** For words: 4 times the slots, less 1. */
  mask: number;
  shift: number;
  /** How many entries there are. */
  size = 0;
  /** What was noted in this epoch: owner, bits, two words of value. */
  #changes = new Int32Array(64);
  #changed = 0;

  constructor(shape: SetShape, capacity = leastSlots / 2) {
    this.shape = shape;
    let slots = leastSlots;
    while (slots < capacity * 2) slots *= 2;
    // One slot more: where a kernel puts a value to search for.
    this.longs = new BigInt64Array(slots * 2 + 2);
    this.doubles = new Float64Array(this.longs.buffer);
    this.words = new Int32Array(this.longs.buffer);
    this.mask = slots * 4 - 1;
    this.shift = 32 - Math.log2(slots);
  }

  get allocatedBytes(): number {
    return this.words.byteLength + this.#changes.byteLength;
  }

  /** How many entries may come before an array is replaced: half of the slots stay free. */
  get room(): number {
    return ((this.mask + 1) >>> 3) - this.size;
  }

  /** The quad, in `longs` and `doubles`, of a value that is no entry's. */
  get scratch(): number {
    return ((this.mask + 1) >>> 1) + 1;
  }

  /** Makes room for `rows` more entries. */
  reserve(rows: number): void {
    if (rows <= this.room) return;
    const { words } = this;
    const slots = (this.mask + 1) >>> 2;
    let grown = slots * 2;
    while (grown < (this.size + rows) * 2) grown *= 2;
    this.longs = new BigInt64Array(grown * 2 + 2);
    this.doubles = new Float64Array(this.longs.buffer);
    this.words = new Int32Array(this.longs.buffer);
    this.mask = grown * 4 - 1;
    this.shift = 32 - Math.log2(grown);
    for (let at = 0; at < slots * 4; at += 4) {
      if (words[at] === 0) continue;
      const to = this.#find((words[at] as number) - 1, words[at + 2] as number, words[at + 3] as number);
      for (let k = 0; k < 4; k++) this.words[to + k] = words[at + k] as number;
    }
  }

  /** Counts a new entry. */
  entered(): void {
    this.size++;
  }

  /** Lists bits that were set in this epoch. */
  note(owner: number, bits: number, low: number, high: number): void {
    let changes = this.#changes;
    const at = this.#changed;
    if (at === changes.length) {
      changes = new Int32Array(at * 2);
      changes.set(this.#changes);
      this.#changes = changes;
    }
    changes[at] = owner;
    changes[at + 1] = bits;
    changes[at + 2] = low;
    changes[at + 3] = high;
    this.#changed = at + 4;
  }

  /** What was noted in this epoch, in fours: owner, bits, low and high word of the value. */
  changes(): Int32Array {
    return this.#changes.subarray(0, this.#changed);
  }

  /** Sets bits of a value from a checkpoint. Not noted. */
  restore(owner: number, bits: number, low: number, high: number): void {
    this.reserve(1);
    const { words } = this;
    const at = this.#find(owner, low, high);
    if (words[at] === 0) {
      words[at] = owner + 1;
      words[at + 2] = low;
      words[at + 3] = high;
      this.size++;
    }
    words[at + 1] = (words[at + 1] as number) | bits;
  }

  /** The bits of a value; 0 where it is not there. */
  bitsOf(owner: number, low: number, high: number): number {
    return this.words[this.#find(owner, low, high) + 1] as number;
  }

  /** The first word of a value's entry, or of the free slot where it would stand. */
  #find(owner: number, low: number, high: number): number {
    const { words, mask } = this;
    let at = (this.hashOf(owner, low, high) >>> this.shift) * 4;
    while (words[at] !== 0 && !(words[at] === owner + 1 && words[at + 2] === low && words[at + 3] === high)) at = (at + 4) & mask;
    return at;
  }

  /** As the kernels compute it. */
  hashOf(owner: number, low: number, high: number): number {
    return hashFinish(hashWord(hashWord(hashWord(hashSeed, owner), low), high));
  }

  /** Ends the epoch. */
  nextEpoch(): void {
    this.#changed = 0;
  }

  /** Empties the set, keeping its arrays for the next owner. */
  clear(): void {
    this.words.fill(0);
    this.size = 0;
    this.#changed = 0;
  }
}
