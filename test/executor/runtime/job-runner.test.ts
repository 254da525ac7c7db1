import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobState } from '../../../executor/runtime/job-state.ts';
import { consumer, CountingSink, HandClock, LiveReader, pipelineOf, runnerOf, windowSize, windowStage } from './live-pipeline.ts';

/** Adds a row before each read, so that the reader never stands at its end. Time goes on by `step` ms a row. */
function busy(id: string, step = 1): LiveReader {
  const reader = new LiveReader(id);
  const fetch = reader.fetch.bind(reader);
  let time = 0;
  reader.fetch = (waitMs) => {
    if (!reader.ready) reader.add([0, (time += step)]);
    return fetch(waitMs);
  };
  Object.defineProperty(reader, 'atEnd', { get: () => false });
  return reader;
}

for (const withEventTime of [true, false]) {
  test(`rows of a slow source come through beside a busy one ${withEventTime ? 'with' : 'without'} event time`, async () => {
    const fast = busy('0');
    const slow = new LiveReader('0');
    const sinks = [new CountingSink(), new CountingSink()] as const;
    const runner = runnerOf([pipelineOf('fast', [fast], consumer(sinks[0]), sinks[0], { withEventTime }), pipelineOf('slow', [slow], consumer(sinks[1]), sinks[1])]);
    const arrivals: number[] = [];
    fast.onRead = (reads) => {
      if (reads % 1000 === 10) slow.add([1, reads]);
      if (reads === 5000) runner.stop();
    };
    slow.onRead = () => void arrivals.push(fast.reads);
    await runner.run();
    assert.equal(sinks[1].rows, 5, `rows came after ${arrivals.join(', ')} reads`);
  });
}

test('sources that have rows take turns, and so do splits that stand at one watermark', async () => {
  const readers = ['a', 'b', 'c'].map((id) => busy(id));
  const order: string[] = [];
  const sinks = [new CountingSink(), new CountingSink()] as const;
  const runner = runnerOf([
    pipelineOf('one', readers.slice(0, 2), consumer(sinks[0]), sinks[0], { withEventTime: false }),
    pipelineOf('two', readers.slice(2), consumer(sinks[1]), sinks[1], { withEventTime: false }),
  ]);
  for (const reader of readers) {
    reader.onRead = () => {
      order.push(reader.id);
      if (order.length === 12) runner.stop();
    };
  }
  await runner.run();
  assert.equal(order.join(''), 'acbcacbcacbc');
});

test('a split is found idle while another source is busy', async () => {
  const clock = new HandClock();
  const fast = busy('0');
  const readers = [new LiveReader('0'), new LiveReader('1')];
  const sinks = [new CountingSink(), new CountingSink()] as const;
  const watermarks: number[] = [];
  const runner = runnerOf([pipelineOf('fast', [fast], consumer(sinks[0]), sinks[0]), pipelineOf('two', readers, consumer(sinks[1], watermarks), sinks[1])], { clock, idleTimeout: 5000 });
  readers[0]?.add([1, 100]);
  readers[1]?.add([1, 700]);
  const heard: number[] = [];
  fast.onRead = (reads) => {
    clock.time += 20;
    heard.push(watermarks.at(-1) ?? -Infinity);
    // The second split goes on, the first one stands still.
    if (reads % 20 === 0) readers[1]?.add([1, 700 + reads]);
    if (reads === 600) runner.stop();
  };
  await runner.run();
  assert.equal(heard[200], 100, 'after 4 s the first split holds the watermark');
  assert.ok((heard.at(-1) ?? 0) >= 1200, `after 12 s the second split says the time: ${heard.at(-1)}`);
});

