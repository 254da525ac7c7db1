import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateBatch, poisonBatch, type Batch } from '../../../core/batch.ts';
import { RowKind } from '../../../core/changelog.ts';
import { layoutOf } from '../../../core/layout.ts';
import { types, type SqlType } from '../../../core/sql-type.ts';
import { readValue } from '../../../core/value.ts';
import type { Chunk } from '../../../connectors/memory/chunk.ts';
import { MemoryTable } from '../../../connectors/memory/table.ts';
import { Random, seedFromEnvironment } from '../../random.ts';

const decimal: SqlType = { kind: 'DECIMAL', precision: 30, scale: 0, nullable: true };
const instant: SqlType = { kind: 'TIMESTAMP', precision: 9, nullable: true };
const columns = [{ name: 'a', type: types.string }, { name: 'b', type: types.double }, { name: 'c', type: decimal }, { name: 'd', type: instant }, { name: 'e', type: types.int }, { name: 'n', type: types.int }];
const layouts = columns.map(({ type }) => layoutOf(type));
const encoder = new TextEncoder();

/** A batch of one key, told by a number of which every column of the key has a part, and one value for each. */
function batchOf(rows: readonly { readonly key: number; readonly n: number; readonly kind: RowKind }[]): Batch {
  const batch = allocateBatch(layouts, rows.length);
  batch.rowCount = rows.length;
  batch.kinds = Uint8Array.from(rows.map(({ kind }) => kind));
  for (const [row, { key, n }] of rows.entries()) {
    for (const [c, column] of batch.columns.entries()) {
      const part = Math.floor(key / 2 ** c) % 2;
      if (column.layout === 'bytes') {
        if (column.heap.length < 64) column.heap = encoder.encode(`ab${'\0'.repeat(70)}`);
        column.offsets[row] = part;
        column.lengths[row] = 1;
      } else if (column.layout === 'f64') column.values[row] = part === 0 ? (key % 3 === 0 ? -0 : 0) : NaN;
      else if (column.layout === 'i128') {
        column.values[row] = 7n;
        column.high[row] = BigInt(part);
      } else if (column.layout === 'i64n') {
        column.values[row] = -1n;
        column.nanos[row] = part;
      } else if (column.layout === 'i32') column.values[row] = c === 5 ? n : Math.floor(key / 16);
    }
  }
  return batch;
}

/** What a reader has after the changes from a place on; a withdrawal must find the row that it withdraws. */
class Follower {
  readonly rows = new Map<string, number>();
  #chunk: Chunk;
  #row = 0;

  constructor(chunk: Chunk) {
    this.#chunk = chunk;
  }

  follow(): void {
    for (;;) {
      for (; this.#row < this.#chunk.count; this.#row++) this.#take(this.#chunk.view([0, 1, 2, 3, 4, 5], this.#row, this.#row + 1, true));
      if (this.#chunk.next === undefined) return;
      this.#chunk = this.#chunk.next;
      this.#row = 0;
    }
  }

  #take(batch: Batch): void {
    const values = columns.map(({ type }, c) => JSON.stringify(readValue(batch.columns[c] as never, type, 0), (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : Object.is(value, -0) ? 0 : value)));
    const key = values.slice(0, 5).join(' ');
    const n = Number(values[5]);
    const kind = batch.kinds?.[0];
    if (kind === RowKind.updateBefore || kind === RowKind.delete) {
      assert.equal(this.rows.get(key), n);
      this.rows.delete(key);
    } else {
      assert.ok(!this.rows.has(key), 'a key twice');
      this.rows.set(key, n);
    }
  }
}

test('rows by key agree with a Map, for those who read from the begin and those who come later', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const table = new MemoryTable({ columns, primaryKey: ['a', 'b', 'c', 'd', 'e'] });
  const model = new Map<number, number>();
  const followers = [new Follower(table.first(false))];
  let removals = 0;
  for (let step = 0; step < 300; step++) {
    const rows = Array.from({ length: 1 + random.int(0, 59) }, () => ({ key: random.int(0, step < 150 ? 199 : 1999), n: random.int(0, 999), kind: random.chance(0.25) ? RowKind.delete : random.chance(0.5) ? RowKind.insert : RowKind.updateAfter }));
    const batch = batchOf(rows);
    table.write(batch, 0, rows.length);
    poisonBatch(batch);
    for (const { key, n, kind } of rows) {
      if (kind !== RowKind.delete) model.set(key, n);
      else if (model.delete(key)) removals++;
    }
    if (step % 25 === 0) followers.push(new Follower(table.first(step % 50 === 0)));
    if (step % 7 === 0) for (const follower of followers) follower.follow();
  }
  for (const follower of followers) {
    follower.follow();
    assert.equal(follower.rows.size, model.size);
    assert.deepEqual([...follower.rows.values()].toSorted((a, b) => a - b), [...model.values()].toSorted((a, b) => a - b));
  }
  assert.ok(removals > 100);
  assert.ok(table.length < 5 * model.size + 2000, `${table.length} changes are kept for ${model.size} rows`);
});
