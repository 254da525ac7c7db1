import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProducerStates } from '../../broker/producer-states.ts';
import { controlBatch } from '../../wire/batch-builder.ts';
import { assignOffset, readBatchHeader, type BatchHeader } from '../../wire/record-batch.ts';
import { batchOf } from './folders.ts';

function headerOf(bytes: Uint8Array, offset: number): BatchHeader {
  assignOffset(bytes, 0, offset);
  const header = readBatchHeader(bytes, 0, bytes.length);
  assert.ok(header !== undefined);
  return header;
}

const batch = (sequence: number, count = 1, epoch = 0, offset = 0): BatchHeader => headerOf(batchOf(Array.from({ length: count }, () => 'v'), { producerId: 7n, epoch, sequence }), offset);

test('an unknown producer may begin anywhere, a known one goes on where it was', () => {
  const states = new ProducerStates();
  assert.equal(states.check(batch(40), undefined), undefined);
  states.note(batch(40, 3, 0, 100));
  assert.equal(states.check(batch(43), undefined), undefined);
  assert.equal(states.check(batch(40, 3), undefined), 100);
  for (const sequence of [40, 41, 42, 44]) assert.throws(() => states.check(batch(sequence), undefined), { code: 'E0605' });
});

test('numbers go round behind 2^31 - 1', () => {
  const states = new ProducerStates();
  const top = 0x7fffffff;
  states.note(batch(top - 1, 4, 0, 5));
  assert.equal(states.check(batch(top - 1, 4), undefined), 5);
  assert.equal(states.check(batch(2), undefined), undefined);
  assert.throws(() => states.check(batch(top), undefined), { code: 'E0605' });
  states.note(batch(top, 1, 1, 9));
  assert.equal(states.check(batch(0, 1, 1), undefined), undefined);
});

test('a new epoch begins at 0 and fences the one before; the marker of a newer epoch begins it', () => {
  const states = new ProducerStates();
  states.note(batch(0, 3));
  assert.throws(() => states.check(batch(3, 1, 1), undefined), { code: 'E0605' });
  assert.equal(states.check(batch(0, 1, 1), undefined), undefined);
  states.note(headerOf(controlBatch({ producerId: 7n, epoch: 0 }, true, 0), 3));
  assert.equal(states.check(batch(3), undefined), undefined, 'a marker of the same epoch takes no number');
  states.note(headerOf(controlBatch({ producerId: 7n, epoch: 1 }, false, 0), 4));
  assert.throws(() => states.check(batch(3), undefined), { code: 'E0604' });
  assert.throws(() => states.check(batch(1, 1, 1), undefined), { code: 'E0605' });
  assert.equal(states.check(batch(0, 1, 1), undefined), undefined);
});

test('five batches are remembered, and a batch without a number is refused', () => {
  const states = new ProducerStates();
  for (let i = 0; i < 8; i++) states.note(batch(i, 1, 0, i * 10));
  for (let i = 3; i < 8; i++) assert.equal(states.check(batch(i), undefined), i * 10);
  assert.throws(() => states.check(batch(2), undefined), { code: 'E0605' });
  assert.throws(() => states.check(batch(-1), undefined), { code: 'E0605' });
  assert.equal(states.check(headerOf(batchOf(['plain']), 0), undefined), undefined, 'without a producer nothing is asked');
});
