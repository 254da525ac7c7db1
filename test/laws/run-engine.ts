import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { poisonBatch } from '../../core/batch.ts';
import { rowKindText } from '../../core/changelog.ts';
import type { JsValue } from '../../core/js-value.ts';
import { Engine } from '../../engine/engine.ts';
import { stageHooks } from '../../executor/runtime/stage.ts';
import { nodesOf } from '../../planner/physical-plan.ts';
import { makePlayer, type PlayChange, type PlayOptions } from '../conformance/play.ts';
import { finalRows } from '../conformance/run-case.ts';
import type { Random } from '../random.ts';
import { playRows, type Workload } from './workload.ts';

export interface Ran {
  readonly changes: readonly PlayChange[];
  /** For each arrival its split, as the engine read them. */
  readonly schedule: readonly number[];
  /** The kinds of the plan's operators. */
  readonly operators: readonly string[];
  readonly late: number;
}

/** Fills every batch with garbage once the operator that borrowed it has returned, while `run` runs. */
export async function poisoned<T>(run: () => Promise<T>): Promise<T> {
  stageHooks.afterBatch = poisonBatch;
  try {
    return await run();
  } finally {
    stageHooks.afterBatch = undefined;
  }
}

const settings = `SET 'table.exec.source.idle-timeout' = '0 s'; SET 'execution.checkpointing.interval' = '0 s';`;

async function open(workload: Workload, options: PlayOptions, stateDir?: string): Promise<{ readonly engine: Engine; readonly player: ReturnType<typeof makePlayer>; readonly operators: readonly string[] }> {
  const player = makePlayer(new Map([['t', { splits: workload.splits.map(playRows) }]]), options);
  const engine = await Engine.create({ connectors: player.connectors, stateDir });
  await engine.exec(`${settings} ${workload.ddl}; ${workload.sink}`);
  const checked = engine.check(insertOf(workload));
  const plan = checked.inserts[0]?.planned.physical;
  return { engine, player, operators: plan === undefined ? [] : nodesOf(plan).map((node) => node.kind) };
}

function insertOf(workload: Workload): string {
  return `INSERT INTO out ${workload.query}`;
}

/** Runs a workload from start to end, poisoned. */
export async function runWhole(workload: Workload, options: PlayOptions = {}): Promise<Ran> {
  const schedule: number[] = [];
  const onRead: PlayOptions['onRead'] = (_table, split, rows) => {
    for (let i = 0; i < rows; i++) schedule.push(split);
  };
  const { engine, player, operators } = await open(workload, { poison: true, onRead, ...options });
  await using _ = engine;
  const job = await poisoned(async () => {
    const started = await engine.submit(insertOf(workload), { bounded: true });
    await started.finished;
    return started;
  });
  return { changes: player.taken.get('out') ?? [], schedule, operators, late: Number(job.stats().late) };
}

export interface Restored extends Ran {
  /** How many runs went on from a stored checkpoint. */
  readonly restores: number;
}

/**
 * Runs a workload that breaks off: after a random number of reads a checkpoint is asked for, a few reads later the job fails, and the next
 * run goes on from what is stored. What the sink took after the checkpoint that a run went on from is thrown away, as a sink that commits would.
 */
export async function runBroken(workload: Workload, random: Random, options: PlayOptions): Promise<Restored> {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-laws-'));
  const kept: PlayChange[] = [];
  /** Checkpoint -> what the sink had taken of all runs. */
  const keptAt = new Map<number, number>();
  let restores = 0;
  let late = 0;
  let operators: readonly string[] = [];
  try {
    for (let run = 0; ; run++) {
      const isLast = run >= 2;
      const checkpointAt = random.int(1, 6);
      const failAt = isLast ? Infinity : checkpointAt + random.int(1, 4);
      let reads = 0;
      let act: () => void = () => undefined;
      const countAt = new Map<number, number>();
      const opened = await open(workload, { poison: true, ...options, onRead: () => { reads++; act(); }, onPrepare: (checkpoint, rows) => countAt.set(checkpoint, rows) }, stateDir);
      await using engine = opened.engine;
      operators = opened.operators;
      const outcome = await poisoned(async () => {
        const job = await engine.submit(insertOf(workload), { bounded: true, name: 'law' });
        const from = job.restoredFrom;
        if (run > 0) {
          if (from !== undefined) restores++;
          kept.length = from === undefined ? 0 : (keptAt.get(from) ?? 0);
        }
        act = () => {
          if (reads === checkpointAt) job.checkpoint().catch(() => undefined);
          if (reads === failAt) job.runner.fail(new Error('the planned break'));
        };
        return job.finished.then((stats) => ({ stats, failed: false }), (error: unknown) => {
          if (!(error instanceof Error) || error.message !== 'the planned break') throw error;
          return { stats: job.stats(), failed: true };
        });
      });
      const start = kept.length;
      kept.push(...(opened.player.taken.get('out') ?? []));
      for (const [checkpoint, rows] of countAt) keptAt.set(checkpoint, start + rows);
      late += Number(outcome.stats.late);
      if (!outcome.failed) return { changes: kept, schedule: options.schedule ?? [], operators, late, restores };
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

const text = (values: readonly JsValue[]): string => JSON.stringify(values, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : typeof value === 'number' && Object.is(value, -0) ? '-0' : value));

/** What must be equal of two runs: for inserts the rows, for updates every change of a key in its order. */
export function fingerprint(workload: Workload, changes: readonly PlayChange[]): readonly string[] {
  if (workload.kind !== 'group') return changes.map(({ kind, values }) => `${rowKindText[kind as 0]} ${text(values)}`).sort();
  const byKey = new Map<string, string[]>();
  for (const { kind, values } of changes) {
    const key = text(values.slice(0, workload.keys.length));
    byKey.set(key, [...(byKey.get(key) ?? []), `${rowKindText[kind as 0]} ${text(values)}`]);
  }
  return [...byKey].map(([key, list]) => `${key}: ${list.join('; ')}`).sort();
}

/** The rows that the changes come to, sorted. */
export function netRows(workload: Workload, changes: readonly PlayChange[]): readonly string[] {
  return finalRows(changes, workload.kind === 'group' ? workload.keys.map((_, i) => i) : undefined).map(text).sort();
}

export function sortedTexts(rows: readonly (readonly JsValue[])[]): readonly string[] {
  return rows.map(text).sort();
}
