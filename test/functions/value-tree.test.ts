import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteHeap } from '../../core/byte-heap.ts';
import { MapWriter } from '../../core/collection-writer.ts';
import { treeSize, ValueTree } from '../../functions/value-tree.ts';
import { ByteStore } from '../../state/byte-store.ts';
import { Random, seedFromEnvironment } from '../random.ts';

/** A tree that lies in a store, as a lane does. */
class Kept {
  readonly tree: ValueTree;
  readonly #store = new ByteStore();
  #slot = 0;
  length = 0;
  moves = 0;

  constructor(tree: ValueTree) {
    this.tree = tree;
  }

  get heap(): Uint8Array {
    return this.length === 0 ? new Uint8Array(8) : (this.#store.pages[this.#slot >>> 16] as Uint8Array);
  }

  get at(): number {
    return (this.#slot & 0xffff) * 16;
  }

  #moved(isMade: boolean): void {
    if (!isMade) return;
    this.moves++;
    if (this.length > 0) this.#store.free(this.#slot, this.length);
    this.length = this.tree.made.used;
    this.#slot = this.#store.put(this.tree.made.bytes, 0, this.length);
  }

  count(key: number, by: number): void {
    const { cell } = this.tree.key;
    this.tree.key.begin();
    if (cell.column.layout === 'f64') cell.column.values[0] = key;
    this.tree.key.add();
    this.#moved(this.tree.count(this.heap, this.at, this.length, by));
  }

  put(key: string, value: string | undefined): void {
    this.tree.key.begin();
    this.tree.key.addBytes(Buffer.from(key), 0, Buffer.byteLength(key));
    if (value !== undefined) {
      this.tree.value.begin();
      this.tree.value.addBytes(Buffer.from(value), 0, Buffer.byteLength(value));
    }
    this.#moved(value === undefined ? this.tree.remove(this.heap, this.at, this.length) : this.tree.put(this.heap, this.at, this.length));
  }

  map(): Uint8Array {
    const out = new ByteHeap();
    out.used = 1;
    const from = this.tree.write(out, this.heap, this.at, this.length);
    return out.bytes.subarray(from, out.used);
  }
}

test('counts values in their order, and knows which stands at each place', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const covered = { gone: 0, missed: 0, many: 0, special: 0 };
  for (let n = 0; n < 40; n++) {
    const kept = new Kept(new ValueTree('f64', 'count'));
    const model = new Map<number, number>();
    const order = (a: number, b: number): number => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b);
    let removes = 0.4;
    for (let i = random.int(1, 400); i > 0; i--) {
      if (i % 40 === 0) removes = random.pick([0.1, 0.5, 0.9]);
      const value = random.chance(0.1) ? random.pick([NaN, -0, 0, Infinity, -Infinity]) : random.int(-20, 20) / 4;
      const key = value === 0 ? 0 : value;
      if (!(Math.abs(value) > 0 && Math.abs(value) < Infinity)) covered.special++;
      const before = model.get(key) ?? 0;
      const by = random.chance(removes) ? -random.int(1, 2) : random.pick([1, 1, 3, 2000000000]);
      if (before + by > 0x7fffffff) {
        assert.throws(() => kept.count(value, by), RangeError);
        continue;
      }
      kept.count(value, by);
      if (by < 0 && before === 0) covered.missed++;
      if (before + by > 0) model.set(key, before + by);
      else if (model.delete(key)) covered.gone++;
      assert.equal(treeSize(kept.heap, kept.at, kept.length), model.size);
      if (i % 9 !== 0) continue;
      const sorted = [...model].toSorted(([a], [b]) => order(a, b));
      const writer = new MapWriter('f64', 'i32');
      writer.begin();
      for (const [element, count] of sorted) {
        const [{ column: keys }, { column: counts }] = [writer.keys.cell, writer.values.cell];
        if (keys.layout === 'f64') keys.values[0] = element;
        if (counts.layout === 'i32') counts.values[0] = count;
        writer.keys.add();
        writer.values.add();
      }
      const out = new ByteHeap();
      const from = writer.finish(out);
      assert.deepEqual(kept.map(), out.bytes.subarray(from, out.used));
      if (sorted.length === 0) continue;
      const total = sorted.reduce((sum, [, count]) => sum + count, 0);
      if (total > 0xffffffff) covered.many++;
      assert.equal(kept.tree.total(kept.heap, kept.at), total);
      let passed = 0;
      for (const [element, count] of sorted) {
        for (const place of [passed + 1, passed + count]) {
          const at = kept.tree.keyStartOf(kept.tree.nodeAt(kept.heap, kept.at, place));
          assert.equal(new DataView(kept.heap.buffer).getFloat64(at, true), element);
        }
        passed += count;
      }
    }
  }
  for (const [name, count] of Object.entries(covered)) assert.ok(count > 0, name);
});

test('a map keeps the last value of each key', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  for (let n = 0; n < 40; n++) {
    const kept = new Kept(new ValueTree('bytes', 'bytes'));
    const model = new Map<string, string>();
    for (let i = random.int(1, 300); i > 0; i--) {
      const key = random.pick(['', 'é', 'k'.repeat(random.int(1, 60)), `key ${random.int(0, 40)}`]);
      const value = random.chance(0.35) ? undefined : 'v'.repeat(random.int(0, 200));
      kept.put(key, value);
      if (value === undefined) model.delete(key);
      else model.set(key, value);
    }
    const found: [string, string][] = [];
    kept.tree.each(kept.heap, kept.at, kept.length, (key, keyBytes, value, valueBytes) => found.push([Buffer.from(kept.heap.subarray(key, key + keyBytes)).toString(), Buffer.from(kept.heap.subarray(value, value + valueBytes)).toString()]));
    assert.deepEqual(found, [...model].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  }
});

test('a tree moves when it has grown to twice its values, not with each change', () => {
  const kept = new Kept(new ValueTree('f64', 'count'));
  for (let i = 0; i < 4000; i++) kept.count(i, 1);
  assert.ok(kept.moves <= 24, `${kept.moves} moves`);
  const before = kept.moves;
  for (let i = 0; i < 8000; i++) {
    kept.count(i, -1);
    kept.count(i + 4000, 1);
  }
  assert.ok(kept.moves - before <= 8, `${kept.moves - before} moves`);
  assert.equal(kept.tree.total(kept.heap, kept.at), 4000);
});
