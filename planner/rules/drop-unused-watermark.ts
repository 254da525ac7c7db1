import { readsWatermark } from '../row-watermark.ts';
import { firstMatch, type Rule } from '../rule.ts';
import { inputsOf, type LogicalPlan } from '../logical-plan.ts';

/**
 * Watermark(x) = x in a query without windows over event time, not in the order of it and not asking for its watermark: only they could see it. The time attribute goes with it, which is safe after binding,
 * where everything that needed one has found it.
 */
export const dropUnusedWatermark: Rule = {
  name: 'drop-unused-watermark',
  apply: (plan) => (isRead(plan) ? undefined : firstMatch(plan, (node) => (node.kind === 'Watermark' ? node.input : undefined))),
};

function isRead(plan: LogicalPlan): boolean {
  if (plan.kind === 'Project' && plan.exprs.some(readsWatermark)) return true;
  if (plan.kind === 'Filter' && readsWatermark(plan.condition)) return true;
  return (plan.kind === 'Window' && plan.processing !== true) || (plan.kind === 'Sort' && plan.time === 'rowtime') || inputsOf(plan).some(isRead);
}
