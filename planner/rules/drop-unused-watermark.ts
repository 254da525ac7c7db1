import { firstMatch, type Rule } from '../rule.ts';
import { inputsOf, type LogicalPlan } from '../logical-plan.ts';

/**
 * Watermark(x) = x in a query without windows over event time, and not in the order of it: only they could see it. The time attribute goes with it, which is safe after binding,
 * where everything that needed one has found it.
 */
export const dropUnusedWatermark: Rule = {
  name: 'drop-unused-watermark',
  apply: (plan) => (hasWindow(plan) ? undefined : firstMatch(plan, (node) => (node.kind === 'Watermark' ? node.input : undefined))),
};

function hasWindow(plan: LogicalPlan): boolean {
  return (plan.kind === 'Window' && plan.processing !== true) || (plan.kind === 'Sort' && plan.time === 'rowtime') || inputsOf(plan).some(hasWindow);
}
