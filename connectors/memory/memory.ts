import { insertOnly, retractions, upserts } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';

export const memory: ConnectorDef = {
  name: 'memory',
  doc: 'Rows that live in the engine, for all who read and write the table there; they are gone with it, and with the definition of the table. Without a primary key rows are appended. With one a row takes the place of the one with its key, and readers get the changes. Whoever reads gets what is there, then what comes.',
  example: `CREATE TABLE rooms (
  room STRING,
  floor INT,
  PRIMARY KEY (room) NOT ENFORCED
) WITH ('connector' = 'memory');`,
  options: [{ key: 'connector', form: 'text', required: true, description: "'memory'" }],
  usesFormat: false,
  needsBroker: false,
  changelog: (hasPrimaryKey) => (hasPrimaryKey ? { source: retractions, sink: upserts } : { source: insertOnly, sink: insertOnly }),
  runtime: async () => {
    const [{ openMemorySource }, { openMemorySink }] = await Promise.all([import('./source.ts'), import('./sink.ts')]);
    return { source: openMemorySource, sink: openMemorySink };
  },
};
