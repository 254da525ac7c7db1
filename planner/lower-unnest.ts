import type { LogicalPlan } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** Keeps nothing. What told rows apart tells them apart still with the place of the element. */
export function lowerUnnest(node: Extract<LogicalPlan, { kind: 'Unnest' }>, input: PhysicalPlan, id: number): PhysicalPlan {
  const { column, ordinality, isLeft, columns } = node;
  const upsertKeys = ordinality ? input.properties.upsertKeys.map((key) => [...key, columns.length - 1]) : [];
  return { kind: 'Unnest', id, input, column, ordinality, isLeft, columns, properties: { changelog: input.properties.changelog, upsertKeys, state: 'none' } };
}
