import { SqlError } from '../core/diagnostic.ts';
import type { CommittedOffset, ProducerIdentity } from '../wire/broker-link.ts';

/** Where a transactional id stands. `prepare*` is decided and not yet written to the partitions. */
export type TransactionState = 'empty' | 'ongoing' | 'prepareCommit' | 'prepareAbort' | 'completeCommit' | 'completeAbort';

/** What the transaction log stores of one transactional id; the last record of an id holds. */
export interface TransactionRecord {
  readonly id: string;
  readonly producerId: string;
  readonly epoch: number;
  readonly state: TransactionState;
  readonly partitions: readonly string[];
  /** Group -> offsets to be stored when the transaction commits. */
  readonly offsets: Readonly<Record<string, readonly CommittedOffset[]>>;
  /** Of a decided transaction: partition -> the end of its records there. What lies behind is of a later one. */
  readonly ends?: Readonly<Record<string, number>>;
  /** ms: when it was opened. */
  readonly openedAt: number;
  /** ms: of a transaction that was aborted, and its producer fenced, for having been open for this long. */
  readonly expiredAfter?: number;
}

/** Why a producer has lost its transactional id; undefined while it has it. */
export function fenced(id: string, producer: ProducerIdentity, current: TransactionRecord | undefined): SqlError | undefined {
  if (current !== undefined && current.producerId === String(producer.producerId) && current.epoch === producer.epoch) return undefined;
  if (current?.expiredAfter !== undefined && current.producerId === String(producer.producerId) && current.epoch === producer.epoch + 1) {
    return new SqlError({
      code: 'E0604',
      message: `the transaction of ${id} was open for ${current.expiredAfter} ms, as long as the broker lets one, and was aborted`,
      hint: 'run the job again: it goes on from its last checkpoint',
      retryable: true,
    });
  }
  return new SqlError({
    code: 'E0604',
    message: `the producer ${id} was replaced by a newer one (epoch ${producer.epoch}, now ${current?.epoch ?? 'none'})`,
    hint: 'the same job runs twice: stop one of them',
  });
}

export type DecidedTransaction = TransactionRecord & { readonly state: 'prepareCommit' | 'prepareAbort' };

export function isDecided(record: TransactionRecord): record is DecidedTransaction {
  return record.state === 'prepareCommit' || record.state === 'prepareAbort';
}

/** What is stored once a decision has reached the partitions. */
export function completed(decided: DecidedTransaction): TransactionRecord {
  const { ends: _ends, ...rest } = decided;
  return { ...rest, state: decided.state === 'prepareCommit' ? 'completeCommit' : 'completeAbort', partitions: [], offsets: {} };
}

/** True when the records that a producer began at offset `since` of a partition belong to this transaction. */
export function owns(record: TransactionRecord, partition: string, since: number): boolean {
  if (record.state !== 'ongoing' && !isDecided(record)) return false;
  return record.partitions.includes(partition) && since < (record.ends?.[partition] ?? Infinity);
}
