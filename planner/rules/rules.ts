import type { Rule } from '../rule.ts';
import { dropUnusedWatermark } from './drop-unused-watermark.ts';
import { filterBeforeProjection } from './filter-before-projection.ts';
import { filterIntoJoin } from './filter-into-join.ts';
import { filterBeforeWindow } from './filter-before-window.ts';
import { joinKeys } from './join-keys.ts';
import { literalConditions } from './literal-conditions.ts';
import { mergeProjections } from './merge-projections.ts';
import { noRows } from './no-rows.ts';
import { pushIntoUnion } from './push-into-union.ts';
import { projectionIntoScan } from './projection-into-scan.ts';
import { unreadAggregates } from './unread-aggregates.ts';

/** Every rule, in the order in which they are applied. */
export const rules: readonly Rule[] = [
  // First of all: what holds no rows needs no window and no watermark.
  literalConditions,
  // Behind it, as conditions that are never true make what holds no rows.
  noRows,
  // Then, as nothing can be moved past a watermark.
  dropUnusedWatermark,
  // Then: what stands above unions goes where it meets what stands below them.
  pushIntoUnion,
  // Then: conditions in terms of what lies lowest, so that what follows sees all uses of a column in one place.
  filterBeforeProjection,
  // Behind it, as it looks for conditions that stand right above a window. Conditions stay above aggregates, on keys too: state is named by what
  // goes into it, and a condition that is added behind an aggregate keeps what has been counted.
  filterBeforeWindow,
  // Behind those that bring conditions down to joins.
  filterIntoJoin,
  // Again, for what joins have given to their sides.
  filterBeforeProjection,
  filterBeforeWindow,
  filterIntoJoin,
  // Behind what makes conditions of joins, before projections are merged: it makes some.
  joinKeys,
  // Again, for what came through windows.
  pushIntoUnion,
  filterBeforeProjection,
  // Then: neighbouring projections become one, so that only one is narrowed, and stands right above what it reads.
  mergeProjections,
  // Before what narrows the input of an aggregate by the calls that it has.
  unreadAggregates,
  // Last: what nobody reads is neither computed nor decoded.
  projectionIntoScan,
];
