import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldSpec } from '../../state/field-spec.ts';
import { rewriteParts } from '../../state/rewrite.ts';
import { captureSet, restoreSet } from '../../state/set-codec.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { shapeOf, Table } from '../../state/table.ts';
import { isShort, ValueSet, type SetShape } from '../../state/value-set.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { formerParts } from './former-capture.ts';

const owner: FieldSpec = { layout: 'i32', isKey: true };
const bits = 5;
const shape: SetShape = { isSet: true, fields: [owner, { layout: 'i64', isKey: true }], bits };

/** As a kernel does it. */
function set(into: ValueSet, of: number, bits: number, low: number, high: number): void {
  const seen = into.bitsOf(of, low, high);
  const fresh = bits & ~seen;
  if (fresh === 0) return;
  if (seen === 0 && isShort(into.shape.bits, low, high)) into.enter(of, low, fresh);
  else into.restore(of, fresh, low, high);
  into.note(of, fresh, low, high);
}

function captured(from: ValueSet, checkpoint: number): Uint8Array {
  const { size, write } = captureSet(from, checkpoint);
  const bytes = new Uint8Array(size);
  write(bytes, 0);
  return bytes;
}

function entries(from: ValueSet): string[] {
  const list: string[] = [];
  from.eachOf(0, 1, (of, seen, low, high) => list.push(`${of} ${low} ${high}: ${seen}`));
  return list.toSorted();
}

test('a set holds each bit that was set, over growth, captures, the rolling rewrite and restores', () => {
  const owners = [0, 1, 2, 63, 64, 10_000];
  const seed = seedFromEnvironment();
  const random = new Random(seed);
  let values = new ValueSet(shape);
  const model = new Map<string, number>();
  let captures: Uint8Array[] = [];
  for (let checkpoint = 1; checkpoint <= 4 * rewriteParts; checkpoint++) {
    for (let i = random.int(0, 30); i > 0; i--) {
      // Those at the limit of a short entry, too.
      const around = random.chance(0.1) ? 2 ** (32 - bits) : 0;
      const [of, low, high, bit] = [random.pick(owners), around + random.int(-20, 40 + checkpoint * 4), random.int(-1, 1), 1 << random.int(0, bits - 1)] as const;
      values.reserve(1);
      set(values, of, bit, low, high);
      const key = `${of} ${low} ${high}`;
      model.set(key, (model.get(key) ?? 0) | bit);
    }
    captures.push(captured(values, checkpoint));
    values.nextEpoch();
    // What is older than the rewrite goes, as the store of checkpoints has it.
    captures = captures.slice(-rewriteParts);
    if (random.chance(0.2)) {
      values = new ValueSet(shape);
      restoreSet(values, captures);
    }
    if (checkpoint % 16 === 0) assert.deepEqual(entries(values), [...model].map(([key, seen]) => `${key}: ${seen}`).toSorted(), `SLUICE_SEED=${seed}, checkpoint ${checkpoint}`);
  }
  assert.equal(values.size, model.size);
  assert.ok(model.size > 1000);
});

test('a set that is smaller after a restore is in the captures of every 64 checkpoints all the same', () => {
  const seed = seedFromEnvironment();
  const random = new Random(seed);
  // First it has room for a batch; after some checkpoints it is made anew, with the room that its entries need.
  for (let restoredAt = 120; restoredAt < 136; restoredAt++) {
    const entered = random.pick([8, 14, 18]);
    let values = new ValueSet(shape);
    values.reserve(4096);
    for (let i = 0; i < entered; i++) for (const high of [0, 1]) set(values, random.int(0, 3), 1, random.int(0, 1e8), high);
    const before = entries(values);
    let captures: Uint8Array[] = [];
    for (let checkpoint = 1; checkpoint <= restoredAt + rewriteParts + 8; checkpoint++) {
      captures = [...captures, captured(values, checkpoint)].slice(-rewriteParts);
      values.nextEpoch();
      const restored = new ValueSet(shape);
      restoreSet(restored, captures);
      assert.deepEqual(entries(restored), before, `SLUICE_SEED=${seed}, checkpoint ${checkpoint}`);
      if (checkpoint !== restoredAt) continue;
      values = new ValueSet(shape);
      for (const entry of before) {
        const [of = 0, low = 0, high = 0, seen = 0] = entry.split(/[: ]+/).map(Number);
        values.restore(of, seen, low, high);
      }
      assert.ok(values.long.slots < rewriteParts);
    }
  }
});

test('a set that was cleared is empty, and nothing of it is captured', () => {
  const values = new ValueSet(shape);
  values.reserve(100);
  for (let i = 0; i < 100; i++) set(values, 1, 1, i, 0);
  values.clear();
  assert.equal(values.size, 0);
  assert.deepEqual(entries(values), []);
  for (let checkpoint = 0; checkpoint < rewriteParts; checkpoint++) assert.equal(captured(values, checkpoint).length, 8);
});

