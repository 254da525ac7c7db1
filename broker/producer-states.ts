import { SqlError } from '../core/diagnostic.ts';
import type { BatchHeader } from '../wire/record-batch.ts';

/** Batches of a producer that can be sent again without being written again; Kafka's number. */
const remembered = 5;
/** Sequence numbers go round behind 2^31 - 1. */
const sequenceMask = 0x7fffffff;

interface SentBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
}

interface ProducerState {
  readonly epoch: number;
  /** The last batches of this epoch, oldest first. */
  readonly recent: SentBatch[];
}

/**
 * What one partition knows of the producers that number their batches: a batch that comes again is recognised, one that skips numbers is
 * refused. The rules are Kafka's (ProducerStateManager): per producer and epoch, the last five batches. It is learned from the stored
 * batches, so that it survives a restart.
 */
export class ProducerStates {
  readonly #states = new Map<bigint, ProducerState>();

  /** The producers known. */
  get size(): number {
    return this.#states.size;
  }

  /**
   * The offset that a batch already has, or undefined when it is the next. `before` is a batch of the same producer that is about to be
   * written before it. Throws E0604 for an older epoch, E0605 for a gap.
   */
  check(header: BatchHeader, before: BatchHeader | undefined): number | undefined {
    if (header.producerId < 0n) return undefined;
    const { producerId, producerEpoch: epoch, baseSequence } = header;
    const state = this.#states.get(producerId);
    if (baseSequence < 0) throw refused(`a batch of the producer ${producerId} has no sequence number`);
    if (state !== undefined && epoch < state.epoch) {
      throw new SqlError({ code: 'E0604', message: `the producer ${producerId} was replaced by a newer one (epoch ${epoch}, now ${state.epoch})` });
    }
    if (state?.epoch === epoch) {
      const last = lastSequenceOf(header);
      const sent = state.recent.find((batch) => batch.firstSequence === baseSequence && batch.lastSequence === last);
      if (sent !== undefined) return sent.baseOffset;
    }
    const expected = before?.producerEpoch === epoch ? after(lastSequenceOf(before)) : state === undefined ? undefined : state.epoch === epoch ? after(state.recent.at(-1)?.lastSequence ?? -1) : 0;
    if (expected === undefined || expected === baseSequence) return undefined;
    throw refused(`the producer ${producerId} (epoch ${epoch}) sent the sequence number ${baseSequence}, and ${expected} comes next (OUT_OF_ORDER_SEQUENCE_NUMBER)`);
  }

  /** Learns of a batch that was written. The marker of a newer epoch begins that epoch. */
  note(header: BatchHeader): void {
    if (header.producerId < 0n) return;
    let state = this.#states.get(header.producerId);
    if (state === undefined || state.epoch < header.producerEpoch) {
      state = { epoch: header.producerEpoch, recent: [] };
      this.#states.set(header.producerId, state);
    }
    if (header.isControl || header.baseSequence < 0 || header.producerEpoch < state.epoch) return;
    state.recent.push({ firstSequence: header.baseSequence, lastSequence: lastSequenceOf(header), baseOffset: header.baseOffset });
    if (state.recent.length > remembered) state.recent.shift();
  }
}

function after(sequence: number): number {
  return (sequence + 1) & sequenceMask;
}

function lastSequenceOf({ baseSequence, baseOffset, lastOffset }: BatchHeader): number {
  return (baseSequence + (lastOffset - baseOffset)) & sequenceMask;
}

function refused(message: string): SqlError {
  return new SqlError({ code: 'E0605', message, hint: 'a batch before it was lost: begin again with a new producer' });
}
