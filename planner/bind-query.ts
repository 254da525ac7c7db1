import { assert, unreachable } from '../core/assert.ts';
import { SqlError } from '../core/diagnostic.ts';
import { didYouMean, listed } from '../core/suggest.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { ViewEntry } from '../catalog/entry.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Query, Select } from '../parser/ast.ts';
import { bindDistinct } from './bind-distinct.ts';
import { bindCondition, bindExpr, type Scope } from './bind-expr.ts';
import { bindGrouped, containsAggregate, nameOf } from './bind-grouped.ts';
import { groupsBelow } from './bind-grouped-queries.ts';
import { bindOrdered } from './bind-ordered.ts';
import { bindSetOperation } from './bind-set-operation.ts';
import { bindWhereQueries } from './bind-subquery.ts';
import { bindTable, renamed } from './bind-table.ts';
import { besideValues } from './bind-value-query.ts';
import { bindValues } from './bind-values.ts';
import { conjunctsOf } from './conjuncts.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';
import { Mistakes } from './mistakes.ts';
import { refuseTimedJoins } from './refused-joins.ts';
import { hasRowWatermarks } from './row-watermark.ts';
import { containsQuery } from './subquery-parts.ts';
import { uniqueNames } from './unique-names.ts';
import { scopeOf, type CommonTables, type Relation, type RelationContext } from './relation.ts';

const noCommonTables: CommonTables = new Map();

/** `commonTables`: what WITH names around the query; `inside`: the views that the query is part of, outermost first. */
export function bindQuery(query: Query, catalog: Catalog, commonTables = noCommonTables, inside: readonly ViewEntry[] = []): LogicalPlan {
  const bind = (inner: Query): LogicalPlan => bindQuery(inner, catalog, commonTables, inside);
  switch (query.kind) {
    case 'Select':
      return bindSelect(query, { catalog, commonTables, bindQuery: (inner) => bind(unordered(inner)), bindDefined: (view) => bindQuery(unordered(view.query), catalog.from(view.home), noCommonTables, [...inside, view]), inside });
    case 'SetOperation':
      return bindSetOperation(query, bind);
    case 'Values':
      return bindValues(query);
    case 'With':
      return bindQuery(query.query, catalog, withCommonTables(query, catalog, commonTables, inside), inside);
    case 'Ordered':
      return bindOrdered(query, bind);
    default:
      return unreachable(query);
  }
}

/** Rows of a relation have no order: what a query within another says of it means nothing, unless it takes the first. */
function unordered(query: Query): Query {
  return query.kind === 'Ordered' && query.offset === undefined && query.limit === undefined ? unordered(query.query) : query;
}

/** What WITH names, with what was named around it. Each query sees those before it. */
function withCommonTables({ recursive, tables, span }: Extract<Query, { kind: 'With' }>, catalog: Catalog, around: CommonTables, inside: readonly ViewEntry[]): CommonTables {
  if (recursive) throw new SqlError({ code: 'E0002', message: 'not supported yet: WITH RECURSIVE', span });
  const seen = new Map(around);
  for (const { name, columns, query } of tables) {
    const plan = bindQuery(unordered(query), catalog, seen, inside);
    seen.set(name.name, columns.length === 0 ? plan : renamed(plan, columns, name.name, name.span));
  }
  return seen;
}

