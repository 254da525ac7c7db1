import type { SqlType } from '../core/sql-type.ts';
import type { Span } from '../core/span.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
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
  readonly filter: BoundExpr | undefined;
  readonly type: SqlType;
  readonly span?: Span;
}

export interface WindowSpec {
  readonly kind: 'TUMBLE';
  /** ms */
  readonly size: number;
  /** ms */
  readonly offset: number;
}

/** The query as an algebra. Every node's `columns` say what it emits. */
export type LogicalPlan =
  | { readonly kind: 'Scan'; readonly table: TableEntry; readonly read: readonly ScanColumn[]; readonly columns: readonly PlanColumn[]; readonly span: Span }
  | { readonly kind: 'SingleRow'; readonly columns: readonly PlanColumn[] }
  | { readonly kind: 'Watermark'; readonly input: LogicalPlan; readonly column: number; readonly expr: BoundExpr; readonly columns: readonly PlanColumn[] }
  | { readonly kind: 'Project'; readonly input: LogicalPlan; readonly exprs: readonly BoundExpr[]; readonly columns: readonly PlanColumn[] }
  | { readonly kind: 'Filter'; readonly input: LogicalPlan; readonly condition: BoundExpr; readonly columns: readonly PlanColumn[] }
  /** Adds window_start, window_end and window_time behind the input's columns. */
  | { readonly kind: 'Window'; readonly input: LogicalPlan; readonly window: WindowSpec; readonly timeColumn: number; readonly columns: readonly PlanColumn[]; readonly span: Span }
  /** Emits keys, then calls. */
  | { readonly kind: 'Aggregate'; readonly input: LogicalPlan; readonly keys: readonly number[]; readonly calls: readonly AggregateCall[]; readonly columns: readonly PlanColumn[]; readonly span: Span }
  | { readonly kind: 'Sink'; readonly input: LogicalPlan; readonly table: TableEntry; readonly columns: readonly PlanColumn[]; readonly span: Span };

export type LogicalKind = LogicalPlan['kind'];

export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  return 'input' in plan ? [plan.input] : [];
}

/** The plan with its input replaced. */
export function withInput<P extends LogicalPlan>(plan: P, input: LogicalPlan): P {
  return 'input' in plan ? { ...plan, input } : plan;
}

/** The plan with `change` applied to every node from the leaves up. */
export function rewritePlan(plan: LogicalPlan, change: (node: LogicalPlan) => LogicalPlan): LogicalPlan {
  return 'input' in plan ? change(withInput(plan, rewritePlan(plan.input, change))) : change(plan);
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
      case 'Aggregate':
        return { ...node, calls: node.calls.map((call) => ({ ...call, args: call.args.map(change), filter: call.filter === undefined ? undefined : change(call.filter) })) };
      case 'Scan':
      case 'SingleRow':
      case 'Window':
      case 'Sink':
        return node;
    }
  });
}

export const windowColumnNames = ['window_start', 'window_end', 'window_time'] as const;
