import { SqlError } from '../core/diagnostic.ts';
import { sameType, withNullable } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Query } from '../parser/ast.ts';
import { bindDistinct } from './bind-distinct.ts';
import { bindCommonRows } from './bind-common-rows.ts';
import { castTo, commonOf } from './cast-to.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';

/**
 * UNION [ALL], INTERSECT and EXCEPT: columns go by position, under the names of the first query, each in the one type that takes the values of all. Event time
 * goes on where all queries have it.
 */
export function bindSetOperation({ operator, all, inputs, span }: Extract<Query, { kind: 'SetOperation' }>, bind: (query: Query) => LogicalPlan): LogicalPlan {
  const plans = inputs.map(bind);
  const first = plans[0]?.columns ?? [];
  const odd = plans.findIndex((plan) => plan.columns.length !== first.length);
  if (odd > 0) throw new SqlError({ code: 'E0205', message: `the first query of ${operator} gives ${first.length} columns, this one ${plans[odd]?.columns.length}`, span: inputs[odd]?.span ?? span, label: 'all queries of it give as many columns' });
  const columns = first.map(({ name }, i): PlanColumn => {
    const own = plans.flatMap((plan) => plan.columns[i] ?? []);
    const type = commonOf(own.map((column, of): BoundExpr => ({ kind: 'column', index: i, type: column.type, span: itemSpan(inputs[of], i) ?? inputs[of]?.span ?? span })), span);
    const hasTime = own.every((column) => column.time !== undefined && sameType(withNullable(column.type, true), withNullable(type, true)));
    return { name, type, time: hasTime ? 'rowtime' : undefined };
  });
  if (operator !== 'UNION') return bindCommonRows(operator, all, plans.map((plan) => inTypes(plan, columns)), columns, span);
  const union: LogicalPlan = { kind: 'Union', inputs: plans.map((plan) => inTypes(plan, columns)), columns, span };
  return all ? union : bindDistinct(union, span);
}

/** The plan with its columns in the types of `columns`, but for what may be NULL. */
function inTypes(plan: LogicalPlan, columns: readonly PlanColumn[]): LogicalPlan {
  const exprs = plan.columns.map((column, index) => castTo({ kind: 'column', index, type: column.type }, withNullable(columns[index]?.type ?? column.type, column.type.nullable), undefined));
  if (exprs.every((expr) => expr.kind === 'column')) return plan;
  return { kind: 'Project', input: plan, exprs, columns: plan.columns.map((column, i) => ({ ...column, type: exprs[i]?.type ?? column.type, time: exprs[i]?.kind === 'column' ? column.time : undefined })) };
}

function itemSpan(query: Query | undefined, position: number): { readonly start: number; readonly end: number } | undefined {
  return query?.kind === 'Select' && query.items.every(({ expr }) => expr.kind !== 'Star') ? query.items[position]?.span : undefined;
}
