import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { withNullable } from '../core/sql-type.ts';
import { canonicalText, type BoundExpr } from '../expression/bound-expr.ts';
import type { Expr } from '../parser/ast.ts';
import { caseOf } from './bind-case.ts';
import { bindFunction } from './bind-function.ts';
import { unreachable } from '../core/assert.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';

/** What GROUP BY asks for. */
export interface Grouping {
  /** Where there are sets, each once. */
  readonly keys: readonly BoundExpr[];
  /** For each set which of the keys it has, in ascending order; undefined where all rows are grouped by all keys, once. */
  readonly sets: readonly (readonly number[])[] | undefined;
}

/** The column that is the number of a row's set. */
export const setColumnName = 'grouping$';

/** The most sets: a row is counted in each of them. CUBE of 12 has as many. */
const mostSets = 4096;

/** The keys of GROUP BY. Its items are multiplied with each other: `a, ROLLUP (b)` is the sets (a, b) and (a). `bindKeys` gives what stands for an expression. */
export function bindGrouping(items: readonly Expr[], bindKeys: (expr: Expr) => readonly BoundExpr[]): Grouping {
  if (!items.some((item) => item.kind === 'GroupingSets')) return { keys: items.flatMap(partsOf).flatMap(bindKeys), sets: undefined };
  const keys: BoundExpr[] = [];
  const texts: string[] = [];
  const placesOf = new Map<Expr, readonly number[]>();
  const places = (expr: Expr): readonly number[] => {
    let known = placesOf.get(expr);
    known ??= bindKeys(expr).map((key) => {
      const text = canonicalText(key);
      const at = texts.indexOf(text);
      return at >= 0 ? at : (texts.push(text), keys.push(key) - 1);
    });
    placesOf.set(expr, known);
    return known;
  };
  let sets: readonly (readonly Expr[])[] = [[]];
  for (const item of items) {
    const own = setsOf(item);
    if (sets.length * own.length > mostSets) throw tooMany(item.span);
    sets = sets.flatMap((set) => own.map((more) => [...set, ...more]));
  }
  const bound = sets.map((set) => [...new Set(set.flatMap(partsOf).flatMap(places))].toSorted((a, b) => a - b));
  return { keys, sets: bound.length === 1 ? undefined : bound };
}

/** `(a, b)` is several keys, as in a set. */
function partsOf(item: Expr): readonly Expr[] {
  return item.kind === 'Row' ? item.items.flatMap(partsOf) : [item];
}

/** The sets that one item of GROUP BY stands for. */
function setsOf(item: Expr): readonly (readonly Expr[])[] {
  if (item.kind !== 'GroupingSets') return [[item]];
  const { operator, sets } = item;
  switch (operator) {
    case 'GROUPING SETS':
      return sets.flatMap((set) => (set.length === 1 && set[0] !== undefined ? setsOf(set[0]) : [set]));
    case 'ROLLUP':
      return [...sets.map((_, left) => sets.slice(0, sets.length - left).flat()), []];
    case 'CUBE':
      if (2 ** sets.length > mostSets) throw tooMany(item.span);
      // The most significant bit of the number of those that are left out is the first element.
      return Array.from({ length: 2 ** sets.length }, (_, without) => sets.filter((_set, i) => ((without >> (sets.length - 1 - i)) & 1) === 0).flat());
    default:
      return unreachable(operator);
  }
}

function tooMany(span: Span): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: more than ${mostSets} grouping sets`, span, label: 'each row would be counted in all of them' });
}

/** The rows of an aggregate over grouping sets. */
export interface Expanded {
  readonly plan: LogicalPlan;
  /** The columns of `plan` that the keys are, and behind them the one that is the number of the set. */
  readonly keys: readonly number[];
}

/**
 * Each row once for each set, with the number of the set and the keys that the set has; the others are NULL. Keys of all sets stay the columns
 * that they are, so that a window is seen through it. `keys`: columns of the input.
 */
export function expandSets(input: LogicalPlan, keys: readonly number[], sets: readonly (readonly number[])[], span: Span): Expanded {
  const isPartial = keys.map((_, key) => !sets.every((set) => set.includes(key)));
  const partial = [...keys.keys()].filter((key) => isPartial[key]);
  const width = input.columns.length;
  const copies = partial.map((key): PlanColumn => {
    const { name, type } = input.columns[keys[key] ?? -1] as PlanColumn;
    return { name, type: withNullable(type, true) };
  });
  const columns: PlanColumn[] = [...input.columns, ...copies, { name: setColumnName, type: { kind: 'INT', nullable: false } }];
  const plan: LogicalPlan = {
    kind: 'Expand',
    input,
    keys: partial.map((key) => keys[key] ?? -1),
    sets: sets.map((set) => partial.flatMap((key, i) => (set.includes(key) ? [i] : []))),
    columns,
    span,
  };
  return { plan, keys: [...keys.map((column, key) => (isPartial[key] ? width + partial.indexOf(key) : column)), columns.length - 1] };
}

/** Calls that say of a row which set of GROUP BY it is of. */
export function isGroupingCall(name: string): boolean {
  return /^(GROUPING|GROUPING_ID|GROUP_ID)$/i.test(name);
}

/**
 * GROUPING(a, ..), also written GROUPING_ID: a number with a bit for each argument, the last one the lowest, that is set where the row's set has
 * not that key. GROUP_ID(): how many sets with the same keys stand before. `number` is the row's set; without sets both are 0.
 */
export function groupingCall(expr: Extract<Expr, { kind: 'Call' }>, sets: Grouping['sets'], number: BoundExpr, placeOf: (arg: Expr) => number): BoundExpr {
  const { span } = expr;
  const name = expr.name.name.toUpperCase();
  const isOfSet = name === 'GROUP_ID';
  if (isOfSet !== (expr.args.length === 0) || expr.args.length > 62) {
    throw new SqlError({ code: 'E0208', message: isOfSet ? 'GROUP_ID takes no argument' : `${name} takes expressions of GROUP BY`, span, hint: isOfSet ? 'GROUP_ID()' : `${name}(a)` });
  }
  const places = expr.args.map(placeOf);
  const literal = (value: bigint): BoundExpr => ({ kind: 'literal', value: value.toString(), type: { kind: 'BIGINT', nullable: false }, span });
  if (sets === undefined) return literal(0n);
  const texts = sets.map((set) => set.join());
  const values = sets.map((set, at) => (isOfSet ? BigInt(texts.slice(0, at).filter((text) => text === texts[at]).length) : places.reduce((bits, place) => bits * 2n + (set.includes(place) ? 0n : 1n), 0n)));
  const [last = 0n, ...others] = [...new Set(values)].toReversed();
  const branches = others.toReversed().map((value) => {
    const isIt = values.flatMap((of, at) => (of === value ? [bindFunction('=', '=', [number, { kind: 'literal', value: `${at}`, type: number.type, span }], span)] : []));
    const [only] = isIt;
    const when: BoundExpr = isIt.length === 1 && only !== undefined ? only : { kind: 'logic', operator: 'OR', args: isIt, type: { kind: 'BOOLEAN', nullable: false }, span };
    return { when, then: literal(value) };
  });
  return branches.length === 0 ? literal(last) : caseOf(branches, literal(last), span);
}
