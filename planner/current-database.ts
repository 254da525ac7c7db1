import { SqlError } from '../core/diagnostic.ts';
import { types, withNullable } from '../core/sql-type.ts';
import { rewrite, type BoundExpr } from '../expression/bound-expr.ts';
import { currentDatabaseName } from '../functions/session.ts';
import { mapExpressions, type LogicalPlan } from './logical-plan.ts';

/**
 * The plan with the name of the session's database in the place of CURRENT_DATABASE(), in a view too: there it is the database of whoever reads.
 * Throws E0106 where none is in use.
 */
export function inDatabase(plan: LogicalPlan, database: string | undefined): LogicalPlan {
  const named = (node: BoundExpr): BoundExpr => {
    if (node.kind !== 'call' || node.name !== currentDatabaseName) return node;
    if (database === undefined) throw new SqlError({ code: 'E0106', message: 'no database is in use', span: node.span, hint: 'SHOW DATABASES;  lists them, USE takes one' });
    return { kind: 'literal', value: database, type: withNullable(types.string, false), ...(node.span !== undefined && { span: node.span }) };
  };
  return mapExpressions(plan, (expr) => rewrite(expr, named));
}
