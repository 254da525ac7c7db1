import type { Span } from '../core/span.ts';
import { columnsOf, substitute, type BoundExpr } from '../expression/bound-expr.ts';
import type { AggregateCall, AlignedWindow, LogicalPlan, PlanColumn } from './logical-plan.ts';

/** The input of a windowed aggregate without its window. */
export interface Stripped {
  readonly plan: LogicalPlan;
  readonly window: AlignedWindow;
  readonly timeColumn: number;
  readonly timeSpan: Span | undefined;
  /** The column of `plan` that a column of the old plan has become. */
  column(index: number): number;
  readonly replacements: readonly (BoundExpr | undefined)[];
}

/**
 * Takes the window out from below an aggregate that assigns windows itself, from the time column. Undefined where that cannot be: rows of
 * sessions have no window of their own, and a condition or an expression over the window needs it.
 */
export function stripWindow(plan: LogicalPlan): Stripped | undefined {
  switch (plan.kind) {
    case 'Window': {
      if (plan.window.kind === 'SESSION') return undefined;
      const replacements = plan.input.columns.map((column, index): BoundExpr => ({ kind: 'column', index, type: column.type }));
      return { plan: plan.input, window: plan.window, timeColumn: plan.timeColumn, timeSpan: plan.timeSpan, column: (index) => index, replacements };
    }
    case 'Filter': {
      const below = stripWindow(plan.input);
      if (below === undefined || [...columnsOf(plan.condition)].some((index) => below.replacements[index] === undefined)) return undefined;
      const condition = substitute(plan.condition, below.replacements);
      return { ...below, plan: { kind: 'Filter', input: below.plan, condition, columns: below.plan.columns } };
    }
    case 'Project': {
      const below = stripWindow(plan.input);
      if (below === undefined) return undefined;
      const exprs: BoundExpr[] = [];
      const columns: PlanColumn[] = [];
      const replacements: (BoundExpr | undefined)[] = [];
      for (const [i, expr] of plan.exprs.entries()) {
        if ([...columnsOf(expr)].some((index) => below.replacements[index] === undefined)) {
          // The window's own columns go; what is computed of them cannot.
          if (expr.kind !== 'column') return undefined;
          replacements.push(undefined);
          continue;
        }
        const moved = substitute(expr, below.replacements);
        exprs.push(moved);
        columns.push({ name: plan.columns[i]?.name ?? '?', type: moved.type, time: moved.kind === 'column' ? below.plan.columns[moved.index]?.time : undefined });
        replacements.push({ kind: 'column', index: exprs.length - 1, type: moved.type });
      }
      let timeColumn = exprs.findIndex((expr) => expr.kind === 'column' && expr.index === below.timeColumn);
      const time = below.plan.columns[below.timeColumn];
      if (timeColumn < 0 && time !== undefined) {
        timeColumn = exprs.length;
        exprs.push({ kind: 'column', index: below.timeColumn, type: time.type });
        columns.push(time);
      }
      return { ...below, plan: { kind: 'Project', input: below.plan, exprs, columns }, timeColumn, replacements, column: (index) => (replacements[index] as Extract<BoundExpr, { kind: 'column' }>).index };
    }
    case 'Expand': {
      const below = stripWindow(plan.input);
      if (below === undefined) return undefined;
      const keys: number[] = [];
      for (const key of plan.keys) {
        const moved = below.replacements[key];
        if (moved?.kind !== 'column') return undefined;
        keys.push(moved.index);
      }
      const width = plan.input.columns.length;
      const columns = [...below.plan.columns, ...plan.columns.slice(width)];
      const added = plan.columns.slice(width).map(({ type }, i): BoundExpr => ({ kind: 'column', index: below.plan.columns.length + i, type }));
      const replacements = [...plan.input.columns.map((_, index) => below.replacements[index]), ...added];
      return { ...below, plan: { ...plan, input: below.plan, keys, columns }, replacements, column: (index) => (replacements[index] as Extract<BoundExpr, { kind: 'column' }>).index };
    }
    default:
      return undefined;
  }
}

export function moveCall(call: AggregateCall, replacements: readonly (BoundExpr | undefined)[]): AggregateCall {
  return { ...call, args: call.args.map((arg) => substitute(arg, replacements)), filter: call.filter === undefined ? undefined : substitute(call.filter, replacements) };
}
