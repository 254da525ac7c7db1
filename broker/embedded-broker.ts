import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import { makeFolder, syncFolder, type SyncListener } from '../state/durable-file.ts';
import type {
  BrokerLink, CommitRequest, CommittedOffset, FetchRequest, FetchResult, PartitionOffsets, ProduceRequest, ProduceResult, ProducerIdentity,
} from '../wire/broker-link.ts';
import { controlBatch, readBatchHeader } from '../wire/record-batch.ts';
import { jsonBatch, jsonRecords } from './json-log.ts';
import { PartitionLog } from './partition-log.ts';
import { completed, fenced, isDecided, owns, type DecidedTransaction, type TransactionRecord } from './transactions.ts';

export interface EmbeddedBrokerOptions {
  /** Where topics lie. */
  readonly dir: string;
  readonly segmentBytes?: number;
  /** ms after which an open transaction is aborted. */
  readonly transactionTimeout?: number;
  readonly onSync?: SyncListener | undefined;
  readonly now?: () => number;
}

const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`;
/** When an internal log is this long, what still holds is written anew and the rest removed. */
const internalSegmentBytes = 8 << 20;
/** Epochs are 16 bits in a batch: behind this one a transactional id gets a new producer id. */
const lastEpoch = 0x7f00;
const topicForm = /^[A-Za-z0-9._-]{1,249}$/;

/**
 * The embedded Kafka-compatible broker: one node, topics in segment files. Verbs are those of BrokerLink; those of one transactional id
 * take turns, so that none comes between the steps of another.
 *
 * What is safe when: a produce without a transaction resolves after an fsync, and readers see no record before it. A commit first syncs
 * the transaction's records, then its decision (one record of the transaction log), then the markers; so a decision is never without its
 * records, and an unfinished end is finished when the broker opens again. A transaction that was open when the broker went away is
 * aborted and its producer fenced: some of its records may be lost, so it must not be committed.
 */
export class EmbeddedBroker implements BrokerLink {
  readonly #dir: string;
  readonly #options: { readonly segmentBytes: number; readonly onSync: SyncListener | undefined };
  readonly #transactionTimeout: number;
  readonly #now: () => number;
  readonly #logs = new Map<string, PartitionLog>();
  readonly #partitions = new Map<string, number>();
  readonly #transactions = new Map<string, TransactionRecord>();
  readonly #groups = new Map<string, Map<string, CommittedOffset>>();
  readonly #waiters = new Set<() => void>();
  /** Transactional id -> the last verb that was asked of it. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #transactionLog: PartitionLog;
  readonly #offsetLog: PartitionLog;
  #nextProducerId = 1n;
  #closed = false;

  constructor(options: EmbeddedBrokerOptions) {
    this.#dir = options.dir;
    this.#options = { segmentBytes: options.segmentBytes ?? 256 << 20, onSync: options.onSync };
    this.#transactionTimeout = options.transactionTimeout ?? 60_000;
    this.#now = options.now ?? Date.now;
    makeFolder(join(this.#dir, 'topics'));
    for (const name of readdirSync(join(this.#dir, 'topics')).toSorted()) {
      const cut = name.lastIndexOf('-');
      const topic = name.slice(0, cut);
      this.#partitions.set(topic, Math.max(this.#partitions.get(topic) ?? 0, Number(name.slice(cut + 1)) + 1));
    }
    const internal = { ...this.#options, segmentBytes: internalSegmentBytes };
    this.#transactionLog = new PartitionLog(join(this.#dir, '__transaction_state'), internal);
    this.#offsetLog = new PartitionLog(join(this.#dir, '__consumer_offsets'), internal);
    this.#recover();
  }

  // ---- topics ----

  async createTopic(topic: string, partitions: number): Promise<boolean> {
    this.#check();
    if (this.#partitions.has(topic)) return false;
    if (!topicForm.test(topic) || topic === '.' || topic === '..') {
      throw new SqlError({ code: 'E0605', message: `'${topic}' cannot be the name of a topic`, hint: 'letters, digits, dot, underscore and minus, at most 249' });
    }
    // The last partition first: a topic that is half made after a crash still has all its partitions.
    for (let partition = partitions - 1; partition >= 0; partition--) mkdirSync(join(this.#dir, 'topics', partitionName(topic, partition)), { recursive: true });
    syncFolder(join(this.#dir, 'topics'));
    this.#partitions.set(topic, partitions);
    return true;
  }

  async partitionCount(topic: string): Promise<number | undefined> {
    return this.#partitions.get(topic);
  }

  async topics(): Promise<readonly string[]> {
    return [...this.#partitions.keys()];
  }

  async offsets(topic: string, partition: number): Promise<PartitionOffsets> {
    await this.#abortExpired();
    const log = this.#log(topic, partition);
    return { start: log.startOffset, end: log.safeOffset, stable: log.stableOffset };
  }

  async offsetAt(topic: string, partition: number, timestamp: number): Promise<number> {
    return this.#log(topic, partition).offsetAt(timestamp);
  }

  // ---- reading ----

  async fetch(request: FetchRequest): Promise<FetchResult> {
    const log = this.#log(request.topic, request.partition);
    const deadline = this.#now() + request.waitMs;
    for (;;) {
      this.#check();
      await this.#abortExpired();
      const end = request.isolation === 'read_committed' ? log.stableOffset : log.safeOffset;
      if (request.offset < log.startOffset || request.offset > log.endOffset) {
        throw new SqlError({ code: 'E0805', message: `${request.topic} partition ${request.partition} has no offset ${request.offset}: it holds ${log.startOffset} to ${log.endOffset}` });
      }
      if (request.offset < end) {
        const { bytes, length } = log.read(request.offset, end, request.maxBytes, request.into);
        const aborted = request.isolation === 'read_committed' ? log.abortedBetween(request.offset, end) : [];
        return { bytes, length, end, aborted };
      }
      const left = deadline - this.#now();
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
    this.#check();
    const { transactionalId, producer } = request;
    if (transactionalId === undefined || producer === undefined) {
      const { results, logs } = this.#append(request, undefined);
      await Promise.all([...logs].map((log) => log.sync()));
      this.#wake();
      return results;
    }
    // A transaction's records are synced by its commit.
    return this.#inTurn(transactionalId, async () => this.#append(request, producer, (names) => this.#join(transactionalId, producer, names)).results);
  }

  /** Appends all batches or, when one is refused, none. `before` runs once all are known to fit. */
  #append({ batches }: ProduceRequest, producer: ProducerIdentity | undefined, before?: (partitions: readonly string[]) => void): { readonly results: readonly ProduceResult[]; readonly logs: ReadonlySet<PartitionLog> } {
    const targets = batches.map(({ topic, partition, bytes }) => {
      checkOwner(bytes, topic, producer);
      return { topic, partition, bytes, log: this.#log(topic, partition) };
    });
    before?.(batches.map((batch) => partitionName(batch.topic, batch.partition)));
    const results = targets.map(({ topic, partition, bytes, log }) => ({ topic, partition, baseOffset: log.append(bytes) }));
    return { results, logs: new Set(targets.map(({ log }) => log)) };
  }

  /** Runs `act` when all that was asked of this transactional id before is done. */
  #inTurn<T>(id: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(act, act);
    this.#turns.set(id, turn);
    return turn;
  }

  /** Adds partitions to the open transaction, opening one if need be, before any record of it is written. */
  #join(id: string, producer: ProducerIdentity, partitions: readonly string[]): void {
    const current = this.#transactions.get(id);
    const error = fenced(id, producer, current);
    if (error !== undefined || current === undefined) throw error ?? new RangeError(id);
    const isOpen = current.state === 'ongoing';
    const known = isOpen ? current.partitions : [];
    const all = [...new Set([...known, ...partitions])];
    if (isOpen && all.length === known.length) return;
    this.#store({ ...current, state: 'ongoing', partitions: all, offsets: isOpen ? current.offsets : {}, openedAt: isOpen ? current.openedAt : this.#now() });
  }

  async initProducer(transactionalId: string | undefined): Promise<ProducerIdentity> {
    this.#check();
    if (transactionalId === undefined) return { producerId: this.#nextProducerId++, epoch: 0 };
    return this.#inTurn(transactionalId, () => this.#fence(transactionalId));
  }

  async #fence(transactionalId: string): Promise<ProducerIdentity> {
    const current = this.#transactions.get(transactionalId);
    if (current !== undefined && (current.state === 'ongoing' || isDecided(current))) await this.#end(current, current.state === 'prepareCommit');
    const before = this.#transactions.get(transactionalId);
    const after = before !== undefined && before.epoch < lastEpoch ? before : undefined;
    const record: TransactionRecord = {
      id: transactionalId,
      producerId: after?.producerId ?? String(this.#nextProducerId++),
      epoch: (after?.epoch ?? -1) + 1,
      state: 'empty',
      partitions: [],
      offsets: {},
      openedAt: this.#now(),
    };
    this.#store(record);
    await this.#transactionLog.sync();
    return { producerId: BigInt(record.producerId), epoch: record.epoch };
  }

  async commitOffsets(request: CommitRequest): Promise<void> {
    this.#check();
    const { transactionalId, producer } = request;
    if (transactionalId === undefined || producer === undefined) {
      this.#storeOffsets(request.group, request.offsets);
      await this.#offsetLog.sync();
      return;
    }
    await this.#inTurn(transactionalId, async () => {
      this.#join(transactionalId, producer, []);
      const open = this.#transactions.get(transactionalId);
      if (open === undefined) return;
      this.#store({ ...open, offsets: { ...open.offsets, [request.group]: [...(open.offsets[request.group] ?? []), ...request.offsets] } });
    });
  }

  async committedOffsets(group: string): Promise<readonly CommittedOffset[]> {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  async endTransaction(transactionalId: string, producer: ProducerIdentity, commit: boolean): Promise<void> {
    this.#check();
    await this.#inTurn(transactionalId, () => this.#endOf(transactionalId, producer, commit));
  }

  async #endOf(transactionalId: string, producer: ProducerIdentity, commit: boolean): Promise<void> {
    const current = this.#transactions.get(transactionalId);
    const error = fenced(transactionalId, producer, current);
    if (error !== undefined || current === undefined) throw error ?? new RangeError(transactionalId);
    if (current.state === (commit ? 'completeCommit' : 'completeAbort') || current.state === 'empty') return;
    if (current.state !== 'ongoing') throw new SqlError({ code: 'E0605', message: `the transaction of ${transactionalId} has already ended the other way` });
    await this.#end(current, commit);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wake();
    await Promise.allSettled(this.#turns.values());
    const logs = [...this.#logs.values(), this.#transactionLog, this.#offsetLog];
    await Promise.all(logs.map((log) => log.sync()));
    for (const log of logs) log.close();
  }

  // ---- transactions ----

  /** Ends a transaction: records, decision, markers and offsets, each on disk before the next. */
  async #end(transaction: TransactionRecord, commit: boolean): Promise<void> {
    const logs = transaction.partitions.map((name) => this.#logByName(name));
    if (commit) await Promise.all(logs.map((log) => log.sync()));
    const decided = isDecided(transaction) ? transaction : this.#decide(transaction, commit);
    this.#store(decided);
    await this.#transactionLog.sync();
    this.#writeMarkers(decided);
    await Promise.all([...logs.map((log) => log.sync()), this.#offsetLog.sync()]);
    this.#store(completed(decided));
    this.#wake();
  }

  #decide(transaction: TransactionRecord, commit: boolean): DecidedTransaction {
    const ends = Object.fromEntries(transaction.partitions.map((name) => [name, this.#logByName(name).endOffset]));
    return { ...transaction, state: commit ? 'prepareCommit' : 'prepareAbort', ends };
  }

  #writeMarkers(decided: DecidedTransaction): void {
    const commit = decided.state === 'prepareCommit';
    const producer = { producerId: BigInt(decided.producerId), epoch: decided.epoch };
    for (const name of decided.partitions) {
      const log = this.#logByName(name);
      const since = log.openTransactions().get(producer.producerId);
      if (since !== undefined && owns(decided, name, since)) log.append(controlBatch(producer, commit, this.#now()));
    }
    if (commit) for (const [group, offsets] of Object.entries(decided.offsets)) this.#storeOffsets(group, offsets);
  }

  /** A transaction that stays open too long would hold back every read_committed reader: it is aborted and its producer fenced. */
  async #abortExpired(): Promise<void> {
    const isExpired = (transaction: TransactionRecord | undefined): transaction is TransactionRecord =>
      transaction?.state === 'ongoing' && this.#now() - transaction.openedAt >= this.#transactionTimeout;
    for (const { id } of [...this.#transactions.values()].filter(isExpired)) {
      await this.#inTurn(id, async () => {
        const current = this.#transactions.get(id);
        if (isExpired(current)) await this.#end({ ...current, epoch: current.epoch + 1 }, false);
      });
    }
  }

  #store(record: TransactionRecord): void {
    this.#transactions.set(record.id, record);
    this.#transactionLog.append(jsonBatch(record, this.#now()));
    if (this.#transactionLog.segmentCount > 1) this.#rewrite(this.#transactionLog, [...this.#transactions.values()]);
  }

  #storeOffsets(group: string, offsets: readonly CommittedOffset[]): void {
    this.#applyOffsets(group, offsets);
    this.#offsetLog.append(jsonBatch({ group, offsets }, this.#now()));
    if (this.#offsetLog.segmentCount > 1) this.#rewrite(this.#offsetLog, [...this.#groups].map(([name, known]) => ({ group: name, offsets: [...known.values()] })));
  }

  /** An internal log that has begun a new segment gets all that holds into it; once that is safe, the older segments go. */
  #rewrite(log: PartitionLog, values: readonly unknown[]): void {
    for (const value of values) log.append(jsonBatch(value, this.#now()));
    log.syncNow();
    log.keepLastSegment();
  }

  #applyOffsets(group: string, offsets: readonly CommittedOffset[]): void {
    const known = this.#groups.get(group) ?? new Map<string, CommittedOffset>();
    for (const offset of offsets) known.set(partitionName(offset.topic, offset.partition), offset);
    this.#groups.set(group, known);
  }

  /** Reads both internal logs, and ends what was decided but not finished. */
  #recover(): void {
    for (const value of jsonRecords(this.#transactionLog)) {
      const record = value as TransactionRecord;
      this.#transactions.set(record.id, record);
      const next = BigInt(record.producerId) + 1n;
      if (next > this.#nextProducerId) this.#nextProducerId = next;
    }
    for (const value of jsonRecords(this.#offsetLog)) {
      const { group, offsets } = value as { readonly group: string; readonly offsets: readonly CommittedOffset[] };
      this.#applyOffsets(group, offsets);
    }
    const known = [...this.#transactions.values()];
    const decided = known.flatMap((record) => (isDecided(record) ? [record] : record.state === 'ongoing' ? [this.#decide(record, false)] : []));
    for (const record of decided) this.#store(record);
    this.#transactionLog.syncNow();
    for (const record of decided) this.#writeMarkers(record);
    for (const record of decided) for (const name of record.partitions) this.#logByName(name).syncNow();
    this.#offsetLog.syncNow();
    // No producer outlives the broker: one whose last transaction is lost must not take the one before for it.
    for (const { id } of known) {
      const record = this.#transactions.get(id);
      if (record !== undefined) this.#store({ ...(isDecided(record) ? completed(record) : record), epoch: record.epoch + 1 });
    }
  }

  // ---- logs ----

  #log(topic: string, partition: number): PartitionLog {
    const count = this.#partitions.get(topic);
    if (count === undefined || partition >= count) {
      throw new SqlError({ code: 'E0602', message: count === undefined ? `there is no topic ${topic}` : `the topic ${topic} has ${count} partitions, not ${partition + 1}` });
    }
    return this.#logByName(partitionName(topic, partition));
  }

  #logByName(name: string): PartitionLog {
    let log = this.#logs.get(name);
    if (log === undefined) {
      log = new PartitionLog(join(this.#dir, 'topics', name), this.#options);
      this.#logs.set(name, log);
      this.#abortOrphans(log, name);
    }
    return log;
  }

  /**
   * Records whose transaction the transaction log does not know: its own tail was cut off by a crash. Nobody can have been told that they
   * are committed. Without this they would become part of the producer's next transaction.
   */
  #abortOrphans(log: PartitionLog, name: string): void {
    const known = [...this.#transactions.values()];
    for (const [producerId, since] of [...log.openTransactions()]) {
      const owner = known.find((record) => record.producerId === String(producerId));
      if (owner !== undefined && owns(owner, name, since)) continue;
      log.append(controlBatch({ producerId, epoch: owner?.epoch ?? 0 }, false, this.#now()));
      log.syncNow();
    }
  }

  #check(): void {
    if (this.#closed) throw new SqlError({ code: 'E0601', message: 'the embedded broker is closed' });
  }
}

/** Refuses a batch that is not of the producer's transaction, or that belongs to one although it comes without. */
function checkOwner(bytes: Uint8Array, topic: string, producer: ProducerIdentity | undefined): void {
  const header = readBatchHeader(bytes, 0, bytes.length);
  if (header === undefined || header.end !== bytes.length) throw new SqlError({ code: 'E0605', message: `what is written to ${topic} is not one whole record batch` });
  const fits = producer === undefined ? !header.isTransactional : header.isTransactional && header.producerId === producer.producerId && header.producerEpoch === producer.epoch;
  if (header.isControl || !fits) throw new SqlError({ code: 'E0605', message: `a batch for ${topic} is not of the transaction that it is written in` });
}
