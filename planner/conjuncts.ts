import { types, withNullable } from '../core/sql-type.ts';
import { columnsOf, rewrite, type BoundExpr } from '../expression/bound-expr.ts';

/** The parts of a condition that AND joins, without those that are TRUE; none for no condition. */
export function conjunctsOf(condition: BoundExpr | undefined): readonly BoundExpr[] {
  if (condition === undefined || (condition.kind === 'literal' && condition.value === true)) return [];
  return condition.kind === 'logic' && condition.operator === 'AND' ? condition.args.flatMap(conjunctsOf) : [condition];
}

/** One condition of several; undefined for none. */
export function allOf(conjuncts: readonly BoundExpr[]): BoundExpr | undefined {
  if (conjuncts.length < 2) return conjuncts[0];
  return { kind: 'logic', operator: 'AND', args: conjuncts, type: withNullable(types.boolean, conjuncts.some((part) => part.type.nullable)) };
}

/** The expression over columns that stand `by` further on. */
export function shifted(expr: BoundExpr, by: number): BoundExpr {
  return by === 0 ? expr : rewrite(expr, (node) => (node.kind === 'column' ? { ...node, index: node.index + by } : node));
}

/** Which side of a join an expression reads, whose left one has `width` columns. */
export function sideOf(expr: BoundExpr, width: number): 'left' | 'right' | 'both' | 'none' {
  const read = [...columnsOf(expr)];
  const isLeft = read.some((index) => index < width);
  const isRight = read.some((index) => index >= width);
  return isLeft && isRight ? 'both' : isLeft ? 'left' : isRight ? 'right' : 'none';
}
