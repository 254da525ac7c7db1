import { allocateReachable } from '../core/wasm-memory.ts';
import type { RecordTarget } from './format.ts';

/** Encoded values one behind the other in memory: value i is bytes[offsets[i] .. + lengths[i]). */
export class SpanTarget implements RecordTarget {
  bytes: Uint8Array;
  view: DataView;
  offsets = new Int32Array(1024);
  lengths = new Int32Array(1024);
  count = 0;
  /** True: one of them is null. */
  hasNull = false;
  readonly #allocate: (bytes: number) => Uint8Array;
  #end = 0;

  /** `isReachable`: generated WebAssembly can write into it (core/wasm-memory.ts). */
  constructor(isReachable = false) {
    this.#allocate = isReachable ? allocateReachable : (bytes) => new Uint8Array(bytes);
    this.bytes = this.#allocate(1024);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Forgets the values, keeping the arrays. */
  clear(): void {
    this.count = 0;
    this.hasNull = false;
    this.#end = 0;
  }

  begin(_row: number, room: number): number {
    // What WebAssembly reads, it reads by sixteen bytes.
    const needed = this.#end + room + 16;
    if (needed > this.bytes.length) {
      const grown = this.#allocate(Math.max(needed, this.bytes.length * 2));
      grown.set(this.bytes.subarray(0, this.#end));
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return this.#end;
  }

  end(_row: number, at: number): void {
    this.#append(at - this.#end);
    this.#end = at;
  }

  /** A length of -1. */
  endNull(): void {
    this.#append(-1);
  }

  beginRows(room: number): number {
    return this.begin(0, room);
  }

  endRows(ends: Int32Array, rows: number): void {
    while (this.count + rows > this.offsets.length) this.#grow();
    const { offsets, lengths, count } = this;
    let start = this.#end;
    for (let row = 0; row < rows; row++) {
      const end = ends[row] as number;
      offsets[count + row] = start;
      lengths[count + row] = end - start;
      start = end;
    }
    this.#end = start;
    this.count = count + rows;
  }

  #append(length: number): void {
    const { count } = this;
    if (count === this.offsets.length) this.#grow();
    if (length < 0) this.hasNull = true;
    this.offsets[count] = this.#end;
    this.lengths[count] = length;
    this.count = count + 1;
  }

  #grow(): void {
    this.offsets = grow(this.offsets);
    this.lengths = grow(this.lengths);
  }
}

function grow(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
