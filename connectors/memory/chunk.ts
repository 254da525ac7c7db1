import { noWatermark, type Batch } from '../../core/batch.ts';
import { ByteHeap } from '../../core/byte-heap.ts';
import { allocateColumn, type Column } from '../../core/column.ts';
import type { Layout } from '../../core/layout.ts';

/** Rows of the largest chunk. */
export const greatestCapacity = 4096;

/** Rows in columns that are only added to, with a chunk behind it once it is full. What was added stays, so that views of it may be lent. */
export class Chunk {
  readonly capacity: number;
  readonly columns: readonly Column[];
  readonly kinds: Uint8Array;
  /** 1 where the row stands: no later change withdrew it, and it withdraws none. */
  readonly stands: Uint8Array;
  count = 0;
  /** The chunk whose rows follow. A chunk that has one gets no more rows. */
  next: Chunk | undefined;
  readonly #heaps: readonly (ByteHeap | undefined)[];

  constructor(layouts: readonly Layout[], capacity: number) {
    this.capacity = capacity;
    this.columns = layouts.map((layout) => allocateColumn(layout, capacity));
    this.#heaps = layouts.map((layout) => (layout === 'bytes' ? new ByteHeap() : undefined));
    this.kinds = new Uint8Array(capacity);
    this.stands = new Uint8Array(capacity);
  }

  get isFull(): boolean {
    return this.count === this.capacity;
  }

  /** Copies rows [from, to), for which there is room, with this kind. */
  add(columns: readonly Column[], from: number, to: number, kind: number): void {
    const at = this.count;
    for (let c = 0; c < this.columns.length; c++) {
      const source = columns[c] as Column;
      const target = this.columns[c] as Column;
      copyValues(source, target, from, to, at, this.#heaps[c]);
      if (source.nulls === undefined) continue;
      target.nulls ??= new Uint8Array(this.capacity);
      for (let row = from; row < to; row++) target.nulls[at + row - from] = source.nulls[row] as number;
    }
    this.kinds.fill(kind, at, at + to - from);
    this.count = at + to - from;
  }

  /** Rows [from, to) of these columns, seen where they lie. */
  view(columns: readonly number[], from: number, to: number, hasKinds: boolean): Batch {
    return {
      rowCount: to - from,
      columns: columns.map((c) => slice(this.columns[c] as Column, from, to)),
      kinds: hasKinds ? this.kinds.subarray(from, to) : undefined,
      watermarks: undefined,
      watermarkAfter: noWatermark,
    };
  }
}

function copyValues(source: Column, target: Column, from: number, to: number, at: number, heap: ByteHeap | undefined): void {
  const move = at - from;
  if (source.layout === 'bytes' && target.layout === 'bytes' && heap !== undefined) {
    for (let row = from; row < to; row++) {
      const length = source.lengths[row] as number;
      target.offsets[row + move] = heap.append(source.heap, source.offsets[row] as number, length);
      target.lengths[row + move] = length;
    }
    target.heap = heap.bytes;
    return;
  }
  if ('words' in source && 'words' in target) {
    for (let word = 2 * from; word < 2 * to; word++) target.words[word + 2 * move] = source.words[word] as number;
    if (source.layout === 'i64n' && target.layout === 'i64n') for (let row = from; row < to; row++) target.nanos[row + move] = source.nanos[row] as number;
    if (source.layout === 'i128' && target.layout === 'i128') for (let word = 2 * from; word < 2 * to; word++) target.highWords[word + 2 * move] = source.highWords[word] as number;
    return;
  }
  if (source.layout === 'bytes' || target.layout === 'bytes' || 'words' in source || 'words' in target) return;
  for (let row = from; row < to; row++) target.values[row + move] = source.values[row] as number;
}

function slice(column: Column, from: number, to: number): Column {
  const nulls = column.nulls?.subarray(from, to);
  switch (column.layout) {
    case 'u8':
      return { layout: 'u8', values: column.values.subarray(from, to), nulls };
    case 'i32':
      return { layout: 'i32', values: column.values.subarray(from, to), nulls };
    case 'f32':
      return { layout: 'f32', values: column.values.subarray(from, to), nulls };
    case 'f64':
      return { layout: 'f64', values: column.values.subarray(from, to), nulls };
    case 'i64':
      return { layout: 'i64', values: column.values.subarray(from, to), words: column.words.subarray(2 * from, 2 * to), nulls };
    case 'i64n':
      return { layout: 'i64n', values: column.values.subarray(from, to), words: column.words.subarray(2 * from, 2 * to), nanos: column.nanos.subarray(from, to), nulls };
    case 'i128':
      return { layout: 'i128', values: column.values.subarray(from, to), words: column.words.subarray(2 * from, 2 * to), high: column.high.subarray(from, to), highWords: column.highWords.subarray(2 * from, 2 * to), nulls };
    case 'bytes':
      return { layout: 'bytes', heap: column.heap, offsets: column.offsets.subarray(from, to), lengths: column.lengths.subarray(from, to), isPlain: false, nulls };
  }
}
