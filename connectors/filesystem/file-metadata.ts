import { types, withNullable } from '../../core/sql-type.ts';
import type { MetadataSpec } from '../../catalog/connector.ts';

/** What METADATA columns can hold of the file that a record stands in. Source of keys and types: Flink's filesystem connector. */
export const fileMetadata: readonly MetadataSpec[] = [
  { key: 'file.path', type: withNullable(types.string, false), isWritable: false, description: 'the absolute path' },
  { key: 'file.name', type: withNullable(types.string, false), isWritable: false, description: 'the last part of it' },
  { key: 'file.size', type: withNullable(types.bigint, false), isWritable: false, description: 'bytes' },
  { key: 'file.modification-time', type: { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false }, isWritable: false, description: 'when it was last written' },
];
