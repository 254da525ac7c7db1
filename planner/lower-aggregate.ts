import { isInsertOnly, type Changelog } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { windowColumnNames, type LogicalPlan } from './logical-plan.ts';
import { exchangeOn } from './lower-exchange.ts';
import { lowerWindowAggregate, windowColumnOf } from './lower-window.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { stateName } from './state-name.ts';

/** A window and its GROUP BY as one operator; without a window, an aggregate that keeps its keys. */
export function lowerAggregate(node: Extract<LogicalPlan, { kind: 'Aggregate' }>, go: (node: LogicalPlan) => PhysicalPlan, nextId: () => number): PhysicalPlan {
  const kinds = node.keys.map((key) => windowColumnOf(node.input, key));
  if (kinds.includes(windowColumnNames[0]) && kinds.includes(windowColumnNames[1])) return lowerWindowAggregate(node, kinds, go, nextId);
  if (kinds.some((kind) => kind !== undefined)) {
    throw new SqlError({ code: 'E0202', message: 'the groups of a window need both of its ends', span: node.span, hint: 'GROUP BY window_start, window_end' });
  }
  return lowerGroupAggregate(node, go(node.input), nextId);
}

function lowerGroupAggregate(node: Extract<LogicalPlan, { kind: 'Aggregate' }>, input: PhysicalPlan, nextId: () => number): PhysicalPlan {
  if (!isInsertOnly(input.properties.changelog)) throw new SqlError({ code: 'E0002', message: 'not supported yet: GROUP BY over rows that are updated', span: node.span });
  // Without keys there is one group, which is there from the start; it is emitted with the first row.
  const changelog: Changelog = { inserts: true, updates: true, deletes: false, before: false, fullDeletes: false };
  return {
    kind: 'GroupAggregate',
    id: nextId(),
    input: exchangeOn(input, node.keys, nextId()),
    keys: node.keys,
    calls: node.calls,
    columns: node.columns.map((column) => ({ name: column.name, type: column.type })),
    stateName: stateName('GroupAggregate', input, node.keys, node.calls, undefined, undefined),
    properties: { changelog, upsertKeys: [node.keys.map((_, i) => i)], state: node.keys.length === 0 ? 'bounded' : 'unbounded' },
  };
}
