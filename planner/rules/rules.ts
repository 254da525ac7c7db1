import type { Rule } from '../rule.ts';
import { dropUnusedWatermark } from './drop-unused-watermark.ts';
import { filterBeforeProjection } from './filter-before-projection.ts';
import { mergeProjections } from './merge-projections.ts';
import { pushIntoUnion } from './push-into-union.ts';
import { projectionIntoScan } from './projection-into-scan.ts';

/** Every rule, in the order in which they are applied. */
export const rules: readonly Rule[] = [
  // First of all, as nothing can be moved past a watermark.
  dropUnusedWatermark,
  // Then: what stands above unions goes where it meets what stands below them.
  pushIntoUnion,
  // Then: conditions in terms of what lies lowest, so that what follows sees all uses of a column in one place.
  filterBeforeProjection,
  // Then: neighbouring projections become one, so that only one is narrowed.
  mergeProjections,
  // Last: what nobody reads is neither computed nor decoded.
  projectionIntoScan,
];
