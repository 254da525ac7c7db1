import type { SinkRequest } from '../../catalog/connector.ts';
import type { BrokerLink } from '../../wire/broker-link.ts';
import type { BatchWriter, PartitionBatch } from './batch-writer.ts';
import type { Ledger } from './ledger.ts';
import type { Publisher } from './publish.ts';

/** What the three ways to deliver share. */
export interface Delivery {
  readonly link: BrokerLink;
  readonly topic: string;
  readonly partitions: number;
  readonly request: SinkRequest;
  readonly publisher: Publisher;
  readonly ledger: Ledger;
  makeWriter(take: (batch: PartitionBatch) => void): BatchWriter;
}
