import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';

const kinds = { '+I': 0, '-U': 1, '+U': 2, '-D': 3 } as const;
const row = (op: keyof typeof kinds, bike: string, km: number | null, second: string): PlayRow => ({ kind: kinds[op], phase: 1, values: [bike, km, `2024-05-01 08:00:${second}`] });

/** `stopAfter`: stops behind as many rows, and goes on from the checkpoint. Each row as text, in order of the texts. */
async function run(query: string, rows: readonly PlayRow[], { connector = 'play-retract', key = '', stateDir = '', stopAfter = Infinity } = {}): Promise<readonly string[]> {
  const found: string[] = [];
  for (const isSecond of stopAfter === Infinity ? [true] : [false, true]) {
    let stop = (): void => undefined;
    let reads = 0;
    const player = makePlayer(new Map([['trips', { splits: [rows] }]]), { cut: () => 1, poison: true, onRead: () => { if (!isSecond && ++reads === stopAfter) stop(); } });
    await using engine = await Engine.create({ connectors: player.connectors, ...(stateDir !== '' && { stateDir }) });
    await engine.exec(`CREATE TEMPORARY TABLE trips (bike STRING, km INT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '1' SECOND${key}) WITH ('connector' = '${connector}'); CREATE TEMPORARY TABLE out (bike STRING, f STRING, t STRING, n BIGINT, km INT, most INT, least INT, different BIGINT) WITH ('connector' = 'play')`);
    const job = await engine.submit(`INSERT INTO out ${query}`, { bounded: true, name: 'q' });
    stop = () => void job.stop();
    await job.finished;
    found.push(...(player.taken.get('out') ?? []).map(({ kind, values }) => [kind, ...values].join(' ')));
  }
  return found.toSorted();
}

const times = "DATE_FORMAT(window_start, 'ss'), DATE_FORMAT(window_end, 'ss')";
const calls = 'COUNT(*), SUM(km), MAX(km), MIN(km), COUNT(DISTINCT km)';
const query = `SELECT bike, ${times}, ${calls} FROM TABLE(SESSION(TABLE trips PARTITION BY bike, DESCRIPTOR(at), INTERVAL '5' SECOND)) GROUP BY bike, window_start, window_end`;

const changing: readonly PlayRow[] = [
  row('+I', 'a', 4, '01'),
  row('+I', 'a', 9, '02'),
  row('-U', 'a', 9, '02'),
  row('+U', 'a', 7, '03'),
  // Its time is not that of the row that it takes back: the session reaches to 11.
  row('-D', 'a', 4, '06'),
  row('+I', 'b', 1, '08'),
  row('-D', 'b', 1, '08'),
  row('+I', 'a', 5, '10'),
  // Closes the session of b.
  row('+I', 'c', 2, '14'),
  row('+I', 'c', 2, '15'),
  // Late: the session of b is closed, and gave nothing.
  row('+I', 'b', 3, '07'),
  // Closes the first session of a.
  row('+I', 'a', 8, '30'),
  // Late, so that what was given out stays.
  row('-D', 'a', 5, '10'),
  row('-D', 'c', 2, '32'),
];
const expected = ['0 a 01 15 2 12 7 5 2', '0 a 30 35 1 8 8 8 1', '0 c 14 20 2 4 2 2 1'];

test('rows that are withdrawn leave their session, which stays as long as it was; one without rows gives none', async () => {
  assert.deepEqual(await run(query, changing), expected);
});

test('the older form gives the same', async () => {
  const window = "(at, INTERVAL '5' SECOND)";
  assert.deepEqual(await run(`SELECT bike, DATE_FORMAT(SESSION_START${window}, 'ss'), DATE_FORMAT(SESSION_END${window}, 'ss'), ${calls} FROM trips GROUP BY SESSION${window}, bike`, changing), expected);
});

test('a stop changes nothing: what was withdrawn still holds its session open', async (t) => {
  for (const stopAfter of [3, 5, 7]) assert.deepEqual(await run(query, changing, { stateDir: temporaryFolder(t), stopAfter }), expected, `behind row ${stopAfter}`);
});

test('an upsert moves its row from one session to another', async () => {
  const rows = [row('+U', 'a', 1, '01'), row('+U', 'b', 2, '02'), row('+U', 'a', 3, '12'), row('-D', 'b', 2, '02')];
  const all = `SELECT 'all', ${times}, ${calls} FROM TABLE(SESSION(TABLE trips, DESCRIPTOR(at), INTERVAL '20' SECOND)) GROUP BY window_start, window_end`;
  assert.deepEqual(await run(all, rows, { connector: 'play-upsert', key: ', PRIMARY KEY (bike) NOT ENFORCED' }), ['0 all 01 32 1 3 3 3 1']);
  assert.deepEqual(await run(query, rows, { connector: 'play-upsert', key: ', PRIMARY KEY (bike) NOT ENFORCED' }), ['0 a 12 17 1 3 3 3 1', '0 b 02 07 1 2 2 2 1']);
});

test('without GROUP BY the rows come when the session is closed, and what was withdrawn before goes again', async () => {
  const early = changing.slice(0, 5);
  const player = makePlayer(new Map([['trips', { splits: [early] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE trips (bike STRING, km INT, at TIMESTAMP(3), WATERMARK FOR at AS at) WITH ('connector' = 'play-retract')");
  const { rows } = await engine.collect(`SELECT bike, km FROM TABLE(SESSION(TABLE trips PARTITION BY bike, DESCRIPTOR(at), INTERVAL '9' SECOND))`);
  assert.deepEqual(rows, [{ bike: 'a', km: 7 }]);
});
