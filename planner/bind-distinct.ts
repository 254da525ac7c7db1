import type { Span } from '../core/span.ts';
import type { LogicalPlan } from './logical-plan.ts';

/** SELECT DISTINCT: a group for each different row, without results. */
export function bindDistinct(plan: LogicalPlan, span: Span): LogicalPlan {
  return { kind: 'Aggregate', input: plan, keys: plan.columns.map((_, i) => i), calls: [], columns: plan.columns, span };
}
