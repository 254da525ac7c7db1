import { SqlError } from '../core/diagnostic.ts';
import type { CommittedOffset, ProducerIdentity } from '../wire/broker-link.ts';
import { controlBatch } from '../wire/batch-builder.ts';
import type { GroupOffsets } from './group-offsets.ts';
import { InternalLog } from './internal-log.ts';
import type { PartitionLog, PartitionLogOptions } from './partition-log.ts';
import { ProducerIds, type ReservedIds } from './producer-ids.ts';
import type { Topics } from './topics.ts';
import { completed, fenced, isDecided, owns, type DecidedTransaction, type TransactionRecord } from './transactions.ts';

/** Epochs are 16 bits in a batch: behind this one a transactional id gets a new producer id. */
const lastEpoch = 0x7f00;

export interface CoordinatorOptions {
  readonly dir: string;
  readonly log: PartitionLogOptions;
  /** ms after which an open transaction is aborted. */
  readonly timeout: number;
  readonly now: () => number;
}

/**
 * Transactions and producer ids. The verbs of one transactional id take turns, so that none comes between the steps of another.
 *
 * A commit first syncs the transaction's records, then its decision (one record of the transaction log), then the markers; so a decision is
 * never without its records, and an unfinished end is finished when the broker opens again. A transaction that was open when the broker went
 * away is aborted and its producer fenced: some of its records may be lost, so it must not be committed.
 */
export class Coordinator {
  readonly #topics: Topics;
  readonly #offsets: GroupOffsets;
  readonly #timeout: number;
  readonly #now: () => number;
  readonly #onEnd: () => void;
  readonly #transactions = new Map<string, TransactionRecord>();
  readonly #ids = new ProducerIds();
  /** Transactional id -> the last verb that was asked of it. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #log: InternalLog;

  /** `onEnd` is called when a transaction has ended: readers may see more. Nothing is done before `recover`. */
  constructor({ dir, log, timeout, now }: CoordinatorOptions, topics: Topics, offsets: GroupOffsets, onEnd: () => void) {
    this.#topics = topics;
    this.#offsets = offsets;
    this.#timeout = timeout;
    this.#now = now;
    this.#onEnd = onEnd;
    this.#log = new InternalLog(dir, log, now, () => [this.#ids.reserved, ...this.#transactions.values()]);
    for (const value of this.#log.values()) {
      const record = value as TransactionRecord | ReservedIds;
      this.#ids.learn(record);
      if (!('nextProducerId' in record)) this.#transactions.set(record.id, record);
    }
  }

