import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { isInteger, isNumeric, isText, printType, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { noSuchValue, readText } from '../functions/cast-text.ts';
import { partsOf } from '../functions/date-format.ts';
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
    const numbers = textsAsNumbers(name, args, span);
    if (numbers !== undefined) return bindFunction(name, shown, numbers, span);
    // A unit of time is a word, not a value.
    const given = args.slice(takesUnit.has(name) ? 1 : 0).map((arg) => printType(withNullable(arg.type, true))).join(' and ');
    if (takesInFlink(name, args.map((arg) => arg.type))) throw new SqlError({ code: 'E0002', message: `not supported yet: ${shown} of ${given}`, span, label: mixedLabel(args.map((arg) => arg.type)) });
    throw new SqlError({ code: 'E0208', message: `${shown} does not take ${given === '' ? 'no argument' : given}`, span, label: castLabel(definition, name, args.map((arg) => arg.type)), hint: definition?.examples[0] === undefined ? undefined : `for example  ${definition.examples[0].sql}` });
  }
  const isComparison = /^[<>=]+$/.test(name);
  const cast = args.map((arg, i) => (isComparison && isTextAsTime(arg, resolved.args[i]) ? tryCastTo(arg, resolved.args[i] as SqlType, arg.span ?? span) : castTo(arg, withNullable(resolved.args[i] ?? arg.type, arg.type.nullable), arg.span ?? span)));
  if (isComparison) for (const [i, arg] of args.entries()) checkComparedText(arg, resolved.args[i], span);
  if (readsPattern.has(name)) checkPattern(args[1]);
  const engine = userEngineOf(name);
  const nullable = (resolved.overload.emitNullable === undefined && cast.some((arg) => arg.type.nullable)) || resolved.result.nullable;
  return { kind: 'call', name: definition?.name ?? name, overload: resolved.overload.id, version: resolved.overload.version, args: cast, type: withNullable(resolved.result, nullable), ...(engine !== undefined && { engine }), span };
}

/** Functions of times whose second argument, where it is a text, is a pattern. */
const readsPattern = new Set(['DATE_FORMAT', 'TO_TIMESTAMP', 'TO_TIMESTAMP_LTZ', 'TO_DATE', 'FROM_UNIXTIME', 'UNIX_TIMESTAMP']);

/** Throws what is wrong with a pattern that stands in the query, with its place: no row is needed to know. */
function checkPattern(pattern: BoundExpr | undefined): void {
  if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string' || !isText(pattern.type)) return;
  try {
    partsOf(pattern.value);
  } catch (error) {
    throw error instanceof SqlError && pattern.span !== undefined ? new SqlError({ ...error.diagnostic, span: pattern.span }) : error;
  }
}

/** What makes arguments fit that the function does not take as they are; undefined where only a guess could say. */
function castLabel(definition: ReturnType<typeof findScalar>, name: string, given: readonly SqlType[]): string | undefined {
  const hasTime = given.some(({ kind }) => kind === 'TIMESTAMP' || kind === 'TIMESTAMP_LTZ' || kind === 'DATE' || kind === 'TIME');
  const isComparison = /^[<>=]+$/.test(name);
  if (isComparison && given.some(({ kind }) => kind === 'BOOLEAN')) return 'write it alone, or behind NOT; its values are TRUE and FALSE';
  if (isComparison) return hasTime ? "a date is DATE '2026-01-31', a time TIMESTAMP '2026-01-31 08:00:00'" : undefined;
  if (hasTime && /^[+-]$/.test(name)) return given.some(isNumeric) ? "a length of time is INTERVAL '5' SECOND" : 'how long it is between two times:  TIMESTAMPDIFF(SECOND, a, b)';
  // A number as text is no time, and the result would be NULL.
  const ofTexts: Readonly<Partial<Record<string, string>>> = { TO_TIMESTAMP: 'TO_TIMESTAMP_LTZ(..., 3)', TO_DATE: 'CAST(TO_TIMESTAMP_LTZ(..., 3) AS DATE)', DATE_FORMAT: "DATE_FORMAT(TO_TIMESTAMP_LTZ(..., 3), 'yyyy-MM-dd')" };
  const fromNumber = ofTexts[name.toUpperCase()];
  if (fromNumber !== undefined && given[0] !== undefined && isNumeric(given[0])) return `milliseconds since 1970 are  ${fromNumber},  seconds the same with 0`;
  for (const [type, wanted] of [['STRING', types.string], ['DOUBLE', types.double]] as const) {
    const isRight = type === 'STRING' ? isText : isNumeric;
    // A number is made a text for a function of texts, a text a number for one of numbers.
    const cast = given.map((arg) => (isRight(arg) || (!isText(arg) && !isNumeric(arg)) ? arg : wanted));
    if (definition !== undefined && cast.some((arg, i) => arg !== given[i]) && resolveOverload(definition.overloads, cast) !== undefined) return `CAST(... AS ${type}) makes it fit`;
  }
  return undefined;
}

