import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Expr } from '../parser/ast.ts';
import { caseOf } from './bind-case.ts';
import { bindFunction } from './bind-function.ts';

interface Period {
  readonly start: BoundExpr;
  readonly end: BoundExpr;
}

/** The two ends of `(start, end)` or `(start, interval)`, the earlier one first. */
function periodOf(expr: Expr | undefined, bind: (expr: Expr) => BoundExpr, span: Span): Period {
  const [from, to, ...rest] = expr?.kind === 'Row' ? expr.items : [];
  if (from === undefined || to === undefined || rest.length > 0) {
    throw new SqlError({ code: 'E0208', message: 'OVERLAPS stands between two periods', span: expr?.span ?? span, hint: "(start1, end1) OVERLAPS (start2, INTERVAL '1' HOUR)" });
  }
  const one = bind(from);
  const given = bind(to);
  const isLength = given.type.kind === 'INTERVAL_SECOND' || given.type.kind === 'INTERVAL_MONTH';
  const other = isLength ? bindFunction('+', '+', [one, given], expr?.span ?? span) : given;
  const isInOrder = bindFunction('<=', 'OVERLAPS', [one, other], expr?.span ?? span);
  return { start: caseOf([{ when: isInOrder, then: one }], other, span), end: caseOf([{ when: isInOrder, then: other }], one, span) };
}

/** TRUE when the periods have a moment in common, an end too. Source: Calcite's StandardConvertletTable, whose OVERLAPS Flink has. */
export function bindOverlaps([left, right]: readonly Expr[], bind: (expr: Expr) => BoundExpr, span: Span): BoundExpr {
  const a = periodOf(left, bind, span);
  const b = periodOf(right, bind, span);
  const args = [bindFunction('>=', 'OVERLAPS', [a.end, b.start], span), bindFunction('>=', 'OVERLAPS', [b.end, a.start], span)];
  return { kind: 'logic', operator: 'AND', args, type: { kind: 'BOOLEAN', nullable: args.some((arg) => arg.type.nullable) }, span };
}