  /** Ends what was decided but not finished, aborts what was open, and fences every producer from before. */
  recover(): void {
    const known = [...this.#transactions.values()];
    const decided = known.flatMap((record) => (isDecided(record) ? [record] : record.state === 'ongoing' ? [this.#decide(record, false)] : []));
    for (const record of decided) this.#store(record);
    this.#log.syncNow();
    for (const record of decided) this.#writeMarkers(record);
    for (const record of decided) for (const name of record.partitions) this.#topics.logNamed(name).syncNow();
    this.#offsets.log.syncNow();
    // No producer outlives the broker: one whose last transaction is lost must not take the one before for it.
    for (const { id } of known) {
      const record = this.#transactions.get(id);
      if (record !== undefined) this.#store({ ...(isDecided(record) ? completed(record) : record), epoch: record.epoch + 1 });
    }
  }

  /** What `recover` would find, for a broker that only reads: what was decided holds, the rest is forgotten, and nothing is written. */
  assumeRecovered(): void {
    for (const record of [...this.#transactions.values()]) {
      if (record.state !== 'prepareCommit') this.#transactions.delete(record.id);
      else for (const [group, offsets] of Object.entries(record.offsets)) this.#offsets.apply(group, offsets);
    }
  }

  /** As `assumeRecovered`, for one partition: open transactions are taken for committed when that was decided, else for aborted. */
  assumeEnded(log: PartitionLog, name: string): void {
    for (const [producerId, since] of [...log.openTransactions()]) {
      const owner = this.#ownerOf(producerId);
      log.assumeEnded(producerId, owner?.state === 'prepareCommit' && owns(owner, name, since));
    }
  }

  /**
   * Aborts records whose transaction the transaction log does not know: its own tail was cut off by a crash. Nobody can have been told that
   * they are committed. Without this they would become part of the producer's next transaction.
   */
  abortOrphans(log: PartitionLog, name: string): void {
    for (const [producerId, since] of [...log.openTransactions()]) {
      const owner = this.#ownerOf(producerId);
      if (owner !== undefined && owns(owner, name, since)) continue;
      log.append(controlBatch({ producerId, epoch: owner?.epoch ?? 0 }, false, this.#now()));
      log.syncNow();
    }
  }

  /** Runs `act` when all that was asked of this transactional id before is done. */
  inTurn<T>(id: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(id) ?? Promise.resolve()).then(act, act);
    this.#turns.set(id, turn);
    return turn;
  }

  /** Throws E0604 when the producer is not the one of its transactional id. To be called in turn. */
  check(id: string, producer: ProducerIdentity): void {
    this.#current(id, producer);
  }

  /**
   * Adds partitions to the open transaction, opening one if need be, before any record of it is written. To be called in turn. Throws E0604, or
   * E0605 while the transaction before is decided and has not reached all partitions.
   */
  join(id: string, producer: ProducerIdentity, partitions: readonly string[]): TransactionRecord {
    const current = this.#current(id, producer);
    if (isDecided(current)) throw new SqlError({ code: 'E0605', message: `the transaction of ${id} is decided and has not reached all partitions: end it again before the next begins`, retryable: true });
    const isOpen = current.state === 'ongoing';
    const known = isOpen ? current.partitions : [];
    const all = [...new Set([...known, ...partitions])];
    if (isOpen && all.length === known.length) return current;
    return this.#store({ ...current, state: 'ongoing', partitions: all, offsets: isOpen ? current.offsets : {}, openedAt: isOpen ? current.openedAt : this.#now() });
  }

  /** A producer id that was never given before, or, with a transactional id, its next epoch: older producers of it are fenced. */
  async initProducer(transactionalId: string | undefined): Promise<ProducerIdentity> {
    if (transactionalId !== undefined) return this.inTurn(transactionalId, () => this.#fence(transactionalId));
    const producerId = this.#newId();
    await this.#log.sync();
    return { producerId, epoch: 0 };
  }

  async #fence(transactionalId: string): Promise<ProducerIdentity> {
    const current = this.#transactions.get(transactionalId);
    if (current !== undefined && (current.state === 'ongoing' || isDecided(current))) await this.#end(current, current.state === 'prepareCommit');
    const before = this.#transactions.get(transactionalId);
    const after = before !== undefined && before.epoch < lastEpoch ? before : undefined;
    const record: TransactionRecord = {
      id: transactionalId,
      producerId: after?.producerId ?? String(this.#newId()),
      epoch: (after?.epoch ?? -1) + 1,
      state: 'empty',
      partitions: [],
      offsets: {},
      openedAt: this.#now(),
    };
    this.#store(record);
    await this.#log.sync();
    return { producerId: BigInt(record.producerId), epoch: record.epoch };
  }

  async addOffsets(id: string, producer: ProducerIdentity, group: string, offsets: readonly CommittedOffset[]): Promise<void> {
    await this.inTurn(id, async () => {
      const open = this.join(id, producer, []);
      this.#store({ ...open, offsets: { ...open.offsets, [group]: [...(open.offsets[group] ?? []), ...offsets] } });
    });
  }

  async end(id: string, producer: ProducerIdentity, commit: boolean): Promise<void> {
    await this.inTurn(id, async () => {
      const current = this.#current(id, producer);
      if (current.state === (commit ? 'completeCommit' : 'completeAbort') || current.state === 'empty') return;
      // A decision that did not reach all partitions is brought to an end.
      const isSameDecision = current.state === (commit ? 'prepareCommit' : 'prepareAbort');
      if (current.state !== 'ongoing' && !isSameDecision) throw new SqlError({ code: 'E0605', message: `the transaction of ${id} has already ended the other way` });
      await this.#end(current, commit);
    });
  }

  /** A transaction that stays open too long would hold back every read_committed reader: it is aborted and its producer fenced. */
  async abortExpired(): Promise<void> {
    const isExpired = (transaction: TransactionRecord | undefined): transaction is TransactionRecord =>
      transaction?.state === 'ongoing' && this.#now() - transaction.openedAt >= this.#timeout;
    for (const { id } of [...this.#transactions.values()].filter(isExpired)) {
      await this.inTurn(id, async () => {
        const current = this.#transactions.get(id);
        if (isExpired(current)) await this.#end({ ...current, epoch: current.epoch + 1, expiredAfter: this.#timeout }, false);
      });
    }
  }

  /** Resolves when every verb that was asked is done. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#turns.values());
  }

  sync(): Promise<void> {
    return this.#log.sync();
  }

  close(): void {
    this.#log.close();
  }

  /** Ends a transaction: records, decision, markers and offsets, each on disk before the next. */
  async #end(transaction: TransactionRecord, commit: boolean): Promise<void> {
    const logs = transaction.partitions.map((name) => this.#topics.logNamed(name));
    if (commit) await Promise.all(logs.map((log) => log.sync()));
    const decided = isDecided(transaction) ? transaction : this.#decide(transaction, commit);
    this.#store(decided);
    await this.#log.sync();
    this.#writeMarkers(decided);
    await Promise.all([...logs.map((log) => log.sync()), this.#offsets.log.sync()]);
    this.#store(completed(decided));
    this.#onEnd();
  }

  #decide(transaction: TransactionRecord, commit: boolean): DecidedTransaction {
    const ends = Object.fromEntries(transaction.partitions.map((name) => [name, this.#topics.logNamed(name).endOffset]));
    return { ...transaction, state: commit ? 'prepareCommit' : 'prepareAbort', ends };
  }

  #writeMarkers(decided: DecidedTransaction): void {
    const commit = decided.state === 'prepareCommit';
    const producer = { producerId: BigInt(decided.producerId), epoch: decided.epoch };
    for (const name of decided.partitions) {
      const log = this.#topics.logNamed(name);
      const since = log.openTransactions().get(producer.producerId);
      if (since !== undefined && owns(decided, name, since)) log.append(controlBatch(producer, commit, this.#now()));
    }
    if (commit) for (const [group, offsets] of Object.entries(decided.offsets)) this.#offsets.store(group, offsets);
  }

  #current(id: string, producer: ProducerIdentity): TransactionRecord {
    const current = this.#transactions.get(id);
    const error = fenced(id, producer, current);
    if (error !== undefined || current === undefined) throw error ?? new RangeError(id);
    return current;
  }

  #ownerOf(producerId: bigint): TransactionRecord | undefined {
    return [...this.#transactions.values()].find((record) => record.producerId === String(producerId));
  }

  #newId(): bigint {
    const { id, reserved } = this.#ids.take();
    if (reserved !== undefined) this.#log.append(reserved);
    return id;
  }

  #store(record: TransactionRecord): TransactionRecord {
    this.#transactions.set(record.id, record);
    this.#log.append(record);
    return record;
  }
}
