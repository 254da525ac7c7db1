import type { ConnectedTable, ConnectorServices } from '../../catalog/connector.ts';
import { tellParallelism } from '../parallelism.ts';

/** Settings of a Kafka client that mean something to Sluice's own broker too, or that a table may name without being told. */
const readProperties = ['bootstrap.servers', 'group.id', 'auto.offset.reset'];

/** Tells what the table asks for that is not read: settings of a Kafka client that Sluice's own broker has no use for, and parallel work. */
export function tellUnread({ name, options }: ConnectedTable, services: ConnectorServices, parallelism: 'scan.parallelism' | 'sink.parallelism'): void {
  const unread = Object.keys(options.toJSON()).filter((key) => key.startsWith('properties.') && !readProperties.includes(key.slice('properties.'.length)));
  if (unread.length > 0) services.notice('N0604', `${name}: ${unread.join(', ')}: Sluice's own broker has no use for ${unread.length === 1 ? 'it' : 'them'}`);
  tellParallelism({ name, options }, services, parallelism);
}
