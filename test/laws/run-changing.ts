import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from '../../engine/engine.ts';
import { nodesOf } from '../../planner/physical-plan.ts';
import { makePlayer, type PlayChange, type PlayOptions } from '../conformance/play.ts';
import type { Random } from '../random.ts';
import { ddl, type ChangingWorkload } from './changing-rows.ts';
import { poisoned } from './run-engine.ts';

/** `sinkKey`: the columns of the sink's primary key, as c0, c1; absent for none. `more`: tables beside t, of the same columns. */
export type PlayedWorkload = Pick<ChangingWorkload, 'source' | 'splits' | 'query' | 'sink'> & { readonly sinkKey?: string; readonly more?: readonly (Pick<ChangingWorkload, 'source' | 'splits'> & { readonly name: string })[] };

export interface Ran {
  readonly changes: readonly PlayChange[];
  readonly operators: readonly string[];
  /** Sets of columns that each tell the rows apart that go into the sink. */
  readonly upsertKeys: readonly (readonly number[])[];
  readonly restores: number;
}

/** Runs a workload; `breaks` times it fails after some reads and goes on from its last checkpoint, with what the sink had taken by then. */
export async function run(workload: PlayedWorkload, random: Random, options: PlayOptions = {}, breaks = 0): Promise<Ran> {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-retraction-'));
  const kept: PlayChange[] = [];
  const keptAt = new Map<number, number>();
  let restores = 0;
  try {
    for (let attempt = 0; ; attempt++) {
      const checkpointAt = random.int(1, 5);
      const failAt = attempt < breaks ? checkpointAt + random.int(1, 4) : Infinity;
      let reads = 0;
      let onRead: () => void = () => undefined;
      const start = { kept: kept.length };
      const player = makePlayer(new Map([{ name: 't', splits: workload.splits }, ...(workload.more ?? [])].map(({ name, splits }) => [name, { splits }])), { poison: true, ...options, onRead: () => { reads++; onRead(); }, onPrepare: (checkpoint, rows) => keptAt.set(checkpoint, start.kept + rows) });
      await using engine = await Engine.create({ connectors: player.connectors, ...(breaks > 0 ? { stateDir } : {}) });
      await engine.exec(`SET 'execution.checkpointing.interval' = '0 s';
        ${[{ name: 't', source: workload.source }, ...(workload.more ?? [])].map(({ name, source }) => `CREATE TABLE ${name} (${ddl}${source === 'play' ? '' : ', PRIMARY KEY (id) NOT ENFORCED'}) WITH ('connector' = '${source}');`).join('\n')}
        CREATE TABLE out (${workload.sink.map((type, i) => `c${i} ${type}`).join(', ')}${workload.sinkKey === undefined ? '' : `, PRIMARY KEY (${workload.sinkKey}) NOT ENFORCED`}) WITH ('connector' = 'play')`);
      const insert = `INSERT INTO out ${workload.query}`;
      const plan = engine.check(insert).inserts[0]?.planned.physical;
      const hasFailed = await poisoned(async () => {
        const job = await engine.submit(insert, { bounded: true, name: 'law' });
        if (attempt > 0) {
          if (job.restoredFrom !== undefined) restores++;
          kept.length = job.restoredFrom === undefined ? 0 : (keptAt.get(job.restoredFrom) ?? 0);
          start.kept = kept.length;
        }
        onRead = () => {
          if (reads === checkpointAt && breaks > 0) job.checkpoint().catch(() => undefined);
          if (reads === failAt) job.runner.fail(new Error('the planned break'));
        };
        return job.finished.then(() => false, (error: unknown) => {
          if (!(error instanceof Error) || error.message !== 'the planned break') throw error;
          return true;
        });
      });
      kept.push(...(player.taken.get('out') ?? []));
      if (!hasFailed) return { changes: kept, operators: plan === undefined ? [] : nodesOf(plan).map((node) => node.kind), upsertKeys: plan?.properties.upsertKeys ?? [], restores };
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}
