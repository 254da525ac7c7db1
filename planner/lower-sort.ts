import { insertOnly, isInsertOnly, type Changelog } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { LogicalPlan, SortKey } from './logical-plan.ts';
import { exchangeOn } from './lower-exchange.ts';
import type { PhysicalNode, PhysicalPlan } from './physical-plan.ts';
import { stateName } from './state-name.ts';

/** A row that is pushed out is withdrawn whole; nothing is updated. */
const pushesOut: Changelog = { inserts: true, updates: false, deletes: true, before: false, fullDeletes: true };

/** The columns that tell rows apart when they are withdrawn; undefined where they never are. */
function identityOf(input: PhysicalPlan, span: Span): readonly number[] | undefined {
  const { changelog, upsertKeys } = input.properties;
  if (isInsertOnly(changelog)) return undefined;
  const [key = [...input.columns.keys()]] = upsertKeys.toSorted((a, b) => a.length - b.length);
  if (key.length > 32) throw new SqlError({ code: 'E0002', message: 'not supported yet: ORDER BY and LIMIT over rows of more than 32 columns that are withdrawn', span });
  return key;
}

/** The first rows in an order, which without keys is that of arrival. */
export function lowerSortLimit(node: Extract<LogicalPlan, { kind: 'Sort' | 'Limit' }>, order: readonly SortKey[], input: PhysicalPlan, nextId: () => number): PhysicalPlan {
  const { offset, count, columns } = node;
  const identity = identityOf(input, node.span);
  return {
    kind: 'SortLimit',
    input: exchangeOn(input, [], nextId()),
    id: nextId(),
    order,
    ...(identity !== undefined && { identity }),
    offset,
    count,
    columns,
    stateName: sortedState('SortLimit', input, order, { offset, count, identity }),
    properties: { changelog: pushesOut, upsertKeys: input.properties.upsertKeys, state: identity === undefined && count !== undefined ? 'bounded' : 'unbounded' },
  };
}

/** ORDER BY: by the time attribute as the watermark goes on, else at the end of the input. */
export function lowerSort(node: Extract<LogicalPlan, { kind: 'Sort' }>, input: PhysicalPlan, nextId: () => number): PhysicalPlan {
  const { order, time, columns, offset, count } = node;
  if (offset > 0 || count !== undefined) return lowerSortLimit(node, order, input, nextId);
  const exchange = exchangeOn(input, [], nextId());
  const { upsertKeys } = input.properties;
  if (time !== undefined && isInsertOnly(input.properties.changelog)) {
    return { kind: 'TemporalSort', input: exchange, id: nextId(), order, ...(time === 'processing' && { processing: true }), columns, stateName: sortedState('TemporalSort', input, order, { time }), properties: { changelog: insertOnly, upsertKeys, state: 'bounded' } };
  }
  const identity = identityOf(input, node.span);
  return { kind: 'Sort', input: exchange, id: nextId(), order, ...(identity !== undefined && { identity }), columns, stateName: sortedState('Sort', input, order, { identity }), properties: { changelog: insertOnly, upsertKeys, state: 'unbounded' } };
}

/** What it keeps is its rows: their columns are part of what it is. */
function sortedState(kind: PhysicalNode<'Sort' | 'SortLimit' | 'TemporalSort'>['kind'], input: PhysicalPlan, order: readonly SortKey[], what: object): string {
  const directions = order.map(({ descending, nullsFirst }) => [descending, nullsFirst]);
  return stateName(kind, input, [...order.map(({ column }) => column), ...input.columns.keys()], [], { ...what, directions }, undefined);
}
