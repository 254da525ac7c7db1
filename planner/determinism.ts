import { visit, type BoundExpr } from '../expression/bound-expr.ts';
import { isDeterministic } from '../functions/registry.ts';

/** False for what may give another value when it is computed once more for the same row, such as UUID(): it is computed where the query says. */
export function isRepeatable(expr: BoundExpr): boolean {
  let isSame = true;
  visit(expr, (node) => {
    if (node.kind === 'call' && !isDeterministic(node.name, node.engine)) isSame = false;
    return isSame;
  });
  return isSame;
}
