import { join } from 'node:path';
import type { SinkToken, SinkWriter } from '../../catalog/connector.ts';
import type { ProducerIdentity } from '../../wire/broker-link.ts';
import type { PartitionBatch } from './batch-writer.ts';
import { EpochOutput } from './epoch-output.ts';
import { Outbox } from './outbox.ts';
import { publish, Sequences } from './publish.ts';
import type { Delivery } from './delivery.ts';

/**
 * Exactly-once for a job with keyed state. An epoch's batches go to the outbox; the stored checkpoint that names them is the decision;
 * then one short transaction publishes them and records the epoch in the ledger. On restart that record says what is still to be
 * published: epochs above it, in order.
 */
export function outboxSink(delivery: Delivery): SinkWriter {
  const { link, topic, transactionalId, ledger, request } = delivery;
  const { stateDir, clock } = request.services;
  // The state folder is the job's already.
  const outbox = new Outbox(stateDir === undefined ? undefined : join(stateDir, 'outbox', request.id.slice(request.id.indexOf('/') + 1)));
  const output = new EpochOutput();
  /** Epochs of this run that are stored and not yet published: read back only by the next run. */
  const stored = new Map<number, readonly PartitionBatch[]>();
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
  const publishEpoch = async ({ epoch, length }: OutboxToken): Promise<void> => {
    const identity = await begin();
    await publish(link, transactionalId, identity, sequences, topic, stored.get(epoch) ?? outbox.load(epoch, length), ledger.epochsGroup, ledger.epochOffsets(epoch));
    outbox.drop(epoch);
    for (const batch of stored.get(epoch) ?? []) writer.recycle(batch);
    stored.delete(epoch);
  };

  return {
    hasCredit: true,
    get wantsCheckpoint() {
      return output.isFull;
    },
    drained: async () => undefined,
    write: (batch, from, to) => writer.write(batch, from, to, clock.now()),
    prepare: async (checkpoint) => {
      writer.flush();
      const epoch = output.take();
      const length = await outbox.store(checkpoint, epoch);
      stored.set(checkpoint, epoch);
      return { delivery: 'outbox', epoch: checkpoint, length } satisfies OutboxToken;
    },
    commit: async (token) => {
      if (isOutboxToken(token)) await publishEpoch(token);
    },
    recover: async (tokens) => {
      await begin();
      const published = (await ledger.published())?.epoch ?? 0;
      const waiting = tokens.filter(isOutboxToken);
      outbox.keepOnly(new Set(waiting.map((token) => token.epoch)));
      for (const token of waiting) if (token.epoch > published) await publishEpoch(token);
    },
    close: async () => undefined,
  };
}

/** What a stored checkpoint says of an epoch that lies in the outbox. `length` is in bytes. */
export interface OutboxToken extends SinkToken {
  readonly delivery: 'outbox';
  readonly epoch: number;
  readonly length: number;
}

export function isOutboxToken(token: SinkToken): token is OutboxToken {
  return token['delivery'] === 'outbox';
}
