import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PartitionLog } from '../../broker/partition-log.ts';
import { readBatchHeader } from '../../wire/record-batch.ts';
import { batchOf, temporaryFolder } from './folders.ts';
import { fill, options, small, valuesOf } from './logs.ts';

/** A log of five batches that are safe and one behind that is not, closed; the file, and where its batches begin. */
function sixBatches(t: TestContext): { readonly dir: string; readonly path: string; readonly starts: readonly number[]; readonly values: readonly string[] } {
  const dir = join(temporaryFolder(t), 'orders-3');
  const log = new PartitionLog(dir, options);
  const values = fill(log, 5);
  log.syncNow();
  values.push('unsafe');
  log.append(batchOf(['unsafe']));
  log.close();
  const path = join(dir, '00000000000000000000.log');
  const bytes = readFileSync(path);
  const starts = [];
  for (let header = readBatchHeader(bytes, 0, bytes.length); header !== undefined; header = readBatchHeader(bytes, header.end, bytes.length)) starts.push(header.start);
  return { dir, path, starts, values };
}

const damaged = (...parts: string[]) => (error: Error & { readonly code?: string; readonly hint?: string }): boolean => {
  assert.equal(error.code, 'E0703');
  for (const part of parts) assert.ok(`${error.message} ${error.hint}`.includes(part), `'${part}' in: ${error.message} ${error.hint}`);
  return true;
};

test('a damaged byte with undamaged batches behind it is an error that says all, and cuts nothing', (t) => {
  const { dir, path, starts } = sixBatches(t);
  // Without the mark: what lies behind is what tells.
  rmSync(join(dir, 'synced'));
  const whole = readFileSync(path);
  const third = starts[2] ?? 0;
  for (let at = third; at < (starts[3] ?? 0); at++) {
    // The leader epoch is under no checksum: it says nothing here.
    if (at >= third + 12 && at < third + 16) continue;
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    writeFileSync(path, bytes);
    assert.throws(() => new PartitionLog(dir, options), damaged('topic orders partition 3', 'at offset 3 ', `byte ${third} of ${path}`, 'found ', 'put back a copy'), `byte ${at - third}`);
    assert.throws(() => new PartitionLog(dir, { ...options, readOnly: true }), damaged('topic orders partition 3'));
    assert.deepEqual(readFileSync(path), bytes, 'nothing was cut');
    rmSync(join(dir, 'synced'));
  }
});

test('what was safe is never cut, even when nothing lies behind it', (t) => {
  const { dir, path, starts } = sixBatches(t);
  const safe = starts[5] ?? 0;
  const whole = readFileSync(path);
  for (const length of [starts[4] ?? 0, safe - 1]) {
    writeFileSync(path, whole.subarray(0, length));
    assert.throws(() => new PartitionLog(dir, options), damaged('topic orders partition 3', path));
  }
  const bytes = Buffer.from(whole.subarray(0, safe));
  bytes[safe - 1] = 0x55;
  writeFileSync(path, bytes);
  assert.throws(() => new PartitionLog(dir, options), damaged('checksum', 'offset 7'));
  assert.equal(statSync(path).size, safe);
});

test('a torn tail is cut, with a notice of how many bytes', (t) => {
  const { dir, path, starts, values } = sixBatches(t);
  const safe = starts[5] ?? 0;
  truncateSync(path, safe + 17);
  const notices: string[] = [];
  const opened = new PartitionLog(dir, { ...options, onNotice: (message) => notices.push(message) });
  t.after(() => opened.close());
  assert.deepEqual(valuesOf(opened), values.slice(0, -1));
  assert.equal(statSync(path).size, safe);
  assert.equal(notices.length, 1);
  assert.ok(notices[0]?.startsWith('17 bytes at the end of') && notices[0].includes('topic orders partition 3'), notices[0]);
});

test('a newest segment that is gone is missed', (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, small);
  fill(log, 40);
  log.syncNow();
  log.close();
  const last = readdirSync(dir).filter((name) => name.endsWith('.log')).toSorted().at(-1) ?? '';
  rmSync(join(dir, last));
  assert.throws(() => new PartitionLog(dir, small), damaged(`${last} is missing`));
});

test('a segment that is missing between two others is an error', (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, small);
  fill(log, 40);
  log.syncNow();
  log.close();
  const names = readdirSync(dir).filter((name) => name.endsWith('.log')).toSorted();
  assert.ok(names.length > 3);
  rmSync(join(dir, names[1] ?? ''));
  assert.throws(() => new PartitionLog(dir, small), damaged(`${names[2]}, is not the one that follows`));
});

test('a late fsync of a sealed segment does not take back what is known of the newest', async (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, small);
  log.append(batchOf(['x'.repeat(500)]));
  const late = log.sync();
  log.append(batchOf(['y'.repeat(500)]));
  assert.equal(log.segmentCount, 2);
  log.syncNow();
  await late;
  log.close();
  const path = join(dir, readdirSync(dir).filter((name) => name.endsWith('.log')).toSorted().at(-1) ?? '');
  truncateSync(path, 100);
  assert.throws(() => new PartitionLog(dir, small), damaged('at offset 1 '));
});

test('a changed byte in an older segment is told, not read', (t) => {
  const dir = temporaryFolder(t);
  const log = new PartitionLog(dir, { ...options, segmentBytes: 100 });
  for (const value of ['1000', '2000', '3000']) log.append(batchOf([value]));
  log.close();
  const path = join(dir, `${'0'.repeat(20)}.log`);
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('1000')] = 0x39;
  writeFileSync(path, bytes);
  assert.throws(() => new PartitionLog(dir, { ...options, segmentBytes: 100 }), { code: 'E0703', message: /offset 0 .*checksum does not fit/ });
});
