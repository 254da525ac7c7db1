import { ByteHeap } from '../core/byte-heap.ts';
import { finishMap, VectorWriter } from '../core/collection-writer.ts';
import { compareEncoded, readU32, valueLength, valueStart } from '../core/collection.ts';
import { hashBytes, hashFinish, hashSeed } from '../core/hash.ts';

/**
 * A group's different values in their order, each with how often it came or with a value of its own, as one run of bytes that changes where it lies: a
 * treap, whose priorities are the hashes of the keys, so that one change, and what lies at a place among all, take logarithmic time. Source: Seidel
 * and Aragon, Randomized search trees. In Int32 words; a node's number is its place + 1, 0 is none:
 * - the head: how many nodes there is room for, how many were used, how many are left, the root, the first free one, the used bytes of the data
 * - the nodes: left, right (of a free one: the next free one), where the key's bytes begin in the data and how many they are, then of a multiset how
 *   often it came and how often all below it and itself did (low, high word), of a map where the value begins and how many bytes it has; the priority
 * - the data
 */
const [room, used, size, root, free, dataUsed, headWords] = [0, 1, 2, 3, 4, 5, 6];
const [leftWord, rightWord, keyStart, keyLength, countWord, sumLow, sumHigh, priority, nodeWords] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const [valueAt, valueSize] = [4, 5];

/** How many different values the tree at `at` has; 0 where it has no bytes. */
export function treeSize(heap: Uint8Array, at: number, length: number): number {
  return length === 0 ? 0 : readU32(heap, at + 4 * size);
}

/** Changes and reads trees whose keys have one layout. A tree's offset in its heap is a multiple of 4. */
export class ValueTree {
  /** Take key and value, before a call that needs them. */
  readonly key: VectorWriter;
  readonly value: VectorWriter;
  /** Where a change has put a tree that had no room. */
  readonly made = new ByteHeap(256);
  readonly #keys: VectorWriter;
  readonly #values: VectorWriter;
  readonly #isMap: boolean;
  readonly #one = new ByteHeap(64);
  readonly #other = new ByteHeap(64);
  #start = 0;
  #length = 0;
  /** What is added to the count of the key; of a map 1 puts it, 0 takes it out. */
  #by = 0;
  #heap: Uint8Array = this.made.bytes;
  #words: Int32Array = new Int32Array(0);
  /** The first word of the tree and of its nodes, and the first byte of its data. */
  #base = 0;
  #nodes = 0;
  #data = 0;