function bindSelect(query: Select, context: RelationContext): LogicalPlan {
  if (query.qualify !== undefined) throw new SqlError({ code: 'E0002', message: 'not supported yet: QUALIFY', span: query.qualify.span });
  if (query.hints[0] !== undefined) throw new SqlError({ code: 'E0002', message: 'not supported yet: hints /*+ ... */', span: query.hints[0].span });
  const from: Relation = query.from === undefined ? { plan: { kind: 'SingleRow', columns: [] }, qualifiers: [], label: 'a query without FROM' } : bindTable(query.from, context);
  const scope: Scope = { ...scopeOf(from), hasWatermark: hasRowWatermarks(from.plan), aliases: query.items.flatMap(({ alias, expr }) => (alias === undefined || (expr.kind === 'Reference' && expr.name.parts.length === 1 && expr.name.parts[0]?.name === alias.name) ? [] : [alias.name])) };
  const mistakes = new Mistakes();
  let plan = from.plan;
  const { where } = query;
  const withQueries = where !== undefined && containsQuery(where);
  if (withQueries) plan = mistakes.attempt(() => bindWhereQueries(where, from, scope, context)) ?? plan;
  const condition = where === undefined || withQueries ? undefined : mistakes.attempt(() => bindCondition('WHERE', where, scope));
  if (condition !== undefined) {
    mistakes.attempt(() => refuseTimedJoins(from.plan, conjunctsOf(condition)));
    plan = { kind: 'Filter', input: plan, condition, columns: plan.columns };
  }
  const hasAggregates = query.items.some((item) => containsAggregate(item.expr)) || query.having !== undefined;
  // What stands behind a join with queries has neither time attributes nor watermarks of its own.
  const rows: Scope = withQueries ? { ...scope, columns: plan.columns, hasWatermark: false } : scope;
  const isGrouped = query.groupBy.length > 0 || hasAggregates;
  const holdsQueries = query.items.some(({ expr }) => containsQuery(expr)) || (query.having !== undefined && containsQuery(query.having));
  const items = mistakes.attempt(() => (isGrouped && holdsQueries ? bindGroupsWithQueries(query, { ...from, plan }, rows, context) : isGrouped ? bindGrouped(query, plan, rows) : holdsQueries ? bindItemsWithQueries(query, { ...from, plan }, rows, context) : bindItems(query, plan, rows)));
  mistakes.throwAny();
  assert(items !== undefined, 'what is not bound has a mistake');
  const named = { ...items, columns: uniqueNames(items.columns) };
  return query.distinct ? bindDistinct(named, query.span) : named;
}

/** Groups with queries in SELECT or HAVING. */
function bindGroupsWithQueries(query: Select, from: Relation, scope: Scope, context: RelationContext): LogicalPlan {
  const { relation, items } = groupsBelow(query, from, scope, context);
  return bindItemsWithQueries({ ...query, items }, relation, scopeOf(relation), context);
}

/** Items in which queries stand for values. */
function bindItemsWithQueries(query: Select, from: Relation, scope: Scope, context: RelationContext): LogicalPlan {
  const { plan, known } = besideValues(query.items.map(({ expr }) => expr), from, context);
  return bindItems(query, plan, { ...scope, columns: plan.columns.slice(0, from.plan.columns.length), hasWatermark: false, known });
}

function bindItems(query: Select, plan: LogicalPlan, scope: Scope): LogicalPlan {
  const exprs: BoundExpr[] = [];
  const columns: PlanColumn[] = [];
  const mistakes = new Mistakes();
  for (const item of query.items) {
    if (item.expr.kind === 'Star') {
      if (query.from === undefined) throw new SqlError({ code: 'E0101', message: 'without FROM, * stands for no columns', span: item.span, label: 'add  FROM table' });
      const qualifier = item.expr.qualifier?.parts[0];
      if (qualifier !== undefined && !scope.qualifiers.includes(qualifier.name)) {
        throw new SqlError({ code: 'E0101', message: `there is no table ${qualifier.name} in FROM`, span: qualifier.span, label: didYouMean(qualifier.name, scope.qualifiers) ?? listed('there is', scope.qualifiers) });
      }
      for (const index of qualifier === undefined ? (scope.star ?? scope.columns.keys()) : scope.columns.keys()) {
        const column = scope.columns[index] as PlanColumn;
        if (qualifier !== undefined && scope.owners !== undefined && scope.owners[index] !== qualifier.name) continue;
        exprs.push({ kind: 'column', index, type: column.type, span: item.span });
        columns.push(column);
      }
      continue;
    }
    const expr = mistakes.attempt(() => bindExpr(item.expr, scope));
    if (expr === undefined) continue;
    exprs.push(expr);
    columns.push({ name: nameOf(item.expr, item.alias, columns.length), type: expr.type, time: expr.kind === 'column' ? scope.columns[expr.index]?.time : undefined });
  }
  mistakes.throwAny();
  return { kind: 'Project', input: plan, exprs, columns };
}
