import { decimalFromText } from '../core/decimal.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { commonType, isText, maxLength, printType, sameType, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { fitText } from '../functions/cast-length.ts';
import { canCast, isCastable } from '../functions/cast-rules.ts';

/** Casts, those that a query writes and those that SQL adds by itself. */

/** A cast, unless it changes nothing; of a literal, the literal of the other type where that is exact. */
export function castTo(expr: BoundExpr, type: SqlType, span: Span | undefined): BoundExpr {
  if (sameType(expr.type, type)) return expr;
  const at = span === undefined ? {} : { span };
  if (expr.kind === 'literal' && typeof expr.value === 'string') {
    if (isText(expr.type) && isText(type) && 'length' in type) return { ...expr, value: type.length === maxLength ? expr.value : fitText(expr.value, type.length, type.kind === 'CHAR'), type: withNullable(type, false) };
    const converted = convertNumber(expr.value, expr.type, type);
    if (converted !== undefined) return { kind: 'literal', value: converted, type: withNullable(type, false), ...at };
  }
  if (expr.kind === 'literal' && expr.value === null) return { kind: 'literal', value: null, type: withNullable(type, true), ...at };
  refuse(expr, type, span);
  return { kind: 'cast', operand: expr, type, ...at };
}

/** TRY_CAST: a value that cannot be cast is NULL. What SQL has no cast for is an error of the query here as well. */
export function tryCastTo(expr: BoundExpr, type: SqlType, span: Span): BoundExpr {
  const target = withNullable(type, true);
  if (sameType(expr.type, target) || expr.kind === 'literal' && expr.value === null) return castTo(expr, target, span);
  refuse(expr, target, span);
  return { kind: 'cast', operand: expr, type: target, isTry: true, span };
}

function refuse(expr: BoundExpr, type: SqlType, span: Span | undefined): void {
  const [from, to] = [expr.type, type].map((each) => printType(withNullable(each, true)));
  if (!isCastable(expr.type, type)) throw new SqlError({ code: 'E0206', message: `a value of type ${from} cannot be cast to ${to}`, span, label: isCastable(expr.type, types.string) && !isCastable(expr.type, type) ? 'CAST(... AS STRING) shows what it holds' : undefined });
  if (!canCast(expr.type, type)) throw new SqlError({ code: 'E0002', message: `not supported yet: CAST of ${from} to ${to}`, span });
}

function convertNumber(value: string, from: SqlType, to: SqlType): string | undefined {
  const integers = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'];
  if (integers.includes(from.kind)) {
    if (to.kind === 'BIGINT' || to.kind === 'INT') return to.kind === 'INT' && from.kind === 'BIGINT' ? undefined : value;
    if (to.kind === 'DOUBLE') return Number.isSafeInteger(Number(value)) ? value : undefined;
    if (to.kind === 'DECIMAL') return decimalFromText(value, to.precision, to.scale)?.toString();
  }
  return undefined;
}

/** The one type that values of one column have: the branches of CASE, the arguments of COALESCE. Throws E0206. */
export function unify(values: readonly BoundExpr[], span: Span): SqlType {
  const type = commonOf(values, span);
  return type.kind === 'CHAR' ? { kind: 'VARCHAR', length: maxLength, nullable: type.nullable } : type;
}

/** As `unify`, and texts of one length keep it. Throws E0206. */
export function commonOf(values: readonly BoundExpr[], span: Span): SqlType {
  let type: SqlType = types.nothing;
  for (const value of values) {
    const common = commonType(type, value.type);
    if (common === undefined) {
      throw new SqlError({ code: 'E0206', message: `${printType(withNullable(type, true))} and ${printType(withNullable(value.type, true))} cannot stand in one column`, span: value.span ?? span, label: 'bring both to one type: CAST(... AS STRING)' });
    }
    type = common;
  }
  return withNullable(type, values.some((value) => value.type.nullable));
}
