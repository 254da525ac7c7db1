import { allocateBatch, type Batch } from '../../core/batch.ts';
import { ByteHeap } from '../../core/byte-heap.ts';
import type { Layout } from '../../core/layout.ts';

/** The output batch of an operator that makes rows: columns of its own, NULL flags, and one heap for all its bytes columns. */
export class Emitter {
  readonly batch: Batch;
  readonly nulls: readonly Uint8Array[];
  readonly any: Uint8Array;
  readonly heap = new ByteHeap();
  readonly capacity: number;
  readonly #watermarks: Float64Array;

  constructor(layouts: readonly Layout[], capacity: number) {
    this.capacity = capacity;
    this.batch = allocateBatch(layouts, capacity);
    this.nulls = layouts.map(() => new Uint8Array(capacity));
    this.any = new Uint8Array(layouts.length);
    this.#watermarks = new Float64Array(capacity);
  }

  begin(): void {
    this.heap.clear();
    this.any.fill(0);
  }

  /** The batch of `rows` rows, which came while the watermark stood at `watermark` ms. */
  finish(rows: number, watermark: number): Batch {
    const { batch } = this;
    for (const [i, column] of batch.columns.entries()) {
      column.nulls = this.any[i] === 1 ? this.nulls[i] : undefined;
      if (column.layout === 'bytes') column.heap = this.heap.bytes;
    }
    batch.rowCount = rows;
    this.#watermarks.fill(watermark, 0, rows);
    batch.watermarks = this.#watermarks;
    batch.watermarkAfter = watermark;
    return batch;
  }
}
