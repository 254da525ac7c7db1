import { ByteHeap } from './byte-heap.ts';
import { compareEncoded, countAt, isNullAt, rowShape, slotWidth, valueLength, valueStart, writeU32 } from './collection.ts';
import { allocateColumn, type Column } from './column.ts';
import { compareBytes } from './hash.ts';
import type { Layout } from './layout.ts';

/** One value on its way into or out of an encoding: a column of one row, which generated code stores to and loads from, and its bytes. */
export class Cell {
  readonly layout: Layout;
  readonly column: Column;
  /** The bytes of the row in each array that holds a part of it, in the order in which a slot holds them. */
  readonly #parts: readonly Uint8Array[];

  constructor(layout: Layout) {
    this.layout = layout;
    this.column = allocateColumn(layout, 1);
    const { column } = this;
    const view = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    this.#parts = column.layout === 'bytes' ? [] : column.layout === 'i64n' ? [view(column.values), view(column.nanos)] : column.layout === 'i128' ? [view(column.values), view(column.high)] : [view(column.values)];
  }

  /** Copies the value into a slot. Not for layout bytes. */
  write(target: Uint8Array, at: number): void {
    const { column } = this;
    if (column.layout === 'f64' || column.layout === 'f32') {
      const value = column.values[0] as number;
      column.values[0] = value === 0 ? 0 : value !== value ? NaN : value;
    }
    let to = at;
    for (const part of this.#parts) for (let i = 0; i < part.length; i++) target[to++] = part[i] as number;
  }

  /** Takes the value of a slot. */
  read(source: Uint8Array, at: number): void {
    let from = at;
    for (const part of this.#parts) for (let i = 0; i < part.length; i++) part[i] = source[from++] as number;
  }
}

/** Builds one encoded value after the other without making anything: `begin`, the values in order, `finish`. */
export class VectorWriter {
  readonly layout: Layout;
  /** What `add` takes. */
  readonly cell: Cell;
  readonly #width: number;
  count = 0;
  #nulls = new Uint8Array(8);
  #slots = new Uint8Array(64);
  #data = new Uint8Array(64);
  #used = 0;

  constructor(layout: Layout) {
    this.layout = layout;
    this.cell = new Cell(layout);
    this.#width = slotWidth(layout);
  }

  begin(): void {
    this.count = 0;
    this.#used = 0;
  }

  #slot(isNull: boolean): number {
    const index = this.count++;
    if (index >> 3 >= this.#nulls.length) this.#nulls = grown(this.#nulls, index >> 3, (index >> 3) + 1);
    if ((index & 7) === 0) this.#nulls[index >> 3] = 0;
    if (isNull) this.#nulls[index >> 3] = (this.#nulls[index >> 3] as number) | (1 << (index & 7));
    const at = index * this.#width;
    if (at + this.#width > this.#slots.length) this.#slots = grown(this.#slots, at, at + this.#width);
    return at;
  }

  add(): void {
    const at = this.#slot(false);
    this.cell.write(this.#slots, at);
  }

  /** The value that lies encoded at `start`. Not for layout bytes. */
  addSlot(heap: Uint8Array, start: number): void {
    const at = this.#slot(false);
    for (let i = 0; i < this.#width; i++) this.#slots[at + i] = heap[start + i] as number;
  }

  addNull(): void {
    const at = this.#slot(true);
    if (this.layout === 'bytes') writeU32(this.#slots, at, this.#used);
    else this.#slots.fill(0, at, at + this.#width);
  }

  addBytes(heap: Uint8Array, offset: number, length: number): void {
    if (this.#used + length > this.#data.length) this.#data = grown(this.#data, this.#used, this.#used + length);
    for (let i = 0; i < length; i++) this.#data[this.#used + i] = heap[offset + i] as number;
    this.#used += length;
    const at = this.#slot(false);
    writeU32(this.#slots, at, this.#used);
  }

  /** The value `index` of another vector of the same layout. */
  addFrom(heap: Uint8Array, vector: number, index: number): void {
    if (isNullAt(heap, vector, index)) {
      this.addNull();
      return;
    }
    const start = valueStart(heap, vector, index, this.layout);
    if (this.layout === 'bytes') {
      this.addBytes(heap, start, valueLength(heap, vector, index, 'bytes'));
      return;
    }
    this.addSlot(heap, start);
  }

  /** The bytes that `finish` appends. */
  get length(): number {
    return 4 + ((this.count + 7) >> 3) + this.count * this.#width + (this.layout === 'bytes' ? this.#used : 0);
  }

  /** Appends the vector and gives its offset; its length is `used` less that. */
  finish(heap: ByteHeap): number {
    const { count } = this;
    heap.reserve(this.length);
    const at = heap.used;
    const { bytes } = heap;
    writeU32(bytes, at, count);
    let to = at + 4;
    for (let i = 0; i < (count + 7) >> 3; i++) bytes[to++] = this.#nulls[i] as number;
    bytes.set(this.#slots.subarray(0, count * this.#width), to);
    to += count * this.#width;
    if (this.layout === 'bytes') {
      bytes.set(this.#data.subarray(0, this.#used), to);
      to += this.#used;
    }
    heap.used = to;
    return at;
  }
}

function grown(array: Uint8Array, used: number, wanted: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(wanted, array.length * 2));
  larger.set(array.subarray(0, used));
  return larger;
}

/** Builds maps: keys and values in turn, in any order of the keys; of equal keys the last one stays. */
export class MapWriter {
  readonly keys: VectorWriter;
  readonly values: VectorWriter;
  readonly #sortedKeys: VectorWriter;
  readonly #sortedValues: VectorWriter;
  #order = new Int32Array(16);

  constructor(key: Layout, value: Layout) {
    this.keys = new VectorWriter(key);
    this.values = new VectorWriter(value);
    this.#sortedKeys = new VectorWriter(key);
    this.#sortedValues = new VectorWriter(value);
  }

  begin(): void {
    this.keys.begin();
    this.values.begin();
  }

  finish(heap: ByteHeap): number {
    const { count } = this.keys;
    const keys = this.keys.finish(heap);
    const values = this.values.finish(heap);
    const source = heap.bytes;
    if (this.#order.length < count) this.#order = new Int32Array(count * 2);
    const order = this.#order.subarray(0, count);
    for (let i = 0; i < count; i++) order[i] = i;
    order.sort((a, b) => compareValues(source, keys, a, source, keys, b, this.keys.layout) || a - b);
    this.#sortedKeys.begin();
    this.#sortedValues.begin();
    for (let i = 0; i < count; i++) {
      const index = order[i] as number;
      const isLast = i + 1 === count || compareValues(source, keys, index, source, keys, order[i + 1] as number, this.keys.layout) !== 0;
      if (!isLast) continue;
      this.#sortedKeys.addFrom(source, keys, index);
      this.#sortedValues.addFrom(source, values, index);
    }
    return finishMap(heap, this.#sortedKeys, this.#sortedValues);
  }
}

/** Appends a map whose keys are in order and different. */
export function finishMap(heap: ByteHeap, keys: VectorWriter, values: VectorWriter): number {
  heap.reserve(4);
  const at = heap.used;
  writeU32(heap.bytes, at, keys.length);
  heap.used = at + 4;
  keys.finish(heap);
  values.finish(heap);
  return at;
}

/** The order of two values of vectors; NULL comes first. */
export function compareValues(a: Uint8Array, aVector: number, i: number, b: Uint8Array, bVector: number, j: number, layout: Layout): number {
  const isNull = isNullAt(a, aVector, i);
  if (isNull || isNullAt(b, bVector, j)) return isNull ? (isNullAt(b, bVector, j) ? 0 : -1) : 1;
  return compareEncoded(layout, a, valueStart(a, aVector, i, layout), valueLength(a, aVector, i, layout), b, valueStart(b, bVector, j, layout), valueLength(b, bVector, j, layout));
}

/** Equal, NULL being equal to NULL. */
export function sameValues(a: Uint8Array, aVector: number, i: number, b: Uint8Array, bVector: number, j: number, layout: Layout): boolean {
  const isNull = isNullAt(a, aVector, i);
  if (isNull || isNullAt(b, bVector, j)) return isNull && isNullAt(b, bVector, j);
  return compareBytes(a, valueStart(a, aVector, i, layout), valueLength(a, aVector, i, layout), b, valueStart(b, bVector, j, layout), valueLength(b, bVector, j, layout)) === 0;
}

/** The place of a value in a vector, from `from` on; -1 when it is not there. `b` holds the value looked for. */
function indexOfValue(a: Uint8Array, aVector: number, from: number, to: number, b: Uint8Array, bVector: number, j: number, layout: Layout): number {
  for (let i = from; i < to; i++) if (sameValues(a, aVector, i, b, bVector, j, layout)) return i;
  return -1;
}

/** The place of a value anywhere in a vector, or -1. */
export function findValue(a: Uint8Array, aVector: number, b: Uint8Array, bVector: number, j: number, layout: Layout): number {
  return indexOfValue(a, aVector, 0, countAt(a, aVector), b, bVector, j, layout);
}

/** Looks for a value: `writer` takes it, after `find` the next one. */
export class ValueFinder {
  readonly writer: VectorWriter;
  readonly #heap = new ByteHeap(64);

  constructor(layout: Layout) {
    this.writer = new VectorWriter(layout);
    this.writer.begin();
  }

  #take(): void {
    this.#heap.clear();
    this.writer.finish(this.#heap);
    this.writer.begin();
  }

  /** The place of the value in the vector at `at`, or -1. */
  find(heap: Uint8Array, at: number): number {
    this.#take();
    return findValue(heap, at, this.#heap.bytes, 0, 0, this.writer.layout);
  }

  /** Appends the vector without the value. */
  without(out: ByteHeap, rest: VectorWriter, heap: Uint8Array, at: number): number {
    this.#take();
    rest.begin();
    for (let i = 0; i < countAt(heap, at); i++) if (!sameValues(heap, at, i, this.#heap.bytes, 0, 0, this.writer.layout)) rest.addFrom(heap, at, i);
    return rest.finish(out);
  }
}

/** Builds rows: `begin`, then each field in order, `finish`. */
export class RowWriter {
  readonly cells: readonly Cell[];
  readonly #slots: readonly number[];
  #bytes: Uint8Array;
  readonly #head: number;
  #used = 0;
  #field = 0;

  constructor(layouts: readonly Layout[]) {
    const { slots, head } = rowShape(layouts);
    this.cells = layouts.map((layout) => new Cell(layout));
    this.#slots = slots;
    this.#head = head;
    this.#bytes = new Uint8Array(head + 64);
  }

  begin(): void {
    this.#bytes.fill(0, 0, this.#head);
    this.#used = this.#head;
    this.#field = 0;
  }

  add(): void {
    const field = this.#field++;
    this.cells[field]?.write(this.#bytes, this.#slots[field] as number);
  }

  addNull(): void {
    const field = this.#field++;
    this.#bytes[field >> 3] = (this.#bytes[field >> 3] as number) | (1 << (field & 7));
    if (this.cells[field]?.layout === 'bytes') writeU32(this.#bytes, this.#slots[field] as number, this.#used - this.#head);
  }

  addBytes(heap: Uint8Array, offset: number, length: number): void {
    const field = this.#field++;
    if (this.#used + length > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#used, this.#used + length);
    for (let i = 0; i < length; i++) this.#bytes[this.#used + i] = heap[offset + i] as number;
    this.#used += length;
    writeU32(this.#bytes, this.#slots[field] as number, this.#used - this.#head);
  }

  finish(heap: ByteHeap): number {
    return heap.append(this.#bytes, 0, this.#used);
  }
}
