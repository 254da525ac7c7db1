import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { types, withNullable } from '../core/sql-type.ts';
import { substitute, type BoundExpr } from '../expression/bound-expr.ts';
import type { Expr, Query, SelectItem } from '../parser/ast.ts';
import { coalesce } from './bind-case.ts';
import { bindExpr } from './bind-expr.ts';
import { bindFunction } from './bind-function.ts';
import { bindGrouped, containsAggregate } from './bind-grouped.ts';
import { bindTable } from './bind-table.ts';
import { allOf, shifted } from './conjuncts.ts';
import type { AggregateCall, LogicalPlan, PlanColumn } from './logical-plan.ts';
import { extended, ownersOf, scopeOf, starOf, type Relation, type RelationContext } from './relation.ts';
import { attempt, bindPart, containsQuery, filtered, joined, oneIfAny, partsOf, queriesOf, readsAround, refuseUnknown, scopeOfBoth, truth } from './subquery-parts.ts';

/** A relation whose rows have values of queries behind their columns. */
export interface BesideValues {
  readonly plan: LogicalPlan;
  /** What a query of the expressions stands for, over the columns of `plan`. */
  readonly known: (expr: Expr) => BoundExpr | undefined;
}

/**
 * The rows of a relation, each beside the values of the queries in some expressions: of one row at most, NULL while there is none. EXISTS of a query on its
 * own is such a value too; what else tests a query is left to whoever binds the expression, which says that it is not there.
 */
export function besideValues(exprs: readonly Expr[], from: Relation, context: RelationContext): BesideValues {
  const known = new Map<Expr, BoundExpr>();
  let plan = from.plan;
  for (const query of exprs.flatMap(queriesOf)) {
    const width = plan.columns.length;
    // Names mean the relation's own columns, not those that stand behind them by now.
    const left = extended(from, plan);
    if (query.kind === 'Exists') {
      const rows = attempt(() => context.bindQuery(query.query));
      if (rows instanceof SqlError && !readsAround(query.query, left)) throw rows;
      if (rows instanceof SqlError) continue;
      plan = joined('LEFT', plan, oneIfAny(rows, query.span), undefined, query.span);
      known.set(query, { kind: 'is', operand: { kind: 'column', index: width, type: types.boolean }, test: 'NULL', negated: true, type: truth, span: query.span });
    } else if (query.kind === 'Subquery') {
      const { right, condition, value } = bindValue(query.query, left, context);
      plan = joined('LEFT', plan, right, condition, query.span);
      known.set(query, value);
    }
  }
  return { plan, known: (expr) => known.get(expr) };
}

/** A query in the place of a value, as the right side of an outer join. */
interface Value {
  readonly right: LogicalPlan;
  readonly condition: BoundExpr | undefined;
  /** Over the columns of both sides. */
  readonly value: BoundExpr;
}

function bindValue(query: Query, left: Relation, context: RelationContext): Value {
  const right = attempt(() => context.bindQuery(query));
  if (right instanceof SqlError) return bindCorrelatedValue(query, left, context, right);
  const [column] = right.columns;
  if (column === undefined || right.columns.length > 1) throw severalColumns(right.columns.length, query.span);
  return { right: isOneRow(right) ? right : onlyRow(right, query.span), condition: undefined, value: { kind: 'column', index: left.plan.columns.length, type: withNullable(column.type, true), span: query.span } };
}

/**
 * `(SELECT MAX(b) FROM t WHERE t.k = o.k)`: an aggregate, or the only row, for each value of what has to be equal, joined by that. A row that meets none has the aggregate
 * of no rows beside it: NULL, and 0 for COUNT.
 */
