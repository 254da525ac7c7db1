import type { RecordSpans } from '../../catalog/format.ts';
import { isCommit, readBatchHeader, readRecords, RecordPositions } from '../../wire/record-batch.ts';

/** What of a fetch is kept. */
export interface Keeping {
  /** True: records whose value is null are kept, for they mean something. */
  readonly nullValues: boolean;
  /** True: `epochs` and `appended` are filled. */
  readonly batches: boolean;
}

/** The records of one fetch that readers see: none of control batches or of aborted transactions. Record i is the same in all arrays. */
export class FetchedRecords {
  readonly positions = new RecordPositions();
  readonly values: RecordSpans;
  readonly keys: RecordSpans;
  /** The leader epoch of each record (-1 for none), and 1 where its time is the broker's. */
  epochs = new Int32Array(0);
  appended = new Uint8Array(0);
  readonly #keeping: Keeping;
  count = 0;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
    const none = (): RecordSpans => ({ heap: new Uint8Array(0), slackStart: 0, offsets: new Int32Array(0), lengths: new Int32Array(0), count: 0 });
    this.values = none();
    this.keys = none();
  }

  /**
   * Finds the records from offset `from` up to `stopAt` in the batches of bytes[0 .. length). Gives the offset that the next fetch starts at.
   * Throws E0703 where batches are damaged.
   */
  take(bytes: Uint8Array, length: number, aborted: readonly { readonly producerId: bigint; readonly firstOffset: number }[], from: number, stopAt: number): number {
    const { positions } = this;
    positions.count = 0;
    let next = from;
    const pending = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
    const withdrawn = new Set<bigint>();
    let at = 0;
    for (let header = readBatchHeader(bytes, 0, length); header !== undefined; header = readBatchHeader(bytes, at, length)) {
      at = header.end;
      if (header.baseOffset >= stopAt) {
        next = stopAt;
        break;
      }
      const first = next;
      next = header.lastOffset + 1;
      while (pending[0] !== undefined && pending[0].firstOffset <= header.lastOffset) withdrawn.add((pending.shift() as { producerId: bigint }).producerId);
      if (header.isControl) {
        if (!isCommit(bytes, header)) withdrawn.delete(header.producerId);
        continue;
      }
      if (header.isTransactional && withdrawn.has(header.producerId)) continue;
      const before = positions.count;
      readRecords(bytes, header, first, positions);
      if (header.lastOffset >= stopAt) {
        while (positions.count > before && (positions.offsets[positions.count - 1] as number) >= stopAt) positions.count--;
        next = stopAt;
      }
      if (header.isLogAppendTime) positions.timestamps.fill(header.maxTimestamp, before, positions.count);
      if (this.#keeping.batches) this.#keepBatch(before, header.leaderEpoch, header.isLogAppendTime);
    }
    this.count = this.#keeping.nullValues ? positions.count : this.#withoutNulls();
    for (const spans of [this.values, this.keys]) {
      spans.heap = bytes;
      spans.slackStart = length + 8;
      spans.count = this.count;
    }
    this.values.offsets = positions.valueOffsets;
    this.values.lengths = positions.valueLengths;
    this.keys.offsets = positions.keyOffsets;
    this.keys.lengths = positions.keyLengths;
    return next;
  }

  #keepBatch(before: number, epoch: number, isAppended: boolean): void {
    const { count } = this.positions;
    if (count > this.epochs.length) {
      const [epochs, appended] = [this.epochs, this.appended];
      this.epochs = new Int32Array(Math.max(1024, count, epochs.length * 2));
      this.epochs.set(epochs.subarray(0, before));
      this.appended = new Uint8Array(this.epochs.length);
      this.appended.set(appended.subarray(0, before));
    }
    this.epochs.fill(epoch, before, count);
    this.appended.fill(isAppended ? 1 : 0, before, count);
  }

  /** Closes the gaps of records without a value, which say nothing in an insert-only format. */
  #withoutNulls(): number {
    const { positions, epochs, appended } = this;
    let count = 0;
    for (let i = 0; i < positions.count; i++) {
      if ((positions.valueLengths[i] as number) < 0) continue;
      if (count !== i) {
        for (const name of ['keyOffsets', 'keyLengths', 'valueOffsets', 'valueLengths', 'offsets', 'timestamps'] as const) positions[name][count] = positions[name][i] as number;
        if (this.#keeping.batches) {
          epochs[count] = epochs[i] as number;
          appended[count] = appended[i] as number;
        }
      }
      count++;
    }
    positions.count = count;
    return count;
  }
}
