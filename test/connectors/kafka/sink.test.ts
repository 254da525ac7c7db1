import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmbeddedBroker } from '../../../broker/embedded-broker.ts';
import { Options } from '../../../catalog/option-spec.ts';
import type { SinkRequest } from '../../../catalog/connector.ts';
import { formats } from '../../../connectors/formats/formats.ts';
import { openKafkaSink } from '../../../connectors/kafka/sink.ts';
import { allocateBatch } from '../../../core/batch.ts';
import type { Clock } from '../../../core/clock.ts';
import { types } from '../../../core/sql-type.ts';
import { readBatchHeader, readRecords, RecordPositions } from '../../../wire/record-batch.ts';
import { temporaryFolder } from '../../broker/folders.ts';

function requestOf(link: EmbeddedBroker, clock: Clock, delivery: string, hasKeyedState: boolean): SinkRequest {
  const columns = [{ name: 'v', type: types.bigint }];
  const options = new Options(new Map([['connector', 'kafka'], ['topic', 'out'], ['sink.delivery-guarantee', delivery]]));
  return {
    table: { name: 'out', columns, primaryKey: [], options, format: formats.find((format) => format.name === 'json'), formatOptions: new Options(new Map()) },
    columns,
    services: { broker: async () => link, group: 'g', bounded: false, fresh: false, incarnation: 'first', stateDir: undefined, clock, notice: () => undefined },
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
