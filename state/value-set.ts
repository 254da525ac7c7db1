import { hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import type { Layout } from '../core/layout.ts';
import { ChangeLog } from './change-log.ts';
import type { FieldSpec } from './field-spec.ts';
import { OwnerSlots } from './owner-slots.ts';
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

/** True for the values whose entries are short in a set of so many bits. */
export function isShort(bits: number, low: number, high: number): boolean {
  return high === 0 && low >>> (32 - bits) === 0;
}

/**
 * The state shape `set`: for each owner, a record of a table, the different values that it has, each with bits that are set and never taken back.
 * Nothing is taken out but by `clear`.
 *
 * An entry lies in one place, so that a search waits for memory once, and is as short as it can be, as what is waited for is memory:
 * - in `short`, one word: the value << bits | the bits, for values that leave room for those
 * - in `long`, four: owner + 1, the bits, the low and the high word of the value
 *
 * Contract for kernels: before, call `reserve(rows)`, and `reserveOwners` with what the owners are below; take the arrays after it, and none is replaced inside the kernel but
 * `short.words`, by `enter`. A search begins in `short` as OwnerSlots says, in `long` at `(hash >>> shift) * 4`, and goes on there by four, & mask, until
 * the value or a free slot. Whoever fills a slot of `long` adds one to its size; a slot of `short` is filled by `enter`, or where there is room in the owner's stretch as
 * `enter` does. Whoever sets bits calls `note` with them.
 */
export class ValueSet {
  readonly shape: SetShape;
  readonly short: OwnerSlots;
  readonly long: SlotArray;
  /** What was noted in this epoch: owner, bits, low and high word of the value. */
  readonly changes = new ChangeLog();

  constructor(shape: SetShape) {
    this.shape = shape;
    this.short = new OwnerSlots(shape.bits);
    this.long = new SlotArray(4, 0, (words, at) => this.hashOf((words[at] as number) - 1, words[at + 2] as number, words[at + 3] as number));
  }

  /** How many entries there are. */
  get size(): number {
    return this.short.size + this.long.size;
  }

  get allocatedBytes(): number {
    return this.short.allocatedBytes + this.long.words.byteLength + this.changes.allocatedBytes;
  }

  /** How many entries may come before an array is replaced that a kernel takes but once. */
  get room(): number {
    return this.long.room;
  }

  /** Makes room for `rows` more entries. */
  reserve(rows: number): void {
    this.long.reserve(rows);
  }

  /** Makes room for owners below `limit`. */
  reserveOwners(limit: number): void {
    this.short.reserveOwners(limit);
  }

  /** Enters a value that is not there and whose entry is short. Its bits are the caller's to note. */
  enter(owner: number, low: number, bits: number): void {
    if (!this.short.enter(owner, low, bits)) return;
    // They were last captured, or will be, when it is the turn of a part that they are in no more.
    const mask = 2 ** this.shape.bits - 1;
    this.short.eachOfOwner(owner, (_owner, entry) => this.note(owner, entry & mask, entry >>> this.shape.bits, 0));
  }

  /** Lists bits that were set in this epoch. */
  note(owner: number, bits: number, low: number, high: number): void {
    this.changes.add(owner, bits, low, high);
  }

  /** Sets bits of a value from a checkpoint. Not noted. */
  restore(owner: number, bits: number, low: number, high: number): void {
    if (isShort(this.shape.bits, low, high)) {
      const { short } = this;
      short.reserveOwners(owner + 1);
      const at = short.find(owner, low);
      if (short.words[at] === 0) short.enter(owner, low, bits);
      else short.words[at] = (short.words[at] as number) | bits;
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
    if (!isShort(this.shape.bits, low, high)) return this.long.words[this.#findLong(owner, low, high) + 1] as number;
    this.short.reserveOwners(owner + 1);
    return (this.short.words[this.short.find(owner, low)] as number) & (2 ** this.shape.bits - 1);
  }

  /** Calls `body` for each entry of a part of `parts`: each is in one part at least. An owner's entries may be in other parts when `enter` notes all of them. */
  eachOf(part: number, parts: number, body: (owner: number, bits: number, low: number, high: number) => void): void {
    const { short, long } = this;
    const { bits } = this.shape;
    const mask = 2 ** bits - 1;
    short.eachOf(part, parts, (owner, entry) => body(owner, entry & mask, entry >>> bits, 0));
    long.eachOf(part, parts, (at) => body((long.words[at] as number) - 1, long.words[at + 1] as number, long.words[at + 2] as number, long.words[at + 3] as number));
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
