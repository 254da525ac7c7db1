import * as ast from './ast.ts';

/** How tightly the grammar's rules bind: an operand that binds less tightly than its place asks for stands in parentheses. */
export const binding = { any: 0, or: 1, and: 2, not: 3, predicate: 4, sum: 5, product: 6, sign: 7, primary: 8 } as const;

export const binaryBinding: Readonly<Record<ast.BinaryOperator, number>> = {
  OR: binding.or, AND: binding.and,
  '=': binding.predicate, '<>': binding.predicate, '<': binding.predicate, '<=': binding.predicate, '>': binding.predicate, '>=': binding.predicate,
  '+': binding.sum, '-': binding.sum, '||': binding.sum, '*': binding.product, '/': binding.product, '%': binding.product,
};

export function bindingOf(expr: ast.Expr): number {
  switch (expr.kind) {
    case 'Binary':
      return binaryBinding[expr.operator];
    case 'Unary':
      return expr.operator === 'NOT' ? binding.not : binding.sign;
    case 'Call':
      return wordOperator(expr.name) !== undefined || isLike(expr.name, expr.args) || isDistinctFrom(expr.name, expr.args) ? binding.predicate : binding.primary;
    case 'Is':
    case 'Between':
    case 'In':
    case 'InQuery':
    case 'Quantified':
      return binding.predicate;
    default:
      return binding.primary;
  }
}

/** A call that is written as an operator of words. */
export function wordOperator({ name }: ast.Identifier): (typeof ast.wordOperators)[number] | undefined {
  return ast.wordOperators.find((operator) => operator === name);
}

export function isDistinctFrom(name: ast.Identifier, args: readonly ast.Expr[]): boolean {
  return name.name === ast.distinctFrom && args.length === 2;
}

export function isLike(name: ast.Identifier, args: readonly ast.Expr[]): boolean {
  return name.name === 'LIKE' && (args.length === 2 || args.length === 3);
}
