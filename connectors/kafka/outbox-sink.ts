import { join } from 'node:path';
import type { SinkToken, SinkWriter } from '../../catalog/connector.ts';
import type { PartitionBatch } from './batch-writer.ts';
import { EpochOutput } from './epoch-output.ts';
import { Outbox, type OutboxForm, type StoredOutput } from './outbox.ts';
import type { Delivery } from './delivery.ts';

/** An epoch's batches: the first in memory, those behind byte `from` of its file only there. */
interface EpochBatches {
  readonly held: readonly PartitionBatch[];
  readonly from: number;
}

/**
 * Exactly-once for a job with keyed state. An epoch's batches go to the outbox, each when it is full; the stored checkpoint that names them is the decision;
 * then one short transaction publishes them and records the epoch in the ledger. On restart that record says what is still to be
 * published: epochs above it, in order. An epoch without output is in neither.
 *
 * Past `heldBytes` (2 MiB if not given) what an epoch writes lies in its file alone and is read back to be published: whatever one firing of timers
 * writes, memory is bounded, and what is read back is nearer to the processor than what was held for so long. A job whose state is in memory has its
 * output there too, all of it.
 */
export function outboxSink(delivery: Delivery, heldBytes = 2 << 20): SinkWriter {
  const { publisher, ledger, request } = delivery;
  const { stateDir, clock } = request.services;
  // The state folder is the job's already.
  const outbox = stateDir === undefined ? undefined : new Outbox(join(stateDir, 'outbox', request.id.slice(request.id.indexOf('/') + 1)));
  const output = new EpochOutput(outbox === undefined ? Infinity : heldBytes);
  /** The byte of the epoch's file behind which its batches are in no memory. */
  let heldTo = 0;
  /** Epochs of this run that are stored and not yet published. */
  const stored = new Map<number, EpochBatches>();
  const writer = delivery.makeWriter((batch) => {
    const end = outbox?.append(batch) ?? 0;
    if (output.add(batch)) heldTo = end;
    else writer.recycle(batch);
  });

  const publishEpoch = async (token: OutboxToken): Promise<void> => {
    const at = storedAt(token);
    const own = stored.get(token.epoch);
    const { held, from } = own ?? { held: [], from: 0 };
    await publisher.publish(pieces(held, outbox?.load(at, from, own !== undefined)), ledger.epochsGroup, ledger.epochOffsets(token.epoch));
    outbox?.drop(at);
    for (const batch of held) writer.recycle(batch);
    stored.delete(token.epoch);
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
      const held = output.take();
      if (held.length === 0) return undefined;
      stored.set(checkpoint, { held, from: heldTo });
      const { file, length } = (await outbox?.store()) ?? { file: 0, length: 0 };
      return { delivery: 'outbox', epoch: checkpoint, file, length, form: 3 } satisfies OutboxToken;
    },
    commit: async (token) => {
      if (isOutboxToken(token)) await publishEpoch(token);
    },
    recover: async (tokens) => {
      await publisher.begin();
      const published = (await ledger.published())?.epoch ?? 0;
      const waiting = tokens.filter(isOutboxToken);
      outbox?.keepOnly(new Set(waiting.map((token) => storedAt(token).file)));
      for (const token of waiting) {
        if (token.epoch > published) await publishEpoch(token);
        else outbox?.drop(storedAt(token));
      }
    },
    close: async () => outbox?.discard(),
  };
}

function* pieces(held: readonly PartitionBatch[], rest: Iterable<readonly PartitionBatch[]> | undefined): Generator<readonly PartitionBatch[], void, void> {
  yield held;
  if (rest !== undefined) yield* rest;
}

/** What a stored checkpoint says of an epoch that lies in the outbox: the number of its file, which older versions named as the epoch, and bytes. */
export interface OutboxToken extends SinkToken {
  readonly delivery: 'outbox';
  readonly epoch: number;
  readonly file?: number;
  readonly length: number;
  /** Absent in what older versions stored, who said of form 2 that it was checked. */
  readonly form?: OutboxForm;
  readonly isChecked?: boolean;
}

function storedAt({ epoch, file = epoch, length, form, isChecked }: OutboxToken): StoredOutput {
  return { file, length, form: form ?? (isChecked === true ? 2 : 1) };
}

export function isOutboxToken(token: SinkToken): token is OutboxToken {
  return token['delivery'] === 'outbox';
}
