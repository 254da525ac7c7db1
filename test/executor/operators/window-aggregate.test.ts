import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateBatch, type Batch } from '../../../core/batch.ts';
import type { I64Column } from '../../../core/column.ts';
import { types } from '../../../core/sql-type.ts';
import { windowAggregateOperator } from '../../../executor/operators/window-aggregate.ts';
import type { WindowAggregateSpec } from '../../../executor/operators/window-update.ts';
import { JobState } from '../../../executor/runtime/job-state.ts';
import { Stage } from '../../../executor/runtime/stage.ts';

const timestamp = types.timestampLtz(3);
const count = { name: 'COUNT', overload: 'rows', version: 1, args: [], filter: undefined, type: { kind: 'BIGINT', nullable: false } } as const;
const spec: WindowAggregateSpec = {
  inputTypes: [types.bigint, timestamp],
  window: { kind: 'TUMBLE', size: 10, offset: 0 },
  timeColumn: 1,
  timeSpan: undefined,
  timeName: 'ts',
  keys: [0],
  calls: [count],
  outputTypes: [types.bigint, count.type, timestamp, timestamp, timestamp],
  stateName: 'w',
};

interface Out {
  readonly key: number;
  readonly count: number;
  readonly start: number;
  readonly end: number;
}

/** The operator in its place, with what comes out of it, batch by batch. */
function stageOf(of: WindowAggregateSpec = spec): { readonly stage: Stage; readonly batches: Out[][]; readonly state: JobState } {
  const batches: Out[][] = [];
  const state = new JobState();
  const next = {
    accept: ({ columns, rowCount }: Batch) => {
      const at = (column: number, row: number): number => Number((columns[column] as I64Column).values[row]);
      batches.push(Array.from({ length: rowCount }, (_, row) => ({ key: at(0, row), count: at(1, row), start: at(2, row), end: at(3, row) })));
    },
    advance: () => false,
    flush: () => undefined,
    end: () => undefined,
  };
  return { stage: new Stage('w', state.of('p'), next, () => undefined, (context) => windowAggregateOperator(context, of)), batches, state };
}

/** Rows that come while there is no watermark. */
function batchOf(rows: readonly (readonly [key: number, time: number])[]): Batch {
  const batch = allocateBatch(['i64', 'i64'], rows.length);
  batch.rowCount = rows.length;
  batch.watermarks = new Float64Array(rows.length).fill(-Infinity);
  for (const [i, row] of rows.entries()) for (const k of [0, 1] as const) (batch.columns[k] as I64Column).values[i] = BigInt(row[k]);
  return batch;
}

test('a call of many rows over a slice that grows counts every key once', () => {
  const { stage, batches } = stageOf();
  for (let round = 0; round < 3; round++) stage.accept(batchOf(Array.from({ length: 5000 }, (_, i) => [(i * 7) % 3000, round * 3] as const)));
  assert.equal(stage.advance(10), false);
  const rows = batches.flat();
  assert.equal(rows.length, 3000);
  assert.deepEqual(rows.find((row) => row.key === 2), { key: 2, count: 6, start: 0, end: 10 });
  assert.equal(rows.reduce((sum, row) => sum + row.count, 0), 15_000);
});

test('one slice of timers emits about a budget of rows, and the next goes on where it ended', () => {
  const { stage, batches } = stageOf();
  stage.accept(batchOf(Array.from({ length: 30_000 }, (_, i) => [i, 5] as const)));
  stage.accept(batchOf([[1, 15]]));
  const turns: number[] = [];
  for (let more = true, before = 0; more; ) {
    more = stage.advance(100);
    const rows = batches.flat().length;
    turns.push(rows - before);
    before = rows;
    assert.equal(stage.outputWatermark, more ? -Infinity : 100, 'the watermark goes on after the last');
  }
  assert.ok(turns.length >= 4 && turns.every((rows) => rows <= stage.budget), turns.join(', '));
  const keys = batches.flat().map(({ start, key }) => start * 100_000 + key);
  assert.deepEqual(keys, [...Array.from({ length: 30_000 }, (_, i) => i), 1_000_001]);
});

test('many small windows count against the budget too, and come in order of their ends', () => {
  const { stage, batches } = stageOf();
  const windows = 1000;
  stage.accept(batchOf(Array.from({ length: windows }, (_, i) => [i, ((i * 617) % windows) * 10] as const)));
  let calls = 1;
  while (stage.advance(Infinity)) calls++;
  assert.ok(calls >= 4, `${calls} calls`);
  assert.deepEqual(batches.flat().map((row) => row.start), Array.from({ length: windows }, (_, i) => i * 10));
});

test('rows or a barrier amid a firing are refused', () => {
  const { stage } = stageOf();
  stage.accept(batchOf(Array.from({ length: 30_000 }, (_, i) => [i, 5] as const)));
  assert.equal(stage.advance(100), true);
  assert.throws(() => stage.flush(), { code: 'E0999' });
  assert.throws(() => stage.accept(batchOf([[1, 200]])), { code: 'E0999' });
  while (stage.advance(100));
  stage.flush();
});

test('a window of few keys is small, however many are open', () => {
  const { stage, state } = stageOf();
  const windows = 5000;
  for (let from = 0; from < windows; from += 500) stage.accept(batchOf(Array.from({ length: 1000 }, (_, i) => [i % 2, (from + (i >> 1)) * 10] as const)));
  assert.ok(state.allocatedBytes / windows < 4096, `${state.allocatedBytes / windows} bytes a window`);
  while (stage.advance(Infinity));
});

for (const window of [{ kind: 'HOP', size: 20, slide: 5, offset: 0 }, { kind: 'CUMULATE', size: 20, step: 5, offset: 0 }] as const) {
  test(`slices of many keys are merged into windows of ${window.kind} in several calls, and each key is given once`, () => {
    const keys = 40_000;
    const { stage, batches } = stageOf({ ...spec, window });
    // Key k lies in slice k % 4 and, every third of them, in the next one as well.
    const rows = Array.from({ length: keys }, (_, k) => [[k, (k % 4) * 5 + 1], ...(k % 3 === 0 ? [[k, (k % 4) * 5 + 6]] : [])] as const).flat() as (readonly [number, number])[];
    stage.accept(batchOf(rows));
    let calls = 1;
    while (stage.advance(100)) calls++;
    assert.ok(calls > 4, `${calls} calls`);
    const expected = new Map<string, number>();
    for (const [key, time] of rows) {
      const starts = window.kind === 'HOP' ? [0, 5, 10, 15].map((back) => Math.floor(time / 5) * 5 - back) : [];
      for (const start of starts) expected.set(`${key} ${start} ${start + 20}`, (expected.get(`${key} ${start} ${start + 20}`) ?? 0) + 1);
      if (window.kind === 'CUMULATE') {
        const start = Math.floor(time / 20) * 20;
        for (let end = Math.floor(time / 5) * 5 + 5; end <= start + 20; end += 5) expected.set(`${key} ${start} ${end}`, (expected.get(`${key} ${start} ${end}`) ?? 0) + 1);
      }
    }
    const given = batches.flat().map(({ key, count: n, start, end }) => [`${key} ${start} ${end}`, n] as const);
    assert.equal(given.length, expected.size);
    for (const [name, n] of given) assert.equal(n, expected.get(name), name);
  });
}
