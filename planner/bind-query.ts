import { unreachable } from '../core/assert.ts';
import { SqlError, withSource } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { describeType, printType, types, withNullable } from '../core/sql-type.ts';
import { lookUp, type Catalog } from '../catalog/catalog.ts';
import type { TableEntry, ViewEntry } from '../catalog/entry.ts';
import { canonicalText, spansOf, type BoundExpr } from '../expression/bound-expr.ts';
import { findAggregate, resolveOverload } from '../functions/registry.ts';
import type { Expr, Identifier, Query, TableArgument, TableRef } from '../parser/ast.ts';
import { bindExpr, type Scope } from './bind-expr.ts';
import { castTo } from './cast-to.ts';
import { mapExpressions, windowColumnNames, type AggregateCall, type LogicalPlan, type PlanColumn } from './logical-plan.ts';

/** A bound relation and the names it goes by. */
interface Relation {
  readonly plan: LogicalPlan;
  readonly qualifiers: readonly string[];
  readonly label: string;
}

export function bindQuery(query: Query, catalog: Catalog): LogicalPlan {
  if (query.distinct) throw new SqlError({ code: 'E0002', message: 'not supported yet: SELECT DISTINCT', span: query.span });
  const from: Relation = query.from === undefined ? { plan: { kind: 'SingleRow', columns: [] }, qualifiers: [], label: 'a query without FROM' } : bindTable(query.from, catalog);
  const scope: Scope = { columns: from.plan.columns, qualifiers: from.qualifiers, label: from.label };
  let plan = from.plan;
  if (query.where !== undefined) {
    const condition = bindExpr(query.where, scope);
    if (condition.type.kind !== 'BOOLEAN') throw new SqlError({ code: 'E0206', message: `WHERE needs a condition, not ${describeType(condition.type)}`, span: query.where.span });
    plan = { kind: 'Filter', input: plan, condition, columns: plan.columns };
  }
  const hasAggregates = query.items.some((item) => containsAggregate(item.expr)) || query.having !== undefined;
  return query.groupBy.length > 0 || hasAggregates ? bindGrouped(query, plan, scope) : bindItems(query, plan, scope);
}

function bindItems(query: Query, plan: LogicalPlan, scope: Scope): LogicalPlan {
  const exprs: BoundExpr[] = [];
  const columns: PlanColumn[] = [];
  for (const item of query.items) {
    if (item.expr.kind === 'Star') {
      if (query.from === undefined) throw new SqlError({ code: 'E0101', message: 'without FROM, * stands for no columns', span: item.span, label: 'add  FROM table' });
      const qualifier = item.expr.qualifier?.parts[0];
      if (qualifier !== undefined && !scope.qualifiers.includes(qualifier.name)) {
        throw new SqlError({ code: 'E0101', message: `there is no table ${qualifier.name} in FROM`, span: qualifier.span });
      }
      for (const [index, column] of scope.columns.entries()) {
        exprs.push({ kind: 'column', index, type: column.type, span: item.span });
        columns.push(column);
      }
      continue;
    }
    const expr = bindExpr(item.expr, scope);
    exprs.push(expr);
    columns.push({ name: nameOf(item.expr, item.alias, columns.length), type: expr.type, time: expr.kind === 'column' ? scope.columns[expr.index]?.time : undefined });
  }
  return { kind: 'Project', input: plan, exprs, columns };
}

function nameOf(expr: Expr, alias: Identifier | undefined, position: number): string {
  if (alias !== undefined) return alias.name;
  if (expr.kind === 'Reference') return expr.name.parts.at(-1)?.name ?? `EXPR$${position}`;
  return `EXPR$${position}`;
}

/** Without recursion: chains of operators may be long. */
function containsAggregate(root: Expr): boolean {
  const open: (Expr | undefined)[] = [root];
  while (open.length > 0) {
    const expr = open.pop();
    switch (expr?.kind) {
      case 'Call':
        if (findAggregate(expr.name.name) !== undefined) return true;
        for (const arg of expr.args) open.push(arg);
        break;
      case 'Unary':
      case 'Is':
      case 'Cast':
        open.push(expr.operand);
        break;
      case 'Binary':
        open.push(expr.left, expr.right);
        break;
      case 'Between':
        open.push(expr.operand, expr.low, expr.high);
        break;
      case 'In':
        open.push(expr.operand);
        for (const item of expr.items) open.push(item);
        break;
      case 'Case':
        open.push(expr.operand, expr.otherwise);
        for (const { when, then } of expr.branches) open.push(when, then);
        break;
      default:
    }
  }
  return false;
}

