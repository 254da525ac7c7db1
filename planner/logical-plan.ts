import type { SqlType } from '../core/sql-type.ts';
import type { Span } from '../core/span.ts';
import { spansOf, type BoundExpr } from '../expression/bound-expr.ts';
import type { TableEntry } from '../catalog/entry.ts';

/** A column of a plan node. `time`: the watermark speaks about this column. */
export interface PlanColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly time?: 'rowtime' | undefined;
}

/** A leaf (or a whole ROW, before the decoder takes its fields) that a scan reads from a record. */
export interface ScanColumn {
  readonly path: readonly string[];
  readonly type: SqlType;
}

export interface AggregateCall {
  readonly name: string;
  readonly overload: string;
  readonly version: number;
  readonly args: readonly BoundExpr[];
  /** Each value counts once. */
  readonly distinct?: true;
  readonly filter: BoundExpr | undefined;
  readonly type: SqlType;
  readonly span?: Span;
}

/** Windows that lie where the clock says, whatever the rows. All in ms; `offset` moves them from the epoch. */
export type AlignedWindow =
  | { readonly kind: 'TUMBLE'; readonly size: number; readonly offset: number }
  /** One starts every `slide`. */
  | { readonly kind: 'HOP'; readonly size: number; readonly offset: number; readonly slide: number }
  /** Every `size` they start together; one ends every `step`. */
  | { readonly kind: 'CUMULATE'; readonly size: number; readonly offset: number; readonly step: number };

/** SESSION: rows with equal `keys` (columns of the input) and no more than `gap` ms between one and the next. */
export type WindowSpec = AlignedWindow | { readonly kind: 'SESSION'; readonly gap: number; readonly keys: readonly number[] };

/** One key of an ORDER BY. Without NULLS FIRST or LAST, NULLs are the least values. */
export interface SortKey {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/**
 * Which rows are there though they meet none of the other side: those of the left, of the right, or of both. SEMI gives each row of the left that meets
 * any, ANTI each that meets none, once and beside NULLs: what it meets is not read.
 */
export type JoinType = 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'SEMI' | 'ANTI';

/** True for a join that only tells which rows of the left come out. */
export function isHalf(type: JoinType): type is 'SEMI' | 'ANTI' {
  return type === 'SEMI' || type === 'ANTI';
}

/** True where rows of a side may be missing, and NULLs stand in their place. */
export function padsSide(type: JoinType, side: 'left' | 'right'): boolean {
  return type === 'FULL' || (side === 'left' ? type === 'RIGHT' : type === 'LEFT' || isHalf(type));
}

/** The query as an algebra. Every node's `columns` say what it emits. */
export type LogicalPlan =
  | { readonly kind: 'Scan'; readonly table: TableEntry; readonly read: readonly ScanColumn[]; readonly columns: readonly PlanColumn[]; readonly span: Span }
  | { readonly kind: 'SingleRow'; readonly columns: readonly PlanColumn[] }
  /** Rows that the query holds: expressions over nothing, one for each column. */
  | { readonly kind: 'Values'; readonly rows: readonly (readonly BoundExpr[])[]; readonly columns: readonly PlanColumn[] }
  /** The rows of all inputs, whose columns have the same types. */
  | { readonly kind: 'Union'; readonly inputs: readonly LogicalPlan[]; readonly columns: readonly PlanColumn[]; readonly span: Span }
  /** Each row of one side with each of the other that it meets: the left side's columns, then the right's. `condition` is over both; undefined for each with each. */
  | { readonly kind: 'Join'; readonly type: JoinType; readonly left: LogicalPlan; readonly right: LogicalPlan; readonly condition: BoundExpr | undefined; readonly columns: readonly PlanColumn[]; readonly span: Span }
  /** The rows behind the first `offset`, at most `count`; undefined for all of them. */
  | { readonly kind: 'Limit'; readonly input: LogicalPlan; readonly offset: number; readonly count: number | undefined; readonly columns: readonly PlanColumn[]; readonly span: Span }
  /** Each row once for each element of an ARRAY, MAP or MULTISET, with the element's columns, and its place if `ordinality`, behind its own. `isLeft`: a row without elements once, with NULLs. */
  | { readonly kind: 'Unnest'; readonly input: LogicalPlan; readonly column: number; readonly ordinality: boolean; readonly isLeft: boolean; readonly columns: readonly PlanColumn[]; readonly span: Span }
  /** Each row once for each grouping set: behind its own columns those of `keys`, NULL where the set has them not, then the number of the set. A set: places in `keys`. */
  | { readonly kind: 'Expand'; readonly input: LogicalPlan; readonly keys: readonly number[]; readonly sets: readonly (readonly number[])[]; readonly columns: readonly PlanColumn[]; readonly span: Span }
  /** The rows in an order, behind the first `offset` and at most `count`. `time`: all of them, by a time attribute that rises. */
  | { readonly kind: 'Sort'; readonly input: LogicalPlan; readonly order: readonly SortKey[]; readonly time?: 'rowtime' | 'processing'; readonly offset: number; readonly count: number | undefined; readonly columns: readonly PlanColumn[]; readonly span: Span }
  | { readonly kind: 'Watermark'; readonly input: LogicalPlan; readonly column: number; readonly expr: BoundExpr; readonly columns: readonly PlanColumn[] }
  | { readonly kind: 'Project'; readonly input: LogicalPlan; readonly exprs: readonly BoundExpr[]; readonly columns: readonly PlanColumn[] }
  | { readonly kind: 'Filter'; readonly input: LogicalPlan; readonly condition: BoundExpr; readonly columns: readonly PlanColumn[] }
  /** Adds window_start, window_end and window_time behind the input's columns. `processing`: its time column is the processing time. */
  | { readonly kind: 'Window'; readonly input: LogicalPlan; readonly window: WindowSpec; readonly processing?: true; readonly timeColumn: number; readonly timeSpan: Span | undefined; readonly columns: readonly PlanColumn[]; readonly span: Span }
  /** Emits keys, then calls. */
  | { readonly kind: 'Aggregate'; readonly input: LogicalPlan; readonly keys: readonly number[]; readonly calls: readonly AggregateCall[]; readonly columns: readonly PlanColumn[]; readonly span: Span }
  | { readonly kind: 'Sink'; readonly input: LogicalPlan; readonly table: TableEntry; readonly columns: readonly PlanColumn[]; readonly span: Span };

/** The plans that a plan takes its rows from, in order. */
export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  if (plan.kind === 'Union') return plan.inputs;
  if (plan.kind === 'Join') return [plan.left, plan.right];
  return 'input' in plan ? [plan.input] : [];
}

