import assert from 'node:assert/strict';
import { test } from 'node:test';
import { consumer, CountingSink, HandClock, LiveReader, pipelineOf, runnerOf } from './live-pipeline.ts';

/** Has a row whenever it is asked. */
function endless(id: string): LiveReader {
  const reader = new LiveReader(id);
  const fetch = reader.fetch.bind(reader);
  reader.fetch = (waitMs) => {
    if (!reader.ready) reader.add([0, reader.reads]);
    return fetch(waitMs);
  };
  Object.defineProperty(reader, 'atEnd', { get: () => false });
  return reader;
}

const hour = 3_600_000;

test('checkpoints go on at their interval when the clock goes back', async () => {
  const clock = new HandClock();
  const reader = endless('0');
  const sink = new CountingSink();
  const runner = runnerOf([pipelineOf('a', [reader], consumer(sink), sink)], { clock, checkpointInterval: 1000 });
  reader.onRead = (reads) => {
    clock.time += reads === 250 ? -hour : 10;
    if (reads === 1000) runner.stop();
  };
  await runner.run();
  const taken = sink.prepared.length;
  assert.ok(taken >= 9 && taken <= 12, `${taken} checkpoints in 10 s`);
});

test('a split that stands at its end is found idle when the clock goes back meanwhile', async () => {
  const clock = new HandClock();
  const fast = endless('0');
  const readers = [new LiveReader('0'), new LiveReader('1')] as const;
  const sinks = [new CountingSink(), new CountingSink()] as const;
  const watermarks: number[] = [];
  const runner = runnerOf([pipelineOf('fast', [fast], consumer(sinks[0]), sinks[0]), pipelineOf('two', readers, consumer(sinks[1], watermarks), sinks[1])], { clock, idleTimeout: 5000 });
  readers[0].add([1, 100]);
  readers[1].add([1, 700]);
  const heard: number[] = [];
  fast.onRead = (reads) => {
    clock.time += reads === 100 ? -hour : 20;
    heard.push(watermarks.at(-1) ?? -Infinity);
    if (reads % 20 === 0) readers[1].add([1, 700 + reads]);
    if (reads === 600) runner.stop();
  };
  await runner.run();
  assert.equal(heard[250], 100, '3 s later the first split still holds the watermark');
  assert.ok((heard.at(-1) ?? 0) >= 1200, `10 s later the second says the time: ${heard.at(-1)}`);
});

test('a job that is given up ends, though its sink never answers, and tells who waits for a checkpoint; nothing of it is stored', async () => {
  const sink = new CountingSink();
  const stored: number[] = [];
  const store = { latest: () => undefined, commit: async ({ id }: { readonly id: number }) => void stored.push(id), close: async () => undefined };
  const answer = Promise.withResolvers<undefined>();
  const asked = Promise.withResolvers<void>();
  sink.prepare = () => {
    asked.resolve();
    return answer.promise;
  };
  const runner = runnerOf([pipelineOf('a', [endless('0')], consumer(sink), sink)], { store });
  const ends = [runner.run(), runner.checkpoint(), runner.checkpoint()].map((end) => assert.rejects(end, /planned/));
  await asked.promise;
  runner.stop();
  runner.giveUp(new Error('planned'));
  await Promise.all(ends);
  await assert.rejects(runner.checkpoint());
  // The answer comes after all.
  answer.resolve(undefined);
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  assert.deepEqual(stored, []);
});
