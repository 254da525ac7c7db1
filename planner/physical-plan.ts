import type { Changelog } from '../core/changelog.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Span } from '../core/span.ts';
import type { AggregateCall, AlignedWindow, JoinType, PlanColumn, ScanColumn, SortKey } from './logical-plan.ts';

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
  /** Where the query asks for it; absent for what no place of a text asks for. */
  readonly span?: Span;
  readonly columns: readonly PlanColumn[];
  readonly properties: Properties;
}

/** Columns of both sides of a join that have to be equal: values of one type. `nullsMatch`: NULL is like NULL. */
export interface JoinKey {
  readonly left: number;
  readonly right: number;
  readonly nullsMatch: boolean;
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
  /**
   * Keeps the rows of both sides and emits each with each of the other that has its keys and meets the condition, which is over the columns of both.
   * An identity: the columns by which rows of the side are withdrawn; absent where none is.
   */
  | (Node & {
      readonly kind: 'Join';
      readonly type: JoinType;
      readonly left: PhysicalPlan;
      readonly right: PhysicalPlan;
      readonly keys: readonly JoinKey[];
      readonly condition: BoundExpr | undefined;
      readonly leftIdentity?: readonly number[];
      readonly rightIdentity?: readonly number[];
      readonly stateName: string;
    })
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
      /** The time column is the processing time: windows end by the clock, and no row is late. */
      readonly processing?: true;
      readonly keys: readonly number[];
      readonly calls: readonly AggregateCall[];
      /** Emits keys, calls, window_start (not of ATTACHED: there it is a key), window_end, window_time. */
      readonly stateName: string;
    })
  /** Emits each row once for each of its windows, with window_start, window_end and window_time behind it. */
  | (Node & { readonly kind: 'WindowTableFunction'; readonly input: PhysicalPlan; readonly window: AlignedWindow; readonly timeColumn: number; readonly timeSpan: Span | undefined; readonly zone?: string })
  /** Keeps rows until their session is closed, then emits them as WindowTableFunction does. `gap`: ms. */
  | (Node & { readonly kind: 'SessionWindow'; readonly input: PhysicalPlan; readonly gap: number; readonly keys: readonly number[]; readonly timeColumn: number; readonly timeSpan: Span | undefined; readonly zone?: string; readonly processing?: true; readonly stateName: string })
  | (Node & {
      readonly kind: 'GroupAggregate';
      readonly input: PhysicalPlan;
      readonly keys: readonly number[];
      readonly calls: readonly AggregateCall[];
      readonly stateName: string;
    })
  /** Keeps the latest row of each key, so that updates come with the row that they replace, and deletions with the whole row. */
  | (Node & { readonly kind: 'ChangelogNormalize'; readonly input: PhysicalPlan; readonly key: readonly number[]; readonly stateName: string })
  /**
   * Keeps the rows of each key of a sink, so that the latest of those that are there is in it. `upsertKey`: what tells the rows apart; absent
   * where only the whole row does.
   */
  | (Node & { readonly kind: 'UpsertMaterialize'; readonly input: PhysicalPlan; readonly key: readonly number[]; readonly upsertKey?: readonly number[]; readonly stateName: string })
  /** The rows behind the first `offset`, at most `count`; undefined for all of them. */
  | (Node & { readonly kind: 'Limit'; readonly input: PhysicalPlan; readonly offset: number; readonly count: number | undefined; readonly stateName: string })
  /** The first rows in an order, which without keys is that of arrival. `identity`: the columns by which rows are withdrawn; absent where none is. */
  | (Node & { readonly kind: 'SortLimit'; readonly input: PhysicalPlan; readonly order: readonly SortKey[]; readonly identity?: readonly number[]; readonly offset: number; readonly count: number | undefined; readonly stateName: string })
  /** All rows in an order, at the end of the input. */
  | (Node & { readonly kind: 'Sort'; readonly input: PhysicalPlan; readonly order: readonly SortKey[]; readonly identity?: readonly number[]; readonly stateName: string })
  /** All rows by the time attribute, which is the first key, as it goes on. */
  | (Node & { readonly kind: 'TemporalSort'; readonly input: PhysicalPlan; readonly order: readonly SortKey[]; readonly processing?: true; readonly stateName: string })
  /** Each row once for each element of the collection in `column`, with the element's columns, and its place if `ordinality`, behind its own. `isLeft`: a row without elements once, with NULLs. */
  | (Node & { readonly kind: 'Unnest'; readonly input: PhysicalPlan; readonly column: number; readonly ordinality: boolean; readonly isLeft: boolean })
  /** Each row once for each of `sets`, behind its own columns with those of `keys`, NULL where the set has not their place, and the number of the set. */
  | (Node & { readonly kind: 'Expand'; readonly input: PhysicalPlan; readonly keys: readonly number[]; readonly sets: readonly (readonly number[])[] })
  | (Node & { readonly kind: 'Sink'; readonly input: PhysicalPlan; readonly table: string; readonly mode: 'append' | 'upsert' | 'retract'; readonly key: readonly number[]; readonly overwrite?: true });

export type PhysicalKind = PhysicalPlan['kind'];
export type PhysicalNode<K extends PhysicalKind> = Extract<PhysicalPlan, { kind: K }>;

/** The steps that a step takes its rows from, in order. */
export function inputsOf(plan: PhysicalPlan): readonly PhysicalPlan[] {
  if (plan.kind === 'Union') return plan.inputs;
  if (plan.kind === 'Join') return [plan.left, plan.right];
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
  return nodesOf(plan).some((node) => node.kind === 'WindowAggregate' || node.kind === 'SessionWindow' || node.kind === 'GroupAggregate' || node.kind === 'ChangelogNormalize' || node.kind === 'UpsertMaterialize' || node.kind === 'Join' || node.kind === 'Limit' || node.kind === 'SortLimit' || node.kind === 'Sort' || node.kind === 'TemporalSort');
}
