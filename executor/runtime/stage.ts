import { noWatermark, type Batch } from '../../core/batch.ts';
import type { Operator, OperatorContext, OperatorMetrics, OperatorState } from '../operator.ts';

/** What takes the output of a step. */
export interface Consumer {
  accept(batch: Batch): void;
  /** The watermark, in ms, after everything accepted so far. */
  advance(watermark: number): void;
  flush(): void;
  end(): void;
}

/** Told of late rows: the operator, and by how many ms. */
export type LateListener = (operator: string, behind: number) => void;

/** For tests, which fill a batch with garbage once its operator has returned, to find who kept it. Off: undefined. */
export const stageHooks: { afterBatch: ((batch: Batch) => void) | undefined } = { afterBatch: undefined };

/** One operator and its place in a pipeline: gives it rows, fires its timers, hands on its output and its watermark. */
export class Stage implements Consumer, OperatorContext {
  readonly id: string;
  readonly state: OperatorState;
  readonly budget = 8192;
  readonly metrics: OperatorMetrics = { rowsIn: 0, rowsOut: 0, late: 0, latestBehind: 0 };
  readonly operator: Operator;
  readonly #next: Consumer;
  readonly #onLate: LateListener;
  outputWatermark = noWatermark;

  constructor(id: string, state: OperatorState, next: Consumer, onLate: LateListener, make: (context: OperatorContext) => Operator) {
    this.id = id;
    this.state = state;
    this.#next = next;
    this.#onLate = onLate;
    this.operator = make(this);
  }

  accept(batch: Batch): void {
    this.metrics.rowsIn += batch.rowCount;
    if (batch.rowCount > 0) this.operator.onBatch(0, batch, 0, batch.rowCount);
    stageHooks.afterBatch?.(batch);
  }

  advance(watermark: number): void {
    if (watermark <= this.outputWatermark) return;
    while (this.operator.onTimers(watermark));
    this.outputWatermark = watermark;
    this.#next.advance(watermark);
  }

  flush(): void {
    this.operator.onFlush();
    this.#next.flush();
  }

  end(): void {
    this.operator.onEnd(0);
    this.#next.end();
  }

  emit(batch: Batch): void {
    this.#next.accept(batch);
  }

  late(_batch: Batch, _row: number, behind: number): void {
    this.metrics.late++;
    this.metrics.latestBehind = Math.max(this.metrics.latestBehind, behind);
    this.#onLate(this.id, behind);
  }
}
