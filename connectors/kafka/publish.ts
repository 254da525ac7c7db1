import type { BrokerLink, CommittedOffset, ProducerIdentity } from '../../wire/broker-link.ts';
import { assignProducer, readBatchHeader } from '../../wire/record-batch.ts';
import type { PartitionBatch } from './batch-writer.ts';

/** Counts the records that a producer has written to each partition: Kafka's sequence numbers. */
class Sequences {
  readonly #next = new Map<number, number>();

  /** Writes producer and sequence into a finished batch. */
  stamp({ partition, bytes }: PartitionBatch, producer: ProducerIdentity): void {
    const header = readBatchHeader(bytes, 0, bytes.length);
    const sequence = this.#next.get(partition) ?? 0;
    this.#next.set(partition, (sequence + (header?.recordCount ?? 0)) & 0x7fffffff);
    assignProducer(bytes, 0, bytes.length, { ...producer, sequence, transactional: true });
  }
}

/** The transactional producer of one sink. */
export class Publisher {
  readonly #link: BrokerLink;
  readonly #topic: string;
  readonly #transactionalId: string;
  readonly #sequences = new Sequences();
  #producer: Promise<ProducerIdentity> | undefined;

  constructor(link: BrokerLink, topic: string, transactionalId: string) {
    this.#link = link;
    this.#topic = topic;
    this.#transactionalId = transactionalId;
  }

  /** Fences an older run of this job and ends what it left open: what the ledger says from then on stays. Asked again, it does nothing. */
  async begin(): Promise<void> {
    await this.#identity();
  }

  /** One short transaction: the batches, a piece at a time, and the group's offsets, all or none. */
  async publish(pieces: Iterable<readonly PartitionBatch[]>, group: string, offsets: readonly CommittedOffset[]): Promise<void> {
    const producer = await this.#identity();
    const link = this.#link;
    const transactionalId = this.#transactionalId;
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      for (const batch of piece) this.#sequences.stamp(batch, producer);
      await link.produce({ transactionalId, producer, batches: piece.map(({ partition, bytes }) => ({ topic: this.#topic, partition, bytes })) });
    }
    await link.commitOffsets({ group, offsets, transactionalId, producer });
    await link.endTransaction(transactionalId, producer, true);
  }

  #identity(): Promise<ProducerIdentity> {
    this.#producer ??= this.#link.initProducer(this.#transactionalId);
    return this.#producer;
  }
}
