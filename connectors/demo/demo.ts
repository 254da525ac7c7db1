import { insertOnly } from '../../core/changelog.ts';
import { printType, withNullable } from '../../core/sql-type.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import { sensorColumns } from './sensors.ts';

export const demo: ConnectorDef = {
  name: 'demo',
  doc: 'Readings of four sensors that do not exist, made from a seed and the clock: what demo.sensors reads. Up to 0.4 s out of order; their times are UTC. Asked for what is there now, it gives the readings of the last minute.',
  example: `CREATE TABLE sensors (
  id STRING,
  temperature DOUBLE,
  ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'demo', 'rows-per-second' = '10');`,
  options: [
    { key: 'connector', form: 'text', required: true, description: "'demo'" },
    { key: 'rows-per-second', form: 'integer', defaultValue: '100', description: 'readings that come in each second, evenly' },
    { key: 'seed', form: 'integer', defaultValue: '1', description: 'what temperatures come from, with the number of the reading and its time' },
  ],
  usesFormat: false,
  needsBroker: false,
  changelog: () => ({ source: insertOnly }),
  faults: (columns, options) => [
    ...(options.integer('rows-per-second') === 0 ? [{ key: 'rows-per-second', code: 'E0504' as const, message: 'is at least 1' }] : []),
    ...columns.flatMap(({ name, type }) => {
      const known = sensorColumns.find((column) => column.name === name);
      const isRight = known !== undefined && printType(withNullable(type, true)) === printType(known.type);
      return isRight ? [] : [{ key: 'connector', code: 'E0504' as const, message: `'demo' has the columns ${sensorColumns.map((column) => `${column.name} ${printType(column.type)}`).join(', ')}, and no ${name} ${printType(withNullable(type, true))}` }];
    }),
  ],
  runtime: async () => ({ source: (await import('./source.ts')).openDemoSource }),
};
