import { insertOnly, isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { types } from '../core/sql-type.ts';
import { columnsOf, substitute, type BoundExpr } from '../expression/bound-expr.ts';
import { windowColumnNames, type AggregateCall, type LogicalPlan, type PlanColumn } from './logical-plan.ts';
import { calc } from './lower-calc.ts';
import { exchangeOn } from './lower-exchange.ts';
import type { PhysicalNode, PhysicalPlan } from './physical-plan.ts';
import { stateName } from './state-name.ts';

/** A column that a window adds; undefined for any other. */
export type WindowColumn = (typeof windowColumnNames)[number] | undefined;

/** `kinds`: which column of the window each key is. */
export function lowerWindowAggregate(node: Extract<LogicalPlan, { kind: 'Aggregate' }>, kinds: readonly WindowColumn[], go: (node: LogicalPlan) => PhysicalPlan, nextId: () => number): PhysicalPlan {
  const stripped = stripWindow(node.input, node.span);
  const input = go(stripped.plan);
  if (!isInsertOnly(input.properties.changelog)) throw new SqlError({ code: 'E0002', message: 'not supported yet: a window over rows that are updated', span: node.span });
  const plainKeys = node.keys.filter((_, i) => kinds[i] === undefined);
  const keys = plainKeys.map((key) => stripped.column(key));
  const calls = node.calls.map((call) => moveCall(call, stripped.replacements));
  const time = input.columns[stripped.timeColumn];
  const bound = { kind: 'TIMESTAMP', precision: 3, nullable: false } as const;
  const columns: PlanColumn[] = [
    ...keys.map((key) => input.columns[key] ?? { name: '?', type: types.nothing }),
    ...calls.map((call, i) => ({ name: node.columns[node.keys.length + i]?.name ?? call.name, type: call.type })),
    { name: windowColumnNames[0], type: bound },
    { name: windowColumnNames[1], type: bound },
    { name: windowColumnNames[2], type: { ...(time?.type ?? bound), nullable: false }, time: 'rowtime' },
  ];
  const ends = keys.length + calls.length;
  const exchange = exchangeOn(input, keys, nextId());
  const aggregate: PhysicalNode<'WindowAggregate'> = {
    kind: 'WindowAggregate',
    id: nextId(),
    input: exchange,
    window: stripped.window,
    timeColumn: stripped.timeColumn,
    keys,
    calls,
    columns,
    stateName: stateName('WindowAggregate', input, keys, calls, stripped.window, stripped.timeColumn),
    properties: { changelog: insertOnly, upsertKeys: [[...keys.map((_, i) => i), ends, ends + 1]], state: 'bounded' },
  };
  // Back to the order of the query: keys as they were written, then calls.
  const projection = [
    ...kinds.map((kind, i): BoundExpr => {
      const index = kind === undefined ? plainKeys.indexOf(node.keys[i] ?? -1) : ends + windowColumnNames.indexOf(kind);
      return { kind: 'column', index, type: columns[index]?.type ?? types.nothing };
    }),
    ...calls.map((call, i): BoundExpr => ({ kind: 'column', index: keys.length + i, type: call.type })),
  ];
  const named = node.columns.map((column, i) => ({ ...column, type: projection[i]?.type ?? column.type, time: projection[i]?.kind === 'column' && kinds[i] === 'window_time' ? ('rowtime' as const) : undefined }));
  return calc(nextId(), aggregate, undefined, projection, named);
}

function moveCall(call: AggregateCall, replacements: readonly (BoundExpr | undefined)[]): AggregateCall {
  return { ...call, args: call.args.map((arg) => substitute(arg, replacements)), filter: call.filter === undefined ? undefined : substitute(call.filter, replacements) };
}

/** Which column of the window below a column is, seen through projections and filters. */
export function windowColumnOf(plan: LogicalPlan, index: number): WindowColumn {
  switch (plan.kind) {
    case 'Window':
      return windowColumnNames[index - plan.input.columns.length];
    case 'Filter':
      return windowColumnOf(plan.input, index);
    case 'Project': {
      const expr = plan.exprs[index];
      return expr?.kind === 'column' ? windowColumnOf(plan.input, expr.index) : undefined;
    }
    default:
      return undefined;
  }
}

interface Stripped {
  readonly plan: LogicalPlan;
  readonly window: Extract<LogicalPlan, { kind: 'Window' }>['window'];
  readonly timeColumn: number;
  /** The column of `plan` that a column of the old plan has become. */
  column(index: number): number;
  readonly replacements: readonly (BoundExpr | undefined)[];
}

/** The input of a windowed aggregate without its window: the operator assigns windows itself, from the time column. */
function stripWindow(plan: LogicalPlan, span: { readonly start: number; readonly end: number }): Stripped {
  const later = (what: string): SqlError => new SqlError({ code: 'E0002', message: `not supported yet: ${what} between a window and its GROUP BY`, span });
  switch (plan.kind) {
    case 'Window': {
      const replacements = plan.input.columns.map((column, index): BoundExpr => ({ kind: 'column', index, type: column.type }));
      return { plan: plan.input, window: plan.window, timeColumn: plan.timeColumn, column: (index) => index, replacements };
    }
    case 'Filter': {
      const below = stripWindow(plan.input, span);
      if ([...columnsOf(plan.condition)].some((index) => below.replacements[index] === undefined)) throw later('a condition on the window');
      const condition = substitute(plan.condition, below.replacements);
      return { ...below, plan: { kind: 'Filter', input: below.plan, condition, columns: below.plan.columns } };
    }
    case 'Project': {
      const below = stripWindow(plan.input, span);
      const exprs: BoundExpr[] = [];
      const columns: PlanColumn[] = [];
      const replacements = plan.exprs.map((expr, i): BoundExpr | undefined => {
        const reads = [...columnsOf(expr)];
        if (reads.some((index) => below.replacements[index] === undefined)) {
          if (expr.kind === 'column') return undefined;
          throw later('an expression over the window');
        }
        const moved = substitute(expr, below.replacements);
        exprs.push(moved);
        columns.push({ name: plan.columns[i]?.name ?? '?', type: moved.type });
        return { kind: 'column', index: exprs.length - 1, type: moved.type };
      });
      let timeColumn = exprs.findIndex((expr) => expr.kind === 'column' && expr.index === below.timeColumn);
      const time = below.plan.columns[below.timeColumn];
      if (timeColumn < 0 && time !== undefined) {
        timeColumn = exprs.length;
        exprs.push({ kind: 'column', index: below.timeColumn, type: time.type });
        columns.push(time);
      }
      return { ...below, plan: { kind: 'Project', input: below.plan, exprs, columns }, timeColumn, replacements, column: (index) => (replacements[index] as Extract<BoundExpr, { kind: 'column' }>).index };
    }
    default:
      throw later('another step');
  }
}
