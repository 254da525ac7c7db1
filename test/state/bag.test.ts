import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bagField, bagFields, dropAll, link, unlink } from '../../state/bag.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { shapeOf, Table } from '../../state/table.ts';
import { Random, seedFromEnvironment } from '../random.ts';

const bagShape = shapeOf(bagFields('values', { layout: 'i32', isKey: true }), 2);
const shape = { ...shapeOf([{ layout: 'i32', isKey: true }, { layout: 'i32', isKey: false }], 1), bags: [bagShape] };
const headAt = shape.offsets[1] ?? 0;
const at = (id: number, field: number): number => 2 * (id * bagShape.quads + (bagShape.offsets[field] ?? 0));

/** A record of a table whose key is one i32, made when it is new. */
function recordOf(table: Table, write: (id: number) => void): number {
  const id = table.limit;
  table.restoreAt(id);
  write(id);
  const hash = table.hashOf(id);
  table.r32.fill(0, id * table.shape.quads * 2, (id + 1) * table.shape.quads * 2);
  table.limit--;
  table.size--;
  let slot = hash & table.mask;
  while (table.index[2 * slot + 1] !== 0) slot = (slot + 1) & table.mask;
  const made = table.allocate(hash, slot);
  write(made);
  return made;
}

function valuesOf(table: Table, owner: number): number[] {
  const [bag] = table.bags;
  assert.ok(bag instanceof Table);
  const values: number[] = [];
  for (let id1 = table.r32[2 * (owner * shape.quads + headAt)] ?? 0; id1 !== 0; id1 = bag.r32[at(id1 - 1, bagField.next)] ?? 0) values.push(bag.r32[at(id1 - 1, bagField.value)] ?? -1);
  return values.toSorted((a, b) => a - b);
}

test('the lists of a bag hold what was put in and not taken out, over captures and restores', () => {
  const seed = seedFromEnvironment();
  const random = new Random(seed);
  let table = new Table(shape);
  const captures: Uint8Array[] = [];
  table.reserve(3);
  const owners = [10, 20, 30].map((key) => recordOf(table, (id) => (table.r32[2 * (id * shape.quads + (shape.offsets[0] ?? 0))] = key)));
  const model = new Map(owners.map((owner) => [owner, new Map<number, number>()]));
  for (let step = 0, next = 0; step < 600; step++) {
    const owner = random.pick(owners);
    const ids = model.get(owner) ?? new Map<number, number>();
    const [bag] = table.bags;
    assert.ok(bag instanceof Table);
    const head = 2 * (owner * shape.quads + headAt);
    table.touch(owner);
    if (random.chance(0.55) || ids.size === 0) {
      table.reserve(1);
      const value = next++;
      const id = recordOf(bag, (made) => {
        bag.r32[at(made, bagField.owner)] = owner;
        bag.r32[at(made, bagField.value)] = value;
      });
      table.r32[head] = link(bag, id, table.r32[head] ?? 0);
      ids.set(value, id);
    } else if (random.chance(0.05)) {
      dropAll(bag, table.r32[head] ?? 0);
      table.r32[head] = 0;
      ids.clear();
    } else {
      const [value, id] = random.pick([...ids]);
      table.r32[head] = unlink(bag, id, table.r32[head] ?? 0);
      ids.delete(value);
    }
    if (step % 40 === 39) {
      captures.unshift(captureTable(table, step));
      table.nextEpoch();
      if (random.chance(0.3)) {
        table = new Table(shape);
        restoreTable(table, captures);
      }
    }
    for (const [other, left] of model) assert.deepEqual(valuesOf(table, other), [...left.keys()], `SLUICE_SEED=${seed}, step ${step}`);
    assert.equal(table.bags[0]?.size, [...model.values()].reduce((sum, left) => sum + left.size, 0));
  }
});
