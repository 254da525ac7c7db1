import type { BrokerLink, CommittedOffset, ProducerIdentity } from '../../wire/broker-link.ts';
import { assignProducer, readBatchHeader } from '../../wire/record-batch.ts';
import type { PartitionBatch } from './batch-writer.ts';

/** Counts the records that a producer has written to each partition: Kafka's sequence numbers. */
export class Sequences {
  readonly #next = new Map<number, number>();

  /** Writes producer and sequence into a finished batch. */
  stamp({ partition, bytes }: PartitionBatch, producer: ProducerIdentity): void {
    const header = readBatchHeader(bytes, 0, bytes.length);
    const sequence = this.#next.get(partition) ?? 0;
    this.#next.set(partition, (sequence + (header?.recordCount ?? 0)) & 0x7fffffff);
    assignProducer(bytes, 0, bytes.length, { ...producer, sequence, transactional: true });
  }
}

/** One short transaction: the batches and the group's offsets, both or neither. */
export async function publish(
  link: BrokerLink,
  transactionalId: string,
  producer: ProducerIdentity,
  sequences: Sequences,
  topic: string,
  batches: readonly PartitionBatch[],
  group: string,
  offsets: readonly CommittedOffset[],
): Promise<void> {
  for (const batch of batches) sequences.stamp(batch, producer);
  if (batches.length > 0) await link.produce({ transactionalId, producer, batches: batches.map(({ partition, bytes }) => ({ topic, partition, bytes })) });
  await link.commitOffsets({ group, offsets, transactionalId, producer });
  await link.endTransaction(transactionalId, producer, true);
}
