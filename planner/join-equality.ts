import { sameType, isText, withNullable, type SqlType } from '../core/sql-type.ts';
import { canonicalText, type BoundExpr } from '../expression/bound-expr.ts';
import { isDistinct } from './bind-case.ts';
import { bindFunction } from './bind-function.ts';
import { shifted, sideOf } from './conjuncts.ts';

/** A condition of a join that says that a value of the left side is one of the right. */
export interface Equality {
  /** Over the left side's columns. */
  readonly left: BoundExpr;
  /** Over the right side's columns, from 0 on. */
  readonly right: BoundExpr;
  /** True for IS NOT DISTINCT FROM, and what means the same: NULL is like NULL. */
  readonly nullsMatch: boolean;
}

/** What a condition says as an equality of both sides, whose left one has `width` columns; undefined for any other condition. */
export function equalityOf(condition: BoundExpr, width: number): Equality | undefined {
  const nullsMatch = condition.kind === 'not' || condition.kind === 'logic';
  const args = condition.kind === 'not' ? notDistinct(condition) : condition.kind === 'logic' ? equalOrNull(condition) : condition.kind === 'call' && condition.name === '=' ? condition.args : undefined;
  const [a, b] = args ?? [];
  if (a === undefined || b === undefined) return undefined;
  const sides = [sideOf(a, width), sideOf(b, width)];
  if (sides[0] === 'left' && sides[1] === 'right') return { left: a, right: shifted(b, -width), nullsMatch };
  return sides[0] === 'right' && sides[1] === 'left' ? { left: b, right: shifted(a, -width), nullsMatch } : undefined;
}

/** The condition again, of expressions over the columns of both. */
export function conditionOf({ left, right, nullsMatch }: Equality, width: number): BoundExpr {
  const [a, b] = [left, shifted(right, width)];
  const span = left.span ?? right.span ?? { start: 0, end: 0 };
  if (!nullsMatch) return bindFunction('=', '=', [a, b], span);
  const type = { kind: 'BOOLEAN', nullable: false } as const;
  return { kind: 'not', operand: isDistinct(a, b, bindFunction('<>', 'IS DISTINCT FROM', [a, b], span), span), type, span };
}

/** True where equal values of both types have the same layout and the same bits. */
export function haveSameBits(left: SqlType, right: SqlType): boolean {
  return sameType(withNullable(left, true), withNullable(right, true)) || (isText(left) && isText(right) && left.kind === right.kind);
}

/** The two sides of NOT (a IS DISTINCT FROM b), as bind-case.ts writes it. */
function notDistinct({ operand }: Extract<BoundExpr, { kind: 'not' }>): readonly BoundExpr[] | undefined {
  if (operand.kind !== 'case' || operand.branches.length !== 2) return undefined;
  const { otherwise, branches } = operand;
  if (otherwise.kind !== 'call' || otherwise.name !== '<>') return undefined;
  return otherwise.args.every((arg, i) => isNullTest(branches[i]?.when, arg)) ? otherwise.args : undefined;
}

/** The two sides of (a = b OR (a IS NULL AND b IS NULL)), which meets the same rows as NOT (a IS DISTINCT FROM b). */
function equalOrNull({ operator, args }: Extract<BoundExpr, { kind: 'logic' }>): readonly BoundExpr[] | undefined {
  if (operator !== 'OR' || args.length !== 2) return undefined;
  const equality = args.find((arg) => arg.kind === 'call' && arg.name === '=');
  const both = args.find((arg) => arg.kind === 'logic' && arg.operator === 'AND' && arg.args.length === 2);
  if (equality?.kind !== 'call' || both?.kind !== 'logic') return undefined;
  const [a, b] = both.args;
  const [left, right] = equality.args;
  return (isNullTest(a, left) && isNullTest(b, right)) || (isNullTest(a, right) && isNullTest(b, left)) ? equality.args : undefined;
}

/** Whether `test` is `arg IS NULL`, of the value before it was cast too. */
function isNullTest(test: BoundExpr | undefined, arg: BoundExpr | undefined): boolean {
  if (arg === undefined || test?.kind !== 'is' || test.test !== 'NULL' || test.negated) return false;
  const tested = canonicalText(test.operand);
  return canonicalText(arg) === tested || (arg.kind === 'cast' && canonicalText(arg.operand) === tested);
}
