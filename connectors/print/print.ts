import { retractions } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import { parallelismFaults } from '../parallelism.ts';
import { printOptions } from './options.ts';

export const print: ConnectorDef = {
  name: 'print',
  doc: 'Writes each row with its kind of change to standard output, as +I[a, 1].',
  example: `CREATE TABLE shown (
  sensor STRING,
  celsius DOUBLE
) WITH ('connector' = 'print');`,
  options: printOptions,
  usesFormat: false,
  needsBroker: false,
  faults: (_, options) => parallelismFaults(options, 'sink.parallelism'),
  changelog: () => ({ sink: retractions }),
  runtime: async () => ({ sink: (await import('./sink.ts')).openPrintSink }),
};
