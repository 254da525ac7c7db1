import { SqlError } from '../core/diagnostic.ts';
import { withNullable } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Query } from '../parser/ast.ts';
import { bindExpr } from './bind-expr.ts';
import { castTo, commonOf } from './cast-to.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';

/** Rows that the query holds. A column has the one type that takes the values of all rows. */
export function bindValues({ rows, span }: Extract<Query, { kind: 'Values' }>): LogicalPlan {
  const width = rows[0]?.length ?? 0;
  const bound = rows.map((row) => {
    if (row.length !== width) throw new SqlError({ code: 'E0205', message: `the first row has ${width} values, this one ${row.length}`, span: row[0]?.span ?? span, label: row.length < width ? 'a value that is missing is written NULL' : 'rows of VALUES are as wide as the first' });
    return row.map((expr) => bindExpr(expr, { columns: [], qualifiers: [], label: 'VALUES' }));
  });
  const columns = Array.from({ length: width }, (_, i): PlanColumn => ({ name: `EXPR$${i}`, type: commonOf(bound.flatMap((row) => row[i] ?? []), span) }));
  const cast = bound.map((row) => row.map((expr, i): BoundExpr => castTo(expr, withNullable(columns[i]?.type ?? expr.type, expr.type.nullable), expr.span ?? span)));
  const [only] = cast;
  if (cast.length === 1 && only !== undefined) return { kind: 'Project', input: { kind: 'SingleRow', columns: [] }, exprs: only, columns };
  return { kind: 'Values', rows: cast, columns };
}
