import type { TestContext } from 'node:test';
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../broker/embedded-broker.ts';
import type { BrokerLink, ProducerIdentity } from '../../wire/broker-link.ts';
import { batchOf } from './folders.ts';
import { readTopic } from './topic-reader.ts';

type Options = Omit<EmbeddedBrokerOptions, 'dir'>;

/** A broker over `dir` with the topic t of two partitions, closed with the test. */
export async function open(t: TestContext, dir: string, options: Options = {}): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker({ dir, ...options });
  t.after(() => broker.close());
  await broker.createTopic('t', 2);
  return broker;
}

export const values = async (link: BrokerLink, isolation: 'read_committed' | 'read_uncommitted' = 'read_committed'): Promise<(string | null)[]> => (await readTopic(link, 't', isolation)).map((record) => record.value);
export const plain = (link: BrokerLink, partition: number, ...texts: string[]) => link.produce({ batches: [{ topic: 't', partition, bytes: batchOf(texts) }] });
/** Of each producer: partition -> the number of its next record there. */
const sequences = new WeakMap<ProducerIdentity, Map<number, number>>();
export const within = (link: BrokerLink, producer: ProducerIdentity, partition: number, ...texts: string[]) => {
  const next = sequences.get(producer) ?? new Map<number, number>();
  sequences.set(producer, next);
  const sequence = next.get(partition) ?? 0;
  next.set(partition, sequence + texts.length);
  return link.produce({ transactionalId: 'x', producer, batches: [{ topic: 't', partition, bytes: batchOf(texts, { ...producer, sequence }) }] });
};
export const offset = (at: number) => ({ topic: 't', partition: 0, offset: at, metadata: `at ${at}` });
export const code = (wanted: string) => ({ code: wanted });
