import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import { makeFolder, syncFolder, type SyncListener } from '../state/durable-file.ts';
import type { AbortedTransaction } from '../wire/broker-link.ts';
import { assignOffset, isCommit, readBatchHeader, type BatchHeader } from '../wire/record-batch.ts';
import { ProducerStates } from './producer-states.ts';
import { intactBatchBehind, scanBatches, type Damage } from './segment-scan.ts';
import { Segment } from './segment.ts';
import { readMark, SyncMark } from './sync-mark.ts';
import { notWritten } from './write-error.ts';

interface FinishedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
  readonly markerOffset: number;
}

export interface PartitionLogOptions {
  readonly segmentBytes: number;
  readonly onSync: SyncListener | undefined;
  /** ms and bytes that are kept at the least; without them all is kept. */
  readonly retentionMs?: number | undefined;
  readonly retentionBytes?: number | undefined;
  /** True: nothing is written, cut or made, and all that lies there undamaged is read. */
  readonly readOnly?: boolean | undefined;
  /** Told in one sentence what opening has cut off. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/**
 * One partition: record batches in segment files named by their first offset, in the form and order in which readers get them.
 * Opening scans the segments, cuts the unfinished tail of the last one, learns of transactions and producers, and makes what is left safe.
 * Readers see only what is safe from a power cut: a position that was read is never cut away again. Throws E0703 when what does not fit
 * is no such tail: it was safe once, or undamaged batches lie behind it.
 */
export class PartitionLog {
  readonly producers = new ProducerStates();
  readonly #dir: string;
  readonly #options: PartitionLogOptions;
  readonly #segments: Segment[] = [];
  readonly #mark: SyncMark | undefined;
  /** Producer id -> first offset of its open transaction here. */
  readonly #open = new Map<bigint, number>();
  readonly #aborted: FinishedTransaction[] = [];
  #endOffset = 0;
  #safeOffset = 0;

