import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../../conformance/play.ts';
import { finalRows } from '../../conformance/run-case.ts';

const upsert = (id: number, n: number, at: string): PlayRow => ({ kind: 2, phase: 1, values: [id, n, `2024-05-01 ${at}`] });

async function run(rows: readonly PlayRow[], out: string, query: string): Promise<readonly (readonly unknown[])[]> {
  const player = makePlayer(new Map([['moves', { splits: [rows] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`CREATE TABLE moves (id INT, n INT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '1' DAY, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'play-upsert'); CREATE TABLE out (${out}) WITH ('connector' = 'play')`);
  const job = await engine.submit(`INSERT INTO out ${query}`, { bounded: true });
  await job.finished;
  return finalRows(player.taken.get('out') ?? [], [0, 1]);
}

test('a row that is updated leaves the windows in which it no longer lies, and one that is deleted all of them', async () => {
  const rows = [upsert(1, 5, '08:00:01'), upsert(2, 6, '08:00:02'), upsert(1, 7, '08:00:12'), upsert(3, 8, '08:00:03'), { kind: 3, phase: 1, values: [2, null, null] }];
  const query = "SELECT id, DATE_FORMAT(window_end, 'HH:mm:ss'), n FROM TABLE(TUMBLE(TABLE moves, DESCRIPTOR(at), INTERVAL '10' SECOND))";
  assert.deepEqual(await run(rows, 'id INT, e STRING, n INT, PRIMARY KEY (id, e) NOT ENFORCED', query), [[1, '08:00:20', 7], [3, '08:00:10', 8]]);
});

test('the same where the window itself is in the key of the table', async () => {
  const rows = [upsert(1, 5, '08:00:01'), upsert(1, 7, '08:00:12')];
  const query = "SELECT id, window_end, n FROM TABLE(TUMBLE(TABLE moves, DESCRIPTOR(at), INTERVAL '10' SECOND))";
  assert.deepEqual(await run(rows, 'id INT, e TIMESTAMP(3), n INT, PRIMARY KEY (id, e) NOT ENFORCED', query), [[1, '2024-05-01 08:00:20.000', 7]]);
});

test('a group by one end of a window is a group like any other, and changes as long as rows come', async () => {
  const rows = [upsert(1, 5, '08:00:01'), upsert(2, 6, '08:00:02'), upsert(1, 7, '08:00:12')];
  const query = "SELECT DATE_FORMAT(window_start, 'HH:mm:ss'), 0, COUNT(*) FROM TABLE(TUMBLE(TABLE moves, DESCRIPTOR(at), INTERVAL '10' SECOND)) GROUP BY window_start";
  assert.deepEqual(await run(rows, 's STRING, z INT, n BIGINT', query), [['08:00:00', 0, 1n], ['08:00:10', 0, 1n]]);
});

/** Over rows that only come; each change with its kind, as text. */
async function changesOf(query: string): Promise<readonly string[]> {
  const rows = ['08:00:01', '08:00:02', '08:00:07', '08:00:12', '08:00:13', '08:00:25'].map((at, i): PlayRow => ({ kind: 0, phase: 1, values: [i, i % 2, `2024-05-01 ${at}`] }));
  const player = makePlayer(new Map([['visits', { splits: [rows] }]]), { cut: () => 2 });
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE visits (id INT, n INT, at TIMESTAMP(3), WATERMARK FOR at AS at) WITH ('connector' = 'play'); CREATE TABLE out (e STRING, n BIGINT) WITH ('connector' = 'play')");
  const job = await engine.submit(`INSERT INTO out ${query}`, { bounded: true });
  await job.finished;
  return (player.taken.get('out') ?? []).map(({ kind, values }) => `${kind} ${values.join(' ')}`).toSorted();
}

const windowed = (slide: number): string => `TABLE(HOP(TABLE visits, DESCRIPTOR(at), INTERVAL '${slide}' SECOND, INTERVAL '10' SECOND))`;
const grouped = (from: string): string => `SELECT DATE_FORMAT(window_end, 'HH:mm:ss'), COUNT(*) FROM ${from} GROUP BY window_start, window_end`;

test('a union of the same windows is grouped by them when they close, one of different windows as any other relation', async () => {
  const union = (slide: number): string => grouped(`(SELECT window_start, window_end, n FROM ${windowed(10)} UNION ALL SELECT window_start, window_end, id FROM ${windowed(slide)} WHERE n = 0)`);
  assert.deepEqual(await changesOf(union(10)), ['0 08:00:10 5', '0 08:00:20 3', '0 08:00:30 1']);
  assert.ok((await changesOf(union(5))).some((change) => change.startsWith('2 ')));
});

test('elements of rows of a window are grouped by it when it closes', async () => {
  assert.deepEqual(await changesOf(grouped(`${windowed(10)} CROSS JOIN UNNEST(ARRAY[1, 2]) AS u (x)`)), ['0 08:00:10 6', '0 08:00:20 4', '0 08:00:30 2']);
});
