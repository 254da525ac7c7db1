import type { BrokerLink } from '../../wire/broker-link.ts';
import { BatchBuilder, readBatchHeader, readRecords, RecordPositions } from '../../wire/record-batch.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Appends values to a partition, as one record batch. A string is written as it is, anything else as JSON. */
export async function produce(link: BrokerLink, topic: string, values: readonly unknown[], partition = 0): Promise<void> {
  const builder = new BatchBuilder();
  for (const value of values) {
    const bytes = encoder.encode(typeof value === 'string' ? value : JSON.stringify(value));
    builder.append(bytes, 0, -1, bytes, 0, bytes.length, 1_700_000_000_000);
  }
  await link.produce({ batches: [{ topic, partition, bytes: builder.finish() }] });
}

/** The values of a partition that a read_committed reader sees. */
export async function consume(link: BrokerLink, topic: string, partition = 0): Promise<string[]> {
  const values: string[] = [];
  let offset = 0;
  for (;;) {
    const { bytes, length, aborted } = await link.fetch({ topic, partition, offset, maxBytes: 1 << 20, waitMs: 0, isolation: 'read_committed' });
    if (length === 0) return values;
    for (let header = readBatchHeader(bytes, 0, length); header !== undefined; header = readBatchHeader(bytes, header.end, length)) {
      offset = header.lastOffset + 1;
      const { baseOffset, producerId } = header;
      if (header.isControl || aborted.some((transaction) => transaction.producerId === producerId && transaction.firstOffset <= baseOffset)) continue;
      const positions = new RecordPositions();
      readRecords(bytes, header, 0, positions);
      for (let i = 0; i < positions.count; i++) {
        const start = positions.valueOffsets[i] ?? 0;
        values.push(decoder.decode(bytes.subarray(start, start + (positions.valueLengths[i] ?? 0))));
      }
    }
  }
}
