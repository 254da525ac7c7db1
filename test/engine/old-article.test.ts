import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../index.ts';
import { consume, produce } from './topics.ts';

/** What somebody types from an old article, and what is told: at which word, and what stands behind the caret. */
const program = `CREATE TABLE SensorReadings (
  id STRING,
  temperature DOUBLE,
  timestamp BIGINT
) WITH (
    'connector' = 'kafka',
    'topic' = 'sensor-readings',
    'startup-mode' = 'earliest-offset',
    'properties.bootstrap.servers' = 'localhost:9092'
);
CREATE TABLE WindowedReadings (
    id STRING,
    temperature DOUBLE,
    window END,
    aggregate DOUBLE
) WITH (
    'connector' = 'table',
    'scan.timestamps' = 'temporal',
    'format' = 'json'
);
INSERT INTO WindowedReadings
SELECT
    id,
    AVG(temperature) AS aggregate,
    TUMBLE(timestamp, INTERVAL '10' SECOND) AS window
FROM SensorReadings
GROUP BY
    TUMBLE(timestamp, INTERVAL '10' SECOND);
`;

const told: readonly (readonly [string, number, string, RegExp])[] = [
  ['E0503', 5, 'WITH', /'format' = 'json'/],
  ['E0501', 8, "'startup-mode'", /scan\.startup\.mode/],
  ['E0104', 14, 'END', /TIMESTAMP\(3\)/],
  ['E0502', 17, "'table'", /'kafka'/],
  ['E0501', 18, "'scan.timestamps'", /WATERMARK FOR/],
  ['E0205', 21, 'WindowedReadings', /by position, not by name[^]*aggregate <- nothing[^]*INSERT INTO WindowedReadings \(id, aggregate, window\)/],
  ['E0204', 23, 'id', /GROUP BY/],
  ['E0202', 25, 'TUMBLE', /TUMBLE/],
  ['E0201', 28, 'timestamp', /ts AS TO_TIMESTAMP_LTZ\(`timestamp`, 3\)[^]*WATERMARK FOR ts/],
];

test('a program with nine mistakes shows nine errors, each at its place and with what to write', async () => {
  await using engine = await Engine.create();
  const { errors } = engine.check(program, 'readings.sql');
  const found = errors.map((error) => [error.code, error.line, program.slice(error.diagnostic.span?.start, error.diagnostic.span?.end)]);
  assert.deepEqual(found, told.map(([code, line, text]) => [code, line, text]));
  for (const [i, [, , , advice]] of told.entries()) assert.match(errors[i]?.format() ?? '', advice);
});

test('a broker that is elsewhere is told once all else is right', async () => {
  await using engine = await Engine.create();
  const { errors } = engine.check(program.slice(0, program.indexOf(';')).replace("'startup-mode'", "'format' = 'json', 'scan.startup.mode'"));
  assert.deepEqual(errors.map((error) => error.code), ['E0507']);
});

const corrected = `CREATE TABLE SensorReadings (
  id STRING,
  temperature DOUBLE,
  timestamp BIGINT,
  ts AS TO_TIMESTAMP_LTZ(\`timestamp\`, 3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'sensor-readings', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
CREATE TABLE WindowedReadings (id STRING, aggregate DOUBLE, window TIMESTAMP(3)) WITH ('connector' = 'kafka', 'topic' = 'windowed', 'format' = 'json');
INSERT INTO WindowedReadings
SELECT id, AVG(temperature) AS aggregate, TUMBLE_END(ts, INTERVAL '10' SECOND) AS window
FROM SensorReadings
GROUP BY id, TUMBLE(ts, INTERVAL '10' SECOND);
`;

test('its corrected form runs', async () => {
  await using engine = await Engine.create({ kafka: 'embedded', settings: { 'table.local-time-zone': 'UTC' } });
  const link = await engine.brokerLink();
  await link.createTopic('sensor-readings', 1);
  await produce(link, 'sensor-readings', [{ id: 'a', temperature: 20, timestamp: 1000 }, { id: 'a', temperature: 22, timestamp: 9000 }, { id: 'b', temperature: 5, timestamp: 12_000 }]);
  const job = await engine.submit(corrected, { bounded: true });
  await job.finished;
  assert.deepEqual((await consume(link, 'windowed')).toSorted(), ['{"id":"a","aggregate":21.0,"window":"1970-01-01 00:00:10"}', '{"id":"b","aggregate":5.0,"window":"1970-01-01 00:00:20"}']);
});
