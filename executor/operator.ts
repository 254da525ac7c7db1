import type { Batch } from '../core/batch.ts';
import type { StepClock } from '../core/clock.ts';
import type { Layout } from '../core/layout.ts';
import type { RecordShape, Table } from '../state/table.ts';
import type { SliceStore } from '../state/slices.ts';

/**
 * One step of a running query. Synchronous and deterministic: the same calls in the same order give the same output. Nothing is kept
 * outside `context.state`; I/O lives in sources and sinks.
 */
export interface Operator {
  /** The layouts of what it emits. */
  readonly layouts: readonly Layout[];
  /** Needs: rows [from, to) of a borrowed batch. May emit. */
  onBatch(input: number, batch: Batch, from: number, to: number): void;
  /**
   * Fires what is due at or before `time`, at most about `context.budget` rows; true when more is due. Then it is called again with the
   * same time before anything else is: no rows and no barrier come between, so that the place where it goes on is no state.
   */
  onTimers(time: number): boolean;
  /** As `onTimers`, for windows over the processing time: fires what ended before it had passed `time`, in ms of the clock. Absent for operators without such timers. */
  readonly onProcessingTime?: (time: number) => boolean;
  /** Emits what was held back, before a checkpoint and at the end. */
  onFlush(): void;
  onEnd(input: number): void;
  /** True once it emits no more rows, whatever comes. Absent where that never is. */
  readonly isFull?: () => boolean;
  /** The sources of its generated code, for EXPLAIN. */
  readonly sources: readonly string[];
}

export interface OperatorContext {
  /** `kind[id]`: the name in metrics. */
  readonly id: string;
  readonly state: OperatorState;
  readonly clock: StepClock;
  /** Rows that one slice of timers may emit. */
  readonly budget: number;
  readonly metrics: OperatorMetrics;
  /** The watermark that was last handed on: what rows that timers emit carry. */
  readonly outputWatermark: number;
  /** Hands a batch to the next operator; it is borrowed until this returns. `goesOn`: it shares bytes with a batch that the operator is not done with. */
  emit(batch: Batch, goesOn?: boolean): void;
  /** A row that came behind the watermark, which stood at `watermark` ms: `behind` is by how many ms. */
  late(batch: Batch, row: number, behind: number, watermark: number): void;
}

/** State by the name of what defines it, filled by a restore. Each call is a claim: a second of the same name gets state of its own. */
export interface OperatorState {
  table(name: string, shape: RecordShape): Table;
  /** `due`: the watermark, in ms, that closes a slice for good; undefined where no event time does. */
  slices(name: string, shape: RecordShape, due?: (end: number) => number): SliceStore;
}

export interface OperatorMetrics {
  rowsIn: number;
  rowsOut: number;
  late: number;
  /** ms: the largest distance behind the watermark of a late row. */
  latestBehind: number;
  /** Withdrawals of what is not there. They are dropped. */
  unmatched: number;
}
