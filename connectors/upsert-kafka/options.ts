import type { OptionSpec } from '../../catalog/option-spec.ts';
import { badRecordOptions, boundOptions, keyOptions, scanOptions, sinkOptions, topicOptions } from '../kafka/options.ts';

export const upsertKafkaOptions: readonly OptionSpec[] = [
  { key: 'connector', form: 'text', required: true, description: "'upsert-kafka'" },
  { key: 'topic', form: 'text', description: "the topic, or several as 'a;b': all are read; one is written" },
  { key: 'topic-pattern', form: 'text', description: 'in the place of topic: a regular expression that the whole name of a topic matches; those are read that are there when the job starts, and later ones are told' },
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
  { key: 'sink.buffer-flush.max-rows', form: 'integer', defaultValue: '0', description: 'keys whose last rows are held back at the most, so that of a key only the last is written; 0: none are. Needs the interval too' },
  { key: 'sink.buffer-flush.interval', form: 'duration', defaultValue: '0 s', description: 'how long they are held back at the most; a checkpoint writes them too. Needs max-rows too' },
];
