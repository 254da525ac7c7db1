import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteHeap } from '../../core/byte-heap.ts';
import { VectorWriter } from '../../core/collection-writer.ts';
import { loggedCount, loggedFirst, loggedLast, loggedLength, loggedStart, ValueLog } from '../../functions/value-log.ts';
import { ByteStore } from '../../state/byte-store.ts';
import { Random, seedFromEnvironment } from '../random.ts';

type Text = string | null;

/** A log that lies in a store, as a lane does. */
class Kept {
  readonly log: ValueLog;
  readonly #store = new ByteStore();
  #slot = 0;
  length = 0;
  /** How often it got another place. */
  moves = 0;

  constructor(isIndexed: boolean) {
    this.log = new ValueLog('bytes', isIndexed);
  }

  get heap(): Uint8Array {
    return this.length === 0 ? new Uint8Array(8) : (this.#store.pages[this.#slot >>> 16] as Uint8Array);
  }

  get at(): number {
    return (this.#slot & 0xffff) * 16;
  }

  change(method: 'append' | 'remove', value: Text): void {
    this.log.value.begin();
    if (value === null) this.log.value.addNull();
    else {
      const bytes = Buffer.from(value);
      this.log.value.addBytes(bytes, 0, bytes.length);
    }
    if (!this.log[method](this.heap, this.at, this.length)) return;
    this.moves++;
    if (this.length > 0) this.#store.free(this.#slot, this.length);
    this.length = this.log.made.used;
    this.#slot = this.#store.put(this.log.made.bytes, 0, this.length);
  }

  vector(): Uint8Array {
    const out = new ByteHeap();
    out.used = 3;
    const from = this.log.write(out, this.heap, this.at, this.length);
    return out.bytes.subarray(from, out.used);
  }
}

function vectorOf(values: readonly Text[]): Uint8Array {
  const writer = new VectorWriter('bytes');
  writer.begin();
  for (const value of values) {
    if (value === null) writer.addNull();
    else writer.addBytes(Buffer.from(value), 0, Buffer.byteLength(value));
  }
  const out = new ByteHeap();
  writer.finish(out);
  return out.bytes.subarray(0, out.used);
}

test('values come behind the others, and the first of equal ones goes', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const covered = { removed: 0, missed: 0, last: 0, emptied: 0, nulls: 0 };
  for (let n = 0; n < 60; n++) {
    const kept = new Kept(true);
    let model: Text[] = [];
    const texts: readonly Text[] = [null, '', 'a', 'b', 'x'.repeat(random.int(1, 900)), ...Array.from({ length: random.int(0, 30) }, (_, i) => `text ${i}`)];
    let removes = 0.5;
    for (let i = random.int(1, 400); i > 0; i--) {
      if (i % 50 === 0) removes = random.pick([0.2, 0.5, 0.9]);
      const isLast = model.length > 0 && random.chance(0.3);
      const value = isLast ? (model.at(-1) as Text) : random.pick(texts);
      if (!random.chance(removes)) {
        kept.change('append', value);
        model.push(value);
        if (value === null) covered.nulls++;
      } else {
        kept.change('remove', value);
        const at = model.indexOf(value);
        if (at < 0) covered.missed++;
        else {
          covered.removed++;
          if (at === model.length - 1) covered.last++;
          model = model.toSpliced(at, 1);
          if (model.length === 0) covered.emptied++;
        }
      }
      assert.equal(loggedCount(kept.heap, kept.at, kept.length), model.length);
      if (model.length > 0) {
        for (const [entry, value] of [[loggedFirst(kept.heap, kept.at), model[0]], [loggedLast(kept.heap, kept.at), model.at(-1)]] as const) {
          const length = loggedLength(kept.heap, kept.at, entry);
          const start = loggedStart(kept.heap, kept.at, entry);
          assert.equal(length < 0 ? null : Buffer.from(kept.heap.subarray(start, start + length)).toString(), value);
        }
      }
      if (i % 7 === 0) assert.deepEqual(kept.vector(), vectorOf(model));
    }
  }
  for (const [name, count] of Object.entries(covered)) assert.ok(count > 0, name);
});

test('a log moves when it has grown to twice its values, not with each change', () => {
  for (const isIndexed of [true, false]) {
    const kept = new Kept(isIndexed);
    for (let i = 0; i < 5000; i++) kept.change('append', `value ${i}`);
    assert.ok(kept.moves <= 14, `${kept.moves} moves`);
  }
  const kept = new Kept(true);
  for (let i = 0; i < 1000; i++) kept.change('append', `value ${i}`);
  const before = kept.moves;
  for (let i = 0; i < 5000; i++) {
    kept.change('remove', `value ${i}`);
    kept.change('append', `value ${i + 1000}`);
  }
  assert.ok(kept.moves - before <= 10, `${kept.moves - before} moves`);
  // One that loses its last value each time fills no index with what was there.
  const last = kept.moves;
  for (let i = 0; i < 5000; i++) {
    kept.change('append', `once ${i}`);
    kept.change('remove', `once ${i}`);
  }
  assert.ok(kept.moves - last <= 10, `${kept.moves - last} moves`);
  assert.equal(loggedCount(kept.heap, kept.at, kept.length), 1000);
});

test('a log without an index takes values of any number and gives them in their order', () => {
  const kept = new Kept(false);
  const values: Text[] = [];
  for (let i = 0; i < 300; i++) {
    const value = i % 5 === 0 ? null : 'v'.repeat(i % 17);
    kept.change('append', value);
    values.push(value);
  }
  assert.deepEqual(kept.vector(), vectorOf(values));
});
