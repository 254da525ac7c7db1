import type { OptionSpec } from '../../catalog/option-spec.ts';

/** What kafka and upsert-kafka read in one way. */
export const keyOptions: readonly OptionSpec[] = [
  { key: 'key.fields-prefix', form: 'text', description: "what the names of key columns begin with, and have not in the key itself; needs 'value.fields-include' = 'EXCEPT_KEY'" },
  { key: 'value.fields-include', form: 'enum', values: ['all', 'except_key'], defaultValue: 'all', description: 'EXCEPT_KEY: columns of the key are not in the value' },
];

export const boundOptions: readonly OptionSpec[] = [
  { key: 'scan.bounded.mode', form: 'enum', values: ['unbounded', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets'], defaultValue: 'unbounded', description: 'where reading ends: never, where the topic ends at the start, where the group is, before a time, or before offsets' },
  { key: 'scan.bounded.timestamp-millis', form: 'integer', description: 'for timestamp: the time before which records are read, in ms' },
  { key: 'scan.bounded.specific-offsets', form: 'text', description: "for specific-offsets: before which offsets, as 'partition:0,offset:42;partition:1,offset:300'; other partitions are not read" },
];

export const scanOptions: readonly OptionSpec[] = [
  { key: 'scan.topic-partition-discovery.interval', form: 'duration', defaultValue: '5 min', description: "how often to look for new topics that match topic-pattern, which are told; 0 s: never. The topics of Sluice's own broker keep the partitions that they were made with" },
  { key: 'scan.parallelism', form: 'integer', description: 'how many readers work side by side: one, and more are told' },
];

export const sinkOptions: readonly OptionSpec[] = [
  { key: 'sink.parallelism', form: 'integer', description: 'how many writers work side by side: one, and more are told' },
  { key: 'sink.transaction-naming-strategy', form: 'enum', values: ['incrementing', 'pooling'], defaultValue: 'incrementing', description: 'how Flink names its transactions; here a sink has one name, and either is taken' },
];

export const topicOptions: readonly OptionSpec[] = [
  { key: 'topic.partitions', form: 'integer', defaultValue: '1', description: 'partitions of the topic, if the table makes it' },
  { key: 'topic.retention.ms', form: 'integer', description: 'how long the topic keeps records at the least, in ms, if the table makes it; for ever by default' },
  { key: 'topic.retention.bytes', form: 'integer', description: 'bytes of a partition that the topic keeps at the least, if the table makes it; all by default' },
  { key: 'topic.segment.bytes', form: 'integer', description: 'bytes of a segment, if the table makes the topic: records go by whole segments' },
];

/** Source of the names: Confluent Cloud's error-handling properties. */
export const badRecordOptions: readonly OptionSpec[] = [
  { key: 'error-handling.mode', form: 'enum', values: ['fail', 'ignore', 'log', 'null-field'], defaultValue: 'fail', description: 'what becomes of records that do not fit: the job stops; they are left out; they are left out and kept in another topic; or what does not fit is NULL. All but the first are counted and the first ones told' },
  { key: 'error-handling.log.target', form: 'text', description: "for log: the topic that keeps them, key and value as they were, with headers that say where they come from and why; TOPIC.errors by default" },
  { key: 'error-handling.fail-after.ratio', form: 'text', description: "stop the job when more than this part of the last minute's records did not fit, as 0.05" },
];

export const kafkaOptions: readonly OptionSpec[] = [
  { key: 'connector', form: 'text', required: true, description: "'kafka'" },
  { key: 'topic', form: 'text', description: "the topic, or several as 'a;b': all are read; rows that are written say theirs in a column METADATA FROM 'topic'" },
  { key: 'topic-pattern', form: 'text', description: 'in the place of topic: a regular expression that the whole name of a topic matches; those are read that are there when the job starts, and later ones are told' },
  { key: 'format', form: 'text', description: "how records are written, as 'json'" },
  { key: 'value.format', form: 'text', description: 'the same as format' },
  { key: 'key.format', form: 'text', description: "how keys are written, as 'raw'; without it keys are empty, and those of records are not looked at" },
  { key: 'key.fields', form: 'text', description: "the columns of the key, as 'user;day'" },
  ...keyOptions,
  { key: 'properties.bootstrap.servers', form: 'text', formerly: ['bootstrap.servers', 'kafka.bootstrap.servers'], description: 'the brokers, host:port, separated by commas; without it the engine uses its own broker' },
  { key: 'properties.group.id', form: 'text', description: 'the consumer group' },
  { key: 'properties.auto.offset.reset', form: 'enum', values: ['earliest', 'latest', 'none'], description: 'for group-offsets: where a group without offsets starts; the earliest record by default' },
  { key: 'properties.*', form: 'text', description: "settings of the Kafka client; those that Sluice's own broker has no use for are told" },
  { key: 'scan.startup.mode', form: 'enum', values: ['earliest-offset', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets'], defaultValue: 'group-offsets', formerly: ['startup-mode', 'startup.mode', 'scan.startup', 'connector.startup-mode'], description: 'where reading starts when there is no stored position' },
  { key: 'scan.startup.timestamp-millis', form: 'integer', description: 'for timestamp: where to start, in ms' },
  { key: 'scan.startup.specific-offsets', form: 'text', description: "for specific-offsets: 'partition:0,offset:42;partition:1,offset:300'" },
  ...boundOptions,
  ...scanOptions,
  ...badRecordOptions,
  { key: 'sink.partitioner', form: 'enum', values: ['default', 'fixed', 'round-robin'], defaultValue: 'default', description: 'the partition of a row: by the hash of its key, and without one by turns (default, round-robin); always the first (fixed)' },
  { key: 'sink.delivery-guarantee', form: 'enum', values: ['at-least-once', 'exactly-once', 'none'], defaultValue: 'at-least-once', formerly: ['sink.semantic'], description: 'what a reader of the topic sees after a failure' },
  { key: 'sink.transactional-id-prefix', form: 'text', description: 'names the transactions of exactly-once; the job by default' },
  ...sinkOptions,
  ...topicOptions,
];
