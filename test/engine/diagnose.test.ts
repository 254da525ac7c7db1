import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Engine, Finding, Job } from '../../index.ts';
import { engineWith } from './tables.ts';
import { produce } from './topics.ts';

const sink = "CREATE TABLE o (k STRING, n BIGINT) WITH ('connector' = 'kafka', 'topic' = 'o', 'format' = 'json')";

/** The findings of an INSERT into a table `o`, once the job has read `reads` rows and taken a checkpoint. */
async function findings(engine: Engine, query: string, reads: bigint): Promise<readonly Finding[]> {
  await engine.exec(sink);
  const job: Job = await engine.submit(`INSERT INTO o ${query}`);
  await job.checkpoint();
  while (job.stats().rowsRead < reads) await new Promise<void>((resolve) => setImmediate(resolve));
  const found = await job.diagnose();
  await job.stop();
  return found;
}

const windowed = "SELECT k, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end";
const causes = (found: readonly Finding[]): readonly (string | undefined)[] => found.flatMap(({ cause }) => (cause === undefined ? [] : [cause]));

test('a topic without rows', async () => {
  await using engine = await engineWith([]);
  const found = await findings(engine, 'SELECT k, v FROM t', 0n);
  assert.deepEqual([found[0]?.stage, found[0]?.rowsIn], ['source', 0n]);
  assert.match(found[0]?.cause ?? '', /no row has come since the start: its one split stands at its end/);
  assert.match(found[0]?.fix ?? '', /earliest-offset/);
});

test('a condition that no row meets', async () => {
  await using engine = await engineWith([{ k: 'a', v: 1 }, { k: 'b', v: 2 }]);
  const found = await findings(engine, 'SELECT k, v FROM t WHERE v > 5', 2n);
  assert.deepEqual(causes(found), ['none of 2 rows meets the condition']);
  assert.deepEqual(found.map(({ rowsIn, rowsOut }) => [rowsIn, rowsOut]), [[2n, 2n], [2n, 0n], [0n, 0n]]);
});

test('records that do not fit the table', async () => {
  await using engine = await engineWith([]);
  await produce(await engine.brokerLink(), 't', ['no JSON', '[]', { k: 'a', v: 'many' }]);
  await engine.exec("CREATE TABLE b WITH ('error-handling.mode' = 'ignore') LIKE t");
  const found = async (): Promise<readonly Finding[]> => {
    const job = await engine.submit(`INSERT INTO o SELECT k, v FROM b`, { name: 'bad' });
    while (job.stats().bad < 3n) await new Promise<void>((resolve) => setImmediate(resolve));
    const all = await job.diagnose();
    await job.stop();
    return all;
  };
  await engine.exec(sink);
  assert.deepEqual(causes(await found()), ['none of 3 records fits the table']);
  await produce(await engine.brokerLink(), 't', [{ k: 'a', v: 1 }]);
  const [source] = await found();
  assert.match(`${source?.cause} ${source?.fix}`, /^(?:none of 3 records fits|3 records did not fit) the table .*N0701/);
});

test('a window that is still open', async () => {
  await using engine = await engineWith([{ k: 'a', at: 1000 }, { k: 'a', at: 4000 }]);
  const found = await findings(engine, windowed, 2n);
  assert.deepEqual(causes(found), ['no window has closed: the watermark stands at 1970-01-01 00:00:04.000, and event time only moves when rows arrive']);
});

test('a partition that holds event time back', async () => {
  await using engine = await engineWith([]);
  const link = await engine.brokerLink();
  await link.createTopic('two', 2);
  await produce(link, 'two', [{ k: 'a', at: 1000 }, { k: 'a', at: 90_000 }], 1);
  await engine.exec("CREATE TABLE two (k STRING, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'two', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset'); SET 'table.exec.source.idle-timeout' = '0 s'");
  const found = await findings(engine, windowed.replace('TABLE t,', 'TABLE two,'), 2n);
  assert.match(causes(found).join(), /event time waits for a row of every split, and split .*0 has given none/);
});

test('rows that all come after their window was closed', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-diagnose-'));
  try {
    await using engine = await engineWith([{ k: 'a', at: 30_000 }, { k: 'a', at: 45_000 }], { stateDir });
    const insert = `INSERT INTO o ${windowed}`;
    const link = await engine.brokerLink();
    await engine.exec(sink);
    await (await engine.submit(insert, { bounded: true })).finished;
    await produce(link, 't', [{ k: 'a', at: 31_500 }]);
    await engine.exec('DROP TABLE o');
    assert.match(causes(await findings(engine, windowed, 1n)).join(), /all 1 rows came after their windows were closed, by up to/);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
});

test('a job that gives rows has no cause', async () => {
  await using engine = await engineWith([{ k: 'a', v: 1, at: 0 }, { k: 'a', v: 1, at: 20_000 }]);
  const found = await findings(engine, windowed, 2n);
  assert.deepEqual(causes(found), []);
  assert.deepEqual(found.at(-1), { stage: found.at(-1)?.stage, rowsIn: 1n, rowsOut: 1n });
});

test('late rows are counted, and the first are shown with what they belong to and where the watermark stood', async () => {
  const told: string[] = [];
  await using engine = await engineWith([{ k: 'a', v: 1, at: 5000 }, { k: 'a', v: 2, at: 21_000 }, { k: 'b', v: 3, at: 8000 }, { k: 'c', v: 4, at: 9500 }], { onNotice: ({ code, message }) => void (code === 'W0201' && told.push(message)) });
  const query = "SELECT k, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end";
  await engine.exec("CREATE TABLE out (k STRING, n BIGINT) WITH ('connector' = 'blackhole')");
  const job = await engine.submit(`INSERT INTO out ${query}`, { bounded: true });
  const { late } = await job.finished;
  const message = "2 late rows dropped by TUMBLE on t (50%), up to 11.001 s behind the watermark. The first: k 'b', ts '1970-01-01 00:00:08.000'; what it belongs to ended at 1970-01-01 00:00:10.000, and the watermark stood at 1970-01-01 00:00:21.000";
  const fix = 'a watermark that is 12 s further back would have kept all';
  const finding = (await job.diagnose()).find(({ stage }) => stage.startsWith('WindowAggregate'));
  assert.deepEqual([late, finding?.cause, finding?.fix, told], [2n, message, fix, [`${message}; ${fix}`]]);
});