/** The plan with each of its inputs changed. */
export function withInputs(plan: LogicalPlan, change: (input: LogicalPlan) => LogicalPlan): LogicalPlan {
  if (plan.kind === 'Union') return { ...plan, inputs: plan.inputs.map(change) };
  if (plan.kind === 'Join') return { ...plan, left: change(plan.left), right: change(plan.right) };
  return 'input' in plan ? { ...plan, input: change(plan.input) } : plan;
}

/** The plan with `change` applied to every node from the leaves up. */
function rewritePlan(plan: LogicalPlan, change: (node: LogicalPlan) => LogicalPlan): LogicalPlan {
  return change(withInputs(plan, (input) => rewritePlan(input, change)));
}

/** The plan with `change` applied to every expression in it. */
export function mapExpressions(plan: LogicalPlan, change: (expr: BoundExpr) => BoundExpr): LogicalPlan {
  return rewritePlan(plan, (node): LogicalPlan => {
    switch (node.kind) {
      case 'Watermark':
        return { ...node, expr: change(node.expr) };
      case 'Project':
        return { ...node, exprs: node.exprs.map(change) };
      case 'Filter':
        return { ...node, condition: change(node.condition) };
      case 'Join':
        return { ...node, condition: node.condition === undefined ? undefined : change(node.condition) };
      case 'Aggregate':
        return { ...node, calls: node.calls.map((call) => ({ ...call, args: call.args.map(change), filter: call.filter === undefined ? undefined : change(call.filter) })) };
      case 'Values':
        return { ...node, rows: node.rows.map((row) => row.map(change)) };
      case 'Scan':
      case 'SingleRow':
      case 'Union':
      case 'Limit':
      case 'Sort':
      case 'Unnest':
      case 'Expand':
        return node;
      case 'Window': {
        // The place of its time column goes the way of all places.
        const time: BoundExpr = { kind: 'column', index: node.timeColumn, type: node.input.columns[node.timeColumn]?.type ?? { kind: 'NULL', nullable: true }, ...(node.timeSpan === undefined ? {} : { span: node.timeSpan }) };
        return { ...node, timeSpan: change(time).span };
      }
      case 'Sink':
        return node;
    }
  });
}

/** The plan with all its places told as those of a view's definition. Places that lie in another one stay there. */
export function inDefinition(plan: LogicalPlan, definition: string): LogicalPlan {
  const told = (span: Span): Span => (span.of === undefined ? { ...span, of: definition } : span);
  return rewritePlan(mapExpressions(plan, (expr) => spansOf(expr, definition)), (node): LogicalPlan => {
    if (!('span' in node)) return node;
    if (node.kind !== 'Aggregate') return { ...node, span: told(node.span) };
    return { ...node, span: told(node.span), calls: node.calls.map((call) => (call.span === undefined ? call : { ...call, span: told(call.span) })) };
  });
}

export const windowColumnNames = ['window_start', 'window_end', 'window_time'] as const;
