import type { Batch } from '../../core/batch.ts';
import { allocateReachable, memoryOf } from '../../core/wasm-memory.ts';
import { decodeGood, type BadRecord } from '../../catalog/bad-record.ts';
import type { Position, SplitReader } from '../../catalog/connector.ts';
import type { RecordSpans } from '../../catalog/format.ts';
import type { BrokerLink } from '../../wire/broker-link.ts';
import { atPartition } from '../../wire/record-batch.ts';
import { shownRecord } from '../shown-record.ts';
import { shownBytes, type BadRecords, type FoundRecord } from './bad-records.ts';
import type { DeadLetters } from './dead-letters.ts';
import { FetchedRecords } from './fetched-records.ts';
import { RecordRows, type RowsRequest } from './record-rows.ts';

const fetchBytes = 1 << 20;
/** Room behind the fetched bytes for text that is unescaped. */
const slackBytes = 64 << 10;

export interface SplitRequest extends Omit<RowsRequest, 'listener'> {
  readonly id: string;
  readonly link: BrokerLink;
  /** The offset to start at, and the one that a bounded split ends before. */
  readonly offset: number;
  readonly stopAt: number | undefined;
  /** Counts and tells those of the whole table. */
  readonly badRecords: BadRecords;
  /** Keeps what is left out; undefined where nobody does. */
  readonly deadLetters: DeadLetters | undefined;
  /** Tells a guess about values, once for the table. */
  guessed(message: string): void;
}

/** Rows that wait for the dead letters among their records to be stored: the position is behind both. */
interface Held {
  readonly batch: Batch;
  readonly next: number;
  isStored: boolean;
}

/** One partition. What is fetched is decoded before the next fetch, so one buffer serves. */
export class KafkaSplitReader implements SplitReader {
  readonly id: string;
  bad = 0;
  readonly #request: SplitRequest;
  readonly #rows: RecordRows;
  readonly #records: FetchedRecords;
  /** Fetches are read into it, where a decoder's generated code can reach them. */
  #buffer = allocateReachable(fetchBytes + slackBytes);
  /** The next of #records. */
  #next = 0;
  /** The offset after the last record that `read` gave. */
  #offset: number;
  /** The offset that the next fetch starts at. */
  #fetchOffset: number;
  #end = Infinity;
  #held: Held | undefined;
  /** The last offset of which it was told that a field became NULL: a record may be decoded twice. */
  #nulledUpTo = -1;
  #closed = false;

  constructor(request: SplitRequest) {
    this.id = request.id;
    this.#request = request;
    this.#offset = request.offset;
    this.#fetchOffset = request.offset;
    this.#rows = new RecordRows({ ...request, listener: { nulled: (bad) => this.#nulled(bad), guessed: (message) => request.guessed(message) } });
    this.#records = new FetchedRecords(this.#rows.keeping);
  }

  get ready(): boolean {
    return this.#held === undefined ? this.#next < this.#records.count : this.#held.isStored;
  }

  get atEnd(): boolean {
    return this.#isRead && this.#fetchOffset >= this.#end;
  }

  get finished(): boolean {
    const { stopAt } = this.#request;
    return this.#isRead && stopAt !== undefined && this.#fetchOffset >= stopAt;
  }

  /** True when all records at hand were given. */
  get #isRead(): boolean {
    return this.#held === undefined && this.#next >= this.#records.count;
  }

  async fetch(waitMs: number): Promise<void> {
    const { link, topic, partition, stopAt, deadLetters } = this.#request;
    if (this.#held?.isStored === false) {
      await deadLetters?.store();
      this.#held.isStored = true;
    }
    if (this.ready || this.finished || this.#closed) return;
    // Where the last records needed a larger heap for their texts, the next ones will too.
    const { heap } = this.#records.values;
    if (heap.length > this.#buffer.length && memoryOf(heap) !== undefined) this.#buffer = heap;
    const into = this.#buffer;
    const result = await link.fetch({ topic, partition, offset: this.#fetchOffset, maxBytes: fetchBytes, waitMs, isolation: 'read_committed', into });
    this.#end = result.end;
    if (result.length === 0) return;
    // A batch larger than the buffer came in one of its own; the next such one fits.
    if (result.bytes.length > into.length) this.#buffer = allocateReachable(result.bytes.length + slackBytes);
    try {
      this.#fetchOffset = this.#records.take(result.bytes, result.length, result.aborted, this.#fetchOffset, stopAt ?? Infinity);
    } catch (error) {
      throw atPartition(error, topic, partition);
    }
    this.#next = 0;
    if (this.#records.count === 0) this.#offset = this.#fetchOffset;
  }

  read(maxRows: number): Batch {
    if (this.#held !== undefined) {
      const { batch, next } = this.#held;
      this.#held = undefined;
      this.#passTo(next);
      return batch;
    }
    const records = this.#records;
    const from = this.#next;
    const to = this.#rows.runEnd(records, from, Math.min(records.count, from + maxRows));
    const { batch = this.#rows.nothing(), next } = decodeGood((first, end) => this.#rows.decode(records, first, end), from, to, (bad) => this.#leaveOut(bad));
    this.#request.badRecords.read(next - from);
    if (this.#request.deadLetters?.isEmpty === false) {
      this.#held = { batch, next, isStored: false };
      return this.#rows.nothing();
    }
    this.#passTo(next);
    return batch;
  }

  #passTo(next: number): void {
    this.#next = next;
    this.#offset = next === this.#records.count ? this.#fetchOffset : (this.#records.positions.offsets[next - 1] as number) + 1;
  }

  #leaveOut(bad: BadRecord): void {
    this.#request.badRecords.leaveOut(bad, this.#found(bad));
    if (bad.fate === 'nothing') return;
    this.bad++;
    const { topic, partition, deadLetters } = this.#request;
    const { positions, keys, values } = this.#records;
    const { record } = bad;
    deadLetters?.add({ topic, partition, offset: positions.offsets[record] as number, timestamp: positions.timestamps[record] as number, key: bytesOf(keys, record), value: bytesOf(values, record) }, bad, this.#rows.isKeyBad);
  }

  #nulled(bad: BadRecord): void {
    const found = this.#found(bad);
    if (found.offset <= this.#nulledUpTo) return;
    this.#nulledUpTo = found.offset;
    this.bad++;
    this.#request.badRecords.nulled(bad, found);
  }

  #found({ record, found }: BadRecord): FoundRecord {
    const { topic, partition } = this.#request;
    const isKey = this.#rows.isKeyBad;
    const bytes = bytesOf(isKey ? this.#records.keys : this.#records.values, record);
    const text = bytes === null ? 'null' : shownRecord(bytes, shownBytes, found);
    return { topic, partition, offset: this.#records.positions.offsets[record] as number, isKey, text };
  }

  position(): Position {
    return { topic: this.#request.topic, offset: this.#offset };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

function bytesOf(spans: RecordSpans, record: number): Uint8Array | null {
  const at = spans.offsets[record] as number;
  const length = spans.lengths[record] as number;
  return length < 0 ? null : spans.heap.subarray(at, at + length);
}
