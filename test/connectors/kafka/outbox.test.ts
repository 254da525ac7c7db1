import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { Outbox, type OutboxForm, type StoredOutput } from '../../../connectors/kafka/outbox.ts';
import type { PartitionBatch } from '../../../connectors/kafka/batch-writer.ts';
import { BatchBuilder } from '../../../wire/batch-builder.ts';
import { readBatchHeader, readRecords, RecordPositions } from '../../../wire/record-batch.ts';
import { temporaryFolder } from '../../broker/folders.ts';
import { failure } from '../../engine/tables.ts';

/** A batch of one record, whose value has `size` bytes. */
function batchOf(partition: number, size: number, fill = partition): PartitionBatch {
  const builder = new BatchBuilder(256);
  builder.append(new Uint8Array(0), 0, -1, new Uint8Array(size).fill(fill), 0, size, 0);
  return { partition, bytes: builder.finish() };
}

/** Of a batch: the length of its record's value, and the value's first byte. */
function valueOf(bytes: Uint8Array): string {
  const header = readBatchHeader(bytes, 0, bytes.length);
  const positions = new RecordPositions();
  if (header !== undefined) readRecords(bytes, header, 0, positions);
  const length = positions.valueLengths[0] ?? -1;
  return `${length} of ${length > 0 ? bytes[positions.valueOffsets[0] ?? 0] : undefined}`;
}

/** What `load` gives, in words, as pieces are borrowed; `largest`: bytes of values. */
function loaded(outbox: Outbox, at: StoredOutput, from?: number): { readonly batches: string[]; readonly largest: number } {
  const batches: string[] = [];
  let largest = 0;
  for (const piece of outbox.load(at, from)) {
    largest = Math.max(largest, piece.reduce((sum, { bytes }) => sum + bytes.length, 0));
    for (const { partition, bytes } of piece) batches.push(`${partition}: ${valueOf(bytes)}`);
  }
  return { batches, largest };
}

test('output that is gone is told with what to do', (t) => {
  assert.throws(() => [...new Outbox(temporaryFolder(t)).load({ file: 1, length: 240 })], failure('E0804', /0 of 240 bytes[^]*--fresh/));
});

test('output that is cut is refused before any of it is given', async (t) => {
  const dir = temporaryFolder(t);
  const outbox = new Outbox(dir);
  outbox.append(batchOf(0, 100));
  outbox.append(batchOf(0, 100));
  const at = await outbox.store();
  truncateSync(join(dir, `${at.file}.batches`), at.length - 1);
  assert.throws(() => outbox.load(at).next(), failure('E0804', new RegExp(`${at.length - 1} of ${at.length} bytes`)));
});

test('what was appended comes back in order, in pieces of bounded size, from any batch on', async (t) => {
  const outbox = new Outbox(temporaryFolder(t));
  const sizes = Array.from({ length: 40 }, (_, i) => (i === 17 ? 9 << 20 : (i * 97_003) % 300_000));
  const wanted = sizes.map((size, i) => `${i % 3}: ${size} of ${size === 0 ? undefined : i}`);
  const ends = sizes.map((size, i) => outbox.append(batchOf(i % 3, size, i)));
  const at = await outbox.store();
  const whole = loaded(outbox, at);
  assert.deepEqual(whole.batches, wanted);
  assert.equal(whole.largest, batchOf(0, 9 << 20).bytes.length, 'one that is larger than a piece comes alone');
  assert.deepEqual(loaded(outbox, at, ends[9]).batches, wanted.slice(10));
  assert.deepEqual(loaded(outbox, at, at.length).batches, []);
});

test('what no checkpoint names is removed, and no number is given twice', async (t) => {
  const dir = temporaryFolder(t);
  const before = new Outbox(dir);
  before.append(batchOf(0, 10));
  const first = await before.store();
  before.append(batchOf(0, 20));
  const second = await before.store();
  before.append(batchOf(0, 30));
  assert.equal(readdirSync(dir).length, 3);
  const after = new Outbox(dir);
  after.keepOnly(new Set([second.file]));
  assert.deepEqual(readdirSync(dir), [`${second.file}.batches`]);
  after.append(batchOf(1, 40));
  const third = await after.store();
  assert.notEqual(third.file, second.file);
  assert.deepEqual(loaded(after, second).batches, ['0: 20 of 0']);
  after.drop(second);
  after.append(batchOf(1, 50));
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
  assert.throws(() => outbox.append(batchOf(0, 10)), failure('E0804', /was removed while the job ran/));
  mkdirSync(dir);
  // A batch that is none stands for a write that fails.
  const broken: PartitionBatch = { partition: 0, bytes: { length: 10 } as Uint8Array };
  outbox.append(batchOf(0, 10));
  assert.throws(() => outbox.append(broken), failure('E0804', /output of a checkpoint could not be stored/));
  assert.deepEqual(readdirSync(dir), []);
  if (openBelow(dir) !== undefined) assert.equal(openBelow(dir), 0);
  outbox.append(batchOf(0, 10));
  const at = await outbox.store();
  assert.deepEqual(loaded(outbox, at).batches, ['0: 10 of 0']);
  if (openBelow(dir) !== undefined) assert.equal(openBelow(dir), 0);
});

