import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';

const row = (n: number, second: string): PlayRow => ({ kind: 0, phase: 1, values: [n, `2024-05-01 08:00:${second}`] });
const rows = [row(1, '03'), row(2, '02'), row(3, '09'), row(4, '05'), row(5, '06'), row(6, '07'), row(7, '20')];

async function run(query: string, cut = 2, type = 'TIMESTAMP(3)', zone = 'UTC'): Promise<readonly string[]> {
  const values = type === 'TIMESTAMP(3)' ? rows : rows.map((one) => ({ ...one, values: [one.values[0] ?? null, `${String(one.values[1])}Z`] }));
  const player = makePlayer(new Map([['t', { splits: [values] }]]), { cut: () => cut, poison: true });
  await using engine = await Engine.create({ connectors: player.connectors, settings: { 'table.local-time-zone': zone } });
  await engine.exec(`CREATE TABLE t (n INT, at ${type}, WATERMARK FOR at AS at - INTERVAL '2' SECOND) WITH ('connector' = 'play')`);
  const { rows: found } = await engine.collect(query);
  return found.map((one) => Object.values(one).map((value) => String(value)).join(' '));
}

test('CURRENT_WATERMARK is the watermark that a row met, however the input is cut', async () => {
  for (const cut of [1, 3, 7]) assert.deepEqual(await run("SELECT n, DATE_FORMAT(CURRENT_WATERMARK(at), 'ss') FROM t", cut), ['1 null', '2 01', '3 01', '4 07', '5 07', '6 07', '7 07']);
});

test('rows that are late, and those that are not, told apart by WHERE', async () => {
  for (const cut of [1, 7]) {
    assert.deepEqual(await run('SELECT n FROM t WHERE at <= CURRENT_WATERMARK(at)', cut), ['4', '5', '6']);
    assert.deepEqual(await run('SELECT n FROM t WHERE CURRENT_WATERMARK(at) IS NULL OR at > CURRENT_WATERMARK(at)', cut), ['1', '2', '3', '7']);
  }
});

test('it has the type of its time column, and stands below windows and in keys', async () => {
  assert.deepEqual(await run('SELECT CAST(CURRENT_WATERMARK(at) AS STRING) FROM t WHERE n = 7', 2, 'TIMESTAMP_LTZ(3)', 'Asia/Tokyo'), ['2024-05-01 17:00:07.000']);
  const open = '(SELECT n, at FROM t WHERE CURRENT_WATERMARK(at) IS NULL OR at > CURRENT_WATERMARK(at))';
  assert.deepEqual(await run(`SELECT DATE_FORMAT(window_end, 'ss'), SUM(n) FROM TABLE(TUMBLE(${open}, DESCRIPTOR(at), INTERVAL '10' SECOND)) GROUP BY window_start, window_end`), ['10 6', '30 7']);
  assert.deepEqual((await run("SELECT COALESCE(DATE_FORMAT(CURRENT_WATERMARK(at), 'ss'), '-'), COUNT(*) FROM t GROUP BY CURRENT_WATERMARK(at)")).toSorted(), ['- 1', '01 2', '07 4']);
});

test('above a union whose inputs read one table it is the same however the input is cut', async () => {
  const query = "SELECT n, DATE_FORMAT(CURRENT_WATERMARK(at), 'ss') FROM (SELECT n, at FROM t UNION ALL SELECT n * x, at FROM t CROSS JOIN UNNEST(ARRAY[10]) AS v(x)) CROSS JOIN UNNEST(ARRAY[0]) AS w(y)";
  const rowByRow = ['1 null', '10 null', '2 01', '20 01', '3 01', '30 01', '4 07', '40 07', '5 07', '50 07', '6 07', '60 07', '7 07', '70 07'];
  for (const cut of [1, 2, 7]) assert.deepEqual((await run(query, cut)).toSorted(), rowByRow.toSorted());
});

test('it needs an event time, and rows that pass one by one', async () => {
  const refused = (query: string, code: string): Promise<void> => assert.rejects(run(query), (error) => error instanceof SqlError && error.code === code && error.message.includes('CURRENT_WATERMARK'));
  await refused("SELECT CURRENT_WATERMARK(CAST(at AS TIMESTAMP(3)) + INTERVAL '1' SECOND) FROM t", 'E0201');
  await refused('SELECT MAX(CURRENT_WATERMARK(at)) FROM t', 'E0002');
  await refused('SELECT a.n FROM t AS a JOIN t AS b ON a.n = b.n AND CURRENT_WATERMARK(a.at) IS NULL', 'E0002');
  await refused("SELECT CURRENT_WATERMARK(ended) FROM (SELECT window_time AS ended, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(at), INTERVAL '5' SECOND)) GROUP BY window_start, window_end, window_time)", 'E0002');
});
