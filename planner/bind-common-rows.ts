import type { Span } from '../core/span.ts';
import { types, withNullable } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { bindFunction } from './bind-function.ts';
import type { AggregateCall, LogicalPlan, PlanColumn } from './logical-plan.ts';

const int = withNullable(types.int, false);
const bigint = withNullable(types.bigint, false);

/**
 * INTERSECT and EXCEPT: a group for each different row of all queries, of which each says whether it is there. NULLs are equal, as a group has
 * them. INTERSECT gives the rows that are in all, EXCEPT those of the first that are in no other. The plans have the same columns.
 */
export function bindCommonRows(operator: 'INTERSECT' | 'EXCEPT', plans: readonly LogicalPlan[], columns: readonly PlanColumn[], span: Span): LogicalPlan {
  const width = columns.length;
  const own = columns.map(({ name, type }): PlanColumn => ({ name, type }));
  const ofType = (index: number, type: PlanColumn['type']): BoundExpr => ({ kind: 'column', index, type, span });
  const tagged = plans.map((input, query): LogicalPlan => {
    const tag: BoundExpr = { kind: 'literal', value: String(query), type: int };
    return { kind: 'Project', input, exprs: [...input.columns.map(({ type }, index) => ofType(index, type)), tag], columns: [...own, { name: 'query', type: int }] };
  });
  const union: LogicalPlan = { kind: 'Union', inputs: tagged, columns: [...own, { name: 'query', type: int }], span };
  const tag = ofType(width, int);
  const calls = plans.map((_, query): AggregateCall => ({ name: 'COUNT', overload: 'rows', version: 1, args: [tag], distinct: true, filter: bindFunction('=', '=', [tag, { kind: 'literal', value: String(query), type: int, span }], span), type: bigint, span }));
  const aggregate: LogicalPlan = { kind: 'Aggregate', input: union, keys: own.map((_, i) => i), calls, columns: [...own, ...calls.map((_, query) => ({ name: `in query ${query + 1}`, type: bigint }))], span };
  const tests = calls.map((_, query): BoundExpr => bindFunction('=', '=', [ofType(width + query, bigint), { kind: 'literal', value: operator === 'INTERSECT' || query === 0 ? '1' : '0', type: bigint, span }], span));
  const condition: BoundExpr = { kind: 'logic', operator: 'AND', args: tests, type: withNullable(types.boolean, false), span };
  return { kind: 'Project', input: { kind: 'Filter', input: aggregate, condition, columns: aggregate.columns }, exprs: own.map(({ type }, i) => ofType(i, type)), columns: own };
}