test('a bit that has turned is noticed, wherever it stands: its batch is not given', async (t) => {
  const dir = temporaryFolder(t);
  const outbox = new Outbox(dir);
  outbox.append(batchOf(2, 30));
  outbox.append(batchOf(1, 20));
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

/** A file as an older version wrote it: `head` gives what stood between length and batch. */
function formerFile(path: string, { partition, bytes }: PartitionBatch, head: (before: Uint8Array) => Uint8Array): number {
  const before = new Uint8Array(Uint32Array.of(partition, bytes.length).buffer);
  const file = Buffer.concat([before, head(before), bytes]);
  writeFileSync(path, file);
  return file.length;
}

test('what older versions wrote, without checksums and with other ones, is read, and damage to it noticed', (t) => {
  const dir = temporaryFolder(t);
  const batch = batchOf(1, 3, 170);
  const forms: readonly (readonly [OutboxForm, (before: Uint8Array) => Uint8Array])[] = [
    [1, () => new Uint8Array(0)],
    [2, (before) => new Uint8Array(Uint32Array.of(crc32(batch.bytes, crc32(before))).buffer)],
  ];
  for (const [form, head] of forms) {
    const path = join(dir, `${form}.batches`);
    const at = { file: form, length: formerFile(path, batch, head), form };
    assert.deepEqual(loaded(new Outbox(dir), at).batches, ['1: 3 of 170']);
    const file = readFileSync(path);
    file[at.length - 2] = (file[at.length - 2] ?? 0) ^ 1;
    writeFileSync(path, file);
    assert.throws(() => loaded(new Outbox(dir), at), failure('E0804', /damaged/));
  }
});

test('the file of an epoch that is published is written over: its former output is in no later one, shorter or longer', async (t) => {
  const dir = temporaryFolder(t);
  const outbox = new Outbox(dir);
  outbox.append(batchOf(0, 5000, 1));
  outbox.append(batchOf(1, 5000, 2));
  const first = await outbox.store();
  outbox.drop(first);
  outbox.append(batchOf(2, 100, 3));
  const shorter = await outbox.store();
  assert.notEqual(shorter.file, first.file);
  assert.deepEqual(readdirSync(dir), [`${shorter.file}.batches`]);
  assert.deepEqual(loaded(outbox, shorter).batches, ['2: 100 of 3']);
  assert.ok(readFileSync(join(dir, `${shorter.file}.batches`)).length > shorter.length, 'what stands behind it is of no account');
  outbox.append(batchOf(0, 40, 4));
  const beside = await outbox.store();
  outbox.drop(shorter);
  outbox.append(batchOf(0, 9000, 5));
  outbox.append(batchOf(0, 9000, 6));
  const longer = await outbox.store();
  assert.deepEqual(loaded(outbox, longer).batches, ['0: 9000 of 5', '0: 9000 of 6']);
  assert.deepEqual(loaded(outbox, beside).batches, ['0: 40 of 4']);
  outbox.drop({ ...longer, length: (64 << 20) + 1 });
  assert.deepEqual(readdirSync(dir), [`${beside.file}.batches`], 'a large one is not kept');
  outbox.append(batchOf(0, 10));
  outbox.drop(await outbox.store());
  outbox.discard();
  assert.deepEqual(readdirSync(dir), [`${beside.file}.batches`], 'nothing is kept for later when the sink is closed');
});

test('a whole batch of an earlier epoch that stands where one of this epoch was to be is noticed', async (t) => {
  const dir = temporaryFolder(t);
  const outbox = new Outbox(dir);
  const sizes = [300, 80, 5000];
  for (const size of sizes) outbox.append(batchOf(0, size, 1));
  const first = await outbox.store();
  const former = readFileSync(join(dir, `${first.file}.batches`));
  outbox.drop(first);
  const ends = sizes.map((size) => outbox.append(batchOf(0, size, 2)));
  const second = await outbox.store();
  const path = join(dir, `${second.file}.batches`);
  assert.equal(second.length, former.length);
  const whole = readFileSync(path);
  for (const [i, end] of ends.entries()) {
    // As after a disk that lost a write, or in a copy of the folder that was made while the job ran.
    const stale = Buffer.from(whole);
    former.copy(stale, ends[i - 1] ?? 0, ends[i - 1] ?? 0, end);
    writeFileSync(path, stale);
    assert.throws(() => loaded(outbox, second), failure('E0804', /damaged/), `batch ${i}`);
  }
  writeFileSync(path, whole);
  assert.deepEqual(loaded(outbox, second).batches, sizes.map((size) => `0: ${size} of 2`));
});
