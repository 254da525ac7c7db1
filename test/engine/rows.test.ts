import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, type ColumnBatch } from '../../index.ts';
import { engineWith, failure } from './tables.ts';
import { produce } from './topics.ts';

test('a second column of one name gets a number behind it, and no value is lost', async () => {
  await using engine = await Engine.create();
  const result = engine.query('SELECT 1 AS a, 2 AS a, 3 AS a0, 4 AS a, 5, 6 AS `EXPR$4`');
  assert.deepEqual((await result.columns()).map(({ name }) => name), ['a', 'a0', 'a00', 'a1', 'EXPR$4', 'EXPR$40']);
  for await (const row of result) assert.deepEqual(row, { a: 1, a0: 2, a00: 3, a1: 4, EXPR$4: 5, EXPR$40: 6 });
});

test('a column may be called __proto__', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect<{ readonly ['__proto__']: string; readonly constructor: number }>("SELECT 'x' AS `__proto__`, 1 AS `constructor`");
  const [row] = rows;
  assert.deepEqual(Object.entries(row ?? {}), [['__proto__', 'x'], ['constructor', 1]]);
  assert.equal(Object.getPrototypeOf(row), Object.prototype);
  assert.equal(JSON.stringify(row), '{"__proto__":"x","constructor":1}');
});

test('batches give the columns as typed arrays that stay as they are', async () => {
  const count = 5000;
  await using engine = await engineWith(Array.from({ length: count }, (_, v) => ({ k: v % 3 === 0 ? null : `ä${v}`, v, d: v / 2, at: v })));
  const result = engine.query('SELECT k, v, d, CAST(v AS INT) AS i, v > 2 AS b, CAST(v AS DECIMAL(30, 2)) AS m FROM t', { bounded: true });
  const batches: ColumnBatch[] = [];
  for await (const batch of result.batches()) batches.push(batch);
  // Read only after all have come: nothing of a batch may be borrowed.
  const texts = new TextDecoder();
  let v = 0;
  for (const batch of batches) {
    const [k, longs, doubles, ints, bools, decimals] = [0, 1, 2, 3, 4, 5].map((column) => batch.values(column));
    const offsets = batch.offsets(0);
    assert.ok(k instanceof Uint8Array && longs instanceof BigInt64Array && doubles instanceof Float64Array && ints instanceof Int32Array && bools instanceof Uint8Array && decimals instanceof BigInt64Array && offsets !== undefined);
    assert.equal(batch.offsets(1), undefined);
    assert.equal(offsets.length, batch.rowCount + 1);
    for (let row = 0; row < batch.rowCount; row++, v++) {
      const text: string | null = batch.isNull(0, row) ? null : texts.decode(k.subarray(offsets[row], offsets[row + 1]));
      assert.deepEqual([text, longs[row], doubles[row], ints[row], bools[row], decimals[row * 2], decimals[row * 2 + 1], batch.op(row)], [v % 3 === 0 ? null : `ä${v}`, BigInt(v), v / 2, v, v > 2 ? 1 : 0, BigInt(v * 100), 0n, '+I']);
    }
  }
  assert.equal(v, count);
  assert.throws(() => batches[0]?.values(6), RangeError);
});

test('batches of changes hold the kinds, and only the columns of the query', async () => {
  await using engine = await engineWith([{ k: 'a', v: 1 }, { k: 'a', v: 5 }]);
  const ops: unknown[] = [];
  for await (const batch of engine.changes('SELECT SUM(v) AS s FROM t GROUP BY k', { bounded: true }).batches()) {
    for (let row = 0; row < batch.rowCount; row++) ops.push([batch.op(row), (batch.values(0) as BigInt64Array)[row]]);
    assert.throws(() => batch.values(1), RangeError);
  }
  assert.deepEqual(ops, [['+I', 1n], ['+U', 6n]]);
});

test('rows and batches are one reading', async () => {
  await using engine = await Engine.create();
  const result = engine.query('SELECT 1 AS a');
  const batches = result.batches();
  result[Symbol.asyncIterator]();
  assert.throws(() => batches[Symbol.asyncIterator](), failure('E0901'));
});

test('a slow reader of batches stops the source', async () => {
  const total = 60_000;
  await using engine = await engineWith(Array.from({ length: total }, (_, v) => ({ k: 'x', v })));
  const result = engine.query('SELECT v FROM t', { bounded: true });
  let seen = 0;
  for await (const batch of result.batches()) {
    if (seen === 0) {
      for (let i = 0; i < 200; i++) await new Promise<void>((resolve) => setImmediate(resolve));
      assert.ok(result.stats().rowsRead < BigInt(total / 2), `read ${result.stats().rowsRead} rows for a reader that took ${batch.rowCount}`);
    }
    seen += batch.rowCount;
  }
  assert.equal(seen, total);
});

test('a BIGINT that no number holds is an error where numbers were asked for', async () => {
  await using engine = await engineWith([{ k: 'a', v: 1 }]);
  await produce(await engine.brokerLink(), 't', ['{"k":"b","v":9007199254740993}']);
  const types = { bigint: 'number' } as const;
  assert.deepEqual((await engine.collect("SELECT v FROM t WHERE k = 'a'", { types })).rows, [{ v: 1 }]);
  await assert.rejects(engine.collect("SELECT v FROM t WHERE k = 'b'", { types }), failure('E0207'));
});
