import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import type { JsValue } from '../../core/js-value.ts';
import { Engine } from '../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';

type Row = readonly [key: string, value: number, time: string | null];

interface Ran {
  readonly rows: readonly (readonly JsValue[])[];
  readonly late: number;
}

const table = (type: string): string => `CREATE TABLE trips (bike STRING, km INT, at ${type}, WATERMARK FOR at AS at) WITH ('connector' = 'play')`;

/** Rows in order of arrival, each the watermark of those after it, and what the query makes of them, in order. */
async function run(query: string, columns: string, rows: readonly Row[], { type = 'TIMESTAMP(3)', zone = 'UTC' } = {}): Promise<Ran> {
  const played = rows.map((values): PlayRow => ({ kind: 0, phase: 1, values }));
  const player = makePlayer(new Map([['trips', { splits: [played] }]]), {});
  await using engine = await Engine.create({ connectors: player.connectors, settings: { 'table.local-time-zone': zone } });
  await engine.exec(`${table(type)}; CREATE TABLE out (${columns}) WITH ('connector' = 'play')`);
  const job = await engine.submit(`INSERT INTO out ${query}`, { bounded: true });
  await job.finished;
  return { rows: (player.taken.get('out') ?? []).map(({ values }) => values), late: Number(job.stats().late) };
}

const bounds = 'bike STRING, n BIGINT, f STRING, t STRING';
const items = 'bike, COUNT(*), DATE_FORMAT(window_start, \'HH:mm:ss\'), DATE_FORMAT(window_end, \'HH:mm:ss\')';

test('a row that is late for one window counts in those that are open, and is late when none is', async () => {
  const query = `SELECT ${items} FROM TABLE(HOP(TABLE trips, DESCRIPTOR(at), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY bike, window_start, window_end`;
  const { rows, late } = await run(query, bounds, [['a', 1, '2024-05-01 08:00:03'], ['a', 1, '2024-05-01 08:00:07'], ['a', 1, '2024-05-01 08:00:02'], ['a', 1, '2024-05-01 08:00:12'], ['a', 1, '2024-05-01 08:00:01']]);
  assert.deepEqual(rows, [
    ['a', 1n, '07:59:55', '08:00:05'],
    ['a', 3n, '08:00:00', '08:00:10'],
    ['a', 2n, '08:00:05', '08:00:15'],
    ['a', 1n, '08:00:10', '08:00:20'],
  ]);
  assert.equal(late, 1);
});

test('windows before 1970 and with an offset below zero start before their rows', async () => {
  const query = `SELECT bike, COUNT(*), CAST(window_start AS STRING), CAST(window_end AS STRING) FROM TABLE(CUMULATE(TABLE trips, DESCRIPTOR(at), STEP => INTERVAL '4' SECOND, SIZE => INTERVAL '8' SECOND, \`OFFSET\` => INTERVAL '-3' SECOND)) GROUP BY bike, window_start, window_end`;
  const all = query.replace('TABLE trips, DESCRIPTOR(at)', 'DATA => TABLE trips, TIMECOL => DESCRIPTOR(at)');
  const { rows } = await run(all, bounds, [['a', 1, '1969-12-31 23:59:58'], ['a', 1, '1970-01-01 00:00:02']]);
  assert.deepEqual(rows, [
    ['a', 1n, '1969-12-31 23:59:57.000', '1970-01-01 00:00:01.000'],
    ['a', 2n, '1969-12-31 23:59:57.000', '1970-01-01 00:00:05.000'],
  ]);
});

test('a row between two sessions joins them, also one exactly a gap away; what a closed session would take is late', async () => {
  const query = `SELECT ${items} FROM TABLE(SESSION(TABLE trips PARTITION BY bike, DESCRIPTOR(at), INTERVAL '5' SECOND)) GROUP BY bike, window_start, window_end`;
  const day = '2024-05-01 08:00';
  const { rows, late } = await run(query, bounds, [['a', 1, `${day}:00`], ['b', 1, `${day}:08`], ['a', 1, `${day}:09`], ['a', 1, `${day}:05`], ['b', 1, `${day}:03`], ['b', 1, `${day}:30`], ['a', 1, `${day}:11`]]);
  // The first of a was closed when the third came: 08 is the watermark then.
  assert.deepEqual(rows, [
    ['a', 1n, '08:00:00', '08:00:05'],
    ['b', 2n, '08:00:03', '08:00:13'],
    ['a', 2n, '08:00:05', '08:00:14'],
    ['b', 1n, '08:00:30', '08:00:35'],
  ]);
  assert.equal(late, 1);
});

