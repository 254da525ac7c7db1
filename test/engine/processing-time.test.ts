import assert from 'node:assert/strict';
import test from 'node:test';
import type { Clock } from '../../core/clock.ts';
import type { JsValue } from '../../core/js-value.ts';
import { Engine } from '../../engine/engine.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { makePlayer, type PlayOptions, type PlayRow } from '../conformance/play.ts';

/** Stands still, and goes on to the next of its times when a row has been read. */
class StepClock implements Clock {
  time: number;

  constructor(at: string) {
    this.time = Date.parse(at);
  }

  now(): number {
    return this.time;
  }
}

const day = '2024-05-01T08:00:';
const table = "CREATE TABLE trips (bike STRING, km INT, p AS PROCTIME()) WITH ('connector' = 'play')";

interface Run {
  /** Each row, and the second of 08:00 at which it is read. */
  readonly rows: readonly (readonly [bike: string, km: number, second: number])[];
  readonly columns: string;
  readonly query: string;
  readonly zone?: string;
}

function clockOf(rows: Run['rows']): { readonly clock: StepClock; readonly options: PlayOptions } {
  const clock = new StepClock(`${day}00Z`);
  clock.time += (rows[0]?.[2] ?? 0) * 1000;
  let read = 0;
  // The row that is read next finds the clock where its second says.
  const onRead = (): void => {
    const next = rows[++read];
    if (next !== undefined) clock.time = Date.parse(`${day}00Z`) + next[2] * 1000;
  };
  return { clock, options: { cut: () => 1, onRead } };
}

function played(rows: Run['rows']): readonly PlayRow[] {
  return rows.map(([bike, km]) => ({ kind: 0, phase: 1, values: [bike, km] }));
}

async function run({ rows, columns, query, zone = 'UTC' }: Run): Promise<readonly (readonly JsValue[])[]> {
  const { clock, options } = clockOf(rows);
  const player = makePlayer(new Map([['trips', { splits: [played(rows)] }]]), options);
  await using engine = await Engine.create({ connectors: player.connectors, settings: { 'table.local-time-zone': zone } }, clock);
  await engine.exec(`${table}; CREATE TABLE out (${columns}) WITH ('connector' = 'play')`);
  const job = await engine.submit(`INSERT INTO out ${query}`, { bounded: true });
  await job.finished;
  return (player.taken.get('out') ?? []).map(({ values }) => values);
}

const rows = [['a', 1, 1], ['b', 2, 4], ['a', 3, 5], ['a', 4, 11], ['b', 5, 31]] as const;
const bounds = 'bike STRING, km INT, f STRING, t STRING';
const times = "DATE_FORMAT(window_start, 'HH:mm:ss'), DATE_FORMAT(window_end, 'HH:mm:ss')";

test('windows over the processing time end by the clock; what is open at the end of the input is given out', async () => {
  const window = (call: string): string => `SELECT bike, SUM(km), ${times} FROM TABLE(${call}) GROUP BY bike, window_start, window_end`;
  const tumble = [['a', 4, '08:00:00', '08:00:10'], ['b', 2, '08:00:00', '08:00:10'], ['a', 4, '08:00:10', '08:00:20'], ['b', 5, '08:00:30', '08:00:40']];
  assert.deepEqual(await run({ rows, columns: bounds, query: window("TUMBLE(TABLE trips, DESCRIPTOR(p), INTERVAL '10' SECOND)") }), tumble);
  const older = "SELECT bike, SUM(km), DATE_FORMAT(TUMBLE_START(p, INTERVAL '10' SECOND), 'HH:mm:ss'), DATE_FORMAT(TUMBLE_END(p, INTERVAL '10' SECOND), 'HH:mm:ss') FROM trips GROUP BY bike, TUMBLE(p, INTERVAL '10' SECOND)";
  assert.deepEqual(await run({ rows, columns: bounds, query: older }), tumble);
  assert.deepEqual(await run({ rows: rows.slice(0, 3), columns: bounds, query: window("HOP(TABLE trips, DESCRIPTOR(p), INTERVAL '4' SECOND, INTERVAL '8' SECOND)") }), [
    ['a', 1, '07:59:56', '08:00:04'],
    ['a', 4, '08:00:00', '08:00:08'],
    ['b', 2, '08:00:00', '08:00:08'],
    ['b', 2, '08:00:04', '08:00:12'],
    ['a', 3, '08:00:04', '08:00:12'],
  ]);
  assert.deepEqual(await run({ rows, columns: bounds, query: window("CUMULATE(TABLE trips, DESCRIPTOR(p), INTERVAL '5' SECOND, INTERVAL '10' SECOND)") }), [
    ['a', 1, '08:00:00', '08:00:05'],
    ['b', 2, '08:00:00', '08:00:05'],
    ['a', 4, '08:00:00', '08:00:10'],
    ['b', 2, '08:00:00', '08:00:10'],
    ['a', 4, '08:00:10', '08:00:15'],
    ['a', 4, '08:00:10', '08:00:20'],
    ['b', 5, '08:00:30', '08:00:35'],
    ['b', 5, '08:00:30', '08:00:40'],
  ]);
  assert.deepEqual(await run({ rows, columns: bounds, query: window("SESSION(TABLE trips PARTITION BY bike, DESCRIPTOR(p), INTERVAL '5' SECOND)") }), [
    ['b', 2, '08:00:04', '08:00:09'],
    ['a', 4, '08:00:01', '08:00:10'],
    ['a', 4, '08:00:11', '08:00:16'],
    ['b', 5, '08:00:31', '08:00:36'],
  ]);
});

