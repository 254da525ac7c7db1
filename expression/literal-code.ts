import { unreachable } from '../core/assert.ts';
import { js, type CodeBuilder } from '../core/code.ts';
import { SqlError } from '../core/diagnostic.ts';
import { isText, printType, type SqlType } from '../core/sql-type.ts';
import { classOf, maxSmall, zero, type Operand, type Value } from '../functions/operand.ts';
import type { BoundExpr } from './bound-expr.ts';

const utf8 = new TextEncoder();

/** A literal as constants of the source. */
export function emitLiteral(code: CodeBuilder, expr: Extract<BoundExpr, { kind: 'literal' }>): Value {
  const { value, type } = expr;
  const of = classOf(type);
  if (of === undefined) throw notHeld(type);
  if (value === null) return { operand: zero(code, of), isNull: js`true` };
  const text = String(value);
  switch (of) {
    case 'bool':
      return known({ class: of, value: js`${value === true}` });
    case 'int':
    case 'double':
    case 'time':
      return known({ class: of, value: js`${Number(text)}` });
    case 'bigint':
      return known({ class: of, value: js`${BigInt(text)}` });
    case 'decimal': {
      const unscaled = BigInt(text);
      const isSmall = unscaled <= BigInt(maxSmall) && unscaled >= -BigInt(maxSmall);
      return known({ class: of, small: js`${isSmall ? Number(unscaled) : 0}`, isSmall: isSmall ? undefined : js`false`, big: js`${isSmall ? 0n : unscaled}` });
    }
    case 'instant': {
      const [millis, nanos] = text.split(':');
      return known({ class: of, millis: js`${Number(millis)}`, nanos: js`${Number(nanos ?? 0)}` });
    }
    case 'bytes': {
      const bytes = type.kind === 'BINARY' || type.kind === 'VARBINARY' ? fromHex(text) : utf8.encode(text);
      const padded = new Uint8Array(bytes.length + 8);
      padded.set(bytes);
      return known({ class: of, heap: code.use(padded, 'text'), offset: js`0`, length: js`${bytes.length}` });
    }
    default:
      return unreachable(of);
  }
}

/** The text of an expression that is a text literal. */
export function literalText(expr: BoundExpr): string | undefined {
  return expr.kind === 'literal' && expr.value !== null && isText(expr.type) ? String(expr.value) : undefined;
}

/** A value that is never NULL. */
export function known(operand: Operand): Value {
  return { operand, isNull: undefined };
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** The error for a type that expressions do not hold yet. */
export function notHeld(type: SqlType): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: ${printType(type)} in an expression` });
}
