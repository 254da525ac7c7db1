import { insertOnly, isInsertOnly, type Changelog } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { printType, types, withNullable } from '../core/sql-type.ts';
import type { ConnectorDef, FormatDef } from '../catalog/connector.ts';
import { optionOf, type TableEntry } from '../catalog/entry.ts';
import { isInjective } from '../functions/cast-rules.ts';
import { columnsOf, substitute, type BoundExpr } from '../expression/bound-expr.ts';
import { windowColumnNames, type AggregateCall, type LogicalPlan, type PlanColumn } from './logical-plan.ts';
import type { PhysicalNode, PhysicalPlan, Properties } from './physical-plan.ts';
import { stateName } from './state-name.ts';

/** Finds connectors by name. */
export type ConnectorLookUp = (name: string) => ConnectorDef | undefined;
/** The format of a table's records; undefined where it has none. */
export type FormatLookUp = (table: TableEntry) => FormatDef | undefined;

/** From algebra to what runs: neighbouring filters and projections become one Calc, a window and its aggregate one operator. */
export function lower(plan: LogicalPlan, connectors: ConnectorLookUp, formatOf: FormatLookUp = () => undefined): PhysicalPlan {
  refuseTypes(plan, formatOf);
  let ids = 0;
  const go = (node: LogicalPlan): PhysicalPlan => {
    switch (node.kind) {
      case 'Scan':
      case 'Watermark':
        return lowerSource(node, ++ids, connectors);
      case 'SingleRow':
        return { kind: 'SingleRow', id: ++ids, columns: node.columns, properties: { changelog: insertOnly, upsertKeys: [[]], state: 'none' } };
      case 'Filter':
      case 'Project':
        return lowerCalc(node, go, () => ++ids, connectors);
      case 'Window':
        throw new SqlError({ code: 'E0002', message: 'not supported yet: a window table without GROUP BY window_start, window_end', span: node.span });
      case 'Aggregate':
        return lowerAggregate(node, go, () => ++ids);
      case 'Sink':
        return lowerSink(node, go(node.input), ++ids, connectors);
    }
  };
  return go(plan);
}

/** What the records of a table cannot hold yet is refused before anything runs. */
function refuseTypes(plan: LogicalPlan, formatOf: FormatLookUp): void {
  if ('input' in plan) refuseTypes(plan.input, formatOf);
  if (plan.kind !== 'Scan' && plan.kind !== 'Sink') return;
  const format = formatOf(plan.table);
  const columns = plan.kind === 'Sink' ? plan.columns : plan.read.map(({ path, type }) => ({ name: path.join('.'), type }));
  const refused = columns.find(({ type }) => format?.holds(type) === false);
  if (format === undefined || refused === undefined) return;
  throw new SqlError({ code: 'E0002', message: `not supported yet: ${printType(withNullable(refused.type, true))} in ${format.name.toUpperCase()}, which ${refused.name} of ${plan.table.name} is`, span: plan.span });
}

/** Watermark? Project? Scan, as one source. Anything else above a scan is a Calc. */
function lowerSource(node: LogicalPlan, id: number, connectors: ConnectorLookUp): PhysicalPlan {
  const watermark = node.kind === 'Watermark' ? node : undefined;
  const below = watermark === undefined ? node : watermark.input;
  const project = below.kind === 'Project' ? below : undefined;
  const scan = project === undefined ? below : project.input;
  if (scan.kind !== 'Scan') throw new SqlError({ code: 'E0002', message: 'not supported yet: a watermark over a query' });
  const connector = connectorOf(scan.table, connectors);
  const changelog = connector.changelog(scan.table.primaryKey.length > 0).source;
  if (changelog === undefined) throw new SqlError({ code: 'E0502', message: `${connector.name} cannot be read: ${scan.table.name} is only for INSERT`, span: scan.span });
  if (!isInsertOnly(changelog)) throw new SqlError({ code: 'E0002', message: `not supported yet: reading from ${connector.name}`, span: scan.span });
  const expr = watermark === undefined ? undefined : project === undefined ? watermark.expr : substitute(watermark.expr, project.exprs);
  return {
    kind: 'TableSourceScan',
    id,
    table: scan.table.name,
    read: scan.read,
    projection: project?.exprs,
    watermark: expr,
    columns: node.columns,
    properties: { changelog, upsertKeys: [], state: 'none' },
  };
}

