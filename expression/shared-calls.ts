import type { SqlType } from '../core/sql-type.ts';
import { classOf } from '../functions/operand.ts';
import { isDeterministic } from '../functions/registry.ts';
import { fold, visit, type BoundExpr } from './bound-expr.ts';

/** A call that a kernel needs more than once for a row. */
export interface SharedCall {
  readonly type: SqlType;
}

/**
 * The calls that stand more than once in the expressions of one row and are worth keeping: those of functions, and of operators over text
 * and exact decimals. Equal calls have the same object. One that never stands outside a kept call is left out. A call that need not give
 * the same twice is kept nowhere.
 */
export function sharedCalls(exprs: readonly BoundExpr[]): ReadonlyMap<BoundExpr, SharedCall> {
  let candidates = 0;
  for (const expr of exprs) visit(expr, (node) => void (isWorthKeeping(node) && candidates++));
  if (candidates < 2) return new Map();
  const ids = new Map<string, number>();
  const seen: { readonly node: BoundExpr; readonly isPure: boolean; count: number; inside: number; readonly parts: readonly number[] }[] = [];
  const idOf = new Map<BoundExpr, number>();
  for (const expr of exprs) {
    fold<number>(expr, (node, parts) => {
      const { span: _span, ...own } = node;
      const text = JSON.stringify({ ...own, args: undefined, operand: undefined, branches: undefined, otherwise: undefined, parts });
      let id = ids.get(text);
      if (id === undefined) {
        const isPure = parts.every((part) => seen[part]?.isPure === true) && (node.kind !== 'call' || isDeterministic(node.name, node.engine));
        id = seen.push({ node, isPure, count: 0, inside: 0, parts }) - 1;
        ids.set(text, id);
      }
      const entry = seen[id];
      if (entry !== undefined) entry.count++;
      idOf.set(node, id);
      return id;
    });
  }
  // A call that is inside another as often as it stands at all is computed with that one.
  for (const { count, parts, isPure } of seen) {
    if (count < 2 || !isPure) continue;
    for (const part of parts) {
      const entry = seen[part];
      if (entry !== undefined) entry.inside = Math.max(entry.inside, count);
    }
  }
  const shared = seen.map(({ node, isPure, count, inside }): SharedCall | undefined => (isPure && count > 1 && inside < count && isWorthKeeping(node) ? { type: node.type } : undefined));
  const found = new Map<BoundExpr, SharedCall>();
  for (const [node, id] of idOf) {
    const call = shared[id];
    if (call !== undefined) found.set(node, call);
  }
  return found;
}

function isWorthKeeping(node: BoundExpr): boolean {
  if (node.kind !== 'call' || classOf(node.type) === undefined) return false;
  if (/^\w/.test(node.name)) return true;
  return [node, ...node.args].some(({ type }) => ['bytes', 'decimal'].includes(classOf(type) ?? ''));
}
