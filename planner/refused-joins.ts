import { SqlError } from '../core/diagnostic.ts';
import { substitute, type BoundExpr } from '../expression/bound-expr.ts';
import { conjunctsOf, shifted, sideOf } from './conjuncts.ts';
import { equalityOf } from './join-equality.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { windowColumnOf } from './lower-window.ts';
import { isProcessingTimeColumn } from './processing-time.ts';

type Join = Extract<LogicalPlan, { kind: 'Join' }>;

/**
 * Throws E0002 for what Flink makes another join of, which keeps rows no longer than time says: one whose sides are in the same windows, and one
 * whose time attributes lie in bounds of each other. `above`: conditions over the columns of `plan` that hold besides.
 */
export function refuseTimedJoins(plan: LogicalPlan, above: readonly BoundExpr[]): void {
  switch (plan.kind) {
    case 'Filter':
      refuseTimedJoins(plan.input, [...above, ...conjunctsOf(plan.condition)]);
      return;
    case 'Project':
      refuseTimedJoins(plan.input, above.map((condition) => substitute(condition, plan.exprs)));
      return;
    case 'Join': {
      const width = plan.left.columns.length;
      const conditions = [...conjunctsOf(plan.condition), ...above];
      refuseWindows(plan, conditions);
      refuseInterval(plan, conditions);
      refuseTimedJoins(plan.left, above.filter((condition) => sideOf(condition, width) === 'left'));
      refuseTimedJoins(plan.right, above.filter((condition) => sideOf(condition, width) === 'right').map((condition) => shifted(condition, -width)));
      return;
    }
    default:
      return;
  }
}

function refuseWindows(join: Join, conditions: readonly BoundExpr[]): void {
  const width = join.left.columns.length;
  const same = new Set<string>();
  for (const condition of conditions) {
    const equality = equalityOf(condition, width);
    if (equality?.left.kind !== 'column' || equality.right.kind !== 'column') continue;
    const [left, right] = [windowColumnOf(join.left, equality.left.index), windowColumnOf(join.right, equality.right.index)];
    if (left !== undefined && left === right) same.add(left);
  }
  if (same.has('window_start') && same.has('window_end')) throw new SqlError({ code: 'E0002', message: 'not supported yet: a window join, of two sides in the same windows', span: join.span });
}

function refuseInterval(join: Join, conditions: readonly BoundExpr[]): void {
  const width = join.left.columns.length;
  let isAbove = false;
  let isBelow = false;
  for (const condition of conditions) {
    if (condition.kind !== 'call' || !bounds.has(condition.name)) continue;
    const [a, b] = condition.args;
    if (a === undefined || b === undefined) continue;
    const [first, second] = [timeSide(join, a, width), timeSide(join, b, width)];
    if (first === undefined || second === undefined || first === second) continue;
    // As the left side's time sees it.
    const name = first === 'left' ? condition.name : (mirrored[condition.name] ?? condition.name);
    isAbove ||= name !== '<' && name !== '<=';
    isBelow ||= name !== '>' && name !== '>=';
    if (isAbove && isBelow) throw new SqlError({ code: 'E0002', message: 'not supported yet: an interval join, of two sides whose times lie in bounds of each other', span: condition.span ?? join.span });
  }
}

const bounds: ReadonlySet<string> = new Set(['=', '<', '<=', '>', '>=']);
const mirrored: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** The side whose time attribute an expression is, with nothing but constants added to it. */
function timeSide(join: Join, expr: BoundExpr, width: number): 'left' | 'right' | undefined {
  if (expr.kind === 'column') {
    const [side, index] = expr.index < width ? [join.left, expr.index] : [join.right, expr.index - width];
    const isTime = side.columns[index]?.time !== undefined || isProcessingTimeColumn(side, index);
    return isTime ? (expr.index < width ? 'left' : 'right') : undefined;
  }
  if (expr.kind !== 'call' || (expr.name !== '+' && expr.name !== '-')) return undefined;
  const timed = expr.args.filter((arg) => arg.kind !== 'literal');
  return timed.length === 1 && timed[0] !== undefined ? timeSide(join, timed[0], width) : undefined;
}
