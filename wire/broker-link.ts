/**
 * The one narrow way to a Kafka-compatible broker: the embedded one in process today, a socket behind the same verbs later.
 * Offsets are record offsets, as numbers (exact below 2^53). Timestamps are ms. Batches are Kafka record batches, format v2.
 */
export interface BrokerLink {
  /** Creates a topic unless it is there; true when it is new. The settings of one that is there stay as they are. */
  createTopic(topic: string, partitions: number, settings?: TopicSettings): Promise<boolean>;
  /** The number of partitions, or undefined when there is no such topic. */
  partitionCount(topic: string): Promise<number | undefined>;
  topics(): Promise<readonly string[]>;
  /** First and next offset of a partition; `stable` is where read_committed readers end. */
  offsets(topic: string, partition: number): Promise<PartitionOffsets>;
  /** The first offset whose record is not older than `timestamp`; the end when there is none. */
  offsetAt(topic: string, partition: number, timestamp: number): Promise<number>;
  /** Whole record batches from the one that holds `offset`, at most `maxBytes` (but at least one batch). Waits up to `waitMs` for the first. */
  fetch(request: FetchRequest): Promise<FetchResult>;

  /** A producer id; with a transactional id it fences every older producer of that id and ends its open transaction. */
  initProducer(transactionalId: string | undefined): Promise<ProducerIdentity>;
  /**
   * Appends record batches. Resolves when they are on disk. With a transactional producer the batches belong to its open transaction
   * and must be marked transactional.
   */
  produce(request: ProduceRequest): Promise<readonly ProduceResult[]>;
  /** Stores a group's offsets; with a producer, as part of its open transaction. */
  commitOffsets(request: CommitRequest): Promise<void>;
  committedOffsets(group: string): Promise<readonly CommittedOffset[]>;
  /** Ends the producer's open transaction. Asking again for the same end is fine. */
  endTransaction(transactionalId: string, producer: ProducerIdentity, commit: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Kafka's names and units. What is not given has no limit, except that the broker chooses how large segments get. */
export interface TopicSettings {
  /** ms that a record is kept at the least. */
  readonly 'retention.ms'?: number;
  /** Bytes of a partition that are kept at the least. */
  readonly 'retention.bytes'?: number;
  /** Bytes at which a partition begins a new segment: records go by whole segments. */
  readonly 'segment.bytes'?: number;
}

export interface PartitionOffsets {
  readonly start: number;
  readonly end: number;
  readonly stable: number;
}

export type Isolation = 'read_committed' | 'read_uncommitted';

export interface FetchRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
  readonly waitMs: number;
  readonly isolation: Isolation;
  /** A buffer to read into when it is large enough; the result says where the bytes are. */
  readonly into?: Uint8Array | undefined;
}

export interface FetchResult {
  /** Whole batches lie in bytes[0 .. length). There may be more room behind. */
  readonly bytes: Uint8Array;
  readonly length: number;
  /** Where readers of this isolation end. */
  readonly end: number;
  /** For read_committed: transactions within the range that were aborted. */
  readonly aborted: readonly AbortedTransaction[];
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly epoch: number;
}

export interface ProduceRequest {
  readonly transactionalId?: string | undefined;
  readonly producer?: ProducerIdentity | undefined;
  readonly batches: readonly { readonly topic: string; readonly partition: number; readonly bytes: Uint8Array }[];
}

export interface ProduceResult {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
}

export interface CommitRequest {
  readonly group: string;
  readonly offsets: readonly CommittedOffset[];
  readonly transactionalId?: string | undefined;
  readonly producer?: ProducerIdentity | undefined;
}

export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}