/**
 * GROUP BY: a projection of the keys below, the aggregate, a projection of the items above. In the items a grouped expression stands
 * for its key; what is neither grouped nor inside an aggregate is E0204.
 */
function bindGrouped(query: Query, plan: LogicalPlan, scope: Scope): LogicalPlan {
  const keys = query.groupBy.map((expr) => {
    if (expr.kind === 'Call' && ['TUMBLE', 'HOP', 'SESSION'].includes(expr.name.name.toUpperCase())) {
      throw new SqlError({ code: 'E0002', message: `not supported yet: GROUP BY ${expr.name.name.toUpperCase()}`, span: expr.span, hint: `FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end` });
    }
    return bindExpr(expr, scope);
  });
  const keyTexts = keys.map(canonicalText);
  const keyKinds = new Set(query.groupBy.map((expr) => expr.kind));
  // Below the aggregate: the input's columns as they are, then keys that are not plain columns.
  const below: BoundExpr[] = plan.columns.map((column, index) => ({ kind: 'column', index, type: column.type }));
  const belowColumns: PlanColumn[] = [...plan.columns];
  const keyColumns = keys.map((key, i) => {
    if (key.kind === 'column') return key.index;
    below.push(key);
    belowColumns.push({ name: `key$${i}`, type: key.type });
    return below.length - 1;
  });
  const calls: AggregateCall[] = [];
  const callTexts: string[] = [];
  const aboveScope: Scope = {
    columns: scope.columns,
    qualifiers: scope.qualifiers,
    label: scope.label,
    known: (expr) => {
      // A column alone, or what may be a grouped expression: binding every part of a long chain to compare it would take the square of its length.
      if (expr.kind !== 'Reference' && !keyKinds.has(expr.kind)) return undefined;
      if (expr.kind === 'Star' || containsAggregate(expr)) return undefined;
      let bound: BoundExpr;
      try {
        bound = bindExpr(expr, scope);
      } catch (error) {
        if (error instanceof SqlError && expr.kind === 'Call') return undefined;
        throw error;
      }
      const index = keyTexts.indexOf(canonicalText(bound));
      return index < 0 ? undefined : { kind: 'column', index, type: bound.type, span: expr.span };
    },
    call: (expr) => {
      if (findAggregate(expr.name.name) === undefined) return undefined;
      const call = bindAggregate(expr, scope);
      const text = JSON.stringify([call.name, call.overload, call.version, call.type, call.args.map(canonicalText), call.filter === undefined ? undefined : canonicalText(call.filter)]);
      let index = callTexts.indexOf(text);
      if (index < 0) {
        index = calls.length;
        calls.push(call);
        callTexts.push(text);
      }
      return { kind: 'column', index: keys.length + index, type: call.type, span: expr.span };
    },
    reject: (column, span) => new SqlError({ code: 'E0204', message: `${column.name} is neither grouped nor inside an aggregate`, span, label: `add it to GROUP BY, or write MAX(${column.name})` }),
  };
  const exprs: BoundExpr[] = [];
  const columns: PlanColumn[] = [];
  for (const item of query.items) {
    if (item.expr.kind === 'Star') throw new SqlError({ code: 'E0204', message: '* cannot stand beside GROUP BY', span: item.span, label: 'name the columns' });
    const expr = bindExpr(item.expr, aboveScope);
    exprs.push(expr);
    columns.push({ name: nameOf(item.expr, item.alias, columns.length), type: expr.type });
  }
  const having = query.having === undefined ? undefined : bindExpr(query.having, aboveScope);
  const aggregateColumns: PlanColumn[] = [
    ...keyColumns.map((index) => belowColumns[index] ?? { name: '?', type: types.nothing }),
    ...calls.map((call, i) => ({ name: `${call.name.toLowerCase()}$${i}`, type: call.type })),
  ];
  const input: LogicalPlan = below.length === plan.columns.length ? plan : { kind: 'Project', input: plan, exprs: below, columns: belowColumns };
  const aggregate: LogicalPlan = { kind: 'Aggregate', input, keys: keyColumns, calls, columns: aggregateColumns, span: query.groupBy[0]?.span ?? query.span };
  const filtered: LogicalPlan = having === undefined ? aggregate : { kind: 'Filter', input: aggregate, condition: having, columns: aggregate.columns };
  const timed = columns.map((column, i) => ({ ...column, time: timeOf(exprs[i], aggregate.columns) }));
  return { kind: 'Project', input: filtered, exprs, columns: timed };
}

