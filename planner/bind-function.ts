import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { isNumeric, isText, printType, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { classOf } from '../functions/operand.ts';
import { findScalar, resolveOverload, userEngineOf } from '../functions/registry.ts';
import { castTo, tryCastTo } from './cast-to.ts';

/** Functions whose first argument is a unit of time. */
export const takesUnit = new Set(['EXTRACT', 'TIMESTAMPADD', 'TIMESTAMPDIFF']);

/** A call of a definition by its name; `shown` is what the user wrote. */
export function bindFunction(name: string, shown: string, args: readonly BoundExpr[], span: Span): BoundExpr {
  const definition = findScalar(name);
  const literals = args.map((arg) => (arg.kind === 'literal' && typeof arg.value === 'string' ? arg.value : undefined));
  const resolved = definition === undefined ? undefined : resolveOverload(definition.overloads, args.map((arg) => arg.type), literals);
  if (resolved === undefined) {
    // A unit of time is a word, not a value.
    const given = args.slice(takesUnit.has(name) ? 1 : 0).map((arg) => printType(withNullable(arg.type, true))).join(' and ');
    if (takesInFlink(name, args.map((arg) => arg.type))) throw new SqlError({ code: 'E0002', message: `not supported yet: ${shown} of ${given}`, span, label: mixedLabel(args.map((arg) => arg.type)) });
    throw new SqlError({ code: 'E0208', message: `${shown} does not take ${given === '' ? 'no argument' : given}`, span, label: castLabel(definition, name, args.map((arg) => arg.type)), hint: definition?.examples[0] === undefined ? undefined : `for example  ${definition.examples[0].sql}` });
  }
  const isComparison = /^[<>=]+$/.test(name);
  const cast = args.map((arg, i) => (isComparison && isTextAsTime(arg, resolved.args[i]) ? tryCastTo(arg, resolved.args[i] as SqlType, arg.span ?? span) : castTo(arg, withNullable(resolved.args[i] ?? arg.type, arg.type.nullable), arg.span ?? span)));
  const engine = userEngineOf(name);
  const nullable = (resolved.overload.emitNullable === undefined && cast.some((arg) => arg.type.nullable)) || resolved.result.nullable;
  return { kind: 'call', name: definition?.name ?? name, overload: resolved.overload.id, version: resolved.overload.version, args: cast, type: withNullable(resolved.result, nullable), ...(engine !== undefined && { engine }), span };
}

/** What makes arguments fit that the function does not take as they are; undefined where only a guess could say. */
function castLabel(definition: ReturnType<typeof findScalar>, name: string, given: readonly SqlType[]): string | undefined {
  const hasTime = given.some(({ kind }) => kind === 'TIMESTAMP' || kind === 'TIMESTAMP_LTZ' || kind === 'DATE' || kind === 'TIME');
  const isComparison = /^[<>=]+$/.test(name);
  if (isComparison && given.some(({ kind }) => kind === 'BOOLEAN')) return 'write it alone, or behind NOT; its values are TRUE and FALSE';
  if (isComparison) return hasTime ? "a date is DATE '2026-01-31', a time TIMESTAMP '2026-01-31 08:00:00'" : undefined;
  if (hasTime && /^[+-]$/.test(name)) return given.some(isNumeric) ? "a length of time is INTERVAL '5' SECOND" : 'how long it is between two times:  TIMESTAMPDIFF(SECOND, a, b)';
  for (const [type, wanted] of [['STRING', types.string], ['DOUBLE', types.double]] as const) {
    const isRight = type === 'STRING' ? isText : isNumeric;
    // A number is made a text for a function of texts, a text a number for one of numbers.
    const cast = given.map((arg) => (isRight(arg) || (!isText(arg) && !isNumeric(arg)) ? arg : wanted));
    if (definition !== undefined && cast.some((arg, i) => arg !== given[i]) && resolveOverload(definition.overloads, cast) !== undefined) return `CAST(... AS ${type}) makes it fit`;
  }
  return undefined;
}

/** What brings a text beside a number to that number's type. */
function mixedLabel(given: readonly SqlType[]): string | undefined {
  const number = given.find(isNumeric);
  return given.some(isText) ? `a text is made a number by CAST(... AS ${number === undefined ? 'BIGINT' : printType(withNullable(number, true))})` : undefined;
}

/** A text that is compared with a time and is no literal: one that is no such time is NULL, as in Flink. */
function isTextAsTime(arg: BoundExpr, to: SqlType | undefined): boolean {
  return arg.kind !== 'literal' && isText(arg.type) && to !== undefined && ['DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP_LTZ'].includes(to.kind);
}

/** True for operands that Flink's operators take and these do not yet: intervals, times with more digits, bytes, text beside numbers. */
function takesInFlink(name: string, given: readonly SqlType[]): boolean {
  const [a, b = a] = given;
  if (a === undefined || b === undefined) return false;
  const isInterval = (type: SqlType): boolean => type.kind === 'INTERVAL_SECOND' || type.kind === 'INTERVAL_MONTH';
  const isTime = (type: SqlType): boolean => ['DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP_LTZ'].includes(type.kind);
  const isNumberLike = (type: SqlType): boolean => isNumeric(type) || isText(type);
  const isBytes = (type: SqlType): boolean => type.kind === 'BINARY' || type.kind === 'VARBINARY';
  switch (name) {
    case '+':
    case '-':
      return (isTime(a) && isInterval(b)) || (isInterval(a) && isTime(b)) || (isInterval(a) && a.kind === b.kind) || (isNumberLike(a) && isNumberLike(b));
    case '*':
    case '/':
      return (isInterval(a) && isNumeric(b)) || (isNumeric(a) && isInterval(b)) || (isNumberLike(a) && isNumberLike(b));
    case 'MOD':
      return isNumberLike(a) && isNumberLike(b);
    case 'NEGATE':
      return isInterval(a) || isText(a);
    case '=':
    case '<>':
      return (isBytes(a) && isBytes(b)) || (a.kind === b.kind && ['ROW', 'ARRAY', 'MAP', 'MULTISET'].includes(a.kind));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isBytes(a) && isBytes(b);
    case 'STARTSWITH':
    case 'ENDSWITH':
      return isBytes(a) && isBytes(b);
    case 'EXTRACT':
      return given.some(isInterval);
    case 'TIMESTAMPDIFF':
      return given.some((type) => isTime(type) || isInterval(type)) && given.filter((type) => type.kind === 'TIMESTAMP_LTZ').length !== 1;
    case 'TIMESTAMPADD':
      return given.some((type) => isTime(type) || isInterval(type));
    case 'FLOOR':
    case 'CEIL':
    case 'CEILING':
      return isNumeric(a) || isTime(a) || isText(a);
    case 'TO_DATE':
    case 'TO_TIMESTAMP':
      return isText(a) && given.length <= 3;
    case 'INSTR':
      return given.length > 2;
    default:
      return given.some((type) => isTime(type) && classOf(type) === undefined);
  }
}
