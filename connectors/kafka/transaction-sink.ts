import { isDeepStrictEqual } from 'node:util';
import type { SinkWriter, SourcePositions } from '../../catalog/connector.ts';
import { EpochOutput } from './epoch-output.ts';
import type { Delivery } from './delivery.ts';

/**
 * Exactly-once for a job without keyed state: an epoch's output and the positions behind it in one Kafka transaction, no outbox. The
 * transaction is the decision, so it is written by `prepare`; on restart the positions are read back from the ledger.
 *
 * An epoch is held in memory until then. Without keyed state no timers fire, so all output comes from steps, and between any two of them
 * `wantsCheckpoint` ends the epoch: more than its limit and what one step writes is never held, twice.
 */
export function transactionSink(delivery: Delivery): SinkWriter {
  const { publisher, ledger } = delivery;
  const { clock } = delivery.request.services;
  const output = new EpochOutput();
  /** Transactions of two epochs follow one another; when one fails, so do all behind it, for their positions stand on its output. */
  let last: Promise<void> = Promise.resolve();
  /** Those of the last epoch of this run. */
  let lastPositions: SourcePositions | undefined;
  const writer = delivery.makeWriter((batch) => output.add(batch));
  return {
    hasCredit: true,
    get wantsCheckpoint() {
      return output.isFull;
    },
    drained: async () => undefined,
    write: (batch, from, to) => writer.write(batch, from, to, clock.now()),
    prepare: async (checkpoint, positions) => {
      writer.flush();
      const epoch = output.take();
      // Nothing was read and nothing written: what the ledger says, or is about to, holds.
      const isSame = epoch.length === 0 && isDeepStrictEqual(positions, lastPositions);
      lastPositions = positions;
      if (!isSame) {
        last = last.then(async () => {
          await publisher.publish([epoch], ledger.positionsGroup, ledger.positionOffsets(positions, checkpoint));
          for (const batch of epoch) writer.recycle(batch);
        });
      }
      await last;
      return undefined;
    },
    commit: async () => undefined,
    recover: () => publisher.begin(),
    close: async () => undefined,
  };
}
