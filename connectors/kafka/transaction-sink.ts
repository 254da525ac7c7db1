import type { SinkWriter, SourcePositions } from '../../catalog/connector.ts';
import type { CommittedOffset, ProducerIdentity } from '../../wire/broker-link.ts';
import type { PartitionBatch } from './batch-writer.ts';
import { publish, Sequences } from './publish.ts';
import type { Delivery } from './sink.ts';

/**
 * Exactly-once for a job without keyed state: an epoch's output and the positions behind it in one Kafka transaction, no outbox. The
 * transaction is the decision, so it is written by `prepare`; on restart the positions are read back from the group `transactionalId`.
 */
export async function transactionSink(delivery: Delivery): Promise<SinkWriter> {
  const { link, topic, transactionalId } = delivery;
  let batches: PartitionBatch[] = [];
  let producer: ProducerIdentity | undefined;
  let sequences = new Sequences();
  const writer = delivery.makeWriter((batch) => batches.push(batch));
  return {
    hasCredit: true,
    drained: async () => undefined,
    write: (batch, from, to) => writer.write(batch, from, to, Date.now()),
    prepare: async (checkpoint, positions) => {
      writer.flush();
      const epoch = batches;
      batches = [];
      if (producer === undefined) {
        producer = await link.initProducer(transactionalId);
        sequences = new Sequences();
      }
      await publish(link, transactionalId, producer, sequences, topic, epoch, transactionalId, toOffsets(positions, checkpoint));
      return { positions };
    },
    commit: async () => undefined,
    recover: async () => {
      producer = await link.initProducer(transactionalId);
      sequences = new Sequences();
    },
    recoveredPositions: async () => fromOffsets(await link.committedOffsets(transactionalId)),
    close: async () => undefined,
  };
}

/** A position as a committed offset: the split is the partition of a pseudo topic named by the source, the rest is metadata. */
function toOffsets(positions: SourcePositions, checkpoint: number): CommittedOffset[] {
  return Object.entries(positions).flatMap(([source, splits]) =>
    Object.entries(splits).map(([split, at]) => ({ topic: source, partition: Number(split), offset: Number(at.position['offset'] ?? 0), metadata: JSON.stringify({ checkpoint, ...at }) })),
  );
}

function fromOffsets(offsets: readonly CommittedOffset[]): { readonly checkpoint: number; readonly positions: SourcePositions } | undefined {
  if (offsets.length === 0) return undefined;
  const positions: Record<string, Record<string, SourcePositions[string][string]>> = {};
  let checkpoint = 0;
  for (const { topic, partition, metadata } of offsets) {
    const stored = JSON.parse(metadata) as SourcePositions[string][string] & { readonly checkpoint: number };
    checkpoint = Math.max(checkpoint, stored.checkpoint);
    (positions[topic] ??= {})[String(partition)] = { position: stored.position, watermark: stored.watermark };
  }
  return { checkpoint, positions };
}
