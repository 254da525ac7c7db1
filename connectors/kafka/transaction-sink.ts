import type { SinkWriter, SourcePositions } from '../../catalog/connector.ts';
import type { CommittedOffset, ProducerIdentity } from '../../wire/broker-link.ts';
import { EpochOutput } from './epoch-output.ts';
import { publish, Sequences } from './publish.ts';
import type { Delivery } from './delivery.ts';

/**
 * Exactly-once for a job without keyed state: an epoch's output and the positions behind it in one Kafka transaction, no outbox. The
 * transaction is the decision, so it is written by `prepare`; on restart the positions are read back from the group `transactionalId`.
 */
export async function transactionSink(delivery: Delivery): Promise<SinkWriter> {
  const { link, topic, transactionalId } = delivery;
  const output = new EpochOutput();
  let producer: ProducerIdentity | undefined;
  let sequences = new Sequences();
  /** Transactions of two epochs follow one another; when one fails, so do all behind it, for their positions stand on its output. */
  let last: Promise<void> = Promise.resolve();
  const writer = delivery.makeWriter((batch) => output.add(batch), false);
  return {
    hasCredit: true,
    get wantsCheckpoint() {
      return output.isFull;
    },
    drained: async () => undefined,
    write: (batch, from, to) => writer.write(batch, from, to, Date.now()),
    prepare: async (checkpoint, positions) => {
      writer.flush();
      const epoch = output.take();
      last = last.then(async () => {
        producer ??= await link.initProducer(transactionalId);
        await publish(link, transactionalId, producer, sequences, topic, epoch, transactionalId, toOffsets(positions, checkpoint));
        for (const batch of epoch) writer.recycle(batch);
      });
      await last;
      return { positions };
    },
    commit: async () => undefined,
    recover: async () => {
      producer = await link.initProducer(transactionalId);
      sequences = new Sequences();
      if (delivery.request.services.fresh) await forgetPositions(delivery);
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

/** A job that starts over must not go on, after a crash before its first checkpoint, from where an earlier one stood. */
async function forgetPositions({ link, transactionalId }: Delivery): Promise<void> {
  const known = await link.committedOffsets(transactionalId);
  if (known.length > 0) await link.commitOffsets({ group: transactionalId, offsets: known.map((entry) => ({ ...entry, offset: 0, metadata: '' })) });
}

function fromOffsets(committed: readonly CommittedOffset[]): { readonly checkpoint: number; readonly positions: SourcePositions } | undefined {
  const offsets = committed.filter((entry) => entry.metadata.startsWith('{'));
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
