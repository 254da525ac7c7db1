import { substitute, visit, type BoundExpr } from '../../expression/bound-expr.ts';
import { firstMatch, type Rule } from '../rule.ts';

/**
 * Project[f](Project[g](x)) = Project[f o g](x): g is computed where f uses it.
 * Not when an expression of g that is more than a column is used twice: it would be computed twice, and need not be the same.
 */
export const mergeProjections: Rule = {
  name: 'merge-projections',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      if (node.kind !== 'Project' || node.input.kind !== 'Project') return undefined;
      const inner = node.input;
      const uses = new Map<number, number>();
      for (const expr of node.exprs) countColumns(expr, uses);
      const isCheap = inner.exprs.every((expr, i) => expr.kind === 'column' || expr.kind === 'literal' || expr.kind === 'field' || (uses.get(i) ?? 0) <= 1);
      if (!isCheap) return undefined;
      return { ...node, input: inner.input, exprs: node.exprs.map((expr) => substitute(expr, inner.exprs)) };
    }),
};

function countColumns(expr: BoundExpr, into: Map<number, number>): void {
  visit(expr, (node) => void (node.kind === 'column' && into.set(node.index, (into.get(node.index) ?? 0) + 1)));
}
