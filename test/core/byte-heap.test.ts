import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteHeap } from '../../core/byte-heap.ts';

test('appendOnce gives equal neighbours one place, and others their own, also where the heap grows', () => {
  const heap = new ByteHeap(16);
  const source = new TextEncoder().encode('..same.same.some.samesame..');
  const texts = [[2, 4], [7, 4], [12, 4], [17, 4], [17, 8], [0, 0], [0, 0], [17, 4]] as const;
  let [last, lastLength] = [heap.append(source, 2, 4), 4];
  const places = texts.map(([offset, length]) => {
    last = heap.appendOnce(source, offset, length, last, lastLength);
    lastLength = length;
    return [last, new TextDecoder().decode(heap.bytes.subarray(last, last + length))];
  });
  assert.deepEqual(places, [[0, 'same'], [0, 'same'], [4, 'some'], [8, 'same'], [12, 'samesame'], [20, ''], [20, ''], [20, 'same']]);
});
