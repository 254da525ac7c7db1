import type { PartitionBatch } from './batch-writer.ts';

/** Bytes that an epoch may hold back before it should end: what a catching-up job writes between two checkpoints would fill the memory. */
const enough = 32 << 20;

/** The finished batches of the epoch that is being written. */
export class EpochOutput {
  readonly #limit: number;
  #batches: PartitionBatch[] = [];
  #bytes = 0;

  /** `limit`: bytes from which on it is full. */
  constructor(limit = enough) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#bytes >= this.#limit;
  }

  add(batch: PartitionBatch): void {
    this.#batches.push(batch);
    this.#bytes += batch.bytes.length;
  }

  /** The epoch's batches; the next begins empty. */
  take(): readonly PartitionBatch[] {
    const batches = this.#batches;
    this.#batches = [];
    this.#bytes = 0;
    return batches;
  }
}
