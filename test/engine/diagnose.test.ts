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
