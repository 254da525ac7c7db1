import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack, unpack, type WordRows } from '../../state/packing.ts';
import { captureTable, restoreTable, wordRowsOf } from '../../state/table-codec.ts';
import { shapeOf, Table } from '../../state/table.ts';
import { ValueSet } from '../../state/value-set.ts';
import { Random, seedFromEnvironment } from '../random.ts';

/** Rows of words with other bytes around them: columns that are one value, small numbers, numbers of any size, and some that rise. */
function randomCapture(random: Random): { readonly capture: Uint8Array; readonly rows: readonly WordRows[]; readonly kinds: readonly string[] } {
  const kinds: string[] = [];
  const chunks: Uint8Array[] = [];
  const rows: WordRows[] = [];
  let at = 0;
  const add = (chunk: Uint8Array): void => {
    chunks.push(chunk);
    at += chunk.length;
  };
  for (let n = random.int(0, 3); n > 0; n--) {
    add(Uint8Array.from({ length: random.int(0, 30) }, () => random.int(0, 255)));
    const width = random.pick([1, 1, 2, 4, 16, 33, 3000]);
    const count = random.pick([0, 1, 7, 8, 9, 10, 11, 100, Math.ceil(20_000 / width)]);
    const isRising = random.chance(0.4);
    rows.push({ at, count, width, isRising });
    const words = new Int32Array(count * width);
    for (let w = 0; w < width; w++) {
      const kind = random.pick(['zero', 'one value', 'small', 'any', 'rising', 'high byte'] as const);
      kinds.push(kind);
      const first = random.int(-(2 ** 31), 2 ** 31 - 1);
      for (let row = 0; row < count; row++) {
        words[row * width + w] = { zero: 0, 'one value': first, small: random.int(-3, 3), any: random.int(-(2 ** 31), 2 ** 31 - 1), rising: first + row * 3, 'high byte': random.int(0, 255) << 24 }[kind];
      }
    }
    add(new Uint8Array(words.buffer));
  }
  add(Uint8Array.from({ length: random.int(0, 9) }, () => random.int(0, 255)));
  const capture = new Uint8Array(at);
  let to = 0;
  for (const chunk of chunks) {
    capture.set(chunk, to);
    to += chunk.length;
  }
  return { capture, rows, kinds };
}

test('what was packed comes back, whatever rows lie in it and wherever', (t) => {
  const seed = seedFromEnvironment();
  const random = new Random(seed);
  const seen = new Set<string>();
  // Until each kind of words and of counts has come up, in steps and not.
  for (let i = 0; i < 150 || (seen.size < 16 && i < 3000); i++) {
    const { capture, rows, kinds } = randomCapture(random);
    // Bytes in the middle of others, as a Buffer's are.
    const inside = new Uint8Array(capture.length + 7).subarray(3, capture.length + 3);
    inside.set(capture);
    // What lay where it is packed does not matter.
    const take = (size: number): Uint8Array => new Uint8Array(size + 4).fill(0xaa).subarray(4);
    assert.ok(Buffer.from(unpack(pack(inside, rows, take))).equals(capture), `SLUICE_SEED=${seed}, capture ${i}`);
    assert.ok(Buffer.from(inside).equals(capture), 'packing changes nothing');
    for (const kind of kinds) seen.add(kind);
    for (const { count, isRising } of rows) seen.add(`${count > 1000 ? 'many' : count % 4} ${isRising}`);
  }
  t.diagnostic([...seen].join(', '));
  assert.equal(seen.size, 6 + 10);
});

test('bytes that are the same in all rows are stored once, and so are steps', () => {
  const count = 1000;
  const capture = new Uint8Array(count * 16);
  const view = new DataView(capture.buffer);
  for (let row = 0; row < count; row++) for (const [w, word] of [7, -1, 0x01020300 + (row % 5), 0].entries()) view.setInt32(row * 16 + w * 4, word, true);
  assert.equal(pack(capture, [{ at: 0, count, width: 4, isRising: false }]).length, 12 + 16 + 32 + count);
  const ids = new Int32Array(count).map((_, i) => 50_000 + 3 * i);
  // The first is a step too, from 0: its low bytes differ from the others'.
  assert.equal(pack(new Uint8Array(ids.buffer), [{ at: 0, count, width: 1, isRising: true }]).length, 12 + 16 + 8 + 2 * count);
});

test('what was never packed is given back, what a newer program packed is refused', () => {
  for (const version of [1, 2, 3, 4]) {
    const capture = Uint8Array.of(version, 9, 9);
    assert.equal(unpack(capture), capture);
  }
  assert.equal(unpack(new Uint8Array(0)).length, 0);
  assert.throws(() => unpack(Uint8Array.of(129, 0, 0, 0)), { code: 'E0802' });
});

test('the rows of a capture are its ids, records and entries', () => {
  const table = new Table({ ...shapeOf([{ layout: 'i32', isKey: true }, { layout: 'bytes', isKey: false }], 1), bags: [{ isSet: true, fields: [{ layout: 'i32', isKey: true }, { layout: 'i64', isKey: true }], bits: 2 }, shapeOf([{ layout: 'i64', isKey: true }], 1)] });
  const [values, below] = table.bags;
  assert.ok(values instanceof ValueSet && below instanceof Table);
  for (let id = 0; id < 200; id++) {
    for (const each of [table, below]) {
      each.reserve(1);
      each.restoreAt(id);
      each.touch(id);
    }
    const at = 2 * (id * table.shape.quads + (table.shape.offsets[1] ?? 0));
    table.r32[at] = table.bytes.put(Buffer.from('some text'), 0, 9);
    table.r32[at + 1] = 9;
    values.restore(id, 1, id * 3, 0);
    values.note(id, 1, id * 3, 0);
  }
  const capture = captureTable(table, 1);
  const rows = wordRowsOf(capture);
  assert.deepEqual(rows.map(({ count, width, isRising }) => [count >= 200, width, isRising]), [[true, 1, true], [true, table.shape.quads * 2, false], [true, 4, false], [true, 1, true], [true, below.shape.quads * 2, false]]);
  const { at = 0, count = 0 } = rows[0] ?? {};
  assert.deepEqual([...new Int32Array(capture.slice(at, at + count * 4).buffer)].slice(0, 3), [0, 1, 2]);
  const packed = pack(capture, rows);
  assert.ok(packed.length < capture.length / 2);
  const restored = new Table(table.shape);
  restoreTable(restored, [unpack(packed)]);
  assert.deepEqual([restored.size, restored.bags[0]?.size, restored.bags[1]?.size], [200, 200, 200]);
});

test('in bytes that are no capture, whatever looks like rows lies within them', () => {
  const seed = seedFromEnvironment();
  const random = new Random(seed);
  for (let i = 0; i < 3000; i++) {
    const bytes = Uint8Array.from({ length: random.int(0, 60) }, () => (random.chance(0.5) ? 0 : random.int(0, 4)));
    let end = 0;
    for (const { at, count, width } of wordRowsOf(bytes)) {
      assert.ok(at >= end, `SLUICE_SEED=${seed}`);
      end = at + count * width * 4;
    }
    assert.ok(end <= bytes.length, `SLUICE_SEED=${seed}`);
    assert.deepEqual([...unpack(pack(bytes, wordRowsOf(bytes)))], [...bytes]);
  }
});
