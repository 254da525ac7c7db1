import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poisonBatch, type Batch } from '../../../core/batch.ts';
import type { I64Column } from '../../../core/column.ts';
import { types } from '../../../core/sql-type.ts';
import { calcOperator } from '../../../executor/operators/calc.ts';
import { groupsOf } from '../../../executor/runtime/groups.ts';
import { JobState } from '../../../executor/runtime/job-state.ts';
import { SplitSet } from '../../../executor/runtime/split.ts';
import { Stage, stageHooks } from '../../../executor/runtime/stage.ts';
import { Union, type UnionPort } from '../../../executor/runtime/union.ts';
import { consumer, CountingSink, HandClock, LiveReader, pipelineOf, runnerOf, scan, type FedPipeline } from './live-pipeline.ts';

/** What comes out of a union: the watermark of each row, what it was told, and its end. */
class Seen {
  readonly rows: number[][] = [];
  readonly told: number[] = [];
  ends = 0;

  accept(batch: Batch): void {
    this.rows.push([...(batch.watermarks ?? [])].slice(0, batch.rowCount));
  }

  advance(watermark: number): boolean {
    this.told.push(watermark);
    return false;
  }

  flush(): void {
    return undefined;
  }

  end(): void {
    this.ends++;
  }
}

/** Rows that come while their input's own watermark stands at each of these. */
function rowsAt(...watermarks: readonly number[]): Batch {
  return { rowCount: watermarks.length, columns: [], kinds: undefined, watermarks: Float64Array.from(watermarks), watermarkAfter: watermarks.at(-1) ?? -Infinity };
}

function unionOf(width: number, above?: UnionPort): { readonly union: Union; readonly ports: readonly UnionPort[]; readonly seen: Seen } {
  const seen = new Seen();
  const union = new Union('u', width, seen, above, -Infinity);
  return { union, ports: union.ports, seen };
}

test('a row carries the least of its own watermark and where the other inputs stand', () => {
  const { ports: [a, b], seen } = unionOf(2);
  a?.accept(rowsAt(1, 5, 9));
  assert.deepEqual(seen.rows, [[-Infinity, -Infinity, -Infinity]]);
  b?.advance(7);
  assert.deepEqual(seen.told, [7]);
  a?.accept(rowsAt(9, 12));
  b?.accept(rowsAt(7, 8, 20));
  assert.deepEqual(seen.rows.slice(1), [[7, 7], [7, 8, 12]]);
});

test('the watermark never falls, and rows behind it say so', () => {
  const { union, ports: [a, b], seen } = unionOf(2);
  a?.advance(10);
  b?.advance(20);
  a?.accept(rowsAt(4, 11));
  assert.deepEqual(seen.rows, [[10, 11]]);
  b?.advance(3);
  assert.deepEqual([union.merged, seen.told.at(-1)], [11, 11]);
});

test('an idle input and one that has ended hold nothing back; when all are idle the furthest counts', () => {
  const { ports: [a, b, c], seen } = unionOf(3);
  b?.setIdle(true);
  a?.advance(10);
  c?.advance(5);
  assert.equal(seen.told.at(-1), 5);
  c?.advance(Infinity);
  assert.equal(seen.told.at(-1), 10);
  b?.setIdle(false);
  b?.accept(rowsAt(-Infinity, 12));
  assert.deepEqual(seen.rows, [[10, 10]]);
  a?.setIdle(true);
  b?.setIdle(true);
  b?.advance(12);
  assert.equal(seen.told.at(-1), Infinity, 'one that has ended is furthest');
});

test('the last end is that of the union, and what a checkpoint holds is where it stood before', () => {
  const { union, ports, seen } = unionOf(2);
  for (const port of ports) port.advance(30);
  for (const port of ports) {
    assert.equal(seen.ends, 0);
    port.advance(Infinity);
    port.end();
  }
  assert.deepEqual([seen.ends, seen.told.at(-1), union.merged], [1, Infinity, 30]);
});

test('a union of idle inputs is an idle input of the union above', () => {
  const { ports: [above, beside], seen } = unionOf(2);
  assert.ok(above !== undefined);
  const inner = new Union('v', 2, above, above, -Infinity);
  beside?.advance(9);
  for (const port of inner.ports) port.setIdle(true);
  assert.equal(above.isIdle, true);
  beside?.advance(11);
  assert.equal(seen.told.at(-1), 11);
  inner.ports[0]?.setIdle(false);
  assert.equal(above.isIdle, false);
});

