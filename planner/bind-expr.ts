import { unreachable } from '../core/assert.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { describeType, isNumeric, types, withNullable } from '../core/sql-type.ts';
import { resolveType } from '../catalog/type-resolver.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { isFlinkFunction } from '../functions/flink-names.ts';
import { unixTimestampNow } from '../functions/now.ts';
import { findAggregate, findScalar, functionNames } from '../functions/registry.ts';
import { distinctFrom, wordOperators, type BinaryOperator, type Expr, type Name } from '../parser/ast.ts';
import { asBoolean, caseOf, coalesce, isDistinct, nullIf } from './bind-case.ts';
import { bindFunction } from './bind-function.ts';
import { isGroupingCall } from './bind-grouping-sets.ts';
import { bindElement, bindField } from './bind-structured.ts';
import { bindOverlaps } from './bind-overlaps.ts';
import { bytesLiteral, intervalLiteral, negatedLiteral, numberLiteral, textLiteral, timeLiteral } from './bind-literal.ts';
import { bindRawJson, jsonArguments, withNullClause } from './bind-json.ts';
import { unitArgument } from './bind-unit.ts';
import { bindWordyCall } from './bind-wordy-call.ts';
import { castTo, tryCastTo } from './cast-to.ts';
import type { PlanColumn } from './logical-plan.ts';
import { missingHint } from './missing-name.ts';
import { functionHint } from './other-names.ts';
import { bindParameter } from './parameters.ts';

/** What names can mean at one place of a query. */
export interface Scope {
  readonly columns: readonly PlanColumn[];
  /** The table's name or alias, by which columns may be qualified. */
  readonly qualifiers: readonly string[];
  /** Which of the qualifiers each column has; absent where all have all. */
  readonly owners?: readonly (string | undefined)[];
  /** See Relation. */
  readonly star?: readonly number[];
  /** What the columns belong to, for messages: `orders`. */
  readonly label: string;
  /** The names that SELECT gives to what it computes, for messages: they mean nothing yet. */
  readonly aliases?: readonly string[];
  /** Takes a call that is no scalar function (an aggregate); undefined where none may stand. */
  readonly call?: (expr: Extract<Expr, { kind: 'Call' }>) => BoundExpr | undefined;
  /** Takes a whole expression before it is bound: grouped expressions. */
  readonly known?: (expr: Expr) => BoundExpr | undefined;
  /** True where rows pass one by one, so that each has a watermark. */
  readonly hasWatermark?: boolean;
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
      return textLiteral(expr.value, span);
    case 'Boolean':
      return { kind: 'literal', value: expr.value, type: { kind: 'BOOLEAN', nullable: false }, span };
    case 'Null':
      return { kind: 'literal', value: null, type: types.nothing, span };
    case 'Interval':
      return intervalLiteral(expr);
    case 'TimeLiteral':
      return timeLiteral(expr);
    case 'Parameter':
      return bindParameter(expr);
    case 'Reference':
      return bindName(expr.name, scope);
    case 'Star':
      throw new SqlError({ code: 'E0001', message: '* stands for columns only right after SELECT and in COUNT(*)', span });
    case 'Call':
      return bindCall(expr, scope);
    case 'Unary': {
      const operand = bind(expr.operand);
      if (expr.operator === 'NOT') return { kind: 'not', operand: asBoolean(operand), type: { kind: 'BOOLEAN', nullable: operand.type.nullable }, span };
      // Only what has a sign takes one: the value of a DATE or of a text is not its literal's number.
      const isSigned = isNumeric(operand.type) || operand.type.kind === 'INTERVAL_SECOND' || operand.type.kind === 'INTERVAL_MONTH';
      if (expr.operator === '+' && (isSigned || operand.type.kind === 'NULL')) return operand;
      if (isSigned && operand.kind === 'literal' && typeof operand.value === 'string') return negatedLiteral(operand, span);
      return bindFunction('NEGATE', expr.operator, [operand], span);
    }
    case 'Binary':
      return expr.operator === 'AND' || expr.operator === 'OR' ? bindLogic(expr, expr.operator, scope) : bindChain(expr, scope);
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
      return expr.isTry ? tryCastTo(operand, type, span) : castTo(operand, withNullable(type, operand.type.nullable), span);
    }
    case 'Bytes':
      return bytesLiteral(expr.digits, span);
    case 'Row':
      return bindFunction('ROW', 'ROW', expr.items.map(bind), span);
    case 'Array':
      return bindFunction('ARRAY', 'ARRAY[...]', expr.items.map(bind), span);
    case 'Map':
      return bindFunction('MAP', 'MAP[...]', expr.items.map(bind), span);
    case 'Element':
      return bindElement(bind(expr.operand), bind(expr.index), span);
    case 'Field': {
      const operand = bind(expr.operand);
      return bindField(operand, expr.field, 'this expression', span);
    }
    case 'NamedArgument':
      throw notYet('named arguments, as in f(a => 1)', span);
    case 'WordyCall': {
      const call = bindWordyCall(expr, bind);
      if (call !== undefined) return call;
      const clausal = withNullClause(expr);
      if (clausal !== undefined) return bindCall(clausal, scope);
      throw notYet(`${expr.call.name.name.toUpperCase()} with ${expr.clauses[0]?.words ?? ''}`, expr.clauses[0]?.span ?? span);
    }
    case 'Over':
      throw notYet('OVER', span);
    case 'Subquery':
      throw notYet('a query in the place of a value but in SELECT, WHERE and HAVING', span);
    case 'Exists':
      throw notYet('EXISTS (SELECT ...) but as a condition of WHERE or HAVING, alone or beside AND', span);
    case 'InQuery':
      throw notYet('IN (SELECT ...) but as a condition of WHERE or HAVING, alone or beside AND', span);
    case 'Quantified':
      throw notYet(`${expr.quantifier} (SELECT ...) but as a condition of WHERE or HAVING, alone or beside AND`, span);
    case 'GroupingSets':
      throw notYet(expr.operator === 'GROUPING SETS' && expr.sets.length === 1 && expr.sets[0]?.length === 0 ? 'GROUP BY ()' : expr.operator, span);
    default:
      return unreachable(expr);
  }
}

