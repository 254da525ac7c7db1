import { insertOnly } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import { kafkaOptions } from './options.ts';

export const kafka: ConnectorDef = {
  name: 'kafka',
  doc: 'A Kafka topic, read from a position on and written at its end. Rows are inserts.',
  options: kafkaOptions,
  usesFormat: true,
  needsBroker: true,
  changelog: () => ({ source: insertOnly, sink: insertOnly }),
  runtime: async () => {
    const [{ openKafkaSource }, { openKafkaSink }] = await Promise.all([import('./source.ts'), import('./sink.ts')]);
    return { source: openKafkaSource, sink: (request) => openKafkaSink(request, false) };
  },
};
