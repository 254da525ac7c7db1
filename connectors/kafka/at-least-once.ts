import type { SinkWriter } from '../../catalog/connector.ts';
import type { Delivery } from './delivery.ts';

/** Batches in flight at the most. */
const maxInFlight = 16;
/** ms that a row may wait for its batch to fill. */
const lingerMs = 5;

/** Publishes at once; a checkpoint waits until all before it is acknowledged. After a failure rows may come again, none is lost. */
export function atLeastOnceSink({ link, topic, request, makeWriter }: Delivery): SinkWriter {
  const { services } = request;
  const { clock } = services;
  let failure: unknown;
  let linger: NodeJS.Timeout | undefined;
  const inFlight = new Set<Promise<void>>();
  const writer = makeWriter(({ partition, bytes }) => {
    const sent: Promise<void> = link.produce({ batches: [{ topic, partition, bytes }] }).then(
      () => {
        inFlight.delete(sent);
        writer.recycle({ partition, bytes });
      },
      (error: unknown) => {
        inFlight.delete(sent);
        failure ??= error;
        // The next row may be long in coming.
        services.fail(error);
      },
    );
    inFlight.add(sent);
  });
  const flush = (): void => {
    clearTimeout(linger);
    linger = undefined;
    writer.flush();
  };
  const check = (): void => {
    if (failure !== undefined) throw failure instanceof Error ? failure : new Error(String(failure));
  };
  return {
    get hasCredit() {
      return inFlight.size < maxInFlight;
    },
    drained: async () => {
      await Promise.race(inFlight);
      check();
    },
    write: (batch, from, to) => {
      check();
      writer.write(batch, from, to, clock.now());
      linger ??= setTimeout(flush, lingerMs);
    },
    prepare: async () => {
      flush();
      await Promise.all(inFlight);
      check();
      return undefined;
    },
    commit: async () => undefined,
    recover: async () => undefined,
    close: async () => {
      flush();
      await Promise.all(inFlight);
    },
  };
}
