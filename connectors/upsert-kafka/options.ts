import type { OptionSpec } from '../../catalog/option-spec.ts';
import { badRecordOptions, boundOptions, keyOptions, scanOptions, sinkOptions, topicOptions } from '../kafka/options.ts';

export const upsertKafkaOptions: readonly OptionSpec[] = [
  { key: 'connector', form: 'text', required: true, description: "'upsert-kafka'" },
  { key: 'topic', form: 'text', required: true, description: "the topic, or to read several a list as 'a;b'" },
  { key: 'key.format', form: 'text', required: true, description: "how keys are written, as 'json'" },
  { key: 'value.format', form: 'text', required: true, formerly: ['format'], description: "how values are written, as 'json'" },
  ...keyOptions,
  { key: 'properties.bootstrap.servers', form: 'text', formerly: ['bootstrap.servers'], description: 'the brokers, host:port, separated by commas; without it the engine uses its own broker' },
  { key: 'properties.*', form: 'text', description: "settings of the Kafka client; those that Sluice's own broker has no use for are told" },
  ...boundOptions,
  ...scanOptions,
  ...badRecordOptions,
  { key: 'sink.delivery-guarantee', form: 'enum', values: ['at-least-once', 'exactly-once', 'none'], defaultValue: 'at-least-once', description: 'what a reader of the topic sees after a failure' },
  { key: 'sink.transactional-id-prefix', form: 'text', description: 'names the transactions of exactly-once; the job by default' },
  ...sinkOptions,
  ...topicOptions,
  { key: 'topic-pattern', form: 'text', later: true, description: 'topics by a pattern' },
  { key: 'sink.buffer-flush.max-rows', form: 'integer', later: true, description: 'rows to hold back, so that only the last of a key is written' },
  { key: 'sink.buffer-flush.interval', form: 'duration', later: true, description: 'how long to hold them back' },
];
