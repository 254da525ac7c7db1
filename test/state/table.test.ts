import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewriteParts } from '../../state/rewrite.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { shapeOf, Table } from '../../state/table.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { formerCapture } from './former-capture.ts';

/** Key: bytes. Value: an i64 and bytes. */
const shape = shapeOf([{ layout: 'bytes', isKey: true }, { layout: 'i64', isKey: false }, { layout: 'bytes', isKey: false }], 1);
const [keyAt = 0, countAt = 0, textAt = 0] = shape.offsets;
const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

function textOf(table: Table, id: number, quad: number): string {
  const at = (id * shape.quads + quad) * 2;
  const [slot = 0, length = 0] = table.r32.subarray(at, at + 2);
  const start = (slot & 0xffff) * 16;
  return utf8.decode.decode(table.bytes.pages[slot >>> 16]?.subarray(start, start + length));
}

function setText(table: Table, id: number, quad: number, text: string): void {
  const at = (id * shape.quads + quad) * 2;
  const bytes = utf8.encode.encode(text);
  table.r32[at] = table.bytes.put(bytes, 0, bytes.length);
  table.r32[at + 1] = bytes.length;
}

/** Finds a key as kernels do: by the hash, then along the index. A record of its own lends the key its hash. */
const probe = new Table(shape);
probe.reserve(1);
function hashOfKey(key: string): number {
  probe.bytes.clear();
  setText(probe, 0, keyAt, key);
  return probe.hashOf(0);
}

function find(table: Table, key: string): { readonly id: number | undefined; readonly hash: number; readonly slot: number } {
  const hash = hashOfKey(key);
  for (let slot = hash & table.mask; ; slot = (slot + 1) & table.mask) {
    const id1 = table.index[2 * slot + 1] ?? 0;
    if (id1 === 0) return { id: undefined, hash, slot };
    if (table.index[2 * slot] === hash && textOf(table, id1 - 1, keyAt) === key) return { id: id1 - 1, hash, slot };
  }
}

function put(table: Table, key: string, count: bigint, text: string): void {
  table.reserve(1);
  const found = find(table, key);
  let id = found.id;
  if (id === undefined) {
    id = table.allocate(found.hash, found.slot);
    setText(table, id, keyAt, key);
  } else {
    table.touch(id);
    const at = (id * shape.quads + textAt) * 2;
    table.bytes.free(table.r32[at] ?? 0, table.r32[at + 1] ?? 0);
  }
  table.r64[id * shape.quads + countAt] = count;
  setText(table, id, textAt, text);
}

function remove(table: Table, key: string): void {
  const { id } = find(table, key);
  if (id !== undefined) table.remove(id);
}

/** What a table holds, found through its records; every key must also be found through the index. */
function contents(table: Table): Map<string, string> {
  const found = new Map<string, string>();
  for (let id = 0; id < table.limit; id++) {
    if (table.r32[id * shape.quads * 2] === 0) continue;
    const key = textOf(table, id, keyAt);
    assert.equal(find(table, key).id, id, key);
    found.set(key, `${table.r64[id * shape.quads + countAt]} ${textOf(table, id, textAt)}`);
  }
  assert.equal(found.size, table.size);
  return found;
}

test('records are found by key while the table grows and records go', () => {
  const table = new Table(shape);
  const expected = new Map<string, string>();
  for (let i = 0; i < 3000; i++) {
    put(table, `key ${i}`, BigInt(i), 'x'.repeat(i % 40));
    expected.set(`key ${i}`, `${i} ${'x'.repeat(i % 40)}`);
    if (i % 3 === 0) {
      remove(table, `key ${i >> 1}`);
      expected.delete(`key ${i >> 1}`);
    }
  }
  assert.deepEqual(contents(table), expected);
});

test('an id is used again only in the next epoch', () => {
  const table = new Table(shape);
  put(table, 'a', 1n, '');
  put(table, 'b', 1n, '');
  remove(table, 'a');
  put(table, 'c', 1n, '');
  assert.equal(find(table, 'c').id, 2);
  table.nextEpoch();
  put(table, 'd', 1n, '');
  assert.equal(find(table, 'd').id, 0);
});

