import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateBatch, type Batch } from '../../../core/batch.ts';
import type { I64Column } from '../../../core/column.ts';
import { types } from '../../../core/sql-type.ts';
import { limitOperator } from '../../../executor/operators/limit.ts';
import { JobState } from '../../../executor/runtime/job-state.ts';
import { Stage } from '../../../executor/runtime/stage.ts';
import type { StoredCheckpoint } from '../../../state/checkpoint.ts';

class Limited {
  readonly keys: number[] = [];
  readonly state: JobState;
  readonly stage: Stage;

  constructor(offset: number, count: number | undefined, state = new JobState()) {
    this.state = state;
    const target = { accept: (batch: Batch) => void this.keys.push(...[...(batch.columns[0] as I64Column).values.subarray(0, batch.rowCount)].map(Number)), advance: () => false, flush: () => undefined, end: () => undefined };
    this.stage = new Stage('Limit[1]', state.of('p'), target, () => undefined, (context) => limitOperator(context, { inputTypes: [types.bigint], offset, count, stateName: 'limit' }));
  }

  give(...keys: readonly number[]): this {
    const batch = allocateBatch(['i64'], keys.length);
    batch.rowCount = keys.length;
    for (const [i, key] of keys.entries()) (batch.columns[0] as I64Column).values[i] = BigInt(key);
    this.stage.accept(batch);
    return this;
  }

  get isFull(): boolean {
    return this.stage.operator.isFull?.() === true;
  }
}

test('the first rows pass, however they are cut into batches', () => {
  const keys = Array.from({ length: 9 }, (_, i) => i);
  for (const [offset, count] of [[0, 4], [3, 4], [3, undefined], [0, 0], [20, 5], [0, 100]] as const) {
    const expected = keys.slice(offset, count === undefined ? undefined : offset + count);
    for (let size = 1; size <= keys.length; size++) {
      const limited = new Limited(offset, count);
      for (let at = 0; at < keys.length; at += size) limited.give(...keys.slice(at, at + size));
      assert.deepEqual(limited.keys, expected, `${offset} ${count} in batches of ${size}`);
      assert.equal(limited.isFull, count !== undefined && offset + count <= keys.length);
    }
  }
});

test('what has come is kept over a restart', () => {
  const before = new Limited(1, 3).give(0, 1, 2);
  const { captures } = before.state.capture(1);
  const states: StoredCheckpoint['states'] = new Map(captures.map(({ state, part, bytes }) => [state, new Map([[part, [bytes]]])]));
  const after = new Limited(1, 3, new JobState({ id: 1, meta: {}, states }, before.state.schemas, new Set(['p']))).give(3, 4, 5);
  assert.deepEqual([before.keys, after.keys, after.isFull], [[1, 2], [3], true]);
});
