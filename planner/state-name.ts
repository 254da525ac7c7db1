import { printExpr, withoutSpans, type BoundExpr } from '../expression/bound-expr.ts';
import type { AggregateCall } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/**
 * State is named by what defines it, not by where it stands in the plan: kind, sources, keys, window, then each call by a fingerprint of its
 * own, so that an aggregate of the same groups is known when calls come or go (executor/runtime/convert-state.ts).
 */
export function stateName(kind: string, input: PhysicalPlan, keys: readonly number[], calls: readonly AggregateCall[], window: object | undefined, timeColumn: number | undefined): string {
  const definition = {
    kind,
    input: describeInput(input),
    keys: keys.map((key) => traced(input, key)),
    time: timeColumn === undefined ? undefined : traced(input, timeColumn),
    window,
  };
  const own = calls.map(({ name, overload, version, distinct, args, filter }) => fingerprint(JSON.stringify({ name, overload, version, distinct, args: args.map((arg) => tracedExpr(input, arg)), filter: filter === undefined ? undefined : tracedExpr(input, filter) })).slice(0, 8));
  return `${kind}-${fingerprint(JSON.stringify(definition))}${own.length === 0 ? '' : `-${own.join('.')}`}`;
}

/** The name of an aggregate's state without its calls: of what does not change when they do. */
export function withoutCalls(name: string): string {
  return name.replace(/^(\w+-[0-9a-f]{16})-[0-9a-f.]+/, '$1');
}

/** The sources and conditions below a node, without what only names or orders columns. */
function describeInput(plan: PhysicalPlan): unknown {
  switch (plan.kind) {
    case 'TableSourceScan':
      return { table: plan.table, watermark: plan.watermark === undefined ? undefined : printExpr(withoutSpans(plan.watermark), plan.read.map((read) => read.path.join('.'))) };
    case 'Calc':
      return plan.condition === undefined ? describeInput(plan.input) : { filter: tracedExpr(plan.input, plan.condition), input: describeInput(plan.input) };
    case 'Exchange':
    case 'Sink':
      return describeInput(plan.input);
    case 'SingleRow':
      return 'one row';
    case 'Values':
      return { rows: plan.rows.map((row) => row.map((expr) => printExpr(withoutSpans(expr), []))) };
    case 'Union':
      // A column of a union is named by its first input: what the others give for it tells two unions apart.
      return { union: plan.inputs.map((input) => ({ columns: plan.columns.map((_, index) => traced(input, index)), input: describeInput(input) })) };
    case 'Unnest':
      return { unnest: traced(plan.input, plan.column), ordinality: plan.ordinality, isLeft: plan.isLeft, input: describeInput(plan.input) };
    case 'WindowTableFunction':
      return { window: plan.window, time: traced(plan.input, plan.timeColumn), input: describeInput(plan.input) };
    case 'SessionWindow':
    case 'WindowAggregate':
    case 'GroupAggregate':
    case 'ChangelogNormalize':
    case 'UpsertMaterialize':
    case 'Limit':
    case 'SortLimit':
    case 'Sort':
    case 'TemporalSort':
      return plan.stateName;
  }
}

/** A column in terms of what the sources read. */
function traced(plan: PhysicalPlan, index: number): string {
  switch (plan.kind) {
    case 'TableSourceScan': {
      const names = plan.read.map((read) => read.path.join('.'));
      const expr = plan.projection?.[index];
      return expr === undefined ? (names[index] ?? '?') : printExpr(expr, names);
    }
    case 'Calc': {
      const expr = plan.projection[index];
      return expr === undefined ? '?' : tracedExpr(plan.input, expr);
    }
    case 'Exchange':
    case 'Limit':
    case 'SortLimit':
    case 'Sort':
    case 'TemporalSort':
    case 'Sink':
      return traced(plan.input, index);
    case 'Union':
      return plan.inputs[0] === undefined ? '?' : traced(plan.inputs[0], index);
    case 'WindowTableFunction':
    case 'Unnest':
    case 'SessionWindow':
      return index < plan.input.columns.length ? traced(plan.input, index) : (plan.columns[index]?.name ?? '?');
    default:
      return plan.columns[index]?.name ?? '?';
  }
}

function tracedExpr(plan: PhysicalPlan, expr: BoundExpr): string {
  return printExpr(expr, plan.columns.map((_, index) => traced(plan, index)));
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
