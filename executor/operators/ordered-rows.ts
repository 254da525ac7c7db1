import type { Batch } from '../../core/batch.ts';
import { js, type CompiledKernel } from '../../core/code.ts';
import { allocateColumn, type I64Column } from '../../core/column.ts';
import { layoutOf } from '../../core/layout.ts';
import { types, type SqlType } from '../../core/sql-type.ts';
import type { SortKey } from '../../planner/logical-plan.ts';
import { Table } from '../../state/table.ts';
import { AggregateCode } from '../aggregate-code.ts';
import { OutputColumns } from '../kernel-columns.ts';
import type { OperatorContext } from '../operator.ts';
import { StoredRow } from '../stored-row.ts';
import { Emitter } from './emitter.ts';
import { compileEmitRecords, compileOrder, type OrderKernel } from './order-code.ts';
import { OrderedIds } from './ordered-ids.ts';

export interface OrderedRowsSpec {
  readonly inputTypes: readonly SqlType[];
  readonly order: readonly SortKey[];
  /** The columns that a withdrawal is told by; undefined where rows only come. */
  readonly identity: readonly number[] | undefined;
  readonly stateName: string;
}

/** Below zero: the row at hand goes before the record `id`; 0: only the order of arrival tells. */
export type CompareRow = (id: number) => number;

/**
 * What becomes of a row, said by whoever keeps it: the record to write it to (-1 for none), whether that has to be emptied first, the records
 * that come out before (withdrawn) and after (new) it is written, and the one that has to go then; -1 for none.
 */
export interface Change {
  target: number;
  isReused: boolean;
  withdrawn: number;
  entered: number;
  gone: number;
}

export interface Keeper {
  /** A row comes; `index`: of the batch at hand. */
  add(compare: CompareRow, index: number, change: Change): void;
  /** The row of the record `id`, at `rank`, is withdrawn; it is in no list any more. */
  withdraw(rank: number, id: number, change: Change): void;
}

/**
 * Rows in the order of sort keys, and of arrival where these are equal. State: the rows, each with the number of its arrival in a column behind
 * its own. The order and the identities are an index over them, built anew after a restore.
 */
export class OrderedRows {
  readonly ids = new OrderedIds();
  readonly rows: Table;
  /** Withdrawals of what is not there. */
  unmatched = 0;
  readonly #context: OperatorContext;
  readonly #spec: OrderedRowsSpec;
  readonly #width: number;
  readonly #types: readonly SqlType[];
  readonly #stored: StoredRow;
  readonly #identity: AggregateCode | undefined;
  readonly #identities: Table;
  /** By identity: the records of its rows, as they came. */
  readonly #records: (number[] | undefined)[] = [];
  readonly #emitter: Emitter;
  readonly #output: OutputColumns;
  readonly #emit: CompiledKernel;
  readonly #versions: [OrderKernel | undefined, OrderKernel | undefined] = [undefined, undefined];
  readonly #change: Change = { target: -1, isReused: false, withdrawn: -1, entered: -1, gone: -1 };
  #kinds = new Uint8Array(0);
  #watermarks = new Float64Array(0);
  #arrivalColumn: I64Column = allocateColumn('i64', 0) as I64Column;
  #arrivals = 0;
  /** While the index is built: the records of the rows that come, which are stored already. */
  #restoring: readonly number[] | undefined;
  keeper: Keeper | undefined;

