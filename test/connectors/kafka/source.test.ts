import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EmbeddedBroker } from '../../../broker/embedded-broker.ts';
import { Options } from '../../../catalog/option-spec.ts';
import type { Position, SourceRequest } from '../../../catalog/connector.ts';
import { formats } from '../../../connectors/formats/formats.ts';
import { openKafkaSource } from '../../../connectors/kafka/source.ts';
import { types } from '../../../core/sql-type.ts';
import { topicRecords } from '../../../repl/topic-records.ts';
import { batchOf, temporaryFolder } from '../../broker/folders.ts';

interface Wanted {
  readonly options?: readonly (readonly [string, string])[] | undefined;
  readonly bounded?: boolean;
  readonly positions?: Readonly<Record<string, Position>>;
}

function requestOf(link: EmbeddedBroker, notices: string[], { options = [], bounded = true, positions }: Wanted): SourceRequest {
  const columns = [{ name: 'v', type: types.bigint }];
  return {
    table: { name: 'numbers', columns, primaryKey: [], options: new Options(new Map([['connector', 'kafka'], ['topic', 'in'], ...options])), format: formats.find((format) => format.name === 'json'), formatOptions: new Options(new Map()) },
    read: [{ path: ['v'], type: types.bigint }],
    services: { broker: async () => link, group: 'g', bounded, fresh: false, incarnation: 'first', stateDir: undefined, clock: { now: () => 0 }, notice: (code, message) => void notices.push(`${code} ${message}`), fail: () => undefined },
    ...(positions === undefined ? {} : { positions }),
  };
}

/** The rows that partition 0 has at hand after one fetch. */
async function firstRows(request: SourceRequest): Promise<number> {
  const source = await openKafkaSource(request);
  const reader = await source.open('0', request.positions?.['0']);
  await reader.fetch(0);
  const rows = reader.ready ? reader.read(1000).rowCount : 0;
  await source.close();
  return rows;
}

const at = (offset: number): Wanted['options'] => [['scan.startup.mode', 'specific-offsets'], ['scan.startup.specific-offsets', `partition:0,offset:${offset}`]];

test('an offset to start at that the partition does not hold: the earliest, or nothing of a bounded read, and a notice', async (t) => {
  const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
  t.after(() => broker.close());
  await broker.createTopic('in', 1);
  await broker.produce({ batches: [{ topic: 'in', partition: 0, bytes: batchOf(['{"v":1}', '{"v":2}']) }] });
  const cases: readonly [offset: number, bounded: boolean, rows: number, notice: RegExp | undefined][] = [
    [0, true, 2, undefined],
    [1, false, 1, undefined],
    [2, false, 0, undefined],
    [2, true, 0, undefined],
    [900, false, 2, /^N0603 numbers: .* offset 900 of in partition 0, which holds 0 to 2; reading from the earliest record$/],
    [900, true, 0, /^N0603 .*; nothing is read of it$/],
  ];
  for (const [offset, bounded, rows, notice] of cases) {
    const notices: string[] = [];
    assert.equal(await firstRows(requestOf(broker, notices, { options: at(offset), bounded })), rows, `from ${offset}`);
    assert.equal(notices.length, notice === undefined ? 0 : 1, notices.join());
    if (notice !== undefined) assert.match(notices.join(), notice);
  }
});

test('texts that outgrow the buffer, and batches larger than it, are read whole', async (t) => {
  const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
  t.after(() => broker.close());
  await broker.createTopic('in', 1);
  const sizes = [300_000, 310_000, 320_000, 900_000, 900_000, 5, 2_500_000, 2_600_000, 7, 330_000];
  const texts = sizes.map((size, i) => `${i}\n`.repeat(size / 3));
  for (const text of texts) await broker.produce({ batches: [{ topic: 'in', partition: 0, bytes: batchOf([JSON.stringify({ t: text })]) }] });
  const source = await openKafkaSource({ ...requestOf(broker, [], { options: [['scan.startup.mode', 'earliest-offset']] }), read: [{ path: ['t'], type: types.string }] });
  const reader = await source.open('0', undefined);
  const read: string[] = [];
  for (; !reader.finished; await reader.fetch(0)) {
    while (reader.ready) {
      const { columns: [column] } = reader.read(1);
      assert.equal(column?.layout, 'bytes');
      const offset = column.offsets[0] as number;
      read.push(Buffer.from(column.heap.subarray(offset, offset + (column.lengths[0] as number))).toString());
    }
  }
  await source.close();
  assert.equal(read.length, texts.length);
  for (const [i, text] of texts.entries()) assert.ok(read[i] === text, `text ${i} of ${text.length} characters`);
});

