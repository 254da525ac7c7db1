import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { makePlayer, type PlayOptions, type PlayRow } from '../conformance/play.ts';
import { engineWith, failure } from './tables.ts';

type Row = readonly [bike: string, km: number, second: number];

const ddl = "CREATE TEMPORARY TABLE trips (bike STRING, km INT, at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '3' SECOND) WITH ('connector' = 'play'); CREATE TEMPORARY TABLE out (bike STRING, km INT) WITH ('connector' = 'play')";
const query = 'INSERT INTO out SELECT bike, km FROM trips ORDER BY at, km DESC';

async function run(rows: readonly Row[], options: PlayOptions = {}, { stateDir, stopAt }: { readonly stateDir?: string; readonly stopAt?: number } = {}): Promise<{ readonly out: string; readonly late: number }> {
  const played = rows.map(([bike, km, second]): PlayRow => ({ kind: 0, phase: 1, values: [bike, km, `2024-05-01 08:00:${String(second).padStart(2, '0')}`] }));
  let reads = 0;
  let stop = (): void => undefined;
  const player = makePlayer(new Map([['trips', { splits: [played] }]]), { ...options, onRead: () => { if (++reads === stopAt) stop(); } });
  await using engine = await Engine.create({ connectors: player.connectors, stateDir });
  await engine.exec(ddl);
  const job = await engine.submit(query, { bounded: true, name: 'sorted' });
  stop = () => void job.stop();
  await job.finished;
  return { out: (player.taken.get('out') ?? []).map(({ values }) => values.join('')).join(' '), late: Number(job.stats().late) };
}

// The 5 comes when the watermark has passed 4 and 5 was given; the 6 when it has passed 7, but nothing behind 5 was there to give.
const rows: readonly Row[] = [['a', 1, 4], ['b', 2, 1], ['c', 3, 5], ['d', 4, 5], ['e', 5, 10], ['f', 6, 5], ['g', 7, 6], ['h', 8, 3], ['i', 9, 20], ['j', 1, 15]];

test('ORDER BY the time attribute gives rows as it goes on, ties by the other keys; behind what was given a row is late', async () => {
  const whole = await run(rows);
  assert.deepEqual(whole, { out: 'b2 a1 d4 c3 g7 e5 j1 i9', late: 2 });
  for (const size of [1, 2, 3, 7]) assert.deepEqual(await run(rows, { cut: () => size }), whole, `in batches of ${size}`);
});

test('what waits for its time, and what was given, is kept over a restart', async (t) => {
  for (let stopAt = 1; stopAt < rows.length; stopAt++) {
    const stateDir = temporaryFolder(t);
    const before = await run(rows, { cut: () => 1 }, { stateDir, stopAt });
    const after = await run(rows, { cut: () => 1 }, { stateDir });
    assert.deepEqual([[before.out, after.out].join(' ').trim(), before.late + after.late], ['b2 a1 d4 c3 g7 e5 j1 i9', 2], `stopped behind row ${stopAt}`);
  }
});

test('keys are names, numbers or expressions, of what is selected or not', async () => {
  await using engine = await engineWith([{ k: 'b', v: 2, d: 0.5, at: 1 }, { k: 'a', v: 3, d: null, at: 2 }, { k: 'c', v: 1, d: 4, at: 3 }]);
  const keys = async (sql: string): Promise<string> => (await engine.collect(sql)).rows.map((row) => String(Object.values(row)[0])).join('');
  for (const [order, expected] of [['k', 'abc'], ['1 DESC', 'cba'], ['v', 'cba'], ['-v', 'abc'], ['d', 'abc'], ['d DESC', 'cba'], ['d NULLS LAST', 'bca'], ['x', 'abc']] as const) assert.equal(await keys(`SELECT k AS x FROM t ORDER BY ${order}`), expected, order);
  assert.equal(await keys('SELECT k, COUNT(*) FROM t GROUP BY k ORDER BY MAX(v) DESC'), 'abc');
  assert.equal(await keys('SELECT k FROM t WHERE v > 1 UNION ALL SELECT k FROM t WHERE v = 1 ORDER BY k DESC'), 'cba');
  assert.equal(await keys('SELECT k FROM (SELECT k FROM t ORDER BY no_order_in_here LIMIT 1) ORDER BY k').catch((error: unknown) => (failure('E0102')(error) ? 'E0102' : '?')), 'E0102');
  for (const [order, expected] of [['v LIMIT 2', 'cb'], ['v DESC LIMIT 2 OFFSET 1', 'bc'], ['k DESC OFFSET 1', 'ba'], ['k FETCH FIRST 5 ROWS ONLY', 'abc']] as const) assert.equal(await keys(`SELECT k FROM t ORDER BY ${order}`), expected, order);
  assert.equal(await keys('SELECT k, MAX(v) FROM t GROUP BY k ORDER BY 2 DESC LIMIT 2'), 'ab');
  assert.equal(await keys('SELECT k FROM t ORDER BY 2').catch((error: unknown) => (failure('E0208')(error) ? 'E0208' : '?')), 'E0208');
});

test('an ORDER BY that has to see all rows first is refused where they do not end, and says what to write', async () => {
  await using engine = await engineWith([]);
  await engine.exec("CREATE TABLE out (k STRING) WITH ('connector' = 'blackhole')");
  await assert.rejects(engine.submit('INSERT INTO out SELECT k FROM t ORDER BY v, k DESC'), failure('E0203', /ORDER BY v, k DESC has to see all rows first, and those of t do not end/, 42));
  await (await engine.submit('INSERT INTO out SELECT k FROM t ORDER BY ts, k')).stop();
});
