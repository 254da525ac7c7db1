import assert from 'node:assert/strict';
import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { EmbeddedBroker } from '../../broker/embedded-broker.ts';
import { copyOf, temporaryFolder } from './folders.ts';
import { code, offset, open, plain, values, within } from './open-broker.ts';

// Copies of the files as they are at a moment, cut behind the last fsync.

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
