import { types, type SqlType } from '../../core/sql-type.ts';

/** What is known of a reading. */
export const sensorColumns: readonly { readonly name: 'id' | 'temperature' | 'ts'; readonly type: SqlType }[] = [
  { name: 'id', type: types.string },
  { name: 'temperature', type: types.double },
  { name: 'ts', type: { kind: 'TIMESTAMP', precision: 3, nullable: true } },
];

/** How the table demo.sensors of every engine is defined. */
export const sensorsTable = `CREATE TABLE sensors (
  id STRING,
  temperature DOUBLE,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) COMMENT 'Readings of four sensors that do not exist, 100 a second' WITH ('connector' = 'demo')`;
