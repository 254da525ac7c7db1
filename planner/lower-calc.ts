import { types } from '../core/sql-type.ts';
import { isInjective } from '../functions/cast-rules.ts';
import { substitute, type BoundExpr } from '../expression/bound-expr.ts';
import type { PlanColumn } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** A Calc over a plan: `projection` of the rows that meet `condition`. A Calc right below that only renames or filters goes into it. */
export function calc(id: number, input: PhysicalPlan, condition: BoundExpr | undefined, projection: readonly BoundExpr[], columns: readonly PlanColumn[]): PhysicalPlan {
  if (input.kind === 'Calc' && input.projection.every((expr) => expr.kind === 'column')) {
    const own = condition === undefined ? undefined : substitute(condition, input.projection);
    const both = [input.condition, own].filter((part) => part !== undefined);
    const merged: BoundExpr | undefined = both.length === 2 ? { kind: 'logic', operator: 'AND', args: both, type: types.boolean } : both[0];
    return calc(id, input.input, merged, projection.map((expr) => substitute(expr, input.projection)), columns);
  }
  const moved = new Map<number, number>();
  for (const [to, expr] of projection.entries()) {
    const column = distinctly(expr);
    if (column !== undefined && !moved.has(column)) moved.set(column, to);
  }
  const upsertKeys = input.properties.upsertKeys.filter((key) => key.every((index) => moved.has(index))).map((key) => key.map((index) => moved.get(index) ?? -1));
  return { kind: 'Calc', id, input, condition, projection, columns, properties: { changelog: input.properties.changelog, upsertKeys, state: 'none' } };
}

/** The column whose values stay apart in the expression: the column itself, or a cast of it that makes no two values one. */
function distinctly(expr: BoundExpr): number | undefined {
  if (expr.kind === 'column') return expr.index;
  return expr.kind === 'cast' && isInjective(expr.operand.type, expr.type) ? distinctly(expr.operand) : undefined;
}
