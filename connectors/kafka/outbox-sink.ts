import { join } from 'node:path';
import { SqlError } from '../../core/diagnostic.ts';
import type { SinkToken, SinkWriter } from '../../catalog/connector.ts';
import type { ProducerIdentity } from '../../wire/broker-link.ts';
import { EpochOutput } from './epoch-output.ts';
import { Outbox } from './outbox.ts';
import { publish, Sequences } from './publish.ts';
import type { Delivery } from './delivery.ts';

/**
 * Exactly-once for a job with keyed state. An epoch's batches go to the outbox; the stored checkpoint that names them is the decision;
 * then one short transaction publishes them and records the epoch as an offset of the group `transactionalId`. On restart that record says
 * what is still to be published: epochs above it, in order.
 */
export async function outboxSink(delivery: Delivery): Promise<SinkWriter> {
  const { link, topic, transactionalId, request } = delivery;
  const { stateDir } = request.services;
  const outbox = new Outbox(stateDir === undefined ? undefined : join(stateDir, 'outbox', request.id));
  const output = new EpochOutput();
  let producer: ProducerIdentity | undefined;
  let sequences = new Sequences();
  const writer = delivery.makeWriter((batch) => output.add(batch));

  const begin = async (): Promise<ProducerIdentity> => {
    if (producer === undefined) {
      // Fences an older run of this job and ends what it left open.
      producer = await link.initProducer(transactionalId);
      sequences = new Sequences();
    }
    return producer;
  };
  const publishedEpoch = async (): Promise<number> => {
    const committed = await link.committedOffsets(transactionalId);
    return committed.find((entry) => entry.topic === topic && entry.partition === 0 && entry.metadata.startsWith('epoch='))?.offset ?? 0;
  };
  const publishEpoch = async (epoch: number, length: number): Promise<void> => {
    const identity = await begin();
    const offset = { topic, partition: 0, offset: epoch, metadata: `epoch=${epoch}` };
    await publish(link, transactionalId, identity, sequences, topic, outbox.load(epoch, length), transactionalId, [offset]);
    outbox.drop(epoch);
  };

  return {
    hasCredit: true,
    get wantsCheckpoint() {
      return output.isFull;
    },
    drained: async () => undefined,
    write: (batch, from, to) => writer.write(batch, from, to, Date.now()),
    prepare: async (checkpoint) => {
      writer.flush();
      const epoch = output.take();
      const length = await outbox.store(checkpoint, epoch);
      // In memory the outbox keeps the batches themselves.
      if (stateDir !== undefined) for (const batch of epoch) writer.recycle(batch);
      return { epoch: checkpoint, length };
    },
    commit: async (token) => publishEpoch(Number(token['epoch']), Number(token['length'])),
    recover: async (tokens) => {
      await begin();
      // What an earlier job of this name published is not this one's: its epochs begin again.
      if (request.services.fresh) await link.commitOffsets({ group: transactionalId, offsets: [{ topic, partition: 0, offset: 0, metadata: 'epoch=0' }] });
      const published = await publishedEpoch();
      const last = Number(tokens.at(-1)?.['epoch'] ?? 0);
      if (published > last) {
        throw new SqlError({
          code: 'E0803',
          message: `${topic} already holds checkpoint ${published} of this job, the stored state ends at ${last}`,
          hint: 'the state folder is another one, or older than the topic: use the right one, or start over with --fresh (the topic then holds the output of both)',
        });
      }
      outbox.keepOnly(new Set(tokens.map((token) => Number(token['epoch']))));
      for (const token of tokens) if (Number(token['epoch']) > published) await publishEpoch(Number(token['epoch']), Number(token['length']));
    },
    close: async () => undefined,
  } satisfies SinkWriter & { commit(token: SinkToken): Promise<void> };
}
