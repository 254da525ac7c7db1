import { unreachable } from '../core/assert.ts';
import { decimalFromText, parseDecimal } from '../core/decimal.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { commonType, isNumeric, isText, maxLength, printType, sameType, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { didYouMean } from '../core/suggest.ts';
import { parseDate, parseInterval, parseTimestamp } from '../core/time.ts';
import { resolveType } from '../catalog/type-resolver.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { findAggregate, findScalar, functionNames, resolveOverload } from '../functions/registry.ts';
import { canCast, fitText, isCastable } from '../functions/cast.ts';
import { isFlinkFunction } from '../functions/flink-names.ts';
import type { Expr, Name } from '../parser/ast.ts';
import type { PlanColumn } from './logical-plan.ts';

/** What names can mean at one place of a query. */
export interface Scope {
  readonly columns: readonly PlanColumn[];
  /** The table's name or alias, by which columns may be qualified. */
  readonly qualifiers: readonly string[];
  /** What the columns belong to, for messages: `orders`. */
  readonly label: string;
  /** Takes a call that is no scalar function (an aggregate); undefined where none may stand. */
  readonly call?: (expr: Extract<Expr, { kind: 'Call' }>) => BoundExpr | undefined;
  /** Takes a whole expression before it is bound: grouped expressions. */
  readonly known?: (expr: Expr) => BoundExpr | undefined;
  /** Rejects a column that exists but may not be used here. */
  readonly reject?: (column: PlanColumn, span: Span) => SqlError | undefined;
}

const windowSelectors = new Set(['TUMBLE', 'HOP', 'SESSION', 'CUMULATE']);

/** Resolves names, picks overloads, and adds the casts that SQL makes by itself. Throws SqlError with the place. */
export function bindExpr(expr: Expr, scope: Scope): BoundExpr {
  const known = scope.known?.(expr);
  if (known !== undefined) return known;
  const bind = (child: Expr): BoundExpr => bindExpr(child, scope);
  const { span } = expr;
  switch (expr.kind) {
    case 'Number':
      return numberLiteral(expr.text, span);
    case 'String':
      return { kind: 'literal', value: expr.value, type: { kind: 'CHAR', length: Math.max(1, [...expr.value].length), nullable: false }, span };
    case 'Boolean':
      return { kind: 'literal', value: expr.value, type: { kind: 'BOOLEAN', nullable: false }, span };
    case 'Null':
      return { kind: 'literal', value: null, type: types.nothing, span };
    case 'Interval':
      return intervalLiteral(expr);
    case 'TimeLiteral':
      return timeLiteral(expr);
    case 'Reference':
      return bindName(expr.name, scope);
    case 'Star':
      throw new SqlError({ code: 'E0001', message: '* stands for columns only right after SELECT and in COUNT(*)', span });
    case 'Call':
      return bindCall(expr, scope);
    case 'Unary': {
      const operand = bind(expr.operand);
      if (expr.operator === 'NOT') return { kind: 'not', operand: asBoolean(operand), type: { kind: 'BOOLEAN', nullable: operand.type.nullable }, span };
      if (expr.operator === '+') return operand;
      if (operand.kind === 'literal' && typeof operand.value === 'string') return negatedLiteral(operand, span);
      return bindFunction('NEGATE', '-', [operand], span);
    }
    case 'Binary': {
      const { operator } = expr;
      if (operator === 'AND' || operator === 'OR') {
        const args = flatten(expr, operator).map((arg) => asBoolean(bind(arg)));
        return { kind: 'logic', operator, args, type: { kind: 'BOOLEAN', nullable: args.some((arg) => arg.type.nullable) }, span };
      }
      if (operator === '||') throw new SqlError({ code: 'E0002', message: 'not supported yet: ||', span });
      return bindFunction(operator === '%' ? 'MOD' : operator, operator, [bind(expr.left), bind(expr.right)], span);
    }
    case 'Is': {
      const operand = bind(expr.operand);
      const test = expr.test === 'UNKNOWN' ? 'NULL' : expr.test;
      return { kind: 'is', operand: test === 'NULL' ? operand : asBoolean(operand), test, negated: expr.negated, type: { kind: 'BOOLEAN', nullable: false }, span };
    }
    case 'Between': {
      const operand = bind(expr.operand);
      const low = bindFunction('>=', '>=', [operand, bind(expr.low)], span);
      const high = bindFunction('<=', '<=', [operand, bind(expr.high)], span);
      const both: BoundExpr = { kind: 'logic', operator: 'AND', args: [low, high], type: { kind: 'BOOLEAN', nullable: low.type.nullable || high.type.nullable }, span };
      return expr.negated ? { kind: 'not', operand: both, type: both.type, span } : both;
    }
    case 'In': {
      const operand = bind(expr.operand);
      const tests = expr.items.map((item) => bindFunction('=', '=', [operand, bind(item)], item.span));
      const any: BoundExpr = { kind: 'logic', operator: 'OR', args: tests, type: { kind: 'BOOLEAN', nullable: tests.some((test) => test.type.nullable) }, span };
      return expr.negated ? { kind: 'not', operand: any, type: any.type, span } : any;
    }
    case 'Case':
      return bindCase(expr, scope);
    case 'Cast': {
      const operand = bind(expr.operand);
      const type = resolveType(expr.type);
      if (expr.isTry) throw new SqlError({ code: 'E0002', message: 'not supported yet: TRY_CAST', span });
      return castTo(operand, withNullable(type, operand.type.nullable), span);
    }
    default:
      return unreachable(expr);
  }
}