  constructor(dir: string, options: PartitionLogOptions) {
    this.#dir = dir;
    this.#options = options;
    const readOnly = options.readOnly === true;
    if (!readOnly) {
      makeFolder(dir);
      this.#mark = new SyncMark(dir);
    }
    const names = !readOnly || existsSync(dir) ? readdirSync(dir).filter((name) => name.endsWith('.log')).toSorted() : [];
    try {
      for (const [i, name] of names.entries()) this.#openSegment(name, i === names.length - 1);
    } catch (error) {
      this.close();
      throw error;
    }
    if (readOnly) this.#safeOffset = this.#endOffset;
    else if (this.#segments.length === 0) this.#roll();
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

  /** Takes an open transaction for ended, without a marker: all that can be done where nothing is written. */
  assumeEnded(producerId: bigint, commit: boolean): void {
    const firstOffset = this.#open.get(producerId);
    this.#open.delete(producerId);
    if (firstOffset !== undefined && !commit) this.#aborted.push({ producerId, firstOffset, markerOffset: Infinity });
  }

  /** Appends one batch at the end; `bytes` gets its offsets written in. Gives the batch's first offset. Throws E0606, as where the disk is full. */
  append(bytes: Uint8Array): number {
    let segment = this.#active;
    if (segment.file.length > 0 && segment.file.length + bytes.length > this.#options.segmentBytes) segment = this.#writing(() => this.#roll());
    assignOffset(bytes, 0, this.#endOffset);
    const header = readBatchHeader(bytes, 0, bytes.length);
    if (header === undefined || header.end !== bytes.length) throw new RangeError('not one whole record batch');
    const position = segment.file.length;
    this.#writing(() => segment.file.append(bytes));
    this.#note(segment, header, position, bytes);
    return header.baseOffset;
  }

  #writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw notWritten(this.#name, error);
    }
  }

  /** Resolves when everything appended before the call is safe from a power cut. */
  async sync(): Promise<void> {
    const end = this.#endOffset;
    await this.#active.file.sync().catch((error: unknown) => {
      throw notWritten(this.#name, error);
    });
    this.#safeOffset = Math.max(this.#safeOffset, end);
  }

  syncNow(): void {
    this.#writing(() => this.#active.file.syncNow());
    this.#safeOffset = this.#endOffset;
  }

  /**
   * Removes the oldest segments that retention no longer asks for: those whose newest record is older than its time, and those without which
   * the partition still has its bytes. The newest segment stays, and so does all from the oldest open transaction on. `now` is in ms.
   */
  retain(now: number): void {
    const { retentionMs = Infinity, retentionBytes = Infinity } = this.#options;
    if (this.#segments.length === 1 || (retentionMs === Infinity && retentionBytes === Infinity)) return;
    let bytes = 0;
    for (const { file } of this.#segments) bytes += file.length;
    let count = 0;
    for (const [i, { file, maxTimestamp }] of this.#segments.entries()) {
      const isOver = now - maxTimestamp > retentionMs || bytes - file.length >= retentionBytes;
      if (!isOver || (this.#segments[i + 1]?.baseOffset ?? Infinity) > this.stableOffset) break;
      bytes -= file.length;
      count++;
    }
    if (count === 0) return;
    this.removeFirst(count);
    const kept = this.#aborted.filter(({ markerOffset }) => markerOffset >= this.startOffset);
    this.#aborted.splice(0, this.#aborted.length, ...kept);
  }

  /** Removes the oldest `count` segments, never the newest of all. The oldest goes first, so that no crash leaves a gap. */
  removeFirst(count: number): void {
    for (const { file } of this.#segments.splice(0, count)) {
      file.close();
      rmSync(file.path);
      syncFolder(this.#dir);
    }
  }

  /**
   * Whole batches from the one that holds `offset`, into `into` when it is large enough: at most `maxBytes`, at least one batch, none that
   * starts at or behind `end`.
   */
  read(offset: number, end: number, maxBytes: number, into: Uint8Array | undefined): { readonly bytes: Uint8Array; readonly length: number } {
    const segment = this.#segmentOf(offset);
    const first = offset >= end ? undefined : segment?.batchOf(offset);
    if (segment === undefined || first === undefined) return { bytes: into ?? new Uint8Array(0), length: 0 };
    const available = segment.file.length - first.position;
    const wanted = Math.min(available, Math.max(maxBytes, first.length));
    // 8 readable bytes stay behind the last one: decoders read in words.
    const bytes = into !== undefined && into.length >= wanted + 8 ? into : new Uint8Array(wanted + 8);
    const read = segment.file.read(first.position, wanted, bytes);
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

  /** The first offset whose record is not older than `timestamp` (ms), or where readers end when there is none before that. */
  offsetAt(timestamp: number): number {
    for (const segment of this.#segments) {
      const offset = segment.offsetAt(timestamp);
      if (offset !== undefined) return Math.min(offset, this.#safeOffset);
    }
    return this.#safeOffset;
  }

  close(): void {
    for (const segment of this.#segments) segment.file.close();
    this.#mark?.close();
  }

  get #active(): Segment {
    const segment = this.#segments.at(-1);
    if (segment === undefined) throw new RangeError('the log has no segment');
    return segment;
  }

  #roll(): Segment {
    // What is sealed is safe: only the last segment can lose its tail.
    if (this.#segments.length > 0) this.syncNow();
    return this.#add(`${String(this.#endOffset).padStart(20, '0')}.log`, this.#endOffset);
  }

  #add(name: string, baseOffset: number): Segment {
    const { onSync, readOnly } = this.#options;
    const listener: SyncListener = (path, bytes) => {
      // The mark comes last: it never says more than whoever listens has heard.
      onSync?.(path, bytes);
      this.#mark?.write({ segment: name, bytes });
    };
    const segment = new Segment(join(this.#dir, name), baseOffset, listener, readOnly === true);
    this.#segments.push(segment);
    return segment;
  }

  #openSegment(name: string, isLast: boolean): void {
    const before = this.#segments.at(-1);
    const segment = this.#add(name, Number(name.slice(0, -4)));
    if (before !== undefined && segment.baseOffset !== this.#endOffset) {
      throw this.#damaged(before, { position: before.file.length, offset: this.#endOffset, found: `nothing more: the next file, ${name}, is not the one that follows` }, undefined);
    }
    this.#endOffset = segment.baseOffset;
    const damage = scanBatches(segment.file, segment.baseOffset, (header, position, bytes) => this.#note(segment, header, position, bytes));
    const size = segment.file.length;
    const mark = isLast ? readMark(this.#dir) : undefined;
    const safe = !isLast ? Infinity : mark?.segment === name ? mark.bytes : 0;
    const behind = damage === undefined ? undefined : intactBatchBehind(segment.file, damage.position, damage.offset);
    if (damage !== undefined && (damage.position < safe || behind !== undefined)) throw this.#damaged(segment, damage, behind);
    if (damage === undefined && isLast && size < safe) throw this.#damaged(segment, { position: size, offset: this.#endOffset, found: `the end of the file, of which ${safe} bytes were safe` }, undefined);
    if (mark !== undefined && mark.segment > name && mark.bytes > 0) throw this.#damaged(segment, { position: size, offset: this.#endOffset, found: `nothing more: the file ${mark.segment} is missing` }, undefined);
    if (damage === undefined) return;
    const cut = `${size - damage.position} bytes at the end of ${segment.file.path}, behind offset ${damage.offset} of ${this.#name}, are a write that was never finished`;
    if (this.#options.readOnly === true) this.#options.onNotice?.(`${cut}: left as they are`);
    else {
      segment.file.truncate(damage.position);
      this.#options.onNotice?.(`${cut}: cut off`);
    }
  }

  #damaged({ file }: Segment, { position, offset, found }: Damage, behind: number | undefined): SqlError {
    const rest = behind === undefined ? '' : `; undamaged records follow at byte ${behind}`;
    return new SqlError({
      code: 'E0703',
      message: `${this.#name} is damaged at offset ${offset} (byte ${position} of ${file.path}), found ${found}${rest}`,
      hint: `this is no unfinished write: look at the disk, and put back a copy of the folder ${this.#dir}\nto go on without offset ${offset} and all behind it: remove 'synced' and later .log files there, then  truncate -s ${position} ${file.path}`,
    });
  }

  /** The partition, in words. */
  get #name(): string {
    const name = basename(this.#dir);
    const parts = /^(.+)-(\d+)$/.exec(name);
    return parts === null ? `the log ${name} of the broker` : `topic ${parts[1]} partition ${parts[2]}`;
  }

  /** Learns what a batch says: where it lies, who wrote it, and what it does to transactions. */
  #note(segment: Segment, header: BatchHeader, position: number, bytes: Uint8Array): void {
    segment.note(header, position);
    this.producers.note(header);
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
}
