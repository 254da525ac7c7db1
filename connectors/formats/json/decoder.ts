import { allocateBatch, type Batch } from '../../../core/batch.ts';
import { columnArrays } from '../../../core/column.ts';
import type { CompiledKernel } from '../../../core/code.ts';
import { layoutOf } from '../../../core/layout.ts';
import type { ReadColumn, RecordDecoder, RecordSpans } from '../../../catalog/connector.ts';
import { decodeSlowly } from './slow.ts';
import { compileTolerant } from './tolerant.ts';

const utf8 = new TextEncoder();

/** JSON records to columns, in tiers: what one tier does not take, the next does. */
export class JsonDecoder implements RecordDecoder {
  readonly #columns: readonly ReadColumn[];
  readonly #tolerant: CompiledKernel;
  readonly #any: Uint8Array;
  readonly #slack = new Int32Array(1);
  #batch: Batch;
  #nulls: Uint8Array[] = [];
  #capacity = 0;
  /** How many records each tier took: for tests and `--profile`. */
  readonly taken = { tolerant: 0, slow: 0 };

  constructor(columns: readonly ReadColumn[]) {
    this.#columns = columns;
    this.#tolerant = compileTolerant(columns);
    this.#any = new Uint8Array(columns.length);
    this.#batch = allocateBatch([], 0);
  }

  get source(): string {
    return this.#tolerant.source;
  }

  decode(records: RecordSpans, from: number, to: number): Batch {
    this.#reserve(to - from);
    const batch = this.#batch;
    const any = this.#any.fill(0);
    const args: unknown[] = [records.heap, 0, 0, 0, any, this.#slack, records.heap.length];
    for (const [i, column] of batch.columns.entries()) {
      const arrays = columnArrays(column);
      args.push(...(column.layout === 'bytes' ? arrays.slice(1) : arrays), this.#nulls[i]);
    }
    const tolerant = this.#tolerant.run as (...values: unknown[]) => number;
    this.#slack[0] = records.slackStart;
    let row = 0;
    for (let i = from; i < to; i++) {
      const at = records.offsets[i] as number;
      const length = records.lengths[i] as number;
      args[1] = at;
      args[2] = at + length;
      args[3] = row;
      let result = tolerant(...args);
      if (result === -2) {
        growHeap(records, this.#slack[0], length);
        args[0] = records.heap;
        args[6] = records.heap.length;
        result = tolerant(...args);
      }
      if (result === 0) this.taken.tolerant++;
      else {
        this.taken.slow++;
        const slack = this.#slack;
        decodeSlowly(records.heap, at, at + length, row, i, this.#columns, batch.columns, this.#nulls, any, {
          appendText: (text) => {
            growHeap(records, slack[0] as number, text.length * 3);
            const offset = slack[0] as number;
            const written = utf8.encodeInto(text, records.heap.subarray(offset)).written;
            slack[0] = offset + written;
            return { offset, length: written };
          },
        });
        args[0] = records.heap;
        args[6] = records.heap.length;
      }
      row++;
    }
    records.slackStart = this.#slack[0] as number;
    for (const [i, column] of batch.columns.entries()) {
      column.nulls = any[i] === 1 ? this.#nulls[i] : undefined;
      if (column.layout === 'bytes') column.heap = records.heap;
    }
    batch.rowCount = row;
    batch.kinds = undefined;
    return batch;
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity && this.#capacity > 0) return;
    this.#capacity = Math.max(1024, rows);
    const layouts = this.#columns.map((column) => layoutOf(column.type));
    this.#batch = allocateBatch(layouts, this.#capacity);
    this.#nulls = layouts.map(() => new Uint8Array(this.#capacity));
  }
}

/** Makes room for `bytes` more behind `used`; offsets into the heap stay right. */
function growHeap(records: RecordSpans, used: number, bytes: number): void {
  if (used + bytes + 16 <= records.heap.length) return;
  const grown = new Uint8Array(Math.max(records.heap.length * 2, used + bytes + 16));
  grown.set(records.heap.subarray(0, used));
  records.heap = grown;
}
