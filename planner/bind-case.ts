import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { describeType, types, withNullable } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { castTo, unify } from './cast-to.ts';

/** CASE, and the functions that are another way to write it. */

export interface BoundBranch {
  readonly when: BoundExpr;
  readonly then: BoundExpr;
}

/** The expression as a condition. Throws E0206 for what is none. */
export function asBoolean(expr: BoundExpr): BoundExpr {
  if (expr.type.kind === 'BOOLEAN') return expr;
  if (expr.type.kind === 'NULL') return { kind: 'cast', operand: expr, type: types.boolean };
  throw new SqlError({ code: 'E0206', message: `a condition is expected here, not ${describeType(expr.type)}`, span: expr.span, label: 'compare it with something, or write IS NOT NULL' });
}

/** A CASE whose results are brought to the one type that takes them all. */
export function caseOf(branches: readonly BoundBranch[], otherwise: BoundExpr, span: Span): BoundExpr {
  const type = unify([...branches.map((branch) => branch.then), otherwise], span);
  return {
    kind: 'case',
    branches: branches.map(({ when, then }) => ({ when, then: castTo(then, withNullable(type, then.type.nullable), then.span) })),
    otherwise: castTo(otherwise, withNullable(type, otherwise.type.nullable), otherwise.span),
    type,
    span,
  };
}

/** COALESCE(a, b, c) is CASE WHEN a IS NOT NULL THEN a WHEN b IS NOT NULL THEN b ELSE c END. */
export function coalesce(args: readonly BoundExpr[], span: Span): BoundExpr {
  const type = withNullable(unify(args, span), args.every((arg) => arg.type.nullable));
  const last = args.at(-1) as BoundExpr;
  const branches = args.slice(0, -1).map((arg) => ({
    when: { kind: 'is', operand: arg, test: 'NULL', negated: true, type: { kind: 'BOOLEAN', nullable: false }, span } satisfies BoundExpr,
    then: castTo(arg, withNullable(type, arg.type.nullable), arg.span),
  }));
  const otherwise = castTo(last, withNullable(type, last.type.nullable), last.span);
  return branches.length === 0 ? otherwise : { kind: 'case', branches, otherwise, type, span };
}

/** `a IS DISTINCT FROM b`: as `a <> b`, but NULL is like NULL and unlike all else. `differ` is a <> b. */
export function isDistinct(a: BoundExpr, b: BoundExpr, differ: BoundExpr, span: Span): BoundExpr {
  const type = { kind: 'BOOLEAN', nullable: false } as const;
  const isNull = (operand: BoundExpr, negated: boolean): BoundExpr => ({ kind: 'is', operand, test: 'NULL', negated, type, span });
  const branches = [{ when: isNull(a, false), then: isNull(b, true) }, { when: isNull(b, false), then: { kind: 'literal', value: true, type, span } as const }];
  return { kind: 'case', branches, otherwise: differ, type, span };
}

/** NULLIF(a, b) is CASE WHEN a = b THEN NULL ELSE a END; `equal` is a = b. */
export function nullIf(value: BoundExpr, equal: BoundExpr, span: Span): BoundExpr {
  return caseOf([{ when: equal, then: { kind: 'literal', value: null, type: withNullable(value.type, true), span } }], value, span);
}