/** Two sources into one pipeline, by a union. */
function united(readers: readonly LiveReader[], watermarks: number[], sink: CountingSink): FedPipeline {
  const union = new Union('p/union-0', readers.length, consumer(sink, watermarks), undefined, -Infinity);
  const parts = readers.map((reader, i) => pipelineOf(`p/${i}`, [reader], union.ports[i] ?? consumer(sink), sink));
  const inputs = parts.flatMap((part, i) => part.inputs.map((input) => ({ ...input, prefix: `${i}/`, port: union.ports[i] })));
  return { name: 'p', inputs, stages: [], unions: [union], sink, feeds: parts.flatMap(({ feeds }, i) => feeds.map((feed) => ({ ...feed, inputs: inputs.slice(i, i + 1) }))) };
}

test('an input that ends goes on holding nothing back while the others give rows', async () => {
  const [short, long] = [new LiveReader('0'), new LiveReader('0')];
  const sink = new CountingSink();
  const watermarks: number[] = [];
  short.add([1, 100]);
  short.isEnded = true;
  long.add([2, 50], [2, 200]);
  const runner = runnerOf([united([short, long], watermarks, sink)]);
  long.onRead = (reads) => {
    if (reads === 1) long.add([2, 300]);
    else long.isEnded = true;
  };
  await runner.run();
  assert.equal(sink.rows, 4);
  assert.deepEqual(watermarks, [200, 300, Infinity]);
});

test('an input at whose end nothing comes for the timeout is left out', async () => {
  const clock = new HandClock();
  const [quiet, lively] = [new LiveReader('0'), new LiveReader('0')];
  const sink = new CountingSink();
  const watermarks: number[] = [];
  quiet.add([1, 10]);
  lively.add([2, 500]);
  const runner = runnerOf([united([quiet, lively], watermarks, sink)], { clock, idleTimeout: 1000 });
  const fetch = quiet.fetch.bind(quiet);
  quiet.fetch = async (waitMs) => {
    await fetch(waitMs);
    clock.time += 300;
    if (watermarks.at(-1) === 500) runner.stop();
  };
  await runner.run();
  assert.deepEqual(watermarks, [10, 500]);
});

test('sources whose rows meet, in one pipeline or through another, are read by one order', () => {
  const sink = new CountingSink();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => pipelineOf(name, [new LiveReader('0')], consumer(sink), sink));
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  const feeds = [a, b, c].flatMap((pipeline) => pipeline.feeds);
  const sizes = (...pipelines: readonly { readonly inputs: FedPipeline['inputs'] }[]): readonly number[] => groupsOf(feeds, pipelines).map((group) => group.feeds.length);
  assert.deepEqual(sizes(a, b, c), [1, 1, 1]);
  assert.deepEqual(sizes(a, { inputs: [...b.inputs, ...c.inputs] }), [1, 2]);
  assert.deepEqual(sizes({ inputs: [...a.inputs, ...b.inputs] }, { inputs: [...b.inputs, ...c.inputs] }), [3]);
  assert.deepEqual(sizes(a, b, c, { inputs: [...a.inputs, ...c.inputs] }), [2, 1]);
});

test('rows of a source that two pipelines share reach both as they were read', async (t) => {
  stageHooks.afterBatch = poisonBatch;
  t.after(() => {
    stageHooks.afterBatch = undefined;
  });
  const reader = new LiveReader('0');
  const sinks = [new CountingSink(), new CountingSink()];
  const keys: bigint[][] = [];
  const heads = sinks.map((sink, i) => {
    const target = consumer(sink);
    const seen: bigint[] = (keys[i] = []);
    const projection = [types.bigint, types.timestampLtz(3)].map((type, index) => ({ kind: 'column' as const, index, type }));
    const copy = { ...target, accept: (batch: Batch) => void seen.push(...(batch.columns[0] as I64Column).values.subarray(0, batch.rowCount)) };
    return new Stage('Calc[2]', new JobState().of(`p${i}`), copy, () => undefined, (context) => calcOperator(context, { inputTypes: projection.map(({ type }) => type), condition: undefined, projection }));
  });
  const parts = heads.map((head, i) => pipelineOf(`p${i}`, [reader], head, sinks[i] ?? new CountingSink(), { withEventTime: false }));
  const [first] = parts.flatMap(({ feeds }) => feeds);
  assert.ok(first !== undefined);
  // Both see the splits of the one source.
  const feed = { ...first, inputs: parts.flatMap(({ inputs }) => inputs.map((input) => ({ ...input, splits: new SplitSet({ ...scan, watermark: undefined }, first.splits, -Infinity) }))) };
  reader.add([5, 1], [6, 2]);
  reader.onRead = (reads) => {
    if (reads === 1) reader.add([7, 3]);
    else reader.isEnded = true;
  };
  await runnerOf(parts.map((part, i) => ({ ...part, inputs: feed.inputs.slice(i, i + 1), feeds: i === 0 ? [feed] : [] }))).run();
  assert.deepEqual(keys, [[5n, 6n, 7n], [5n, 6n, 7n]]);
  assert.equal(reader.reads, 2, 'each row is read once');
});
