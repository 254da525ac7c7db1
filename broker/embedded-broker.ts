import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import type { SyncListener } from '../state/durable-file.ts';
import type {
  BrokerLink, CommitRequest, CommittedOffset, FetchRequest, FetchResult, PartitionOffsets, ProduceRequest, ProduceResult, ProducerIdentity, TopicSettings,
} from '../wire/broker-link.ts';
import { atPartition, readBatchHeader, type BatchHeader } from '../wire/record-batch.ts';
import { Coordinator } from './coordinator.ts';
import { GroupOffsets } from './group-offsets.ts';
import type { PartitionLog } from './partition-log.ts';
import { partitionName, Topics } from './topics.ts';

export interface EmbeddedBrokerOptions {
  /** Where topics lie. */
  readonly dir: string;
  readonly segmentBytes?: number;
  /** ms after which an open transaction is aborted. */
  readonly transactionTimeout?: number;
  readonly onSync?: SyncListener | undefined;
  readonly now?: () => number;
  /** True: a folder is looked at as it lies there, and no byte of it changes. What was open is taken for aborted. */
  readonly readOnly?: boolean | undefined;
  /** Told in one sentence what opening a partition has cut off. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/**
 * The embedded Kafka-compatible broker: one node, topics in segment files. Verbs are those of BrokerLink. A produce without a transaction
 * resolves after an fsync, and readers see no record before it; a transaction's records are synced by its commit (coordinator.ts).
 */
export class EmbeddedBroker implements BrokerLink {
  readonly #now: () => number;
  readonly #readOnly: boolean;
  readonly #topics: Topics;
  readonly #offsets: GroupOffsets;
  readonly #coordinator: Coordinator;
  readonly #waiters = new Set<() => void>();
  #closed = false;

  constructor({ dir, segmentBytes = 256 << 20, transactionTimeout = 60_000, onSync, now = Date.now, readOnly = false, onNotice }: EmbeddedBrokerOptions) {
    const log = { segmentBytes, onSync, readOnly, onNotice };
    this.#now = now;
    this.#readOnly = readOnly;
    this.#topics = new Topics(join(dir, 'topics'), log, (opened, name) => (readOnly ? this.#coordinator.assumeEnded(opened, name) : this.#coordinator.abortOrphans(opened, name)));
    this.#offsets = new GroupOffsets(join(dir, '__consumer_offsets'), log, now);
    this.#coordinator = new Coordinator({ dir: join(dir, '__transaction_state'), log, timeout: transactionTimeout, now }, this.#topics, this.#offsets, () => this.#wake());
    if (readOnly) this.#coordinator.assumeRecovered();
    else this.#coordinator.recover();
  }

  // ---- topics ----

  async createTopic(topic: string, partitions: number, settings: TopicSettings = {}): Promise<boolean> {
    this.#checkWritable();
    return this.#topics.create(topic, partitions, settings);
  }

  async partitionCount(topic: string): Promise<number | undefined> {
    return this.#topics.partitionCount(topic);
  }

  async topics(): Promise<readonly string[]> {
    return this.#topics.names;
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    await this.#coordinator.abortExpired();
    const log = this.#topics.log(topic, partition);
    return { start: log.startOffset, end: log.safeOffset, stable: log.stableOffset };
  }

  async offsetAt(topic: string, partition: number, timestamp: number): Promise<number> {
    try {
      return this.#topics.log(topic, partition).offsetAt(timestamp);
    } catch (error) {
      throw atPartition(error, topic, partition);
    }
  }

  // ---- reading ----

  async fetch(request: FetchRequest): Promise<FetchResult> {
    const log = this.#topics.log(request.topic, request.partition);
    let deadline = this.#now() + request.waitMs;
    for (let asked = this.#now(); ; ) {
      this.#check();
      await this.#coordinator.abortExpired();
      const end = request.isolation === 'read_committed' ? log.stableOffset : log.safeOffset;
      if (request.offset < log.startOffset || request.offset > log.endOffset) {
        throw new SqlError({ code: 'E0805', message: `${request.topic} partition ${request.partition} has no offset ${request.offset}: it holds ${log.startOffset} to ${log.endOffset}`, hint: request.offset < log.startOffset ? 'records were removed before they were read: start over with --fresh' : 'the topic was made anew: start over with --fresh' });
      }
      if (request.offset < end) {
        const { bytes, length } = log.read(request.offset, end, request.maxBytes, request.into);
        const aborted = request.isolation === 'read_committed' ? log.abortedBetween(request.offset, end) : [];
        return { bytes, length, end, aborted };
      }
      const now = this.#now();
      // A clock that has gone back ends the wait.
      if (now < asked) deadline = now;
      asked = now;
      const left = deadline - now;
      if (left <= 0) return { bytes: request.into ?? new Uint8Array(0), length: 0, end, aborted: [] };
      await this.#change(left);
    }
  }