function bindCorrelatedValue(query: Query, left: Relation, context: RelationContext, mistake: SqlError): Value {
  if (mistake.all.some(({ code }) => code !== 'E0102' && code !== 'E0101')) throw mistake;
  const notYet = (): SqlError => (readsAround(query, left) ? new SqlError({ code: 'E0002', message: 'not supported yet: a query in the place of a value that reads columns of the query around it otherwise than in  WHERE own = outer', span: query.span }) : mistake);
  if (query.kind !== 'Select' || query.from === undefined || query.groupBy.length > 0 || query.having !== undefined || query.distinct || query.items.some(({ expr }) => expr.kind === 'Star')) throw notYet();
  if (query.items.length > 1) throw severalColumns(query.items.length, query.span);
  const inner = bindTable(query.from, context);
  const scope = scopeOf(inner);
  const both = scopeOfBoth(scope, scopeOf(left), left.plan.columns.length);
  for (const { expr } of query.items) if (!containsQuery(expr)) refuseUnknown(expr, both);
  const own: BoundExpr[] = [];
  const keys: BoundExpr[] = [];
  const outer: BoundExpr[] = [];
  for (const part of query.where === undefined ? [] : partsOf(query.where)) {
    if (containsQuery(part.expr)) throw notYet();
    refuseUnknown(part.expr, both);
    const bound = attempt(() => bindPart(part, scope));
    if (!(bound instanceof SqlError)) {
      own.push(bound);
      continue;
    }
    if (part.negated || part.expr.kind !== 'Binary' || part.expr.operator !== '=') throw notYet();
    const sides = [part.expr.left, part.expr.right];
    const bounds = sides.map((side) => attempt(() => bindExpr(side, scope)));
    const key = bounds.find((side) => !(side instanceof SqlError));
    const other = sides[bounds.findIndex((side) => side instanceof SqlError)];
    if (key === undefined || key instanceof SqlError || other === undefined) throw notYet();
    const around = attempt(() => bindExpr(other, scopeOf(left)));
    if (around instanceof SqlError) throw bound;
    keys.push(key);
    outer.push(around);
  }
  const values = query.items.map((item): SelectItem => (containsAggregate(item.expr) ? item : { ...item, expr: { kind: 'Call', name: { name: 'SINGLE_VALUE', span: item.span }, args: [item.expr], distinct: false, filter: undefined, span: item.span } }));
  const keyed = besideKeys({ ...inner, plan: filtered(inner.plan, own) }, keys);
  const groupBy = keys.map((_, i): Expr => ({ kind: 'Reference', name: { parts: [{ name: keyName(i), span: query.span }], span: query.span }, span: query.span }));
  const items = [...values, ...groupBy.map((expr): SelectItem => ({ expr, alias: undefined, span: expr.span }))];
  const grouped = attempt(() => bindGrouped({ ...query, where: undefined, items, groupBy }, keyed.plan, scopeOf(keyed), true));
  if (grouped instanceof SqlError) throw grouped.code === 'E0102' ? notYet() : grouped;
  if (grouped.kind !== 'Project' || grouped.input.kind !== 'Aggregate') throw notYet();
  const { input: aggregate, exprs: [item, ...keyExprs] } = grouped;
  const width = left.plan.columns.length;
  const columns = aggregate.columns.map(({ type }, i): BoundExpr => {
    const column: BoundExpr = { kind: 'column', index: width + i, type: withNullable(type, true), span: query.span };
    const call = aggregate.calls[i - aggregate.keys.length];
    if (call === undefined || type.nullable) return column;
    return coalesce([column, { kind: 'literal', value: '0', type }], query.span);
  });
  // Of no rows only counts are no NULL.
  if (item === undefined || aggregate.calls.some((call) => !call.type.nullable && call.name !== 'COUNT')) throw notYet();
  const tests = keyExprs.map((key, i) => bindFunction('=', '=', [shifted(key, width), outer[i] as BoundExpr], query.span));
  return { right: { ...aggregate, input: withKeyNames(aggregate.input, keys), columns: namedKeys(aggregate.columns, keys, inner.plan, 0) }, condition: allOf(tests), value: substitute(item, columns) };
}

/** No name that a query would use: what is grouped by is none of its items. */
function keyName(key: number): string {
  return `correlated key ${key + 1}`;
}

/** A relation with expressions over it behind its columns. */
function besideKeys(relation: Relation, keys: readonly BoundExpr[]): Relation {
  const { plan } = relation;
  const width = plan.columns.length;
  const exprs = [...plan.columns.map(({ type }, index): BoundExpr => ({ kind: 'column', index, type })), ...keys];
  const columns = [...plan.columns, ...keys.map(({ type }, i): PlanColumn => ({ name: keyName(i), type }))];
  return { ...relation, plan: { kind: 'Project', input: plan, exprs, columns }, star: [...starOf(relation), ...keys.map((_, i) => width + i)], owners: [...ownersOf(relation), ...keys.map(() => undefined)] };
}

/** The rows that are grouped, with the keys under names that say what they are. */
function withKeyNames(input: LogicalPlan, keys: readonly BoundExpr[]): LogicalPlan {
  if (input.kind !== 'Project') return input;
  return { ...input, columns: namedKeys(input.columns, keys, input.input, input.columns.findIndex(({ name }) => name === keyName(0))) };
}

/** The columns with those of keys, from `first` on, named as the columns of `of` that they are. */
function namedKeys(columns: readonly PlanColumn[], keys: readonly BoundExpr[], of: LogicalPlan, first: number): readonly PlanColumn[] {
  return columns.map((column, i): PlanColumn => {
    const key = first < 0 ? undefined : keys[i - first];
    return key === undefined ? column : { ...column, name: key.kind === 'column' ? (of.columns[key.index]?.name ?? column.name) : `key$${i - first}` };
  });
}

function severalColumns(count: number, span: Span): SqlError {
  return new SqlError({ code: 'E0205', message: `a query in the place of a value gives one column, this one ${count}`, span });
}

/** A query's only row; a second one is an error when it comes. */
function onlyRow(input: LogicalPlan, span: Span): LogicalPlan {
  const columns = input.columns.map(({ name, type }): PlanColumn => ({ name, type: withNullable(type, true) }));
  const calls = input.columns.map(({ type }, index): AggregateCall => ({ name: 'SINGLE_VALUE', overload: 'values', version: 1, args: [{ kind: 'column', index, type, span }], filter: undefined, type: withNullable(type, true), span }));
  return { kind: 'Aggregate', input, keys: [], calls, columns, span };
}

function isOneRow(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'Aggregate':
      return plan.keys.length === 0;
    case 'Project':
    case 'Filter':
      return isOneRow(plan.input);
    case 'SingleRow':
      return true;
    case 'Values':
      return plan.rows.length <= 1;
    case 'Limit':
    case 'Sort':
      return plan.count !== undefined && plan.count <= 1;
    default:
      return false;
  }
}
