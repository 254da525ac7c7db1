import type { Batch } from '../../core/batch.ts';
import { ByteHeap } from '../../core/byte-heap.ts';
import { js, type CompiledKernel } from '../../core/code.ts';
import type { I64Column } from '../../core/column.ts';
import { layoutOf, type Layout } from '../../core/layout.ts';
import type { SliceStore } from '../../state/slices.ts';
import type { Table } from '../../state/table.ts';
import type { AggregateCode } from '../aggregate-code.ts';
import { OutputColumns } from '../kernel-columns.ts';
import type { OperatorContext } from '../operator.ts';
import { Emitter } from './emitter.ts';
import { compileEmit, noneUpTo } from './window-emit.ts';
import { compileUpdate, type Update, type WindowAggregateSpec } from './window-update.ts';

/** Records that a slice gets room for at a time while it holds fewer. */
const leastReserve = 32;

/** What a slice costs at the least to fire, in rows. */
export const leastCost = 64;

/**
 * The table of a slice, with room for one record at the least and `rows` at the most. Room in proportion to what is there, as most of the rows may be
 * of keys that it knows or of other slices: the kernel comes again.
 */
export function sliceWithRoom(slices: SliceStore, end: number, rows: number): Table {
  const table = slices.at(end);
  const wanted = Math.min(rows, Math.max(leastReserve, table.limit * 4));
  if (table.room < wanted) table.reserve(wanted);
  return table;
}

/** The loops that add rows to slices, which `owner` finds for them: see compileUpdate. */
export class WindowInput {
  readonly #make: (withNulls: boolean) => Update;
  readonly #versions: [Update | undefined, Update | undefined] = [undefined, undefined];
  readonly #owner: object;
  /** By the clock no row is late. */
  readonly #isProcessing: boolean;
  /** Text that arguments make, for the length of a call. */
  readonly textHeap = new ByteHeap();

  constructor(context: OperatorContext, spec: WindowAggregateSpec, aggregate: AggregateCode, isShared: boolean, owner: object) {
    this.#make = (withNulls) => compileUpdate(context.id, context.clock, aggregate, spec, withNulls, isShared);
    this.#isProcessing = spec.processing === true;
    this.#owner = owner;
  }

  get sources(): readonly string[] {
    return [this.#version(false).kernel.source, this.#version(true).kernel.source];
  }

  take(batch: Batch, from: number, to: number): void {
    const { input, kernel } = this.#version(this.#version(true).input.needsNulls(batch));
    this.textHeap.clear();
    const args: unknown[] = [this.#owner, batch, from, to, this.#isProcessing ? noneUpTo(to) : batch.watermarks, this.textHeap, batch.kinds];
    input.pushArguments(batch, args);
    (kernel.run as (...values: unknown[]) => void)(...args);
  }

  #version(withNulls: boolean): Update {
    return (this.#versions[withNulls ? 1 : 0] ??= this.#make(withNulls));
  }
}

/** Emits the records of a table as the rows of a window that has closed: keys, results, and what the window itself adds, last. */
export class WindowOutput {
  readonly layouts: readonly Layout[];
  readonly #context: OperatorContext;
  readonly #bounds: (end: number) => readonly number[];
  readonly #first: number;
  readonly #emitter: Emitter;
  readonly #columns: OutputColumns;
  readonly #emit: CompiledKernel;
  /** Where a firing goes on between two calls of onTimers: the next id of the table. 0 whenever else: never a part of the state. */
  #resumeAt = 0;

  /** `bounds`: the window's own columns, ms, of the window that ends at an instant; always as many. */
  constructor(context: OperatorContext, { outputTypes }: WindowAggregateSpec, aggregate: AggregateCode, bounds: (end: number) => readonly number[]) {
    this.layouts = outputTypes.map(layoutOf);
    this.#context = context;
    this.#bounds = bounds;
    this.#first = this.layouts.length - bounds(0).length;
    this.#emitter = new Emitter(this.layouts, Math.min(4096, context.budget));
    this.#columns = new OutputColumns(this.layouts.map((layout, i) => (i < this.#first ? layout : undefined)), js`j`);
    this.#emit = compileEmit(aggregate, this.#columns);
  }

  get source(): string {
    return this.#emit.source;
  }

  /** True while a table is not all out: the next call goes on with it. */
  get isAmid(): boolean {
    return this.#resumeAt > 0;
  }

  /** Emits a table from where it stands, at most about `budget` rows; gives how many. */
  give(table: Table, end: number, budget: number): number {
    const emitter = this.#emitter;
    const context = this.#context;
    let fired = 0;
    while (this.#resumeAt < table.limit && fired < budget) {
      emitter.begin();
      const upTo = Math.min(table.limit, this.#resumeAt + emitter.capacity);
      const args: unknown[] = [table, this.#resumeAt, upTo, emitter.heap, emitter.any];
      this.#columns.pushArguments(emitter.batch.columns, emitter.nulls, args);
      const rows = (this.#emit.run as (...values: unknown[]) => number)(...args);
      for (const [i, value] of this.#bounds(end).entries()) (emitter.batch.columns[this.#first + i] as I64Column).values.fill(BigInt(value), 0, rows);
      fired += upTo - this.#resumeAt;
      this.#resumeAt = upTo;
      context.metrics.rowsOut += rows;
      context.emit(emitter.finish(rows, context.outputWatermark));
    }
    if (this.#resumeAt >= table.limit) this.#resumeAt = 0;
    return fired;
  }
}
