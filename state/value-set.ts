import { hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import type { Layout } from '../core/layout.ts';
import { ChangeLog } from './change-log.ts';
import type { FieldSpec } from './field-spec.ts';
import { SlotArray } from './slot-array.ts';

/** What a ValueSet holds: the owner, an INT, and the value, of a layout of at most 8 bytes; and how many bits each value has, from the lowest on. */
export interface SetShape {
  readonly isSet: true;
  readonly fields: readonly [owner: FieldSpec, value: FieldSpec];
  readonly bits: number;
}

/** True for the layouts whose values a ValueSet holds. */
export function fitsSet(layout: Layout): boolean {
  return layout !== 'bytes' && layout !== 'i64n' && layout !== 'i128';
}

/** Owners below this, with values whose high word is 0, have short entries in a set of so many bits. */
export function shortOwners(bits: number): number {
  return 2 ** (32 - bits) - 1;
}

/**
 * The state shape `set`: for each owner, a record of a table, the different values that it has, each with bits that are set and never taken back.
 * Nothing is taken out but by `clear`.
 *
 * An entry lies in one place, so that a search waits for memory once, and is as short as it can be, as what is waited for is memory:
 * - in `short`, two words: (owner + 1) << bits | the bits, and the low word of the value, whose high word is 0
 * - in `long`, four: owner + 1, the bits, the low and the high word of the value
 *
 * Contract for kernels: call `reserve(rows)` before, take the arrays after it, and none is replaced inside the kernel. A search begins at
 * `(hash >>> shift) * width` and goes on by the width, & mask, until the value or a free slot, whose first word is 0. Whoever fills a slot adds one to the
 * array's size, and whoever sets bits calls `note` with them.
 */
export class ValueSet {
  readonly shape: SetShape;
  readonly short: SlotArray;
  readonly long: SlotArray;
  readonly #shortOwners: number;
  /** What was noted in this epoch: owner, bits, low and high word of the value. */
  readonly changes = new ChangeLog();

  constructor(shape: SetShape, capacity = 8) {
    this.shape = shape;
    this.#shortOwners = shortOwners(shape.bits);
    this.short = new SlotArray(2, capacity, (words, at) => this.hashOf(((words[at] as number) >>> shape.bits) - 1, words[at + 1] as number, 0));
    this.long = new SlotArray(4, 0, (words, at) => this.hashOf((words[at] as number) - 1, words[at + 2] as number, words[at + 3] as number));
  }

  /** How many entries there are. */
  get size(): number {
    return this.short.size + this.long.size;
  }

  get allocatedBytes(): number {
    return this.short.words.byteLength + this.long.words.byteLength + this.changes.allocatedBytes;
  }

  /** How many entries may come before an array is replaced. */
  get room(): number {
    return Math.min(this.short.room, this.long.room);
  }

  /** Makes room for `rows` more entries. */
  reserve(rows: number): void {
    this.short.reserve(rows);
    this.long.reserve(rows);
  }

  /** Lists bits that were set in this epoch. */
  note(owner: number, bits: number, low: number, high: number): void {
    this.changes.add(owner, bits, low, high);
  }

  /** Sets bits of a value from a checkpoint. Not noted. */
  restore(owner: number, bits: number, low: number, high: number): void {
    if (this.#isShort(owner, high)) {
      this.short.reserve(1);
      const { short } = this;
      const at = this.#findShort(owner, low);
      if (short.words[at] === 0) short.size++;
      short.words[at] = ((owner + 1) << this.shape.bits) | (short.words[at] as number) | bits;
      short.words[at + 1] = low;
      return;
    }
    this.long.reserve(1);
    const { long } = this;
    const at = this.#findLong(owner, low, high);
    if (long.words[at] === 0) long.size++;
    long.words[at] = owner + 1;
    long.words[at + 1] = (long.words[at + 1] as number) | bits;
    long.words[at + 2] = low;
    long.words[at + 3] = high;
  }

  /** The bits of a value; 0 where it is not there. */
  bitsOf(owner: number, low: number, high: number): number {
    if (this.#isShort(owner, high)) return (this.short.words[this.#findShort(owner, low)] as number) & (2 ** this.shape.bits - 1);
    return this.long.words[this.#findLong(owner, low, high) + 1] as number;
  }

  /** Calls `body` for each entry of a part of `parts`: each is in one part at least. */
  eachOf(part: number, parts: number, body: (owner: number, bits: number, low: number, high: number) => void): void {
    const { short, long } = this;
    const { bits } = this.shape;
    const mask = 2 ** bits - 1;
    short.eachOf(part, parts, (at) => {
      const word = short.words[at] as number;
      body((word >>> bits) - 1, word & mask, short.words[at + 1] as number, 0);
    });
    long.eachOf(part, parts, (at) => body((long.words[at] as number) - 1, long.words[at + 1] as number, long.words[at + 2] as number, long.words[at + 3] as number));
  }

  #isShort(owner: number, high: number): boolean {
    return high === 0 && owner < this.#shortOwners;
  }

  /** The first word of a value's entry, or of the free slot where it would stand. */
  #findShort(owner: number, low: number): number {
    const { words, mask, shift } = this.short;
    const { bits } = this.shape;
    let at = (this.hashOf(owner, low, 0) >>> shift) * 2;
    while (words[at] !== 0 && !(words[at + 1] === low && (words[at] as number) >>> bits === owner + 1)) at = (at + 2) & mask;
    return at;
  }

  #findLong(owner: number, low: number, high: number): number {
    const { words, mask, shift } = this.long;
    let at = (this.hashOf(owner, low, high) >>> shift) * 4;
    while (words[at] !== 0 && !(words[at] === owner + 1 && words[at + 2] === low && words[at + 3] === high)) at = (at + 4) & mask;
    return at;
  }

  /** As the kernels compute it. */
  hashOf(owner: number, low: number, high: number): number {
    return hashFinish(hashWord(hashWord(hashWord(hashSeed, owner), low), high));
  }

  /** Ends the epoch. */
  nextEpoch(): void {
    this.changes.clear();
  }

  /** Empties the set, keeping its arrays for the next owner. */
  clear(): void {
    this.short.clear();
    this.long.clear();
    this.changes.clear();
  }
}
