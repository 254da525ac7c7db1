import { types, withNullable, type SqlType } from '../../core/sql-type.ts';
import type { MetadataSpec } from '../../catalog/connector.ts';

const bytes: SqlType = { kind: 'VARBINARY', length: 2147483647, nullable: true };

/** What METADATA columns of kafka and upsert-kafka hold. Source: Flink's Kafka connector, "Available Metadata". */
export const kafkaMetadata: readonly MetadataSpec[] = [
  { key: 'topic', type: withNullable(types.string, false), isWritable: true, description: 'the topic of the record; of a table with several, one that is written says where the row goes, and of a table with one nothing' },
  { key: 'partition', type: withNullable(types.int, false), isWritable: false, description: 'its partition' },
  { key: 'headers', type: { kind: 'MAP', key: types.string, value: bytes, nullable: false }, isWritable: true, description: 'its headers, of equal names the last; NULL and entries with a NULL are written as none' },
  { key: 'header-list', type: { kind: 'ARRAY', element: { kind: 'ROW', fields: [{ name: 'key', type: types.string }, { name: 'value', type: bytes }], nullable: true }, nullable: false }, isWritable: true, description: 'its headers in their order, those of equal names too; NULL and entries without a name are written as none. A table writes this or headers' },
  { key: 'leader-epoch', type: types.int, isWritable: false, description: 'the leader epoch of the record, NULL where the broker gives none' },
  { key: 'offset', type: withNullable(types.bigint, false), isWritable: false, description: 'its offset in the partition' },
  { key: 'timestamp', type: { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false }, isWritable: true, description: 'its time; one that is written is the time of the record, NULL the time of writing' },
  { key: 'timestamp-type', type: withNullable(types.string, false), isWritable: false, description: "'CreateTime' where its writer gave the time, 'LogAppendTime' where the broker did" },
];
