import { atPartition, isCommit, readBatchHeader, readRecords, RecordPositions } from '../wire/record-batch.ts';
import type { BrokerLink } from '../wire/broker-link.ts';

export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  /** undefined for null. */
  readonly key: Uint8Array | undefined;
  readonly value: Uint8Array | undefined;
}

/** The topics in the order of their names. Offsets count records, and the marks of transactions. */
export async function topicSizes(link: BrokerLink): Promise<{ readonly topic: string; readonly partitions: number; readonly offsets: number }[]> {
  const rows = [];
  for (const topic of (await link.topics()).toSorted()) {
    const partitions = (await link.partitionCount(topic)) ?? 0;
    let offsets = 0;
    for (let i = 0; i < partitions; i++) {
      const { start, end } = await link.offsets(topic, i);
      offsets += end - start;
    }
    rows.push({ topic, partitions, offsets });
  }
  return rows;
}

/** The committed records of a topic up to where it ends now, partition by partition. */
export async function* topicRecords(link: BrokerLink, topic: string): AsyncGenerator<TopicRecord, void, void> {
  const partitions = (await link.partitionCount(topic)) ?? 0;
  for (let partition = 0; partition < partitions; partition++) {
    try {
      yield* recordsOf(link, topic, partition);
    } catch (error) {
      throw atPartition(error, topic, partition);
    }
  }
}

async function* recordsOf(link: BrokerLink, topic: string, partition: number): AsyncGenerator<TopicRecord, void, void> {
  const { start, stable } = await link.offsets(topic, partition);
  let offset = start;
  while (offset < stable) {
    const { bytes, length, aborted } = await link.fetch({ topic, partition, offset, maxBytes: 1 << 20, waitMs: 0, isolation: 'read_committed' });
    if (length === 0) break;
    const withdrawn = new Set<bigint>();
    const pending = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
    let at = 0;
    for (let header = readBatchHeader(bytes, at, length); header !== undefined; header = readBatchHeader(bytes, at, length)) {
      const from = offset;
      at = header.end;
      offset = header.lastOffset + 1;
      while (pending[0] !== undefined && pending[0].firstOffset <= header.lastOffset) withdrawn.add((pending.shift() as { readonly producerId: bigint }).producerId);
      if (header.isControl && !isCommit(bytes, header)) withdrawn.delete(header.producerId);
      if (header.isControl || (header.isTransactional && withdrawn.has(header.producerId))) continue;
      const positions = new RecordPositions();
      readRecords(bytes, header, from, positions);
      const part = (at_: number | undefined, size: number | undefined): Uint8Array | undefined => (at_ === undefined || size === undefined || size < 0 ? undefined : bytes.subarray(at_, at_ + size));
      for (let i = 0; i < positions.count; i++) {
        yield { partition, offset: positions.offsets[i] ?? 0, key: part(positions.keyOffsets[i], positions.keyLengths[i]), value: part(positions.valueOffsets[i], positions.valueLengths[i]) };
      }
    }
  }
}
