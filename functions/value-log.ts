import { ByteHeap } from '../core/byte-heap.ts';
import { VectorWriter } from '../core/collection-writer.ts';
import { isNullAt, readU32, slotWidth, valueLength, valueStart } from '../core/collection.ts';
import { equalBytes, hashBytes, hashFinish, hashNull, hashSeed } from '../core/hash.ts';

/**
 * The values of a group in the order in which they came, as one run of bytes that changes where it lies: a value more, and the first of equal ones
 * less, take the same time however many there are. All in Int32 words:
 * - the head: how many entries there is room for, how many are used, how many of these are left, the first of them, the used bytes of the data, the
 *   slots of the index, how many of these are not 0, nothing
 * - the entries: where the value's bytes begin in the data, and how many they are (-1 NULL, -2 taken out); with an index also the next entry of
 *   the same value + 1, and in the first of them the last one + 1
 * - the index, where values are taken out: entry + 1 of the first of each value, at the hash of its bytes; -1 where one was
 * - the data
 */
const [room, used, left, first, dataUsed, slots, filled, headWords] = [0, 1, 2, 3, 4, 5, 6, 8];
const [isNone, isGone] = [-1, -2];

/** How many values the log at `at` has; 0 where it has no bytes. */
export function loggedCount(heap: Uint8Array, at: number, length: number): number {
  return length === 0 ? 0 : readU32(heap, at + 4 * left);
}

/** Where an entry's bytes lie, and whether there are any; the entry is one that is left. */
export function loggedStart(heap: Uint8Array, at: number, entry: number): number {
  return dataAt(heap, at) + readU32(heap, entryAt(heap, at, entry));
}
export function loggedLength(heap: Uint8Array, at: number, entry: number): number {
  return readU32(heap, entryAt(heap, at, entry) + 4) | 0;
}

/** The first entry that is left from `entry` on. */
export function loggedFrom(heap: Uint8Array, at: number, entry: number): number {
  let next = entry;
  while (loggedLength(heap, at, next) === isGone) next++;
  return next;
}
export function loggedFirst(heap: Uint8Array, at: number): number {
  return readU32(heap, at + 4 * first);
}
/** The last entry is always one that is left. */
export function loggedLast(heap: Uint8Array, at: number): number {
  return readU32(heap, at + 4 * used) - 1;
}

function stride(slotCount: number): number {
  return slotCount === 0 ? 2 : 4;
}
function entryAt(heap: Uint8Array, at: number, entry: number): number {
  return at + 4 * (headWords + stride(readU32(heap, at + 4 * slots)) * entry);
}
function dataAt(heap: Uint8Array, at: number): number {
  const slotCount = readU32(heap, at + 4 * slots);
  return at + 4 * (headWords + stride(slotCount) * readU32(heap, at + 4 * room) + slotCount);
}

/** Changes logs of values of one layout. A log's offset in its heap is a multiple of 4. */
export class ValueLog {
  /** Takes the value, before `append` and `remove`. */
  readonly value: VectorWriter;
  /** Where `append` has put a log that had no room. */
  readonly made = new ByteHeap(256);
  readonly #isIndexed: boolean;
  readonly #result: VectorWriter;
  readonly #one = new ByteHeap(64);
  /** The bytes of the value that is taken: none for a NULL, whose length is -1. */
  #start = 0;
  #length = 0;
  #hash = 0;
  #heap: Uint8Array | undefined;
  #words: Int32Array = new Int32Array(0);

  /** `isIndexed`: values are taken out, too. */
  constructor(layout: VectorWriter['layout'], isIndexed: boolean) {
    this.value = new VectorWriter(layout);
    this.#result = new VectorWriter(layout);
    this.#isIndexed = isIndexed;
  }

  #wordsOf(heap: Uint8Array): Int32Array {
    if (heap === this.#heap) return this.#words;
    this.#heap = heap;
    this.#words = new Int32Array(heap.buffer, heap.byteOffset, heap.length >> 2);
    return this.#words;
  }

