import { allocateBatch, type Batch } from '../../core/batch.ts';
import { js, type CodeBuilder } from '../../core/code.ts';
import type { BytesColumn, Column } from '../../core/column.ts';
import type { Layout } from '../../core/layout.ts';
import type { InputColumns, OutputColumns } from '../kernel-columns.ts';

/** Row `i` of the input as row `j` of the output, column for column, whatever their types. Bytes keep their heap. Marks NULLs in `any`. */
export function copyRow(code: CodeBuilder, input: InputColumns, output: OutputColumns, columns: Iterable<number>): void {
  for (const column of columns) copyColumn(code, input, column, output, column);
}

/** Column `from` of row `i` of the input as column `to` of row `j` of the output, which has its type. */
export function copyColumn(code: CodeBuilder, input: InputColumns, from: number, output: OutputColumns, to: number): void {
  const source = input.place(from);
  for (const [slot, array] of Object.entries(output.place(to).arrays)) {
    // `words` lie over `values`, `highWords` over `high`.
    if (slot === 'words' || slot === 'highWords') continue;
    code.line(js`${array}[j] = ${source.arrays[slot] ?? array}[i];`);
  }
  const nulls = input.nulls(from);
  code.line(nulls === undefined ? js`${output.nulls(to)}[j] = 0;` : js`if ((${output.nulls(to)}[j] = ${nulls}[i]) !== 0) any[${to}] = 1;`);
}

/** A batch of copied rows: its bytes columns, but for those that the input has not, lie in the heaps of the input's. */
export class CopyingBatch {
  readonly any: Uint8Array;
  batch: Batch;
  nulls: readonly Uint8Array[] = [];
  watermarks = new Float64Array(0);
  kinds = new Uint8Array(0);
  #hasKinds = false;
  capacity = 0;
  readonly #layouts: readonly Layout[];

  constructor(layouts: readonly Layout[], capacity: number) {
    this.#layouts = layouts;
    this.any = new Uint8Array(layouts.length);
    this.batch = allocateBatch([], 0);
    this.reserve(capacity);
  }

  reserve(rows: number): void {
    if (rows <= this.capacity) return;
    this.capacity = rows;
    this.batch = allocateBatch(this.#layouts, rows);
    this.nulls = this.#layouts.map(() => new Uint8Array(rows));
    this.watermarks = new Float64Array(rows);
    this.kinds = new Uint8Array(rows);
  }

  begin(source: Batch): void {
    this.any.fill(0);
    this.#hasKinds = source.kinds !== undefined;
    for (const i of this.batch.columns.keys()) this.share(i, source.columns[i]);
  }

  /** The bytes of column `index`, where it has such, lie in the heap of `source`. */
  share(index: number, source: Column | undefined): void {
    const column = this.batch.columns[index];
    if (column?.layout !== 'bytes' || source?.layout !== 'bytes') return;
    const to: BytesColumn = column;
    to.heap = source.heap;
    to.isPlain = source.isPlain;
  }

  finish(rows: number, watermark: number): Batch {
    const { batch } = this;
    for (const [i, column] of batch.columns.entries()) column.nulls = this.any[i] === 1 ? this.nulls[i] : undefined;
    batch.rowCount = rows;
    batch.kinds = this.#hasKinds ? this.kinds : undefined;
    batch.watermarks = this.watermarks;
    batch.watermarkAfter = watermark;
    return batch;
  }
}
