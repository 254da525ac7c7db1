import type { Batch } from '../../core/batch.ts';
import type { Table } from '../../state/table.ts';
import { AggregateCode } from '../aggregate-code.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { sharedWindowsOperator } from './shared-windows.ts';
import { leastCost, sliceWithRoom, WindowInput, WindowOutput } from './window-frame.ts';
import { startOf, type WindowAggregateSpec } from './window-update.ts';
import { windowZone } from './window-zone.ts';

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
  // The start of a window that rows come with is a key.
  const output = new WindowOutput(context, spec, aggregate, (end) => [...(window.kind === 'ATTACHED' ? [] : [startOf(window, end)]), end, zone.lastInstant(end)]);
  const input = new WindowInput(context, spec, aggregate, false, {
    slice: (end: number, rows: number): Table => sliceWithRoom(slices, end, rows),
    /** A row that takes back what is not there. */
    unmatched: (): void => void context.metrics.unmatched++,
    late: (batch: Batch, row: number, due: number, watermark: number): void => context.late(batch, row, watermark - due, watermark),
  });

  const fireDue = (time: number): boolean => {
    let left = context.budget;
    for (let end = slices.firstEnd; end !== Infinity && zone.due(end) <= time; end = slices.firstEnd) {
      if (left <= 0) return true;
      const table = slices.get(end);
      if (table !== undefined) left -= Math.max(leastCost, output.give(table, end, left));
      if (output.isAmid) return true;
      slices.drop(end);
    }
    return false;
  };

  return {
    layouts: output.layouts,
    get sources() {
      return [...input.sources, output.source];
    },
    onBatch: (_input, batch, from, to) => input.take(batch, from, to),
    onTimers: spec.processing === true ? () => false : fireDue,
    ...(spec.processing === true && { onProcessingTime: fireDue }),
    onFlush: () => undefined,
    onEnd: () => undefined,
  };
}
