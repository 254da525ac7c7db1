import { insertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { printType, withNullable } from '../core/sql-type.ts';
import type { FormatDef } from '../catalog/format.ts';
import type { TableEntry } from '../catalog/entry.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { planChanges } from './changelog.ts';
import { inputsOf, type LogicalPlan } from './logical-plan.ts';
import { lowerAggregate } from './lower-aggregate.ts';
import { calc } from './lower-calc.ts';
import { lowerExpand } from './lower-expand.ts';
import { lowerJoin } from './lower-join.ts';
import { lowerLimit } from './lower-limit.ts';
import { lowerSink, type SinkOptions } from './lower-sink.ts';
import { lowerSort } from './lower-sort.ts';
import { lowerSource, type ConnectorLookUp } from './lower-source.ts';
import { lowerUnion } from './lower-union.ts';
import { lowerUnnest } from './lower-unnest.ts';
import { lowerWindow } from './lower-window.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** The format of a table's records; undefined where it has none. */
export type FormatLookUp = (table: TableEntry, column: string) => FormatDef | undefined;

/** From algebra to what runs: neighbouring filters and projections become one Calc, a window and its aggregate one operator. */
export function lower(plan: LogicalPlan, connectors: ConnectorLookUp, formatOf: FormatLookUp = () => undefined, mayRepeat = false, sink: Partial<SinkOptions> = {}): PhysicalPlan {
  refuseTypes(plan, formatOf);
  let ids = 0;
  const go = (node: LogicalPlan): PhysicalPlan => {
    const span = placeOf(node);
    return span === undefined ? made(node) : located(made(node), span);
  };
  const made = (node: LogicalPlan): PhysicalPlan => {
    switch (node.kind) {
      case 'Scan':
      case 'Watermark':
        return lowerSource(node, ++ids, connectors);
      case 'SingleRow':
        return { kind: 'SingleRow', id: ++ids, columns: node.columns, properties: { changelog: insertOnly, upsertKeys: [[]], state: 'none' } };
      case 'Values':
        return { kind: 'Values', id: ++ids, rows: node.rows, columns: node.columns, properties: { changelog: insertOnly, upsertKeys: [], state: 'none' } };
      case 'Union':
        return lowerUnion(node, node.inputs.map(go), ++ids);
      case 'Join':
        return lowerJoin(node, go(node.left), go(node.right), () => ++ids);
      case 'Limit':
        return lowerLimit(node, go(node.input), () => ++ids);
      case 'Sort':
        return lowerSort(node, go(node.input), () => ++ids);
      case 'Unnest':
        return lowerUnnest(node, go(node.input), ++ids);
      case 'Filter':
      case 'Project':
        return lowerCalc(node, go, () => ++ids, connectors);
      case 'Expand':
        return lowerExpand(node, go(node.input), ++ids);
      case 'Window':
        return lowerWindow(node, go(node.input), () => ++ids);
      case 'Aggregate':
        return lowerAggregate(node, go, () => ++ids);
      case 'Sink':
        return lowerSink(node, go(node.input), () => ++ids, connectors, sink);
    }
  };
  return planChanges(go(plan), { nextId: () => ++ids, mayRepeat });
}

/** Where a node stands; a watermark where its table does. */
function placeOf(node: LogicalPlan): Span | undefined {
  if ('span' in node) return node.span;
  return node.kind === 'Watermark' || (node.kind === 'Project' && node.input.kind === 'Scan') ? placeOf(node.input) : undefined;
}

/** The place of what a node was lowered to, down to what was lowered before. A Calc is told by its expressions. */
function located(plan: PhysicalPlan, span: Span): PhysicalPlan {
  if (plan.span !== undefined) return plan;
  const below = plan.kind === 'Calc' || plan.kind === 'Exchange' || plan.kind === 'Sink' || plan.kind === 'UpsertMaterialize' ? { ...plan, input: located(plan.input, span) } : plan;
  return below.kind === 'Calc' || below.kind === 'Exchange' ? below : { ...below, span };
}

/** What the records of a table cannot hold yet is refused before anything runs. */
function refuseTypes(plan: LogicalPlan, formatOf: FormatLookUp): void {
  for (const input of inputsOf(plan)) refuseTypes(input, formatOf);
  if (plan.kind !== 'Scan' && plan.kind !== 'Sink') return;
  const columns = plan.kind === 'Sink' ? plan.columns.map((column) => ({ ...column, root: column.name })) : plan.read.map(({ path, type }) => ({ name: path.join('.'), type, root: path[0] ?? '' }));
  const refused = columns.find(({ root, type }) => formatOf(plan.table, root)?.holds(type) === false);
  const format = refused === undefined ? undefined : formatOf(plan.table, refused.root);
  if (format === undefined || refused === undefined) return;
  throw new SqlError({ code: 'E0002', message: `not supported yet: ${printType(withNullable(refused.type, true))} in ${format.name.toUpperCase()}, which ${refused.name} of ${plan.table.name} is`, span: plan.span });
}

function lowerCalc(node: LogicalPlan, go: (node: LogicalPlan) => PhysicalPlan, nextId: () => number, connectors: ConnectorLookUp): PhysicalPlan {
  const project = node.kind === 'Project' ? node : undefined;
  const below = project === undefined ? node : project.input;
  const filter = below.kind === 'Filter' ? below : undefined;
  const inner = filter === undefined ? below : filter.input;
  // A projection right over a scan is what the source emits anyway.
  if (project !== undefined && filter === undefined && inner.kind === 'Scan') return lowerSource(node, nextId(), connectors);
  const input = go(inner);
  const projection = project?.exprs ?? node.columns.map((column, index): BoundExpr => ({ kind: 'column', index, type: column.type }));
  if (filter === undefined && isIdentity(projection, input.columns.length)) return { ...input, columns: node.columns.map((column, i) => ({ ...column, time: column.time ?? input.columns[i]?.time })) };
  return calc(nextId(), input, filter?.condition, projection, node.columns);
}

function isIdentity(projection: readonly BoundExpr[], width: number): boolean {
  return projection.length === width && projection.every((expr, i) => expr.kind === 'column' && expr.index === i);
}
