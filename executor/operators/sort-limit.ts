import { finalWatermark } from '../../core/batch.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SortKey } from '../../planner/logical-plan.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { OrderedRows, type Keeper } from './ordered-rows.ts';

export interface SortLimitSpec {
  readonly inputTypes: readonly SqlType[];
  readonly order: readonly SortKey[];
  /** See OrderedRowsSpec. */
  readonly identity: readonly number[] | undefined;
  readonly offset: number;
  /** Undefined for all rows behind the offset. */
  readonly count: number | undefined;
  /** Nothing comes out before the end of the input, and then the rows in their order. */
  readonly isAtEnd?: boolean;
  readonly stateName: string;
}

/**
 * The rows behind the first `offset` in an order, at most `count`; of equal ones those that came first. Each row's change is emitted: -D for the
 * row that it pushes out, then +I for the one that comes in, which need not be itself. As Flink's rank without a row number. Input that only
 * inserts needs no more than the first rows kept; when rows are withdrawn, others come up, so all are.
 */
export function sortLimitOperator(context: OperatorContext, { inputTypes, order, identity, offset, count, isAtEnd = false, stateName }: SortLimitSpec): Operator {
  const rows = new OrderedRows(context, { inputTypes, order, identity, stateName });
  const { ids } = rows;
  const end = count === undefined ? Infinity : offset + count;

  const appending: Keeper = {
    add: (compare, index, change) => {
      const { size } = ids;
      if (end <= offset) return;
      if (size < end) {
        const rank = rows.rankOf(compare);
        change.target = rows.allocate(index);
        ids.insert(rank, change.target);
        change.entered = rank >= offset ? change.target : size >= offset ? ids.at(offset) : -1;
        return;
      }
      // Of equal rows the one that is there stays.
      if (compare(ids.at(size - 1)) >= 0) return;
      const rank = rows.rankOf(compare);
      change.withdrawn = change.target = ids.removeAt(size - 1);
      change.isReused = true;
      ids.insert(rank, change.target);
      change.entered = ids.at(Math.max(rank, offset));
    },
    withdraw: () => undefined,
  };

  const updating: Keeper = {
    add: (compare, index, change) => {
      const rank = rows.rankOf(compare);
      change.target = rows.allocate(index);
      ids.insert(rank, change.target);
      if (rank >= end || end <= offset) return;
      if (ids.size > end) change.withdrawn = ids.at(end);
      if (rank >= offset) change.entered = change.target;
      else if (ids.size > offset) change.entered = ids.at(offset);
    },
    withdraw: (rank, id, change) => {
      if (rank >= end || end <= offset) return;
      if (rank >= offset) change.withdrawn = id;
      else if (ids.size >= offset) change.withdrawn = ids.at(offset - 1);
      if (ids.size >= end) change.entered = ids.at(end - 1);
    },
  };

  const keeper = identity === undefined ? appending : updating;
  /** Keeps the same rows, and gives out none. */
  const silent: Keeper = {
    add: (compare, index, change) => {
      keeper.add(compare, index, change);
      change.withdrawn = change.entered = -1;
    },
    withdraw: () => undefined,
  };
  rows.keeper = isAtEnd ? silent : keeper;
  rows.restore();
  return {
    layouts: inputTypes.map(layoutOf),
    get sources() {
      return rows.sources;
    },
    onBatch: (_input, batch, from, to) => rows.take(batch, from, to),
    onTimers: (time) => {
      if (!isAtEnd || time !== finalWatermark) return false;
      rows.giveOut(ids.takeFirst(end).slice(offset));
      return false;
    },
    onFlush: () => undefined,
    onEnd: () => undefined,
  };
}
