import { mergeChangelogs } from '../core/changelog.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** Nothing tells the rows of a union apart, as each may come from several inputs: it has no key, so that what is updated is withdrawn whole. */
export function lowerUnion(node: Extract<LogicalPlan, { kind: 'Union' }>, inputs: readonly PhysicalPlan[], id: number): PhysicalPlan {
  const changelog = mergeChangelogs(inputs.map((input) => input.properties.changelog));
  return { kind: 'Union', id, inputs, columns: node.columns, properties: { changelog, upsertKeys: [], state: 'none' } };
}
