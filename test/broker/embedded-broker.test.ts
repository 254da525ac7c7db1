import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { EmbeddedBroker, type EmbeddedBrokerOptions } from '../../broker/embedded-broker.ts';
import type { BrokerLink, ProducerIdentity } from '../../wire/broker-link.ts';
import { controlBatch } from '../../wire/batch-builder.ts';
import { batchOf, copyOf, temporaryFolder } from './folders.ts';
import { PartitionReader, readTopic } from './topic-reader.ts';

type Options = Omit<EmbeddedBrokerOptions, 'dir'>;

async function open(t: TestContext, dir: string, options: Options = {}): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker({ dir, ...options });
  t.after(() => broker.close());
  await broker.createTopic('t', 2);
  return broker;
}

const values = async (link: BrokerLink, isolation: 'read_committed' | 'read_uncommitted' = 'read_committed'): Promise<(string | null)[]> => (await readTopic(link, 't', isolation)).map((record) => record.value);
const plain = (link: BrokerLink, partition: number, ...texts: string[]) => link.produce({ batches: [{ topic: 't', partition, bytes: batchOf(texts) }] });
/** Of each producer: partition -> the number of its next record there. */
const sequences = new WeakMap<ProducerIdentity, Map<number, number>>();
const within = (link: BrokerLink, producer: ProducerIdentity, partition: number, ...texts: string[]) => {
  const next = sequences.get(producer) ?? new Map<number, number>();
  sequences.set(producer, next);
  const sequence = next.get(partition) ?? 0;
  next.set(partition, sequence + texts.length);
  return link.produce({ transactionalId: 'x', producer, batches: [{ topic: 't', partition, bytes: batchOf(texts, { ...producer, sequence }) }] });
};
const offset = (at: number) => ({ topic: 't', partition: 0, offset: at, metadata: `at ${at}` });
const code = (wanted: string) => ({ code: wanted });

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

test('committed records become visible at once, with their offsets; aborted ones never', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  const producer = await broker.initProducer('x');
  await within(broker, producer, 0, 'a');
  await within(broker, producer, 1, 'b');
  await broker.commitOffsets({ group: 'g', offsets: [offset(5)], transactionalId: 'x', producer });
  assert.deepEqual(await values(broker), []);
  assert.deepEqual(await broker.committedOffsets('g'), []);
  await broker.endTransaction('x', producer, true);
  await broker.endTransaction('x', producer, true);
  assert.deepEqual(await values(broker), ['a', 'b']);
  assert.deepEqual(await broker.committedOffsets('g'), [offset(5)]);
  await within(broker, producer, 0, 'no');
  await broker.commitOffsets({ group: 'g', offsets: [offset(9)], transactionalId: 'x', producer });
  await broker.endTransaction('x', producer, false);
  await within(broker, producer, 0, 'c');
  await broker.endTransaction('x', producer, true);
  await assert.rejects(broker.endTransaction('x', producer, false), code('E0605'));
  assert.deepEqual(await values(broker), ['a', 'c', 'b']);
  assert.deepEqual(await values(broker, 'read_uncommitted'), ['a', 'no', 'c', 'b']);
  assert.deepEqual(await broker.committedOffsets('g'), [offset(5)]);
  // However small the pieces, and wherever reading starts.
  for (let from = 0; from < 6; from++) {
    const found = await new PartitionReader(broker, 't', 0, { offset: from, maxBytes: 1 }).readAll();
    assert.deepEqual(found.map((record) => record.value), from === 0 ? ['a', 'c'] : from <= 4 ? ['c'] : []);
  }
});

test('the last stable offset: nothing behind an open transaction is read, not even what is committed', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  const producer = await broker.initProducer('x');
  await plain(broker, 0, 'a');
  await within(broker, producer, 0, 'open');
  await plain(broker, 0, 'b');
  assert.deepEqual(await values(broker), ['a']);
  assert.equal((await broker.offsets('t', 0)).stable, 1);
  await broker.endTransaction('x', producer, false);
  assert.deepEqual(await values(broker), ['a', 'b']);
});

test('a newer producer ends what the older left open and fences it', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  const old = await broker.initProducer('x');
  await within(broker, old, 0, 'old');
  const producer = await broker.initProducer('x');
  assert.equal(producer.producerId, old.producerId);
  await within(broker, producer, 0, 'new');
  await assert.rejects(within(broker, old, 0, 'late'), code('E0604'));
  await assert.rejects(broker.commitOffsets({ group: 'g', offsets: [offset(1)], transactionalId: 'x', producer: old }), code('E0604'));
  await assert.rejects(broker.endTransaction('x', old, true), code('E0604'));
  await broker.endTransaction('x', producer, true);
  assert.deepEqual(await values(broker), ['new']);
});