function notYet(feature: string, span: Span): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: ${feature}`, span });
}

/** The condition of a clause; NULL is one that is never met. Throws E0206 for a value of another type. */
export function bindCondition(clause: 'WHERE' | 'HAVING' | 'FILTER' | 'ON', expr: Expr, scope: Scope): BoundExpr {
  const condition = bindExpr(expr, scope);
  if (condition.type.kind === 'BOOLEAN' || condition.type.kind === 'NULL') return asBoolean(condition);
  throw new SqlError({ code: 'E0206', message: `${clause} needs a condition, not ${describeType(condition.type)}`, span: expr.span, label: 'compare it with something, or write IS NOT NULL' });
}

type Binary = Extract<Expr, { kind: 'Binary' }>;

/** AND and OR of any number of conditions: `a OR b OR c` leans to the left in the syntax and is one node here. */
function bindLogic(expr: Binary, operator: 'AND' | 'OR', scope: Scope): BoundExpr {
  const parts: Expr[] = [];
  const pending: Expr[] = [expr];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part.kind === 'Binary' && part.operator === operator && (part === expr || scope.known?.(part) === undefined)) pending.push(part.right, part.left);
    else parts.push(part);
  }
  const args = parts.map((part) => asBoolean(bindExpr(part, scope)));
  return { kind: 'logic', operator, args, type: { kind: 'BOOLEAN', nullable: args.some((arg) => arg.type.nullable) }, span: expr.span };
}

/** `a + b - c` and alike, from the innermost on the left outwards: a chain may be longer than the stack is deep. */
function bindChain(expr: Binary, scope: Scope): BoundExpr {
  const chain: Binary[] = [expr];
  let first = expr.left;
  while (first.kind === 'Binary' && first.operator !== 'AND' && first.operator !== 'OR' && scope.known?.(first) === undefined) {
    chain.push(first);
    first = first.left;
  }
  let bound = bindExpr(first, scope);
  for (const { operator, right, span } of chain.toReversed()) bound = bindFunction(functionOf(operator), operator, [bound, bindExpr(right, scope)], span);
  return bound;
}

function functionOf(operator: BinaryOperator): string {
  return operator === '%' ? 'MOD' : operator;
}

function bindCase(expr: Extract<Expr, { kind: 'Case' }>, scope: Scope): BoundExpr {
  const branches = expr.branches.map((branch) => {
    const when = expr.operand === undefined ? asBoolean(bindExpr(branch.when, scope)) : bindFunction('=', '=', [bindExpr(expr.operand, scope), bindExpr(branch.when, scope)], branch.span);
    return { when, then: bindExpr(branch.then, scope) };
  });
  const otherwise: BoundExpr = expr.otherwise === undefined ? { kind: 'literal', value: null, type: types.nothing, span: expr.span } : bindExpr(expr.otherwise, scope);
  return caseOf(branches, otherwise, expr.span);
}

/** `a`, `t.a`, `row.field`, `t.row.field`: the longest reading that exists. */
function bindName(name: Name, scope: Scope): BoundExpr {
  const parts = name.parts;
  const starts = parts.length > 1 && scope.qualifiers.includes(parts[0]?.name ?? '') ? [1, 0] : [0];
  for (const start of starts) {
    const head = parts[start];
    const qualifier = start === 1 ? parts[0]?.name : undefined;
    const isMeant = (column: PlanColumn, i: number): boolean => column.name === head?.name && (qualifier === undefined ? scope.star === undefined || scope.star.includes(i) : scope.owners === undefined || scope.owners[i] === qualifier);
    const index = scope.columns.findIndex(isMeant);
    const column = scope.columns[index];
    if (head === undefined || column === undefined) continue;
    const meant = [...scope.columns.keys()].filter((i) => isMeant(scope.columns[i] as PlanColumn, i));
    if (meant.length > 1) {
      const owners = meant.map((i) => scope.owners?.[i]).filter((owner) => owner !== undefined);
      const places = owners.length === meant.length && new Set(owners).size === meant.length ? owners.map((owner) => `${owner}.${head.name}`).join(' or ') : undefined;
      throw new SqlError({ code: 'E0105', message: `"${head.name}" could be more than one column`, span: head.span, label: places === undefined ? 'name its table, as in t.column' : `say which:  ${places}` });
    }
    const rejected = scope.reject?.(column, name.span);
    if (rejected !== undefined) throw rejected;
    let bound: BoundExpr = { kind: 'column', index, type: column.type, span: name.span };
    for (const part of parts.slice(start + 1)) bound = bindField(bound, part, head.name, name.span);
    return bound;
  }
  const missing = parts.at(starts[0] ?? 0) ?? parts[0];
  // Functions that are called without parentheses.
  if (parts.length === 1 && missing !== undefined && /^(CURRENT_|LOCALTIME)/i.test(missing.name) && isFlinkFunction(missing.name)) {
    if (findScalar(missing.name) !== undefined) return bindFunction(missing.name.toUpperCase(), missing.name, [], missing.span);
    throw new SqlError({ code: 'E0002', message: `not supported yet: ${missing.name.toUpperCase()}`, span: missing.span });
  }
  throw new SqlError({ code: 'E0102', message: `no column "${missing?.name ?? ''}" in ${scope.label}`, span: missing?.span ?? name.span, ...missingHint(parts.map((part) => part.name), missing?.name ?? '', scope) });
}

/** BETWEEN whose ends may stand in either order. */
function betweenSymmetric([operand, one, other]: readonly [BoundExpr, BoundExpr, BoundExpr], span: Span): BoundExpr {
  const logic = (operator: 'AND' | 'OR', args: readonly BoundExpr[]): BoundExpr => ({ kind: 'logic', operator, args, type: { kind: 'BOOLEAN', nullable: args.some((arg) => arg.type.nullable) }, span });
  const between = (low: BoundExpr, high: BoundExpr): BoundExpr => logic('AND', [bindFunction('>=', '>=', [operand, low], span), bindFunction('<=', '<=', [operand, high], span)]);
  return logic('OR', [between(one, other), between(other, one)]);
}

/** Calls that are another way to write CASE. */
const rewritten = new Set(['COALESCE', 'IF', 'IFNULL', 'NULLIF']);

/** A watermark is known where rows pass one by one, and of an event time. */
function refuseWatermark(name: string, [time]: readonly BoundExpr[], { columns, hasWatermark, label }: Scope, span: Span): void {
  if (hasWatermark !== true) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name} behind a join, a group or a query beside the rows`, span, label: 'compute it in a query over the table alone, and name its column here', hint: `FROM (SELECT *, ${name}(${time?.kind === 'column' ? (columns[time.index]?.name ?? 'ts') : 'ts'}) AS wm FROM t)` });
  if (time?.kind === 'column' && columns[time.index]?.time !== undefined) return;
  throw new SqlError({ code: 'E0201', message: `${name} takes a time column with a watermark`, span: time?.span ?? span, hint: columns.flatMap((column) => (column.time === undefined ? [] : [`${name}(\`${column.name}\`)`]))[0] ?? `WATERMARK FOR ts AS ts - INTERVAL '5' SECOND  in the table of ${label}` });
}

