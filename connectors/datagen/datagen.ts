import { insertOnly } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import { parallelismFaults } from '../parallelism.ts';
import { planFields } from './field-plan.ts';
import { datagenOptions } from './options.ts';

export const datagen: ConnectorDef = {
  name: 'datagen',
  doc: 'Rows that are made up, column by column: at random or counted. DATE, TIME and timestamps are those of the moment (UTC).',
  example: `CREATE TABLE made (
  n BIGINT,
  celsius DOUBLE,
  at TIMESTAMP(3),
  WATERMARK FOR at AS at
) WITH (
  'connector' = 'datagen', 'rows-per-second' = '100',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '1000',
  'fields.celsius.min' = '-10', 'fields.celsius.max' = '40'
);`,
  options: datagenOptions,
  usesFormat: false,
  needsBroker: false,
  changelog: () => ({ source: insertOnly }),
  faults: (columns, options) => [
    ...(options.integer('rows-per-second') === 0 ? [{ key: 'rows-per-second', code: 'E0504' as const, message: 'is at least 1' }] : []),
    ...parallelismFaults(options, 'scan.parallelism'),
    ...planFields(columns, options).faults,
  ],
  isBounded: (options) => options.integer('number-of-rows') !== undefined || Object.entries(options.toJSON()).some(([key, value]) => /^fields\..*\.kind$/.test(key) && value === 'sequence'),
  runtime: async () => ({ source: (await import('./source.ts')).openDatagenSource }),
};
