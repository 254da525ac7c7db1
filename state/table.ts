import { assert } from '../core/assert.ts';
import { hashBytes, hashDouble, hashFinish, hashNull, hashSeed, hashWord } from '../core/hash.ts';
import type { Layout } from '../core/layout.ts';
import { ByteStore } from './byte-store.ts';
import type { FieldSpec } from './field-spec.ts';
import { writtenZeros } from './slot-array.ts';
import { ValueSet, type SetShape } from './value-set.ts';

/**
 * Where fields lie in a record. A record is `quads` units of 8 bytes: one quad of header (the epoch of the last write, then a word of
 * flags), further flag words if there are more than 32 flags, then the fields, each on whole quads.
 */
export interface RecordShape {
  readonly fields: readonly FieldSpec[];
  readonly quads: number;
  /** The quad of each field, from the record's start. */
  readonly offsets: readonly number[];
  readonly flagWords: number;
  /** The tables and sets below: what the records of each hold (state/bag.ts, state/value-set.ts). Absent for none. */
  readonly bags?: readonly (RecordShape | SetShape)[];
}

const quadsOf: Readonly<Record<Layout, number>> = { u8: 1, i32: 1, i64: 1, i64n: 2, i128: 2, f32: 1, f64: 1, bytes: 1 };

/** `flags` is how many flag bits the owner needs; NULL flags of keys take the first ones, one for each key. */
export function shapeOf(fields: readonly FieldSpec[], flags: number): RecordShape {
  const flagWords = Math.max(1, Math.ceil(flags / 32));
  let quads = 1 + Math.ceil((flagWords - 1) / 2);
  const offsets: number[] = [];
  for (const field of fields) {
    offsets.push(quads);
    quads += quadsOf[field.layout];
  }
  return { fields, quads, offsets, flagWords };
}

/**
 * The state shape `table`: key -> record. A record's id is fixed until it is deleted. Records lie at id * quads in one buffer that is seen
 * through four views; the index is open addressed, pairs of (hash, id + 1), and is rebuilt, never stored.
 *
 * Contract for kernels: call `reserve(rows)` before, take the views after it, and none of them is replaced inside the kernel. Find a key by
 * probing `index` from hash & mask; insert with `allocate`. Before the first write to a record in an epoch call `touch(id)`.
 */
export class Table {
  readonly shape: RecordShape;
  readonly bytes = new ByteStore();
  /** The tables and sets below, in the shape's order. Room, epochs and emptiness are theirs and this one's together. */
  readonly bags: readonly (Table | ValueSet)[];
  r32: Int32Array;
  r64: BigInt64Array;
  /** r64 one quad further: the high halves of i128 lanes. */
  r64High: BigInt64Array;
  r32High: Int32Array;
  rf64: Float64Array;
  index: Int32Array;
  mask: number;
  /** Ids are below this; some may be free. */
  limit = 0;
  /** Live records. */
  size = 0;
  /** The epoch that writes belong to; 1 and up. */
  epoch = 1;
  #capacity: number;
  #dirty: Int32Array;
  #dirtyCount = 0;
  readonly #free: number[] = [];
  /** Deleted in this epoch: free once the epoch is stored. */
  #deleted: number[] = [];

  constructor(shape: RecordShape, capacity = 64) {
    this.shape = shape;
    this.bags = (shape.bags ?? []).map((bag) => ('isSet' in bag ? new ValueSet(bag) : new Table(bag, capacity)));
    this.#capacity = capacity;
    this.#dirty = new Int32Array(capacity);
    const buffer = new ArrayBuffer((capacity + 1) * shape.quads * 8);
    this.r32 = new Int32Array(buffer);
    this.r64 = new BigInt64Array(buffer);
    this.r64High = new BigInt64Array(buffer, 8);
    this.r32High = new Int32Array(buffer, 8);
    this.rf64 = new Float64Array(buffer);
    this.index = new Int32Array(capacity * 4);
    this.mask = capacity * 2 - 1;
    this.#reserveOwners();
  }

  #reserveOwners(): void {
    for (const bag of this.bags) if (bag instanceof ValueSet) bag.reserveOwners(this.#capacity);
  }

  /** Bytes of records, index and byte slots. */
  get allocatedBytes(): number {
    let bytes = this.r32.byteLength + this.index.byteLength + this.bytes.allocatedBytes;
    for (const bag of this.bags) bytes += bag.allocatedBytes;
    return bytes;
  }

  /** How many `allocate` calls replace no array now. */
  get room(): number {
    let room = this.#capacity - this.limit;
    for (const bag of this.bags) if (bag.room < room) room = bag.room;
    return room;
  }

  /** The first quad of a record that never is one: where a kernel puts a key to probe with. */
  get scratch(): number {
    return this.#capacity * this.shape.quads;
  }

