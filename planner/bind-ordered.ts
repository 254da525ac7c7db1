import { SqlError } from '../core/diagnostic.ts';
import { describeType, isInteger, isStructured, types } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Expr, Query } from '../parser/ast.ts';
import { bindExpr } from './bind-expr.ts';
import { nameOf } from './bind-grouped.ts';
import type { LogicalPlan, SortKey } from './logical-plan.ts';
import { isProcessingTimeColumn } from './processing-time.ts';

type Ordered = Extract<Query, { kind: 'Ordered' }>;

/** ORDER BY, OFFSET and LIMIT of a query; `bind` binds queries. */
export function bindOrdered(ordered: Ordered, bind: (query: Query) => LogicalPlan): LogicalPlan {
  const { query, orderBy, offset, limit, span } = ordered;
  const first = offset === undefined ? 0 : countOf('OFFSET', offset);
  const count = limit === undefined ? undefined : countOf('LIMIT', limit);
  const input = bind(query);
  if (orderBy[0] === undefined) return first === 0 && count === undefined ? input : { kind: 'Limit', input, offset: first, count, columns: input.columns, span: limit?.span ?? offset?.span ?? span };
  const { plan, keys } = withKeys(ordered, input, bind);
  for (const [i, { column }] of keys.entries()) {
    const type = plan.columns[column]?.type ?? types.nothing;
    if (isStructured(type)) throw new SqlError({ code: 'E0206', message: `there is no order of ${describeType(type)}`, span: orderBy[i]?.expr.span ?? span });
  }
  const [key] = keys;
  const isPlain = first === 0 && count === undefined;
  // Rows come in the order of the processing time; of others with the same one the order of arrival is as good as any.
  if (isPlain && key !== undefined && !key.descending && isProcessingTimeColumn(plan, key.column)) return keys.length === 1 ? without(plan, input) : sorted({ time: 'processing' });
  const isTimed = isPlain && key !== undefined && !key.descending && plan.columns[key.column]?.time !== undefined;
  return sorted(isTimed ? { time: 'rowtime' } : {});

  function sorted(time: Pick<Extract<LogicalPlan, { kind: 'Sort' }>, 'time'>): LogicalPlan {
    return without({ kind: 'Sort', input: plan, order: keys, ...time, offset: first, count, columns: plan.columns, span: orderBy[0]?.span ?? span }, input);
  }
}

/** The plan with only the columns of the query, without those that it is ordered by and does not select. */
function without(plan: LogicalPlan, query: LogicalPlan): LogicalPlan {
  if (plan.columns.length === query.columns.length) return plan;
  const exprs = query.columns.map(({ type }, index): BoundExpr => ({ kind: 'column', index, type }));
  return { kind: 'Project', input: plan, exprs, columns: query.columns };
}

/** The plan, with columns behind its own for keys that are none of them, and the keys. A key is a name or a number of a column, or an expression. */
function withKeys({ query, orderBy }: Ordered, input: LogicalPlan, bind: (query: Query) => LogicalPlan): { readonly plan: LogicalPlan; readonly keys: readonly SortKey[] } {
  const added: Expr[] = [];
  const columns = orderBy.map(({ expr }): number => {
    const known = columnOf(expr, input);
    return known ?? input.columns.length + added.push(expr) - 1;
  });
  const keys = orderBy.map(({ descending, nulls }, i): SortKey => ({ column: columns[i] ?? 0, descending, nullsFirst: nulls === undefined ? !descending : nulls === 'FIRST' }));
  return { plan: added.length === 0 ? input : extended(query, input, added, bind), keys };
}

/** The column that a key names, by name or by number from 1 on. */
function columnOf(expr: Expr, { columns }: LogicalPlan): number | undefined {
  if (expr.kind === 'Reference' && expr.name.parts.length === 1) {
    const name = expr.name.parts[0]?.name;
    const named = columns.flatMap((column, i) => (column.name === name ? [i] : []));
    if (named.length > 1) throw new SqlError({ code: 'E0105', message: `${name} is the name of more than one column of this query`, span: expr.span });
    return named[0];
  }
  const bound = expr.kind === 'Number' ? bindExpr(expr, { columns: [], qualifiers: [], label: 'ORDER BY' }) : undefined;
  if (bound?.kind !== 'literal' || !isInteger(bound.type)) return undefined;
  const number = Number(bound.value);
  if (number < 1 || number > columns.length) throw new SqlError({ code: 'E0208', message: `there is no column ${number}: the query has ${columns.length}`, span: expr.span, label: columns.length === 1 ? 'write 1' : `write 1 to ${columns.length}` });
  return number - 1;
}

/** The query with more columns. Of a SELECT they may be anything that it could select, of others expressions over their columns. */
function extended(query: Query, input: LogicalPlan, added: readonly Expr[], bind: (query: Query) => LogicalPlan): LogicalPlan {
  if (query.kind === 'Select' && !query.distinct) {
    return bind({ ...query, items: [...query.items, ...added.map((expr, i) => ({ expr, alias: { name: nameOf(expr, undefined, i), span: expr.span }, span: expr.span }))] });
  }
  const scope = { columns: input.columns, qualifiers: [], label: 'this query' };
  const own = input.columns.map((column, index): BoundExpr => ({ kind: 'column', index, type: column.type }));
  const exprs = added.map((expr) => bindExpr(expr, scope));
  return { kind: 'Project', input, exprs: [...own, ...exprs], columns: [...input.columns, ...exprs.map(({ type }) => ({ name: 'an expression', type }))] };
}

/** How many rows are meant. Throws E0208 for what is no whole number of them. */
function countOf(clause: string, expr: Expr): number {
  const bound = bindExpr(expr, { columns: [], qualifiers: [], label: clause });
  const count = bound.kind === 'literal' && typeof bound.value === 'string' && isInteger(bound.type) ? Number(bound.value) : -1;
  if (count < 0 || !Number.isSafeInteger(count)) throw new SqlError({ code: 'E0208', message: `${clause} takes a number of rows`, span: expr.span, hint: `${clause} 10` });
  return count;
}
