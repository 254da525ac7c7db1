import { SqlError } from '../core/diagnostic.ts';
import { canonicalText, type BoundExpr } from '../expression/bound-expr.ts';
import type { Expr, Select } from '../parser/ast.ts';
import { bindExpr, type Scope } from './bind-expr.ts';
import { isWindowName, timeColumnOf, windowOver, windowSpec } from './bind-window.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';
import { processingTimeCall } from './processing-time.ts';

type Call = Extract<Expr, { kind: 'Call' }>;

/** GROUP BY TUMBLE(ts, size) and alike, as a window table below the grouping. */
export interface GroupWindow {
  readonly plan: LogicalPlan;
  /** The expression of GROUP BY that it was. */
  readonly expr: Expr;
  /** What stands in its place: window_start, window_end and window_time. */
  readonly keys: readonly BoundExpr[];
  /** TUMBLE_START and alike, with the arguments of the window: the key that they stand for. Throws E0202 for another window's. */
  selector(expr: Expr): BoundExpr | undefined;
}

const parametersOf = { TUMBLE: ['SIZE', 'OFFSET'], HOP: ['SLIDE', 'SIZE', 'OFFSET'], SESSION: ['GAP'] } as const;
const selectors = { START: 0, END: 1, ROWTIME: 2 } as const;

const selectorName = /^(TUMBLE|HOP|SESSION)_(START|END|ROWTIME|PROCTIME)$/i;

/** TUMBLE_START and alike. */
export function isWindowSelector(name: string): boolean {
  return selectorName.test(name);
}

/** Whether an expression of GROUP BY is a window. */
export function isGroupWindow(expr: Expr): expr is Call {
  return expr.kind === 'Call' && expr.name.name.toUpperCase() in parametersOf;
}

/**
 * The older form of windows, GROUP BY TUMBLE(ts, INTERVAL ..) with TUMBLE_START, _END and _ROWTIME, and of HOP and SESSION: the rows go
 * through the same window as those of the table functions. Undefined where GROUP BY names none.
 */
export function bindGroupWindow(query: Select, plan: LogicalPlan, scope: Scope): GroupWindow | undefined {
  const calls = query.groupBy.filter(isGroupWindow);
  const [call, second] = calls;
  if (call === undefined) return undefined;
  if (second !== undefined) throw new SqlError({ code: 'E0202', message: 'GROUP BY takes one window', span: second.span });
  const name = call.name.name.toUpperCase();
  if (!isWindowName(name) || name === 'CUMULATE') return undefined;
  const parameters: readonly string[] = parametersOf[name];
  const [time, ...lengths] = call.args;
  if (time === undefined || lengths.length > parameters.length) throw new SqlError({ code: 'E0208', message: `${name} in GROUP BY takes a time column and ${parameters.length === 1 ? 'a gap' : 'its lengths'}`, span: call.span, hint: `GROUP BY ${name}(ts, ${name === 'HOP' ? "INTERVAL '5' SECOND, " : ''}INTERVAL '10' SECOND)` });
  const bound = bindExpr(time, scope);
  const named = time.kind === 'Reference' ? time.name.parts.at(-1) : undefined;
  const timeColumn = timeColumnOf(name, bound.kind === 'column' ? bound.index : -1, named ?? { name: 'this', span: time.span }, plan, scope.label, `${name}(ts, ..)`);
  // Sessions are apart by the other keys; those that are computed are computed below the window.
  const below: BoundExpr[] = plan.columns.map((column, index) => ({ kind: 'column', index, type: column.type }));
  const columns: PlanColumn[] = [...plan.columns];
  const others = name === 'SESSION' ? query.groupBy.filter((expr) => expr !== call) : [];
  const keys = others.map((expr) => {
    const key = bindExpr(expr, scope);
    if (key.kind === 'column') return key.index;
    columns.push({ name: `part$${below.length}`, type: key.type });
    return below.push(key) - 1;
  });
  const input: LogicalPlan = below.length === plan.columns.length ? plan : { kind: 'Project', input: plan, exprs: below, columns };
  const window = windowOver(input, windowSpec(name, new Map(lengths.map((length, i) => [parameters[i] ?? '', length])), keys, call.span), timeColumn, time.span, call.span);
  const width = input.columns.length;
  const windowKeys = [0, 1, 2].map((i): BoundExpr => ({ kind: 'column', index: width + i, type: window.columns[width + i]?.type ?? bound.type, span: call.span }));
  const textOf = (args: readonly Expr[]): string => JSON.stringify(args.map((arg) => canonicalText(bindExpr(arg, scope))));
  const own = textOf(call.args);
  return {
    plan: window,
    expr: call,
    keys: windowKeys,
    selector: (expr) => {
      if (expr.kind !== 'Call') return undefined;
      const match = selectorName.exec(expr.name.name);
      if (match === null) return undefined;
      const [, of = '', what = ''] = match.map((part) => part.toUpperCase());
      if (of !== name || textOf(expr.args) !== own) {
        throw new SqlError({ code: 'E0202', message: `${of}_${what} speaks of another window than GROUP BY`, span: expr.span, label: `repeat the arguments of ${name}` });
      }
      if (what === 'PROCTIME') return processingTimeCall(expr.span);
      if (what === 'ROWTIME' && window.processing === true) throw new SqlError({ code: 'E0202', message: `${of}_ROWTIME needs a window over event time; ${named?.name ?? 'this'} is the processing time`, span: expr.span, hint: `${of}_PROCTIME(..)` });
      const key = windowKeys[selectors[what as keyof typeof selectors]];
      return key === undefined ? undefined : { ...key, span: expr.span };
    },
  };
}
