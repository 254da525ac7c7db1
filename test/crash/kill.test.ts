import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { EmbeddedBroker } from '../../broker/embedded-broker.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { readTopic, type TopicRecord } from '../broker/topic-reader.ts';
import { SyncedFiles } from './cut-files.ts';
import { inputPartitions, workloads, type Workload } from './workload.ts';

const kills = Number(process.env['SLUICE_KILLS'] ?? 5);
const seed = seedFromEnvironment();
/** Records of each input partition: more than the runs get to feed before the last kill. */
const records = 2000 + kills * 2000;

interface Report {
  readonly event: 'started' | 'progress' | 'finished' | 'failed';
  readonly job?: string;
  readonly error?: string;
  readonly restoredFrom?: number;
  readonly stored?: { readonly checkpoint: number; readonly offsets: Record<string, number> };
  readonly ends?: readonly number[];
  readonly seen?: Record<string, number>;
  readonly checkpoints?: Record<string, number>;
  readonly rowsRead?: number & Record<string, number>;
}

/** Runs the child; `onReport` may arrange for its death. Resolves with its reports when it is gone. */
function runChild(dir: string, mode: 'live' | 'finish', syncLog: string, onReport: (report: Report, kill: () => void) => void): Promise<{ readonly reports: readonly Report[]; readonly signal: string | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'child.ts'), dir, String(records), mode], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SLUICE_SYNC_LOG: syncLog },
    });
    const reports: Report[] = [];
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    createInterface({ input: child.stdout }).on('line', (line) => {
      // Death may cut the last line.
      if (!line.endsWith('}')) return;
      const report = JSON.parse(line) as Report;
      reports.push(report);
      onReport(report, () => void child.kill('SIGKILL'));
    });
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL' || code === 0) resolve({ reports, signal });
      else reject(new Error(`the child ended with ${code ?? signal}: ${errors}`));
    });
  });
}

/** Kills when the child has recorded so many more fsyncs. */
function killAfterSyncs(syncLog: string, count: number, kill: () => void): void {
  let left = count;
  const watcher = watch(syncLog, () => {
    if (--left > 0) return;
    watcher.close();
    kill();
  });
}

async function readOutputs(dir: string): Promise<ReadonlyMap<string, readonly TopicRecord[]>> {
  const broker = new EmbeddedBroker({ dir: join(dir, 'broker') });
  try {
    return new Map(await Promise.all(workloads.map(async ({ topic }) => [topic, await readTopic(broker, topic)] as const)));
  } finally {
    await broker.close();
  }
}

function assertSame({ check, topic }: Workload, actual: readonly TopicRecord[], expected: readonly TopicRecord[]): void {
  const values = (all: readonly TopicRecord[]): (string | null)[] => all.map((record) => record.value).toSorted();
  const latest = (all: readonly TopicRecord[]): object => Object.fromEntries(all.map(({ key, value }) => [key, value] as const));
  assert.ok(expected.length > 0, `${topic}: the undisturbed run gave nothing`);
  switch (check) {
    case 'once':
      assert.deepEqual(values(actual), values(expected), `${topic}: the same records as undisturbed`);
      break;
    case 'latest':
      assert.deepEqual(latest(actual), latest(expected), `${topic}: the same last value of each key`);
      break;
    case 'nothing lost':
      assert.deepEqual([...new Set(values(actual))], [...new Set(values(expected))], `${topic}: nothing lost`);
      break;
  }
}

