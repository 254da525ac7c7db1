import type { BrokerLink } from '../../wire/broker-link.ts';
import { BatchBuilder } from '../../wire/batch-builder.ts';
import { PartitionReader } from '../broker/topic-reader.ts';

const encoder = new TextEncoder();

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
  const records = await new PartitionReader(link, topic, partition).readAll();
  return records.map((record) => record.value).filter((value) => value !== null);
}
