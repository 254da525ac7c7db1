import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { EmbeddedBroker } from '../../broker/embedded-broker.ts';
import { readTopic } from '../broker/topic-reader.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { SyncedFiles } from './cut-files.ts';
import { shapesOf, type Output } from './shapes.ts';

/** In npm test a few jobs, other ones for each seed, and two kills; with SLUICE_KILLS all of them, in groups that share the kills. */
const given = process.env['SLUICE_KILLS'];
const kills = given === undefined ? 2 : Math.max(2, Math.round(Number(given) / 4));
const jobsAtOnce = given === undefined ? 4 : 10;
const seed = seedFromEnvironment();
const records = 500 + kills * 350;

interface Report {
  readonly event: 'started' | 'progress' | 'finished' | 'failed';
  readonly restoredFrom?: number;
  readonly fed?: number;
  readonly stored?: number;
  readonly late?: number;
}

function runChild(dir: string, mode: 'live' | 'finish', jobs: readonly string[], syncLog: string, onReport: (report: Report, kill: () => void) => void): Promise<readonly Report[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'shapes-child.ts'), dir, String(records), mode, jobs.join()], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, SLUICE_SYNC_LOG: syncLog } });
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
      if (signal === 'SIGKILL' || code === 0) resolve(reports);
      else reject(new Error(`the child ended with ${code ?? signal}: ${errors}`));
    });
  });
}

/** The lines of the visible files of a folder, each behind the folders of its partition. */
function linesOf(dir: string, partition = ''): readonly string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return linesOf(join(dir, entry.name), `${partition}${entry.name}/`);
    if (entry.name.startsWith('.')) return [];
    return readFileSync(join(dir, entry.name), 'utf8').split('\n').filter((line) => line !== '').map((line) => partition + line);
  });
}

/** What a job wrote, as far as it must be what it writes undisturbed. */
async function outcomeOf({ name, isFolder, comparison }: Output, dir: string, broker: EmbeddedBroker): Promise<readonly string[]> {
  if (isFolder) return linesOf(join(dir, name)).toSorted();
  const found = await readTopic(broker, name);
  const values = found.map(({ value }) => value ?? '');
  switch (comparison) {
    case 'in order':
      return values;
    case 'once':
      return values.toSorted();
    case 'nothing lost':
      return [...new Set(values)].toSorted();
    case 'latest': {
      const latest = new Map(found.map(({ key, value }) => [key, value]));
      return [...latest].filter(([, value]) => value !== null).map((entry) => entry.join(' ')).toSorted();
    }
    case 'sums': {
      const sums = new Map<string, number>();
      for (const { g, n } of values.map((value) => JSON.parse(value) as { readonly g: string; readonly n: number })) sums.set(g, (sums.get(g) ?? 0) + n);
      return [...sums].map((entry) => entry.join(' ')).toSorted();
    }
  }
}

function groupsOf(random: Random): readonly (readonly string[])[] {
  const left = shapesOf('').map(({ job }) => job);
  const groups: string[][] = [];
  while (left.length > 0) groups.push(Array.from({ length: Math.min(jobsAtOnce, left.length) }, () => left.splice(random.int(0, left.length - 1), 1)[0] ?? ''));
  return given === undefined ? groups.slice(0, 1) : groups;
}

const random = new Random(seed);
for (const jobs of groupsOf(random)) {
  test(`${kills} kills change nothing of ${jobs.join(', ')}`, { timeout: 120_000 + kills * 15_000 }, async (t) => {
    t.diagnostic(`SLUICE_SEED=${seed}`);
    const root = mkdtempSync(join(tmpdir(), 'sluice-shapes-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const [killed, calm] = [join(root, 'killed'), join(root, 'calm')];
    await runChild(calm, 'finish', jobs, join(root, 'calm.sync'), () => undefined);
    const synced = new SyncedFiles();
    let [restored, fed, cut] = [0, 0, 0];
    for (let run = 1; run <= kills; run++) {
      const syncLog = join(root, `${run}.sync`);
      // Now and then one dies while it starts, the first never: there would be nothing to go on from.
      const isStarting = run > 1 && random.chance(0.2);
      const delay = random.int(0, isStarting ? 100 : 500);
      let armed = false;
      const reports = await runChild(killed, 'live', jobs, syncLog, (report, kill) => {
        fed = report.fed ?? fed;
        if (armed || !(isStarting ? report.event === 'started' : (report.stored ?? 0) >= (run === 1 ? jobs.length : 1))) return;
        armed = true;
        setTimeout(kill, delay);
      });
      assert.deepEqual(reports.filter(({ event }) => event === 'failed'), []);
      restored += reports.filter(({ restoredFrom }) => restoredFrom !== undefined).length;
      synced.add(syncLog);
      cut += synced.cut(random).bytes;
    }
    const last = await runChild(killed, 'finish', jobs, join(root, 'last.sync'), () => undefined);
    restored += last.filter(({ restoredFrom }) => restoredFrom !== undefined).length;
    assert.deepEqual(last.filter(({ late = 0 }) => late > 0), [], 'no row is late that was not');
    t.diagnostic(`${restored} jobs went on from a checkpoint, ${cut} bytes were cut, ${fed} of ${records} records of each partition were there at the last kill`);
    assert.ok(restored >= jobs.length, 'jobs go on from a stored checkpoint');
    const brokers = [killed, calm].map((dir) => new EmbeddedBroker({ dir: join(dir, 'state', 'broker') })) as [EmbeddedBroker, EmbeddedBroker];
    t.after(() => Promise.all(brokers.map((broker) => broker.close())));
    for (const output of shapesOf('').filter(({ job }) => jobs.includes(job)).flatMap(({ outputs }) => outputs)) {
      const [actual, expected] = [await outcomeOf(output, killed, brokers[0]), await outcomeOf(output, calm, brokers[1])];
      assert.ok(expected.length > 0, `${output.name}: the undisturbed run gave nothing`);
      assert.deepEqual(actual, expected, `${output.name}, ${output.comparison}`);
    }
  });
}
