import { ByteHeap } from '../core/byte-heap.ts';
import { countAt, keysAt, valuesAt } from '../core/collection.ts';
import { compareValues, finishMap, sameValues, VectorWriter } from '../core/collection-writer.ts';

/** What aggregates that keep their values do with the encoding in their lane: values go to writers, then one call makes the new encoding. */

/** An array that grows at its end and loses the first of equal elements. */
export class List {
  readonly value: VectorWriter;
  readonly #result: VectorWriter;
  readonly #one = new ByteHeap(64);
  /** What `append` and `remove` make. */
  readonly made = new ByteHeap(256);

  constructor(layout: VectorWriter['layout']) {
    this.value = new VectorWriter(layout);
    this.#result = new VectorWriter(layout);
  }

  #take(): void {
    this.#one.clear();
    this.value.finish(this.#one);
    this.made.clear();
    this.#result.begin();
  }

  /** The list at `at`, none where it has no bytes, with the value that was added to `value` behind it. */
  append(heap: Uint8Array, at: number, length: number): void {
    this.#take();
    if (length > 0) for (let i = 0; i < countAt(heap, at); i++) this.#result.addFrom(heap, at, i);
    this.#result.addFrom(this.#one.bytes, 0, 0);
    this.#result.finish(this.made);
  }

  remove(heap: Uint8Array, at: number, length: number): void {
    this.#take();
    let isFound = false;
    for (let i = 0; length > 0 && i < countAt(heap, at); i++) {
      if (!isFound && sameValues(heap, at, i, this.#one.bytes, 0, 0, this.#result.layout)) isFound = true;
      else this.#result.addFrom(heap, at, i);
    }
    this.#result.finish(this.made);
  }
}

/** A map in the order of its keys. */
export class SortedMap {
  readonly key: VectorWriter;
  readonly value: VectorWriter;
  readonly #keys: VectorWriter;
  readonly #values: VectorWriter;
  readonly #one = new ByteHeap(64);
  readonly #other = new ByteHeap(64);
  readonly made = new ByteHeap(256);

  constructor(key: VectorWriter['layout'], value: VectorWriter['layout']) {
    this.key = new VectorWriter(key);
    this.value = new VectorWriter(value);
    this.#keys = new VectorWriter(key);
    this.#values = new VectorWriter(value);
  }

  /** Puts the key, taking the value from `put`; without one the key is left out. `put` gets the place of the old value, or -1. */
  #change(heap: Uint8Array, at: number, length: number, put: (old: number) => boolean): void {
    this.#one.clear();
    this.key.finish(this.#one);
    this.made.clear();
    this.#keys.begin();
    this.#values.begin();
    const one = this.#one.bytes;
    const count = length === 0 ? 0 : countAt(heap, keysAt(at));
    const from = length === 0 ? 0 : valuesAt(heap, at);
    let isPut = false;
    const add = (old: number): void => {
      isPut = true;
      if (put(old)) this.#keys.addFrom(one, 0, 0);
    };
    for (let i = 0; i < count; i++) {
      const order = isPut ? -1 : compareValues(heap, keysAt(at), i, one, 0, 0, this.#keys.layout);
      if (order >= 0) add(order === 0 ? i : -1);
      if (order === 0) continue;
      this.#keys.addFrom(heap, keysAt(at), i);
      this.#values.addFrom(heap, from, i);
    }
    if (!isPut) add(-1);
    finishMap(this.made, this.#keys, this.#values);
  }

  put(heap: Uint8Array, at: number, length: number): void {
    this.#other.clear();
    this.value.finish(this.#other);
    this.#change(heap, at, length, () => {
      this.#values.addFrom(this.#other.bytes, 0, 0);
      return true;
    });
  }

  remove(heap: Uint8Array, at: number, length: number): void {
    this.#change(heap, at, length, () => false);
  }

  /** Of a multiset: one more of the key, or one less. */
  count(heap: Uint8Array, at: number, length: number, by: number): void {
    this.#change(heap, at, length, (old) => {
      const counts = length === 0 ? 0 : valuesAt(heap, at);
      const next = by + (old < 0 ? 0 : countAt(heap, counts + 4 + ((countAt(heap, counts) + 7) >> 3) + 4 * old));
      if (next <= 0) return false;
      if (next > 0x7fffffff) throw new RangeError('a value is counted more than 2147483647 times');
      const { cell } = this.#values;
      if (cell.column.layout === 'i32') cell.column.values[0] = next;
      this.#values.add();
      return true;
    });
  }
}