function timeOf(expr: BoundExpr | undefined, columns: readonly PlanColumn[]): 'rowtime' | undefined {
  return expr?.kind === 'column' ? columns[expr.index]?.time : undefined;
}

function bindAggregate(expr: Extract<Expr, { kind: 'Call' }>, scope: Scope): AggregateCall {
  const name = expr.name.name.toUpperCase();
  const definition = findAggregate(name);
  if (expr.distinct) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name}(DISTINCT ...)`, span: expr.span });
  const inner: Scope = { ...scope, call: (call) => { if (findAggregate(call.name.name) === undefined) return undefined; throw new SqlError({ code: 'E0204', message: 'an aggregate cannot stand inside another', span: call.span }); } };
  const isCountStar = expr.args[0]?.kind === 'Star';
  if (isCountStar && name !== 'COUNT') throw new SqlError({ code: 'E0208', message: `${name} does not take *`, span: expr.span });
  const args = isCountStar ? [] : expr.args.map((arg) => bindExpr(arg, inner));
  const filter = expr.filter === undefined ? undefined : bindExpr(expr.filter, inner);
  const resolved = definition === undefined ? undefined : resolveOverload(definition.overloads, args.map((arg) => arg.type));
  if (definition === undefined || resolved === undefined) {
    throw new SqlError({ code: 'E0208', message: `${name} does not take ${args.map((arg) => printType(withNullable(arg.type, true))).join(' and ') || 'no argument'}`, span: expr.span });
  }
  const cast = args.map((arg, i) => castTo(arg, withNullable(resolved.args[i] ?? arg.type, arg.type.nullable), arg.span));
  return { name: definition.name, overload: resolved.overload.id, version: resolved.overload.version, args: cast, filter, type: resolved.result, span: expr.span };
}

// ---- FROM ----

function bindTable(ref: TableRef, catalog: Catalog): Relation {
  switch (ref.kind) {
    case 'NamedTable': {
      const name = ref.name.parts.map((part) => part.name).join('.');
      const entry = lookUp(catalog, name, ref.name.span);
      const plan = entry.kind === 'table' ? bindScan(entry, ref.name.span) : bindView(entry, catalog);
      const alias = ref.alias?.name ?? ref.name.parts.at(-1)?.name ?? name;
      return { plan, qualifiers: [alias], label: name };
    }
    case 'DerivedTable': {
      const plan = bindQuery(ref.query, catalog);
      return { plan, qualifiers: ref.alias === undefined ? [] : [ref.alias.name], label: ref.alias?.name ?? 'the query in FROM' };
    }
    case 'TableFunction':
      return bindWindow(ref, catalog);
    default:
      return unreachable(ref);
  }
}

function bindView(view: ViewEntry, catalog: Catalog): LogicalPlan {
  try {
    const plan = mapExpressions(bindQuery(view.query, catalog), (expr) => spansOf(expr, view.name));
    if (view.columns.length === 0) return plan;
    if (view.columns.length !== plan.columns.length) {
      throw new SqlError({ code: 'E0205', message: `the view ${view.name} names ${view.columns.length} columns, its query gives ${plan.columns.length}`, span: view.span });
    }
    const columns = plan.columns.map((column, i) => ({ ...column, name: view.columns[i] ?? column.name }));
    return { kind: 'Project', input: plan, exprs: columns.map((column, index) => ({ kind: 'column', index, type: column.type })), columns };
  } catch (error) {
    throw error instanceof SqlError ? withSource(error, view.source) : error;
  }
}

/** A table as its declaration says: its stored columns, then its computed columns, then its watermark, in declaration order. */
export function bindScan(entry: TableEntry, span: Span): LogicalPlan {
  const stored = entry.columns.filter((column) => column.kind !== 'computed');
  const metadata = stored.find((column) => column.kind === 'metadata');
  if (metadata !== undefined) throw new SqlError({ code: 'E0002', message: 'not supported yet: METADATA columns', span: entry.span, source: entry.source });
  const physical = stored.map(({ name, type }) => ({ name, type }));
  let plan: LogicalPlan = { kind: 'Scan', table: entry, read: physical.map((column) => ({ path: [column.name], type: column.type })), columns: physical, span };
  try {
    if (entry.columns.some((column) => column.kind === 'computed')) {
      const scope: Scope = { columns: physical, qualifiers: [], label: entry.name };
      const exprs = entry.columns.map((column): BoundExpr => {
        if (column.kind === 'computed') return spansOf(bindExpr(column.expr, scope), entry.name);
        const index = physical.findIndex((candidate) => candidate.name === column.name);
        return { kind: 'column', index, type: column.type };
      });
      plan = { kind: 'Project', input: plan, exprs, columns: entry.columns.map((column, i) => ({ name: column.name, type: exprs[i]?.type ?? types.nothing })) };
    }
    if (entry.watermark !== undefined) plan = bindWatermark(entry, entry.watermark, plan);
    return plan;
  } catch (error) {
    throw error instanceof SqlError ? withSource(error, entry.source) : error;
  }
}

function bindWatermark(entry: TableEntry, watermark: { readonly column: string; readonly expr: Expr }, input: LogicalPlan): LogicalPlan {
  const index = input.columns.findIndex((column) => column.name === watermark.column);
  const column = input.columns[index];
  const { span } = watermark.expr;
  if (column === undefined) throw new SqlError({ code: 'E0102', message: `WATERMARK FOR names "${watermark.column}", which ${entry.name} does not have`, span });
  if ((column.type.kind !== 'TIMESTAMP' && column.type.kind !== 'TIMESTAMP_LTZ') || column.type.precision > 3) {
    const hint = column.type.kind === 'BIGINT' || column.type.kind === 'INT' ? `ts AS TO_TIMESTAMP_LTZ(\`${column.name}\`, 3),\nWATERMARK FOR ts AS ts - INTERVAL '5' SECOND` : undefined;
    throw new SqlError({ code: 'E0201', message: `a watermark is for a TIMESTAMP(3) or TIMESTAMP_LTZ(3); ${column.name} is ${describeType(column.type)}`, span, hint });
  }
  const expr = spansOf(bindExpr(watermark.expr, { columns: input.columns, qualifiers: [], label: entry.name }), entry.name);
  const columns = input.columns.map((other, i) => (i === index ? { ...other, time: 'rowtime' as const } : other));
  return { kind: 'Watermark', input, column: index, expr, columns };
}

