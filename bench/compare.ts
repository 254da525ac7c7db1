import type { Outcome } from './checksum.ts';
import type { BenchOptions } from './options.ts';
import type { BenchQuery, SinkName } from './queries.ts';
import { WorkerProcess } from './worker-process.ts';
import type { Measured, WorkerTask } from './worker.ts';

export interface Comparison {
  readonly query: string;
  readonly sink: SinkName;
  /** In the topic. */
  readonly events: number;
  /** Events of all kinds per CPU second of the whole process, the median of the runs; so is `baseline`. */
  readonly perCpuSecond: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly rssBytes: number;
  readonly outcome: Outcome;
}

const runs = 3;

/** The folders of a WorkerTask. */
export type Folders = Pick<WorkerTask, 'input'>;

/**
 * A query to the sinks asked for. The two topic sinks share one baseline, which publishes at least once: that is the cheaper of the two.
 * Throws when engine and baseline differ in a row or a column.
 */
export async function compareQuery(folders: Folders, query: BenchQuery, options: BenchOptions): Promise<readonly Comparison[]> {
  const groups = [options.sinks.filter((sink) => sink === 'blackhole'), options.sinks.filter((sink) => sink !== 'blackhole')];
  const comparisons: Comparison[] = [];
  for (const sinks of groups) if (sinks.length > 0) comparisons.push(...(await compareSinks(folders, query, sinks, options)));
  return comparisons;
}

async function compareSinks(folders: Folders, query: BenchQuery, sinks: readonly SinkName[], { events, seconds }: BenchOptions): Promise<readonly Comparison[]> {
  await using stack = new AsyncDisposableStack();
  const start = (side: WorkerTask['side'], sink: SinkName): WorkerProcess => stack.use(new WorkerProcess({ side, query: query.name, sink, ...folders }));
  const baseline = { worker: start('baseline', sinks[0] === 'blackhole' ? 'blackhole' : 'topic-at-least-once'), measured: [] as Measured[] };
  const engines = sinks.map((sink) => ({ sink, worker: start('engine', sink), measured: [] as Measured[] }));
  const expected = await baseline.worker.verify();
  for (const { sink, worker } of engines) {
    const { rows, checksum } = await worker.verify();
    if (rows === expected.rows && checksum === expected.checksum) continue;
    throw new Error(`${query.name} to ${sink}: the engine gave ${rows} rows with checksum ${checksum}, the baseline ${expected.rows} with ${expected.checksum}`);
  }
  // The check has warmed up each process; each pass over the topic does so again.
  const all = [...engines, baseline];
  for (let run = 0; run < runs; run++) for (const { worker, measured } of all) measured.push(await worker.run(seconds));
  const base = median(baseline.measured.map(rate));
  return engines.map(({ sink, measured }) => {
    const perCpuSecond = median(measured.map(rate));
    return {
      query: query.name,
      sink,
      events,
      perCpuSecond: Math.round(perCpuSecond),
      baseline: Math.round(base),
      ratio: perCpuSecond / base,
      rssBytes: median(measured.map(({ rssBytes }) => rssBytes)),
      outcome: expected,
    };
  });
}

/** Events per CPU second of a bare JSON.parse loop. */
export async function measureParseLoop(folders: Folders, { seconds }: BenchOptions): Promise<number> {
  await using worker = new WorkerProcess({ side: 'parse', query: 'q0', sink: 'blackhole', ...folders });
  const measured: Measured[] = [];
  for (let run = 0; run < runs; run++) measured.push(await worker.run(seconds));
  return median(measured.map(rate));
}

function rate({ events, cpuSeconds }: Measured): number {
  return events / cpuSeconds;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}
