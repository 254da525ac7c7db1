import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlBatch } from '../../wire/batch-builder.ts';
import { batchOf, temporaryFolder } from './folders.ts';
import { code, offset, open, plain, values, within } from './open-broker.ts';
import { PartitionReader } from './topic-reader.ts';

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