test('the older form of a window gives its bounds in SELECT and HAVING', async () => {
  const window = "(at, INTERVAL '10' SECOND)";
  const query = `SELECT UPPER(bike), SUM(km), DATE_FORMAT(TUMBLE_START${window}, 'HH:mm:ss'), DATE_FORMAT(TUMBLE_ROWTIME${window}, 'HH:mm:ss.SSS') FROM trips GROUP BY UPPER(bike), TUMBLE${window} HAVING TUMBLE_END${window} > TIMESTAMP '2024-05-01 08:00:10'`;
  const { rows } = await run(query, 'bike STRING, km INT, f STRING, t STRING', [['a', 1, '2024-05-01 08:00:00'], ['a', 2, '2024-05-01 08:00:14'], ['A', 5, '2024-05-01 08:00:12']]);
  assert.deepEqual(rows, [['A', 7, '08:00:10', '08:00:19.999']]);
});

test('sessions of computed keys in the older form', async () => {
  const query = "SELECT UPPER(bike), COUNT(*), CAST(SESSION_START(at, INTERVAL '2' SECOND) AS STRING), CAST(SESSION_END(at, INTERVAL '2' SECOND) AS STRING) FROM trips GROUP BY SESSION(at, INTERVAL '2' SECOND), UPPER(bike)";
  const { rows } = await run(query, bounds, [['a', 1, '2024-05-01 08:00:00'], ['b', 1, '2024-05-01 08:00:01'], ['A', 1, '2024-05-01 08:00:01']]);
  assert.deepEqual(rows, [
    ['A', 2n, '2024-05-01 08:00:00.000', '2024-05-01 08:00:03.000'],
    ['B', 1n, '2024-05-01 08:00:01.000', '2024-05-01 08:00:03.000'],
  ]);
});

test('a window table without GROUP BY gives each row once for each of its windows', async () => {
  const query = "SELECT bike, km, DATE_FORMAT(window_start, 'ss'), DATE_FORMAT(window_time, 'ss.SSS') FROM TABLE(HOP(TABLE trips, DESCRIPTOR(at), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) WHERE km > 1";
  const { rows } = await run(query, 'bike STRING, km INT, f STRING, t STRING', [['a', 1, '2024-05-01 08:00:11'], ['b', 2, '2024-05-01 08:00:12']]);
  assert.deepEqual(rows, [['b', 2, '05', '14.999'], ['b', 2, '10', '19.999']]);
});

test('a window over the time of another, and a second grouping of the same windows', async () => {
  const short = "SELECT bike, window_start, window_end, window_time AS ended, SUM(km) AS km FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(at), INTERVAL '5' SECOND)) GROUP BY bike, window_start, window_end, window_time";
  const trips: readonly Row[] = [['a', 1, '2024-05-01 08:00:01'], ['b', 3, '2024-05-01 08:00:02'], ['a', 4, '2024-05-01 08:00:06'], ['a', 1, '2024-05-01 08:00:20']];
  const columns = 'f STRING, km INT, n BIGINT';
  // window_start and window_end of the inner window hide those of the outer: the inner query gives them other names.
  const renamed = short.replace('window_start, window_end, window_time AS', 'window_time AS');
  const cascade = await run(`SELECT DATE_FORMAT(window_end, 'ss'), SUM(km), COUNT(*) FROM TABLE(TUMBLE((${renamed}), DESCRIPTOR(ended), INTERVAL '10' SECOND)) GROUP BY window_start, window_end`, columns, trips);
  assert.deepEqual(cascade.rows, [['10', 8, 3n], ['30', 1, 1n]]);
  const again = await run(`SELECT DATE_FORMAT(window_end, 'ss'), MAX(km), COUNT(*) FROM (${short}) GROUP BY window_start, window_end`, columns, trips);
  assert.deepEqual(again.rows, [['05', 3, 2n], ['10', 4, 1n], ['25', 1, 1n]]);
});

