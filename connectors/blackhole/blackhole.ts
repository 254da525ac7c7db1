import { upserts } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';

export const blackhole: ConnectorDef = {
  name: 'blackhole',
  doc: 'Takes every row and keeps none: for measuring.',
  example: `CREATE TABLE nowhere (
  sensor STRING,
  celsius DOUBLE
) WITH ('connector' = 'blackhole');`,
  options: [{ key: 'connector', form: 'text', required: true, description: "'blackhole'" }],
  usesFormat: false,
  needsBroker: false,
  changelog: () => ({ sink: upserts }),
  runtime: async () => ({
    sink: async () => ({
      hasCredit: true,
      drained: async () => undefined,
      write: () => undefined,
      prepare: async () => undefined,
      commit: async () => undefined,
      recover: async () => undefined,
      close: async () => undefined,
    }),
  }),
};
