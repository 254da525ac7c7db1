import assert from 'node:assert/strict';
import test from 'node:test';
import { didYouMean, suggest } from '../../core/suggest.ts';

test('the nearest word first, then by name', () => {
  assert.deepEqual(suggest('tempp', ['temps', 'temp', 'tempo', 'term']), ['temp', 'tempo', 'temps']);
  assert.deepEqual(suggest('ab', ['ac', 'aa', 'zz']), ['aa', 'ac']);
});

test('case does not count, swapped neighbours are one mistake', () => {
  assert.deepEqual(suggest('UPEPR', ['upper']), ['upper']);
  assert.deepEqual(suggest('Id', ['id']), ['id']);
});

test('a letter allows no mistake, short words one, others two', () => {
  assert.deepEqual(suggest('s', ['p', 'S']), ['S']);
  assert.deepEqual(suggest('abc', ['axx']), []);
  assert.deepEqual(suggest('abc', ['abx']), ['abx']);
  assert.deepEqual(suggest('kafka', ['kufku']), ['kufku']);
  assert.deepEqual(suggest('kafka', ['kufkuu']), []);
});

test('at most as many as asked for', () => assert.equal(suggest('aaaa', ['aaab', 'aaac', 'aaad', 'aaae'], 2).length, 2));

test('didYouMean says nothing when nothing is near', () => {
  assert.equal(didYouMean('kafak', ['kafka', 'print']), 'did you mean "kafka"?');
  assert.equal(didYouMean('table', ['kafka', 'print']), undefined);
});