const windowParameters = ['DATA', 'TIMECOL', 'SIZE', 'OFFSET'] as const;

function bindWindow(ref: Extract<TableRef, { kind: 'TableFunction' }>, catalog: Catalog): Relation {
  const name = ref.name.name.toUpperCase();
  if (name !== 'TUMBLE') {
    if (['HOP', 'CUMULATE', 'SESSION'].includes(name)) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name}`, span: ref.name.span });
    throw new SqlError({ code: 'E0103', message: `there is no table function ${ref.name.name}`, span: ref.name.span, label: 'TUMBLE, HOP, CUMULATE and SESSION make windows' });
  }
  const [data, timeCol, size, offset] = windowParameters.map((parameter, i) => ref.args.find((arg) => arg.label?.name.toUpperCase() === parameter) ?? (ref.args[i]?.label === undefined ? ref.args[i] : undefined));
  if (data?.kind !== 'TableArgument' || timeCol?.kind !== 'DescriptorArgument' || size === undefined || ref.args.length > 4) {
    throw new SqlError({ code: 'E0208', message: `${name} takes a table, a time column and a size`, span: ref.span, hint: "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)" });
  }
  const input = bindTable(data.table, catalog);
  const timeColumn = bindTimeColumn(timeCol, input);
  const window = { kind: 'TUMBLE' as const, size: intervalOf(size, 'the size of a window', true), offset: offset === undefined ? 0 : intervalOf(offset, 'the offset of a window', false) };
  const time = input.plan.columns[timeColumn];
  // Windows on TIMESTAMP_LTZ start and end at local times, as in Flink; window_time stays a time attribute of the input's type.
  const bound = { kind: 'TIMESTAMP', precision: 3, nullable: false } as const;
  const columns: PlanColumn[] = [
    ...input.plan.columns.map((column, i) => (i === timeColumn ? { name: column.name, type: column.type } : column)),
    { name: windowColumnNames[0], type: bound },
    { name: windowColumnNames[1], type: bound },
    { name: windowColumnNames[2], type: withNullable(time?.type ?? bound, false), time: 'rowtime' },
  ];
  const plan: LogicalPlan = { kind: 'Window', input: input.plan, window, timeColumn, columns, span: ref.span };
  return { plan, qualifiers: ref.alias === undefined ? input.qualifiers : [ref.alias.name], label: `TUMBLE of ${input.label}` };
}

function bindTimeColumn(arg: Extract<TableArgument, { kind: 'DescriptorArgument' }>, input: Relation): number {
  const [column] = arg.columns;
  if (column === undefined || arg.columns.length > 1) throw new SqlError({ code: 'E0208', message: 'DESCRIPTOR names one time column', span: arg.span });
  const bound = bindExpr({ kind: 'Reference', name: { parts: [column], span: column.span }, span: column.span }, { columns: input.plan.columns, qualifiers: [], label: input.label });
  const index = bound.kind === 'column' ? bound.index : -1;
  const found = input.plan.columns[index];
  if (found?.time === undefined) throw noTimeAttribute(column, found, input);
  return index;
}

function noTimeAttribute(column: Identifier, found: PlanColumn | undefined, input: Relation): SqlError {
  const type = describeType(found?.type ?? types.nothing);
  const other = input.plan.columns.find((candidate) => candidate.time !== undefined);
  const base = { code: 'E0201' as const, span: column.span };
  if (other !== undefined) return new SqlError({ ...base, message: `TUMBLE needs the column that has the watermark; ${column.name} has none`, label: `the watermark of ${input.label} is on ${other.name}` });
  if (found?.type.kind === 'BIGINT' || found?.type.kind === 'INT') {
    return new SqlError({ ...base, message: `TUMBLE needs a time column with a watermark; ${column.name} is ${type}`, label: `add to CREATE TABLE ${input.label}:`, hint: `ts AS TO_TIMESTAMP_LTZ(\`${column.name}\`, 3),    -- 3: milliseconds, 0: seconds\nWATERMARK FOR ts AS ts - INTERVAL '5' SECOND\nand write DESCRIPTOR(ts) here` });
  }
  if (found?.type.kind === 'TIMESTAMP' || found?.type.kind === 'TIMESTAMP_LTZ') {
    return new SqlError({ ...base, message: `TUMBLE needs a time column with a watermark; ${column.name} has none here`, label: `add to CREATE TABLE ${input.label}:`, hint: `WATERMARK FOR \`${column.name}\` AS \`${column.name}\` - INTERVAL '5' SECOND` });
  }
  return new SqlError({ ...base, message: `TUMBLE needs a time column with a watermark; ${column.name} is ${type}` });
}

function intervalOf(arg: TableArgument, what: string, mustBePositive: boolean): number {
  const bound = arg.kind === 'ValueArgument' ? bindExpr(arg.value, { columns: [], qualifiers: [], label: 'a window' }) : undefined;
  if (bound?.kind !== 'literal' || bound.type.kind !== 'INTERVAL_SECOND' || typeof bound.value !== 'string') {
    throw new SqlError({ code: 'E0208', message: `${what} is an interval`, span: arg.span, hint: "INTERVAL '10' SECOND" });
  }
  const millis = Number(bound.value);
  if (mustBePositive && millis <= 0) throw new SqlError({ code: 'E0207', message: `${what} is longer than nothing`, span: arg.span });
  return millis;
}