test('an owner whose entries become many is captured whole when its entries change their parts', () => {
  const seed = seedFromEnvironment();
  const random = new Random(seed);
  for (let round = 0; round < 6; round++) {
    let values = new ValueSet(shape);
    let captures: Uint8Array[] = [];
    let next = 0;
    const enter = (count: number): void => {
      for (let i = 0; i < count; i++) set(values, 5, 1, next++ * 7, 0);
    };
    // Just below where a stretch of 1024 slots, of which three of four are filled, becomes one of 4096, which is captured in parts.
    enter(768 - random.int(1, 40));
    for (let checkpoint = 1; checkpoint <= 3 * rewriteParts; checkpoint++) {
      if (random.chance(0.3)) enter(random.int(1, 3));
      if (checkpoint === rewriteParts + 8 * round) enter(40);
      captures = [...captures, captured(values, checkpoint)].slice(-rewriteParts);
      values.nextEpoch();
      if (checkpoint % 8 !== 0) continue;
      const restored = new ValueSet(shape);
      restoreSet(restored, captures);
      assert.deepEqual(entries(restored), entries(values), `SLUICE_SEED=${seed}, round ${round}, checkpoint ${checkpoint}`);
      if (random.chance(0.2)) values = restored;
    }
    assert.ok(next > 768);
  }
});

test('stretches that were given up serve again, and those that are left are moved together', () => {
  const values = new ValueSet({ ...shape, bits: 1 });
  const owners = 300;
  // In turn, so that all grow at about one time; then one alone.
  for (let i = 0; i < 120; i++) for (let owner = 0; owner < owners; owner++) set(values, owner, 1, i * owner + i, 0);
  for (let i = 0; i < 50_000; i++) set(values, owners, 1, i, 0);
  assert.equal(values.size, owners * 120 + 50_000);
  for (let owner = 0; owner < owners; owner++) for (let i = 0; i < 120; i++) assert.equal(values.bitsOf(owner, i * owner + i, 0), 1);
  for (let i = 0; i < 50_000; i++) assert.equal(values.bitsOf(owners, i, 0), 1);
  assert.equal(values.bitsOf(owners, 50_000, 0), 0);
  // 256 slots for each of 300, 131,072 for the one, and at most as much again that was given up.
  assert.ok(values.short.allocatedBytes < 2 * 4 * (owners * 256 + 131_072) + (1 << 16), String(values.short.allocatedBytes));
});

test('the long entries have room for what was reserved before their array is replaced, and the owners too', () => {
  const values = new ValueSet(shape);
  values.reserve(1000);
  values.reserveOwners(100);
  const { words, room } = values.long;
  const { stretches } = values.short;
  assert.ok(room >= 1000 && room >= values.room);
  for (let i = 0; i < room; i++) {
    values.restore(0, 1, i, 1);
    values.restore(i % 100, 1, i, 0);
  }
  assert.equal(values.long.words, words);
  assert.equal(values.short.stretches, stretches);
  assert.equal(values.room, 0);
  values.restore(0, 1, room, 1);
  assert.notEqual(values.long.words, words);
  values.restore(1000, 1, 1, 0);
  assert.notEqual(values.short.stretches, stretches);
  assert.equal(values.size, 2 * room + 2);
});

test('a set that an earlier program stored as a table is read', () => {
  const keys = [{ layout: 'i32', isKey: true }] as const;
  for (const layout of ['i64', 'i32', 'f64'] as const) {
    const former = new Table({ ...shapeOf(keys, 1), bags: [shapeOf([owner, { layout, isKey: true }], 4)] });
    const [below] = former.bags;
    assert.ok(below instanceof Table);
    for (let id = 0; id < 20; id++) {
      below.restoreAt(id);
      const at = 2 * id * below.shape.quads;
      below.touch(id);
      below.r32[at + 1] = ((id % 3) + 1) << 2;
      below.r32[at + 2] = id % 4;
      below.r32[at + 4] = layout === 'f64' ? id + 1 : id;
      // Of a DOUBLE: NaN, with different bits each time.
      if (layout === 'f64' && id % 2 === 0) below.r32[at + 5] = 0x7ff80000;
    }
    const now = new Table({ ...shapeOf(keys, 1), bags: [{ isSet: true, fields: [owner, { layout, isKey: true }], bits: 2 }] });
    restoreTable(now, [formerParts(captureTable(former, 1))]);
    const [values] = now.bags;
    assert.ok(values instanceof ValueSet);
    if (layout === 'f64') {
      // Every NaN is one value: the even ids of each owner are one entry.
      assert.equal(values.size, 10 + 2);
      continue;
    }
    assert.equal(values.size, 20);
    for (let id = 0; id < 20; id++) assert.equal(values.bitsOf(id % 4, id, 0), (id % 3) + 1);
  }
});
