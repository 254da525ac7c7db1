import type { SourcePositions, SplitPosition } from '../../catalog/connector.ts';
import type { BrokerLink, CommittedOffset } from '../../wire/broker-link.ts';

/** What was published of a sink, and the life of its job that published it. */
export interface Published {
  readonly incarnation: string;
  /** The last epoch that left the outbox; 0 for none. */
  readonly epoch: number;
  /** What the last transaction with positions wrote. */
  readonly decided: { readonly checkpoint: number; readonly positions: SourcePositions } | undefined;
}

/**
 * What the broker remembers of one sink of one job, each in a group of its own, written in the transaction that publishes: the last epoch
 * that left the outbox, and the positions behind the output of a job without keyed state. The metadata of each offset is JSON.
 */
export class Ledger {
  readonly epochsGroup: string;
  readonly positionsGroup: string;
  readonly #link: BrokerLink;
  readonly #topic: string;
  readonly #incarnation: string;

  constructor(link: BrokerLink, topic: string, transactionalId: string, incarnation: string) {
    this.#link = link;
    this.#topic = topic;
    this.#incarnation = incarnation;
    this.epochsGroup = `${transactionalId}/epochs`;
    this.positionsGroup = `${transactionalId}/positions`;
  }

  /** Undefined when nothing was. This life's where there are two. */
  async published(): Promise<Published | undefined> {
    const allEpochs = (await this.#entries(this.epochsGroup)) as readonly Entry<StoredEpoch>[];
    const allOffsets = (await this.#entries(this.positionsGroup)) as readonly Entry<StoredPosition>[];
    const lives = [...allOffsets, ...allEpochs].map(({ stored }) => stored.incarnation);
    const incarnation = lives.find((life) => life === this.#incarnation) ?? lives[0];
    if (incarnation === undefined) return undefined;
    const epochs = allEpochs.filter(({ stored }) => stored.incarnation === incarnation);
    const offsets = allOffsets.filter(({ stored }) => stored.incarnation === incarnation);
    const checkpoint = Math.max(0, ...offsets.map(({ stored }) => stored.checkpoint));
    // A group keeps what no transaction replaces: splits that there once were.
    const latest = offsets.filter(({ stored }) => stored.checkpoint === checkpoint);
    const positions: Record<string, Record<string, SplitPosition>> = {};
    for (const { topic, stored } of latest) (positions[topic] ??= {})[stored.split] = { connector: stored.connector, position: stored.position, watermark: stored.watermark };
    return { incarnation, epoch: Math.max(0, ...epochs.map(({ stored }) => stored.checkpoint)), decided: latest.length === 0 ? undefined : { checkpoint, positions } };
  }

  /** Of whatever topics the sink has had. */
  epochOffsets(epoch: number): readonly CommittedOffset[] {
    return [{ topic: this.#topic, partition: 0, offset: epoch, metadata: JSON.stringify({ incarnation: this.#incarnation, checkpoint: epoch } satisfies StoredEpoch) }];
  }

  /** Positions as offsets: a pipeline is a topic, a split one of its partitions, and the rest is metadata. */
  positionOffsets(positions: SourcePositions, checkpoint: number): readonly CommittedOffset[] {
    return Object.entries(positions).flatMap(([pipeline, splits]) =>
      Object.entries(splits).map(([split, at], partition) => ({
        topic: pipeline,
        partition,
        offset: Number(at.position['offset'] ?? 0),
        metadata: JSON.stringify({ incarnation: this.#incarnation, checkpoint, split, ...at } satisfies StoredPosition),
      })),
    );
  }

  /** For a job that starts over: a crash before its first checkpoint must not bring back where an earlier one stood. */
  async forget(): Promise<void> {
    for (const group of [this.epochsGroup, this.positionsGroup]) {
      const known = await this.#entries(group);
      if (known.length > 0) await this.#link.commitOffsets({ group, offsets: known.map(({ topic, partition }) => ({ topic, partition, offset: 0, metadata: '' })) });
    }
  }

  /** What stands in a group, as the method above that belongs to it wrote it. */
  async #entries(group: string): Promise<readonly Entry<unknown>[]> {
    const committed = await this.#link.committedOffsets(group);
    return committed.filter((entry) => entry.metadata !== '').map(({ topic, partition, metadata }) => ({ topic, partition, stored: JSON.parse(metadata) as unknown }));
  }
}

interface Entry<T> {
  readonly topic: string;
  readonly partition: number;
  readonly stored: T;
}

interface StoredEpoch {
  readonly incarnation: string;
  readonly checkpoint: number;
}

interface StoredPosition extends StoredEpoch, SplitPosition {
  readonly split: string;
}
