import { DurableFile, type SyncListener } from '../state/durable-file.ts';
import { batchHeaderBytes, readBatchHeader, readRecords, RecordPositions, type BatchHeader } from '../wire/record-batch.ts';

const indexEveryBytes = 32 << 10;

/** Where a batch lies in its file, and what its header says. `length` is in bytes. */
export interface StoredBatch {
  readonly position: number;
  readonly length: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
}

/** One file of a partition: batches one behind the other, from `baseOffset` on, with a sparse index that is made anew at each opening. */
export class Segment {
  readonly baseOffset: number;
  readonly file: DurableFile;
  /** For some batches their first offset and their place in the file, ascending. */
  readonly #offsets: number[] = [];
  readonly #positions: number[] = [];
  readonly #headerBytes = new Uint8Array(batchHeaderBytes);
  readonly #headerView = new DataView(this.#headerBytes.buffer);
  #maxTimestamp = -Infinity;

  constructor(path: string, baseOffset: number, onSync: SyncListener | undefined, readOnly: boolean) {
    this.baseOffset = baseOffset;
    this.file = new DurableFile(path, onSync, readOnly ? 'read' : 'append');
  }

  /** The newest timestamp (ms) of its records; -Infinity when it has none. */
  get maxTimestamp(): number {
    return this.#maxTimestamp;
  }

  /** Learns of a batch; batches are noted in order. */
  note(header: BatchHeader, position: number): void {
    const lastIndexed = this.#positions.at(-1);
    if (lastIndexed === undefined || position - lastIndexed >= indexEveryBytes) {
      this.#offsets.push(header.baseOffset);
      this.#positions.push(position);
    }
    this.#maxTimestamp = Math.max(this.#maxTimestamp, header.maxTimestamp);
  }

  /** The batch that holds `offset`, or the first one behind it. */
  batchOf(offset: number): StoredBatch | undefined {
    return this.#firstFrom(this.#indexed(offset), (batch) => batch.lastOffset >= offset);
  }

  /** The first offset whose record is not older than `timestamp` (ms). */
  offsetAt(timestamp: number): number | undefined {
    if (this.#maxTimestamp < timestamp) return undefined;
    let position = 0;
    for (;;) {
      const batch = this.#firstFrom(position, (candidate) => candidate.maxTimestamp >= timestamp);
      if (batch === undefined) return undefined;
      const offset = this.#offsetWithin(batch, timestamp);
      if (offset !== undefined) return offset;
      position = batch.position + batch.length;
    }
  }

  #offsetWithin(batch: StoredBatch, timestamp: number): number | undefined {
    const bytes = new Uint8Array(batch.length + 8);
    const header = readBatchHeader(bytes, 0, this.file.read(batch.position, batch.length, bytes));
    if (header === undefined) return undefined;
    const records = new RecordPositions();
    readRecords(bytes, header, 0, records);
    for (let i = 0; i < records.count; i++) if ((records.timestamps[i] ?? -Infinity) >= timestamp) return records.offsets[i];
    return undefined;
  }

  #firstFrom(position: number, fits: (batch: StoredBatch) => boolean): StoredBatch | undefined {
    for (let at = position; at < this.file.length; ) {
      const batch = this.#batchAt(at);
      if (batch === undefined || fits(batch)) return batch;
      at += batch.length;
    }
    return undefined;
  }

  #batchAt(position: number): StoredBatch | undefined {
    if (this.file.read(position, batchHeaderBytes, this.#headerBytes) < batchHeaderBytes) return undefined;
    const view = this.#headerView;
    const baseOffset = Number(view.getBigInt64(0));
    return { position, length: view.getInt32(8) + 12, baseOffset, lastOffset: baseOffset + view.getInt32(23), maxTimestamp: Number(view.getBigInt64(35)) };
  }

  /** The last indexed place at or before `offset`. */
  #indexed(offset: number): number {
    let low = 0;
    let high = this.#offsets.length - 1;
    let position = 0;
    while (low <= high) {
      const middle = (low + high) >> 1;
      if ((this.#offsets[middle] ?? Infinity) <= offset) {
        position = this.#positions[middle] ?? 0;
        low = middle + 1;
      } else high = middle - 1;
    }
    return position;
  }
}
