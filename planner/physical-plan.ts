import type { Changelog } from '../core/changelog.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { AggregateCall, PlanColumn, ScanColumn, WindowSpec } from './logical-plan.ts';

/** What is known of the rows that a node emits. `upsertKeys`: sets of columns that each tell rows apart. */
export interface Properties {
  readonly changelog: Changelog;
  readonly upsertKeys: readonly (readonly number[])[];
  /** What bounds the node's own state: nothing to bound, event time or a fixed number of keys, or nothing at all. */
  readonly state: 'none' | 'bounded' | 'unbounded';
}

interface Node {
  /** Unique in the plan; the name in metrics and EXPLAIN is `kind[id]`. */
  readonly id: number;
  readonly columns: readonly PlanColumn[];
  readonly properties: Properties;
}

/** What runs: plain JSON. Tables are named; the engine resolves them. */
export type PhysicalPlan =
  | (Node & {
      readonly kind: 'TableSourceScan';
      readonly table: string;
      /** What the decoder reads. */
      readonly read: readonly ScanColumn[];
      /** What is emitted, over `read`: computed columns; undefined emits `read`. */
      readonly projection: readonly BoundExpr[] | undefined;
      /** The time that the watermark follows, over `read`; undefined when nobody needs one. */
      readonly watermark: BoundExpr | undefined;
    })
  | (Node & { readonly kind: 'SingleRow' })
  | (Node & { readonly kind: 'Calc'; readonly input: PhysicalPlan; readonly condition: BoundExpr | undefined; readonly projection: readonly BoundExpr[] })
  | (Node & { readonly kind: 'Exchange'; readonly input: PhysicalPlan; readonly keys: readonly number[] })
  | (Node & {
      readonly kind: 'WindowAggregate';
      readonly input: PhysicalPlan;
      readonly window: WindowSpec;
      readonly timeColumn: number;
      readonly keys: readonly number[];
      readonly calls: readonly AggregateCall[];
      /** Emits keys, calls, window_start, window_end, window_time. */
      readonly stateName: string;
    })
  | (Node & {
      readonly kind: 'GroupAggregate';
      readonly input: PhysicalPlan;
      readonly keys: readonly number[];
      readonly calls: readonly AggregateCall[];
      readonly stateName: string;
    })
  | (Node & { readonly kind: 'Sink'; readonly input: PhysicalPlan; readonly table: string; readonly mode: 'append' | 'upsert' | 'retract'; readonly key: readonly number[] });

export type PhysicalKind = PhysicalPlan['kind'];
export type PhysicalNode<K extends PhysicalKind> = Extract<PhysicalPlan, { kind: K }>;

/** The nodes of a plan, inputs first. */
export function nodesOf(plan: PhysicalPlan): readonly PhysicalPlan[] {
  return 'input' in plan ? [...nodesOf(plan.input), plan] : [plan];
}

/** True when the plan keeps state by key: its checkpoints then decide what is published. */
export function hasKeyedState(plan: PhysicalPlan): boolean {
  return nodesOf(plan).some((node) => node.kind === 'WindowAggregate' || node.kind === 'GroupAggregate');
}
