import type { BrokerLink, Isolation } from '../../wire/broker-link.ts';
import { isCommit, readBatchHeader, readRecords, RecordPositions } from '../../wire/record-batch.ts';

export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

const utf8 = new TextDecoder();

/** Reads one partition from an offset on, again and again, as any consumer would: by batches, without what was aborted. */
export class PartitionReader {
  readonly #link: BrokerLink;
  readonly #topic: string;
  readonly #partition: number;
  readonly #isolation: Isolation;
  readonly #maxBytes: number;
  offset: number;

  constructor(link: BrokerLink, topic: string, partition: number, options: { readonly isolation?: Isolation; readonly offset?: number; readonly maxBytes?: number } = {}) {
    this.#link = link;
    this.#topic = topic;
    this.#partition = partition;
    this.#isolation = options.isolation ?? 'read_committed';
    this.#maxBytes = options.maxBytes ?? 1 << 20;
    this.offset = options.offset ?? 0;
  }

  /** All records from here to where readers end now. */
  async readAll(): Promise<TopicRecord[]> {
    const records: TopicRecord[] = [];
    for (;;) {
      const { bytes, length, aborted } = await this.#link.fetch({ topic: this.#topic, partition: this.#partition, offset: this.offset, maxBytes: this.#maxBytes, waitMs: 0, isolation: this.#isolation });
      if (length === 0) return records;
      const pending = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
      const withdrawn = new Set<bigint>();
      const from = this.offset;
      for (let header = readBatchHeader(bytes, 0, length); header !== undefined; header = readBatchHeader(bytes, header.end, length)) {
        this.offset = header.lastOffset + 1;
        for (let next = pending[0]; next !== undefined && next.firstOffset <= header.lastOffset; next = pending[0]) withdrawn.add((pending.shift() ?? next).producerId);
        if (header.isControl) {
          if (!isCommit(bytes, header)) withdrawn.delete(header.producerId);
          continue;
        }
        if (header.isTransactional && withdrawn.has(header.producerId)) continue;
        const found = new RecordPositions();
        readRecords(bytes, header, from, found);
        const text = (at: number | undefined, size: number | undefined): string | null => (at === undefined || size === undefined || size < 0 ? null : utf8.decode(bytes.subarray(at, at + size)));
        for (let i = 0; i < found.count; i++) {
          records.push({ partition: this.#partition, offset: found.offsets[i] ?? 0, key: text(found.keyOffsets[i], found.keyLengths[i]), value: text(found.valueOffsets[i], found.valueLengths[i]) });
        }
      }
    }
  }
}

/** All records of a topic that readers of this isolation see now, partition by partition. */
export async function readTopic(link: BrokerLink, topic: string, isolation: Isolation = 'read_committed'): Promise<TopicRecord[]> {
  const records: TopicRecord[][] = [];
  for (let partition = 0; partition < ((await link.partitionCount(topic)) ?? 0); partition++) records.push(await new PartitionReader(link, topic, partition, { isolation }).readAll());
  return records.flat();
}