function bindCall(expr: Extract<Expr, { kind: 'Call' }>, scope: Scope): BoundExpr {
  const name = expr.name.name.toUpperCase();
  const taken = scope.call?.(expr);
  if (taken !== undefined) return taken;
  if (windowSelectors.has(name)) {
    throw new SqlError({ code: 'E0202', message: `${name} makes groups, it is not a value`, span: expr.name.span, label: name === 'CUMULATE' ? undefined : `behind GROUP BY ${name}(..) the ends are ${name}_START(..) and ${name}_END(..)`, hint: `FROM TABLE(${name}(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end` });
  }
  if (/^(TUMBLE|HOP|SESSION)_(START|END|ROWTIME|PROCTIME)$/.test(name)) {
    const window = name.slice(0, name.indexOf('_'));
    throw new SqlError({ code: 'E0202', message: `${name} speaks of the window in GROUP BY, and there is none`, span: expr.name.span, hint: `GROUP BY ${window}(ts, ${window === 'HOP' ? "INTERVAL '5' SECOND, " : ''}INTERVAL '10' SECOND)` });
  }
  if (isGroupingCall(name)) {
    throw new SqlError({ code: 'E0204', message: `${name} cannot stand here`, span: expr.span, label: 'it speaks of GROUP BY: it belongs into SELECT, HAVING or ORDER BY of a query that has one, outside of aggregates' });
  }
  if (findAggregate(name) !== undefined) {
    throw new SqlError({ code: 'E0204', message: `${name} cannot stand here`, span: expr.span, label: 'aggregates belong into SELECT or HAVING' });
  }
  if (name === 'OVERLAPS') return bindOverlaps(expr.args, (arg) => bindExpr(arg, scope), expr.span);
  const [maker = name] = /^JSON_(OBJECT|ARRAY)(?= (NULL|ABSENT) ON NULL$)/.exec(name) ?? [];
  // Before its arguments: they may have a syntax of their own (units, DISTINCT), and what they lack is not the news.
  if (findScalar(maker) === undefined && !rewritten.has(name) && name !== 'BETWEEN SYMMETRIC' && (isFlinkFunction(name) || wordOperators.some((operator) => operator === name))) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name}`, span: expr.name.span });
  if (name === 'JSON') throw new SqlError({ code: 'E0208', message: 'JSON() stands for a value of JSON_OBJECT or JSON_ARRAY only', span: expr.span, hint: `JSON_OBJECT('a' VALUE JSON('{"b": 1}'))` });
  const unknown = (names: readonly string[]): SqlError => new SqlError({ code: 'E0103', message: `there is no function ${expr.name.name}`, span: expr.name.span, ...functionHint(name, names) });
  const isUnknown = findScalar(maker) === undefined && !rewritten.has(name) && name !== 'BETWEEN SYMMETRIC' && name !== distinctFrom;
  // Before its arguments here too: beside groups they would be told as what is not grouped.
  if (isUnknown) throw unknown(expr.args[0]?.kind === 'Star' ? ['COUNT'] : functionNames());
  const args = expr.args.map((arg, i) => unitArgument(name, expr.args, i) ?? bindRawJson(name, arg, i, (part) => bindExpr(part, scope)) ?? bindExpr(arg, scope));
  if (findScalar(name)?.readsWatermark === true) refuseWatermark(name, args, scope, expr.span);
  if (name === 'BETWEEN SYMMETRIC') return betweenSymmetric(args as [BoundExpr, BoundExpr, BoundExpr], expr.span);
  if (name === 'UNIX_TIMESTAMP' && args.length === 0) return bindFunction(unixTimestampNow, name, args, expr.span);
  if (name === 'COALESCE' && args.length > 0) return coalesce(args, expr.span);
  if (name === 'IF' && args.length === 3) return caseOf([{ when: asBoolean(args[0] as BoundExpr), then: args[1] as BoundExpr }], args[2] as BoundExpr, expr.span);
  if (name === 'IFNULL' && args.length === 2) return coalesce(args, expr.span);
  if (name === distinctFrom && args.length === 2) {
    const [a, b] = args as [BoundExpr, BoundExpr];
    return isDistinct(a, b, bindFunction('<>', 'IS DISTINCT FROM', [a, b], expr.span), expr.span);
  }
  if (name === 'NULLIF' && args.length === 2) {
    const [value, other] = args as [BoundExpr, BoundExpr];
    return nullIf(value, bindFunction('=', '=', [value, other], expr.span), expr.span);
  }
  if (rewritten.has(name)) throw new SqlError({ code: 'E0208', message: `${name} does not take ${args.length === 1 ? 'one argument' : `${args.length} arguments`}`, span: expr.span });
  return bindFunction(maker, maker, jsonArguments(name, args, expr.span), expr.span);
}
