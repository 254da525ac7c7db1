import { isInsertOnly, type Changelog } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { aggregateOverload } from '../functions/registry.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { exchangeOn } from './lower-exchange.ts';
import { lowerWindowAggregate, windowKeysOf } from './lower-window.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { stateName } from './state-name.ts';

/** A window and its GROUP BY as one operator; without a window, or with one of its ends alone, an aggregate that keeps its keys. */
export function lowerAggregate(node: Extract<LogicalPlan, { kind: 'Aggregate' }>, go: (node: LogicalPlan) => PhysicalPlan, nextId: () => number): PhysicalPlan {
  const kinds = windowKeysOf(node);
  if (kinds !== undefined) return lowerWindowAggregate(node, kinds, go, nextId);
  return lowerGroupAggregate(node, go(node.input), nextId);
}

function lowerGroupAggregate(node: Extract<LogicalPlan, { kind: 'Aggregate' }>, input: PhysicalPlan, nextId: () => number): PhysicalPlan {
  const isUpdating = !isInsertOnly(input.properties.changelog);
  const refused = node.calls.find((call) => isUpdating && aggregateOverload(call.name, call.overload, call.version).updating === undefined);
  if (refused !== undefined) throw new SqlError({ code: 'E0002', message: `not supported yet: ${refused.name} over rows that are updated`, span: refused.span ?? node.span });
  // A row of a group without results says all there is to say of it: nothing is updated.
  const changelog: Changelog = { inserts: true, updates: node.calls.length > 0, deletes: isUpdating, before: false, fullDeletes: isUpdating };
  return {
    kind: 'GroupAggregate',
    id: nextId(),
    input: exchangeOn(input, node.keys, nextId()),
    keys: node.keys,
    calls: node.calls,
    columns: node.columns.map((column) => ({ name: column.name, type: column.type })),
    stateName: stateName('GroupAggregate', input, node.keys, node.calls, isUpdating ? { input: 'updating' } : undefined, undefined),
    properties: { changelog, upsertKeys: [node.keys.map((_, i) => i)], state: node.keys.length === 0 ? 'bounded' : 'unbounded' },
  };
}
