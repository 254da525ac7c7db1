import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { printType, types, withNullable } from '../core/sql-type.ts';
import { canonicalText, type BoundExpr } from '../expression/bound-expr.ts';
import { findAggregate, resolveOverload } from '../functions/registry.ts';
import type { Expr, Identifier, Select } from '../parser/ast.ts';
import { bindCondition, bindExpr, type Scope } from './bind-expr.ts';
import { bindFunction } from './bind-function.ts';
import { bindGrouping, expandSets, groupingCall, isGroupingCall } from './bind-grouping-sets.ts';
import { bindGroupWindow, isGroupWindow, isWindowSelector } from './bind-group-window.ts';
import { jsonArguments } from './bind-json.ts';
import { castTo } from './cast-to.ts';
import type { AggregateCall, LogicalPlan, PlanColumn } from './logical-plan.ts';
import { windowKeysOf, type WindowColumn } from './lower-window.ts';
import { Mistakes } from './mistakes.ts';

/**
 * GROUP BY: a projection of the keys below, the aggregate, a projection of the items above. In the items a grouped expression stands
 * for its key; what is neither grouped nor inside an aggregate is E0204. `mayBeNone`: whoever binds it puts the results of no rows beside what
 * meets no group.
 */
export function bindGrouped(query: Select, from: LogicalPlan, scope: Scope, mayBeNone = false): LogicalPlan {
  const mistakes = new Mistakes();
  let isWindowBroken = false;
  const groupWindow = mistakes.attempt(() => {
    isWindowBroken = true;
    const window = bindGroupWindow(query, from, scope);
    isWindowBroken = false;
    return window;
  });
  const plan = groupWindow?.plan ?? from;
  const keyKinds = new Set<string>();
  const { keys, sets } = bindGrouping(query.groupBy, (expr) => {
    keyKinds.add(expr.kind);
    if (groupWindow !== undefined && expr === groupWindow.expr) return groupWindow.keys;
    return isWindowBroken && isGroupWindow(expr) ? [] : [mistakes.attempt(() => bindExpr(expr, scope))].filter((key) => key !== undefined);
  });
  // A column that stands in what could not be bound of GROUP BY would only say so again.
  const isKeyBroken = mistakes.count > (isWindowBroken ? 1 : 0);
  const keyTexts = keys.map(canonicalText);
  // Below the aggregate: the input's columns as they are, then keys that are not plain columns.
  const below: BoundExpr[] = plan.columns.map((column, index) => ({ kind: 'column', index, type: column.type }));
  const belowColumns: PlanColumn[] = [...plan.columns];
  const keyColumns = keys.map((key, i) => {
    if (key.kind === 'column') return key.index;
    below.push(key);
    belowColumns.push({ name: `key$${i}`, type: key.type });
    return below.length - 1;
  });
  const grouped: LogicalPlan = below.length === plan.columns.length ? plan : { kind: 'Project', input: plan, exprs: below, columns: belowColumns };
  const expanded = sets === undefined ? undefined : expandSets(grouped, keyColumns, sets, query.groupBy[0]?.span ?? query.span);
  const input = expanded?.plan ?? grouped;
  /** Of the aggregate: the keys, behind them the number of the set where there are sets. */
  const aggregateKeys = expanded?.keys ?? keyColumns;
  const keyTypes = aggregateKeys.map((index) => input.columns[index]?.type ?? types.nothing);
  // A group with keys has a row; one without gives none before its first, but a result that is NULL once its rows are withdrawn.
  const hasOnlyKeyed = !mayBeNone && keys.length > 0 && (sets === undefined || sets.every((set) => set.length > 0));
  const calls: AggregateCall[] = [];
  const callTexts: string[] = [];
  /** The place among the keys of what GROUPING asks for. */
  const keyPlace = (arg: Expr): number => {
    const place = keyTexts.indexOf(canonicalText(bindExpr(arg, scope)));
    if (place < 0) throw new SqlError({ code: 'E0204', message: 'GROUPING speaks of what GROUP BY names, and this is not there', span: arg.span, label: 'write it as in GROUP BY' });
    return place;
  };
  const hasNumber = query.groupBy.some(({ kind }) => kind === 'Number');
  const aboveScope: Scope = {
    columns: scope.columns,
    qualifiers: scope.qualifiers,
    ...(scope.owners !== undefined && { owners: scope.owners }),
    ...(scope.star !== undefined && { star: scope.star }),
    label: scope.label,
    known: (expr) => {
      const selected = groupWindow?.selector(expr);
      if (selected?.kind === 'call') return selected;
      if (selected !== undefined) return { ...selected, index: keyTexts.indexOf(canonicalText(selected)) } as BoundExpr;
      // A column alone, or what may be a grouped expression: binding every part of a long chain to compare it would take the square of its length.
      if (expr.kind !== 'Reference' && !keyKinds.has(expr.kind)) return undefined;
      if (expr.kind === 'Star' || containsAggregate(expr)) return undefined;
      let bound: BoundExpr;
      try {
        bound = bindExpr(expr, scope);
      } catch (error) {
        if (error instanceof SqlError && expr.kind === 'Call') return undefined;
        throw error;
      }
      const index = keyTexts.indexOf(canonicalText(bound));
      return index < 0 ? undefined : { kind: 'column', index, type: keyTypes[index] ?? bound.type, span: expr.span };
    },
    call: (expr) => {
      if (isGroupingCall(expr.name.name)) return groupingCall(expr, sets, { kind: 'column', index: keys.length, type: keyTypes[keys.length] ?? types.nothing }, keyPlace);
      if (findAggregate(expr.name.name) === undefined) return undefined;
      const call = bindAggregate(expr, scope, hasOnlyKeyed);
      const text = JSON.stringify([call.name, call.overload, call.version, call.distinct, call.type, call.args.map(canonicalText), call.filter === undefined ? undefined : canonicalText(call.filter)]);
      let index = callTexts.indexOf(text);
      if (index < 0) {
        index = calls.length;
        calls.push(call);
        callTexts.push(text);
      }
      return { kind: 'column', index: aggregateKeys.length + index, type: call.type, span: expr.span };
    },
    reject: (column, span) => new SqlError({ code: 'E0204', message: `${column.name} is neither grouped nor inside an aggregate`, span, label: hasNumber ? `a number in GROUP BY is a value, not the place of a column: write GROUP BY ${column.name}` : `add it to GROUP BY, or write MAX(${column.name})` }),
  };
  const exprs: BoundExpr[] = [];
  const columns: PlanColumn[] = [];
  for (const item of query.items) {
    if (item.expr.kind === 'Star') throw new SqlError({ code: 'E0204', message: '* cannot stand beside GROUP BY', span: item.span, label: 'name the columns' });
    // What speaks of a window that is none would only say so again.
    if (isWindowBroken && namesWindow(item.expr)) continue;
    const expr = mistakes.attempt(() => bindExpr(item.expr, aboveScope), isKeyBroken ? ['E0204'] : []);
    if (expr === undefined) continue;
    exprs.push(expr);
    columns.push({ name: nameOf(item.expr, item.alias, columns.length), type: expr.type });
  }
  const condition = query.having;
  const having = condition === undefined || (isWindowBroken && namesWindow(condition)) ? undefined : mistakes.attempt(() => bindCondition('HAVING', condition, aboveScope), isKeyBroken ? ['E0204'] : []);
  mistakes.throwAny();
  const windowKeys = windowKeysOf({ input, keys: aggregateKeys });
  const aggregateColumns: PlanColumn[] = [
    ...aggregateKeys.map((index, i) => keyColumn(input, index, windowKeys?.[i])),
    ...calls.map((call, i) => ({ name: `${call.name.toLowerCase()}$${i}`, type: call.type })),
  ];
  const aggregate: LogicalPlan = { kind: 'Aggregate', input, keys: aggregateKeys, calls, columns: aggregateColumns, span: query.groupBy[0]?.span ?? query.span };
  const filtered: LogicalPlan = having === undefined ? aggregate : { kind: 'Filter', input: aggregate, condition: having, columns: aggregate.columns };
  const timed = columns.map((column, i) => ({ ...column, time: timeOf(exprs[i], aggregate.columns) }));
  return { kind: 'Project', input: filtered, exprs, columns: timed };
}

