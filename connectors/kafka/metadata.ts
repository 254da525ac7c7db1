import { types, withNullable } from '../../core/sql-type.ts';
import type { MetadataSpec } from '../../catalog/connector.ts';

/** What METADATA columns of kafka and upsert-kafka hold. Source: Flink's Kafka connector, "Available Metadata". */
export const kafkaMetadata: readonly MetadataSpec[] = [
  { key: 'topic', type: withNullable(types.string, false), isWritable: false, description: 'the topic of the record' },
  { key: 'partition', type: withNullable(types.int, false), isWritable: false, description: 'its partition' },
  { key: 'headers', type: { kind: 'MAP', key: types.string, value: { kind: 'VARBINARY', length: 2147483647, nullable: true }, nullable: false }, isWritable: true, description: 'its headers, of equal names the last; NULL and entries with a NULL are written as none' },
  { key: 'leader-epoch', type: types.int, isWritable: false, description: 'the leader epoch of the record, NULL where the broker gives none' },
  { key: 'offset', type: withNullable(types.bigint, false), isWritable: false, description: 'its offset in the partition' },
  { key: 'timestamp', type: { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false }, isWritable: true, description: 'its time; one that is written is the time of the record, NULL the time of writing' },
  { key: 'timestamp-type', type: withNullable(types.string, false), isWritable: false, description: "'CreateTime' where its writer gave the time, 'LogAppendTime' where the broker did" },
];
