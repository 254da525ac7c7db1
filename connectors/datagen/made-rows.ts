import type { Batch } from '../../core/batch.ts';
import type { Position, SplitReader } from '../../catalog/connector.ts';

/** The one split of a source whose rows are made when they are due, each from its number. */
export abstract class MadeRows implements SplitReader {
  readonly id = '0';
  /** The next row, the one that none comes from on, and the one that is not due yet. */
  protected row: number;
  protected due: number;
  protected abstract readonly limit: number;

  constructor(first: number) {
    this.row = this.due = first;
  }

  get ready(): boolean {
    return this.row < this.due;
  }

  get atEnd(): boolean {
    return !this.ready;
  }

  get finished(): boolean {
    return this.row >= this.limit;
  }

  async fetch(waitMs: number): Promise<void> {
    if (this.ready || this.finished) return;
    const left = this.untilDue();
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, left)));
    this.due = Math.max(this.row, Math.min(this.limit, this.nextDue()));
  }

  read(maxRows: number): Batch {
    const count = Math.min(maxRows, this.due - this.row);
    const batch = this.make(this.row, count);
    this.row += batch.rowCount;
    return batch;
  }

  /** ms until the next row is due. */
  protected abstract untilDue(): number;

  /** The row that is not due yet at this moment. */
  protected abstract nextDue(): number;

  /** Makes rows from `first` on, at most `count`; borrowed until the next call. */
  protected abstract make(first: number, count: number): Batch;

  abstract position(): Position;

  async close(): Promise<void> {
    this.due = this.row;
  }
}
