import { isInsertOnly } from '../core/changelog.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { exchangeOn } from './lower-exchange.ts';
import { lowerSortLimit } from './lower-sort.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { stateName } from './state-name.ts';

/** The first rows, as they come. Over updates another row comes up when one of them goes, so that all are kept. */
export function lowerLimit(node: Extract<LogicalPlan, { kind: 'Limit' }>, input: PhysicalPlan, nextId: () => number): PhysicalPlan {
  if (!isInsertOnly(input.properties.changelog)) return lowerSortLimit(node, [], input, nextId);
  return {
    kind: 'Limit',
    input: exchangeOn(input, [], nextId()),
    id: nextId(),
    offset: node.offset,
    count: node.count,
    columns: node.columns,
    stateName: stateName('Limit', input, [], [], { offset: node.offset, count: node.count }, undefined),
    properties: { changelog: input.properties.changelog, upsertKeys: input.properties.upsertKeys, state: 'bounded' },
  };
}