test('reserve replaces arrays, allocate does not', () => {
  const table = new Table(shape);
  table.reserve(1000);
  const { r32, index } = table;
  for (let i = 0; i < 1000; i++) {
    const key = `${i}`;
    const { hash, slot } = find(table, key);
    setText(table, table.allocate(hash, slot), keyAt, key);
  }
  assert.equal(table.r32, r32);
  assert.equal(table.index, index);
});

test('a table that is cleared is as a new one', () => {
  const table = new Table(shape);
  for (let i = 0; i < 500; i++) put(table, `old ${i}`, 1n, 'text');
  table.clear(7);
  assert.equal(contents(table).size, 0);
  put(table, 'new', 2n, 'other');
  assert.deepEqual([...contents(table)], [['new', '2 other']]);
  const restored = new Table(shape);
  restoreTable(restored, [captureTable(table, 1)]);
  assert.deepEqual(contents(restored), contents(table));
});

/**
 * Runs random writes over many checkpoints; at some of them restores from the captures that a store would still hold, compares, and goes on
 * with the restored table. `lose` plants a bug: it drops one capture that is still needed.
 */
function runCheckpoints(seed: number, checkpoints: number, lose?: (checkpoint: number) => boolean): { readonly restores: number; readonly difference: boolean } {
  const random = new Random(seed);
  let table = new Table(shape);
  const captures = new Map<number, Uint8Array>();
  let restores = 0;
  for (let checkpoint = 1; checkpoint <= checkpoints; checkpoint++) {
    for (let i = random.int(0, 30); i > 0; i--) {
      const key = `k${random.int(0, 400)}`;
      if (random.chance(0.2)) remove(table, key);
      else put(table, key, BigInt(random.int(-1000, 1000)), 'y'.repeat(random.chance(0.02) ? 5000 : random.int(0, 60)));
    }
    const capture = captureTable(table, checkpoint);
    // Some are of a program of the version before.
    if (lose?.(checkpoint) !== true) captures.set(checkpoint, random.chance(0.3) ? formerCapture(capture) : capture);
    table.nextEpoch();
    captures.delete(checkpoint - rewriteParts);
    if (checkpoint !== checkpoints && !random.chance(0.03)) continue;
    const restored = new Table(shape);
    restoreTable(restored, [...captures].toSorted(([a], [b]) => b - a).map(([, bytes]) => bytes));
    const [actual, expected] = [contents(restored), contents(table)];
    try {
      assert.deepEqual(actual, expected);
    } catch (error) {
      if (lose === undefined) throw error;
      return { restores, difference: true };
    }
    table = restored;
    restores++;
  }
  return { restores, difference: false };
}

test('200 checkpoints, of which 64 are kept: every restore gives what was captured, and goes on', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  let restores = 0;
  for (let i = 0; i < 5; i++) restores += runCheckpoints(seed + i, 200).restores;
  assert.ok(restores >= 10, `${restores} restores`);
});

test('the test above notices a lost capture', () => {
  assert.equal(runCheckpoints(1, 200, (checkpoint) => checkpoint === 180).difference, true);
});

test('records that are never written again are still there after many checkpoints', () => {
  const table = new Table(shape);
  for (let i = 0; i < 300; i++) put(table, `still ${i}`, BigInt(i), 'z'.repeat(i % 30));
  const captures: Uint8Array[] = [];
  for (let checkpoint = 1; checkpoint <= 200; checkpoint++) {
    captures.unshift(captureTable(table, checkpoint));
    table.nextEpoch();
  }
  const restored = new Table(shape);
  restoreTable(restored, captures.slice(0, rewriteParts));
  assert.deepEqual(contents(restored), contents(table));
  const tooFew = new Table(shape);
  restoreTable(tooFew, captures.slice(0, rewriteParts - 1));
  assert.ok(tooFew.size < table.size, 'one capture fewer would not do');
});

test('a capture of a newer version or another shape is refused', () => {
  const table = new Table(shape);
  put(table, 'a', 1n, 'b');
  const bytes = captureTable(table, 1);
  const newer = bytes.slice();
  newer[0] = 200;
  assert.throws(() => restoreTable(new Table(shape), [newer]), { code: 'E0802' });
  assert.throws(() => restoreTable(new Table(shapeOf([{ layout: 'i64', isKey: true }], 1)), [bytes]), { code: 'E0801' });
});
