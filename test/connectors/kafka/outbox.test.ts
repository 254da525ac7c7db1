import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Outbox, type StoredOutput } from '../../../connectors/kafka/outbox.ts';
import type { PartitionBatch } from '../../../connectors/kafka/batch-writer.ts';
import { temporaryFolder } from '../../broker/folders.ts';
import { failure } from '../../engine/tables.ts';

const batchOf = (partition: number, size: number, fill = partition): PartitionBatch => ({ partition, bytes: new Uint8Array(size).fill(fill) });

/** What `load` gives, with the bytes of each batch as its length and first byte: pieces are borrowed. */
function loaded(outbox: Outbox, at: StoredOutput, from?: number): { readonly batches: string[]; readonly largest: number } {
  const batches: string[] = [];
  let largest = 0;
  for (const piece of outbox.load(at, from)) {
    largest = Math.max(largest, piece.reduce((sum, { bytes }) => sum + bytes.length, 0));
    for (const { partition, bytes } of piece) batches.push(`${partition}: ${bytes.length} of ${bytes[0]}`);
  }
  return { batches, largest };
}

test('output that is gone is told with what to do', (t) => {
  assert.throws(() => [...new Outbox(temporaryFolder(t)).load({ file: 1, length: 240 })], failure('E0804', /0 of 240 bytes[^]*--fresh/));
});

test('output that is cut is refused before any of it is given', async (t) => {
  const dir = temporaryFolder(t);
  const outbox = new Outbox(dir);
  outbox.append([batchOf(0, 100), batchOf(0, 100)]);
  const at = await outbox.store();
  truncateSync(join(dir, `${at.file}.batches`), at.length - 1);
  assert.throws(() => outbox.load(at).next(), failure('E0804', new RegExp(`${at.length - 1} of ${at.length} bytes`)));
});

test('what was appended comes back in order, in pieces of bounded size, from any batch on', async (t) => {
  const outbox = new Outbox(temporaryFolder(t));
  const sizes = Array.from({ length: 40 }, (_, i) => (i === 17 ? 9 << 20 : (i * 97_003) % 300_000));
  const wanted = sizes.map((size, i) => `${i % 3}: ${size} of ${size === 0 ? undefined : i}`);
  const middle = outbox.append(sizes.slice(0, 10).map((size, i) => batchOf(i % 3, size, i)));
  for (const [i, size] of sizes.entries()) if (i >= 10) outbox.append([batchOf(i % 3, size, i)]);
  const at = await outbox.store();
  const whole = loaded(outbox, at);
  assert.deepEqual(whole.batches, wanted);
  assert.equal(whole.largest, 9 << 20, 'one that is larger than a piece comes alone');
  assert.deepEqual(loaded(outbox, at, middle).batches, wanted.slice(10));
  assert.deepEqual(loaded(outbox, at, at.length).batches, []);
});

test('what no checkpoint names is removed, and no number is given twice', async (t) => {
  const dir = temporaryFolder(t);
  const before = new Outbox(dir);
  before.append([batchOf(0, 10)]);
  const first = await before.store();
  before.append([batchOf(0, 20)]);
  const second = await before.store();
  before.append([batchOf(0, 30)]);
  assert.equal(readdirSync(dir).length, 3);
  const after = new Outbox(dir);
  after.keepOnly(new Set([second.file]));
  assert.deepEqual(readdirSync(dir), [`${second.file}.batches`]);
  after.append([batchOf(1, 40)]);
  const third = await after.store();
  assert.notEqual(third.file, second.file);
  assert.deepEqual(loaded(after, second).batches, ['0: 20 of 0']);
  after.drop(second);
  after.append([batchOf(1, 50)]);
  after.discard();
  assert.deepEqual(readdirSync(dir), [`${third.file}.batches`]);
  assert.notEqual(first.file, second.file);
});

/** Files that this process has open below a folder; undefined where the system does not tell. */
function openBelow(dir: string): number | undefined {
  if (!existsSync('/proc/self/fd')) return undefined;
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(dir);
    } catch {
      return false;
    }
  }).length;
}

test('output that cannot be stored is E0804, and no file stays open', async (t) => {
  const dir = join(temporaryFolder(t), 'outbox');
  const outbox = new Outbox(dir);
  rmSync(dir, { recursive: true });
  assert.throws(() => outbox.append([batchOf(0, 10)]), failure('E0804', /was removed while the job ran/));
  mkdirSync(dir);
  // A batch that is none stands for a write that fails.
  const broken: PartitionBatch = { partition: 0, bytes: { length: 10 } as Uint8Array };
  assert.throws(() => outbox.append([batchOf(0, 10), broken]), failure('E0804', /output of a checkpoint could not be stored/));
  assert.deepEqual(readdirSync(dir), []);
  if (openBelow(dir) !== undefined) assert.equal(openBelow(dir), 0);
  outbox.append([batchOf(0, 10)]);
  const at = await outbox.store();
  assert.deepEqual(loaded(outbox, at).batches, ['0: 10 of 0']);
  if (openBelow(dir) !== undefined) assert.equal(openBelow(dir), 0);
});

test('a bit that has turned is noticed, wherever it stands: its batch is not given', async (t) => {
  const dir = temporaryFolder(t);
  const outbox = new Outbox(dir);
  outbox.append([batchOf(2, 30), batchOf(1, 20)]);
  const at = await outbox.store();
  const path = join(dir, `${at.file}.batches`);
  const whole = readFileSync(path);
  for (let byte = 0; byte < whole.length; byte++) {
    const copy = Buffer.from(whole);
    copy.writeUInt8((copy[byte] ?? 0) ^ (1 << (byte % 8)), byte);
    writeFileSync(path, copy);
    assert.throws(() => loaded(outbox, at), failure('E0804', /damaged|cut/), `byte ${byte}`);
  }
  writeFileSync(path, whole);
  assert.deepEqual(loaded(outbox, at).batches, ['2: 30 of 2', '1: 20 of 1']);
});

test('what an older version wrote, without checksums, is read', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, '7.batches'), Buffer.from('0100000003000000aabbcc', 'hex'));
  assert.deepEqual(loaded(new Outbox(dir), { file: 7, length: 11, isChecked: false }).batches, ['1: 3 of 170']);
});
