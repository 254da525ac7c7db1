import assert from 'node:assert/strict';
import { chmodSync, closeSync, existsSync, fstatSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { DurableFile, makeFolder } from '../../state/durable-file.ts';
import { temporaryFolder } from '../broker/folders.ts';

test('a listener learns of each file and of what is safe, in order', async (t) => {
  const path = join(temporaryFolder(t), 'file');
  const heard: number[] = [];
  const file = new DurableFile(path, (_path, bytes) => heard.push(bytes));
  t.after(() => file.close());
  file.append(new Uint8Array(10));
  const first = file.sync();
  file.append(new Uint8Array(5));
  await Promise.all([first, file.sync()]);
  file.append(new Uint8Array(1));
  file.syncNow();
  assert.deepEqual([heard[0], heard.at(-2), heard.at(-1)], [0, 15, 16]);
  assert.deepEqual(heard.toSorted((a, b) => a - b), heard);
});

test('what an existing file holds is not believed to be safe before it is synced', async (t) => {
  const path = join(temporaryFolder(t), 'file');
  const before = new DurableFile(path);
  before.append(new Uint8Array(7));
  before.close();
  const heard: number[] = [];
  const file = new DurableFile(path, (_path, bytes) => heard.push(bytes));
  t.after(() => file.close());
  assert.deepEqual(heard, []);
  await file.sync();
  assert.deepEqual(heard, [7]);
});

test('bytes are read from anywhere, truncated ones are gone', (t) => {
  const path = join(temporaryFolder(t), 'file');
  const file = new DurableFile(path);
  t.after(() => file.close());
  file.append(new Uint8Array([1, 2, 3]));
  file.append(new Uint8Array([4, 5]));
  const into = new Uint8Array(6);
  assert.equal(file.read(1, 3, into, 2), 3);
  assert.deepEqual([...into], [0, 0, 2, 3, 4, 0]);
  assert.equal(file.read(4, 10, new Uint8Array(10)), 1);
  file.truncate(2);
  file.append(new Uint8Array([9]));
  assert.deepEqual([...readFileSync(path)], [1, 2, 9]);
});

test('a closed file takes nothing: its number may already be another file', async (t) => {
  const file = new DurableFile(join(temporaryFolder(t), 'file'));
  file.close();
  assert.throws(() => file.append(new Uint8Array(1)), /closed/);
  assert.throws(() => file.syncNow(), /closed/);
  await assert.rejects(file.sync(), /closed/);
});

for (const how of ['syncNow', 'sync'] as const) {
  test(`a file whose ${how} has failed is refused until it is opened anew`, async (t) => {
    const path = join(temporaryFolder(t), 'file');
    const heard: number[] = [];
    const file = new DurableFile(path, (_path, bytes) => heard.push(bytes));
    file.append(new Uint8Array(3));
    const fd = descriptorOf(path);
    closeSync(fd);
    if (how === 'sync') await assert.rejects(file.sync(), { code: 'EBADF' });
    else assert.throws(() => file.syncNow(), { code: 'EBADF' });
    // The number is a descriptor of the same file again: an fsync would now say that all is well.
    const other = openSync(path, 'a+');
    t.after(() => closeSync(other));
    assert.equal(other, fd);
    assert.throws(() => file.syncNow(), { code: 'EBADF' });
    await assert.rejects(file.sync(), { code: 'EBADF' });
    assert.throws(() => file.append(new Uint8Array(1)), { code: 'EBADF' });
    assert.throws(() => file.truncate(0), { code: 'EBADF' });
    assert.deepEqual(heard, [0]);
    const again = new DurableFile(path, (_path, bytes) => heard.push(bytes));
    t.after(() => again.close());
    await again.sync();
    assert.deepEqual(heard, [0, 3]);
  });
}

test('an fsync that was under way when another failed is not believed', async (t) => {
  const path = join(temporaryFolder(t), 'file');
  const file = new DurableFile(path);
  file.append(new Uint8Array(3));
  const fd = descriptorOf(path);
  const underWay = file.sync();
  closeSync(fd);
  assert.throws(() => file.syncNow(), { code: 'EBADF' });
  await assert.rejects(underWay, { code: 'EBADF' });
});

/** The number under which this process has a file open. */
function descriptorOf(path: string): number {
  const wanted = statSync(path);
  for (let fd = 3; fd < 4096; fd++) {
    try {
      const found = fstatSync(fd);
      if (found.ino === wanted.ino && found.dev === wanted.dev) return fd;
    } catch {
      continue;
    }
  }
  return assert.fail(`${path} is not open`);
}

test('an fsync that is under way when the file is closed ends well, and its listener hears of it', async (t) => {
  const dir = temporaryFolder(t);
  const heard: string[] = [];
  const syncs: Promise<void>[] = [];
  for (let i = 0; i < 20; i++) {
    const file = new DurableFile(join(dir, `${i}`), (path, bytes) => heard.push(`${basename(path)} ${bytes}`));
    file.append(new Uint8Array(3));
    syncs.push(file.sync());
    file.close();
  }
  await Promise.all(syncs);
  for (let i = 0; i < 20; i++) assert.ok(heard.includes(`${i} 3`));
});

test('a folder is made with those above it, again without harm', (t) => {
  const path = join(temporaryFolder(t), 'a', 'b', 'c');
  makeFolder(path);
  makeFolder(path);
  assert.ok(existsSync(path));
});

test('a folder that cannot be made or written to says so, and what to do', (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  const refused = (path: string, wanted: RegExp): void => {
    assert.throws(() => makeFolder(path), (error: Error & { readonly code?: string; readonly hint?: string }) => error.code === 'E0504' && wanted.test(error.message) && (error.hint ?? '').includes('--state-dir'), path);
  };
  refused(file, /file is a file$/);
  refused(join(file, 'below', 'it'), /file is a file$/);
  if (existsSync('/proc/version')) refused('/proc/sluice/broker', /\/proc\/sluice\/broker cannot be made/);
});

test('a folder without the right to write is refused', (t) => {
  const dir = temporaryFolder(t);
  chmodSync(dir, 0o500);
  if (process.getuid?.() === 0) {
    t.skip('skipped: root may write everywhere');
    return;
  }
  assert.throws(() => makeFolder(dir), { code: 'E0504' });
  assert.throws(() => makeFolder(join(dir, 'below')), { code: 'E0504' });
});
