import { isInsertOnly } from '../core/changelog.ts';
import { printExpr, withoutSpans, type BoundExpr } from '../expression/bound-expr.ts';
import { windowColumnNames, type AggregateCall, type JoinType } from './logical-plan.ts';
import { inputsOf, nodesOf, type JoinKey, type PhysicalPlan } from './physical-plan.ts';

/**
 * State is named by what defines it, not by where it stands in the plan: kind, sources, keys, window, then each call by a fingerprint of its
 * own, so that an aggregate of the same groups is known when calls come or go (executor/runtime/convert-state.ts).
 */
export function stateName(kind: string, input: PhysicalPlan, keys: readonly number[], calls: readonly AggregateCall[], window: object | undefined, timeColumn: number | undefined): string {
  const columns = tracedColumns(input);
  const definition = {
    kind,
    input: describeInput(input),
    keys: keys.map((key) => columns[key]),
    time: timeColumn === undefined ? undefined : columns[timeColumn],
    window,
  };
  const own = calls.map((call) => fingerprintOf(columns, call));
  return `${kind}-${fingerprint(JSON.stringify(definition))}${own.length === 0 ? '' : `-${own.join('.')}`}`;
}

/** `columns`: of the call's input. */
function fingerprintOf(columns: readonly string[], { name, overload, version, distinct, args, filter }: AggregateCall): string {
  return fingerprint(JSON.stringify({ name, overload, version, distinct, args: args.map((arg) => tracedExpr(columns, arg)), filter: filter === undefined ? undefined : tracedExpr(columns, filter) })).slice(0, 8);
}

/** What a join keeps is the rows of both sides: their columns are part of what it is. */
export function joinStateName(type: JoinType, left: PhysicalPlan, right: PhysicalPlan, keys: readonly JoinKey[], condition: BoundExpr | undefined): string {
  const names = [...tracedColumns(left).map((text) => `left(${text})`), ...tracedColumns(right).map((text) => `right(${text})`)];
  const definition = {
    type,
    left: describeInput(left),
    right: describeInput(right),
    columns: names,
    keys: keys.map((key) => [names[key.left], names[left.columns.length + key.right], key.nullsMatch]),
    condition: condition === undefined ? undefined : printExpr(withoutSpans(condition), names),
  };
  return `Join-${fingerprint(JSON.stringify(definition))}`;
}

/** The name of an aggregate's state without its calls: of what does not change when they do. */
export function withoutCalls(name: string): string {
  return name.replace(/^(\w+-[0-9a-f]{16})-[0-9a-f.]+/, '$1');
}

/**
 * By the names of states: the conditions, empty for none, that what comes out of the step passes on its way to the sink, where it changes and no other
 * state stands between. They are no part of what is kept, and yet a sink holds what others have let through.
 */
export function conditionsAbove(plan: PhysicalPlan): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const go = (node: PhysicalPlan, above: readonly string[]): void => {
    if ('stateName' in node) {
      if (isInsertOnly(node.properties.changelog)) return;
      for (const part of node.kind === 'Join' ? [' left', ' right'] : ['']) found.set(`${node.stateName}${part}`, above.join(' AND '));
      return;
    }
    const own = node.kind === 'Calc' && node.condition !== undefined ? [...above, tracedExpr(tracedColumns(node.input), node.condition)] : above;
    for (const input of inputsOf(node)) go(input, own);
  };
  go(plan, []);
  return found;
}

/** The sources and conditions below a node, without what only names or orders columns. */
function describeInput(plan: PhysicalPlan): unknown {
  switch (plan.kind) {
    case 'TableSourceScan':
      return { table: plan.table, watermark: plan.watermark === undefined ? undefined : printExpr(withoutSpans(plan.watermark), plan.read.map((read) => read.path.join('.'))) };
    case 'Calc':
      return plan.condition === undefined ? describeInput(plan.input) : { filter: tracedExpr(tracedColumns(plan.input), plan.condition), input: describeInput(plan.input) };
    case 'Exchange':
    case 'Sink':
      return describeInput(plan.input);
    case 'SingleRow':
      return 'one row';
    case 'Values':
      return { rows: plan.rows.map((row) => row.map((expr) => printExpr(withoutSpans(expr), []))) };
    case 'Union':
      return { union: plan.inputs.map((input) => ({ columns: tracedColumns(input), input: describeInput(input) })) };
    case 'Unnest':
      return { unnest: tracedColumns(plan.input)[plan.column], ordinality: plan.ordinality, isLeft: plan.isLeft, input: describeInput(plan.input) };
    case 'Expand': {
      const columns = tracedColumns(plan.input);
      return { sets: plan.sets.map((set) => set.map((place) => columns[plan.keys[place] ?? -1])), input: describeInput(plan.input) };
    }
    case 'WindowTableFunction':
      return { window: plan.window, time: tracedColumns(plan.input)[plan.timeColumn], input: describeInput(plan.input) };
    case 'SessionWindow':
    case 'WindowAggregate':
    case 'GroupAggregate':
    case 'Join':
    case 'ChangelogNormalize':
    case 'UpsertMaterialize':
    case 'Limit':
    case 'SortLimit':
    case 'Sort':
    case 'TemporalSort':
      return plan.stateName;
  }
}