test("windows over the processing time lie in the session's local time", async () => {
  const query = `SELECT bike, SUM(km), DATE_FORMAT(window_start, 'dd HH:mm'), DATE_FORMAT(window_end, 'dd HH:mm') FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(p), INTERVAL '1' DAY)) GROUP BY bike, window_start, window_end`;
  assert.deepEqual(await run({ rows: rows.slice(0, 1), columns: bounds, query, zone: 'Asia/Tokyo' }), [['a', 1, '01 00:00', '02 00:00']]);
  assert.deepEqual(await run({ rows: [['a', 1, 3600 * 9]], columns: bounds, query, zone: 'Asia/Tokyo' }), [['a', 1, '02 00:00', '03 00:00']]);
});

test('window_time and TUMBLE_PROCTIME are the processing time when the window is given out, and windows stand on them again', async () => {
  const seconds = (time: string): string => `DATE_FORMAT(${time}, 'HH:mm:ss')`;
  const inner = "SELECT bike, SUM(km) AS km, window_time AS again FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(p), INTERVAL '5' SECOND)) GROUP BY bike, window_start, window_end, window_time";
  assert.deepEqual(await run({ rows, columns: 'bike STRING, km INT, t STRING', query: `SELECT bike, km, ${seconds('again')} FROM (${inner})` }), [['a', 1, '08:00:05'], ['b', 2, '08:00:05'], ['a', 3, '08:00:11'], ['a', 4, '08:00:31'], ['b', 5, '08:00:31']]);
  const outer = `SELECT bike, SUM(km), ${times} FROM TABLE(TUMBLE((SELECT * FROM (${inner})), DESCRIPTOR(again), INTERVAL '10' SECOND)) GROUP BY bike, window_start, window_end`;
  const view = outer.replace(`(SELECT * FROM (${inner}))`, 'TABLE v');
  const twice = `WITH v AS (${inner}) ${view}`;
  assert.deepEqual(await run({ rows, columns: bounds, query: twice }), [['a', 1, '08:00:00', '08:00:10'], ['b', 2, '08:00:00', '08:00:10'], ['a', 3, '08:00:10', '08:00:20'], ['a', 4, '08:00:30', '08:00:40'], ['b', 5, '08:00:30', '08:00:40']]);
  const older = `SELECT bike, SUM(km), ${seconds("TUMBLE_PROCTIME(p, INTERVAL '5' SECOND)")} FROM trips GROUP BY bike, TUMBLE(p, INTERVAL '5' SECOND)`;
  assert.deepEqual((await run({ rows: rows.slice(0, 3), columns: 'bike STRING, km INT, t STRING', query: older })).slice(0, 2), [['a', 1, '08:00:05'], ['b', 2, '08:00:05']]);
});

test('functions of the time of day give the time at which a row is computed', async () => {
  const query = "SELECT bike, km, DATE_FORMAT(CURRENT_TIMESTAMP, 'HH:mm:ss'), CAST(CURRENT_DATE AS STRING) || ' ' || CAST(LOCALTIME AS STRING) || ' ' || CAST(LOCALTIMESTAMP AS STRING) FROM trips WHERE p = NOW()";
  assert.deepEqual(await run({ rows: rows.slice(3), columns: bounds, query, zone: 'Asia/Tokyo' }), [
    ['a', 4, '17:00:11', '2024-05-01 17:00:11 2024-05-01 17:00:11.000'],
    ['b', 5, '17:00:31', '2024-05-01 17:00:31 2024-05-01 17:00:31.000'],
  ]);
});

test('a job that goes on gives out what ended while it stood still, before it reads another row', async (t) => {
  const stateDir = temporaryFolder(t);
  const query = `INSERT INTO out SELECT bike, SUM(km), ${times} FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(p), INTERVAL '10' SECOND)) GROUP BY bike, window_start, window_end`;
  const results: (readonly (readonly JsValue[])[])[] = [];
  for (const [from, more] of [[0, rows.slice(0, 2)], [2, rows.slice(2)]] as const) {
    const clock = new StepClock(`${day}${from === 0 ? '01' : '45'}Z`);
    // The first run has all rows and stops behind the second.
    let stop = (): void => undefined;
    let reads = 0;
    const player = makePlayer(new Map([['trips', { splits: [played(rows)] }]]), { cut: () => 1, onRead: () => { if (from === 0 && ++reads === more.length) stop(); } });
    await using engine = await Engine.create({ connectors: player.connectors, stateDir }, clock);
    await engine.exec(`CREATE TEMPORARY TABLE trips (bike STRING, km INT, p AS PROCTIME()) WITH ('connector' = 'play'); CREATE TEMPORARY TABLE out (${bounds}) WITH ('connector' = 'play')`);
    const job = await engine.submit(query, { bounded: true, name: 'q' });
    stop = () => void job.stop();
    await job.finished;
    results.push((player.taken.get('out') ?? []).map(({ values }) => values));
  }
  assert.deepEqual(results, [[], [['a', 1, '08:00:00', '08:00:10'], ['b', 2, '08:00:00', '08:00:10'], ['a', 7, '08:00:40', '08:00:50'], ['b', 5, '08:00:40', '08:00:50']]]);
});
