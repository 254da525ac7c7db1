import { upserts } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import { upsertKafkaOptions } from './options.ts';

export const upsertKafka: ConnectorDef = {
  name: 'upsert-kafka',
  doc: 'A Kafka topic that holds the latest row of each key: the record key is the primary key, a null value deletes.',
  options: upsertKafkaOptions,
  usesFormat: true,
  needsBroker: true,
  needsPrimaryKey: true,
  changelog: () => ({ source: upserts, sink: upserts }),
  runtime: async () => {
    const { openKafkaSink } = await import('../kafka/sink.ts');
    return { sink: (request) => openKafkaSink(request, true) };
  },
};