function flatten(expr: Expr, operator: 'AND' | 'OR'): Expr[] {
  return expr.kind === 'Binary' && expr.operator === operator ? [...flatten(expr.left, operator), ...flatten(expr.right, operator)] : [expr];
}

function asBoolean(expr: BoundExpr): BoundExpr {
  if (expr.type.kind === 'BOOLEAN') return expr;
  if (expr.type.kind === 'NULL') return { kind: 'cast', operand: expr, type: types.boolean };
  throw new SqlError({ code: 'E0206', message: `a condition is expected here, not a value of type ${printType(withNullable(expr.type, true))}`, span: expr.span });
}

function numberLiteral(text: string, span: Span): BoundExpr {
  if (/^\d+$/.test(text)) {
    if (text.replace(/^0+/, '').length > 38) throw new SqlError({ code: 'E0207', message: 'a number has at most 38 digits', span });
    const value = BigInt(text);
    const type: SqlType = value <= 2147483647n ? { kind: 'INT', nullable: false } : value <= 9223372036854775807n ? { kind: 'BIGINT', nullable: false } : { kind: 'DECIMAL', precision: Math.min(38, text.length), scale: 0, nullable: false };
    return { kind: 'literal', value: String(value), type, span };
  }
  if (/[eE]/.test(text)) return { kind: 'literal', value: String(Number(text)), type: { kind: 'DOUBLE', nullable: false }, span };
  const parsed = parseDecimal(text);
  const scale = parsed?.scale ?? 0;
  const digits = String(parsed?.unscaled ?? 0n).length;
  const precision = Math.max(digits, scale, 1);
  if (parsed === undefined || precision > 38) throw new SqlError({ code: 'E0207', message: 'a number has at most 38 digits', span });
  return { kind: 'literal', value: String(parsed.unscaled), type: { kind: 'DECIMAL', precision, scale, nullable: false }, span };
}

function negatedLiteral(operand: Extract<BoundExpr, { kind: 'literal' }>, span: Span): BoundExpr {
  const text = String(operand.value);
  const value = text.startsWith('-') ? text.slice(1) : text === '0' && operand.type.kind !== 'DOUBLE' ? '0' : `-${text}`;
  return { ...operand, value, span };
}

function intervalLiteral(expr: Extract<Expr, { kind: 'Interval' }>): BoundExpr {
  const parsed = parseInterval(expr.text, expr.unit);
  if (parsed === undefined) {
    throw new SqlError({ code: 'E0207', message: `'${expr.text}' is no interval in ${expr.unit}`, span: expr.span, hint: "INTERVAL '10' SECOND" });
  }
  const value = String(expr.negative ? -parsed.value : parsed.value);
  return { kind: 'literal', value, type: { kind: parsed.kind === 'months' ? 'INTERVAL_MONTH' : 'INTERVAL_SECOND', nullable: false }, span: expr.span };
}

function timeLiteral(expr: Extract<Expr, { kind: 'TimeLiteral' }>): BoundExpr {
  const { span, text } = expr;
  const wrong = (form: string): SqlError => new SqlError({ code: 'E0207', message: `'${text}' is no ${expr.type}`, span, hint: `${expr.type} '${form}'` });
  if (expr.type === 'DATE') {
    const days = parseDate(text);
    if (days === undefined) throw wrong('2026-01-31');
    return { kind: 'literal', value: String(days), type: { kind: 'DATE', nullable: false }, span };
  }
  if (expr.type === 'TIME') throw new SqlError({ code: 'E0002', message: 'not supported yet: TIME literals', span });
  const instant = parseTimestamp(text);
  if (instant === undefined) throw wrong('2026-01-31 08:00:00.000');
  const digits = /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
  if (digits > 3) throw new SqlError({ code: 'E0002', message: 'not supported yet: TIMESTAMP with more than 3 digits of fraction', span });
  return { kind: 'literal', value: String(instant.millis), type: { kind: 'TIMESTAMP', precision: digits, nullable: false }, span };
}

