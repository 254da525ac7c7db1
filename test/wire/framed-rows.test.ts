import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateReachable } from '../../core/wasm-memory.ts';
import { BatchBuilder } from '../../wire/batch-builder.ts';
import { frameSlack } from '../../wire/frame-code.ts';
import { FramedRows, framedRowsAtOnce, type FramedParts } from '../../wire/framed-rows.ts';
import { Random, seedFromEnvironment } from '../random.ts';

/** Where the varint of a record's, a key's or a value's length becomes longer, and what lies about it. */
const borders = [0, 1, 15, 16, 17, 40, 50, 55, 56, 57, 62, 63, 64, 65, 200, 8150, 8170, 8180, 8189, 8190, 8191, 8192, 8193];

function drawLength(random: Random): number {
  if (random.chance(0.15)) return -1;
  if (random.chance(0.004)) return random.pick([70_000, 524_000, 600_000, 1_100_000]);
  return random.chance(0.1) ? random.pick(borders) : random.int(0, random.pick([8, 70, 300]));
}

/** Random bytes of such lengths; the last ends `frameSlack` before the end. */
function drawParts(random: Random, lengths: readonly number[], isReachable: boolean): FramedParts {
  const offsets: number[] = [];
  let end = random.int(0, 9);
  for (const length of lengths) {
    offsets.push(end);
    end += Math.max(0, length) + random.int(0, 3);
  }
  const bytes = isReachable ? allocateReachable(end + frameSlack) : new Uint8Array(end + frameSlack);
  for (let at = 0; at < end; at += 997) bytes.fill(random.int(0, 255), at, at + random.int(1, 997));
  return { bytes, offsets: Int32Array.from(offsets), lengths: Int32Array.from(lengths) };
}

test('rows framed at once are the bytes that records appended one by one are: keys, nulls, lengths, times, orders, batches that are full and that grow', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  let batches = 0;
  for (let n = 0; n < 40; n++) {
    const hasKeys = random.chance(0.7);
    const framed = new FramedRows(hasKeys);
    const capacity = random.pick([1 << 10, 1 << 14, 320 << 10, 4 << 20]);
    const limit = random.pick([500, 9000, 40_000, 256 << 10, 2 << 20]);
    const isReachable = random.chance(0.8);
    const ours = new BatchBuilder(capacity, isReachable);
    const plain = new BatchBuilder(capacity);
    let time = 1_700_000_000_000;
    for (let k = 0; k < 6; k++) {
      const rows = random.int(1, framedRowsAtOnce);
      const keys = hasKeys ? drawParts(random, Array.from({ length: rows }, () => drawLength(random)), random.chance(0.9)) : undefined;
      const values = drawParts(random, Array.from({ length: rows }, () => drawLength(random)), random.chance(0.9));
      time += random.pick([0, 0, 1, 63, 64, -65, 9000, -(2 ** 40), 2 ** 42]);
      framed.load(keys, values, rows);
      // Some of them, backwards or as they are.
      const order = Array.from({ length: rows }, (_, row) => row).filter(() => random.chance(0.9));
      if (random.chance(0.5)) order.reverse();
      framed.arrays.order.set(order);
      for (let next = 0; next < order.length; ) {
        const behind = ours.appendRows(framed, next, order.length, time, limit);
        assert.ok(behind > next);
        for (const row of order.slice(next, behind)) {
          assert.ok(plain.size < limit);
          plain.append(keys?.bytes ?? values.bytes, keys?.offsets[row] ?? 0, keys?.lengths[row] ?? -1, values.bytes, values.offsets[row] ?? 0, values.lengths[row] ?? -1, time);
        }
        next = behind;
        assert.equal(ours.size, plain.size);
        assert.equal(ours.recordCount, plain.recordCount);
        if (ours.size < limit) continue;
        const batch = ours.finish();
        assert.ok(Buffer.from(batch).equals(plain.finish()));
        batches++;
        batch.fill(0xdd);
        if (random.chance(0.7)) ours.recycle(batch);
      }
    }
    if (ours.recordCount > 0) assert.ok(Buffer.from(ours.finish()).equals(plain.finish()));
  }
  t.diagnostic(`${batches} full batches`);
  assert.ok(batches > 50);
});
