import { SqlError } from '../../core/diagnostic.ts';
import type { Batch } from '../../core/batch.ts';
import { BadRecord, type Position, type RecordDecoder, type RecordSpans, type Source, type SourceRequest, type SplitReader } from '../../catalog/connector.ts';
import type { BrokerLink } from '../../wire/broker-link.ts';
import { isCommit, readBatchHeader, readRecords, RecordPositions } from '../../wire/record-batch.ts';

const fetchBytes = 1 << 20;
/** Room behind the fetched bytes for text that is unescaped. */
const slackBytes = 64 << 10;

/** A topic as a source: one split per partition, read_committed. */
export async function openKafkaSource(request: SourceRequest): Promise<Source> {
  const { table, services } = request;
  const { options } = table;
  const topic = options.text('topic') ?? '';
  const link = await services.broker();
  if (await link.createTopic(topic, 1)) services.notice('N0602', `the topic ${topic} is new (1 partition) and empty${services.bounded ? '' : ': waiting for rows'}`);
  const partitions = (await link.partitionCount(topic)) ?? 1;
  const bounded = services.bounded || options.text('scan.bounded.mode') === 'latest-offset';
  const readers: KafkaSplitReader[] = [];
  return {
    splits: async () => Array.from({ length: partitions }, (_, partition) => String(partition)),
    open: async (split, position) => {
      const partition = Number(split);
      const offsets = await link.offsets(topic, partition);
      const start = position === undefined ? await startOffset(request, link, topic, partition, offsets) : storedOffset(topic, partition, position, offsets);
      const decoder = table.format?.decoder(request.read, table.formatOptions);
      if (decoder === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
      const reader = new KafkaSplitReader(link, topic, partition, start, bounded ? offsets.stable : undefined, decoder);
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

async function startOffset(request: SourceRequest, link: BrokerLink, topic: string, partition: number, offsets: { readonly start: number; readonly stable: number }): Promise<number> {
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
      return wanted === null ? groupOffset(request, link, topic, partition, offsets.start) : Number(wanted[1]);
    }
    default:
      return groupOffset(request, link, topic, partition, offsets.start);
  }
}

async function groupOffset({ table, services }: SourceRequest, link: BrokerLink, topic: string, partition: number, earliest: number): Promise<number> {
  const group = table.options.text('properties.group.id') ?? services.group;
  const committed = (await link.committedOffsets(group)).find((entry) => entry.topic === topic && entry.partition === partition);
  if (committed === undefined && partition === 0) services.notice('N0601', `${table.name}: the group ${group} has no offsets yet; reading from the earliest record`);
  return committed?.offset ?? earliest;
}

/** One partition. What is fetched is decoded before the next fetch, so one buffer serves; the second is not used yet. */
class KafkaSplitReader implements SplitReader {
  readonly id: string;
  readonly #link: BrokerLink;
  readonly #topic: string;
  readonly #partition: number;
  /** A bounded split ends here. */
  readonly #stopAt: number | undefined;
  readonly #decoder: RecordDecoder;
  readonly #positions = new RecordPositions();
  readonly #spans: RecordSpans = { heap: new Uint8Array(0), slackStart: 0, offsets: new Int32Array(0), lengths: new Int32Array(0), count: 0 };
  readonly #records = { offsets: new Float64Array(0) };
  #buffers: [Uint8Array, Uint8Array] = [new Uint8Array(fetchBytes + slackBytes), new Uint8Array(fetchBytes + slackBytes)];
  /** The next record's row in #spans. */
  #next = 0;
  /** The offset after the last record that `read` gave. */
  #offset: number;
  /** The offset that the next fetch starts at. */
  #fetchOffset: number;
  #end = Infinity;
  #closed = false;

  constructor(link: BrokerLink, topic: string, partition: number, offset: number, stopAt: number | undefined, decoder: RecordDecoder) {
    this.id = String(partition);
    this.#link = link;
    this.#topic = topic;
    this.#partition = partition;
    this.#offset = offset;
    this.#fetchOffset = offset;
    this.#stopAt = stopAt;
    this.#decoder = decoder;
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
    const [into] = this.#buffers;
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
    if (result.bytes.length > into.length) this.#buffers[0] = result.bytes;
    this.#take(result.bytes, result.length, result.aborted);
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
    // A null value is a record that says nothing in an insert-only format: it is passed over.
    let count = 0;
    for (let i = 0; i < positions.count; i++) {
      if ((positions.valueLengths[i] as number) < 0) continue;
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
