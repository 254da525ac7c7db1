import type { SinkRequest, SinkWriter } from '../../catalog/connector.ts';
import { memoryTable } from './table.ts';

/**
 * Rows go into the table at once, and whoever reads it sees them. After a failure rows since the last checkpoint come again: with a primary
 * key they take their own place.
 */
export async function openMemorySink({ table }: SinkRequest): Promise<SinkWriter> {
  const rows = memoryTable(table);
  return {
    hasCredit: true,
    drained: async () => undefined,
    write: (batch, from, to) => rows.write(batch, from, to),
    prepare: async () => undefined,
    commit: async () => undefined,
    recover: async () => undefined,
    close: async () => undefined,
  };
}
