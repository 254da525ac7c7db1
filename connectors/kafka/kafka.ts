import { insertOnly, upserts } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import { kafkaFaults } from './faults.ts';
import { kafkaMetadata } from './metadata.ts';
import { kafkaOptions } from './options.ts';

export const kafka: ConnectorDef = {
  name: 'kafka',
  doc: 'A Kafka topic, read from a position on and written at its end. Rows are inserts; with a PRIMARY KEY the latest row of each key, as in upsert-kafka.',
  example: `CREATE TABLE readings (
  sensor STRING,
  celsius DOUBLE,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka', 'topic' = 'readings', 'format' = 'json',
  'scan.startup.mode' = 'earliest-offset'
);`,
  options: kafkaOptions,
  usesFormat: true,
  needsBroker: true,
  metadata: kafkaMetadata,
  faults: kafkaFaults,
  changelog: (hasPrimaryKey) => (hasPrimaryKey ? { source: upserts, sink: upserts } : { source: insertOnly, sink: insertOnly }),
  runtime: async () => {
    const [{ openKafkaSource }, { openKafkaSink }] = await Promise.all([import('./source.ts'), import('./sink.ts')]);
    return { source: (request) => openKafkaSource(request, request.table.primaryKey.length > 0), sink: (request) => openKafkaSink(request, request.table.primaryKey.length > 0) };
  },
};
