import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import { DurableFile, makeFolder, syncFolder, type SyncListener } from '../state/durable-file.ts';
import type { AbortedTransaction } from '../wire/broker-link.ts';
import { assignOffset, batchHeaderBytes, isCommit, readBatchHeader, readIntactHeader, type BatchHeader } from '../wire/record-batch.ts';

interface Segment {
  readonly baseOffset: number;
  readonly file: DurableFile;
  /** Sparse index: for some batches their first offset and their place in the file, ascending. */
  readonly offsets: number[];
  readonly positions: number[];
  maxTimestamp: number;
}

interface FinishedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
  readonly markerOffset: number;
}

export interface PartitionLogOptions {
  readonly segmentBytes: number;
  readonly onSync: SyncListener | undefined;
}

const indexEveryBytes = 32 << 10;

/**
 * One partition: record batches in segment files named by their first offset, in the form and order in which readers get them.
 * Opening scans the segments, cuts an unfinished or damaged tail of the last one, learns which transactions are open or aborted, and makes
 * what is left safe. Readers see only what is safe from a power cut: a position that was read is never cut away again.
 */
export class PartitionLog {
  readonly #dir: string;
  readonly #options: PartitionLogOptions;
  readonly #segments: Segment[] = [];
  /** Producer id -> first offset of its open transaction here. */
  readonly #open = new Map<bigint, number>();
  readonly #aborted: FinishedTransaction[] = [];
  #endOffset = 0;
  #safeOffset = 0;