/**
 * The columns of a plan in terms of what the sources read and the steps make of it, never by names that a query gives: two of them are the same
 * text only where they hold the same. All at once, from the sources up, as queries lie deep in one another.
 */
export function tracedColumns(plan: PhysicalPlan): readonly string[] {
  switch (plan.kind) {
    case 'TableSourceScan': {
      const names = plan.read.map((read) => read.path.join('.'));
      return plan.projection === undefined ? names : plan.projection.map((expr) => bounded(printExpr(expr, names)));
    }
    case 'Calc': {
      const below = tracedColumns(plan.input);
      return plan.projection.map((expr) => tracedExpr(below, expr));
    }
    case 'Exchange':
    case 'Limit':
    case 'SortLimit':
    case 'Sort':
    case 'TemporalSort':
    case 'ChangelogNormalize':
    case 'UpsertMaterialize':
    case 'Sink':
      return tracedColumns(plan.input);
    case 'Union': {
      const [first = [], ...others] = plan.inputs.map(tracedColumns);
      return first.map((text, index) => (others.every((other) => other[index] === text) ? text : bounded(`union(${[text, ...others.map((other) => other[index])].join(', ')})`)));
    }
    case 'Unnest': {
      const below = tracedColumns(plan.input);
      // Elements of one collection that is taken apart more than once are told apart.
      const count = nodesOf(plan.input).filter((node) => node.kind === 'Unnest').length;
      const added = plan.columns.slice(below.length).map((_, i) => bounded(`element ${i} of ${below[plan.column] ?? '?'}${count === 0 ? '' : ` again ${count}`}`));
      return [...below, ...added];
    }
    case 'Expand': {
      const below = tracedColumns(plan.input);
      return [...below, ...plan.keys.map((key) => bounded(`some sets' ${below[key] ?? '?'}`)), 'the set'];
    }
    case 'Join':
      return [...tracedColumns(plan.left).map((text) => bounded(`left(${text})`)), ...tracedColumns(plan.right).map((text) => bounded(`right(${text})`))].slice(0, plan.columns.length);
    case 'WindowTableFunction':
    case 'SessionWindow': {
      const below = tracedColumns(plan.input);
      return [...below, ...windowColumns(below[plan.timeColumn])];
    }
    case 'WindowAggregate':
    case 'GroupAggregate': {
      const below = tracedColumns(plan.input);
      const own = [...plan.keys.map((key) => below[key] ?? '?'), ...plan.calls.map((call) => `${call.name} ${fingerprintOf(below, call)}`)];
      const count = plan.columns.length - own.length;
      return plan.kind === 'GroupAggregate' || count === 0 ? own : [...own, ...windowColumns(below[plan.timeColumn]).slice(-count)];
    }
    case 'SingleRow':
    case 'Values':
      return plan.columns.map((_, index) => `column ${index}`);
  }
}

/** window_start, _end and _time of a window over a time column. */
function windowColumns(time = '?'): readonly string[] {
  return windowColumnNames.map((name) => bounded(`${name} of ${time}`));
}

/** An expression over columns that are what the texts say. */
function tracedExpr(columns: readonly string[], expr: BoundExpr): string {
  if (expr.kind === 'column') return columns[expr.index] ?? '?';
  // What a column stands for is one operand, whatever it is made of.
  return bounded(printExpr(expr, columns.map((text) => (/^[\w.$]+$/.test(text) ? text : `(${text})`))));
}

/** Long texts by what tells them apart: they would double with each query that names a column twice. */
function bounded(text: string): string {
  return text.length <= 400 ? text : `#${fingerprint(text)}`;
}

/** 64 bits over the text's UTF-16 units, in hex: two 32-bit mixes, the first of them FNV-1a's. Frozen: stored state is found by it. */
export function fingerprint(text: string): string {
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ ((unit << 7) | (unit >>> 3)), 0x85ebca6b);
  }
  return `${(high >>> 0).toString(16).padStart(8, '0')}${(low >>> 0).toString(16).padStart(8, '0')}`;
}
