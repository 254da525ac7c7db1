import { visit, type BoundExpr } from '../expression/bound-expr.ts';
import { findScalar } from '../functions/registry.ts';
import { inputsOf, type LogicalPlan } from './logical-plan.ts';

/** True for what asks for the watermark of its row. */
export function readsWatermark(expr: BoundExpr): boolean {
  let reads = false;
  visit(expr, (node) => {
    if (node.kind === 'call' && node.engine === undefined && findScalar(node.name)?.readsWatermark === true) reads = true;
    return !reads;
  });
  return reads;
}

/**
 * True where the rows of a plan come out as they came, each with the watermark that it met. What gives out rows when a watermark has passed does
 * so for several at once, as batches are cut: behind it no row has a watermark of its own.
 */
export function hasRowWatermarks(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case 'Scan':
      return true;
    case 'Window':
      return plan.window.kind !== 'SESSION' && hasRowWatermarks(plan.input);
    case 'Watermark':
    case 'Project':
    case 'Filter':
    case 'Unnest':
    case 'Union':
      return inputsOf(plan).every(hasRowWatermarks);
    default:
      return false;
  }
}
