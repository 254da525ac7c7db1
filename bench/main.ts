import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Engine } from '../engine/engine.ts';
import { compareQuery, measureParseLoop, type Comparison, type Folders } from './compare.ts';
import { writeEvents } from './nexmark.ts';
import { help, readOptions, type BenchOptions } from './options.ts';
import { hottest } from './profile.ts';
import { inputTopic } from './queries.ts';
import { measureStart } from './start.ts';
import { longTopicEvents } from './worker-limits.ts';
import { killWorkers, WorkerProcess } from './worker-process.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(help);
    return;
  }
  if (options.start) {
    const { loadMs, firstParseMs, cpuMs, bareRss, engineRss } = measureStart();
    console.log(`the grammar: ${loadMs.toFixed(0)} ms to load, ${firstParseMs.toFixed(0)} ms for the first statement, ${cpuMs.toFixed(0)} ms of CPU time for both`);
    console.log(`memory: ${(bareRss / 1e6).toFixed(0)} MB of a process that has loaded nothing, ${(engineRss / 1e6).toFixed(0)} MB with an engine that has run one query`);
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const folders = { input: join(dir, 'input') };
  const remove = (): void => rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killWorkers();
      remove();
      process.exit(1);
    });
  }
  try {
    const started = performance.now();
    const bytes = await generate(folders.input, options.events, options.seed);
    const seconds = (performance.now() - started) / 1000;
    console.log(`${options.events} events, ${bytes.toFixed(1)} bytes on average, written in ${seconds.toFixed(1)} s; rows and checksums are of all of them`);
    console.log(`Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'}`);
    if (options.events < longTopicEvents) console.log(`with fewer than ${longTopicEvents} events the start of each job counts too, some 100 ms: these figures are for a quick look`);
    if (options.profile) await profile(dir, folders, options);
    else await compare(folders, options);
  } finally {
    remove();
  }
}

/** Gives the bytes of a value on average. */
async function generate(dir: string, events: number, seed: number): Promise<number> {
  await using engine = await Engine.create({ kafka: 'embedded', stateDir: dir });
  return (await writeEvents(await engine.brokerLink(), { topic: inputTopic, events, seed })) / events;
}

async function compare(folders: Folders, options: BenchOptions): Promise<void> {
  const parse = await measureParseLoop(folders, options);
  console.log(`a bare JSON.parse loop over the same bytes: ${thousands(parse)} k events per CPU second\n`);
  console.log(line('query', 'sink', 'engine k/s', 'baseline', 'ratio', 'rss MB', 'rows', 'checksum'));
  const comparisons: Comparison[] = [];
  for (const query of options.queries) {
    for (const comparison of await compareQuery(folders, query, options)) {
      comparisons.push(comparison);
      const { sink, perCpuSecond, baseline, ratio, rssBytes, outcome } = comparison;
      console.log(line(query.name, sink, thousands(perCpuSecond), thousands(baseline), ratio.toFixed(2), String(Math.round(rssBytes / 1e6)), String(outcome.rows), outcome.checksum));
    }
  }
  const mean = Math.exp(comparisons.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / comparisons.length);
  console.log(`\ngeometric mean of the ratios: ${mean.toFixed(2)}   (events of all kinds per CPU second of the whole process; the baseline of both topic sinks publishes at least once)`);
  if (options.json === undefined) return;
  const rows = comparisons.map(({ query, sink, events, perCpuSecond, baseline, ratio, rssBytes }) => ({ query, sink, events, perCpuSecond, baseline, ratio, rssBytes }));
  writeFileSync(options.json, `${JSON.stringify(rows, undefined, 2)}\n`);
}

async function profile(dir: string, folders: Folders, { queries, sinks, seconds }: BenchOptions): Promise<void> {
  for (const query of queries) {
    for (const sink of sinks) {
      const profiles = join(dir, `profile-${query.name}-${sink}`);
      mkdirSync(profiles);
      {
        await using worker = new WorkerProcess({ side: 'engine', query: query.name, sink, ...folders }, ['--cpu-prof', `--cpu-prof-dir=${profiles}`]);
        await worker.run(seconds);
      }
      console.log(`\n${query.name} to ${sink}: the hottest functions, each without what it calls`);
      for (const { name, place, share } of hottest(profiles, root).slice(0, 15)) console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${name.padEnd(28)} ${place}`);
    }
  }
}

function thousands(value: number): string {
  return (value / 1000).toFixed(0);
}

const widths = [9, 20, 11, 9, 6, 7, 9];
function line(...cells: readonly string[]): string {
  return cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
