import type { Changelog } from '../core/changelog.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Span } from '../core/span.ts';
import type { AggregateCall, AlignedWindow, PlanColumn, ScanColumn } from './logical-plan.ts';

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
  /** Rows that the query holds: expressions over nothing. */
  | (Node & { readonly kind: 'Values'; readonly rows: readonly (readonly BoundExpr[])[] })
  /** The rows of all inputs, which have the same columns. */
  | (Node & { readonly kind: 'Union'; readonly inputs: readonly PhysicalPlan[] })
  | (Node & { readonly kind: 'Calc'; readonly input: PhysicalPlan; readonly condition: BoundExpr | undefined; readonly projection: readonly BoundExpr[] })
  | (Node & { readonly kind: 'Exchange'; readonly input: PhysicalPlan; readonly keys: readonly number[] })
  | (Node & {
      readonly kind: 'WindowAggregate';
      readonly input: PhysicalPlan;
      /** ATTACHED: each row comes with its window, whose end `timeColumn` holds; its start is the last of `keys`. */
      readonly window: AlignedWindow | { readonly kind: 'ATTACHED' };
      readonly timeColumn: number;
      /** Where the query names the time column. */
      readonly timeSpan: Span | undefined;
      /** The zone in whose local time windows over TIMESTAMP_LTZ lie; absent for UTC. */
      readonly zone?: string;
      readonly keys: readonly number[];
      readonly calls: readonly AggregateCall[];
      /** Emits keys, calls, window_start (not of ATTACHED: there it is a key), window_end, window_time. */
      readonly stateName: string;
    })
  /** Emits each row once for each of its windows, with window_start, window_end and window_time behind it. */
  | (Node & { readonly kind: 'WindowTableFunction'; readonly input: PhysicalPlan; readonly window: AlignedWindow; readonly timeColumn: number; readonly timeSpan: Span | undefined; readonly zone?: string })
  /** Keeps rows until their session is closed, then emits them as WindowTableFunction does. `gap`: ms. */
  | (Node & { readonly kind: 'SessionWindow'; readonly input: PhysicalPlan; readonly gap: number; readonly keys: readonly number[]; readonly timeColumn: number; readonly timeSpan: Span | undefined; readonly zone?: string; readonly stateName: string })
  | (Node & {
      readonly kind: 'GroupAggregate';
      readonly input: PhysicalPlan;
      readonly keys: readonly number[];
      readonly calls: readonly AggregateCall[];
      readonly stateName: string;
    })
  /** Keeps the latest row of each key, so that updates come with the row that they replace, and deletions with the whole row. */
  | (Node & { readonly kind: 'ChangelogNormalize'; readonly input: PhysicalPlan; readonly key: readonly number[]; readonly stateName: string })
  /** The rows behind the first `offset`, at most `count`; undefined for all of them. */
  | (Node & { readonly kind: 'Limit'; readonly input: PhysicalPlan; readonly offset: number; readonly count: number | undefined; readonly stateName: string })
  | (Node & { readonly kind: 'Sink'; readonly input: PhysicalPlan; readonly table: string; readonly mode: 'append' | 'upsert' | 'retract'; readonly key: readonly number[] });

export type PhysicalKind = PhysicalPlan['kind'];
export type PhysicalNode<K extends PhysicalKind> = Extract<PhysicalPlan, { kind: K }>;

export function inputsOf(plan: PhysicalPlan): readonly PhysicalPlan[] {
  if (plan.kind === 'Union') return plan.inputs;
  return 'input' in plan ? [plan.input] : [];
}

/** The nodes of a plan, inputs first. */
export function nodesOf(plan: PhysicalPlan): readonly PhysicalPlan[] {
  return [...inputsOf(plan).flatMap(nodesOf), plan];
}

/** True when the plan reads no table: then it ends by itself. */
export function holdsItsRows(plan: PhysicalPlan): boolean {
  return nodesOf(plan).every((node) => node.kind !== 'TableSourceScan');
}

/** True when the plan keeps state by key: its checkpoints then decide what is published. */
export function hasKeyedState(plan: PhysicalPlan): boolean {
  return nodesOf(plan).some((node) => node.kind === 'WindowAggregate' || node.kind === 'SessionWindow' || node.kind === 'GroupAggregate' || node.kind === 'ChangelogNormalize' || node.kind === 'Limit');
}
