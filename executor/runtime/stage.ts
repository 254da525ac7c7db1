import { assert } from '../../core/assert.ts';
import type { StepClock } from '../../core/clock.ts';
import { noWatermark, type Batch } from '../../core/batch.ts';
import type { Operator, OperatorContext, OperatorMetrics, OperatorState } from '../operator.ts';
import { LateRows } from './late-rows.ts';

/** What takes the output of a step. */
export interface Consumer {
  accept(batch: Batch): void;
  /**
   * The watermark, in ms, after everything accepted so far. True when timers are left that it makes due: then it is called again with the
   * same watermark, until it says false, before anything else is asked of it.
   */
  advance(watermark: number): boolean;
  flush(): void;
  end(): void;
}

/** Told of late rows: the operator, and by how many ms. */
export type LateListener = (operator: string, behind: number) => void;

/** For tests, which fill a batch with garbage once its operator has returned, to find who kept it. Off: undefined. */
export const stageHooks: { afterBatch: ((batch: Batch) => void) | undefined } = { afterBatch: undefined };

/** Does what hands on rows that somebody else is given next: nothing may be filled with garbage yet. */
export function lend(hand: () => void): void {
  const { afterBatch } = stageHooks;
  stageHooks.afterBatch = undefined;
  try {
    hand();
  } finally {
    stageHooks.afterBatch = afterBatch;
  }
}

/** One operator and its place in a pipeline: gives it rows, fires its timers, hands on its output and its watermark. */
export class Stage implements Consumer, OperatorContext {
  readonly id: string;
  readonly state: OperatorState;
  readonly clock: StepClock;
  readonly budget = 8192;
  readonly metrics: OperatorMetrics = { rowsIn: 0, rowsOut: 0, late: 0, latestBehind: 0, unmatched: 0 };
  readonly operator: Operator;
  readonly lateRows: LateRows;
  readonly #next: Consumer;
  readonly #onLate: LateListener;
  outputWatermark = noWatermark;
  /** Rows that it has handed on. */
  emitted = 0;
  /** True while timers are left of those that are due. */
  #isFiring = false;

  /** `clock`: the processing time; a stage that is given none stands at the beginning of time. */
  constructor(id: string, state: OperatorState, next: Consumer, onLate: LateListener, make: (context: OperatorContext) => Operator, clock: StepClock = { time: -Infinity }, lateRows = new LateRows(id)) {
    this.lateRows = lateRows;
    this.clock = clock;
    this.id = id;
    this.state = state;
    this.#next = next;
    this.#onLate = onLate;
    this.operator = make(this);
  }

  accept(batch: Batch, input = 0): void {
    assert(!this.#isFiring, `rows amid the timers of ${this.id}`);
    this.metrics.rowsIn += batch.rowCount;
    if (batch.rowCount > 0) this.operator.onBatch(input, batch, 0, batch.rowCount);
    stageHooks.afterBatch?.(batch);
  }

  /** The watermark goes on after the last slice of timers; behind it the operators below fire theirs. */
  advance(watermark: number): boolean {
    if (watermark > this.outputWatermark) {
      this.#isFiring = this.operator.onTimers(watermark);
      if (this.#isFiring) return true;
      this.outputWatermark = watermark;
    }
    return this.#next.advance(watermark);
  }

  /** True when windows are left that ended before the processing time, in ms: then it is called again before anything else is. */
  advanceProcessingTime(time: number): boolean {
    // What ends at a time may still take rows of the ms before.
    this.#isFiring = this.operator.onProcessingTime?.(time - 1) ?? false;
    return this.#isFiring;
  }

  flush(): void {
    assert(!this.#isFiring, `a barrier amid the timers of ${this.id}`);
    this.operator.onFlush();
    this.#next.flush();
  }

  end(): void {
    this.operator.onEnd(0);
    this.#next.end();
  }

  emit(batch: Batch, goesOn = false): void {
    this.emitted += batch.rowCount;
    if (goesOn) lend(() => this.#next.accept(batch));
    else this.#next.accept(batch);
  }

  late(batch: Batch, row: number, behind: number, watermark: number): void {
    if (this.lateRows.isCounted(batch, row)) return;
    this.metrics.late++;
    this.metrics.latestBehind = Math.max(this.metrics.latestBehind, behind);
    this.lateRows.note(batch, row, behind, watermark);
    this.#onLate(this.id, behind);
  }
}