test(`${kills} kills change nothing that exactly-once promises`, { timeout: 60_000 + kills * 10_000 }, async (t) => {
  t.diagnostic(`SLUICE_SEED=${seed} SLUICE_KILLS=${kills}`);
  const random = new Random(seed);
  const root = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const dir = join(root, 'killed');
  const calm = join(root, 'calm');
  await runChild(calm, 'finish', join(root, 'calm.sync'), () => undefined);

  const synced = new SyncedFiles();
  const known = { ends: [0, 0] as readonly number[], checkpoints: {} as Record<string, number>, seen: 0 };
  const figures = { restarts: 0, restored: 0, duringStart: 0, cutFiles: 0, cutBytes: 0, reread: 0 };

  /** What must hold of one run, whatever became of it. */
  const checkRun = (reports: readonly Report[], isLast: boolean): void => {
    assert.deepEqual(reports.filter((report) => report.event === 'failed'), []);
    const progress = reports.filter((report) => report.event === 'progress');
    for (const { job = '', stored, restoredFrom } of reports.filter((report) => report.event === 'started')) {
      assert.equal(restoredFrom, stored?.checkpoint, `${job} goes on from the stored checkpoint`);
      assert.ok((stored?.checkpoint ?? 0) >= (known.checkpoints[job] ?? 0), `${job}: checkpoint ${known.checkpoints[job]} was reported as stored, ${stored?.checkpoint} is there`);
      const from = Object.values(stored?.offsets ?? {}).reduce((sum, offset) => sum + offset, 0);
      const last = progress.at(-1);
      const rowsRead = isLast ? Number(reports.find((report) => report.event === 'finished' && report.job === job)?.rowsRead) : (last?.rowsRead?.[job] ?? 0);
      const end = isLast ? records * inputPartitions : (last?.ends ?? []).reduce((sum, offset) => sum + offset, 0);
      if (isLast) assert.equal(rowsRead, end - from, `${job} reads what its checkpoint asks`);
      else if (last !== undefined) assert.ok(rowsRead <= end - from, `${job} read ${rowsRead} rows, its checkpoint asks for ${end - from}`);
      figures.reread += job === 'windows' ? Math.max(0, known.ends.reduce((sum, offset) => sum + offset, 0) - from) : 0;
    }
    for (const [partition, end] of (progress[0]?.ends ?? []).entries()) assert.ok(end >= (known.ends[partition] ?? 0), 'input that was acknowledged is still there');
    const last = progress.at(-1);
    known.ends = last?.ends ?? known.ends;
    known.checkpoints = { ...known.checkpoints, ...last?.checkpoints };
    known.seen = Math.max(known.seen, last?.seen?.['windows'] ?? 0);
  };

  let seenBeforeLastKill = 0;
  for (let run = 1; run <= kills; run++) {
    const syncLog = join(root, `${run}.sync`);
    // One in four dies while it starts, the first never: there would be nothing to go on from.
    const duringStart = run > 1 && random.chance(0.25);
    const delay = random.int(0, duringStart ? 60 : 700);
    // Every other one dies right behind an fsync, where the steps of commits are under way.
    const afterSyncs = !duringStart && random.chance(0.5) ? random.int(1, 30) : 0;
    let armed = false;
    const { reports, signal } = await runChild(dir, 'live', syncLog, (report, kill) => {
      const isDue = duringStart ? report.event === 'started' : workloads.every(({ job }) => report.checkpoints?.[job] !== undefined) && (run > 1 || (report.seen?.['windows'] ?? 0) > 0);
      if (armed || !isDue) return;
      armed = true;
      if (afterSyncs === 0) setTimeout(kill, delay);
      else killAfterSyncs(syncLog, afterSyncs, kill);
    });
    assert.equal(signal, 'SIGKILL');
    checkRun(reports, false);
    seenBeforeLastKill = known.seen;
    if (run > 1) {
      figures.restarts++;
      if (reports.some((report) => report.restoredFrom !== undefined)) figures.restored++;
      if (duringStart) figures.duringStart++;
    }
    synced.add(syncLog);
    const { files, bytes } = synced.cut(random);
    figures.cutFiles += files;
    figures.cutBytes += bytes;
  }
  const fed = known.ends.reduce((sum, end) => sum + end, 0);
  const { reports } = await runChild(dir, 'finish', join(root, 'last.sync'), () => undefined);
  figures.restarts++;
  if (reports.filter((report) => report.restoredFrom !== undefined).length === workloads.length) figures.restored++;
  checkRun(reports, true);
  t.diagnostic(`restarts ${figures.restarts}, from a stored checkpoint ${figures.restored}, killed while starting ${figures.duringStart}, cut ${figures.cutBytes} bytes of ${figures.cutFiles} files`);
  t.diagnostic(`fed ${fed} of ${records * inputPartitions} records before the last kill, read again by the windows ${figures.reread}`);
  assert.ok(figures.restored >= figures.restarts * 0.8, 'four of five restarts go on from a stored checkpoint');
  assert.ok(seenBeforeLastKill > 0, 'readers saw windows before the last kill');
  assert.ok(fed < records * inputPartitions, 'the last kill came before the end of the input');

  const [actual, expected] = [await readOutputs(dir), await readOutputs(calm)];
  for (const workload of workloads) {
    const got = actual.get(workload.topic) ?? [];
    t.diagnostic(`${workload.topic}: ${got.length} records, undisturbed ${expected.get(workload.topic)?.length}`);
    assertSame(workload, got, expected.get(workload.topic) ?? []);
  }
});
