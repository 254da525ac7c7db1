import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EmbeddedBroker } from '../../broker/embedded-broker.ts';
import { batchOf, copyOf, temporaryFolder } from './folders.ts';
import { code, offset, open, plain, values, within } from './open-broker.ts';

test('topics and records are there again after reopening', async (t) => {
  const dir = temporaryFolder(t);
  const broker = await open(t, dir);
  assert.equal(await broker.createTopic('t', 5), false);
  await plain(broker, 0, 'a', 'b');
  await plain(broker, 1, 'c');
  await broker.close();
  const again = await open(t, dir);
  assert.equal(await again.partitionCount('t'), 2);
  assert.deepEqual(await values(again), ['a', 'b', 'c']);
  assert.deepEqual(await again.offsets('t', 0), { start: 0, end: 2, stable: 2 });
});

test('records that were produced survive every cut past the last fsync', async (t) => {
  const dir = temporaryFolder(t);
  const synced = new Map<string, number>();
  const broker = await open(t, dir, { onSync: (path, bytes) => synced.set(path, bytes) });
  await plain(broker, 0, 'a');
  await plain(broker, 0, 'b');
  const log = [...synced].find(([path]) => path.includes('t-0'));
  assert.ok(log !== undefined);
  assert.equal(statSync(log[0]).size, log[1], 'all that was acknowledged is synced');
});

test('an offset that is not there is an error, the end is not', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  await plain(broker, 0, 'a');
  const fetch = (at: number) => broker.fetch({ topic: 't', partition: 0, offset: at, maxBytes: 100, waitMs: 0, isolation: 'read_committed' });
  await assert.rejects(fetch(2), code('E0805'));
  assert.equal((await fetch(1)).length, 0);
  await assert.rejects(broker.fetch({ topic: 'none', partition: 0, offset: 0, maxBytes: 100, waitMs: 0, isolation: 'read_committed' }), code('E0602'));
});

test('a waiting fetch ends when something comes', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  const waiting = broker.fetch({ topic: 't', partition: 0, offset: 0, maxBytes: 100, waitMs: 60_000, isolation: 'read_committed' });
  await plain(broker, 0, 'a');
  assert.ok((await waiting).length > 0);
});

test('a batch that an idempotent producer sends again is acknowledged with its offset and not written again, also after reopening', async (t) => {
  const dir = temporaryFolder(t);
  let broker = await open(t, dir);
  const producer = await broker.initProducer(undefined);
  const send = (sequence: number, ...texts: string[]) => broker.produce({ batches: [{ topic: 't', partition: 0, bytes: batchOf(texts, { ...producer, sequence, transactional: false }) }] }).then((results) => results[0]?.baseOffset);
  assert.equal(await send(0, 'a', 'b'), 0);
  for (let i = 2; i < 7; i++) assert.equal(await send(i, `${i}`), i);
  for (let round = 0; round < 2; round++) {
    for (let i = 2; i < 7; i++) assert.equal(await send(i, `${i}`), i, 'the last five are known');
    await assert.rejects(send(0, 'a', 'b'), code('E0605'));
    await assert.rejects(send(8, 'too early'), (error: Error & { readonly code?: string }) => error.code === 'E0605' && /sequence number 8, and 7 comes next \(OUT_OF_ORDER_SEQUENCE_NUMBER\)/.test(error.message));
    assert.deepEqual(await values(broker), ['a', 'b', '2', '3', '4', '5', '6']);
    await broker.close();
    broker = await open(t, dir);
  }
  assert.equal(await send(7, 'next'), 7);
  const other = await broker.initProducer(undefined);
  assert.notEqual(other.producerId, producer.producerId, 'an id is never given twice');
});

