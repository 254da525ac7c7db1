import { SqlError } from '../../core/diagnostic.ts';
import type { SinkRequest, SinkWriter } from '../../catalog/connector.ts';
import { tellParallelism } from '../parallelism.ts';
import { rowText } from './row-text.ts';

/** Batches that may wait for a slow reader. */
const maxInFlight = 16;

/**
 * Rows as lines where the engine prints. A checkpoint waits until they are handed over; after a failure some may come again. Throws E0503
 * when the engine has no place for them.
 */
export async function openPrintSink({ table, columns, services }: SinkRequest): Promise<SinkWriter> {
  const { print } = services;
  if (print === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} prints its rows, and this engine has no place for them`, hint: 'Engine.create({ onPrint: (text) => process.stdout.write(text) })' });
  tellParallelism(table, services, 'sink.parallelism');
  const stream = table.options.boolean('standard-error') ? 'stderr' : 'stdout';
  const identifier = table.options.text('print-identifier');
  const prefix = identifier === undefined ? '' : `${identifier}> `;
  const types = columns.map(({ type }) => type);
  const inFlight = new Set<Promise<void>>();
  const handOver = async (text: string): Promise<void> => {
    try {
      await print(text, stream);
    } catch (error) {
      services.fail(error);
    }
  };
  const allHandedOver = async (): Promise<void> => void (await Promise.all(inFlight));
  return {
    get hasCredit() {
      return inFlight.size < maxInFlight;
    },
    drained: async () => Promise.race(inFlight),
    write: (batch, from, to) => {
      let text = '';
      for (let row = from; row < to; row++) text += `${prefix}${rowText(batch, types, row)}\n`;
      if (text === '') return;
      const handed: Promise<void> = handOver(text).finally(() => inFlight.delete(handed));
      inFlight.add(handed);
    },
    prepare: async () => {
      await allHandedOver();
      return undefined;
    },
    commit: async () => undefined,
    recover: async () => undefined,
    close: allHandedOver,
  };
}
