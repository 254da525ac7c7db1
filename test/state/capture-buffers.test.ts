import assert from 'node:assert/strict';
import { test } from 'node:test';
import { giveBack, takeBytes } from '../../state/capture-buffers.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { shapeOf, Table } from '../../state/table.ts';
import { ValueSet } from '../../state/value-set.ts';

test('a buffer serves captures one after the other, where it is neither too small nor much too large', () => {
  const first = takeBytes(1_000_000);
  assert.equal(first.length, 1_000_000);
  assert.notEqual(takeBytes(1_000_000).buffer, first.buffer);
  giveBack([first.buffer as ArrayBuffer]);
  assert.notEqual(takeBytes(2_000_000).buffer, first.buffer);
  assert.notEqual(takeBytes(100_000).buffer, first.buffer);
  const again = takeBytes(1_050_000);
  assert.equal(again.buffer, first.buffer);
  assert.deepEqual([again.byteOffset, again.length], [0, 1_050_000]);
  assert.notEqual(takeBytes(1_000_000).buffer, first.buffer);
});

test('what is kept has an end: those that fitted nothing go first', () => {
  const buffers = Array.from({ length: 20 }, () => new ArrayBuffer(1 << 20));
  giveBack(buffers);
  const taken = new Set(buffers.map(() => takeBytes(1 << 20).buffer));
  assert.deepEqual(buffers.map((buffer) => taken.has(buffer)), buffers.map((_, i) => i >= 4));
  const large = new ArrayBuffer(17 << 20);
  giveBack([large]);
  assert.notEqual(takeBytes(17 << 20).buffer, large);
});

test('a capture in a buffer of another one is what it is in a new one', () => {
  const table = new Table({ ...shapeOf([{ layout: 'i32', isKey: true }, { layout: 'bytes', isKey: false }], 1), bags: [{ isSet: true, fields: [{ layout: 'i32', isKey: true }, { layout: 'i64', isKey: true }], bits: 2 }] });
  const [values] = table.bags;
  assert.ok(values instanceof ValueSet);
  for (let id = 0; id < 3000; id++) {
    table.reserve(1);
    table.restoreAt(id);
    table.touch(id);
    const at = 2 * (id * table.shape.quads + (table.shape.offsets[1] ?? 0));
    const length = id % 20;
    table.r32[at] = table.bytes.put(new Uint8Array(20).fill(id), 0, length);
    table.r32[at + 1] = length;
    values.reserve(1);
    values.restore(id, 1, id, 0);
    values.note(id, 1, id, 0);
  }
  const size = captureTable(table, 1).length;
  giveBack([new ArrayBuffer(size * 2)].map((buffer) => (new Uint8Array(buffer).fill(0xaa), buffer)));
  const captured = captureTable(table, 1);
  assert.equal(captured.buffer.byteLength, size * 2, 'it lies in that buffer');
  const restored = new Table(table.shape);
  restoreTable(restored, [captured]);
  assert.equal(restored.size, 3000);
  assert.deepEqual([...captured.subarray(0, 1)], [3]);
  const fresh = captureTable(table, 1);
  assert.notEqual(fresh.buffer, captured.buffer);
  // The second capture holds the rolling rewrite's part of the set once more.
  assert.ok(fresh.length >= captured.length);
  assert.deepEqual(Buffer.from(fresh.subarray(0, 1000)), Buffer.from(captured.subarray(0, 1000)));
});
