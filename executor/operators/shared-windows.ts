import type { Batch } from '../../core/batch.ts';
import type { AlignedWindow } from '../../planner/logical-plan.ts';
import { withoutCalls } from '../../planner/state-name.ts';
import { Table } from '../../state/table.ts';
import type { AggregateCode } from '../aggregate-code.ts';
import { compileMerge, hashesOf } from '../merge-code.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { PassedTime } from './passed-time.ts';
import { leastCost, sliceWithRoom, WindowInput, WindowOutput } from './window-frame.ts';
import { paceOf, startOf, type WindowAggregateSpec } from './window-update.ts';
import { windowZone } from './window-zone.ts';

/** Records that are merged for what one that is emitted costs. */
const mergesPerRow = 4;

/**
 * Windows that share rows, HOP and CUMULATE, over slices of the length of a pace: a row is added to its slice alone, and when a window closes
 * its slices are merged. Says the same, of rows, late rows and order of windows, as an aggregate that adds each row to all of its windows.
 * CUMULATE goes on from what it merged for the window before, if no row has come behind it since.
 * State: a table for each slice, until its last window has closed, and which windows have closed.
 */
export function sharedWindowsOperator(context: OperatorContext, spec: WindowAggregateSpec, window: Exclude<AlignedWindow, { kind: 'TUMBLE' }>, aggregate: AggregateCode): Operator {
  const zone = windowZone(spec.zone);
  const pace = paceOf(window);
  const lastEnd = (slice: number): number => (window.kind === 'HOP' ? slice + window.size - pace : startOf(window, slice) + window.size);
  const slices = context.state.slices(spec.stateName, aggregate.shape, spec.processing === true ? undefined : (slice) => zone.due(lastEnd(slice)));
  /** The end of the last window that has closed. Whether there is such a state also tells these slices from those that each hold a window. */
  const closed = new PassedTime(context.state, `${withoutCalls(spec.stateName)} closed`);
  const output = new WindowOutput(context, spec, aggregate, (end) => [startOf(window, end), end, zone.lastInstant(end)]);
  const merge = compileMerge(aggregate);
  let merged = new Table(aggregate.shape, 16);
  let hashes: Int32Array = new Int32Array(0);
  /** The window whose slices `merged` holds, and up to which slice; undefined for none. An index over slices: no part of the state. */
  let held: { readonly start: number; upTo: number } | undefined;

  const input = new WindowInput(context, spec, aggregate, true, {
    slice: (end: number, rows: number): Table => {
      if (held !== undefined && end <= held.upTo) held = undefined;
      return sliceWithRoom(slices, end, rows);
    },
    late: (batch: Batch, row: number, due: number, watermark: number): void => context.late(batch, row, watermark - due, watermark),
    /** Fires the windows that a watermark amid a batch closes. */
    close: (watermark: number): void => {
      while (fireDue(watermark));
    },
  });

  const addSlice = (table: Table): void => {
    hashes = hashesOf(table, hashes);
    if (merged.room < table.size) merged.reserve(table.size);
    (merge.run as (...values: unknown[]) => void)(merged, table, hashes, 0, table.limit, input.textHeap);
  };

  /** What the window that ends at `end` holds; undefined where no row lies in it. */
  const contentOf = (end: number): { readonly table: Table; readonly cost: number } | undefined => {
    const start = startOf(window, end);
    if (window.kind === 'HOP' || held?.start !== start) held = undefined;
    const from = held?.upTo ?? start;
    const parts = slices.ends().filter((slice) => slice > from && slice <= end).flatMap((slice) => slices.get(slice) ?? []);
    const [only] = parts;
    if (held === undefined && only === undefined) return undefined;
    if (held === undefined && only !== undefined && parts.length === 1) return { table: only, cost: 0 };
    if (held === undefined) {
      if (merged.room > 1024 && merged.room > merged.limit * 16) merged = new Table(aggregate.shape, 16);
      merged.clear(1);
    }
    let cost = 0;
    for (const part of parts) {
      addSlice(part);
      cost += part.size;
    }
    held = { start, upTo: end };
    return { table: merged, cost: Math.ceil(cost / mergesPerRow) };
  };

  /** The end of the next window that holds a row. */
  const nextEnd = (): number => (slices.firstEnd === Infinity ? Infinity : Math.max(slices.firstEnd, closed.time + pace));

  /** What is emitted next, or goes on being emitted, between two calls. */
  let content: { readonly end: number; readonly table: Table } | undefined;

  const fireDue = (time: number): boolean => {
    let left = context.budget;
    for (let end = nextEnd(); end !== Infinity && zone.due(end) <= time; end = nextEnd()) {
      if (left <= 0) return true;
      if (content?.end !== end) {
        const found = contentOf(end);
        content = found === undefined ? undefined : { end, table: found.table };
        left -= found?.cost ?? 0;
        // Merging was this call's work: the next one begins to emit.
        if (left <= 0 && content !== undefined) return true;
      }
      if (content !== undefined) left -= Math.max(leastCost, output.give(content.table, end, left));
      if (output.isAmid) return true;
      content = undefined;
      closed.reach(end);
      for (let slice = slices.firstEnd; lastEnd(slice) <= end; slice = slices.firstEnd) slices.drop(slice);
    }
    // Windows without rows have closed as well: a row that is late for them is in none.
    if (Number.isFinite(time)) closed.reach(lastClosed(time));
    return false;
  };

  /** The end of the last window that a watermark closes. */
  const lastClosed = (watermark: number): number => {
    let end = Math.floor((zone.local(watermark) + 1 - window.offset) / pace) * pace + window.offset;
    while (zone.due(end) > watermark) end -= pace;
    while (zone.due(end + pace) <= watermark) end += pace;
    return end;
  };

  return {
    layouts: output.layouts,
    get sources() {
      return [...input.sources, merge.source, output.source];
    },
    onBatch: (_input, batch, from, to) => input.take(batch, from, to),
    onTimers: spec.processing === true ? () => false : fireDue,
    ...(spec.processing === true && { onProcessingTime: fireDue }),
    onFlush: () => undefined,
    onEnd: () => undefined,
  };
}
