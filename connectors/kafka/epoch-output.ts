import type { PartitionBatch } from './batch-writer.ts';

/** Bytes of output after which an epoch should end: a job that is catching up would write any number between two checkpoints. */
const enough = 32 << 20;

/** The finished batches of the epoch that is being written, or the first of them. */
export class EpochOutput {
  readonly #held: number;
  #batches: PartitionBatch[] = [];
  #bytes = 0;

  /** `held`: bytes after which it keeps no more batches; all of them if not given. */
  constructor(held = Infinity) {
    this.#held = held;
  }

  get isFull(): boolean {
    return this.#bytes >= enough;
  }

  /** Counts a batch; true when it keeps it. */
  add(batch: PartitionBatch): boolean {
    const isHeld = this.#bytes < this.#held;
    this.#bytes += batch.bytes.length;
    if (isHeld) this.#batches.push(batch);
    return isHeld;
  }

  /** What it kept of the epoch, the first batch at least; the next begins empty. */
  take(): readonly PartitionBatch[] {
    const batches = this.#batches;
    this.#batches = [];
    this.#bytes = 0;
    return batches;
  }
}