  constructor(context: OperatorContext, spec: OrderedRowsSpec) {
    this.#context = context;
    this.#spec = spec;
    this.#width = spec.inputTypes.length;
    this.#types = [...spec.inputTypes, types.bigint];
    this.#stored = new StoredRow(this.#types);
    this.rows = context.state.table(spec.stateName, this.#stored.shape);
    this.#identity = spec.identity === undefined ? undefined : new AggregateCode(this.#types, spec.identity, []);
    this.#identities = new Table((this.#identity ?? new AggregateCode(this.#types, [], [])).shape);
    const layouts = this.#types.map(layoutOf);
    this.#emitter = new Emitter(layouts, 4096);
    this.#output = new OutputColumns(layouts, js`j`);
    this.#emit = compileEmitRecords(this.#stored, this.#output);
  }

  get sources(): readonly string[] {
    return [this.#version(false).kernel.source, this.#version(true).kernel.source, this.#emit.source];
  }

  /** Enters what was stored; before any row comes. */
  restore(): void {
    const { rows } = this;
    if (rows.size === 0) return;
    const ids = this.#stored.ids(rows).sort((a, b) => this.arrivalOf(a) - this.arrivalOf(b));
    this.#arrivals = this.arrivalOf(ids.at(-1) ?? 0) + 1;
    for (let from = 0; from < ids.length; from += this.#emitter.capacity) {
      const part = ids.slice(from, from + this.#emitter.capacity);
      const source = new Emitter(this.#types.map(layoutOf), part.length);
      this.#gather(part, source);
      this.#restoring = part;
      const batch = source.finish(part.length, -Infinity);
      this.#take(batch, batch, 0, part.length);
    }
    this.#restoring = undefined;
  }

  /** Gives the rows [from, to) to the keeper, and emits what comes out of it. */
  take(batch: Batch, from: number, to: number): void {
    const step = this.#emitter.capacity >> 1;
    for (let start = from; start < to; start += step) {
      const end = Math.min(to, start + step);
      const count = this.#take(this.#numbered(batch, start, end), batch, start, end);
      this.#context.metrics.unmatched += this.unmatched;
      this.unmatched = 0;
      if (count === 0) continue;
      const out = this.#emitter.finish(count, batch.watermarkAfter);
      this.#handOn(out, this.#kinds, batch.watermarks === undefined ? undefined : this.#watermarks);
    }
  }

  /** Emits records in the order given, as inserts, and takes them out; they are in no list any more. */
  giveOut(ids: readonly number[]): void {
    for (let from = 0; from < ids.length; from += this.#emitter.capacity) {
      const part = ids.slice(from, from + this.#emitter.capacity);
      this.#gather(part, this.#emitter);
      const out = this.#emitter.finish(part.length, this.#context.outputWatermark);
      this.#handOn(out, undefined, out.watermarks);
    }
    for (const id of ids) this.rows.remove(id);
  }

  /** A record for the row at hand; one that is stored already while the index is built. */
  allocate(index: number): number {
    return this.#restoring?.[index] ?? this.#stored.allocate(this.rows, this.#numberOf(index));
  }

  /** The rank at which the row at hand stands behind all that are equal to it. */
  rankOf(compare: CompareRow): number {
    return this.ids.rankOf((id) => compare(id) < 0);
  }

  arrivalOf(id: number): number {
    const at = 2 * this.#quadOf(id, this.#width);
    return (this.rows.r32[at + 1] as number) * 4294967296 + ((this.rows.r32[at] as number) >>> 0);
  }

  /** ms: a column of a record that is a TIMESTAMP of at most 3 digits. */
  timeOf(id: number, column: number): number {
    const at = 2 * this.#quadOf(id, column);
    return (this.rows.r32[at + 1] as number) * 4294967296 + ((this.rows.r32[at] as number) >>> 0);
  }

  #quadOf(id: number, column: number): number {
    const { quads, offsets } = this.#stored.shape;
    return id * quads + (offsets[1 + column] ?? 0);
  }

  #numberOf(index: number): number {
    const { words } = this.#arrivalColumn;
    return (words[2 * index + 1] as number) * 4294967296 + ((words[2 * index] as number) >>> 0);
  }

  /** The batch with the numbers of its rows' arrivals behind its columns. */
  #numbered(batch: Batch, from: number, to: number): Batch {
    if (this.#arrivalColumn.values.length < to) this.#arrivalColumn = allocateColumn('i64', Math.max(4096, to)) as I64Column;
    const { words } = this.#arrivalColumn;
    for (let i = from; i < to; i++) {
      const number = this.#arrivals++;
      words[2 * i] = number | 0;
      words[2 * i + 1] = Math.floor(number / 4294967296);
    }
    return { ...batch, columns: [...batch.columns.slice(0, this.#width), this.#arrivalColumn] };
  }

  #handOn(out: Batch, kinds: Uint8Array | undefined, watermarks: Float64Array | undefined): void {
    this.#context.metrics.rowsOut += out.rowCount;
    this.#context.emit({ rowCount: out.rowCount, columns: out.columns.slice(0, this.#width), kinds, watermarks, watermarkAfter: out.watermarkAfter });
  }

  #gather(ids: readonly number[], emitter: Emitter): void {
    emitter.begin();
    const args: unknown[] = [this.rows, ids, emitter.heap, emitter.any];
    this.#output.pushArguments(emitter.batch.columns, emitter.nulls, args);
    (this.#emit.run as (...values: unknown[]) => void)(...args);
  }

  #take(numbered: Batch, batch: Batch, from: number, to: number): number {
    const { input, kernel } = this.#version(this.#version(true).input.needsNulls(numbered));
    const emitter = this.#emitter;
    this.rows.reserve(to - from);
    this.#identities.reserve(to - from);
    if (this.#kinds.length === 0) [this.#kinds, this.#watermarks] = [new Uint8Array(emitter.capacity), new Float64Array(emitter.capacity)];
    emitter.begin();
    const args: unknown[] = [this, this.#change, this.#identities, this.rows, from, to, batch.kinds, this.#kinds, batch.watermarks, this.#watermarks, emitter.heap, emitter.any];
    input.pushArguments(numbered, args);
    this.#output.pushArguments(emitter.batch.columns, emitter.nulls, args);
    const count = (kernel.run as (...values: unknown[]) => number)(...args);
    // The index knows no checkpoints: ids of what is gone may be used at once.
    this.#identities.nextEpoch();
    return count;
  }

  /** For the kernel: what becomes of row `index`, of the identity given. */
  decide(compare: CompareRow, index: number, withdraws: boolean, identity: number): void {
    const change = this.#change;
    change.target = change.withdrawn = change.entered = change.gone = -1;
    change.isReused = false;
    if (!withdraws) {
      this.keeper?.add(compare, index, change);
      if (this.#identity !== undefined) (this.#records[identity] ??= []).push(change.target);
      // What is stored is neither written nor given out again.
      if (this.#restoring !== undefined) change.target = change.withdrawn = change.entered = -1;
      return;
    }
    const records = this.#records[identity] as number[];
    const id = records.shift() as number;
    if (records.length === 0) {
      this.#records[identity] = undefined;
      this.#identities.remove(identity);
    }
    const arrival = this.arrivalOf(id);
    let rank = this.ids.rankOf((other) => (compare(other) || arrival - this.arrivalOf(other)) <= 0);
    if (this.ids.at(rank) !== id) rank = this.ids.search(id);
    this.ids.removeAt(rank);
    change.gone = id;
    this.keeper?.withdraw(rank, id, change);
  }

  /** For the kernel: empties a record that another row is written to. */
  clear(id: number): void {
    this.#stored.clear(this.rows, id);
  }

  #version(withNulls: boolean): OrderKernel {
    return (this.#versions[withNulls ? 1 : 0] ??= compileOrder(this.#context.id, { types: this.#types, order: this.#spec.order, stored: this.#stored, identity: this.#identity, output: this.#output }, withNulls));
  }
}