  /** Resolves at the next append or end of a transaction, or after `ms`. */
  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiters.add(done);
    });
  }

  #wake(): void {
    for (const waiter of this.#waiters) waiter();
  }

  // ---- writing ----

  async produce(request: ProduceRequest): Promise<readonly ProduceResult[]> {
    this.#checkWritable();
    const { transactionalId, producer } = request;
    if (transactionalId === undefined || producer === undefined) {
      const { results, logs } = this.#append(request, undefined);
      await Promise.all([...logs].map((log) => log.sync()));
      this.#wake();
      return results;
    }
    return this.#coordinator.inTurn(transactionalId, async () => {
      // First: it knows why a producer was replaced, a partition does not.
      this.#coordinator.check(transactionalId, producer);
      return this.#append(request, producer, (names) => this.#coordinator.join(transactionalId, producer, names)).results;
    });
  }

  /**
   * Appends all batches or, when one is refused, none; a batch that is there already gets the offset it has. `before` runs once all are known
   * to fit.
   */
  #append({ batches }: ProduceRequest, producer: ProducerIdentity | undefined, before?: (partitions: readonly string[]) => void): { readonly results: readonly ProduceResult[]; readonly logs: ReadonlySet<PartitionLog> } {
    const last = new Map<string, BatchHeader>();
    const targets = batches.map(({ topic, partition, bytes }) => {
      const header = ownHeader(bytes, topic, producer);
      const log = this.#topics.log(topic, partition);
      const sender = `${partitionName(topic, partition)} ${header.producerId}`;
      const knownOffset = log.producers.check(header, last.get(sender));
      if (knownOffset === undefined) last.set(sender, header);
      return { topic, partition, bytes, log, knownOffset };
    });
    before?.(batches.map((batch) => partitionName(batch.topic, batch.partition)));
    const results = targets.map(({ topic, partition, bytes, log, knownOffset }) => ({ topic, partition, baseOffset: knownOffset ?? log.append(bytes) }));
    const logs = new Set(targets.map(({ log }) => log));
    for (const log of logs) log.retain(this.#now());
    return { results, logs };
  }

  async initProducer(transactionalId: string | undefined): Promise<ProducerIdentity> {
    this.#checkWritable();
    return this.#coordinator.initProducer(transactionalId);
  }

  async commitOffsets({ group, offsets, transactionalId, producer }: CommitRequest): Promise<void> {
    this.#checkWritable();
    if (transactionalId !== undefined && producer !== undefined) {
      await this.#coordinator.addOffsets(transactionalId, producer, group, offsets);
      return;
    }
    this.#offsets.store(group, offsets);
    await this.#offsets.log.sync();
  }

  async committedOffsets(group: string): Promise<readonly CommittedOffset[]> {
    return this.#offsets.of(group);
  }

  async endTransaction(transactionalId: string, producer: ProducerIdentity, commit: boolean): Promise<void> {
    this.#checkWritable();
    await this.#coordinator.end(transactionalId, producer, commit);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake();
    await this.#coordinator.settled();
    const logs = [...this.#topics.logs, this.#coordinator, this.#offsets.log];
    const synced = this.#readOnly ? [] : logs.map((log) => log.sync());
    await Promise.allSettled(synced);
    for (const log of logs) log.close();
    await Promise.all(synced);
  }

  #check(): void {
    if (this.#closed) throw new SqlError({ code: 'E0601', message: 'the embedded broker is closed' });
  }

  #checkWritable(): void {
    this.#check();
    if (this.#readOnly) throw new SqlError({ code: 'E0605', message: 'the embedded broker was opened for reading only' });
  }
}

/** The header of a batch. Refuses one that is not of the producer's transaction, or that belongs to one although it comes without. */
function ownHeader(bytes: Uint8Array, topic: string, producer: ProducerIdentity | undefined): BatchHeader {
  const header = readBatchHeader(bytes, 0, bytes.length);
  if (header === undefined || header.end !== bytes.length) throw new SqlError({ code: 'E0605', message: `what is written to ${topic} is not one whole record batch` });
  const fits = producer === undefined ? !header.isTransactional : header.isTransactional && header.producerId === producer.producerId && header.producerEpoch === producer.epoch;
  if (header.isControl || !fits) throw new SqlError({ code: 'E0605', message: `a batch for ${topic} is not of the transaction that it is written in` });
  return header;
}
