import { SqlError } from '../core/diagnostic.ts';
import { isInteger } from '../core/sql-type.ts';
import type { Expr, Query } from '../parser/ast.ts';
import { bindExpr } from './bind-expr.ts';
import type { LogicalPlan } from './logical-plan.ts';

/** OFFSET and LIMIT of a query that is bound. Throws E0002 for ORDER BY. */
export function bindOrdered({ orderBy, offset, limit, span }: Extract<Query, { kind: 'Ordered' }>, input: LogicalPlan): LogicalPlan {
  if (orderBy[0] !== undefined) throw new SqlError({ code: 'E0002', message: 'not supported yet: ORDER BY', span: orderBy[0].span });
  const first = offset === undefined ? 0 : countOf('OFFSET', offset);
  const count = limit === undefined ? undefined : countOf('LIMIT', limit);
  return first === 0 && count === undefined ? input : { kind: 'Limit', input, offset: first, count, columns: input.columns, span: limit?.span ?? offset?.span ?? span };
}

/** How many rows are meant. Throws E0208 for what is no whole number of them. */
function countOf(clause: string, expr: Expr): number {
  const bound = bindExpr(expr, { columns: [], qualifiers: [], label: clause });
  const count = bound.kind === 'literal' && typeof bound.value === 'string' && isInteger(bound.type) ? Number(bound.value) : -1;
  if (count < 0 || !Number.isSafeInteger(count)) throw new SqlError({ code: 'E0208', message: `${clause} takes a number of rows`, span: expr.span, hint: `${clause} 10` });
  return count;
}