/**
 * Operands of an operator of arithmetic where one is a text beside a number: the text cast to the number's type, beside a DECIMAL to
 * DECIMAL(38, 19). Undefined for any others. Source: TypeCoercionImpl.binaryArithmeticWithStrings of Apache Calcite.
 */
function textsAsNumbers(name: string, args: readonly BoundExpr[], span: Span): readonly BoundExpr[] | undefined {
  const [a, b] = args;
  if (a === undefined || b === undefined || args.length > 2 || !['+', '-', '*', '/', 'MOD'].includes(name)) return undefined;
  const [text, number] = isText(a.type) ? [a, b] : [b, a];
  if (!isText(text.type) || !isNumeric(number.type)) return undefined;
  const wanted: SqlType = number.type.kind === 'DECIMAL' ? types.decimal(38, 19) : number.type;
  const cast = castTo(text, withNullable(wanted, text.type.nullable), text.span ?? span);
  return text === a ? [cast, b] : [a, cast];
}

/** What brings a text to a number. */
function mixedLabel(given: readonly SqlType[]): string | undefined {
  return given.some(isText) ? 'a text is made a number by CAST(... AS BIGINT)' : undefined;
}

/** Throws E0207 for a literal that is compared with a time or a number and is no such value: no row is needed to know. */
function checkComparedText(arg: BoundExpr, to: SqlType | undefined, span: Span): void {
  if (arg.kind !== 'literal' || typeof arg.value !== 'string' || !isText(arg.type) || to === undefined || (!isNumeric(to) && !timeKinds.has(to.kind))) return;
  if (readText(arg.value.trim(), to, 'UTC') === undefined) throw noSuchValue(arg.value, to, arg.span ?? span);
}

const timeKinds: ReadonlySet<SqlType['kind']> = new Set(['DATE', 'TIME', 'TIMESTAMP', 'TIMESTAMP_LTZ']);

/** A text that is compared with a time and is no literal: one that is no such time is NULL, as in Flink. */
function isTextAsTime(arg: BoundExpr, to: SqlType | undefined): boolean {
  return arg.kind !== 'literal' && isText(arg.type) && to !== undefined && timeKinds.has(to.kind);
}

/** True for operands that Flink's operators take and these do not yet: intervals, times with more digits, bytes, text beside numbers. */
function takesInFlink(name: string, given: readonly SqlType[]): boolean {
  const [a, b = a] = given;
  if (a === undefined || b === undefined) return false;
  const isInterval = (type: SqlType): boolean => type.kind === 'INTERVAL_SECOND' || type.kind === 'INTERVAL_MONTH';
  const isTime = (type: SqlType): boolean => timeKinds.has(type.kind);
  const isBytes = (type: SqlType): boolean => type.kind === 'BINARY' || type.kind === 'VARBINARY';
  switch (name) {
    case '+':
    case '-':
      return (isTime(a) && isInterval(b)) || (isInterval(a) && isTime(b)) || (isInterval(a) && a.kind === b.kind);
    case '*':
    case '/':
      return (isInterval(a) && isNumeric(b)) || (isNumeric(a) && isInterval(b));
    case 'NEGATE':
      return isInterval(a) || isText(a);
    case '=':
    case '<>':
      return (isBytes(a) && isBytes(b)) || (a.kind === 'ROW' && b.kind === 'ROW' && a.fields.length === b.fields.length) || (a.kind === b.kind && ['ARRAY', 'MAP', 'MULTISET'].includes(a.kind));
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
      return given.slice(1).every(isTime) && given.filter((type) => type.kind === 'TIMESTAMP_LTZ').length !== 1;
    case 'TIMESTAMPADD':
      return given[1] !== undefined && isInteger(given[1]) && given.slice(2).every(isTime);
    case 'FLOOR':
    case 'CEIL':
    case 'CEILING':
      return isTime(a) || (given.length === 1 && (isNumeric(a) || isText(a)));
    case 'TO_DATE':
    case 'TO_TIMESTAMP':
      return isText(a) && given.length <= 3;
    case 'INSTR':
      return given.length > 2;
    default:
      return given.some((type) => isTime(type) && classOf(type) === undefined);
  }
}
