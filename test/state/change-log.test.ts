import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeLog } from '../../state/change-log.ts';

function contentOf(log: ChangeLog): readonly number[] {
  const bytes = new Uint8Array(8 + log.size * 16);
  log.copyTo(bytes, 8);
  return [...new Int32Array(bytes.buffer, 8)];
}

test('what was added is there in its order, and gone when the log is cleared, however many blocks it took', () => {
  const log = new ChangeLog();
  for (const count of [0, 1, 16, 17, 16_384, 16_385, 50_000, 3]) {
    const expected: number[] = [];
    for (let i = 0; i < count; i++) {
      log.add(i, -i, count, 7);
      expected.push(i, -i | 0, count, 7);
    }
    assert.equal(log.size, count);
    assert.deepEqual(contentOf(log), expected);
    log.clear();
    assert.equal(log.size, 0);
    assert.deepEqual(contentOf(log), []);
  }
});

test('blocks are filled again', () => {
  const log = new ChangeLog();
  const fill = (): void => {
    for (let i = 0; i < 100_000; i++) log.add(i, 0, 0, 0);
  };
  fill();
  const { allocatedBytes } = log;
  log.clear();
  fill();
  assert.equal(log.allocatedBytes, allocatedBytes);
});
