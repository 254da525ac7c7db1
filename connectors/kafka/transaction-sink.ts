import type { SinkWriter } from '../../catalog/connector.ts';
import type { ProducerIdentity } from '../../wire/broker-link.ts';
import { EpochOutput } from './epoch-output.ts';
import { publish, Sequences } from './publish.ts';
import type { Delivery } from './delivery.ts';

/**
 * Exactly-once for a job without keyed state: an epoch's output and the positions behind it in one Kafka transaction, no outbox. The
 * transaction is the decision, so it is written by `prepare`; on restart the positions are read back from the ledger.
 */
export function transactionSink(delivery: Delivery): SinkWriter {
  const { link, topic, transactionalId, ledger } = delivery;
  const { clock } = delivery.request.services;
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
    write: (batch, from, to) => writer.write(batch, from, to, clock.now()),
    prepare: async (checkpoint, positions) => {
      writer.flush();
      const epoch = output.take();
      last = last.then(async () => {
        producer ??= await link.initProducer(transactionalId);
        await publish(link, transactionalId, producer, sequences, topic, epoch, ledger.positionsGroup, ledger.positionOffsets(positions, checkpoint));
        for (const batch of epoch) writer.recycle(batch);
      });
      await last;
      return undefined;
    },
    commit: async () => undefined,
    recover: async () => {
      // Fences an older run of this job and ends what it left open.
      producer = await link.initProducer(transactionalId);
      sequences = new Sequences();
    },
    close: async () => undefined,
  };
}
