import { isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { columnsOf, printExpr } from '../expression/bound-expr.ts';
import { inputsOf, isHalf, type LogicalPlan } from './logical-plan.ts';
import { isProcessingTimeColumn } from './processing-time.ts';
import { nodesOf, type PhysicalNode, type PhysicalPlan } from './physical-plan.ts';

/** Where a column that was event time ceased to be it. */
export interface LostTime {
  /** What took it, as a sentence about it. */
  readonly reason: string;
  /** What to write instead. */
  readonly hint: string;
  /** Where it stands. */
  readonly span: Span | undefined;
}

/** The table and the column of it that a column comes from unchanged; undefined where it is computed, or comes from several. */
export function originOf(plan: LogicalPlan, index: number): { readonly table: TableEntry; readonly column: string } | undefined {
  switch (plan.kind) {
    case 'Scan':
      return { table: plan.table, column: plan.columns[index]?.name ?? '' };
    case 'Project': {
      const expr = plan.exprs[index];
      return expr?.kind === 'column' ? originOf(plan.input, expr.index) : undefined;
    }
    case 'Filter':
    case 'Limit':
    case 'Sort':
    case 'Watermark':
      return originOf(plan.input, index);
    default:
      return undefined;
  }
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
      return { reason: `${text} makes an ordinary value of ${name}`, hint: `event time goes on with the column itself: select ${name} as it is, beside what is computed of it, and name it in the window`, span: expr.span };
    }
    case 'Join': {
      const width = plan.left.columns.length;
      const [side, at] = index < width ? [plan.left, index] : [plan.right, index - width];
      const name = side.columns[at]?.name ?? '?';
      if (side.columns[at]?.time === undefined && !isProcessingTimeColumn(side, at)) return lostTime(side, at);
      return { reason: `the JOIN makes an ordinary value of ${name}: its rows come out whenever the later of the two sides comes`, hint: `put the window below the join: group ${name}'s side by its window in a query of its own, and join what that gives`, span: plan.span };
    }
    case 'Unnest':
    case 'Expand':
      return index < plan.input.columns.length ? lostTime(plan.input, index) : undefined;
    case 'Window':
      if (plan.input.columns[index]?.time === undefined) return index < plan.input.columns.length ? lostTime(plan.input, index) : undefined;
      return { reason: `rows of a window table carry event time in window_time, no longer in ${plan.input.columns[index].name}`, hint: 'name window_time in the window above', span: plan.span };
    case 'Aggregate': {
      const key = plan.keys[index];
      const call = plan.calls[index - plan.keys.length];
      const read = key === undefined ? (call?.args ?? []).flatMap((arg) => [...columnsOf(arg)]) : [key];
      const time = read.find((column) => plan.input.columns[column]?.time !== undefined);
      if (time === undefined) return read.map((column) => lostTime(plan.input, column)).find((found) => found !== undefined);
      const name = plan.input.columns[time]?.name ?? '?';
      const what = key === undefined ? `${call?.name ?? 'an aggregate'} of ${name} is a value that changes` : `GROUP BY ${name} gives out groups in any order of time`;
      return { reason: what, hint: 'group by a window and take its time along:  GROUP BY window_start, window_end, window_time', span: call?.span ?? plan.span };
    }
    case 'Union': {
      const without = plan.inputs.findIndex((input) => input.columns[index]?.time === undefined);
      const has = plan.inputs.some((input) => input.columns[index]?.time !== undefined);
      const input = plan.inputs[without];
      if (input === undefined) return undefined;
      if (!has) return lostTime(input, index);
      const below = lostTime(input, index);
      return { reason: `query ${without + 1} of the UNION gives no event time for it${below === undefined ? '' : `: ${below.reason}`}`, hint: below?.hint ?? 'all queries of a UNION have to give a time column with a watermark there', span: below?.span ?? (input.kind === 'Project' ? input.exprs[index]?.span : undefined) ?? plan.span };
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
  if (maker?.kind === 'Join' && isHalf(maker.type)) {
    return new SqlError({
      code: 'E0301',
      message: `${table.name} only takes inserts, but this query takes back rows it already sent`,
      span: maker.span ?? span,
      label: `a row goes when ${maker.type === 'ANTI' ? 'a row of the query comes' : 'the last row of the query goes'} that it meets`,
      hint: `fix 1: keep the latest row per key:   ${fixes[0] ?? ''}`,
    });
  }
  if (maker?.kind === 'Join') {
    const side = maker.type === 'FULL' ? 'a' : maker.type === 'LEFT' ? 'a left' : 'a right';
    return new SqlError({
      code: 'E0301',
      message: `${table.name} only takes inserts, but this query takes back rows it already sent`,
      span: maker.span ?? span,
      label: `${side} row that has met nothing stands beside NULLs until it meets one`,
      hint: `fix 1: keep the latest row per key:   ${fixes[0] ?? ''}\nfix 2: only rows that meet one:       a JOIN b ON ..`,
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
  return inputsOf(plan).map((input) => scanSpan(input, table)).find((found) => found !== undefined);
}

function aggregateSpan(plan: LogicalPlan): Span | undefined {
  if (plan.kind === 'Aggregate') return plan.calls[0]?.span ?? plan.span;
  return inputsOf(plan).map(aggregateSpan).find((found) => found !== undefined);
}
