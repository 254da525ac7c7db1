import type { LogicalPlan } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** Keeps nothing. What told rows apart tells them apart still with the number of the set, which is the last column. */
export function lowerExpand({ keys, sets, columns }: Extract<LogicalPlan, { kind: 'Expand' }>, input: PhysicalPlan, id: number): PhysicalPlan {
  const upsertKeys = input.properties.upsertKeys.map((key) => [...key, columns.length - 1]);
  return { kind: 'Expand', id, input, keys, sets, columns, properties: { changelog: input.properties.changelog, upsertKeys, state: 'none' } };
}
