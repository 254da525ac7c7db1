import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SliceStore } from '../../state/slices.ts';
import { rewriteParts } from '../../state/rewrite.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { shapeOf, type Table } from '../../state/table.ts';
import { Random, seedFromEnvironment } from '../random.ts';

/** Key: an i64. Value: an i64. */
const shape = shapeOf([{ layout: 'i64', isKey: true }, { layout: 'i64', isKey: false }], 1);
const [keyAt = 0, valueAt = 0] = shape.offsets;

function add(table: Table, key: number, value: number): void {
  for (let id = 0; id < table.limit; id++) {
    if (table.r64[id * shape.quads + keyAt] !== BigInt(key)) continue;
    table.touch(id);
    table.r64[id * shape.quads + valueAt] = (table.r64[id * shape.quads + valueAt] ?? 0n) + BigInt(value);
    return;
  }
  table.reserve(1);
  // The hash is of no account here: records are looked for one by one.
  let slot = key & table.mask;
  while (table.index[2 * slot + 1] !== 0) slot = (slot + 1) & table.mask;
  const id = table.allocate(key, slot);
  table.r64[id * shape.quads + keyAt] = BigInt(key);
  table.r64[id * shape.quads + valueAt] = BigInt(value);
}

const contents = (slices: SliceStore): Record<string, Record<string, bigint>> =>
  Object.fromEntries(
    slices.ends().map((end) => {
      const table = slices.get(end);
      const rows: Record<string, bigint> = {};
      for (let id = 0; table !== undefined && id < table.limit; id++) if (table.r32[id * shape.quads * 2] !== 0) rows[String(table.r64[id * shape.quads + keyAt])] = table.r64[id * shape.quads + valueAt] ?? 0n;
      return [end, rows] as const;
    }),
  );

/** What a checkpoint store keeps: the captures of each slice, newest first, none older than the rolling rewrite needs. */
class Kept {
  readonly parts = new Map<number, { readonly checkpoint: number; readonly bytes: Uint8Array }[]>();

  take(slices: SliceStore, checkpoint: number): void {
    for (const end of slices.dropped()) this.parts.delete(end);
    for (const end of slices.ends()) {
      const table = slices.get(end);
      if (table === undefined) continue;
      const list = (this.parts.get(end) ?? []).filter((capture) => capture.checkpoint > checkpoint - rewriteParts);
      this.parts.set(end, [{ checkpoint, bytes: captureTable(table, checkpoint) }, ...list]);
    }
    slices.nextEpoch();
  }

  restore(): SliceStore {
    const slices = new SliceStore(shape);
    for (const [end, captures] of this.parts) restoreTable(slices.at(end), captures.map((capture) => capture.bytes));
    slices.alignEpochs();
    return slices;
  }
}

test('slices come in order of their ends and go whole', () => {
  const slices = new SliceStore(shape);
  for (const end of [30, 10, -20]) add(slices.at(end), 1, end);
  assert.deepEqual(slices.ends(), [-20, 10, 30]);
  assert.equal(slices.firstEnd, -20);
  slices.drop(-20);
  slices.drop(-20);
  assert.equal(slices.firstEnd, 10);
  assert.deepEqual(slices.dropped(), [-20]);
  add(slices.at(40), 2, 5);
  assert.deepEqual(contents(slices), { 10: { 1: 10n }, 30: { 1: 30n }, 40: { 2: 5n } }, 'the table that is used again is empty');
});

test('tables of many records are used again by slices of many, and not kept for small ones', () => {
  const slices = new SliceStore(shape);
  const fill = (end: number, keys: number): void => {
    const table = slices.at(end);
    table.reserve(keys);
    for (let key = 0; key < keys; key++) table.allocate(key, key);
  };
  fill(0, 50_000);
  const large = slices.get(0);
  slices.drop(0);
  fill(1, 50_000);
  assert.equal(slices.get(1), large);
  slices.drop(1);
  for (let end = 2; end < 10; end++) {
    fill(end, 5);
    slices.drop(end);
  }
  assert.ok(slices.allocatedBytes < 10_000, `${slices.allocatedBytes} bytes are kept`);
});

test('slices come and go in any order, and are told in theirs', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const slices = new SliceStore(shape);
  const live = new Set<number>();
  let dropped = 0;
  for (let i = 0; i < 5000; i++) {
    if (random.chance(0.5)) {
      const end = random.int(-50, 50) + Math.floor(i / 20);
      add(slices.at(end), 1, end);
      live.add(end);
    } else {
      // As windows go, the first; or any one, or one that is not there.
      const end = random.chance(0.7) ? slices.firstEnd : random.int(-50, 300);
      if (live.delete(end)) dropped++;
      slices.drop(end);
    }
    const expected = [...live].toSorted((a, b) => a - b);
    assert.deepEqual(slices.ends(), expected);
    assert.equal(slices.firstEnd, expected[0] ?? Infinity);
  }
  assert.equal(slices.dropped().length, dropped);
});

test('slices of any age over 200 checkpoints: every restore gives what was there and goes on', () => {
  const kept = new Kept();
  let slices = new SliceStore(shape);
  // One slice lives through all, and some of its keys are written once only.
  for (let key = 0; key < 200; key++) add(slices.at(1_000_000), key, key);
  for (let checkpoint = 1; checkpoint <= 200; checkpoint++) {
    for (let i = 0; i < 5; i++) add(slices.at((checkpoint + i) * 10), i + (checkpoint % 3), i + 1);
    add(slices.at(1_000_000), checkpoint % 7, 1);
    // Between two checkpoints a slice goes, and one comes and goes.
    if (checkpoint > 3) slices.drop((checkpoint - 3) * 10);
    if (checkpoint % 5 === 0) {
      add(slices.at(-checkpoint), 1, 1);
      slices.drop(-checkpoint);
    }
    kept.take(slices, checkpoint);
    if (checkpoint % 13 !== 0 && checkpoint < 198) continue;
    const restored = kept.restore();
    assert.deepEqual(contents(restored), contents(slices), `after checkpoint ${checkpoint}`);
    slices = restored;
  }
});

test('after a restore all slices write in one epoch', () => {
  const kept = new Kept();
  const slices = new SliceStore(shape);
  add(slices.at(10), 1, 1);
  kept.take(slices, 1);
  add(slices.at(20), 1, 1);
  kept.take(slices, 2);
  kept.take(slices, 3);
  const restored = kept.restore();
  const epochs = restored.ends().map((end) => restored.get(end)?.epoch);
  add(restored.at(30), 1, 1);
  assert.deepEqual(new Set([...epochs, restored.at(30).epoch]).size, 1);
  // A write after the restore is in the next capture, whichever slice it is in.
  for (const end of [10, 20, 30]) add(restored.at(end), 1, 100);
  kept.take(restored, 4);
  assert.deepEqual(contents(kept.restore()), { 10: { 1: 101n }, 20: { 1: 101n }, 30: { 1: 101n } });
});