/** Whether it calls TUMBLE_START or alike, at any depth. Without recursion: chains of operators may be long. */
function namesWindow(expr: Expr): boolean {
  const open: object[] = [expr];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if ('kind' in node && node.kind === 'Call' && 'name' in node && isWindowSelector((node.name as Identifier).name)) return true;
    for (const part of Object.values(node) as readonly unknown[]) if (typeof part === 'object' && part !== null) open.push(part);
  }
  return false;
}

/** A key as the aggregate emits it: only the time of a window is a time attribute still. */
function keyColumn(input: LogicalPlan, index: number, of: WindowColumn): PlanColumn {
  const { name, type, time } = input.columns[index] ?? { name: '?', type: types.nothing };
  return time !== undefined && of === 'window_time' ? { name, type, time } : { name, type };
}

function timeOf(expr: BoundExpr | undefined, columns: readonly PlanColumn[]): 'rowtime' | undefined {
  return expr?.kind === 'column' ? columns[expr.index]?.time : undefined;
}

/** `hasRows`: each group has a row, so that a result is NULL only where a value may be. */
function bindAggregate(expr: Extract<Expr, { kind: 'Call' }>, scope: Scope, hasRows: boolean): AggregateCall {
  const name = expr.name.name.toUpperCase();
  const inner: Scope = { ...scope, hasWatermark: false, call: (call) => { if (findAggregate(call.name.name) === undefined) return undefined; throw new SqlError({ code: 'E0204', message: 'an aggregate cannot stand inside another', span: call.span, label: 'make the inner one in a query of FROM: SELECT MAX(n) FROM (SELECT COUNT(*) AS n ...)' }); } };
  const isCountStar = expr.args[0]?.kind === 'Star';
  if (isCountStar && name !== 'COUNT') throw new SqlError({ code: 'E0208', message: `${name} does not take *`, span: expr.span, label: 'name a column; of all rows there is COUNT(*)' });
  if (expr.distinct && (isCountStar || expr.args.length === 0)) throw new SqlError({ code: 'E0208', message: `${name}(DISTINCT ...) needs a value`, span: expr.span });
  const given = isCountStar ? [] : jsonArguments(name, expr.args.map((arg) => bindExpr(arg, inner)), expr.span);
  const isCountOfSeveral = name === 'COUNT' && given.length > 1;
  // NULL is one of the different elements too.
  const isOfRows = name === 'ARRAY_AGG' && expr.distinct && given[0]?.type.nullable === true;
  const definition = findAggregate(isOfRows ? 'ARRAY_AGG OF ROWS' : name);
  // Where none of them is NULL: their different rows, or all.
  const args = !isCountOfSeveral && !isOfRows ? given : expr.distinct ? [bindFunction('ROW', 'ROW', given, expr.span)] : [];
  if (expr.distinct && args.slice(1).some((arg) => arg.kind !== 'literal')) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name}(DISTINCT ...) of several arguments`, span: expr.span });
  const ownFilter = expr.filter === undefined ? undefined : bindCondition('FILTER', expr.filter, inner);
  const filter = isCountOfSeveral ? allPresent(given, ownFilter, expr.span) : ownFilter;
  const resolved = definition === undefined ? undefined : resolveOverload(definition.overloads, args.map((arg) => arg.type));
  if (definition === undefined || resolved === undefined) {
    throw new SqlError({ code: 'E0208', message: `${name} does not take ${args.map((arg) => printType(withNullable(arg.type, true))).join(' and ') || 'no argument'}`, span: expr.span, label: args.length === 1 && /^(SUM|AVG)$/.test(name) ? `write ${name}(CAST(... AS DOUBLE)); how many there are is COUNT` : undefined, hint: findAggregate(name)?.doc });
  }
  const cast = args.map((arg, i) => castTo(arg, withNullable(resolved.args[i] ?? arg.type, arg.type.nullable), arg.span));
  const distinct = (expr.distinct || name === 'APPROX_COUNT_DISTINCT') && resolved.overload.ignoresDuplicates !== true ? ({ distinct: true } as const) : {};
  const isPresent = hasRows && filter === undefined && cast.every((arg) => !arg.type.nullable) && resolved.overload.keepsPresence?.(cast.map((arg) => arg.type)) === true;
  return { name: definition.name, overload: resolved.overload.id, version: resolved.overload.version, args: cast, ...distinct, filter, type: isPresent ? withNullable(resolved.result, false) : resolved.result, span: expr.span };
}

/** True where no value is NULL and the condition holds too; undefined where that is always so. */
function allPresent(values: readonly BoundExpr[], condition: BoundExpr | undefined, span: Span): BoundExpr | undefined {
  const type = withNullable(types.boolean, false);
  const tests = values.filter((value) => value.type.nullable).map((operand): BoundExpr => ({ kind: 'is', operand, test: 'NULL', negated: true, type, span }));
  const all = [...tests, ...(condition === undefined ? [] : [condition])];
  return all.length < 2 ? all[0] : { kind: 'logic', operator: 'AND', args: all, type: withNullable(types.boolean, condition?.type.nullable === true), span };
}

/** The name of an item without an alias: the column's own, else Flink's. */
export function nameOf(expr: Expr, alias: Identifier | undefined, position: number): string {
  if (alias !== undefined) return alias.name;
  if (expr.kind === 'Reference') return expr.name.parts.at(-1)?.name ?? `EXPR$${position}`;
  return `EXPR$${position}`;
}

/** Without recursion: chains of operators may be long. */
export function containsAggregate(root: Expr): boolean {
  const open: (Expr | undefined)[] = [root];
  while (open.length > 0) {
    const expr = open.pop();
    switch (expr?.kind) {
      case 'Call':
        if (findAggregate(expr.name.name) !== undefined) return true;
        for (const arg of expr.args) open.push(arg);
        break;
      case 'WordyCall':
        open.push(expr.call);
        break;
      case 'Row':
      case 'Array':
      case 'Map':
        for (const item of expr.items) open.push(item);
        break;
      case 'Element':
        open.push(expr.operand, expr.index);
        break;
      case 'Field':
      case 'Unary':
      case 'Is':
      case 'Cast':
        open.push(expr.operand);
        break;
      case 'Binary':
        open.push(expr.left, expr.right);
        break;
      case 'Between':
        open.push(expr.operand, expr.low, expr.high);
        break;
      case 'In':
        open.push(expr.operand);
        for (const item of expr.items) open.push(item);
        break;
      case 'Case':
        open.push(expr.operand, expr.otherwise);
        for (const { when, then } of expr.branches) open.push(when, then);
        break;
      default:
    }
  }
  return false;
}
