import type { OptionSpec } from '../../catalog/option-spec.ts';

export const kafkaOptions: readonly OptionSpec[] = [
  { key: 'connector', form: 'text', required: true, description: "'kafka'" },
  { key: 'topic', form: 'text', required: true, description: 'the topic' },
  { key: 'format', form: 'text', description: "how records are written, as 'json'" },
  { key: 'value.format', form: 'text', description: 'the same as format' },
  { key: 'properties.bootstrap.servers', form: 'text', formerly: ['bootstrap.servers', 'kafka.bootstrap.servers'], description: 'the brokers, host:port, separated by commas; without it the engine uses its own broker' },
  { key: 'properties.group.id', form: 'text', description: 'the consumer group' },
  { key: 'properties.*', form: 'text', description: 'settings of the Kafka client' },
  { key: 'scan.startup.mode', form: 'enum', values: ['earliest-offset', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets'], defaultValue: 'group-offsets', formerly: ['startup-mode', 'startup.mode', 'scan.startup', 'connector.startup-mode'], description: 'where reading starts when there is no stored position' },
  { key: 'scan.startup.timestamp-millis', form: 'integer', description: 'for timestamp: where to start, in ms' },
  { key: 'scan.startup.specific-offsets', form: 'text', description: "for specific-offsets: 'partition:0,offset:42;partition:1,offset:300'" },
  { key: 'scan.bounded.mode', form: 'enum', values: ['unbounded', 'latest-offset'], defaultValue: 'unbounded', description: 'where reading ends: never, or where the topic ends at the start' },
  { key: 'sink.delivery-guarantee', form: 'enum', values: ['at-least-once', 'exactly-once', 'none'], defaultValue: 'at-least-once', formerly: ['sink.semantic'], description: 'what a reader of the topic sees after a failure' },
  { key: 'sink.transactional-id-prefix', form: 'text', description: 'names the transactions of exactly-once; the job by default' },
  { key: 'key.format', form: 'text', later: true, description: 'how keys are written' },
  { key: 'key.fields', form: 'text', later: true, description: 'the columns of the key' },
  { key: 'value.fields-include', form: 'text', later: true, description: 'ALL or EXCEPT_KEY' },
  { key: 'topic-pattern', form: 'text', later: true, description: 'topics by a pattern' },
  { key: 'sink.partitioner', form: 'text', later: true, description: 'which partition a row goes to' },
];