test("a table's own idle timeout goes before that of the job", async () => {
  for (const [own, isHeld] of [[1000, false], [0, true], [undefined, true]] as const) {
    const clock = new HandClock();
    const readers = [new LiveReader('0'), new LiveReader('1')];
    const sink = new CountingSink();
    const watermarks: number[] = [];
    const pipeline = pipelineOf('two', readers, consumer(sink, watermarks), sink);
    const runner = runnerOf([{ ...pipeline, feeds: pipeline.feeds.map((feed) => ({ ...feed, idleTimeout: own })) }], { clock, idleTimeout: 60_000 });
    readers[0]?.add([1, 100]);
    readers[1]?.add([1, 700]);
    // Each read of the second split is 100 ms behind the one before; the first one stands still.
    const fetch = readers[0]?.fetch.bind(readers[0]);
    if (readers[0] !== undefined && fetch !== undefined) {
      readers[0].fetch = async (waitMs) => {
        await fetch(waitMs);
        clock.time += 100;
        readers[1]?.add([1, 700 + (readers[0]?.fetches ?? 0)]);
        if ((readers[0]?.fetches ?? 0) > 40) runner.stop();
      };
    }
    await runner.run();
    assert.equal((watermarks.at(-1) ?? 0) <= 100, isHeld, `${own}: ${watermarks.at(-1)}`);
  }
});

test('a split is not idle for a time in which nobody asked it', async () => {
  const clock = new HandClock();
  const readers = [new LiveReader('0'), new LiveReader('1')];
  const sink = new CountingSink();
  const watermarks: number[] = [];
  const runner = runnerOf([pipelineOf('two', readers, consumer(sink, watermarks), sink)], { clock, idleTimeout: 5000 });
  readers[0]?.add([1, 100]);
  readers[1]?.add([1, 700]);
  const first = readers[0] ?? assert.fail();
  const second = readers[1] ?? assert.fail();
  let questions = 0;
  second.onRead = (reads) => {
    if (reads > 1) return;
    // From here on both stand at their ends. Nothing comes, then the engine hangs for a minute, and meanwhile a row comes to the first split.
    const fetch = first.fetch.bind(first);
    first.fetch = async (waitMs) => {
      await fetch(waitMs);
      if (questions++ !== 3) return;
      clock.time += 60_000;
      first.add([1, 300]);
    };
    first.onRead = () => runner.stop();
  };
  await runner.run();
  assert.deepEqual(watermarks, [100, 300], 'the row that came meanwhile holds the watermark');
});

/** A job of one window of `keys` keys, and a row that closes it. */
function windowJob(keys: number, sink: CountingSink, options: Parameters<typeof runnerOf>[1] = {}): { readonly runner: ReturnType<typeof runnerOf>; readonly reader: LiveReader; readonly watermarks: number[] } {
  const state = new JobState();
  const watermarks: number[] = [];
  const reader = new LiveReader('0');
  for (let key = 0; key < keys; key++) reader.add([key, 0]);
  reader.add([-1, windowSize * 2]);
  reader.isEnded = true;
  const head = windowStage(state.of('w'), consumer(sink, watermarks));
  return { runner: runnerOf([pipelineOf('w', [reader], head, sink)], { state, ...options }), reader, watermarks };
}

test('a window of many keys asks the sink for credit between two budgets', async () => {
  const sink = new CountingSink();
  sink.room = 1;
  let drains = 0;
  sink.drain = async () => {
    drains++;
    sink.waiting = 0;
  };
  const { runner, watermarks } = windowJob(60_000, sink);
  await runner.run();
  assert.equal(sink.rows, 60_001);
  assert.ok(sink.most <= 8192, `${sink.most} rows waited in the sink`);
  assert.ok(drains >= 7, `it was drained ${drains} times`);
  assert.equal(watermarks.at(-1), Infinity);
});

test('a window of many keys gives way to others between two budgets', async () => {
  const sink = new CountingSink();
  const { runner } = windowJob(60_000, sink);
  const seen = new Set<number>();
  let isOver = false;
  const look = (): void => {
    seen.add(sink.rows);
    if (!isOver) setImmediate(look);
  };
  look();
  await runner.run();
  isOver = true;
  const within = [...seen].filter((rows) => rows > 0 && rows < 60_000);
  assert.ok(within.length >= 6, `others ran after ${within.join(', ')} rows`);
});

test('no checkpoint falls amid a window: it waits until the last key is out', async () => {
  const sink = new CountingSink();
  const { runner } = windowJob(60_000, sink);
  sink.room = 1;
  const asked: Promise<unknown>[] = [];
  sink.drain = async () => {
    sink.waiting = 0;
    if (asked.length < 3) asked.push(runner.checkpoint());
  };
  await runner.run();
  await Promise.all(asked);
  assert.ok(sink.prepared.length >= 1);
  for (const { rows } of sink.prepared) assert.ok(rows === 0 || rows >= 60_000, `a checkpoint after ${rows} rows`);
});

