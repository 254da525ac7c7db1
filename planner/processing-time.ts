import type { Span } from '../core/span.ts';
import { types, withNullable } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { windowColumnNames, type LogicalPlan } from './logical-plan.ts';

const name = 'PROCTIME';

/** The processing time as whoever computes it finds it. */
export function processingTimeCall(span?: Span): BoundExpr {
  return { kind: 'call', name, overload: 'now', version: 1, args: [], type: withNullable(types.timestampLtz(3), false), ...(span !== undefined && { span }) };
}

/**
 * True for a column that is the processing time, seen through what leaves rows as they are: then windows over it are windows of the clock. A
 * window's rows keep only window_time as such.
 */
export function isProcessingTimeColumn(plan: LogicalPlan, index: number): boolean {
  switch (plan.kind) {
    case 'Project': {
      const expr = plan.exprs[index];
      return expr !== undefined && ((expr.kind === 'call' && expr.name === name) || (expr.kind === 'column' && isProcessingTimeColumn(plan.input, expr.index)));
    }
    case 'Filter':
    case 'Watermark':
      return isProcessingTimeColumn(plan.input, index);
    case 'Union':
      return plan.inputs.every((input) => isProcessingTimeColumn(input, index));
    case 'Window':
      return plan.processing === true && index === plan.input.columns.length + windowColumnNames.length - 1;
    case 'Aggregate': {
      const key = plan.keys[index];
      return key !== undefined && isWindowTime(plan.input, key);
    }
    default:
      return false;
  }
}

/** True for the window_time of a window over the processing time: of the keys of a group only that stays a time attribute. */
function isWindowTime(plan: LogicalPlan, index: number): boolean {
  if (plan.kind === 'Project') {
    const expr = plan.exprs[index];
    return expr?.kind === 'column' && isWindowTime(plan.input, expr.index);
  }
  return plan.kind === 'Filter' ? isWindowTime(plan.input, index) : plan.kind === 'Window' && isProcessingTimeColumn(plan, index);
}
