import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Options } from '../../../catalog/option-spec.ts';
import type { ConnectorServices, Position, SplitReader } from '../../../catalog/connector.ts';
import { sensorColumns } from '../../../connectors/demo/sensors.ts';
import { openDemoSource } from '../../../connectors/demo/source.ts';
import { readValue } from '../../../core/value.ts';
import { Engine, SqlError } from '../../../index.ts';

const noon = Date.UTC(2024, 1, 29, 12);

/** A reader over a clock that the test moves. */
async function open(clock: { time: number }, { options = [], position, bounded = false }: { readonly options?: readonly (readonly [string, string])[]; readonly position?: Position; readonly bounded?: boolean } = {}): Promise<SplitReader> {
  const services: ConnectorServices = { broker: () => Promise.reject(new Error('no broker')), group: 'g', bounded, fresh: false, incarnation: 'i', stateDir: undefined, clock: { now: () => clock.time }, notice: () => undefined, fail: (error) => assert.fail(String(error)) };
  const table = { name: 'sensors', columns: sensorColumns, primaryKey: [], options: new Options(new Map([['rows-per-second', '100'], ['seed', '1'], ...options])), format: undefined, formatOptions: new Options(new Map()) };
  const source = await openDemoSource({ table, read: sensorColumns.map(({ name, type }) => ({ path: [name], type })), services });
  return source.open('0', position);
}

function rowsOf(reader: SplitReader, maxRows = 1000): readonly (readonly unknown[])[] {
  const rows: unknown[][] = [];
  while (reader.ready) {
    const batch = reader.read(maxRows);
    for (let row = 0; row < batch.rowCount; row++) rows.push(sensorColumns.map(({ type }, c) => readValue(batch.columns[c] as never, type, row)));
  }
  return rows;
}

test('readings come evenly as the clock goes, from four sensors, less than 0.4 s out of order', async () => {
  const clock = { time: noon };
  const reader = await open(clock);
  await reader.fetch(0);
  assert.equal(reader.ready, false);
  clock.time += 2000;
  await reader.fetch(0);
  const rows = rowsOf(reader);
  assert.equal(rows.length, 200);
  assert.deepEqual([...new Set(rows.map(([id]) => id))].toSorted(), ['s1', 's2', 's3', 's4']);
  rows.forEach(([, temperature, ts], i) => {
    const late = noon + (i + 1) * 10 - Number(ts);
    assert.ok(late >= 0 && late < 400, `${late} ms`);
    assert.ok(Number(temperature) > 15 && Number(temperature) < 26);
  });
  assert.ok(rows.some(([, , ts], i) => i > 0 && Number(ts) < Number(rows[i - 1]?.[2])), 'all are in order');
});

test('seed and clock decide what comes, however it is read; after a restart it goes on', async () => {
  const clock = { time: noon };
  const whole = await open(clock);
  const parts = await open(clock);
  const other = await open(clock, { options: [['seed', '2']] });
  clock.time += 3000;
  for (const reader of [whole, parts, other]) await reader.fetch(0);
  const all = rowsOf(whole);
  const first = parts.read(120);
  assert.equal(first.rowCount, 120);
  assert.deepEqual(rowsOf(parts, 7), all.slice(120));
  assert.notDeepEqual(rowsOf(other), all);
  const restored = await open(clock, { position: whole.position() });
  clock.time += 1000;
  await Promise.all([whole.fetch(0), restored.fetch(0)]);
  assert.deepEqual(rowsOf(restored), rowsOf(whole));
});

test('what is there now are the readings of the last minute', async () => {
  const clock = { time: noon };
  const reader = await open(clock, { bounded: true, options: [['rows-per-second', '10']] });
  const rows = rowsOf(reader);
  assert.equal(rows.length, 600);
  assert.ok(reader.finished);
  assert.ok(rows.every(([, , ts]) => Number(ts) > noon - 60_400 && Number(ts) <= noon));
});

test('demo.sensors is there in every engine, with event time, and cannot be changed', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect("SELECT id, COUNT(*) AS n, AVG(temperature) AS t FROM TABLE(TUMBLE(TABLE demo.sensors, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, id");
  assert.equal(rows.reduce((sum, { n }) => sum + Number(n), 0), 6000);
  let seen = 0;
  for await (const row of engine.query('SELECT * FROM demo.sensors')) {
    assert.deepEqual(Object.keys(row), ['id', 'temperature', 'ts']);
    if (++seen === 3) break;
  }
  await engine.exec("CREATE TABLE readings (id STRING, temperature DOUBLE, ts TIMESTAMP(3)) WITH ('connector' = 'memory')");
  await engine.exec('INSERT INTO readings SELECT * FROM demo.sensors', { bounded: true });
  assert.equal((await engine.collect('SELECT * FROM readings')).rows.length, 6000);
  await engine.exec("CREATE TABLE slow WITH ('rows-per-second' = '1') LIKE demo.sensors");
  assert.equal((await engine.collect('SELECT * FROM slow')).rows.length, 60);
  const isBuiltIn = (error: unknown): boolean => error instanceof SqlError && /built in/.test(error.message);
  await assert.rejects(engine.exec('DROP TABLE demo.sensors'), isBuiltIn);
  await assert.rejects(engine.exec('ALTER TABLE demo.sensors RENAME TO x'), isBuiltIn);
  // A database of that name is the user's own.
  await engine.exec('CREATE DATABASE demo');
  await assert.rejects(engine.collect('SELECT * FROM demo.sensors'), (error: unknown) => error instanceof SqlError && error.code === 'E0101');
});

test('the connector has three columns and no others', async () => {
  await using engine = await Engine.create();
  await assert.rejects(engine.exec("CREATE TABLE s (id INT) WITH ('connector' = 'demo')"), (error: unknown) => error instanceof SqlError && error.code === 'E0504' && /id INT/.test(error.message));
  await assert.rejects(engine.exec("CREATE TABLE s (id STRING) WITH ('connector' = 'demo', 'rows-per-second' = '0')"), (error: unknown) => error instanceof SqlError && error.code === 'E0504');
});
