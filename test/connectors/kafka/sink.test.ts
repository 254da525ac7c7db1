import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { EmbeddedBroker } from '../../../broker/embedded-broker.ts';
import { Options } from '../../../catalog/option-spec.ts';
import type { SinkRequest, SinkWriter, SourcePositions } from '../../../catalog/connector.ts';
import { formats } from '../../../connectors/formats/formats.ts';
import { Ledger } from '../../../connectors/kafka/ledger.ts';
import { openKafkaSink } from '../../../connectors/kafka/sink.ts';
import { allocateBatch } from '../../../core/batch.ts';
import type { Clock } from '../../../core/clock.ts';
import { types } from '../../../core/sql-type.ts';
import { readBatchHeader, readRecords, RecordPositions } from '../../../wire/record-batch.ts';
import type { I64Column } from '../../../core/column.ts';
import { batchOf, temporaryFolder } from '../../broker/folders.ts';
import { readTopic } from '../../broker/topic-reader.ts';

function requestOf(link: EmbeddedBroker, clock: Clock, delivery: string, hasKeyedState: boolean): SinkRequest {
  const columns = [{ name: 'v', type: types.bigint }];
  const options = new Options(new Map([['connector', 'kafka'], ['topic', 'out'], ['sink.delivery-guarantee', delivery]]));
  return {
    table: { name: 'out', columns, primaryKey: [], options, format: formats.find((format) => format.name === 'json'), formatOptions: new Options(new Map()) },
    columns,
    services: { broker: async () => link, group: 'g', bounded: false, fresh: false, incarnation: 'first', stateDir: undefined, clock, notice: () => undefined, fail: () => undefined },
    hasKeyedState,
    id: 'job/out@in',
    checkpoint: 0,
    isRestored: false,
  };
}

const deliveries = [
  ['at-least-once', 'at-least-once', false],
  ['exactly-once with an outbox', 'exactly-once', true],
  ['exactly-once in a transaction', 'exactly-once', false],
] as const;

for (const [name, delivery, hasKeyedState] of deliveries) {
  test(`${name}: records carry the time of the engine's clock`, async (t) => {
    const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
    t.after(() => broker.close());
    let time = 5_000_000;
    const sink = await openKafkaSink(requestOf(broker, { now: () => time }, delivery, hasKeyedState), false);
    await sink.recover([]);
    const batch = allocateBatch(['i64'], 1);
    batch.rowCount = 1;
    sink.write(batch, 0, 1);
    time += 700;
    sink.write(batch, 0, 1);
    const token = await sink.prepare(1, {});
    if (token !== undefined) await sink.commit(token);
    await sink.close();
    const found = new RecordPositions();
    const { bytes, length } = await broker.fetch({ topic: 'out', partition: 0, offset: 0, maxBytes: 1 << 16, waitMs: 0, isolation: 'read_committed' });
    for (let header = readBatchHeader(bytes, 0, length); header !== undefined; header = readBatchHeader(bytes, header.end, length)) if (!header.isControl) readRecords(bytes, header, 0, found);
    assert.deepEqual([...found.timestamps.subarray(0, found.count)], [5_000_000, 5_000_700]);
  });
}

for (const [name, delivery, hasKeyedState] of deliveries) {
  test(`${name}: rows without a key reach every partition, few as they are`, async (t) => {
    const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
    t.after(() => broker.close());
    await broker.createTopic('out', 2);
    const sink = await openKafkaSink(requestOf(broker, { now: () => 0 }, delivery, hasKeyedState), false);
    await sink.recover([]);
    const batch = allocateBatch(['i64'], 1);
    batch.rowCount = 1;
    for (const checkpoint of [1, 2]) {
      sink.write(batch, 0, 1);
      const token = await sink.prepare(checkpoint, {});
      if (token !== undefined) await sink.commit(token);
    }
    await sink.close();
    for (const partition of [0, 1]) assert.notEqual((await broker.offsets('out', partition)).end, 0);
  });
}

const noTime = { now: () => 0 };
/** Where a job stands that has read `offset` records. */
const readTo = (offset: number): SourcePositions => ({ 'out@in': { '0': { connector: 'kafka', position: { topic: 'in', offset }, watermark: null } } });

async function openSink(broker: EmbeddedBroker, changes: Partial<SinkRequest>, services: Partial<SinkRequest['services']> = {}, delivery = 'exactly-once'): Promise<SinkWriter> {
  const request = requestOf(broker, noTime, delivery, true);
  return openKafkaSink({ ...request, ...changes, services: { ...request.services, ...services } }, false);
}

