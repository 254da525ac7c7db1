import type { BoundExpr } from './bound-expr.ts';

/** An expression that computes one part first and in any case. */
export type Outer = Extract<BoundExpr, { kind: 'call' | 'cast' | 'field' | 'not' | 'is' }>;

/** What an expression computes first and in any case, if it is such an expression. */
export function firstOf(expr: BoundExpr): BoundExpr | undefined {
  switch (expr.kind) {
    case 'call':
      return expr.args[0];
    case 'cast':
    case 'field':
    case 'not':
    case 'is':
      return expr.operand;
    default:
      return undefined;
  }
}
