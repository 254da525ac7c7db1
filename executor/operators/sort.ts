import { finalWatermark, noWatermark } from '../../core/batch.ts';
import type { Batch } from '../../core/batch.ts';
import type { I64Column } from '../../core/column.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import type { Span } from '../../core/span.ts';
import type { SortKey } from '../../planner/logical-plan.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { OrderedRows, type Keeper } from './ordered-rows.ts';
import { PassedTime } from './passed-time.ts';
import { nullTime } from './window-update.ts';

export interface SortSpec {
  readonly inputTypes: readonly SqlType[];
  readonly order: readonly SortKey[];
  readonly identity: readonly number[] | undefined;
  readonly stateName: string;
}

/** Gives all rows in their order at the end of the input, and none before. Keeps them all. */
export function sortOperator(context: OperatorContext, spec: SortSpec): Operator {
  const rows = new OrderedRows(context, spec);
  rows.keeper = {
    add: (compare, index, change) => {
      const rank = rows.rankOf(compare);
      change.target = rows.allocate(index);
      rows.ids.insert(rank, change.target);
    },
    withdraw: () => undefined,
  };
  rows.restore();
  return {
    layouts: spec.inputTypes.map(layoutOf),
    get sources() {
      return rows.sources;
    },
    onBatch: (_input, batch, from, to) => rows.take(batch, from, to),
    onTimers: (time) => {
      if (time !== finalWatermark) return false;
      rows.giveOut(rows.ids.takeFirst(context.budget));
      return rows.ids.size > 0;
    },
    onFlush: () => undefined,
    onEnd: () => undefined,
  };
}

export interface TemporalSortSpec extends Omit<SortSpec, 'identity'> {
  /** The time column is the processing time. */
  readonly processing?: true;
  /** For messages. */
  readonly timeName: string;
  readonly timeSpan: Span | undefined;
}

/**
 * Gives rows in the order of the time attribute, which is the first key, once the watermark has passed them; rows of one time in the order of
 * the other keys, equal ones as they came. Late rule, as in Flink: a row is late when its time is not behind the last time that the watermark at
 * its arrival has passed and of which there was a row. State: the rows that wait, and that last time.
 */
export function temporalSortOperator(context: OperatorContext, spec: TemporalSortSpec): Operator {
  const { order, processing } = spec;
  const timeColumn = order[0]?.column ?? 0;
  const rows = new OrderedRows(context, { ...spec, identity: undefined });
  const { ids } = rows;
  /** No row at or before this is taken any more. */
  const given = new PassedTime(context.state, `${spec.stateName} time`);
  let batchAtHand: Batch | undefined;
  const isPast = (time: number) => (id: number) => rows.timeOf(id, timeColumn) > time;
  const passed = (watermark: number): number => ids.rankOf(isPast(watermark));

  const keeper: Keeper = {
    add: (compare, index, change) => {
      if (batchAtHand !== undefined && processing !== true) {
        const column = batchAtHand.columns[timeColumn] as I64Column;
        if (column.nulls?.[index] === 1) nullTime(spec)();
        const time = (column.words[2 * index + 1] as number) * 4294967296 + ((column.words[2 * index] as number) >>> 0);
        const watermark = batchAtHand.watermarks?.[index] ?? noWatermark;
        reach(watermark);
        if (time <= given.time) {
          context.late(batchAtHand, index, watermark - time, watermark);
          return;
        }
      }
      const rank = rows.rankOf(compare);
      change.target = rows.allocate(index);
      ids.insert(rank, change.target);
    },
    withdraw: () => undefined,
  };
  rows.keeper = keeper;
  rows.restore();

  const fireDue = (time: number): boolean => {
    if (ids.size === 0) return false;
    const due = passed(time);
    if (due === 0) return false;
    const first = ids.takeFirst(Math.min(due, context.budget));
    if (processing !== true) given.reach(rows.timeOf(first.at(-1) ?? 0, timeColumn));
    rows.giveOut(first);
    return first.length < due;
  };

  return {
    layouts: spec.inputTypes.map(layoutOf),
    get sources() {
      return rows.sources;
    },
    onBatch: (_input, batch, from, to) => {
      batchAtHand = batch;
      rows.take(batch, from, to);
      batchAtHand = undefined;
    },
    onTimers: processing === true ? () => false : fireDue,
    ...(processing === true && { onProcessingTime: fireDue }),
    onFlush: () => undefined,
    onEnd: () => undefined,
  };

  /** The watermark passes the rows that it passes, though they are given out only at the end of the batch. */
  function reach(watermark: number): void {
    if (watermark === noWatermark || ids.size === 0) return;
    const due = passed(watermark);
    if (due > 0) given.reach(rows.timeOf(ids.at(due - 1), timeColumn));
  }
}