test('a producer that is fenced while its commit waits for the disk: committed whole, or not at all', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  const old = await broker.initProducer('x');
  await within(broker, old, 0, 'first');
  const commit = broker.endTransaction('x', old, true);
  const [producer] = await Promise.all([broker.initProducer('x'), commit]);
  await within(broker, producer, 0, 'open');
  assert.deepEqual(await values(broker), ['first']);
  await broker.endTransaction('x', producer, false);
  assert.deepEqual(await values(broker), ['first']);
});

test('records that are asked for during a commit belong to the next transaction', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  const producer = await broker.initProducer('x');
  await within(broker, producer, 0, 'a');
  await Promise.all([broker.endTransaction('x', producer, true), within(broker, producer, 0, 'b')]);
  assert.deepEqual(await values(broker), ['a']);
  await broker.endTransaction('x', producer, false);
  assert.deepEqual(await values(broker), ['a']);
});

test('a commit that is under way when the broker closes is finished; nothing is taken after', async (t) => {
  const dir = temporaryFolder(t);
  const broker = await open(t, dir);
  const producer = await broker.initProducer('x');
  await within(broker, producer, 0, 'a');
  await Promise.all([broker.endTransaction('x', producer, true), broker.close()]);
  await assert.rejects(within(broker, producer, 0, 'b'), code('E0601'));
  assert.deepEqual(await values(await open(t, dir)), ['a']);
});

test('a transaction that stays open too long is aborted and its producer fenced', async (t) => {
  let now = 1_000_000;
  const broker = await open(t, temporaryFolder(t), { now: () => now, transactionTimeout: 1000 });
  const producer = await broker.initProducer('x');
  await within(broker, producer, 0, 'slow');
  await plain(broker, 0, 'b');
  now += 999;
  assert.deepEqual(await values(broker), []);
  now += 1;
  assert.deepEqual(await values(broker), ['b']);
  const why = { code: 'E0604', message: /was open for 1000 ms.*aborted/, retryable: true };
  await assert.rejects(broker.endTransaction('x', producer, true), why);
  await assert.rejects(within(broker, producer, 0, 'late'), why);
  await assert.rejects(broker.commitOffsets({ group: 'g', offsets: [offset(1)], transactionalId: 'x', producer }), why);
  const next = await broker.initProducer('x');
  await assert.rejects(broker.endTransaction('x', producer, true), { code: 'E0604', message: /replaced by a newer one/ });
  await within(broker, next, 0, 'again');
  await broker.endTransaction('x', next, true);
  const other = await broker.initProducer('x');
  await assert.rejects(broker.endTransaction('x', next, true), { code: 'E0604', message: /replaced by a newer one/ });
  await broker.endTransaction('x', other, true);
});

test('a decision that did not reach the partitions is finished when it is asked for again, and the other one is refused', async (t) => {
  for (const commit of [true, false]) {
    let step: 'before' | 'asked' | 'decided' | 'after' = 'before';
    const broker = await open(t, temporaryFolder(t), {
      onSync: (path) => {
        if (step === 'asked' && path.includes('__transaction_state')) step = 'decided';
      },
      now: () => {
        if (step === 'decided') throw new Error('no marker today');
        return 1_000_000;
      },
    });
    const producer = await broker.initProducer('x');
    await within(broker, producer, 0, 'a');
    step = 'asked';
    await assert.rejects(broker.endTransaction('x', producer, commit), /no marker today/);
    step = 'after';
    await assert.rejects(broker.endTransaction('x', producer, !commit), code('E0605'));
    await assert.rejects(within(broker, producer, 0, 'b'), { code: 'E0605', message: /decided and has not reached all partitions/ });
    assert.deepEqual(await values(broker), []);
    await broker.endTransaction('x', producer, commit);
    await broker.endTransaction('x', producer, commit);
    assert.deepEqual(await values(broker), commit ? ['a'] : []);
    const next = await broker.initProducer('x');
    await within(broker, next, 0, 'c');
    await broker.endTransaction('x', next, true);
    assert.deepEqual(await values(broker), commit ? ['a', 'c'] : ['c']);
  }
});

test('batches of another owner are refused, and nothing of their request is written', async (t) => {
  const broker = await open(t, temporaryFolder(t));
  const producer = await broker.initProducer('x');
  const send = (bytes: Uint8Array, transactional: boolean) =>
    broker.produce({ ...(transactional ? { transactionalId: 'x', producer } : {}), batches: [{ topic: 't', partition: 1, bytes: batchOf(['a'], transactional ? producer : undefined) }, { topic: 't', partition: 0, bytes }] });
  await assert.rejects(send(batchOf(['b']), true), code('E0605'));
  await assert.rejects(send(batchOf(['b'], producer), false), code('E0605'));
  await assert.rejects(send(batchOf(['b'], { ...producer, epoch: 9 }), true), code('E0605'));
  await assert.rejects(send(controlBatch(producer, true, 0), true), code('E0605'));
  assert.deepEqual(await values(broker, 'read_uncommitted'), []);
});

