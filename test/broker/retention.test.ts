import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { EmbeddedBroker } from '../../broker/embedded-broker.ts';
import type { TopicSettings } from '../../wire/broker-link.ts';
import { batchOf, temporaryFolder } from './folders.ts';
import { PartitionReader } from './topic-reader.ts';

const batchBytes = batchOf(['x'.repeat(100)]).length;

/** A broker with the topic `t` of these settings and a clock that the test moves; two batches fill a segment. */
async function open(t: TestContext, dir: string, settings: TopicSettings) {
  const clock = { now: 1000 };
  const broker = new EmbeddedBroker({ dir, now: () => clock.now });
  t.after(() => broker.close());
  await broker.createTopic('t', 1, { 'segment.bytes': batchBytes * 2, ...settings });
  return {
    broker,
    clock,
    write: async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await broker.produce({ batches: [{ topic: 't', partition: 0, bytes: batchOf(['x'.repeat(100)], undefined, clock.now) }] });
    },
    range: async (): Promise<readonly number[]> => {
      const { start, end } = await broker.offsets('t', 0);
      return [start, end];
    },
  };
}

test('without settings all is kept', async (t) => {
  const { write, range, clock } = await open(t, temporaryFolder(t), {});
  await write(9);
  clock.now += 1e12;
  await write(1);
  assert.deepEqual(await range(), [0, 10]);
});

test('retention.bytes keeps at least so many bytes, by whole segments, also after reopening', async (t) => {
  const dir = temporaryFolder(t);
  const { broker, write, range } = await open(t, dir, { 'retention.bytes': batchBytes * 4 });
  await write(5);
  assert.deepEqual(await range(), [0, 5], 'five batches: one segment less would be too few');
  await write(1);
  assert.deepEqual(await range(), [2, 6]);
  await write(14);
  assert.deepEqual(await range(), [16, 20]);
  await broker.close();
  assert.equal(readdirSync(join(dir, 'topics', 't-0')).filter((name) => name.endsWith('.log')).length, 2);
  const again = await open(t, dir, {});
  assert.deepEqual(await again.range(), [16, 20]);
  await again.write(2);
  assert.deepEqual(await again.range(), [18, 22], 'the settings were stored');
  await assert.rejects(again.broker.fetch({ topic: 't', partition: 0, offset: 17, maxBytes: 1, waitMs: 0, isolation: 'read_committed' }), { code: 'E0805' });
  assert.equal((await new PartitionReader(again.broker, 't', 0, { offset: 18 }).readAll()).length, 4);
});

test('retention.ms removes segments whose newest record is too old, never the newest segment', async (t) => {
  const { write, range, clock } = await open(t, temporaryFolder(t), { 'retention.ms': 500 });
  await write(4);
  clock.now += 500;
  await write(1);
  assert.deepEqual(await range(), [0, 5]);
  clock.now += 1;
  await write(1);
  assert.deepEqual(await range(), [4, 6]);
  clock.now += 10_000;
  await write(0);
  assert.deepEqual(await range(), [4, 6]);
  await write(1);
  assert.deepEqual(await range(), [6, 7]);
});

test('nothing from an open transaction on is removed before it ends', async (t) => {
  const { broker, write, range } = await open(t, temporaryFolder(t), { 'retention.bytes': batchBytes });
  await write(2);
  const producer = await broker.initProducer('x');
  const send = (sequence: number) => broker.produce({ transactionalId: 'x', producer, batches: [{ topic: 't', partition: 0, bytes: batchOf(['x'.repeat(100)], { ...producer, sequence }) }] });
  await send(0);
  await write(6);
  assert.deepEqual(await range(), [2, 9]);
  await broker.endTransaction('x', producer, false);
  await write(1);
  const [start = 0, end = 0] = await range();
  assert.ok(start > 2 && end - start <= 3, `${start} to ${end}`);
  assert.deepEqual((await new PartitionReader(broker, 't', 0, { offset: start }).readAll()).map((record) => record.offset).filter((offset) => offset === 2), []);
});

test('a setting that is none, or has no sense, is refused and makes no topic', async (t) => {
  const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
  t.after(() => broker.close());
  for (const settings of [{ 'retention.ms': -2 }, { 'segment.bytes': 0 }, { 'retention.bytes': 1.5 }, { 'cleanup.policy': 1 } as TopicSettings]) await assert.rejects(broker.createTopic('t', 1, settings), { code: 'E0605' });
  assert.equal(await broker.partitionCount('t'), undefined);
  assert.equal(await broker.createTopic('t', 1, { 'retention.ms': -1 }), true, "Kafka's word for no limit");
});