/** `a`, `t.a`, `row.field`, `t.row.field`: the longest reading that exists. */
function bindName(name: Name, scope: Scope): BoundExpr {
  const parts = name.parts;
  const starts = parts.length > 1 && scope.qualifiers.includes(parts[0]?.name ?? '') ? [1, 0] : [0];
  for (const start of starts) {
    const head = parts[start];
    const index = scope.columns.findIndex((column) => column.name === head?.name);
    const column = scope.columns[index];
    if (head === undefined || column === undefined) continue;
    if (scope.columns.filter((other) => other.name === head.name).length > 1) {
      throw new SqlError({ code: 'E0105', message: `"${head.name}" could be more than one column`, span: head.span, label: 'name its table, as in t.column' });
    }
    const rejected = scope.reject?.(column, name.span);
    if (rejected !== undefined) throw rejected;
    let bound: BoundExpr = { kind: 'column', index, type: column.type, span: name.span };
    for (const part of parts.slice(start + 1)) {
      if (bound.type.kind !== 'ROW') throw new SqlError({ code: 'E0102', message: `${head.name} has no fields: it is a ${printType(withNullable(bound.type, true))}`, span: part.span });
      const field: { readonly name: string; readonly type: SqlType } | undefined = bound.type.fields.find((candidate) => candidate.name === part.name);
      if (field === undefined) {
        throw new SqlError({ code: 'E0102', message: `no field "${part.name}" in ${head.name}`, span: part.span, label: didYouMean(part.name, bound.type.fields.map((candidate) => candidate.name)) });
      }
      bound = { kind: 'field', operand: bound, field: part.name, type: withNullable(field.type, field.type.nullable || bound.type.nullable), span: name.span };
    }
    return bound;
  }
  const missing = parts.at(starts[0] ?? 0) ?? parts[0];
  throw new SqlError({
    code: 'E0102',
    message: `no column "${missing?.name ?? ''}" in ${scope.label}`,
    span: missing?.span ?? name.span,
    label: didYouMean(missing?.name ?? '', scope.columns.map((column) => column.name)),
  });
}

