import { SqlError } from '../core/diagnostic.ts';
import { visit, type BoundExpr } from '../expression/bound-expr.ts';
import { inputsOf, mapExpressions, type LogicalPlan } from './logical-plan.ts';

/** The function that gives the processing time. A table may have a column of it; what reads that column is not there yet. */
export const processingTime = 'PROCTIME';

/** Throws E0002 where the plan still computes PROCTIME() once everything that nobody reads is gone. */
export function refuseProcessingTime(plan: LogicalPlan): void {
  mapExpressions(plan, (expr) => {
    visit(expr, (node) => {
      if (isProcessingTime(node)) throw new SqlError({ code: 'E0002', message: 'not supported yet: PROCTIME', span: node.span });
    });
    return expr;
  });
}

/** True for a column that is the processing time, seen through filters, projections and the watermark. */
export function isProcessingTimeColumn(plan: LogicalPlan, index: number): boolean {
  if (plan.kind === 'Project') {
    const expr = plan.exprs[index];
    if (expr === undefined) return false;
    return isProcessingTime(expr) || (expr.kind === 'column' && isProcessingTimeColumn(plan.input, expr.index));
  }
  const [input, second] = inputsOf(plan);
  return (plan.kind === 'Filter' || plan.kind === 'Watermark') && input !== undefined && second === undefined && isProcessingTimeColumn(input, index);
}

function isProcessingTime(expr: BoundExpr): boolean {
  return expr.kind === 'call' && expr.name === processingTime;
}