test('a group that goes on where the topic has nothing is told so, bounded or not', async (t) => {
  const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
  t.after(() => broker.close());
  await broker.createTopic('in', 1);
  await broker.produce({ batches: [{ topic: 'in', partition: 0, bytes: batchOf(['{"v":1}', '{"v":2}']) }] });
  const commit = (offset: number): Promise<void> => broker.commitOffsets({ group: 'g', offsets: [{ topic: 'in', partition: 0, offset, metadata: '' }] });
  await commit(1);
  assert.equal(await firstRows(requestOf(broker, [], {})), 1);
  await commit(3);
  for (const bounded of [true, false]) {
    await assert.rejects(firstRows(requestOf(broker, [], { bounded })), { code: 'E0805', message: /group g goes on at in partition 0 offset 3, and the topic holds 0 to 2/ });
  }
});

test('a start that is refused makes no topic', async (t) => {
  const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
  t.after(() => broker.close());
  const refused: readonly [Position, RegExp][] = [
    [{ topic: 'former', offset: 0 }, /goes on in the topic former .* now reads the topic in/],
    [{ topic: 'in', offset: 3 }, /goes on at in partition 0 offset 3, and the topic holds 0 to 0/],
  ];
  for (const [position, message] of refused) {
    await assert.rejects(openKafkaSource(requestOf(broker, [], { positions: { 0: position } })), { code: 'E0805', message });
    assert.deepEqual(await broker.topics(), []);
  }
  await openKafkaSource(requestOf(broker, [], { positions: { 0: { topic: 'in', offset: 0 } } }));
  assert.deepEqual(await broker.topics(), ['in']);
});

test('a damaged batch is told with its topic and partition', async (t) => {
  const dir = temporaryFolder(t);
  const broker = new EmbeddedBroker({ dir });
  t.after(() => broker.close());
  await broker.createTopic('in', 1);
  await broker.produce({ batches: [{ topic: 'in', partition: 0, bytes: batchOf(['{"v":1}', '{"v":2}']) }] });
  const folder = join(dir, 'topics', 'in-0');
  const [name] = readdirSync(folder).filter((file) => file.endsWith('.log'));
  assert.ok(name !== undefined);
  const bytes = readFileSync(join(folder, name));
  // Two records are said to be three, while the broker has the file open.
  bytes[60] = 3;
  writeFileSync(join(folder, name), bytes);
  await assert.rejects(firstRows(requestOf(broker, [], {})), { code: 'E0703', message: /^topic in partition 0: the record batch at offset 0 is damaged/ });
  await assert.rejects(broker.offsetAt('in', 0, 1000), { code: 'E0703', message: /^topic in partition 0: the record batch/ });
  await assert.rejects(async () => {
    for await (const _ of topicRecords(broker, 'in')) assert.fail('a record of a damaged batch');
  }, { code: 'E0703', message: /^topic in partition 0: the record batch/ });
});

test('a position goes past a bad record only once that is kept elsewhere', async (t) => {
  const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
  t.after(() => broker.close());
  await broker.createTopic('in', 1);
  await broker.produce({ batches: [{ topic: 'in', partition: 0, bytes: batchOf(['{"v":1}', 'bad', 'worse', '{"v":4}', '{"v":5}']) }] });
  const source = await openKafkaSource(requestOf(broker, [], { options: [['scan.startup.mode', 'earliest-offset'], ['error-handling.mode', 'log'], ['error-handling.log.target', 'kept']] }));
  const reader = await source.open('0', undefined);
  await reader.fetch(0);
  assert.equal(reader.read(100).rowCount, 1);
  assert.deepEqual(reader.position(), { topic: 'in', offset: 1 });
  assert.equal(reader.read(100).rowCount, 0);
  assert.deepEqual([reader.position()['offset'], reader.ready, reader.atEnd, reader.finished], [1, false, false, false]);
  assert.equal(await broker.partitionCount('kept'), undefined);
  await reader.fetch(0);
  assert.equal((await broker.offsets('kept', 0)).end, 2);
  assert.deepEqual([reader.position()['offset'], reader.ready], [1, true]);
  assert.equal(reader.read(100).rowCount, 2);
  assert.deepEqual([reader.position()['offset'], reader.finished, reader.bad], [5, true, 2]);
  await source.close();
});