  /** `value`: 'count' for a multiset, else the layout of a map's values. */
  constructor(key: VectorWriter['layout'], value: 'count' | 'bytes') {
    this.#isMap = value === 'bytes';
    this.key = new VectorWriter(key);
    this.#keys = new VectorWriter(key);
    this.value = new VectorWriter(this.#isMap ? 'bytes' : 'i32');
    this.#values = new VectorWriter(this.#isMap ? 'bytes' : 'i32');
  }

  /** Puts the key with the value. True: there was no room, and the tree is in `made`; here and below. */
  put(heap: Uint8Array, at: number, length: number): boolean {
    return this.#change(heap, at, length, 1);
  }

  remove(heap: Uint8Array, at: number, length: number): boolean {
    return this.#change(heap, at, length, 0);
  }

  /** Of a multiset: so many more of the key, or less. */
  count(heap: Uint8Array, at: number, length: number, by: number): boolean {
    return this.#change(heap, at, length, by);
  }

  /** Of a multiset: how often all values came. */
  total(heap: Uint8Array, at: number): number {
    this.#open(heap, at);
    return this.#sum(this.#words[this.#base + root] as number);
  }

  /** Of a multiset: the node of the value at a place among all, from 1 on, where a value stands as often as it came. */
  nodeAt(heap: Uint8Array, at: number, place: number): number {
    this.#open(heap, at);
    let node = this.#words[this.#base + root] as number;
    let before = place;
    for (;;) {
      const word = this.#word(node);
      const lower = this.#sum(this.#words[word + leftWord] as number);
      if (before <= lower) node = this.#words[word + leftWord] as number;
      else {
        before -= lower + (this.#words[word + countWord] as number);
        if (before <= 0) return node;
        node = this.#words[word + rightWord] as number;
      }
    }
  }

  /** Where the bytes of the key of a node lie in the tree that was read last. */
  keyStartOf(node: number): number {
    return this.#data + (this.#words[this.#word(node) + keyStart] as number);
  }

  /** Appends the map, and gives its offset. */
  write(out: ByteHeap, heap: Uint8Array, at: number, length: number): number {
    this.#keys.begin();
    this.#values.begin();
    this.each(heap, at, length, (key, keyBytes, value, valueBytes) => {
      if (this.#keys.layout === 'bytes') this.#keys.addBytes(heap, key, keyBytes);
      else this.#keys.addSlot(heap, key);
      const { column } = this.#values.cell;
      if (column.layout === 'i32') {
        column.values[0] = valueBytes;
        this.#values.add();
      } else this.#values.addBytes(heap, value, valueBytes);
    });
    return finishMap(out, this.#keys, this.#values);
  }

  /** Calls with the keys in their order: where the bytes of key and value begin and how many they are; of a multiset 0 and how often the key came. */
  each(heap: Uint8Array, at: number, length: number, body: (key: number, keyBytes: number, value: number, valueBytes: number) => void): void {
    if (length === 0) return;
    this.#open(heap, at);
    const words = this.#words;
    const visit = (node: number): void => {
      if (node === 0) return;
      const word = this.#word(node);
      visit(words[word + leftWord] as number);
      const [value, bytes] = this.#isMap ? [this.#data + (words[word + valueAt] as number), words[word + valueSize] as number] : [0, words[word + countWord] as number];
      body(this.#data + (words[word + keyStart] as number), words[word + keyLength] as number, value, bytes);
      visit(words[word + rightWord] as number);
    };
    visit(words[this.#base + root] as number);
  }

  #open(heap: Uint8Array, at: number): void {
    if (heap !== this.#heap || this.#words.length === 0) {
      this.#heap = heap;
      this.#words = new Int32Array(heap.buffer, heap.byteOffset, heap.length >> 2);
    }
    this.#base = at >> 2;
    this.#nodes = this.#base + headWords;
    this.#data = 4 * (this.#nodes + nodeWords * (this.#words[this.#base + room] as number));
  }

  #word(node: number): number {
    return this.#nodes + nodeWords * (node - 1);
  }

  #change(heap: Uint8Array, at: number, length: number, by: number): boolean {
    this.#one.clear();
    this.key.finish(this.#one);
    this.#start = valueStart(this.#one.bytes, 0, 0, this.key.layout);
    this.#length = valueLength(this.#one.bytes, 0, 0, this.key.layout);
    this.#by = by;
    this.#other.clear();
    if (this.#isMap && by > 0) this.value.finish(this.#other);
    if (by <= 0 && length === 0) return false;
    const more = by <= 0 ? 0 : this.#length + (this.#isMap ? valueLength(this.#other.bytes, 0, 0, 'bytes') : 0);
    const isMade = by > 0 && !this.#hasRoom(heap, at, length, more);
    if (isMade) this.#enlarge(heap, at, length, more);
    else this.#open(heap, at);
    this.#words[this.#base + root] = this.#changed(this.#words[this.#base + root] as number);
    return isMade;
  }

  /** Changes the key below a node; gives the node that stands in its place. */
  #changed(node: number): number {
    if (node === 0) return this.#by > 0 ? this.#add() : 0;
    const words = this.#words;
    const word = this.#word(node);
    const order = compareEncoded(this.key.layout, this.#one.bytes, this.#start, this.#length, this.#heap, this.#data + (words[word + keyStart] as number), words[word + keyLength] as number);
    if (order === 0) {
      const next = this.#isMap ? this.#by : (words[word + countWord] as number) + this.#by;
      if (next <= 0) {
        const rest = this.#joined(words[word + leftWord] as number, words[word + rightWord] as number);
        words[word + rightWord] = words[this.#base + free] as number;
        words[this.#base + free] = node;
        words[this.#base + size] = (words[this.#base + size] as number) - 1;
        return rest;
      }
      this.#set(word, next);
      return node;
    }
    const [side, otherSide] = order < 0 ? [leftWord, rightWord] : [rightWord, leftWord];
    const child = this.#changed(words[word + side] as number);
    words[word + side] = child;
    if (child === 0 || (words[this.#word(child) + priority] as number) <= (words[word + priority] as number)) {
      this.#pull(word);
      return node;
    }
    words[word + side] = words[this.#word(child) + otherSide] as number;
    words[this.#word(child) + otherSide] = node;
    this.#pull(word);
    this.#pull(this.#word(child));
    return child;
  }

  /** Two trees, all keys of the first below those of the second, as one. */
  #joined(a: number, b: number): number {
    if (a === 0 || b === 0) return a + b;
    const words = this.#words;
    const [wordA, wordB] = [this.#word(a), this.#word(b)];
    if ((words[wordA + priority] as number) > (words[wordB + priority] as number)) {
      words[wordA + rightWord] = this.#joined(words[wordA + rightWord] as number, b);
      this.#pull(wordA);
      return a;
    }
    words[wordB + leftWord] = this.#joined(a, words[wordB + leftWord] as number);
    this.#pull(wordB);
    return b;
  }

  /** A node for the key that was taken; there is room. */
  #add(): number {
    const words = this.#words;
    let node = words[this.#base + free] as number;
    if (node === 0) node = words[this.#base + used] = (words[this.#base + used] as number) + 1;
    else words[this.#base + free] = words[this.#word(node) + rightWord] as number;
    words[this.#base + size] = (words[this.#base + size] as number) + 1;
    const word = this.#word(node);
    words[word + leftWord] = words[word + rightWord] = 0;
    words[word + keyStart] = this.#copy(this.#one.bytes, this.#start, this.#length);
    words[word + keyLength] = this.#length;
    words[word + priority] = hashFinish(hashBytes(hashSeed, this.#one.bytes, this.#start, this.#length));
    this.#set(word, this.#by);
    return node;
  }

  /** Gives a node its count, or the value that was taken. */
  #set(word: number, count: number): void {
    if (count > 0x7fffffff) throw new RangeError('a value is counted more than 2147483647 times');
    if (!this.#isMap) {
      this.#words[word + countWord] = count;
      this.#pull(word);
      return;
    }
    const { bytes } = this.#other;
    const length = valueLength(bytes, 0, 0, 'bytes');
    this.#words[word + valueAt] = this.#copy(bytes, valueStart(bytes, 0, 0, 'bytes'), length);
    this.#words[word + valueSize] = length;
  }

  #copy(bytes: Uint8Array, start: number, length: number): number {
    const offset = this.#words[this.#base + dataUsed] as number;
    for (let i = 0; i < length; i++) this.#heap[this.#data + offset + i] = bytes[start + i] as number;
    this.#words[this.#base + dataUsed] = offset + length;
    return offset;
  }

  /** Sums up a node anew. */
  #pull(word: number): void {
    if (this.#isMap) return;
    const words = this.#words;
    const sum = this.#sum(words[word + leftWord] as number) + this.#sum(words[word + rightWord] as number) + (words[word + countWord] as number);
    words[word + sumLow] = sum | 0;
    words[word + sumHigh] = Math.floor(sum / 4294967296);
  }

  #sum(node: number): number {
    if (node === 0) return 0;
    const word = this.#word(node);
    return ((this.#words[word + sumLow] as number) >>> 0) + (this.#words[word + sumHigh] as number) * 4294967296;
  }

  #hasRoom(heap: Uint8Array, at: number, length: number, more: number): boolean {
    if (length === 0) return false;
    this.#open(heap, at);
    const words = this.#words;
    return (words[this.#base + free] !== 0 || (words[this.#base + used] as number) < (words[this.#base + room] as number)) && this.#data + (words[this.#base + dataUsed] as number) + more <= at + length;
  }

  /** Makes the tree with twice the room of what is left, and `more` bytes, in `made`, and opens it. Nodes keep their numbers. */
  #enlarge(heap: Uint8Array, at: number, length: number, more: number): void {
    const { made } = this;
    let kept = 0;
    this.each(heap, at, length, (_key, keyBytes, _value, valueBytes) => {
      kept += keyBytes + (this.#isMap ? valueBytes : 0);
    });
    const nodes = length === 0 ? 0 : readU32(heap, at + 4 * used);
    const isFull = length === 0 || (nodes === readU32(heap, at + 4 * room) && readU32(heap, at + 4 * free) === 0);
    const rooms = isFull ? Math.max(2, 2 * nodes) : readU32(heap, at + 4 * room);
    const total = 4 * (headWords + nodeWords * rooms) + Math.max(16, 2 * (kept + more));
    made.clear();
    made.reserve(total);
    made.used = total;
    made.bytes.fill(0, 0, total);
    if (length > 0) made.bytes.set(heap.subarray(at, at + 4 * (headWords + nodeWords * nodes)));
    const [from, data] = [heap, this.#data];
    new Int32Array(made.bytes.buffer, 0, 1)[room] = rooms;
    this.#open(made.bytes, 0);
    this.#words[this.#base + dataUsed] = 0;
    this.#moveData(this.#words[this.#base + root] as number, from, data);
  }

  /** Copies the data of the nodes below and of `node` itself from where it lies. */
  #moveData(node: number, from: Uint8Array, data: number): void {
    if (node === 0) return;
    const word = this.#word(node);
    const words = this.#words;
    words[word + keyStart] = this.#copy(from, data + (words[word + keyStart] as number), words[word + keyLength] as number);
    if (this.#isMap) words[word + valueAt] = this.#copy(from, data + (words[word + valueAt] as number), words[word + valueSize] as number);
    this.#moveData(words[word + leftWord] as number, from, data);
    this.#moveData(words[word + rightWord] as number, from, data);
  }
}