  constructor(dir: string, options: PartitionLogOptions) {
    this.#dir = dir;
    this.#options = options;
    makeFolder(dir);
    const names = readdirSync(dir).filter((name) => name.endsWith('.log')).toSorted();
    for (const [i, name] of names.entries()) this.#openSegment(name, i === names.length - 1);
    if (this.#segments.length === 0) this.#roll();
    else this.syncNow();
  }

  get startOffset(): number {
    return this.#segments[0]?.baseOffset ?? 0;
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Where readers end: everything before it is safe. Kafka calls it the high watermark. */
  get safeOffset(): number {
    return this.#safeOffset;
  }

  /** Where read_committed readers end: the first offset of the oldest open transaction, or the safe end. */
  get stableOffset(): number {
    let stable = this.#safeOffset;
    for (const first of this.#open.values()) stable = Math.min(stable, first);
    return stable;
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  /** Producer id -> first offset of its open transaction here. */
  openTransactions(): ReadonlyMap<bigint, number> {
    return this.#open;
  }

  /** Appends one batch at the end; `bytes` gets its offsets written in. Gives the batch's first offset. */
  append(bytes: Uint8Array): number {
    let segment = this.#active;
    if (segment.file.length > 0 && segment.file.length + bytes.length > this.#options.segmentBytes) segment = this.#roll();
    assignOffset(bytes, 0, this.#endOffset);
    const header = readBatchHeader(bytes, 0, bytes.length);
    if (header === undefined || header.end !== bytes.length) throw new RangeError('not one whole record batch');
    const position = segment.file.length;
    segment.file.append(bytes);
    this.#note(segment, header, position, bytes);
    return header.baseOffset;
  }

  /** Resolves when everything appended before the call is safe from a power cut. */
  async sync(): Promise<void> {
    const end = this.#endOffset;
    await this.#active.file.sync();
    this.#safeOffset = Math.max(this.#safeOffset, end);
  }

  syncNow(): void {
    this.#active.file.syncNow();
    this.#safeOffset = this.#endOffset;
  }

  /** Removes all segments but the last. */
  keepLastSegment(): void {
    for (const { file } of this.#segments.splice(0, this.#segments.length - 1)) {
      file.close();
      rmSync(file.path);
    }
    syncFolder(this.#dir);
  }

  /**
   * Whole batches from the one that holds `offset`, into `into` when it is large enough: at most `maxBytes`, at least one batch, none that
   * starts at or behind `end`.
   */
  read(offset: number, end: number, maxBytes: number, into: Uint8Array | undefined): { readonly bytes: Uint8Array; readonly length: number } {
    const segment = this.#segmentOf(offset);
    if (segment === undefined || offset >= end) return { bytes: into ?? new Uint8Array(0), length: 0 };
    let position = positionBefore(segment, offset);
    const first = this.#firstBatchFrom(segment, position, offset);
    if (first === undefined) return { bytes: into ?? new Uint8Array(0), length: 0 };
    position = first.position;
    const available = segment.file.length - position;
    const wanted = Math.min(available, Math.max(maxBytes, first.length));
    // 8 readable bytes stay behind the last one: decoders read in words.
    const bytes = into !== undefined && into.length >= wanted + 8 ? into : new Uint8Array(wanted + 8);
    const read = segment.file.read(position, wanted, bytes);
    let length = 0;
    for (let header = readBatchHeader(bytes, 0, read); header !== undefined; header = readBatchHeader(bytes, length, read)) {
      if (header.baseOffset >= end) break;
      length = header.end;
    }
    return { bytes, length };
  }

  /** Aborted transactions with records in [from, to). */
  abortedBetween(from: number, to: number): readonly AbortedTransaction[] {
    return this.#aborted.filter((transaction) => transaction.markerOffset >= from && transaction.firstOffset < to);
  }

  /** The first offset of the first batch that holds a record at or after `timestamp` (ms), or the end. */
  offsetAt(timestamp: number): number {
    for (const segment of this.#segments) {
      if (segment.maxTimestamp < timestamp) continue;
      for (let position = 0; position < segment.file.length; ) {
        const header = this.#headerOnly(segment, position);
        if (header === undefined) break;
        if (header.maxTimestamp >= timestamp) return header.baseOffset;
        position += header.length;
      }
    }
    return this.#endOffset;
  }

  close(): void {
    for (const segment of this.#segments) segment.file.close();
  }

  // ---- inside ----

  get #active(): Segment {
    return this.#segments.at(-1) ?? this.#roll();
  }

  #roll(): Segment {
    // What is sealed is safe: only the last segment can lose its tail.
    if (this.#segments.length > 0) this.syncNow();
    const name = `${String(this.#endOffset).padStart(20, '0')}.log`;
    const segment: Segment = { baseOffset: this.#endOffset, file: new DurableFile(join(this.#dir, name), this.#options.onSync), offsets: [], positions: [], maxTimestamp: -1 };
    this.#segments.push(segment);
    return segment;
  }

  #openSegment(name: string, isLast: boolean): void {
    const baseOffset = Number(name.slice(0, -4));
    const path = join(this.#dir, name);
    const segment: Segment = { baseOffset, file: new DurableFile(path, this.#options.onSync), offsets: [], positions: [], maxTimestamp: -1 };
    this.#segments.push(segment);
    this.#endOffset = baseOffset;
    const size = segment.file.length;
    const readHeader = isLast ? readIntactHeader : readBatchHeader;
    let bytes = new Uint8Array(Math.min(Math.max(size, 1), 8 << 20));
    let position = 0;
    while (position < size) {
      const read = segment.file.read(position, bytes.length, bytes);
      let at = 0;
      for (let header = readHeader(bytes, at, read); header !== undefined; header = readHeader(bytes, at, read)) {
        if (header.baseOffset !== this.#endOffset) break;
        this.#note(segment, header, position + at, bytes);
        at = header.end;
      }
      if (at > 0) position += at;
      else {
        const claimed = read >= 12 ? new DataView(bytes.buffer).getInt32(8) + 12 : 0;
        const isWholeThere = claimed >= batchHeaderBytes && position + claimed <= size;
        if (!isWholeThere || claimed <= bytes.length) break;
        bytes = new Uint8Array(claimed);
      }
    }
    if (position === size) return;
    if (!isLast) throw new SqlError({ code: 'E0703', message: `${path} is damaged at byte ${position}`, hint: 'it was safe on disk once: look at the disk, or restore the folder from a copy' });
    segment.file.truncate(position);
  }

  /** Learns what a batch says: where it lies, and what it does to transactions. */
  #note(segment: Segment, header: BatchHeader, position: number, bytes: Uint8Array): void {
    const lastIndexed = segment.positions.at(-1);
    if (lastIndexed === undefined || position - lastIndexed >= indexEveryBytes) {
      segment.offsets.push(header.baseOffset);
      segment.positions.push(position);
    }
    segment.maxTimestamp = Math.max(segment.maxTimestamp, header.maxTimestamp);
    this.#endOffset = header.lastOffset + 1;
    if (!header.isTransactional) return;
    if (!header.isControl) {
      if (!this.#open.has(header.producerId)) this.#open.set(header.producerId, header.baseOffset);
      return;
    }
    const firstOffset = this.#open.get(header.producerId);
    this.#open.delete(header.producerId);
    if (firstOffset !== undefined && !isCommit(bytes, header)) {
      this.#aborted.push({ producerId: header.producerId, firstOffset, markerOffset: header.baseOffset });
    }
  }

  #segmentOf(offset: number): Segment | undefined {
    let found = this.#segments[0];
    for (const segment of this.#segments) if (segment.baseOffset <= offset) found = segment;
    return found;
  }

  /** The place and length of the batch that holds `offset`, searched from `position` on. */
  #firstBatchFrom(segment: Segment, position: number, offset: number): { readonly position: number; readonly length: number } | undefined {
    let at = position;
    while (at < segment.file.length) {
      const header = this.#headerOnly(segment, at);
      if (header === undefined) return undefined;
      if (header.lastOffset >= offset) return { position: at, length: header.length };
      at += header.length;
    }
    return undefined;
  }

  readonly #headerBytes = new Uint8Array(batchHeaderBytes);
  readonly #headerView = new DataView(this.#headerBytes.buffer);

  #headerOnly(segment: Segment, position: number): (Pick<BatchHeader, 'baseOffset' | 'lastOffset' | 'maxTimestamp'> & { readonly length: number }) | undefined {
    if (segment.file.read(position, batchHeaderBytes, this.#headerBytes) < batchHeaderBytes) return undefined;
    const view = this.#headerView;
    const baseOffset = Number(view.getBigInt64(0));
    const length = view.getInt32(8) + 12;
    return { length, baseOffset, lastOffset: baseOffset + view.getInt32(23), maxTimestamp: Number(view.getBigInt64(35)) };
  }
}

/** The last indexed place at or before `offset`. */
function positionBefore(segment: Segment, offset: number): number {
  let low = 0;
  let high = segment.offsets.length - 1;
  let position = 0;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((segment.offsets[middle] ?? Infinity) <= offset) {
      position = segment.positions[middle] ?? 0;
      low = middle + 1;
    } else high = middle - 1;
  }
  return position;
}
