import type { Batch } from '../../core/batch.ts';
import { ByteHeap } from '../../core/byte-heap.ts';
import { js } from '../../core/code.ts';
import { layoutOf } from '../../core/layout.ts';
import type { I64Column } from '../../core/column.ts';
import type { Table } from '../../state/table.ts';
import { AggregateCode } from '../aggregate-code.ts';
import { OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { Emitter } from './emitter.ts';
import { sharedWindowsOperator } from './shared-windows.ts';
import { compileEmit, noneUpTo } from './window-emit.ts';
import { compileUpdate, startOf, type Update, type WindowAggregateSpec } from './window-update.ts';
import { windowZone } from './window-zone.ts';

/** Records that a slice gets room for at a time while it holds fewer. */
const leastReserve = 32;

/** What a slice costs at the least to fire, in rows. */
const leastCost = 64;

/**
 * Windowed aggregation over slices: a table per window, dropped whole when the watermark has passed its end.
 * Late rule: a row is late when the watermark at its arrival is at or past its last window's end - 1 ms; it leaves through `context.late`. A row
 * that is late for some of its windows counts in the others.
 * Emits keys, results, window_start (of ATTACHED a key), window_end, window_time (end - 1 ms), window by window in order of their ends.
 * Over the processing time no row is late, and windows end by the clock.
 * Firing at the end of a batch equals firing inside it: whether a row counts is decided by its own watermark, not by what has fired.
 */
export function windowAggregateOperator(context: OperatorContext, spec: WindowAggregateSpec): Operator {
  const { window } = spec;
  const zone = windowZone(spec.zone);
  const aggregate = new AggregateCode(spec.inputTypes, spec.keys, spec.calls, spec.isUpdating === true);
  if (window.kind !== 'ATTACHED' && window.kind !== 'TUMBLE' && (window.kind === 'CUMULATE' || window.size % window.slide === 0) && aggregate.isMergeable) return sharedWindowsOperator(context, spec, window, aggregate);
  // The windows of the clock close no event time.
  const slices = context.state.slices(spec.stateName, aggregate.shape, spec.processing === true ? undefined : (end) => zone.due(end));
  const layouts = spec.outputTypes.map(layoutOf);
  /** The first of the window's own columns; the start of a window that rows come with is a key. */
  const ends = layouts.length - (window.kind === 'ATTACHED' ? 2 : 3);
  const emitter = new Emitter(layouts, Math.min(4096, context.budget));
  const versions: [Update | undefined, Update | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Update => (versions[withNulls ? 1 : 0] ??= compileUpdate(context.id, context.clock, aggregate, spec, withNulls));
  const output = new OutputColumns(layouts.map((layout, i) => (i < ends ? layout : undefined)), js`j`);
  const emit = compileEmit(aggregate, output);
  /** Text that arguments make, for the length of a call. */
  const textHeap = new ByteHeap();
  /** Where a firing goes on between two calls of onTimers: the next id of the first slice. 0 whenever else: never a part of the state. */
  let resumeAt = 0;

  const owner = {
    /** The table of a slice, with room for one record at the least and `rows` at the most. */
    slice: (end: number, rows: number): Table => {
      const table = slices.at(end);
      // Room in proportion to what is there, as most of the rows may be of keys that it knows or of other slices: the kernel comes again.
      const wanted = Math.min(rows, Math.max(leastReserve, table.limit * 4));
      if (table.room < wanted) table.reserve(wanted);
      return table;
    },
    /** A row that takes back what is not there. */
    unmatched: (): void => void context.metrics.unmatched++,
    late: (batch: Batch, row: number, due: number, watermark: number): void => context.late(batch, row, watermark - due, watermark),
  };

  /** Emits a slice from `resumeAt` on, at most about `budget` rows; gives how many. `resumeAt` is 0 again when all are out. */
  const fire = (table: Table, end: number, budget: number): number => {
    let fired = 0;
    while (resumeAt < table.limit && fired < budget) {
      emitter.begin();
      const upTo = Math.min(table.limit, resumeAt + emitter.capacity);
      const args: unknown[] = [table, resumeAt, upTo, emitter.heap, emitter.any];
      output.pushArguments(emitter.batch.columns, emitter.nulls, args);
      const rows = (emit.run as (...values: unknown[]) => number)(...args);
      for (const [i, value] of [...(window.kind === 'ATTACHED' ? [] : [startOf(window, end)]), end, zone.lastInstant(end)].entries()) {
        const column = emitter.batch.columns[ends + i] as I64Column;
        column.values.fill(BigInt(value), 0, rows);
      }
      fired += upTo - resumeAt;
      resumeAt = upTo;
      context.metrics.rowsOut += rows;
      context.emit(emitter.finish(rows, context.outputWatermark));
    }
    if (resumeAt >= table.limit) resumeAt = 0;
    return fired;
  };

  const fireDue = (time: number): boolean => {
    let left = context.budget;
    for (let end = slices.firstEnd; end !== Infinity && zone.due(end) <= time; end = slices.firstEnd) {
      if (left <= 0) return true;
      const table = slices.get(end);
      if (table !== undefined) left -= Math.max(leastCost, fire(table, end, left));
      if (resumeAt > 0) return true;
      slices.drop(end);
    }
    return false;
  };

  return {
    layouts,
    get sources() {
      return [version(false).kernel.source, version(true).kernel.source, emit.source];
    },
    onBatch: (_input, batch, from, to) => {
      const { input, kernel } = version(version(true).input.needsNulls(batch));
      textHeap.clear();
      const args: unknown[] = [owner, batch, from, to, spec.processing === true ? noneUpTo(to) : batch.watermarks, textHeap, batch.kinds];
      input.pushArguments(batch, args);
      (kernel.run as (...values: unknown[]) => void)(...args);
    },
    onTimers: spec.processing === true ? () => false : fireDue,
    ...(spec.processing === true && { onProcessingTime: fireDue }),
    onFlush: () => undefined,
    onEnd: () => undefined,
  };
}
