import { rewrite, type BoundExpr } from '../../expression/bound-expr.ts';
import { isInteger, isText } from '../../core/sql-type.ts';
import { firstMatch, type Rule } from '../rule.ts';

/**
 * Filter[TRUE](x) = x, and Filter[FALSE](x) and Filter[NULL](x) hold no rows, so that nothing of x is read; so with the condition of a join, whose rows that meet nothing may be there all the same. Before that what AND, OR and NOT make of
 * TRUE and FALSE, and what comparisons of literals come to: a side that does not decide goes, one that decides stays alone, as in Flink also where computing another would fail.
 */
export const literalConditions: Rule = {
  name: 'literal-conditions',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      if (node.kind !== 'Filter' && node.kind !== 'Join') return undefined;
      if (node.condition === undefined) return undefined;
      let hasChanged = false;
      const condition = rewrite(node.condition, (expr) => {
        const simple = simpler(expr);
        hasChanged ||= simple !== expr;
        return simple;
      });
      if (node.kind === 'Join') {
        if (condition.kind !== 'literal') return hasChanged ? { ...node, condition } : undefined;
        if (condition.value === true) return { ...node, condition: undefined };
        if (node.type === 'INNER') return { kind: 'Values', rows: [], columns: node.columns };
        return hasChanged ? { ...node, condition } : undefined;
      }
      if (condition.kind === 'literal') return condition.value === true ? node.input : { kind: 'Values', rows: [], columns: node.columns };
      return hasChanged ? { ...node, condition } : undefined;
    }),
};

function simpler(expr: BoundExpr): BoundExpr {
  if (expr.kind === 'not') return isTruth(expr.operand) ? { ...expr.operand, value: expr.operand.value !== true } : expr;
  if (expr.kind === 'call') return compared(expr) ?? expr;
  if (expr.kind !== 'logic') return expr;
  const decides = expr.operator === 'OR';
  const deciding = expr.args.find((arg) => isTruth(arg) && arg.value === decides);
  if (deciding !== undefined) return deciding;
  const args = expr.args.filter((arg) => !isTruth(arg));
  if (args.length === expr.args.length) return expr;
  const [only] = args;
  if (only === undefined) return { kind: 'literal', value: !decides, type: expr.type };
  return args.length === 1 ? only : { ...expr, args };
}

/** What a comparison of two whole numbers comes to, or of two texts with = and <>; undefined for any other. */
function compared({ name, args, type }: Extract<BoundExpr, { kind: 'call' }>): BoundExpr | undefined {
  const [left, right] = args;
  if (left?.kind !== 'literal' || right?.kind !== 'literal' || typeof left.value !== 'string' || typeof right.value !== 'string') return undefined;
  const isWhole = isInteger(left.type) && isInteger(right.type);
  if (!isWhole && !(isText(left.type) && isText(right.type) && (name === '=' || name === '<>'))) return undefined;
  const [a, b] = isWhole ? [BigInt(left.value), BigInt(right.value)] : [left.value, right.value];
  const tests: Readonly<Record<string, boolean>> = { '=': a === b, '<>': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b };
  const value = Object.hasOwn(tests, name) ? tests[name] : undefined;
  return value === undefined ? undefined : { kind: 'literal', value, type };
}

/** TRUE or FALSE, as written. */
function isTruth(expr: BoundExpr): expr is Extract<BoundExpr, { kind: 'literal' }> {
  return expr.kind === 'literal' && typeof expr.value === 'boolean';
}
