import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Engine, type Job, type Notice } from '../../index.ts';
import type { ConnectorDef } from '../../index.connector.ts';
import { makePlayer } from '../conformance/play.ts';
import { engineWith, failure } from './tables.ts';
import { consume } from './topics.ts';

const sink = "CREATE TABLE o (k STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = 'o', 'format' = 'json')";
const rows = [{ k: 'a', v: 1 }, { k: 'b', v: 2 }];

test('close rejects a row that is waited for', async () => {
  const engine = await engineWith(rows);
  const read = engine.query('SELECT k FROM t')[Symbol.asyncIterator]();
  await read.next();
  await read.next();
  const pending = read.next();
  await Promise.all([engine.close(), assert.rejects(pending, failure('E0903'))]);
  assert.deepEqual(await read.next(), { done: true, value: undefined });
});

test('close does not wait for a reader that stopped reading', async () => {
  const engine = await engineWith(Array.from({ length: 60_000 }, (_, v) => ({ k: 'x', v })));
  const result = engine.query('SELECT v FROM t');
  const read = result[Symbol.asyncIterator]();
  await read.next();
  // The source has run ahead as far as it may, and waits.
  for (let i = 0, before = -1n; i < 500 && before !== result.stats().rowsRead; i++) {
    before = result.stats().rowsRead;
    for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  assert.ok(result.stats().rowsRead < 60_000n);
  await engine.close();
});

test('close rejects what runs and what is being opened, and ends a job in order', async () => {
  const engine = await engineWith(rows);
  await engine.exec(sink);
  const link = await engine.brokerLink();
  const job = await engine.submit('INSERT INTO o SELECT k, v FROM t');
  while (job.stats().rowsRead < 2n) await new Promise<void>((resolve) => setImmediate(resolve));
  await job.checkpoint();
  assert.deepEqual(await consume(link, 'o'), ['{"k":"a","v":1}', '{"k":"b","v":2}']);
  const opening = [engine.collect('SELECT COUNT(*) FROM t'), engine.submit('INSERT INTO o SELECT k, v FROM t', { name: 'second' }), engine.exec('INSERT INTO o SELECT k, v FROM t', { bounded: true })];
  const ends = opening.map((one) => assert.rejects(one, failure('E0903')));
  await Promise.all([engine.close(), engine.close(), ...ends]);
  assert.equal((await job.finished).rowsRead, 2n);
  assert.equal(job.state, 'stopped');
  assert.deepEqual(engine.jobs(), []);
});

test('every call after close is E0903', async () => {
  const engine = await engineWith(rows);
  const early = engine.query('SELECT k FROM t');
  await engine.close();
  await engine.close();
  for (const call of [() => engine.query('SELECT 1'), () => engine.changes('SELECT 1'), () => engine.check('SELECT 1'), () => engine.brokerLink()]) assert.throws(call, failure('E0903'));
  for (const call of [() => engine.exec('SELECT 1'), () => engine.submit('SELECT 1'), () => engine.collect('SELECT 1'), () => engine.start([])]) await assert.rejects(call, failure('E0903'));
  await assert.rejects(async () => early[Symbol.asyncIterator]().next(), failure('E0903'));
});

test('a reader that returns while a row is waited for does not wait', async () => {
  await using engine = await engineWith(rows.slice(0, 1));
  const read = engine.query('SELECT k FROM t')[Symbol.asyncIterator]();
  await read.next();
  const pending = read.next();
  await read.return?.();
  assert.deepEqual(await pending, { done: true, value: undefined });
  assert.deepEqual(await read.next(), { done: true, value: undefined });
});

test('a stream made of a live result can be destroyed', async () => {
  await using engine = await engineWith(rows);
  const stream = Readable.from(engine.query('SELECT k FROM t'));
  for await (const row of stream) if (row.k === 'b') break;
  assert.equal(stream.destroyed, true);
});

test('a result that nobody reads opens nothing, and may be disposed of', async () => {
  await using engine = await engineWith(rows);
  await using result = engine.query('SELECT k FROM t');
  assert.deepEqual((await result.columns()).map(({ name }) => name), ['k']);
  assert.equal(result.stats().rowsRead, 0n);
  const disposed = engine.query('SELECT k FROM t');
  await disposed[Symbol.asyncDispose]();
  const seen: unknown[] = [];
  for await (const row of disposed) seen.push(row);
  assert.deepEqual(seen, []);
});

test('an abort, a return and a close need not wait until a source is open', async () => {
  const player = makePlayer(new Map([['t', { splits: [[]] }]]));
  let open: () => void = () => undefined;
  const isOpen = new Promise<void>((resolve) => { open = resolve; });
  const connectors = player.connectors.map((connector): ConnectorDef => ({ ...connector, runtime: async () => { await isOpen; return connector.runtime(); } }));
  const engine = await Engine.create({ connectors });
  await engine.exec("CREATE TABLE t (k STRING) WITH ('connector' = 'play')");
  const controller = new AbortController();
  const aborted = engine.query('SELECT k FROM t', { signal: controller.signal })[Symbol.asyncIterator]().next();
  const left = engine.query('SELECT k FROM t')[Symbol.asyncIterator]();
  const pending = left.next();
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  controller.abort(new Error('enough'));
  await assert.rejects(aborted, controller.signal.reason);
  await left.return?.();
  assert.deepEqual(await pending, { done: true, value: undefined });
  await engine.close({ timeout: 1 });
  open();
});

test('exec rejects when it is broken off, with the reason or as closed', async () => {
  const row = { kind: 0, values: ['a'], phase: 1 };
  let atReading: () => void = () => undefined;
  const { connectors } = makePlayer(new Map([['t', { splits: [Array.from({ length: 50_000 }, () => row)] }]]), { onRead: () => atReading() });
  const engine = await Engine.create({ connectors });
  await engine.exec("CREATE TABLE t (k STRING) WITH ('connector' = 'play'); CREATE TABLE o (k STRING) WITH ('connector' = 'play')");
  const insert = 'INSERT INTO o SELECT k FROM t';
  const controller = new AbortController();
  atReading = () => controller.abort(new Error('enough'));
  await assert.rejects(engine.exec(insert, { bounded: true, signal: controller.signal }), controller.signal.reason);
  atReading = () => undefined;
  assert.deepEqual(await engine.exec(insert, { bounded: true }), [{ kind: 'done', message: 'inserted 50000 rows' }]);
  let closing: Promise<void> | undefined;
  atReading = () => { closing ??= engine.close(); };
  await assert.rejects(engine.exec(insert, { bounded: true }), failure('E0903'));
  await closing;
});

test('an abort ends a job in order, exec rejects with the reason', async () => {
  await using engine = await engineWith(rows);
  await engine.exec(sink);
  const controller = new AbortController();
  const job = await engine.submit('INSERT INTO o SELECT k, v FROM t', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await job.finished;
  assert.deepEqual([job.state, engine.job('o')], ['stopped', undefined]);
  for (const call of [() => engine.submit('INSERT INTO o SELECT k, v FROM t', { signal: controller.signal }), () => engine.exec('SELECT 1', { signal: controller.signal }), () => engine.collect('SELECT 1', { signal: controller.signal })]) {
    await assert.rejects(call, controller.signal.reason);
  }
});

test("the engine's signal closes it", async () => {
  const controller = new AbortController();
  const engine = await engineWith(rows, { signal: controller.signal });
  const read = engine.query('SELECT k FROM t')[Symbol.asyncIterator]();
  await read.next();
  await read.next();
  const pending = assert.rejects(read.next(), failure('E0903'));
  controller.abort(new Error('shutdown'));
  await pending;
  await assert.rejects(engine.exec('SELECT 1'), failure('E0903'));
  await engine.close();
  await assert.rejects(Engine.create({ signal: controller.signal }), controller.signal.reason);
});

test('stop stores a checkpoint, or not, and what drain closes is stored', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-stop-'));
  try {
    await using engine = await engineWith(rows, { stateDir, settings: { 'execution.checkpointing.interval': '0 s' } });
    await engine.exec(sink);
    const readBy = async (expected: bigint, options: Parameters<Job['stop']>[0]): Promise<bigint> => {
      const job: Job = await engine.submit('INSERT INTO o SELECT k, v FROM t');
      while (job.stats().rowsRead < expected) await new Promise<void>((resolve) => setImmediate(resolve));
      await job.stop(options);
      assert.equal(job.state, 'stopped');
      return (await job.finished).rowsRead;
    };
    assert.equal(await readBy(2n, { checkpoint: false }), 2n);
    assert.equal(await readBy(2n, { checkpoint: false, timeout: '10s' }), 2n);
    assert.equal(await readBy(2n, {}), 2n);
    assert.equal(await readBy(0n, { drain: true }), 0n);
    const job = await engine.submit('INSERT INTO o SELECT k, v FROM t');
    await assert.rejects(job.stop({ drain: true, checkpoint: false }), failure('E0904'));
    await assert.rejects(job.stop({ timeout: 'soon' as '1s' }), failure('E0904'));
    assert.equal(job.state, 'live');
    const stopped = job.stop({ drain: true });
    await assert.rejects(job.stop({ checkpoint: false }), failure('E0904'));
    await Promise.all([stopped, job.stop()]);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});

test('a name is taken from the moment that its job is asked for', async () => {
  await using engine = await engineWith(rows);
  await engine.exec(sink);
  const insert = 'INSERT INTO o SELECT k, v FROM t';
  const [first, second] = await Promise.allSettled([engine.submit(insert), engine.submit(insert)]);
  assert.equal(first?.status, 'fulfilled');
  assert.ok(second?.status === 'rejected' && failure('E0904', /a job o runs already/)(second.reason));
  await engine.job('o')?.stop();
  await (await engine.submit(insert, { bounded: true })).finished;
});

test('a name is free again when its job could not be opened', async () => {
  await using engine = await Engine.create();
  await engine.exec(`${sink}; CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json')`);
  for (let round = 0; round < 2; round++) await assert.rejects(engine.submit('INSERT INTO o SELECT k, v FROM t'), failure('E0506'));
});

test('a job that fails unawaited gives one notice and no crash', async () => {
  const notices: Notice[] = [];
  await using engine = await engineWith(['{"k":1.5e}'], { onNotice: (notice) => notices.push(notice) });
  await engine.exec(sink);
  const job = await engine.submit('INSERT INTO o SELECT k, v FROM t');
  while (engine.jobs().length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
  assert.equal(job.state, 'failed');
  assert.deepEqual(notices.filter(({ level }) => level === 'error').map(({ code, job: name }) => [code, name]), [['E0701', 'o']]);
});

test('a process that leaves a loop and closes ends by itself', async () => {
  const program = `
    import { Engine } from ${JSON.stringify(new URL('../../index.ts', import.meta.url).href)};
    const engine = await Engine.create({ kafka: 'embedded' });
    await engine.exec("CREATE TABLE o (k STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = 'o', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset'); INSERT INTO o SELECT 'a', 1");
    for await (const row of engine.query('SELECT k FROM o')) { console.log(row.k); break; }
    await engine.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 });
  assert.equal(stdout, 'a\n');
});

test('calls of exec that run at once do not fight for the name that a setting gives to jobs', async () => {
  const engine = await Engine.create({ settings: { 'pipeline.name': 'nightly' } });
  await engine.exec("CREATE TABLE nowhere (a INT) WITH ('connector' = 'blackhole')");
  const done = await Promise.all([1, 2, 3].map((n) => engine.exec(`INSERT INTO nowhere SELECT ${n}`)));
  assert.deepEqual(done, [1, 2, 3].map(() => [{ kind: 'done', message: 'inserted 1 row' }]));
  await engine.close();
});