test('a job that is stopped amid a window ends, though nobody gives credit any more', async () => {
  const sink = new CountingSink();
  const { runner } = windowJob(60_000, sink);
  sink.room = 1;
  sink.drain = () => {
    setImmediate(() => runner.stop());
    return new Promise(() => undefined);
  };
  await runner.run();
  assert.ok(sink.rows === 60_000 || sink.rows === 60_001, `${sink.rows} rows`);
});

test('a job that fails while its sink has no credit ends with the error', async () => {
  const sink = new CountingSink();
  const { runner } = windowJob(60_000, sink);
  sink.room = 1;
  sink.drain = () => {
    setImmediate(() => runner.fail(new Error('planned')));
    return new Promise(() => undefined);
  };
  await assert.rejects(runner.run(), /planned/);
});

test('a checkpoint that is asked for while the sink has no credit is stored', async () => {
  const sink = new CountingSink();
  const reader = busy('0');
  const runner = runnerOf([pipelineOf('a', [reader], consumer(sink), sink)]);
  sink.room = 1;
  const asked: Promise<unknown>[] = [];
  sink.drain = () => {
    if (asked.length === 0) setImmediate(() => void asked.push(runner.checkpoint().then(() => runner.stop())));
    return new Promise(() => undefined);
  };
  await runner.run();
  await Promise.all(asked);
  assert.deepEqual(sink.prepared, [{ checkpoint: 1, rows: 1 }, { checkpoint: 2, rows: 1 }]);
});

test('an error of a source ends the job, also of a split that nobody waits for', async () => {
  const fast = busy('0');
  const slow = new LiveReader('0');
  const sinks = [new CountingSink(), new CountingSink()] as const;
  const runner = runnerOf([pipelineOf('fast', [fast], consumer(sinks[0]), sinks[0]), pipelineOf('slow', [slow], consumer(sinks[1]), sinks[1])]);
  fast.onRead = (reads) => {
    if (reads === 50) slow.fetch = () => Promise.reject(new Error('the broker is gone'));
    if (reads === 100_000) runner.stop();
  };
  await assert.rejects(runner.run(), /the broker is gone/);
});

/** A job that stops, asked as `ask` asks, while a window of 100 keys is open. */
async function stoppedAmidWindow(ask: (runner: ReturnType<typeof runnerOf>) => void): Promise<CountingSink> {
  const sink = new CountingSink();
  const state = new JobState();
  const reader = new LiveReader('0');
  for (let key = 0; key < 100; key++) reader.add([key, 0]);
  const runner = runnerOf([pipelineOf('w', [reader], windowStage(state.of('w'), consumer(sink)), sink)], { state });
  reader.onRead = () => ask(runner);
  await runner.run();
  return sink;
}

test('a second stop takes nothing back of the first, but nothing is drained for who has left', async () => {
  const drained = [{ checkpoint: 1, rows: 100 }];
  assert.deepEqual((await stoppedAmidWindow((runner) => runner.stop())).prepared, [{ checkpoint: 1, rows: 0 }]);
  assert.deepEqual((await stoppedAmidWindow((runner) => runner.stop(true))).prepared, drained);
  assert.deepEqual((await stoppedAmidWindow((runner) => { runner.stop(true); runner.stop(); })).prepared, drained);
  assert.deepEqual((await stoppedAmidWindow((runner) => { runner.stop(); runner.stop(true); })).prepared, drained);
  assert.deepEqual((await stoppedAmidWindow((runner) => { runner.stop(true); runner.abandon(); })).prepared, [{ checkpoint: 1, rows: 0 }]);
  assert.deepEqual((await stoppedAmidWindow((runner) => { runner.stop(false, false); runner.stop(); })).prepared, []);
  assert.deepEqual((await stoppedAmidWindow((runner) => { runner.stop(false, false); runner.abandon(); })).prepared, []);
});
