import type { BoundExpr } from '../../expression/bound-expr.ts';
import { allOf, conjunctsOf, shifted, sideOf } from '../conjuncts.ts';
import { isRepeatable } from '../determinism.ts';
import { isHalf, padsSide, type JoinType, type LogicalPlan } from '../logical-plan.ts';
import { rejectsNulls } from '../null-rejection.ts';
import { firstMatch, type Rule } from '../rule.ts';

type Join = Extract<LogicalPlan, { kind: 'Join' }>;

/**
 * Filter[c](Join[on](l, r)) = Join[on AND c](l, r), and what of it reads one side only goes below that side: rows that meet nothing are not kept.
 * Above a side whose rows may be missing a condition stays, as NULLs may or may not meet it; and what ON says of a side whose rows are all
 * there decides only what they meet. Where c drops the rows of an outer join that stand beside NULLs, it gives none of them out to begin with. Not for what may come out otherwise when it is computed again.
 * SEMI gives only rows that meet ON, ANTI rows that do not.
 */
export const filterIntoJoin: Rule = {
  name: 'filter-into-join',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      if (node.kind === 'Join') return withConditionsBelow(node);
      return node.kind === 'Filter' && node.input.kind === 'Join' ? withFilter(node.input, node.condition) : undefined;
    }),
};

function withFilter(outer: Join, filter: BoundExpr): LogicalPlan | undefined {
  const width = outer.left.columns.length;
  const join: Join = { ...outer, type: typeBelow(outer, filter) };
  const parts = { above: [] as BoundExpr[], on: [] as BoundExpr[], left: [] as BoundExpr[], right: [] as BoundExpr[] };
  for (const condition of conjunctsOf(filter)) {
    const side = sideOf(condition, width);
    if (side === 'none' || !isRepeatable(condition)) parts.above.push(condition);
    else if (side === 'left' && !padsSide(join.type, 'left')) parts.left.push(condition);
    else if (side === 'right' && !padsSide(join.type, 'right')) parts.right.push(shifted(condition, -width));
    else if (join.type === 'INNER') parts.on.push(condition);
    else parts.above.push(condition);
  }
  if (parts.left.length + parts.right.length + parts.on.length === 0 && join.type === outer.type) return undefined;
  const joined: LogicalPlan = { ...join, left: filtered(join.left, parts.left), right: filtered(join.right, parts.right), condition: allOf([...conjunctsOf(join.condition), ...parts.on]) };
  return filtered(joined, parts.above);
}

/** The type of the join that gives the same rows that meet the filter. */
function typeBelow({ type, left }: Join, filter: BoundExpr): JoinType {
  if (isHalf(type)) return type;
  const width = left.columns.length;
  const drops = (side: 'left' | 'right'): boolean => rejectsNulls(filter, (column) => column < width === (side === 'left'));
  const keepsLeft = (type === 'LEFT' || type === 'FULL') && !drops('right');
  const keepsRight = (type === 'RIGHT' || type === 'FULL') && !drops('left');
  return keepsLeft ? (keepsRight ? 'FULL' : 'LEFT') : keepsRight ? 'RIGHT' : 'INNER';
}

function withConditionsBelow(join: Join): LogicalPlan | undefined {
  const width = join.left.columns.length;
  const own = conjunctsOf(join.condition);
  const below = (side: 'left' | 'right'): readonly BoundExpr[] => (padsSide(join.type, side) || join.type === 'INNER' || join.type === 'SEMI' ? own.filter((condition) => sideOf(condition, width) === side && isRepeatable(condition)) : []);
  // What ON says of a side whose rows may be missing: those that do not meet it meet nothing. Of FULL both sides' rows are all there.
  if (join.type === 'FULL') return undefined;
  const [left, right] = [below('left'), below('right')];
  if (left.length + right.length === 0) return undefined;
  const rest = own.filter((condition) => !left.includes(condition) && !right.includes(condition));
  return { ...join, left: filtered(join.left, left), right: filtered(join.right, right.map((condition) => shifted(condition, -width))), condition: allOf(rest) };
}

function filtered(input: LogicalPlan, conditions: readonly BoundExpr[]): LogicalPlan {
  const condition = allOf(conditions);
  return condition === undefined ? input : { kind: 'Filter', input, condition, columns: input.columns };
}
