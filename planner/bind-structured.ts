import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { describeType, withNullable } from '../core/sql-type.ts';
import { nearOrListed } from '../core/suggest.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Identifier } from '../parser/ast.ts';
import { bindFunction } from './bind-function.ts';

/** Parts of structured values. */

/** A field of a ROW by its name; `what` names what it is a field of. Throws E0102. */
export function bindField(operand: BoundExpr, field: Identifier, what: string, span: Span): BoundExpr {
  const { type } = operand;
  if (type.kind !== 'ROW') throw new SqlError({ code: 'E0102', message: `${what} has no fields: it is ${describeType(type)}`, span: field.span, label: type.kind === 'MAP' ? `the value of a key is ${what}['${field.name}']` : type.kind === 'ARRAY' ? `an element is ${what}[1]` : `write ${what} alone` });
  const found = type.fields.find((candidate) => candidate.name === field.name);
  if (found === undefined) {
    throw new SqlError({ code: 'E0102', message: `no field "${field.name}" in ${what}`, span: field.span, ...nearOrListed(field.name, type.fields.map((candidate) => candidate.name), 'fields:') });
  }
  return { kind: 'field', operand, field: field.name, type: withNullable(found.type, found.type.nullable || type.nullable), span };
}

/** `a[1]` of an array, `m['k']` of a map, and of a ROW the field of that name or at that place. Throws E0207 for a place before the first. */
export function bindElement(operand: BoundExpr, index: BoundExpr, span: Span): BoundExpr {
  const { type } = operand;
  const literal = index.kind === 'literal' && typeof index.value === 'string' ? index.value : undefined;
  const at = index.span ?? span;
  if (type.kind === 'ROW' && literal !== undefined) {
    const name = index.type.kind === 'INT' ? (type.fields[Number(literal) - 1]?.name ?? literal) : literal;
    return bindField(operand, { name, span: at }, 'the row', span);
  }
  if (type.kind === 'ARRAY' && literal !== undefined && index.type.kind === 'INT' && Number(literal) < 1) {
    throw new SqlError({ code: 'E0207', message: `an array has no element ${literal}: the first is element 1`, span: at, label: 'write 1' });
  }
  return bindFunction('ITEM', '[...]', [operand, index], span);
}