// ---- after a crash: copies of the files as they are at a moment, cut behind the last fsync ----

/** Opens a copy of the broker's files in which each is cut to what `lengthOf` says of (path within, safe, size). */
async function openAfterCut(t: TestContext, dir: string, synced: ReadonlyMap<string, number>, lengthOf: (name: string, safe: number, size: number) => number): Promise<EmbeddedBroker> {
  const copy = copyOf(t, dir);
  for (const [path, safe] of synced) {
    const there = join(copy, path.slice(dir.length));
    truncateSync(there, lengthOf(path.slice(dir.length + 1), safe, statSync(there).size));
  }
  return open(t, copy);
}

const cuts: readonly [string, (name: string, safe: number, size: number) => number][] = [
  ['everything was written', (_name, _safe, size) => size],
  ['only what is synced', (_name, safe) => safe],
  ['the transaction log lost its tail, the partitions not', (name, safe, size) => (name.startsWith('__') ? safe : size)],
  ['the partitions lost their tail, the transaction log not', (name, safe, size) => (name.startsWith('__') ? size : safe)],
  ['half of what is not synced', (_name, safe, size) => Math.floor((safe + size) / 2)],
];

for (const [what, lengthOf] of cuts) {
  test(`a crash in an open transaction aborts it: ${what}`, async (t) => {
    const dir = temporaryFolder(t);
    const synced = new Map<string, number>();
    const broker = await open(t, dir, { onSync: (path, bytes) => synced.set(path, bytes) });
    const old = await broker.initProducer('x');
    await within(broker, old, 0, 'kept');
    await broker.endTransaction('x', old, true);
    await plain(broker, 1, 'plain');
    await within(broker, old, 0, 'open');
    await within(broker, old, 1, 'open');
    const after = await openAfterCut(t, dir, synced, lengthOf);
    assert.deepEqual(await values(after), ['kept', 'plain']);
    await assert.rejects(after.endTransaction('x', old, true), code('E0604'));
    const producer = await after.initProducer('x');
    assert.ok(producer.epoch > old.epoch);
    await within(after, producer, 0, 'next');
    await after.endTransaction('x', producer, true);
    assert.deepEqual(await values(after), ['kept', 'next', 'plain'], 'what was open has not slipped into the next transaction');
    assert.deepEqual(await after.offsets('t', 0).then(({ end, stable }) => end - stable), 0);
  });
}

test('a crash at any moment of a commit: whole once it was decided, nothing before, and the same after a second crash', async (t) => {
  const dir = temporaryFolder(t);
  const synced = new Map<string, number>();
  /** After each fsync: a copy of all files, and what of them is safe. */
  const moments: { readonly copy: string; readonly safe: ReadonlyMap<string, number> }[] = [];
  let isWatching = false;
  const broker = await open(t, dir, {
    onSync: (path, bytes) => {
      synced.set(path, bytes);
      if (isWatching) moments.push({ copy: copyOf(t, dir), safe: new Map(synced) });
    },
  });
  const producer = await broker.initProducer('x');
  await plain(broker, 0, 'before');
  await within(broker, producer, 0, 'a');
  await within(broker, producer, 1, 'b');
  await broker.commitOffsets({ group: 'g', offsets: [offset(7)], transactionalId: 'x', producer });
  isWatching = true;
  await broker.endTransaction('x', producer, true);
  isWatching = false;
  assert.ok(moments.length >= 4, `${moments.length} moments`);
  const outcomes = new Set<string>();
  for (const { copy, safe } of moments) {
    for (const [, lengthOf] of cuts) {
      const cut = copyOf(t, copy);
      for (const [path, bytes] of safe) truncateSync(join(cut, path.slice(dir.length)), lengthOf(path.slice(dir.length + 1), bytes, statSync(join(cut, path.slice(dir.length))).size));
      for (let crash = 0; crash < 2; crash++) {
        // Opened and left as it is: the second crash.
        const after = new EmbeddedBroker({ dir: cut });
        const seen = await values(after);
        const offsets = await after.committedOffsets('g');
        outcomes.add(seen.join());
        if (seen.length === 1) assert.deepEqual([seen, offsets], [['before'], []]);
        else assert.deepEqual([seen, offsets], [['before', 'a', 'b'], [offset(7)]]);
        if (crash === 1) assert.deepEqual(await after.offsets('t', 0).then(({ end, stable }) => end - stable), 0);
        await after.close();
      }
    }
  }
  assert.deepEqual(outcomes, new Set(['before', 'before,a,b']), 'both outcomes occur');
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
