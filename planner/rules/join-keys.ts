import { rewrite, type BoundExpr } from '../../expression/bound-expr.ts';
import { allOf, conjunctsOf } from '../conjuncts.ts';
import { isRepeatable } from '../determinism.ts';
import { conditionOf, equalityOf } from '../join-equality.ts';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { firstMatch, type Rule } from '../rule.ts';

/**
 * Join[f = g](l, r) = Project(Join[a = b](Project[*, f AS a](l), Project[*, g AS b](r))): what has to be equal is computed once for each row, and is a
 * key by which rows are found, where it would be tried on each pair. Not for columns, which are keys as they are, and not for what may come
 * out otherwise when it is computed again.
 */
export const joinKeys: Rule = {
  name: 'join-keys',
  apply: (plan) =>
    firstMatch(plan, (join) => {
      if (join.kind !== 'Join') return undefined;
      const width = join.left.columns.length;
      const [left, right] = [new Computed(join.left), new Computed(join.right)];
      const conditions = conjunctsOf(join.condition).map((condition) => {
        const equality = equalityOf(condition, width);
        if (equality === undefined || (equality.left.kind === 'column' && equality.right.kind === 'column') || !isRepeatable(condition)) return undefined;
        return { ...equality, left: left.column(equality.left), right: right.column(equality.right) };
      });
      if (conditions.every((equality) => equality === undefined)) return undefined;
      const newWidth = width + left.added.length;
      const moved = (expr: BoundExpr): BoundExpr => movedOn(expr, width, left.added.length);
      const own = conjunctsOf(join.condition).map((condition, i) => {
        const equality = conditions[i];
        return equality === undefined ? moved(condition) : conditionOf(equality, newWidth);
      });
      const [ofLeft, ofRight] = [join.columns.slice(0, width), join.columns.slice(width)];
      const names = (added: readonly BoundExpr[]): readonly PlanColumn[] => added.map((expr, i) => ({ name: `key$${i}`, type: { ...expr.type, nullable: true } }));
      const columns = [...ofLeft, ...names(left.added), ...ofRight, ...names(right.added)];
      const input: LogicalPlan = { ...join, left: left.plan, right: right.plan, condition: allOf(own), columns };
      const exprs = join.columns.map(({ type }, i): BoundExpr => ({ kind: 'column', index: i < width ? i : i + left.added.length, type }));
      return { kind: 'Project', input, exprs, columns: join.columns };
    }),
};

/** A side of a join with expressions computed behind its columns. */
class Computed {
  readonly added: BoundExpr[] = [];
  readonly #input: LogicalPlan;

  constructor(input: LogicalPlan) {
    this.#input = input;
  }

  /** The column that an expression is. */
  column(expr: BoundExpr): BoundExpr {
    if (expr.kind === 'column') return expr;
    const index = this.#input.columns.length + this.added.push(expr) - 1;
    return { kind: 'column', index, type: expr.type, ...(expr.span !== undefined && { span: expr.span }) };
  }

  get plan(): LogicalPlan {
    const input = this.#input;
    if (this.added.length === 0) return input;
    const own = input.columns.map(({ type }, index): BoundExpr => ({ kind: 'column', index, type }));
    return { kind: 'Project', input, exprs: [...own, ...this.added], columns: [...input.columns, ...this.added.map(({ type }, i): PlanColumn => ({ name: `key$${i}`, type }))] };
  }
}

/** The expression where the columns from `width` on stand `by` further on. */
function movedOn(expr: BoundExpr, width: number, by: number): BoundExpr {
  return by === 0 ? expr : rewrite(expr, (node) => (node.kind === 'column' && node.index >= width ? { ...node, index: node.index + by } : node));
}
