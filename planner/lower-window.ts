import { insertOnly, isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { types } from '../core/sql-type.ts';
import { columnsOf, type BoundExpr } from '../expression/bound-expr.ts';
import { aggregateOverload } from '../functions/registry.ts';
import { windowColumnNames, type LogicalPlan, type PlanColumn, type WindowSpec } from './logical-plan.ts';
import { calc } from './lower-calc.ts';
import { exchangeOn } from './lower-exchange.ts';
import { processingTimeCall } from './processing-time.ts';
import type { PhysicalNode, PhysicalPlan } from './physical-plan.ts';
import { stateName } from './state-name.ts';
import { moveCall, stripWindow } from './strip-window.ts';

type Aggregate = Extract<LogicalPlan, { kind: 'Aggregate' }>;
type Lower = (node: LogicalPlan) => PhysicalPlan;

/** A column that a window adds; undefined for any other. */
export type WindowColumn = (typeof windowColumnNames)[number] | undefined;

const bound = { kind: 'TIMESTAMP', precision: 3, nullable: false } as const;

/** A window table: rows with their windows. Those of SESSION come when the session is closed. */
export function lowerWindow(node: Extract<LogicalPlan, { kind: 'Window' }>, input: PhysicalPlan, nextId: () => number): PhysicalPlan {
  if (node.processing === true) return withProcessingTime(lowerTable(node, input, nextId), nextId());
  return lowerTable(node, input, nextId);
}

/** In place of the window_time of a window over the processing time, that time as it is when the row comes out. */
function withProcessingTime(input: PhysicalPlan, id: number): PhysicalPlan {
  const last = input.columns.length - 1;
  const projection = input.columns.map(({ type }, index): BoundExpr => (index === last ? processingTimeCall() : { kind: 'column', index, type }));
  return calc(id, input, undefined, projection, input.columns);
}

function lowerTable(node: Extract<LogicalPlan, { kind: 'Window' }>, input: PhysicalPlan, nextId: () => number): PhysicalPlan {
  const { window, timeColumn, timeSpan, columns } = node;
  if (window.kind !== 'SESSION') {
    const end = columns.length - 2;
    const upsertKeys = input.properties.upsertKeys.map((key) => [...key, end]);
    return { kind: 'WindowTableFunction', id: nextId(), input, window, timeColumn, timeSpan, columns, properties: { changelog: input.properties.changelog, upsertKeys, state: 'none' } };
  }
  const { gap, keys } = window;
  return {
    kind: 'SessionWindow',
    id: nextId(),
    input: exchangeOn(input, keys, nextId()),
    gap,
    keys,
    ...(node.processing === true && { processing: node.processing }),
    timeColumn,
    timeSpan,
    columns,
    // What it keeps is its rows: their columns are part of what it is.
    stateName: stateName('SessionWindow', input, [...keys, ...input.columns.keys()], [], { gap, keys: keys.length, ...(!isInsertOnly(input.properties.changelog) && { input: 'updating' }) }, timeColumn),
    properties: { changelog: input.properties.changelog, upsertKeys: [], state: 'bounded' },
  };
}

/**
 * A GROUP BY of both ends of a window; `kinds` says which column of the window each key is. Right above a window that lies by the clock the
 * operator assigns windows itself, from the time column; else (sessions, conditions on the window, windows of another aggregate) each row
 * comes with its window.
 */
export function lowerWindowAggregate(node: Aggregate, kinds: readonly WindowColumn[], go: Lower, nextId: () => number): PhysicalPlan {
  const below = stripWindow(node.input);
  // A call over the window's own columns needs them in the row.
  const isStripped = below !== undefined && node.calls.every((call) => [...call.args, ...(call.filter === undefined ? [] : [call.filter])].every((expr) => [...columnsOf(expr)].every((index) => below.replacements[index] !== undefined)));
  const stripped = isStripped ? below : undefined;
  const plainKeys = node.keys.filter((_, i) => kinds[i] === undefined);
  const callColumns = node.calls.map((call, i): PlanColumn => ({ name: node.columns[node.keys.length + i]?.name ?? call.name, type: call.type }));
  const make = (input: PhysicalPlan, keys: readonly number[], calls: Aggregate['calls'], own: Pick<PhysicalNode<'WindowAggregate'>, 'window' | 'processing' | 'timeColumn' | 'timeSpan'>, ends: readonly PlanColumn[]): PhysicalNode<'WindowAggregate'> => {
    const isUpdating = !isInsertOnly(input.properties.changelog);
    const refused = calls.find((call) => isUpdating && aggregateOverload(call.name, call.overload, call.version).updating === undefined);
    if (refused !== undefined) throw new SqlError({ code: 'E0002', message: `not supported yet: ${refused.name} over rows that are updated`, span: refused.span ?? node.span });
    const columns = [...keys.map((key): PlanColumn => ({ name: input.columns[key]?.name ?? '?', type: input.columns[key]?.type ?? types.nothing })), ...callColumns, ...ends];
    const keyIndexes = keys.map((_, i) => i);
    const end = columns.length - 2;
    const upsertKeys = own.window.kind === 'TUMBLE' || own.window.kind === 'HOP' ? [[...keyIndexes, end - 1], [...keyIndexes, end]] : [[...keyIndexes, end]];
    const name = stateName('WindowAggregate', input, keys, calls, isUpdating ? { ...own.window, input: 'updating' } : own.window, own.timeColumn);
    const exchange = exchangeOn(input, own.window.kind === 'ATTACHED' ? keys.slice(0, -1) : keys, nextId());
    return { kind: 'WindowAggregate', id: nextId(), input: exchange, ...own, keys, calls, columns, stateName: name, properties: { changelog: insertOnly, upsertKeys, state: 'bounded' } };
  };
  const processing = windowsOf(node.input)[node.keys[kinds.indexOf('window_end')] ?? -1]?.processing === true;
  let aggregate: PhysicalNode<'WindowAggregate'>;
  if (stripped !== undefined) {
    const input = go(stripped.plan);
    const ends = windowColumns(input.columns[stripped.timeColumn]);
    const calls = node.calls.map((call) => moveCall(call, stripped.replacements));
    aggregate = make(input, plainKeys.map((key) => stripped.column(key)), calls, { window: stripped.window, ...(processing && { processing }), timeColumn: stripped.timeColumn, timeSpan: stripped.timeSpan }, ends);
  } else {
    const keyOf = (kind: WindowColumn): number => node.keys[kinds.indexOf(kind)] ?? -1;
    const input = go(node.input);
    const ends = windowColumns(input.columns[keyOf('window_time')]).slice(1);
    aggregate = make(input, [...plainKeys, keyOf('window_start')], node.calls, { window: { kind: 'ATTACHED' }, ...(processing && { processing }), timeColumn: keyOf('window_end'), timeSpan: undefined }, ends);
  }
  // Back to the order of the query: keys as they were written, then calls.
  const { columns } = aggregate;
  const startColumn = aggregate.window.kind === 'ATTACHED' ? plainKeys.length : columns.length - 3;
  const windowIndex = { window_start: startColumn, window_end: columns.length - 2, window_time: columns.length - 1 };
  const reference = (index: number): BoundExpr => ({ kind: 'column', index, type: columns[index]?.type ?? types.nothing });
  const projection = [
    ...kinds.map((kind, i) => (processing && kind === 'window_time' ? processingTimeCall() : reference(kind === undefined ? plainKeys.indexOf(node.keys[i] ?? -1) : windowIndex[kind]))),
    ...node.calls.map((_, i) => reference(aggregate.keys.length + i)),
  ];
  const named = node.columns.map((column, i) => ({ ...column, type: projection[i]?.type ?? column.type, time: kinds[i] === 'window_time' && !processing ? ('rowtime' as const) : undefined }));
  return calc(nextId(), aggregate, undefined, projection, named);
}

/** `time`: a column of the type that window_time has. */
function windowColumns(time: PlanColumn | undefined): readonly PlanColumn[] {
  return [
    { name: windowColumnNames[0], type: bound },
    { name: windowColumnNames[1], type: bound },
    { name: windowColumnNames[2], type: { ...(time?.type ?? bound), nullable: false }, time: 'rowtime' },
  ];
}

/** A column of a window below, and that window. */
interface FromWindow {
  readonly column: (typeof windowColumnNames)[number];
  readonly window: WindowSpec;
  readonly processing: boolean;
}

/**
 * For each column the window below that it is of, seen through projections, filters, UNNEST, grouping sets, groups that keep the window apart, and unions of the same
 * windows: what Flink's FlinkRelMdWindowProperties sees through. All columns at once, as queries lie deep in one another.
 */
function windowsOf(plan: LogicalPlan): readonly (FromWindow | undefined)[] {
  switch (plan.kind) {
    case 'Window': {
      const { window, processing = false } = plan;
      return [...plan.input.columns.map(() => undefined), ...windowColumnNames.map((column) => ({ column, window, processing }))];
    }
    case 'Filter':
      return windowsOf(plan.input);
    case 'Unnest':
    case 'Expand': {
      const below = windowsOf(plan.input);
      return plan.columns.map((_, index) => below[index]);
    }
    case 'Project': {
      const below = windowsOf(plan.input);
      return plan.exprs.map((expr) => (expr.kind === 'column' ? below[expr.index] : undefined));
    }
    case 'Aggregate': {
      const below = windowsOf(plan.input);
      const keys = plan.keys.map((key) => below[key]);
      return plan.columns.map((_, index) => (holdsBothEnds(keys.map((key) => key?.column)) ? keys[index] : undefined));
    }
    case 'Union': {
      const [first = [], ...others] = plan.inputs.map(windowsOf);
      return plan.columns.map((_, index) => (others.every((other) => isSame(first[index], other[index])) ? first[index] : undefined));
    }
    default:
      return plan.columns.map(() => undefined);
  }
}

function isSame(a: FromWindow | undefined, b: FromWindow | undefined): boolean {
  return a?.column === b?.column && a?.processing === b?.processing && JSON.stringify(a?.window) === JSON.stringify(b?.window);
}

function holdsBothEnds(kinds: readonly WindowColumn[]): boolean {
  return kinds.includes('window_start') && kinds.includes('window_end');
}

/** Which column of the window below a column is. */
export function windowColumnOf(plan: LogicalPlan, index: number): WindowColumn {
  return windowsOf(plan)[index]?.column;
}

/**
 * Which column of the window below each key of a group is. Undefined where both ends of a window are not among them: then it is a group like
 * any other, in Flink too, and its results change as long as rows come.
 */
export function windowKeysOf({ input, keys }: Pick<Aggregate, 'input' | 'keys'>): readonly WindowColumn[] | undefined {
  const below = windowsOf(input);
  const kinds = keys.map((key) => below[key]?.column);
  return holdsBothEnds(kinds) ? kinds : undefined;
}
