import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowZone } from '../../../executor/operators/window-zone.ts';
import { JobState } from '../../../executor/runtime/job-state.ts';
import { shapeOf } from '../../../state/table.ts';

const shape = shapeOf([{ layout: 'i64', isKey: true }], 1);

test('a slice that is gone has closed event time up to the watermark that closed it, in whatever zone it lies; one of the clock has closed none', () => {
  const { due } = windowZone('Asia/Tokyo');
  const state = new JobState();
  const own = state.of('p', 'p');
  const local = own.slices('local', shape, due);
  const clock = own.slices('clock', shape);
  const end = Date.UTC(2024, 4, 2);
  for (const slices of [local, clock]) {
    slices.at(end);
    slices.drop(end);
  }
  assert.equal(state.closedUpTo('p'), undefined);
  state.capture(1);
  assert.equal(state.closedUpTo('p'), end - 9 * 3_600_000 - 1);
});
