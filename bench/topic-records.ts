import type { BrokerLink } from '../wire/broker-link.ts';
import { readBatchHeader, readRecords, RecordPositions } from '../wire/record-batch.ts';

const fetchBytes = 1 << 20;

/** A fetched piece of a partition: where its records lie. Borrowed until the next piece. */
export interface Piece {
  readonly bytes: Buffer;
  readonly records: RecordPositions;
}

/**
 * Partition 0 of a topic from its first to its last record, read_committed. Needs: no transaction of the topic was aborted. One buffer is
 * used again and again.
 */
export async function* pieces(link: BrokerLink, topic: string): AsyncGenerator<Piece, void, void> {
  const { start, stable } = await link.offsets(topic, 0);
  const records = new RecordPositions();
  let buffer: Buffer = Buffer.alloc(fetchBytes + 1024);
  let offset = start;
  while (offset < stable) {
    const { bytes, length } = await link.fetch({ topic, partition: 0, offset, maxBytes: fetchBytes, waitMs: 0, isolation: 'read_committed', into: buffer });
    if (bytes !== buffer) buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    records.count = 0;
    let at = 0;
    for (let header = readBatchHeader(buffer, 0, length); header !== undefined; header = readBatchHeader(buffer, at, length)) {
      if (!header.isControl) readRecords(buffer, header, offset, records);
      offset = header.lastOffset + 1;
      at = header.end;
    }
    yield { bytes: buffer, records };
  }
}
