import type { SinkRequest } from '../../catalog/connector.ts';
import type { BrokerLink } from '../../wire/broker-link.ts';
import type { BatchWriter } from './batch-writer.ts';

/** What the three ways to deliver share. */
export interface Delivery {
  readonly link: BrokerLink;
  readonly topic: string;
  readonly partitions: number;
  readonly request: SinkRequest;
  readonly transactionalId: string;
  /** `checksum: false` for batches that get their checksum with their producer. */
  makeWriter(take: ConstructorParameters<typeof BatchWriter>[3], checksum?: boolean): BatchWriter;
}
