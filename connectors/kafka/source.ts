import { SqlError } from '../../core/diagnostic.ts';
import type { Batch } from '../../core/batch.ts';
import { RowKind } from '../../core/changelog.ts';
import { allocateReachable, memoryOf } from '../../core/wasm-memory.ts';
import { BadRecord, type Position, type RecordDecoder, type RecordSpans, type Source, type SourceRequest, type SplitReader } from '../../catalog/connector.ts';
import type { BrokerLink, PartitionOffsets } from '../../wire/broker-link.ts';
import { atPartition, isCommit, readBatchHeader, readRecords, RecordPositions } from '../../wire/record-batch.ts';

const fetchBytes = 1 << 20;
/** Room behind the fetched bytes for text that is unescaped. */
const slackBytes = 64 << 10;

/**
 * A topic as a source: one split per partition, read_committed. `isUpsert`: a record is the latest row of its key, one with a null value
 * deletes it.
 */
export async function openKafkaSource(request: SourceRequest, isUpsert = false): Promise<Source> {
  const { table, services } = request;
  const { options } = table;
  const topic = options.text('topic') ?? '';
  const link = await services.broker();
  const known = await link.partitionCount(topic);
  for (const [split, position] of Object.entries(request.positions ?? {})) {
    const partition = Number(split);
    storedOffset(topic, partition, position, known === undefined || partition >= known ? { start: 0, end: 0 } : await link.offsets(topic, partition));
  }
  if (await link.createTopic(topic, 1)) services.notice('N0602', `the topic ${topic} is new (1 partition) and empty${services.bounded ? '' : ': waiting for rows'}`);
  const partitions = (await link.partitionCount(topic)) ?? 1;
  const bounded = services.bounded || options.text('scan.bounded.mode') === 'latest-offset';
  const readers: KafkaSplitReader[] = [];
  return {
    splits: async () => Array.from({ length: partitions }, (_, partition) => String(partition)),
    open: async (split, position) => {
      const partition = Number(split);
      const offsets = await link.offsets(topic, partition);
      // The latest rows of all keys are wanted: they begin where the topic does.
      const start = position === undefined ? (isUpsert ? offsets.start : await startOffset(request, link, topic, partition, offsets, bounded)) : storedOffset(topic, partition, position, offsets);
      const decoder = table.format?.decoder(request.read, table.formatOptions);
      if (decoder === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
      const reader = new KafkaSplitReader(link, topic, partition, start, bounded ? offsets.stable : undefined, decoder, isUpsert);
      readers.push(reader);
      return reader;
    },
    close: async () => {
      for (const reader of readers) await reader.close();
    },
  };
}

/** Where a stored position goes on. Throws E0805 when it is of another topic, or the topic no longer has, or never had, what lies before it. */
function storedOffset(topic: string, partition: number, position: Position, { start, end }: { readonly start: number; readonly end: number }): number {
  const offset = Number(position['offset']);
  if (position['topic'] !== topic) {
    throw new SqlError({
      code: 'E0805',
      message: `the checkpoint goes on in the topic ${position['topic']} (partition ${partition} offset ${offset}), and the table now reads the topic ${topic}`,
      hint: 'start over with --fresh, or give the job another name',
    });
  }
  if (offset >= start && offset <= end) return offset;
  throw new SqlError({
    code: 'E0805',
    message: `the checkpoint goes on at ${topic} partition ${partition} offset ${offset}, and the topic holds ${start} to ${end}`,
    hint: offset > end ? 'the topic was made anew or belongs to another state folder: use the right one, or start over with --fresh' : 'records were removed before they were read: start over with --fresh',
  });
}

async function startOffset(request: SourceRequest, link: BrokerLink, topic: string, partition: number, offsets: PartitionOffsets, bounded: boolean): Promise<number> {
  const { options } = request.table;
  switch (options.text('scan.startup.mode')) {
    case 'earliest-offset':
      return offsets.start;
    case 'latest-offset':
      return offsets.stable;
    case 'timestamp':
      return link.offsetAt(topic, partition, options.integer('scan.startup.timestamp-millis') ?? 0);
    case 'specific-offsets': {
      const wanted = new RegExp(`(?:^|;)\\s*partition:${partition},offset:(\\d+)`).exec(options.text('scan.startup.specific-offsets') ?? '');
      // As in Flink: a partition that the list leaves out starts as one of group-offsets.
      return wanted === null ? groupOffset(request, link, topic, partition, offsets) : specificOffset(request, topic, partition, Number(wanted[1]), offsets, bounded);
    }
    default:
      return groupOffset(request, link, topic, partition, offsets);
  }
}

/**
 * As in Flink: an offset that the partition does not hold is the earliest (OffsetsInitializer.offsets resets so), except that a bounded read
 * from behind the end gives nothing.
 */
function specificOffset({ table, services }: SourceRequest, topic: string, partition: number, offset: number, { start, end }: PartitionOffsets, bounded: boolean): number {
  if (offset >= start && offset <= end) return offset;
  const isEmpty = bounded && offset > end;
  const instead = isEmpty ? 'nothing is read of it' : 'reading from the earliest record';
  services.notice('N0603', `${table.name}: scan.startup.specific-offsets asks for offset ${offset} of ${topic} partition ${partition}, which holds ${start} to ${end}; ${instead}`);
  return isEmpty ? offset : start;
}

async function groupOffset({ table, services }: SourceRequest, link: BrokerLink, topic: string, partition: number, { start, end }: PartitionOffsets): Promise<number> {
  const group = table.options.text('properties.group.id') ?? services.group;
  const committed = (await link.committedOffsets(group)).find((entry) => entry.topic === topic && entry.partition === partition);
  if (committed === undefined && partition === 0) services.notice('N0601', `${table.name}: the group ${group} has no offsets yet; reading from the earliest record`);
  if (committed === undefined || (committed.offset >= start && committed.offset <= end)) return committed?.offset ?? start;
  throw new SqlError({
    code: 'E0805',
    message: `${table.name}: the group ${group} goes on at ${topic} partition ${partition} offset ${committed.offset}, and the topic holds ${start} to ${end}`,
    hint: "say where to start: 'scan.startup.mode' = 'earliest-offset'",
  });
}

/** One partition. What is fetched is decoded before the next fetch, so one buffer serves. */
class KafkaSplitReader implements SplitReader {
  readonly id: string;
  readonly #link: BrokerLink;
  readonly #topic: string;
  readonly #partition: number;
  /** A bounded split ends here. */
  readonly #stopAt: number | undefined;
  readonly #decoder: RecordDecoder;
  readonly #isUpsert: boolean;
  /** The kind of each record at hand, and of each row that `read` gave: of upserts only. */
  #recordKinds = new Uint8Array(0);
  readonly #positions = new RecordPositions();
  readonly #spans: RecordSpans = { heap: new Uint8Array(0), slackStart: 0, offsets: new Int32Array(0), lengths: new Int32Array(0), count: 0 };
  readonly #records = { offsets: new Float64Array(0) };
  /** Fetches are read into it, where a decoder's generated code can reach them. */
  #buffer = allocateReachable(fetchBytes + slackBytes);
  /** The next record's row in #spans. */
  #next = 0;
  /** The offset after the last record that `read` gave. */
  #offset: number;
  /** The offset that the next fetch starts at. */
  #fetchOffset: number;
  #end = Infinity;
  #closed = false;

  constructor(link: BrokerLink, topic: string, partition: number, offset: number, stopAt: number | undefined, decoder: RecordDecoder, isUpsert: boolean) {
    this.id = String(partition);
    this.#link = link;
    this.#topic = topic;
    this.#partition = partition;
    this.#offset = offset;
    this.#fetchOffset = offset;
    this.#stopAt = stopAt;
    this.#decoder = decoder;
    this.#isUpsert = isUpsert;
  }

  get ready(): boolean {
    return this.#next < this.#spans.count;
  }

  get atEnd(): boolean {
    return !this.ready && this.#fetchOffset >= this.#end;
  }

  get finished(): boolean {
    return !this.ready && this.#stopAt !== undefined && this.#fetchOffset >= this.#stopAt;
  }

  async fetch(waitMs: number): Promise<void> {
    if (this.ready || this.finished || this.#closed) return;
    // Where the last records needed a larger heap for their texts, the next ones will too.
    if (this.#spans.heap.length > this.#buffer.length && memoryOf(this.#spans.heap) !== undefined) this.#buffer = this.#spans.heap;
    const into = this.#buffer;
    const result = await this.#link.fetch({
      topic: this.#topic,
      partition: this.#partition,
      offset: this.#fetchOffset,
      maxBytes: fetchBytes,
      waitMs,
      isolation: 'read_committed',
      into,
    });
    this.#end = result.end;
    if (result.length === 0) return;
    // A batch larger than the buffer came in one of its own; the next such one fits.
    if (result.bytes.length > into.length) this.#buffer = allocateReachable(result.bytes.length + slackBytes);
    try {
      this.#take(result.bytes, result.length, result.aborted);
    } catch (error) {
      throw atPartition(error, this.#topic, this.#partition);
    }
  }

  /** Finds the records of the fetched batches, without those of aborted transactions. */
  #take(bytes: Uint8Array, length: number, aborted: readonly { readonly producerId: bigint; readonly firstOffset: number }[]): void {
    const positions = this.#positions;
    positions.count = 0;
    const pending = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
    const withdrawn = new Set<bigint>();
    let at = 0;
    for (let header = readBatchHeader(bytes, 0, length); header !== undefined; header = readBatchHeader(bytes, at, length)) {
      at = header.end;
      const from = this.#fetchOffset;
      if (this.#stopAt !== undefined && header.baseOffset >= this.#stopAt) {
        this.#fetchOffset = this.#stopAt;
        break;
      }
      this.#fetchOffset = header.lastOffset + 1;
      while (pending[0] !== undefined && pending[0].firstOffset <= header.lastOffset) withdrawn.add((pending.shift() as { producerId: bigint }).producerId);
      if (header.isControl) {
        if (!isCommit(bytes, header)) withdrawn.delete(header.producerId);
        continue;
      }
      if (header.isTransactional && withdrawn.has(header.producerId)) continue;
      readRecords(bytes, header, from, positions);
    }
    const spans = this.#spans;
    spans.heap = bytes;
    spans.slackStart = length + 8;
    // A null value is a record that says nothing in an insert-only format: it is passed over. Of upserts it is a deletion, whose row is what
    // its key says; without a key it says nothing either.
    let count = 0;
    if (this.#isUpsert && this.#recordKinds.length < positions.count) this.#recordKinds = new Uint8Array(positions.count * 2);
    for (let i = 0; i < positions.count; i++) {
      const isNull = (positions.valueLengths[i] as number) < 0;
      if (isNull) {
        if (!this.#isUpsert || (positions.keyLengths[i] as number) < 0) continue;
        positions.valueOffsets[i] = positions.keyOffsets[i] as number;
        positions.valueLengths[i] = positions.keyLengths[i] as number;
      }
      if (this.#isUpsert) this.#recordKinds[count] = isNull ? RowKind.delete : RowKind.updateAfter;
      if (count !== i) {
        positions.valueOffsets[count] = positions.valueOffsets[i] as number;
        positions.valueLengths[count] = positions.valueLengths[i] as number;
        positions.offsets[count] = positions.offsets[i] as number;
      }
      count++;
    }
    spans.offsets = positions.valueOffsets;
    spans.lengths = positions.valueLengths;
    this.#records.offsets = positions.offsets;
    spans.count = count;
    this.#next = 0;
    if (count === 0) this.#offset = this.#fetchOffset;
  }

  read(maxRows: number): Batch {
    const from = this.#next;
    const to = Math.min(this.#spans.count, from + maxRows);
    try {
      const batch = this.#decoder.decode(this.#spans, from, to);
      if (this.#isUpsert) batch.kinds = this.#recordKinds.subarray(from, to);
      this.#next = to;
      this.#offset = to === this.#spans.count ? this.#fetchOffset : (this.#records.offsets[to - 1] as number) + 1;
      return batch;
    } catch (error) {
      throw error instanceof BadRecord ? this.#badRecord(error) : error;
    }
  }

  #badRecord(bad: BadRecord): SqlError {
    const offset = this.#records.offsets[bad.record] as number;
    const start = this.#spans.offsets[bad.record] as number;
    const length = this.#spans.lengths[bad.record] as number;
    const text = new TextDecoder().decode(this.#spans.heap.subarray(start, start + Math.min(length, 120)));
    return new SqlError({
      code: 'E0701',
      message: `the record at ${this.#topic} partition ${this.#partition} offset ${offset} does not fit: ${bad.column === undefined ? 'it' : bad.column} is not ${bad.expected}`,
      record: { topic: this.#topic, partition: this.#partition, offset: BigInt(offset) },
      hint: `the record: ${text}${length > 120 ? '...' : ''}`,
    });
  }

  position(): Position {
    return { topic: this.#topic, offset: this.#offset };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