function bindCall(expr: Extract<Expr, { kind: 'Call' }>, scope: Scope): BoundExpr {
  const name = expr.name.name.toUpperCase();
  const taken = scope.call?.(expr);
  if (taken !== undefined) return taken;
  if (windowSelectors.has(name)) {
    throw new SqlError({ code: 'E0202', message: `${name} makes groups, it is not a value`, span: expr.name.span, hint: `FROM TABLE(${name}(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end` });
  }
  if (findAggregate(name) !== undefined) {
    throw new SqlError({ code: 'E0204', message: `${name} cannot stand here`, span: expr.span, label: 'aggregates belong into SELECT or HAVING' });
  }
  // Before its arguments: they may have a syntax of their own (units, DISTINCT), and what they lack is not the news.
  if (findScalar(name) === undefined && name !== 'COALESCE' && name !== 'IF' && isFlinkFunction(name)) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name}`, span: expr.name.span });
  const args = expr.args.map((arg) => bindExpr(arg, scope));
  if (name === 'COALESCE' && args.length > 0) return coalesce(args, expr.span);
  if (name === 'IF' && args.length === 3) return caseOf([{ when: asBoolean(args[0] as BoundExpr), then: args[1] as BoundExpr }], args[2] as BoundExpr, expr.span);
  if (findScalar(name) === undefined) {
    throw new SqlError({ code: 'E0103', message: `there is no function ${expr.name.name}`, span: expr.name.span, label: didYouMean(name, functionNames()) });
  }
  return bindFunction(name, name, args, expr.span);
}

/** A call of a definition by its name; `shown` is what the user wrote. */
export function bindFunction(name: string, shown: string, args: readonly BoundExpr[], span: Span): BoundExpr {
  const definition = findScalar(name);
  const literals = args.map((arg) => (arg.kind === 'literal' && typeof arg.value === 'string' ? arg.value : undefined));
  const resolved = definition === undefined ? undefined : resolveOverload(definition.overloads, args.map((arg) => arg.type), literals);
  if (resolved === undefined) {
    const given = args.map((arg) => printType(withNullable(arg.type, true))).join(' and ');
    if (takesInFlink(name, args.map((arg) => arg.type))) throw new SqlError({ code: 'E0002', message: `not supported yet: ${shown} of ${given}`, span });
    throw new SqlError({ code: 'E0208', message: `${shown} does not take ${given === '' ? 'no argument' : given}`, span, hint: definition?.examples[0] === undefined ? undefined : `for example  ${definition.examples[0].sql}` });
  }
  const cast = args.map((arg, i) => castTo(arg, withNullable(resolved.args[i] ?? arg.type, arg.type.nullable), arg.span ?? span));
  const nullable = cast.some((arg) => arg.type.nullable) || resolved.result.nullable;
  return { kind: 'call', name: definition?.name ?? name, overload: resolved.overload.id, version: resolved.overload.version, args: cast, type: withNullable(resolved.result, nullable), span };
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
    case 'TO_TIMESTAMP_LTZ':
      return isNumberLike(a);
    case '=':
    case '<>':
      return (isBytes(a) && isBytes(b)) || (a.kind === b.kind && ['ROW', 'ARRAY', 'MAP', 'MULTISET'].includes(a.kind));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return isBytes(a) && isBytes(b);
    default:
      return false;
  }
}

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
  if (!isCastable(expr.type, type)) {
    throw new SqlError({ code: 'E0206', message: `a value of type ${printType(withNullable(expr.type, true))} cannot be cast to ${printType(withNullable(type, true))}`, span });
  }
  if (!canCast(expr.type, type)) {
    throw new SqlError({ code: 'E0002', message: `not supported yet: CAST of ${printType(withNullable(expr.type, true))} to ${printType(withNullable(type, true))}`, span });
  }
  return { kind: 'cast', operand: expr, type, ...at };
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

function bindCase(expr: Extract<Expr, { kind: 'Case' }>, scope: Scope): BoundExpr {
  const branches = expr.branches.map((branch) => {
    const when = expr.operand === undefined ? asBoolean(bindExpr(branch.when, scope)) : bindFunction('=', '=', [bindExpr(expr.operand, scope), bindExpr(branch.when, scope)], branch.span);
    return { when, then: bindExpr(branch.then, scope) };
  });
  const otherwise: BoundExpr = expr.otherwise === undefined ? { kind: 'literal', value: null, type: types.nothing, span: expr.span } : bindExpr(expr.otherwise, scope);
  return caseOf(branches, otherwise, expr.span);
}

function caseOf(branches: readonly { readonly when: BoundExpr; readonly then: BoundExpr }[], otherwise: BoundExpr, span: Span): BoundExpr {
  const type = unify([...branches.map((branch) => branch.then), otherwise], span);
  return {
    kind: 'case',
    branches: branches.map(({ when, then }) => ({ when, then: castTo(then, withNullable(type, then.type.nullable), then.span) })),
    otherwise: castTo(otherwise, withNullable(type, otherwise.type.nullable), otherwise.span),
    type,
    span,
  };
}

function unify(values: readonly BoundExpr[], span: Span): SqlType {
  let type: SqlType = types.nothing;
  for (const value of values) {
    const common = commonType(type, value.type);
    if (common === undefined) {
      throw new SqlError({ code: 'E0206', message: `${printType(withNullable(type, true))} and ${printType(withNullable(value.type, true))} cannot stand in one column`, span: value.span ?? span });
    }
    type = common;
  }
  if (type.kind === 'CHAR') type = { kind: 'VARCHAR', length: maxLength, nullable: type.nullable };
  return withNullable(type, values.some((value) => value.type.nullable));
}

/** COALESCE(a, b, c) is CASE WHEN a IS NOT NULL THEN a WHEN b IS NOT NULL THEN b ELSE c END. */
function coalesce(args: readonly BoundExpr[], span: Span): BoundExpr {
  const type = withNullable(unify(args, span), args.every((arg) => arg.type.nullable));
  const last = args.at(-1) as BoundExpr;
  const branches = args.slice(0, -1).map((arg) => ({
    when: { kind: 'is', operand: arg, test: 'NULL', negated: true, type: { kind: 'BOOLEAN', nullable: false }, span } satisfies BoundExpr,
    then: castTo(arg, withNullable(type, arg.type.nullable), arg.span),
  }));
  const otherwise = castTo(last, withNullable(type, last.type.nullable), last.span);
  return branches.length === 0 ? otherwise : { kind: 'case', branches, otherwise, type, span };
}