const wideRow = 'x'.repeat(100_000);

/** Writes rows of 100 KB, numbered from `first` on, as one firing of timers would: without a checkpoint in between. */
function writeWide(sink: SinkWriter, first: number, count: number): void {
  const text = new TextEncoder().encode(wideRow);
  const batch = allocateBatch(['i64', 'bytes'], 1);
  const column = batch.columns[1] as { heap: Uint8Array; readonly offsets: Int32Array; readonly lengths: Int32Array };
  column.heap = new Uint8Array(text.length + 8);
  column.heap.set(text);
  column.offsets[0] = 0;
  column.lengths[0] = text.length;
  batch.rowCount = 1;
  for (let i = first; i < first + count; i++) {
    (batch.columns[0] as I64Column).values[0] = BigInt(i);
    sink.write(batch, 0, 1);
  }
}

const wide = { columns: [{ name: 'v', type: types.bigint }, { name: 'text', type: types.string }] } as const;

/** The numbers of the rows in the topic, in order. */
async function numbersIn(broker: EmbeddedBroker): Promise<number[]> {
  return (await readTopic(broker, 'out', 'read_committed')).map(({ value }) => Number(/"v":(\d+)/.exec(value ?? '')?.[1]));
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

async function brokerOf(t: TestContext): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
  t.after(() => broker.close());
  return broker;
}

test('an epoch of any size lies on disk before its checkpoint, past 2 MiB there alone, and is published whole and in order', async (t) => {
  const broker = await brokerOf(t);
  const stateDir = temporaryFolder(t);
  const sink = await openSink(broker, wide, { stateDir });
  await sink.recover([]);
  const outbox = join(stateDir, 'outbox', 'out@in');
  const onDisk = (): number => readdirSync(outbox).reduce((sum, name) => sum + statSync(join(outbox, name)).size, 0);
  writeWide(sink, 0, 300);
  assert.ok(onDisk() > 29e6 && onDisk() < 30.1e6, `${onDisk()} bytes: each batch is written when it is full`);
  writeWide(sink, 300, 100);
  assert.ok(onDisk() > 39e6, `${onDisk()} bytes`);
  const first = sink.prepare(1, {});
  writeWide(sink, 400, 3);
  const tokens = [await first, await sink.prepare(2, {})];
  assert.ok(onDisk() > 40e6);
  for (const token of tokens) if (token !== undefined) await sink.commit(token);
  assert.deepEqual(await numbersIn(broker), upTo(403));
  assert.equal(readdirSync(outbox).length, 1, 'one file is kept to be written over');
  await sink.close();
  assert.deepEqual(readdirSync(outbox), []);
});

test('an epoch that was spilled and not published is published by the next run, and what was in no checkpoint is gone', async (t) => {
  const broker = await brokerOf(t);
  const stateDir = temporaryFolder(t);
  const sink = await openSink(broker, wide, { stateDir });
  await sink.recover([]);
  writeWide(sink, 0, 380);
  const token = await sink.prepare(1, {});
  writeWide(sink, 380, 380);
  assert.ok(token !== undefined);
  for (let run = 0; run < 2; run++) {
    const next = await openSink(broker, { ...wide, checkpoint: 1, isRestored: true }, { stateDir });
    await next.recover([token]);
    assert.deepEqual(await numbersIn(broker), upTo(380));
    await next.close();
    assert.deepEqual(readdirSync(join(stateDir, 'outbox', 'out@in')), []);
  }
});

test('a token of a version that named files by their epoch still finds its file', async (t) => {
  const broker = await brokerOf(t);
  const stateDir = temporaryFolder(t);
  const sink = await openSink(broker, {}, { stateDir });
  await sink.recover([]);
  sink.write(rowOf(0), 0, 1);
  const token = await sink.prepare(1, {});
  assert.ok(token !== undefined);
  const { file, ...former } = token;
  assert.equal(file, former['epoch']);
  const next = await openSink(broker, { checkpoint: 1, isRestored: true }, { stateDir });
  await next.recover([former]);
  assert.deepEqual(await numbersIn(broker), [0]);
});

