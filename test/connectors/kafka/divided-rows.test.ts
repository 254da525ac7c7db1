import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DividedRows } from '../../../connectors/kafka/divided-rows.ts';
import { partitionOfKey } from '../../../connectors/kafka/murmur2.ts';
import { allocateReachable } from '../../../core/wasm-memory.ts';
import { FramedRows, framedRowsAtOnce } from '../../../wire/framed-rows.ts';
import { Random } from '../../random.ts';

test('rows are ordered by the partitions that their keys pick, in their own order within one, whether WebAssembly can reach the keys or not', () => {
  const random = new Random(8);
  for (let n = 0; n < 60; n++) {
    const partitions = random.pick([2, 3, 16, 1000]);
    const framed = new FramedRows(true);
    const divided = new DividedRows(framed, partitions);
    for (let k = 0; k < 3; k++) {
      const rows = random.int(1, framedRowsAtOnce);
      const bytes = random.chance(0.7) ? allocateReachable(1 << 14) : new Uint8Array(1 << 14);
      for (let at = 0; at < bytes.length; at++) bytes[at] = random.int(0, 255);
      const keys = { bytes, offsets: Int32Array.from({ length: rows }, () => random.int(0, 16_000)), lengths: Int32Array.from({ length: rows }, () => random.int(0, random.pick([3, 20, 300]))) };
      framed.load(keys, keys, rows);
      divided.order(rows);
      const wanted = Array.from({ length: partitions }, (): number[] => []);
      for (let row = 0; row < rows; row++) wanted[partitionOfKey(bytes, keys.offsets[row] ?? 0, keys.lengths[row] ?? 0, partitions)]?.push(row);
      const found = wanted.map((_, partition) => [...framed.arrays.order.subarray(divided.starts[partition], divided.starts[partition + 1])]);
      assert.deepEqual(found, wanted);
    }
  }
});
