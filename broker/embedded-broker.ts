import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import type { SyncListener } from '../state/durable-file.ts';
import type {
  BrokerLink, CommitRequest, CommittedOffset, FetchRequest, FetchResult, PartitionOffsets, ProduceRequest, ProduceResult, ProducerIdentity,
} from '../wire/broker-link.ts';
import { BatchBuilder, controlBatch, readBatchHeader, readRecords, RecordPositions } from '../wire/record-batch.ts';
import { PartitionLog } from './partition-log.ts';
import { fenced, type TransactionRecord } from './transactions.ts';

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
const topicForm = /^[A-Za-z0-9._-]{1,249}$/;

/**
 * The embedded Kafka-compatible broker: one node, topics in segment files. Verbs are those of BrokerLink; each is atomic, as the process
 * has one thread.
 *
 * What is safe when: a produce without a transaction resolves after an fsync. A commit first syncs the transaction's records, then its
 * decision (one record of the transaction log), then the markers; so a decision is never without its records, and an unfinished end is
 * finished when the broker opens again.
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
  readonly #transactionLog: PartitionLog;
  readonly #offsetLog: PartitionLog;
  #nextProducerId = 1n;
  #closed = false;

  constructor(options: EmbeddedBrokerOptions) {
    this.#dir = options.dir;
    this.#options = { segmentBytes: options.segmentBytes ?? 256 << 20, onSync: options.onSync };
    this.#transactionTimeout = options.transactionTimeout ?? 60_000;
    this.#now = options.now ?? Date.now;
    mkdirSync(join(this.#dir, 'topics'), { recursive: true });
    for (const name of readdirSync(join(this.#dir, 'topics')).toSorted()) {
      const cut = name.lastIndexOf('-');
      const topic = name.slice(0, cut);
      this.#partitions.set(topic, Math.max(this.#partitions.get(topic) ?? 0, Number(name.slice(cut + 1)) + 1));
    }
    this.#transactionLog = new PartitionLog(join(this.#dir, '__transaction_state'), this.#options);
    this.#offsetLog = new PartitionLog(join(this.#dir, '__consumer_offsets'), this.#options);
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
    this.#abortExpired();
    const log = this.#log(topic, partition);
    return { start: log.startOffset, end: log.endOffset, stable: log.stableOffset };
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
      this.#abortExpired();
      const end = request.isolation === 'read_committed' ? log.stableOffset : log.endOffset;
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
    const logs = new Set<PartitionLog>();
    if (transactionalId !== undefined && producer !== undefined) this.#join(transactionalId, producer, request.batches.map((batch) => partitionName(batch.topic, batch.partition)));
    const results = request.batches.map(({ topic, partition, bytes }) => {
      const log = this.#log(topic, partition);
      logs.add(log);
      return { topic, partition, baseOffset: log.append(bytes) };
    });
    this.#wake();
    // A transaction's records are synced by its commit.
    if (transactionalId === undefined) await Promise.all([...logs].map((log) => log.sync()));
    return results;
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
    const current = this.#transactions.get(transactionalId);
    if (current !== undefined && (current.state === 'ongoing' || current.state.startsWith('prepare'))) await this.#end(current, current.state === 'prepareCommit');
    const after = this.#transactions.get(transactionalId);
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
    this.#join(transactionalId, producer, []);
    const current = this.#transactions.get(transactionalId);
    if (current === undefined) return;
    const open = current.state === 'ongoing' ? current : { ...current, state: 'ongoing' as const, partitions: [], offsets: {}, openedAt: this.#now() };
    this.#store({ ...open, offsets: { ...open.offsets, [request.group]: [...(open.offsets[request.group] ?? []), ...request.offsets] } });
  }

  async committedOffsets(group: string): Promise<readonly CommittedOffset[]> {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  async endTransaction(transactionalId: string, producer: ProducerIdentity, commit: boolean): Promise<void> {
    this.#check();
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
    const logs = [...this.#logs.values(), this.#transactionLog, this.#offsetLog];
    await Promise.all(logs.map((log) => log.sync()));
    for (const log of logs) log.close();
  }

  // ---- transactions ----

  /** Ends a transaction: records, decision, markers and offsets, each on disk before the next. */
  async #end(transaction: TransactionRecord, commit: boolean): Promise<void> {
    const logs = transaction.partitions.map((name) => this.#logByName(name));
    if (commit) await Promise.all(logs.map((log) => log.sync()));
    const decided: TransactionRecord = { ...transaction, state: commit ? 'prepareCommit' : 'prepareAbort' };
    this.#store(decided);
    await this.#transactionLog.sync();
    this.#writeMarkers(decided);
    await Promise.all([...logs.map((log) => log.sync()), this.#offsetLog.sync()]);
    this.#store({ ...decided, state: commit ? 'completeCommit' : 'completeAbort', partitions: [], offsets: {} });
    this.#wake();
  }

  #writeMarkers(decided: TransactionRecord): void {
    const commit = decided.state === 'prepareCommit';
    const producer = { producerId: BigInt(decided.producerId), epoch: decided.epoch };
    for (const name of decided.partitions) {
      const log = this.#logByName(name);
      if (log.openProducers().includes(producer.producerId)) log.append(controlBatch(producer, commit, this.#now()));
    }
    if (commit) for (const [group, offsets] of Object.entries(decided.offsets)) this.#storeOffsets(group, offsets);
  }

  /** A transaction that stays open too long would hold back every read_committed reader. */
  #abortExpired(): void {
    for (const transaction of this.#transactions.values()) {
      if (transaction.state !== 'ongoing' || this.#now() - transaction.openedAt < this.#transactionTimeout) continue;
      const decided: TransactionRecord = { ...transaction, epoch: transaction.epoch + 1, state: 'prepareAbort' };
      this.#store(decided);
      this.#writeMarkers(decided);
      this.#store({ ...decided, state: 'completeAbort', partitions: [], offsets: {} });
      this.#wake();
    }
  }

  #store(record: TransactionRecord): void {
    this.#transactions.set(record.id, record);
    this.#transactionLog.append(jsonBatch(record, this.#now()));
  }

  #storeOffsets(group: string, offsets: readonly CommittedOffset[]): void {
    this.#applyOffsets(group, offsets);
    this.#offsetLog.append(jsonBatch({ group, offsets }, this.#now()));
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
    for (const record of this.#transactions.values()) {
      if (!record.state.startsWith('prepare')) continue;
      this.#writeMarkers(record);
      this.#store({ ...record, state: record.state === 'prepareCommit' ? 'completeCommit' : 'completeAbort', partitions: [], offsets: {} });
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
    }
    return log;
  }

  #check(): void {
    if (this.#closed) throw new SqlError({ code: 'E0601', message: 'the embedded broker is closed' });
  }
}

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

function jsonBatch(value: unknown, timestamp: number): Uint8Array {
  const bytes = utf8.encode.encode(JSON.stringify(value));
  const builder = new BatchBuilder(bytes.length + 128);
  builder.append(bytes, 0, -1, bytes, 0, bytes.length, timestamp);
  return builder.finish();
}

function* jsonRecords(log: PartitionLog): Generator<unknown> {
  let offset = log.startOffset;
  while (offset < log.endOffset) {
    const { bytes, length } = log.read(offset, log.endOffset, 1 << 20, undefined);
    const positions = new RecordPositions();
    let at = 0;
    for (let header = readBatchHeader(bytes, 0, length); header !== undefined; header = readBatchHeader(bytes, at, length)) {
      readRecords(bytes, header, 0, positions);
      at = header.end;
      offset = header.lastOffset + 1;
    }
    for (let i = 0; i < positions.count; i++) {
      const start = positions.valueOffsets[i] ?? 0;
      yield JSON.parse(utf8.decode.decode(bytes.subarray(start, start + (positions.valueLengths[i] ?? 0))));
    }
    if (length === 0) return;
  }
}
