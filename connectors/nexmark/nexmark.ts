import { insertOnly } from '../../core/changelog.ts';
import type { ConnectorDef } from '../../catalog/connector.ts';
import { nexmarkOptions } from './options.ts';
import { eventCount, nexmarkFaults } from './settings.ts';

export const nexmark: ConnectorDef = {
  name: 'nexmark',
  doc: 'The people, auctions and bids of the Nexmark benchmark, made from a seed: the columns event_type (0, 1, 2), person, auction and bid, of which the last three are rows and one of them is set.',
  example: `CREATE TABLE events (
  event_type INT,
  bid ROW<auction BIGINT, price BIGINT>
) WITH ('connector' = 'nexmark', 'events.num' = '10000');`,
  options: nexmarkOptions,
  usesFormat: false,
  needsBroker: false,
  changelog: () => ({ source: insertOnly }),
  faults: nexmarkFaults,
  isBounded: (options) => eventCount(options) !== undefined && !options.boolean('keep-alive'),
  runtime: async () => ({ source: (await import('./source.ts')).openNexmarkSource }),
};
