import { upserts } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import { kafkaFaults } from '../kafka/faults.ts';
import { kafkaMetadata } from '../kafka/metadata.ts';
import { upsertKafkaOptions } from './options.ts';

export const upsertKafka: ConnectorDef = {
  name: 'upsert-kafka',
  doc: 'A Kafka topic that holds the latest row of each key: the record key is the primary key, a null value deletes.',
  example: `CREATE TABLE latest (
  sensor STRING,
  celsius DOUBLE,
  PRIMARY KEY (sensor) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka', 'topic' = 'latest',
  'key.format' = 'json', 'value.format' = 'json'
);`,
  options: upsertKafkaOptions,
  usesFormat: true,
  needsBroker: true,
  metadata: kafkaMetadata,
  faults: kafkaFaults,
  needsPrimaryKey: true,
  changelog: () => ({ source: upserts, sink: upserts }),
  runtime: async () => {
    const [{ openKafkaSource }, { openKafkaSink }] = await Promise.all([import('../kafka/source.ts'), import('../kafka/sink.ts')]);
    return { source: (request) => openKafkaSource(request, true, true), sink: (request) => openKafkaSink(request, true) };
  },
};
