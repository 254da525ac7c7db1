import { upserts, RowKind } from '../core/changelog.ts';
import { readValue } from '../core/value.ts';
import { printDecimal } from '../core/decimal.ts';
import type { ConnectorDef } from '../catalog/connector.ts';
import type { Checksum, Total } from './checksum.ts';

/** A sink as `blackhole`, but it adds every column of every new row to a checksum. */
export function rowsConnector(checksum: () => Checksum | Total): ConnectorDef {
  return {
    name: 'bench-rows',
    doc: 'Adds every row to a checksum.',
    options: [{ key: 'connector', form: 'text', required: true, description: "'bench-rows'" }],
    usesFormat: false,
    needsBroker: false,
    changelog: () => ({ sink: upserts }),
    runtime: async () => ({
      sink: async ({ columns }) => ({
        hasCredit: true,
        drained: async () => undefined,
        write: (batch, from, to) => {
          for (let row = from; row < to; row++) {
            const kind = batch.kinds?.[row] ?? RowKind.insert;
            if (kind !== RowKind.insert && kind !== RowKind.updateAfter) continue;
            checksum().add(
              columns.map(({ type }, i) => {
                const column = batch.columns[i];
                const value = column === undefined ? null : readValue(column, type, row);
                if (value === null) return undefined;
                return type.kind === 'DECIMAL' ? printDecimal(value as bigint, type.scale) : String(value);
              }),
            );
          }
        },
        prepare: async () => undefined,
        commit: async () => undefined,
        recover: async () => undefined,
        close: async () => undefined,
      }),
    }),
  };
}
