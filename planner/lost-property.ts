import { isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { columnsOf, printExpr } from '../expression/bound-expr.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { nodesOf, type PhysicalNode, type PhysicalPlan } from './physical-plan.ts';

/** Where a column that was event time ceased to be it. */
export interface LostTime {
  /** What took it, as a sentence about it. */
  readonly reason: string;
  /** What to write instead. */
  readonly hint: string;
}

/** What made an ordinary value of the event time that column `index` has come from; undefined when it never was event time. */
export function lostTime(plan: LogicalPlan, index: number): LostTime | undefined {
  switch (plan.kind) {
    case 'Filter':
    case 'Limit':
    case 'Sort':
    case 'Sink':
    case 'Watermark':
      return lostTime(plan.input, index);
    case 'Project': {
      const expr = plan.exprs[index];
      if (expr === undefined) return undefined;
      if (expr.kind === 'column') return lostTime(plan.input, expr.index);
      const time = [...columnsOf(expr)].find((column) => plan.input.columns[column]?.time !== undefined);
      const name = time === undefined ? undefined : plan.input.columns[time]?.name;
      if (name === undefined) return [...columnsOf(expr)].map((column) => lostTime(plan.input, column)).find((found) => found !== undefined);
      const text = printExpr(expr, plan.input.columns.map((column) => column.name));
      return { reason: `${text} makes an ordinary value of ${name}`, hint: `event time goes on with the column itself: select ${name} as it is, beside what is computed of it, and name it in the window` };
    }
    case 'Unnest':
      return index < plan.input.columns.length ? lostTime(plan.input, index) : undefined;
    case 'Window':
      if (plan.input.columns[index]?.time === undefined) return index < plan.input.columns.length ? lostTime(plan.input, index) : undefined;
      return { reason: `rows of a window table carry event time in window_time, no longer in ${plan.input.columns[index].name}`, hint: 'name window_time in the window above' };
    case 'Aggregate': {
      const key = plan.keys[index];
      const call = plan.calls[index - plan.keys.length];
      const read = key === undefined ? (call?.args ?? []).flatMap((arg) => [...columnsOf(arg)]) : [key];
      const time = read.find((column) => plan.input.columns[column]?.time !== undefined);
      if (time === undefined) return read.map((column) => lostTime(plan.input, column)).find((found) => found !== undefined);
      const name = plan.input.columns[time]?.name ?? '?';
      const what = key === undefined ? `${call?.name ?? 'an aggregate'} of ${name} is a value that changes` : `GROUP BY ${name} gives out groups in any order of time`;
      return { reason: what, hint: 'group by a window and take its time along:  GROUP BY window_start, window_end, window_time' };
    }
    case 'Union': {
      const without = plan.inputs.findIndex((input) => input.columns[index]?.time === undefined);
      const has = plan.inputs.some((input) => input.columns[index]?.time !== undefined);
      const input = plan.inputs[without];
      if (input === undefined) return undefined;
      if (!has) return lostTime(input, index);
      const below = lostTime(input, index);
      return { reason: `query ${without + 1} of the UNION gives no event time for it${below === undefined ? '' : `: ${below.reason}`}`, hint: below?.hint ?? 'all queries of a UNION have to give a time column with a watermark there' };
    }
    default:
      return undefined;
  }
}

/** E0301: says which step makes the updates, and what would make none. */
export function updatesIntoInserts({ table, span, input: query }: Extract<LogicalPlan, { kind: 'Sink' }>, input: PhysicalPlan): SqlError {
  const key = input.properties.upsertKeys[0]?.map((index) => input.columns[index]?.name ?? '?') ?? [];
  const by = key.length === 0 ? '' : ` of the same ${key.join(', ')}`;
  const maker = firstUpdating(input);
  const fixes = [`'connector' = 'upsert-kafka' with PRIMARY KEY (${key.join(', ') || '...'}) NOT ENFORCED in ${table.name}`];
  if (maker?.kind === 'TableSourceScan') {
    return new SqlError({
      code: 'E0301',
      message: `${table.name} only takes inserts, but the rows of ${maker.table} are updated and deleted`,
      span: scanSpan(query, maker.table) ?? span,
      label: `a row of ${maker.table} takes the place of the one with its key`,
      hint: `fix 1: keep the latest row per key:   ${fixes[0] ?? ''}`,
    });
  }
  return new SqlError({
    code: 'E0301',
    message: `${table.name} only takes inserts, but this query updates rows it already sent`,
    span: aggregateSpan(query) ?? span,
    label: `this changes with every row${by}`,
    hint: `fix 1: keep the latest row per key:   ${fixes[0] ?? ''}\nfix 2: one final row per window:      FROM TABLE(TUMBLE(...)) GROUP BY window_start, window_end${key.length > 0 ? `, ${key.join(', ')}` : ''}`,
  });
}

/** The step whose input only inserts, and that does not. */
function firstUpdating(plan: PhysicalPlan): PhysicalPlan | undefined {
  return nodesOf(plan).find((node): node is PhysicalNode<PhysicalPlan['kind']> => !isInsertOnly(node.properties.changelog));
}

function scanSpan(plan: LogicalPlan, table: string): Span | undefined {
  if (plan.kind === 'Scan') return plan.table.name === table ? plan.span : undefined;
  if (plan.kind === 'Union') return plan.inputs.map((input) => scanSpan(input, table)).find((found) => found !== undefined);
  return 'input' in plan ? scanSpan(plan.input, table) : undefined;
}

function aggregateSpan(plan: LogicalPlan): Span | undefined {
  if (plan.kind === 'Aggregate') return plan.calls[0]?.span ?? plan.span;
  if (plan.kind === 'Union') return plan.inputs.map(aggregateSpan).find((found) => found !== undefined);
  return 'input' in plan ? aggregateSpan(plan.input) : undefined;
}
