import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import type { SqlError } from '../../core/diagnostic.ts';
import { openCheckpoints } from '../../state/checkpoint-store.ts';
import { rewriteParts } from '../../state/rewrite.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { shapeOf, Table, type RecordShape } from '../../state/table.ts';
import { ValueSet } from '../../state/value-set.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { storeOfVersion3 } from './store-of-version-3.ts';

const capture = (state: string, part: string, ...bytes: number[]) => ({ state, part, bytes: new Uint8Array(bytes) });

test('the latest checkpoint comes back, captures newest first', async (t) => {
  const path = join(temporaryFolder(t), 'job', 'checkpoints.db');
  const store = openCheckpoints(path);
  assert.equal(store.latest(), undefined);
  await store.commit({ id: 1, meta: { at: 1 }, captures: [capture('s', '', 1, 2, 3), capture('w', '10', 4), capture('w', '20', 5)], dropped: [] });
  await store.commit({ id: 2, meta: { at: 2 }, captures: [capture('s', '', 6), capture('w', '20', 7)], dropped: [{ state: 'w', part: '10' }] });
  await store.close();
  const again = openCheckpoints(path);
  const latest = again.latest();
  assert.deepEqual([latest?.id, latest?.meta], [2, { at: 2 }]);
  const states = [...(latest?.states ?? [])].map(([state, parts]) => [state, [...parts].map(([part, captures]) => [part, captures.map((bytes) => [...bytes])])]);
  assert.deepEqual(states, [['s', [['', [[6], [1, 2, 3]]]]], ['w', [['20', [[7], [5]]]]]]);
  await again.close();
});

test('captures that the rolling rewrite has replaced are removed, and no others', async (t) => {
  const store = openCheckpoints(join(temporaryFolder(t), 'checkpoints.db'));
  t.after(() => store.close());
  for (let id = 1; id <= 100; id++) await store.commit({ id, meta: {}, captures: [capture('s', '', id)], dropped: [] });
  const captures = store.latest()?.states.get('s')?.get('') ?? [];
  assert.deepEqual(captures.map(([id]) => id), Array.from({ length: rewriteParts }, (_, i) => 100 - i));
});

test('what was stored moves from the log into the file after some MiB, and then not with every commit', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'checkpoints.db');
  const store = openCheckpoints(path);
  t.after(() => store.close());
  // Bytes that cannot be compressed.
  const commit = (id: number, size: number): Promise<void> => store.commit({ id, meta: {}, captures: [{ state: 's', part: '', bytes: new Uint8Array(randomBytes(size)) }], dropped: [] });
  /** The last checkpoint that is in the file itself. Pages move behind an answer: what the commit before the last one moved is there. */
  const moved = (): unknown => {
    copyFileSync(path, join(folder, 'alone.db'));
    const database = new Database(join(folder, 'alone.db'));
    try {
      return database.prepare('SELECT max(id) FROM checkpoint').pluck().get();
    } finally {
      database.close();
    }
  };
  await commit(1, 5 << 20);
  for (let id = 2; id <= 5; id++) {
    await commit(id, 1000);
    assert.equal(moved(), 1);
  }
  await commit(6, 5 << 20);
  await commit(7, 1000);
  assert.equal(moved(), 6);
});

test('a commit that cannot be stored rejects and leaves the last one', async (t) => {
  const path = join(temporaryFolder(t), 'checkpoints.db');
  const store = openCheckpoints(path);
  t.after(() => store.close());
  await store.commit({ id: 1, meta: { at: 1 }, captures: [capture('s', '', 1)], dropped: [] });
  // The id is there already: the whole transaction is taken back, what it dropped included.
  await assert.rejects(store.commit({ id: 1, meta: { at: 'again' }, captures: [capture('s', '', 9)], dropped: [{ state: 's', part: '' }] }), { code: 'E0804' });
  assert.deepEqual([store.latest()?.meta, store.latest()?.states.get('s')?.get('')?.map((bytes) => [...bytes])], [{ at: 1 }, [[1]]]);
  await store.commit({ id: 2, meta: { at: 2 }, captures: [], dropped: [] });
  assert.equal(store.latest()?.id, 2);
});

test('a store of a newer program is refused', async (t) => {
  const path = join(temporaryFolder(t), 'checkpoints.db');
  await openCheckpoints(path).close();
  const database = new Database(path);
  database.pragma('user_version = 99');
  database.close();
  assert.throws(() => openCheckpoints(path), { code: 'E0802' });
});

test('a store of an early program, which kept no types, is refused', async (t) => {
  const path = join(temporaryFolder(t), 'checkpoints.db');
  const database = new Database(path);
  database.pragma('user_version = 1');
  database.close();
  assert.throws(() => openCheckpoints(path), { code: 'E0801' });
});

