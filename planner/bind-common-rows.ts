import type { Span } from '../core/span.ts';
import { types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { bindFunction } from './bind-function.ts';
import { castTo } from './cast-to.ts';
import type { AggregateCall, LogicalPlan, PlanColumn } from './logical-plan.ts';

const int = withNullable(types.int, false);
const bigint = withNullable(types.bigint, false);

/**
 * INTERSECT and EXCEPT: a group for each different row of all queries, of which each says whether it is there. NULLs are equal, as a group has
 * them. INTERSECT gives the rows that are in all, EXCEPT those of the first that are in no other. With ALL each row counts: INTERSECT ALL gives it as often as
 * the query that has it least often, EXCEPT ALL as often as the first has it more than the others together. The plans have the same columns.
 */
export function bindCommonRows(operator: 'INTERSECT' | 'EXCEPT', all: boolean, plans: readonly LogicalPlan[], columns: readonly PlanColumn[], span: Span): LogicalPlan {
  const width = columns.length;
  const own = columns.map(({ name, type }): PlanColumn => ({ name, type }));
  const ofType = (index: number, type: PlanColumn['type']): BoundExpr => ({ kind: 'column', index, type, span });
  const tagged = plans.map((input, query): LogicalPlan => {
    const tag: BoundExpr = { kind: 'literal', value: String(query), type: int };
    return { kind: 'Project', input, exprs: [...input.columns.map(({ type }, index) => ofType(index, type)), tag], columns: [...own, { name: 'query', type: int }] };
  });
  const union: LogicalPlan = { kind: 'Union', inputs: tagged, columns: [...own, { name: 'query', type: int }], span };
  const tag = ofType(width, int);
  const calls = plans.map((_, query): AggregateCall => ({ name: 'COUNT', overload: 'rows', version: 1, args: all ? [] : [tag], ...(!all && { distinct: true }), filter: bindFunction('=', '=', [tag, { kind: 'literal', value: String(query), type: int, span }], span), type: bigint, span }));
  const aggregate: LogicalPlan = { kind: 'Aggregate', input: union, keys: own.map((_, i) => i), calls, columns: [...own, ...calls.map((_, query) => ({ name: `in query ${query + 1}`, type: bigint }))], span };
  const counts = calls.map((_, query) => ofType(width + query, bigint));
  const rows = (input: LogicalPlan): LogicalPlan => ({ kind: 'Project', input, exprs: own.map(({ type }, i) => ofType(i, type)), columns: own });
  if (all) return rows(repeated(aggregate, timesOf(operator, counts, span), span));
  const tests = counts.map((count, query): BoundExpr => bindFunction('=', '=', [count, { kind: 'literal', value: operator === 'INTERSECT' || query === 0 ? '1' : '0', type: bigint, span }], span));
  return rows({ kind: 'Filter', input: aggregate, condition: { kind: 'logic', operator: 'AND', args: tests, type: withNullable(types.boolean, false), span }, columns: aggregate.columns });
}

/** How often a row is given that the queries have so often. */
function timesOf(operator: 'INTERSECT' | 'EXCEPT', counts: readonly BoundExpr[], span: Span): BoundExpr {
  return operator === 'INTERSECT' ? bindFunction('LEAST', 'LEAST', counts, span) : counts.reduce((left, right) => bindFunction('-', '-', [left, right], span));
}

/** Each row as often as `times` says, none where that is not above 0: once for each part of a text of so many parts. */
function repeated(input: LogicalPlan, times: BoundExpr, span: Span): LogicalPlan {
  const literal = (value: string, type: SqlType): BoundExpr => ({ kind: 'literal', value, type, span });
  const condition = bindFunction('>', '>', [times, literal('0', bigint)], span);
  const comma = literal(',', { kind: 'VARCHAR', length: 1, nullable: false });
  const commas = bindFunction('REPEAT', 'REPEAT', [comma, castTo(bindFunction('-', '-', [times, literal('1', bigint)], span), int, span)], span);
  const parts = bindFunction('SPLIT', 'SPLIT', [commas, comma], span);
  const element: SqlType = parts.type.kind === 'ARRAY' ? parts.type.element : types.nothing;
  const width = input.columns.length;
  const columns: readonly PlanColumn[] = [...input.columns, { name: 'times', type: parts.type }];
  const there: LogicalPlan = { kind: 'Filter', input, condition, columns: input.columns };
  const exprs = [...input.columns.map(({ type }, index): BoundExpr => ({ kind: 'column', index, type })), parts];
  return { kind: 'Unnest', input: { kind: 'Project', input: there, exprs, columns }, column: width, ordinality: false, isLeft: false, columns: [...columns, { name: 'time', type: element }], span };
}