  #take(): void {
    this.#one.clear();
    this.value.finish(this.#one);
    const { bytes } = this.#one;
    const isNull = isNullAt(bytes, 0, 0);
    this.#start = isNull ? 0 : valueStart(bytes, 0, 0, this.value.layout);
    this.#length = isNull ? isNone : valueLength(bytes, 0, 0, this.value.layout);
    if (this.#isIndexed) this.#hash = hashOf(bytes, this.#start, this.#length);
  }

  /** Puts the value behind those of the log, none where it has no bytes. True: there was no room, and all of them are in `made`. */
  append(heap: Uint8Array, at: number, length: number): boolean {
    this.#take();
    const { bytes } = this.#one;
    const size = Math.max(0, this.#length);
    if (length > 0 && this.#hasRoom(heap, at, length, size)) {
      this.#add(heap, at, bytes, this.#start, this.#length, this.#hash);
      return false;
    }
    this.#enlarge(heap, at, length, size);
    this.#add(this.made.bytes, 0, bytes, this.#start, this.#length, this.#hash);
    return true;
  }

  /** Takes the first one that is equal to the value out, if there is one. Never needs room: false. */
  remove(heap: Uint8Array, at: number, length: number): boolean {
    this.#take();
    if (length === 0) return false;
    const words = this.#wordsOf(heap);
    const base = at >> 2;
    const slot = this.#find(heap, at, this.#one.bytes, this.#start, this.#length, this.#hash);
    const entry = (words[slot] as number) - 1;
    if (entry < 0) return false;
    const entryWord = (index: number): number => base + headWords + 4 * index;
    const next = words[entryWord(entry) + 2] as number;
    words[slot] = next === 0 ? -1 : next;
    if (next !== 0) words[entryWord(next - 1) + 3] = words[entryWord(entry) + 3] as number;
    words[entryWord(entry) + 1] = isGone;
    words[base + left] = (words[base + left] as number) - 1;
    if (words[base + left] === 0) {
      words[base + used] = words[base + first] = words[base + dataUsed] = 0;
      return false;
    }
    while (words[entryWord(words[base + first] as number) + 1] === isGone) words[base + first] = (words[base + first] as number) + 1;
    let end = words[base + used] as number;
    for (; words[entryWord(end - 1) + 1] === isGone; end--) words[base + dataUsed] = words[entryWord(end - 1)] as number;
    words[base + used] = end;
    return false;
  }

  /** Appends the values as a vector, and gives its offset. */
  write(out: ByteHeap, heap: Uint8Array, at: number, length: number): number {
    const result = this.#result;
    result.begin();
    const count = loggedCount(heap, at, length);
    for (let i = 0, entry = 0; i < count; i++, entry++) {
      if (i === 0) entry = loggedFirst(heap, at);
      entry = loggedFrom(heap, at, entry);
      const bytes = loggedLength(heap, at, entry);
      const start = loggedStart(heap, at, entry);
      if (bytes === isNone) result.addNull();
      else if (result.layout === 'bytes') result.addBytes(heap, start, bytes);
      else result.addSlot(heap, start);
    }
    return result.finish(out);
  }

  #hasRoom(heap: Uint8Array, at: number, length: number, size: number): boolean {
    const words = this.#wordsOf(heap);
    const base = at >> 2;
    const entries = words[base + room] as number;
    return (words[base + used] as number) < entries && (words[base + filled] as number) < entries && dataAt(heap, at) + (words[base + dataUsed] as number) + size <= at + length;
  }

  /** The slot of a value's first entry, or the empty one where the search ends. The index is never full. */
  #find(heap: Uint8Array, at: number, bytes: Uint8Array, start: number, length: number, hash: number): number {
    const words = this.#wordsOf(heap);
    const base = at >> 2;
    const mask = (words[base + slots] as number) - 1;
    const index = base + headWords + 4 * (words[base + room] as number);
    const data = 4 * (index + mask + 1);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = words[index + slot] as number;
      if (entry === 0) return index + slot;
      if (entry < 0) continue;
      const word = base + headWords + 4 * (entry - 1);
      if (words[word + 1] === length && (length <= 0 || equalBytes(heap, data + (words[word] as number), length, bytes, start, length))) return index + slot;
    }
  }

  /** There is room. */
  #add(heap: Uint8Array, at: number, bytes: Uint8Array, start: number, length: number, hash: number): void {
    const words = this.#wordsOf(heap);
    const base = at >> 2;
    const entry = words[base + used] as number;
    const offset = words[base + dataUsed] as number;
    const word = base + headWords + stride(words[base + slots] as number) * entry;
    words[word] = offset;
    words[word + 1] = length;
    if (length > 0) {
      const to = dataAt(heap, at) + offset;
      for (let i = 0; i < length; i++) heap[to + i] = bytes[start + i] as number;
      words[base + dataUsed] = offset + length;
    }
    words[base + used] = entry + 1;
    words[base + left] = (words[base + left] as number) + 1;
    if (!this.#isIndexed) return;
    words[word + 2] = 0;
    words[word + 3] = entry + 1;
    const slot = this.#find(heap, at, bytes, start, length, hash);
    const same = words[slot] as number;
    if (same === 0) {
      words[slot] = entry + 1;
      words[base + filled] = (words[base + filled] as number) + 1;
      return;
    }
    const head = base + headWords + 4 * (same - 1);
    words[base + headWords + 4 * ((words[head + 3] as number) - 1) + 2] = entry + 1;
    words[head + 3] = entry + 1;
  }

  /** Makes a log with twice the room of what is left, and `size` bytes, in `made`. */
  #enlarge(heap: Uint8Array, at: number, length: number, size: number): void {
    const { made } = this;
    const count = loggedCount(heap, at, length);
    const entries = Math.max(2, 2 * count);
    const slotCount = this.#isIndexed ? 2 ** Math.ceil(Math.log2(2 * entries)) : 0;
    const data = length === 0 ? 0 : dataAt(heap, at);
    let kept = 0;
    if (count > 0) {
      for (let i = 0, entry = loggedFirst(heap, at); i < count; i++, entry++) {
        entry = loggedFrom(heap, at, entry);
        kept += Math.max(0, loggedLength(heap, at, entry));
      }
    }
    const total = 4 * (headWords + stride(slotCount) * entries + slotCount) + 2 * Math.max(slotWidth(this.value.layout), kept + size);
    made.clear();
    made.reserve(total);
    made.used = total;
    const { bytes } = made;
    bytes.fill(0, 0, total);
    const words = this.#wordsOf(bytes);
    words[room] = entries;
    words[slots] = slotCount;
    if (count === 0) return;
    for (let i = 0, entry = loggedFirst(heap, at); i < count; i++, entry++) {
      entry = loggedFrom(heap, at, entry);
      const start = data + readU32(heap, entryAt(heap, at, entry));
      const width = loggedLength(heap, at, entry);
      this.#add(bytes, 0, heap, start, width, this.#isIndexed ? hashOf(heap, start, width) : 0);
    }
  }
}

function hashOf(bytes: Uint8Array, start: number, length: number): number {
  return hashFinish(length < 0 ? hashNull(hashSeed) : hashBytes(hashSeed, bytes, start, length));
}