test('a store whose captures were not packed is read, goes on, and is the older program\'s no more', async (t) => {
  const path = join(temporaryFolder(t), 'checkpoints.db');
  writeFileSync(path, storeOfVersion3);
  const shape = { ...shapeOf([{ layout: 'i32', isKey: true }, { layout: 'bytes', isKey: false }], 1), bags: [{ isSet: true, fields: [{ layout: 'i32', isKey: true }, { layout: 'i64', isKey: true }], bits: 2 }] } as const satisfies RecordShape;
  const restored = (): Table => {
    const table = new Table(shape);
    restoreTable(table, openCheckpoints(path).latest()?.states.get('s')?.get('') ?? []);
    return table;
  };
  const check = (table: Table): void => {
    assert.equal(table.size, 30);
    const [values] = table.bags;
    assert.ok(values instanceof ValueSet);
    assert.equal(values.size, 120);
    for (let id = 0; id < 30; id++) {
      const [key = 0, text = 0] = shape.offsets.map((offset) => 2 * (id * shape.quads + offset));
      assert.equal(table.r32[key], 7 * id);
      const { pages } = table.bytes;
      const [slot = 0, length = 0] = table.r32.subarray(text, text + 2);
      assert.equal(Buffer.from(pages[slot >>> 16] ?? []).toString('utf8', (slot & 0xffff) * 16, (slot & 0xffff) * 16 + length), `text ${id}`);
      for (let k = 0; k < 4; k++) assert.equal(values.bitsOf(id, k * 1000 + id, k === 3 ? -1 : 0), (k % 3) + 1);
    }
  };
  const table = restored();
  check(table);
  // The next program's captures stand beside the former one's.
  const store = openCheckpoints(path);
  for (let id = 4; id < 10; id++) {
    if (id === 5) for (let record = 0; record < 30; record++) table.touch(record);
    await store.commit({ id, meta: {}, captures: [{ state: 's', part: '', bytes: captureTable(table, id) }], dropped: [] });
    table.nextEpoch();
    check(restored());
  }
  await store.close();
  const database = new Database(path);
  assert.equal(database.pragma('user_version', { simple: true }), 4);
  database.close();
});

test('state of several workers is not taken for that of one', async (t) => {
  const path = join(temporaryFolder(t), 'checkpoints.db');
  const store = openCheckpoints(path);
  await store.commit({ id: 1, meta: {}, captures: [capture('s', '', 1)], dropped: [] });
  await store.close();
  const database = new Database(path);
  assert.deepEqual(database.prepare('SELECT DISTINCT first_group, last_group FROM capture').raw().all(), [[0, 127]]);
  database.exec('UPDATE capture SET last_group = 63');
  database.close();
  assert.throws(() => openCheckpoints(path).latest(), { code: 'E0802' });
});

test('a file that is no store, and one that has lost its checkpoints, are refused with what to do', async (t) => {
  const path = join(temporaryFolder(t), 'checkpoints.db');
  const store = openCheckpoints(path);
  await store.commit({ id: 1, meta: {}, captures: [], dropped: [] });
  await store.close();
  const refused = { code: 'E0804', hint: /--fresh/ };
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  assert.throws(() => openCheckpoints(path).latest(), refused);
  writeFileSync(path, '');
  assert.throws(() => openCheckpoints(path).latest(), refused);
  writeFileSync(path, 'x'.repeat(5000));
  assert.throws(() => openCheckpoints(path), refused);
});

test('a thread that cannot begin, or has ended, rejects what waits for it and all that comes later', async (t) => {
  const folder = temporaryFolder(t);
  const data = (id: number) => ({ id, meta: {}, captures: [], dropped: [] });
  const broken = join(folder, 'broken.db');
  const store = openCheckpoints(broken);
  const database = new Database(broken);
  database.exec('DROP TABLE capture');
  database.close();
  const results = await Promise.allSettled([store.commit(data(1)), store.commit(data(2))]);
  assert.deepEqual(results.map((result) => result.status === 'rejected' && (result.reason as SqlError).code), ['E0804', 'E0804']);
  await assert.rejects(store.commit(data(3)), { code: 'E0804' });

  const ended = openCheckpoints(join(folder, 'ended.db'));
  await ended.commit(data(1));
  const ids = Array.from({ length: 30 }, (_, i) => i + 2);
  const waiting = Promise.allSettled(ids.map((id) => ended.commit(data(id))));
  await ended.close();
  // How many the thread had stored when it was ended is up to the machine: those are the first ones, and what was told to be stored is.
  const stored = (await waiting).filter((result) => result.status === 'fulfilled').length;
  for (const [i, result] of (await waiting).entries()) {
    if (i < stored) assert.equal(result.status, 'fulfilled');
    else assert.match(String(result.status === 'rejected' && (result.reason as SqlError).message), /thread has ended/);
  }
  assert.ok((ended.latest()?.id ?? 0) >= stored + 1);
  await assert.rejects(ended.commit(data(99)), { code: 'E0804', message: /thread has ended/ });
});

test('a store that is taken away while it is open stores nothing more, and says so', async (t) => {
  const folder = join(temporaryFolder(t), 'job');
  const path = join(folder, 'checkpoints.db');
  const store = openCheckpoints(path);
  t.after(() => store.close());
  await store.commit({ id: 1, meta: {}, captures: [], dropped: [] });
  rmSync(folder, { recursive: true });
  for (const id of [2, 3]) await assert.rejects(store.commit({ id, meta: {}, captures: [], dropped: [] }), { code: 'E0804', message: /removed or replaced/, retryable: false });
});

test('a program that is given on the command line, as a module, stores checkpoints too', async (t) => {
  const program = `
    import { openCheckpoints } from ${JSON.stringify(new URL('../../state/checkpoint-store.ts', import.meta.url))};
    const store = openCheckpoints(process.argv[1]);
    await store.commit({ id: 7, meta: {}, captures: [], dropped: [] });
    console.log(store.latest().id);
    await store.close();
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=300', '--input-type=module', '-e', program, join(temporaryFolder(t), 'checkpoints.db')]);
  assert.equal(stdout.trim(), '7');
});
