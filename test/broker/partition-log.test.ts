import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PartitionLog } from '../../broker/partition-log.ts';
import { BatchBuilder, controlBatch } from '../../wire/batch-builder.ts';
import { batchOf, copyOf, temporaryFolder } from './folders.ts';
import { fill, options, small, valuesOf } from './logs.ts';

test('what is appended is read from any offset, over batch and segment bounds, also after reopening', async (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, small);
  const all = fill(log, 60);
  await log.sync();
  assert.ok(log.segmentCount > 3, `${log.segmentCount} segments`);
  for (const maxBytes of [1, 300, 1 << 20]) for (let from = 0; from <= all.length; from += 7) assert.deepEqual(valuesOf(log, from, maxBytes), all.slice(from));
  log.close();
  const again = new PartitionLog(dir, small);
  t.after(() => again.close());
  assert.equal(again.endOffset, all.length);
  assert.deepEqual(valuesOf(again), all);
  assert.equal(again.append(batchOf(['one more'])), all.length);
});

test('readers end where fsync has come to', async (t) => {
  const log = new PartitionLog(temporaryFolder(t), options);
  t.after(() => log.close());
  log.append(batchOf(['a']));
  assert.deepEqual([log.endOffset, log.safeOffset, log.stableOffset], [1, 0, 0]);
  const sync = log.sync();
  log.append(batchOf(['b']));
  await sync;
  assert.equal(log.safeOffset, 1);
  log.syncNow();
  assert.equal(log.stableOffset, 2);
});

test('a cut at any byte of the last batch leaves those before it', async (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, options);
  fill(log, 5);
  const name = join(dir, readdirSync(dir)[0] ?? '');
  const before = statSync(name).size;
  const [end, values] = [log.endOffset, valuesOf(log)];
  log.append(batchOf(['last', 'batch']));
  const size = statSync(name).size;
  log.close();
  for (let length = before; length < size; length++) {
    const copy = copyOf(t, dir);
    truncateSync(join(copy, readdirSync(copy)[0] ?? ''), length);
    const cut = new PartitionLog(copy, options);
    assert.equal(cut.endOffset, end, `cut at byte ${length - before}`);
    assert.equal(cut.append(batchOf(['new'])), end);
    assert.deepEqual(valuesOf(cut), [...values, 'new']);
    cut.close();
  }
});

test('a damaged byte anywhere in the last batch takes that batch away, and no other', (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, options);
  const values = fill(log, 5);
  const name = readdirSync(dir)[0] ?? '';
  const before = statSync(join(dir, name)).size;
  log.append(batchOf(['last', 'batch']));
  log.close();
  const whole = readFileSync(join(dir, name));
  const copy = temporaryFolder(t);
  for (let at = before; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0x55;
    writeFileSync(join(copy, name), damaged);
    // Nothing says that it was ever safe.
    rmSync(join(copy, 'synced'), { force: true });
    const opened = new PartitionLog(copy, options);
    // The leader epoch is under no checksum: it says nothing here.
    const isEpoch = at - before >= 12 && at - before < 16;
    assert.deepEqual(valuesOf(opened), isEpoch ? [...values, 'last', 'batch'] : values, `byte ${at - before}`);
    opened.close();
  }
});

test('zeros at the end, as some file systems leave them, are cut off', (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, options);
  const values = fill(log, 3);
  log.close();
  const path = join(dir, readdirSync(dir)[0] ?? '');
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(5000)]));
  const opened = new PartitionLog(dir, options);
  t.after(() => opened.close());
  assert.deepEqual(valuesOf(opened), values);
});

test('damage in a sealed segment is an error that says where', (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, small);
  fill(log, 40);
  log.close();
  const path = join(dir, readdirSync(dir).toSorted()[0] ?? '');
  truncateSync(path, statSync(path).size - 3);
  assert.throws(() => new PartitionLog(dir, small), (error: Error & { readonly code?: string }) => error.code === 'E0703' && error.message.includes(path));
});

test('what is not one whole batch is refused and leaves nothing behind', (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, options);
  t.after(() => log.close());
  log.append(batchOf(['a']));
  assert.throws(() => log.append(batchOf(['b']).slice(0, 65)), RangeError);
  assert.equal(log.append(batchOf(['c'])), 1);
  assert.deepEqual(valuesOf(log), ['a', 'c']);
});

test('open and aborted transactions are known again after reopening', (t) => {
  const dir = temporaryFolder(t);
  const [one, two] = [{ producerId: 1n, epoch: 0 }, { producerId: 2n, epoch: 0 }];
  let log = new PartitionLog(dir, options);
  for (const batch of [batchOf(['1a'], one), batchOf(['2a'], two), batchOf(['1b'], one), controlBatch(one, false, 0), batchOf(['1c'], one)]) log.append(batch);
  for (let round = 0; round < 2; round++) {
    log.syncNow();
    assert.deepEqual([...log.openTransactions()], [[2n, 1], [1n, 4]]);
    assert.equal(log.stableOffset, 1);
    assert.deepEqual(log.abortedBetween(0, 10).map(({ producerId, firstOffset }) => [producerId, firstOffset]), [[1n, 0]]);
    assert.deepEqual(log.abortedBetween(4, 10), []);
    assert.deepEqual(log.abortedBetween(2, 3).length, 1, 'a range that begins within the transaction');
    log.close();
    log = new PartitionLog(dir, options);
  }
  log.append(controlBatch(two, true, 0));
  log.syncNow();
  assert.equal(log.stableOffset, 4);
  log.close();
});

test('offsetAt finds the first record that is not older, over batches, segments and reopening', (t) => {
  const dir = temporaryFolder(t);
  let log = new PartitionLog(dir, small);
  // Times go back now and then: what counts is the first record, not the first batch that begins late enough.
  const times = Array.from({ length: 40 }, (_, i) => [1000 + i * 10, 1000 + i * 10 - (i % 3) * 25, 1000 + i * 10 + (i % 7) * 4]);
  for (const batch of times) {
    const builder = new BatchBuilder();
    for (const time of batch) builder.append(new Uint8Array(0), 0, -1, new Uint8Array(20), 0, 20, time);
    log.append(builder.finish());
  }
  log.syncNow();
  assert.ok(log.segmentCount > 3);
  const all = times.flat();
  for (let round = 0; round < 2; round++) {
    for (let time = 900; time < 1450; time++) {
      const found = all.findIndex((other) => other >= time);
      assert.equal(log.offsetAt(time), found < 0 ? all.length : found, `at ${time}`);
    }
    log.close();
    log = new PartitionLog(dir, small);
  }
  log.append(batchOf(['not safe yet'], undefined, 5000));
  assert.equal(log.offsetAt(5000), all.length);
  assert.equal(log.offsetAt(9000), all.length, 'the end is where readers end');
  log.close();
});
