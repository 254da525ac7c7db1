import { SqlError } from '../core/diagnostic.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Query } from '../parser/ast.ts';
import { bindCondition, bindExpr, type Scope } from './bind-expr.ts';
import { bindGrouped, containsAggregate, nameOf } from './bind-grouped.ts';
import { bindTable } from './bind-table.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';
import type { Relation } from './relation.ts';

export function bindQuery(query: Query, catalog: Catalog): LogicalPlan {
  if (query.distinct) throw new SqlError({ code: 'E0002', message: 'not supported yet: SELECT DISTINCT', span: query.span });
  const from: Relation = query.from === undefined ? { plan: { kind: 'SingleRow', columns: [] }, qualifiers: [], label: 'a query without FROM' } : bindTable(query.from, { catalog, bindQuery: (inner) => bindQuery(inner, catalog) });
  const scope: Scope = { columns: from.plan.columns, qualifiers: from.qualifiers, label: from.label };
  let plan = from.plan;
  if (query.where !== undefined) {
    const condition = bindCondition('WHERE', query.where, scope);
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