test('a request is refused whole when one of its batches skips a number, and may repeat what is there', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  const producer = await broker.initProducer('x');
  const send = (...starts: number[]) =>
    broker.produce({ transactionalId: 'x', producer, batches: starts.map((sequence) => ({ topic: 't', partition: 0, bytes: batchOf([`${sequence}`, 'more'], { ...producer, sequence }) })) });
  await assert.rejects(send(0, 2, 6), code('E0605'));
  assert.deepEqual(await values(broker, 'read_uncommitted'), []);
  await send(0, 2);
  assert.deepEqual((await send(0, 2, 4)).map((result) => result.baseOffset), [0, 2, 4]);
  await broker.endTransaction('x', producer, true);
  assert.deepEqual(await values(broker), ['0', 'more', '2', 'more', '4', 'more']);
  const next = await broker.initProducer('x');
  await assert.rejects(broker.produce({ transactionalId: 'x', producer: next, batches: [{ topic: 't', partition: 0, bytes: batchOf(['x'], { ...next, sequence: 6 }) }] }), code('E0605'));
  await within(broker, next, 0, 'a new epoch begins at 0');
});

/** All files below a folder with their bytes. */
function filesOf(dir: string): Map<string, string> {
  return new Map(readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'hex')] as const));
}

test('a broker that only reads changes no byte, whatever state the folder is in, and shows what opening it would leave', async (t) => {
  const dir = temporaryFolder(t);
  const copies: string[] = [];
  let isWatching = true;
  const broker = await open(t, dir, { onSync: () => (isWatching ? void copies.push(copyOf(t, dir)) : undefined) });
  const producer = await broker.initProducer('x');
  await plain(broker, 0, 'before');
  await within(broker, producer, 0, 'committed');
  await broker.commitOffsets({ group: 'g', offsets: [offset(3)], transactionalId: 'x', producer });
  await broker.endTransaction('x', producer, true);
  await within(broker, producer, 0, 'open');
  await plain(broker, 0, 'after');
  copies.push(copyOf(t, dir));
  isWatching = false;
  for (const copy of copies) {
    const log = join(copy, 'topics', 't-0', '00000000000000000000.log');
    if (existsSync(log)) appendFileSync(log, batchOf(['torn']).subarray(0, 30));
    const before = filesOf(copy);
    const notices: string[] = [];
    const reading = new EmbeddedBroker({ dir: copy, readOnly: true, onNotice: (message) => notices.push(message), now: () => Date.now() + 1e9 });
    const seen = [await values(reading), await reading.committedOffsets('g')];
    await assert.rejects(plain(reading, 0, 'no'), code('E0605'));
    await reading.close();
    assert.deepEqual(filesOf(copy), before);
    assert.equal(notices.filter((notice) => /30 bytes at the end of .*topic t partition 0.*left as they are/.test(notice)).length, before.has(log) ? 1 : 0);
    const writing = new EmbeddedBroker({ dir: copy });
    t.after(() => writing.close());
    assert.deepEqual([await values(writing), await writing.committedOffsets('g')], seen);
  }
  assert.ok(copies.length > 5, `${copies.length} moments`);
});

test('internal logs stay short and keep what holds', async (t) => {
  const dir = temporaryFolder(t);
  const broker = await open(t, dir);
  const producer = await broker.initProducer('x');
  const metadata = 'm'.repeat(200_000);
  for (let i = 0; i < 60; i++) {
    await broker.commitOffsets({ group: `g${i % 3}`, offsets: [{ ...offset(i), metadata }], transactionalId: 'x', producer });
    await broker.endTransaction('x', producer, true);
  }
  await broker.close();
  for (const name of ['__transaction_state', '__consumer_offsets']) {
    const sizes = readdirSync(join(dir, name)).filter((file) => file.endsWith('.log')).map((file) => statSync(join(dir, name, file)).size);
    assert.equal(sizes.length, 1, name);
    assert.ok((sizes[0] ?? 0) < 9 << 20, `${name}: ${sizes[0]} bytes`);
  }
  const again = await open(t, dir);
  for (let i = 57; i < 60; i++) assert.deepEqual((await again.committedOffsets(`g${i % 3}`)).map((entry) => entry.offset), [i]);
  await assert.rejects(again.endTransaction('x', producer, true), code('E0604'));
});
