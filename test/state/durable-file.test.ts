import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('a folder is made with those above it, again without harm', (t) => {
  const path = join(temporaryFolder(t), 'a', 'b', 'c');
  makeFolder(path);
  makeFolder(path);
  assert.ok(existsSync(path));
});
