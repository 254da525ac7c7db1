import { parseDecimal } from '../core/decimal.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { SqlType } from '../core/sql-type.ts';
import { hasZone, parseInterval, parseLooseDate, parseLooseTimestamp, parseTime } from '../core/time.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Expr } from '../parser/ast.ts';

/** Literals, from their text to their value. What is no value of its type is E0207. */

type Literal = Extract<BoundExpr, { kind: 'literal' }>;

export function textLiteral(value: string, span: Span): Literal {
  return { kind: 'literal', value, type: { kind: 'CHAR', length: Math.max(1, [...value].length), nullable: false }, span };
}

/** Digits alone are an INT, or a BIGINT or DECIMAL when they are too many for one; with a point a DECIMAL, with an exponent a DOUBLE. */
export function numberLiteral(text: string, span: Span): Literal {
  if (/^\d+$/.test(text)) {
    if (text.replace(/^0+/, '').length > 38) throw new SqlError({ code: 'E0207', message: 'a number has at most 38 digits', span });
    const value = BigInt(text);
    const type: SqlType = value <= 2147483647n ? { kind: 'INT', nullable: false } : value <= 9223372036854775807n ? { kind: 'BIGINT', nullable: false } : { kind: 'DECIMAL', precision: Math.min(38, text.length), scale: 0, nullable: false };
    return { kind: 'literal', value: String(value), type, span };
  }
  if (/[eE]/.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) throw new SqlError({ code: 'E0207', message: `${text} is greater than every DOUBLE`, span, label: 'the greatest is 1.7976931348623157E308' });
    return { kind: 'literal', value: String(value), type: { kind: 'DOUBLE', nullable: false }, span };
  }
  const parsed = parseDecimal(text);
  const scale = parsed?.scale ?? 0;
  // All digits that are written count, as in Calcite: 0.05 is a DECIMAL(3, 2). The digits of a quotient depend on it.
  const precision = Math.min(38, text.length - 1);
  if (parsed === undefined || Math.max(String(parsed.unscaled).length, scale) > 38) throw new SqlError({ code: 'E0207', message: 'a number has at most 38 digits', span });
  return { kind: 'literal', value: String(parsed.unscaled), type: { kind: 'DECIMAL', precision, scale, nullable: false }, span };
}

/** X'0f0a': pairs of hexadecimal digits. Throws E0207 for an odd number, or for what is no digit. */
export function bytesLiteral(digits: string, span: Span): Literal {
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) throw new SqlError({ code: 'E0207', message: `X'${digits}' is no pairs of hexadecimal digits`, span, hint: "X'0f0a'" });
  return { kind: 'literal', value: digits.toLowerCase(), type: { kind: 'BINARY', length: Math.max(1, digits.length / 2), nullable: false }, span };
}

export function negatedLiteral(operand: Literal, span: Span): Literal {
  const text = String(operand.value);
  const value = text.startsWith('-') ? text.slice(1) : text === '0' && operand.type.kind !== 'DOUBLE' ? '0' : `-${text}`;
  return { ...operand, value, span };
}

export function intervalLiteral(expr: Extract<Expr, { kind: 'Interval' }>): Literal {
  const parsed = parseInterval(expr.text, expr.unit);
  if (parsed === undefined) {
    throw new SqlError({ code: 'E0207', message: `'${expr.text}' is no interval in ${expr.unit}`, span: expr.span, hint: "INTERVAL '10' SECOND" });
  }
  const value = String(expr.negative ? -parsed.value : parsed.value);
  return { kind: 'literal', value, type: { kind: parsed.kind === 'months' ? 'INTERVAL_MONTH' : 'INTERVAL_SECOND', nullable: false }, span: expr.span };
}

export function timeLiteral(expr: Extract<Expr, { kind: 'TimeLiteral' }>): Literal {
  const { span, text } = expr;
  const wrong = (form: string, label?: string): SqlError => new SqlError({ code: 'E0207', message: `'${text}' is no ${expr.type}`, span, label, hint: `${expr.type} '${form}'` });
  switch (expr.type) {
    case 'DATE': {
      const days = /^\d{4}-\d{1,2}-\d{1,2}$/.test(text) ? parseLooseDate(text) : undefined;
      if (days === undefined) throw wrong('2026-01-31');
      return { kind: 'literal', value: String(days), type: { kind: 'DATE', nullable: false }, span };
    }
    case 'TIME': {
      const millis = parseTime(text);
      if (millis === undefined) throw wrong('08:00:00');
      // As in Flink a literal's TIME is one of whole seconds.
      return { kind: 'literal', value: String(millis - (millis % 1000)), type: { kind: 'TIME', precision: 0, nullable: false }, span };
    }
    case 'TIMESTAMP': {
      // A TIMESTAMP is a local time: it has no zone that could be applied.
      if (hasZone(text)) throw wrong('2026-01-31 08:00:00.000', 'a TIMESTAMP has no zone');
      const instant = parseLooseTimestamp(text);
      if (instant === undefined) throw wrong('2026-01-31 08:00:00.000');
      const digits = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
      return { kind: 'literal', value: digits > 3 ? `${instant.millis}:${instant.nanos}` : String(instant.millis), type: { kind: 'TIMESTAMP', precision: digits, nullable: false }, span };
    }
  }
}