function connectorOf(table: TableEntry, connectors: ConnectorLookUp): ConnectorDef {
  const connector = connectors(optionOf(table, 'connector') ?? '');
  if (connector === undefined) throw new SqlError({ code: 'E0502', message: `${table.name} has no connector`, span: table.span, source: table.source });
  return connector;
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

function calc(id: number, input: PhysicalPlan, condition: BoundExpr | undefined, projection: readonly BoundExpr[], columns: readonly PlanColumn[]): PhysicalPlan {
  if (condition !== undefined && !isInsertOnly(input.properties.changelog)) {
    // A row that no longer meets the condition would have to be withdrawn.
    throw new SqlError({ code: 'E0002', message: 'not supported yet: a condition on rows that are updated', span: condition.span });
  }
  // A Calc over a Calc that only renames or filters is one Calc.
  if (input.kind === 'Calc' && input.projection.every((expr) => expr.kind === 'column')) {
    const own = condition === undefined ? undefined : substitute(condition, input.projection);
    const both = [input.condition, own].filter((part) => part !== undefined);
    const merged: BoundExpr | undefined = both.length === 2 ? { kind: 'logic', operator: 'AND', args: both, type: types.boolean } : both[0];
    return calc(id, input.input, merged, projection.map((expr) => substitute(expr, input.projection)), columns);
  }
  const moved = new Map<number, number>();
  for (const [to, expr] of projection.entries()) {
    const column = distinctly(expr);
    if (column !== undefined && !moved.has(column)) moved.set(column, to);
  }
  const upsertKeys = input.properties.upsertKeys.filter((key) => key.every((index) => moved.has(index))).map((key) => key.map((index) => moved.get(index) ?? -1));
  return { kind: 'Calc', id, input, condition, projection, columns, properties: { changelog: input.properties.changelog, upsertKeys, state: 'none' } };
}

/** The column whose values stay apart in the expression: the column itself, or a cast of it that makes no two values one. */
function distinctly(expr: BoundExpr): number | undefined {
  if (expr.kind === 'column') return expr.index;
  return expr.kind === 'cast' && isInjective(expr.operand.type, expr.type) ? distinctly(expr.operand) : undefined;
}

// ---- aggregates ----

function lowerAggregate(node: Extract<LogicalPlan, { kind: 'Aggregate' }>, go: (node: LogicalPlan) => PhysicalPlan, nextId: () => number): PhysicalPlan {
  const kinds = node.keys.map((key) => windowColumnOf(node.input, key));
  const isWindowed = kinds.includes(windowColumnNames[0]) && kinds.includes(windowColumnNames[1]);
  if (!isWindowed) {
    const window = kinds.findIndex((kind) => kind !== undefined);
    if (window >= 0) {
      throw new SqlError({ code: 'E0202', message: 'the groups of a window need both of its ends', span: node.span, hint: 'GROUP BY window_start, window_end' });
    }
    return lowerGroupAggregate(node, go(node.input), nextId);
  }
  const stripped = stripWindow(node.input, node.span);
  const input = go(stripped.plan);
  if (!isInsertOnly(input.properties.changelog)) throw new SqlError({ code: 'E0002', message: 'not supported yet: a window over rows that are updated', span: node.span });
  const plainKeys = node.keys.filter((_, i) => kinds[i] === undefined);
  const keys = plainKeys.map((key) => stripped.column(key));
  const calls = node.calls.map((call) => moveCall(call, stripped.replacements));
  const time = input.columns[stripped.timeColumn];
  const bound = { kind: 'TIMESTAMP', precision: 3, nullable: false } as const;
  const columns: PlanColumn[] = [
    ...keys.map((key) => input.columns[key] ?? { name: '?', type: types.nothing }),
    ...calls.map((call, i) => ({ name: node.columns[node.keys.length + i]?.name ?? call.name, type: call.type })),
    { name: windowColumnNames[0], type: bound },
    { name: windowColumnNames[1], type: bound },
    { name: windowColumnNames[2], type: { ...(time?.type ?? bound), nullable: false }, time: 'rowtime' },
  ];
  const ends = keys.length + calls.length;
  const exchange = exchangeOn(input, keys, nextId());
  const aggregate: PhysicalNode<'WindowAggregate'> = {
    kind: 'WindowAggregate',
    id: nextId(),
    input: exchange,
    window: stripped.window,
    timeColumn: stripped.timeColumn,
    keys,
    calls,
    columns,
    stateName: stateName('WindowAggregate', input, keys, calls, stripped.window, stripped.timeColumn),
    properties: { changelog: insertOnly, upsertKeys: [[...keys.map((_, i) => i), ends, ends + 1]], state: 'bounded' },
  };
  // Back to the order of the query: keys as they were written, then calls.
  const projection = [
    ...kinds.map((kind, i): BoundExpr => {
      const index = kind === undefined ? plainKeys.indexOf(node.keys[i] ?? -1) : ends + windowColumnNames.indexOf(kind);
      return { kind: 'column', index, type: columns[index]?.type ?? types.nothing };
    }),
    ...calls.map((call, i): BoundExpr => ({ kind: 'column', index: keys.length + i, type: call.type })),
  ];
  const named = node.columns.map((column, i) => ({ ...column, type: projection[i]?.type ?? column.type, time: projection[i]?.kind === 'column' && kinds[i] === 'window_time' ? ('rowtime' as const) : undefined }));
  return calc(nextId(), aggregate, undefined, projection, named);
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

/** A record has one flag word for the NULLs of its keys. */
const maxKeys = 32;

function exchangeOn(input: PhysicalPlan, keys: readonly number[], id: number): PhysicalPlan {
  if (keys.length > maxKeys) throw new SqlError({ code: 'E0002', message: `not supported yet: GROUP BY of more than ${maxKeys} columns` });
  return { kind: 'Exchange', id, input, keys, columns: input.columns, properties: { ...input.properties, state: 'none' } };
}

function moveCall(call: AggregateCall, replacements: readonly (BoundExpr | undefined)[]): AggregateCall {
  return { ...call, args: call.args.map((arg) => substitute(arg, replacements)), filter: call.filter === undefined ? undefined : substitute(call.filter, replacements) };
}

/** Which column of the window below a column is, seen through projections and filters. */
function windowColumnOf(plan: LogicalPlan, index: number): (typeof windowColumnNames)[number] | undefined {
  switch (plan.kind) {
    case 'Window':
      return windowColumnNames[index - plan.input.columns.length];
    case 'Filter':
      return windowColumnOf(plan.input, index);
    case 'Project': {
      const expr = plan.exprs[index];
      return expr?.kind === 'column' ? windowColumnOf(plan.input, expr.index) : undefined;
    }
    default:
      return undefined;
  }
}

interface Stripped {
  readonly plan: LogicalPlan;
  readonly window: Extract<LogicalPlan, { kind: 'Window' }>['window'];
  readonly timeColumn: number;
  /** The column of `plan` that a column of the old plan has become. */
  column(index: number): number;
  readonly replacements: readonly (BoundExpr | undefined)[];
}

/** The input of a windowed aggregate without its window: the operator assigns windows itself, from the time column. */
function stripWindow(plan: LogicalPlan, span: { readonly start: number; readonly end: number }): Stripped {
  const later = (what: string): SqlError => new SqlError({ code: 'E0002', message: `not supported yet: ${what} between a window and its GROUP BY`, span });
  switch (plan.kind) {
    case 'Window': {
      const replacements = plan.input.columns.map((column, index): BoundExpr => ({ kind: 'column', index, type: column.type }));
      return { plan: plan.input, window: plan.window, timeColumn: plan.timeColumn, column: (index) => index, replacements };
    }
    case 'Filter': {
      const below = stripWindow(plan.input, span);
      if ([...columnsOf(plan.condition)].some((index) => below.replacements[index] === undefined)) throw later('a condition on the window');
      const condition = substitute(plan.condition, below.replacements);
      return { ...below, plan: { kind: 'Filter', input: below.plan, condition, columns: below.plan.columns } };
    }
    case 'Project': {
      const below = stripWindow(plan.input, span);
      const exprs: BoundExpr[] = [];
      const columns: PlanColumn[] = [];
      const replacements = plan.exprs.map((expr, i): BoundExpr | undefined => {
        const reads = [...columnsOf(expr)];
        if (reads.some((index) => below.replacements[index] === undefined)) {
          if (expr.kind === 'column') return undefined;
          throw later('an expression over the window');
        }
        const moved = substitute(expr, below.replacements);
        exprs.push(moved);
        columns.push({ name: plan.columns[i]?.name ?? '?', type: moved.type });
        return { kind: 'column', index: exprs.length - 1, type: moved.type };
      });
      let timeColumn = exprs.findIndex((expr) => expr.kind === 'column' && expr.index === below.timeColumn);
      const time = below.plan.columns[below.timeColumn];
      if (timeColumn < 0 && time !== undefined) {
        timeColumn = exprs.length;
        exprs.push({ kind: 'column', index: below.timeColumn, type: time.type });
        columns.push(time);
      }
      return { ...below, plan: { kind: 'Project', input: below.plan, exprs, columns }, timeColumn, replacements, column: (index) => (replacements[index] as Extract<BoundExpr, { kind: 'column' }>).index };
    }
    default:
      throw later('another step');
  }
}

// ---- sinks ----

function lowerSink(node: Extract<LogicalPlan, { kind: 'Sink' }>, input: PhysicalPlan, id: number, connectors: ConnectorLookUp): PhysicalPlan {
  const { table } = node;
  const connector = connectorOf(table, connectors);
  const takes = connector.changelog(table.primaryKey.length > 0).sink;
  if (takes === undefined) throw new SqlError({ code: 'E0502', message: `${connector.name} cannot be written: ${table.name} is only for reading`, span: node.span });
  const key = table.primaryKey.map((name) => node.columns.findIndex((column) => column.name === name));
  const gives = input.properties.changelog;
  if (!isInsertOnly(gives) && isInsertOnly(takes)) throw updatesIntoInserts(node, input);
  if (gives.updates && !gives.before && takes.before) {
    throw new SqlError({ code: 'E0002', message: `not supported yet: the rows that an update replaces, which ${connector.name} needs`, span: node.span });
  }
  if (!isInsertOnly(gives) && key.length > 0 && !input.properties.upsertKeys.some((upsertKey) => upsertKey.length === key.length && upsertKey.every((index) => key.includes(index)))) {
    throw new SqlError({ code: 'E0002', message: `not supported yet: rows updated by another key than the primary key of ${table.name}`, span: node.span });
  }
  const mode = key.length > 0 && takes.updates ? 'upsert' : isInsertOnly(takes) ? 'append' : 'retract';
  const properties: Properties = { changelog: gives, upsertKeys: input.properties.upsertKeys, state: 'none' };
  return { kind: 'Sink', id, input, table: table.name, mode, key, columns: node.columns, properties };
}

function updatesIntoInserts(node: Extract<LogicalPlan, { kind: 'Sink' }>, input: PhysicalPlan): SqlError {
  const key = input.properties.upsertKeys[0]?.map((index) => node.columns[index]?.name ?? '?') ?? [];
  const aggregate = findAggregateSpan(node.input);
  return new SqlError({
    code: 'E0301',
    message: `${node.table.name} only takes inserts, but this query updates rows it already sent`,
    span: aggregate ?? node.span,
    label: key.length === 0 ? 'this changes with every row' : `this changes with every row of the same ${key.join(', ')}`,
    hint: `fix 1: keep the latest row per key:   'connector' = 'upsert-kafka' with PRIMARY KEY (${key.join(', ') || '...'}) NOT ENFORCED in ${node.table.name}\nfix 2: one final row per window:      FROM TABLE(TUMBLE(...)) GROUP BY window_start, window_end${key.length > 0 ? `, ${key.join(', ')}` : ''}`,
  });
}

function findAggregateSpan(plan: LogicalPlan): { readonly start: number; readonly end: number } | undefined {
  if (plan.kind === 'Aggregate') return plan.calls[0]?.span ?? plan.span;
  return 'input' in plan ? findAggregateSpan(plan.input) : undefined;
}