  /** Makes room for `rows` more records: after it, that many `allocate` calls replace no array. */
  reserve(rows: number): void {
    const needed = this.limit + rows;
    for (const bag of this.bags) bag.reserve(rows);
    if (needed <= this.#capacity) return;
    let capacity = this.#capacity;
    while (capacity < needed) capacity *= 2;
    const buffer = new ArrayBuffer((capacity + 1) * this.shape.quads * 8);
    const r32 = new Int32Array(buffer);
    r32.set(this.r32.subarray(0, this.limit * this.shape.quads * 2));
    this.r32 = r32;
    this.r64 = new BigInt64Array(buffer);
    this.r64High = new BigInt64Array(buffer, 8);
    this.r32High = new Int32Array(buffer, 8);
    this.rf64 = new Float64Array(buffer);
    this.#capacity = capacity;
    this.#reserveOwners();
    const old = this.index;
    this.index = writtenZeros(capacity * 4);
    this.mask = capacity * 2 - 1;
    for (let i = 0; i < old.length; i += 2) {
      const id1 = old[i + 1] as number;
      if (id1 !== 0) this.#place(old[i] as number, id1);
    }
  }

  #place(hash: number, id1: number): void {
    const { index, mask } = this;
    let slot = hash & mask;
    while (index[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
    index[2 * slot] = hash;
    index[2 * slot + 1] = id1;
  }

  /** A new record, all zero and touched, entered in the index at the free slot that probing ended at. The caller writes its key. */
  allocate(hash: number, slot: number): number {
    const id = this.#free.pop() ?? this.limit++;
    this.index[2 * slot] = hash;
    this.index[2 * slot + 1] = id + 1;
    const { r32 } = this;
    const from = id * this.shape.quads * 2;
    // Records are short: a loop is done before `fill` has begun.
    for (let word = from, to = from + this.shape.quads * 2; word < to; word++) r32[word] = 0;
    this.size++;
    this.touch(id);
    return id;
  }

  /** Lists a record as written in this epoch. Cheap to call again. */
  touch(id: number): void {
    const at = id * this.shape.quads * 2;
    if (this.r32[at] === this.epoch) return;
    this.r32[at] = this.epoch;
    if (this.#dirtyCount === this.#dirty.length) {
      const grown = new Int32Array(this.#dirty.length * 2);
      grown.set(this.#dirty);
      this.#dirty = grown;
    }
    this.#dirty[this.#dirtyCount++] = id;
  }

  /** Takes a record out; those of its bags are the caller's to drop. Its id is used again in the next epoch at the earliest: until then a capture lists it as gone. */
  remove(id: number): void {
    const { index, mask, shape, r32 } = this;
    let hole = this.hashOf(id) & mask;
    while (index[2 * hole + 1] !== id + 1) hole = (hole + 1) & mask;
    // Those behind it close the gap (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
    for (let next = (hole + 1) & mask; index[2 * next + 1] !== 0; next = (next + 1) & mask) {
      const home = (index[2 * next] as number) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      index[2 * hole] = index[2 * next] as number;
      index[2 * hole + 1] = index[2 * next + 1] as number;
      hole = next;
    }
    index[2 * hole] = 0;
    index[2 * hole + 1] = 0;
    const from = id * shape.quads * 2;
    for (const [i, field] of shape.fields.entries()) {
      const at = from + (shape.offsets[i] ?? 0) * 2;
      if (field.layout === 'bytes' && r32[at + 1] !== 0) this.bytes.free(r32[at] as number, r32[at + 1] as number);
    }
    r32.fill(0, from, from + shape.quads * 2);
    this.size--;
    this.#deleted.push(id);
  }

  /** The ids taken out in this epoch. */
  deletedIds(): readonly number[] {
    return this.#deleted;
  }

  /** Empties the table, keeping its arrays for the next owner. */
  clear(epoch: number): void {
    for (const bag of this.bags) bag.clear(epoch);
    this.index.fill(0);
    this.bytes.clear();
    this.limit = 0;
    this.size = 0;
    this.epoch = epoch;
    this.#dirtyCount = 0;
    this.#free.length = 0;
    this.#deleted = [];
  }

  /** The ids written in this epoch, each once. */
  dirtyIds(): Int32Array {
    return this.#dirty.subarray(0, this.#dirtyCount);
  }

  /** Ends the epoch: what is written from now on belongs to the next. */
  nextEpoch(): void {
    for (const bag of this.bags) bag.nextEpoch();
    this.#dirtyCount = 0;
    this.epoch++;
    for (const id of this.#deleted) this.#free.push(id);
    this.#deleted = [];
  }

  /** Puts a record back at its id, from a checkpoint: the caller fills it, then calls `enter`. */
  restoreAt(id: number): void {
    if (id >= this.limit) {
      this.reserve(id + 1 - this.limit);
      this.limit = id + 1;
    }
    this.size++;
  }

  /** Enters a restored record in the index. */
  enter(id: number): void {
    this.#place(this.hashOf(id), id + 1);
  }

  /** Ends a restore: ids below the limit that hold no record are free. */
  freeHoles(): void {
    for (let id = this.limit - 1; id >= 0; id--) if (this.r32[id * this.shape.quads * 2] === 0) this.#free.push(id);
  }

  /** The hash of a record's key, as the kernels compute it from columns. */
  hashOf(id: number): number {
    const { shape, r32 } = this;
    const base = id * shape.quads;
    let hash = hashSeed;
    for (const [i, field] of shape.fields.entries()) {
      if (!field.isKey) break;
      assert(i < 32, 'more than 32 key columns');
      if (((r32[2 * base + 1] as number) & (1 << i)) !== 0) {
        hash = hashNull(hash);
        continue;
      }
      const quad = base + (shape.offsets[i] ?? 0);
      const word = r32[2 * quad] as number;
      switch (field.layout) {
        case 'u8':
        case 'i32':
          hash = hashWord(hash, word);
          break;
        case 'i64':
          hash = hashWord(hashWord(hash, word), r32[2 * quad + 1] as number);
          break;
        case 'i64n':
          hash = hashWord(hashWord(hashWord(hash, word), r32[2 * quad + 1] as number), r32[2 * quad + 2] as number);
          break;
        case 'i128':
          for (let k = 0; k < 4; k++) hash = hashWord(hash, r32[2 * quad + k] as number);
          break;
        case 'f32':
        case 'f64':
          hash = hashDouble(hash, this.rf64[quad] as number);
          break;
        case 'bytes':
          hash = hashBytes(hash, this.bytes.pages[word >>> 16] as Uint8Array, (word & 0xffff) * 16, r32[2 * quad + 1] as number);
          break;
      }
    }
    return hashFinish(hash);
  }
}