test('the file of an epoch that was published before a crash is written over by the next run: none is left lying', async (t) => {
  const broker = await brokerOf(t);
  const stateDir = temporaryFolder(t);
  const outbox = join(stateDir, 'outbox', 'out@in');
  const dead = await openSink(broker, {}, { stateDir });
  await dead.recover([]);
  dead.write(rowOf(0), 0, 1);
  const token = await dead.prepare(1, {});
  assert.ok(token !== undefined);
  await dead.commit(token);
  assert.equal(readdirSync(outbox).length, 1);
  const next = await openSink(broker, { checkpoint: 1, isRestored: true }, { stateDir });
  await next.recover([token]);
  next.write(rowOf(1), 0, 1);
  const second = await next.prepare(2, {});
  assert.ok(second !== undefined);
  assert.deepEqual(readdirSync(outbox), [`${String(second['file'])}.batches`]);
  await next.commit(second);
  await next.close();
  assert.deepEqual(readdirSync(outbox), []);
  assert.deepEqual(await numbersIn(broker), [0, 1]);
});

function rowOf(value: number): ReturnType<typeof allocateBatch> {
  const batch = allocateBatch(['i64'], 1);
  batch.rowCount = 1;
  (batch.columns[0] as I64Column).values[0] = BigInt(value);
  return batch;
}

test('an epoch without output needs no transaction: none in the outbox, none while the positions stay', async (t) => {
  const broker = await brokerOf(t);
  const outbox = await openSink(broker, {}, { stateDir: temporaryFolder(t) });
  await outbox.recover([]);
  assert.equal(await outbox.prepare(1, readTo(1)), undefined);
  outbox.write(rowOf(0), 0, 1);
  assert.notEqual(await outbox.prepare(2, readTo(2)), undefined);

  const sink = await openSink(broker, { id: 'job/out@other', hasKeyedState: false });
  const decided = async (): Promise<unknown> => (await new Ledger(broker, 'out', 'sluice/job/out@other', 'first').published())?.decided;
  await sink.recover([]);
  await sink.prepare(1, readTo(1));
  assert.deepEqual(await decided(), { checkpoint: 1, positions: readTo(1) });
  await sink.prepare(2, readTo(1));
  assert.deepEqual(await decided(), { checkpoint: 1, positions: readTo(1) });
  await sink.prepare(3, readTo(2));
  assert.deepEqual(await decided(), { checkpoint: 3, positions: readTo(2) });
  sink.write(rowOf(1), 0, 1);
  await sink.prepare(4, readTo(2));
  assert.deepEqual(await decided(), { checkpoint: 4, positions: readTo(2) });
  assert.deepEqual(await numbersIn(broker), [1]);
});

for (const [name, delivery, hasKeyedState] of deliveries.slice(1)) {
  test(`${name}: a former run that commits meanwhile is fenced before its positions are read`, async (t) => {
    const broker = await brokerOf(t);
    const sink = await openSink(broker, { hasKeyedState }, {}, delivery);
    const transactionalId = 'sluice/job/out@in';
    const ledger = new Ledger(broker, 'out', transactionalId, 'first');
    const producer = await broker.initProducer(transactionalId);
    await broker.produce({ transactionalId, producer, batches: [{ topic: 'out', partition: 0, bytes: batchOf(['{"v":7}'], { ...producer, sequence: 0 }) }] });
    await broker.commitOffsets({ transactionalId, producer, group: ledger.positionsGroup, offsets: ledger.positionOffsets(readTo(5), 1) });
    const commit = broker.endTransaction(transactionalId, producer, true);
    await sink.recover([]);
    await commit;
    assert.deepEqual(await numbersIn(broker), [7]);
    assert.deepEqual(await sink.recoveredPositions?.(), { checkpoint: 1, positions: readTo(5) });
    await assert.rejects(broker.commitOffsets({ transactionalId, producer, group: 'g', offsets: [] }), { code: 'E0604' });
  });
}

test('at-least-once: a produce that fails ends the job at once, without another row', async (t) => {
  const broker = await brokerOf(t);
  let sink: SinkWriter | undefined;
  const failed = new Promise<unknown>((resolve) => {
    void openSink(broker, {}, { fail: resolve }, 'at-least-once').then(async (opened) => {
      sink = opened;
      await sink.recover([]);
      sink.write(rowOf(0), 0, 1);
      await broker.close();
    });
  });
  assert.equal((await failed as { readonly code?: string }).code, 'E0601');
  assert.ok(sink !== undefined);
  await assert.rejects(sink.prepare(1, {}), { code: 'E0601' });
});