test('windows over TIMESTAMP_LTZ are days of the session zone, however long', async () => {
  const query = "SELECT bike, COUNT(*), CAST(window_start AS STRING), CAST(window_time AS STRING) FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(at), INTERVAL '1' DAY)) GROUP BY bike, window_start, window_end, window_time";
  // 31 March 2024 has 23 hours in Berlin: it ends at 22:00 UTC.
  const { rows, late } = await run(query, bounds, [['a', 1, '2024-03-30 22:59:00Z'], ['a', 1, '2024-03-30 23:01:00Z'], ['a', 1, '2024-03-31 21:59:59.999Z'], ['a', 1, '2024-03-31 21:00:00Z']], { type: 'TIMESTAMP_LTZ(3)', zone: 'Europe/Berlin' });
  assert.deepEqual(rows, [['a', 1n, '2024-03-30 00:00:00.000', '2024-03-30 23:59:59.999'], ['a', 2n, '2024-03-31 00:00:00.000', '2024-03-31 23:59:59.999']]);
  assert.equal(late, 1);
});

test('rows that are taken back leave their windows, and a key without rows gives none', async () => {
  const at = (second: number): string => `2024-05-01 08:00:0${second}`;
  const changes: readonly (readonly [kind: number, ...Row])[] = [[0, 'a', 1, at(1)], [0, 'b', 5, at(1)], [0, 'a', 7, at(2)], [1, 'a', 7, at(2)], [2, 'a', 4, at(3)], [3, 'b', 5, at(1)], [0, 'c', 2, at(3)]];
  for (const condition of ['', " WHERE window_end > TIMESTAMP '2000-01-01 00:00:00'"]) {
    const player = makePlayer(new Map([['trips', { splits: [changes.map(([kind, ...values]): PlayRow => ({ kind, phase: 1, values }))] }]]), {});
    await using engine = await Engine.create({ connectors: player.connectors });
    await engine.exec(`${table('TIMESTAMP(3)').replace("'play'", "'play-retract'")}; CREATE TABLE out (bike STRING, n BIGINT, km INT, most INT) WITH ('connector' = 'play')`);
    const job = await engine.submit(`INSERT INTO out SELECT bike, COUNT(*), SUM(km), MAX(km) FROM TABLE(TUMBLE(TABLE trips, DESCRIPTOR(at), INTERVAL '10' SECOND))${condition} GROUP BY bike, window_start, window_end`, { bounded: true });
    await job.finished;
    assert.deepEqual((player.taken.get('out') ?? []).map(({ kind, values }) => [kind, ...values]), [[0, 'a', 2n, 5, 4], [0, 'c', 1n, 2, 2]]);
  }
});

for (const window of ['TUMBLE(TABLE trips, DESCRIPTOR(at), INTERVAL \'5\' SECOND)', 'HOP(TABLE trips, DESCRIPTOR(at), INTERVAL \'5\' SECOND, INTERVAL \'10\' SECOND)', 'SESSION(TABLE trips, DESCRIPTOR(at), INTERVAL \'5\' SECOND)']) {
  test(`a time that is NULL is told by its column and its place: ${window.slice(0, window.indexOf('('))}`, async () => {
    const query = `SELECT bike, COUNT(*) FROM TABLE(${window}) GROUP BY bike, window_start, window_end`;
    const script = `INSERT INTO out ${query}`;
    await assert.rejects(run(query, 'bike STRING, n BIGINT', [['a', 1, '2024-05-01 08:00:00'], ['a', 2, null]]), (error: unknown) => {
      assert.ok(error instanceof SqlError);
      assert.equal(error.code, 'E0702');
      assert.match(error.message, /\bat\b/);
      assert.equal(error.diagnostic.span?.start, script.indexOf('DESCRIPTOR(at)') + 'DESCRIPTOR('.length);
      assert.match(error.diagnostic.hint ?? '', /`at` IS NOT NULL/);
      return true;
    });
  });
}
