import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { rowKindText } from '../../core/changelog.ts';
import { Engine } from '../../engine/engine.ts';
import { nodesOf } from '../../planner/physical-plan.ts';
import { makePlayer, type PlayChange, type PlayOptions } from '../conformance/play.ts';
import { finalRows } from '../conformance/run-case.ts';
import { casesFromEnvironment, Random, seedFromEnvironment } from '../random.ts';
import { ddl, makeChangingWorkload, type ChangingWorkload } from './changing-rows.ts';
import { Coverage } from './coverage.ts';
import { poisoned, sortedTexts } from './run-engine.ts';

interface Ran {
  readonly changes: readonly PlayChange[];
  readonly operators: readonly string[];
  readonly restores: number;
}

/** Runs a workload; `breaks` times it fails after some reads and goes on from its last checkpoint, with what the sink had taken by then. */
async function run(workload: ChangingWorkload, random: Random, options: PlayOptions = {}, breaks = 0): Promise<Ran> {
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
      const player = makePlayer(new Map([['t', { splits: workload.splits }]]), { poison: true, ...options, onRead: () => { reads++; onRead(); }, onPrepare: (checkpoint, rows) => keptAt.set(checkpoint, start.kept + rows) });
      await using engine = await Engine.create({ connectors: player.connectors, ...(breaks > 0 ? { stateDir } : {}) });
      const key = workload.source === 'play' ? '' : ', PRIMARY KEY (id) NOT ENFORCED';
      await engine.exec(`SET 'execution.checkpointing.interval' = '0 s';
        CREATE TABLE t (${ddl}${key}) WITH ('connector' = '${workload.source}');
        CREATE TABLE out (${workload.sink.map((type, i) => `c${i} ${type}`).join(', ')}) WITH ('connector' = 'play')`);
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
      if (!hasFailed) return { changes: kept, operators: plan === undefined ? [] : nodesOf(plan).map((node) => node.kind), restores };
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** The sink has no key: each change names its whole row, and no row is withdrawn that did not come before. */
function net(changes: readonly PlayChange[], context: string): readonly string[] {
  const there = new Map<string, number>();
  for (const { kind, values } of changes) {
    const [row = ''] = sortedTexts([values]);
    const count = (there.get(row) ?? 0) + (kind === 1 || kind === 3 ? -1 : 1);
    assert.ok(count >= 0, `${row} is withdrawn and was not there: ${context}`);
    there.set(row, count);
  }
  return sortedTexts(finalRows(changes, undefined));
}

const expectedKinds = ['play-retract', 'play-upsert', 'play', 'grouped', 'having', 'one group', 'nested', 'filtered', 'distinct rows', 'ChangelogNormalize', 'GroupAggregate', '+I', '-U', '+U', '-D', 'DISTINCT', 'FILTER'];

function note(coverage: Coverage, workload: ChangingWorkload, ran: Ran): void {
  coverage.count(workload.source);
  coverage.count(workload.kind);
  for (const kind of new Set([...ran.operators, ...ran.changes.map((change) => rowKindText[change.kind as 0] ?? '?')])) coverage.count(kind);
  for (const word of ['DISTINCT', 'FILTER']) if (workload.query.includes(word)) coverage.count(word);
}

test('incremental = batch over rows that change', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(expectedKinds);
  const count = casesFromEnvironment(150);
  for (let i = 0; i < count; i++) {
    const random = new Random(seed + i);
    const workload = makeChangingWorkload(random, seed + i);
    const ran = await run(workload, random, { cut: () => random.int(1, 20) });
    const context = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${workload.query} over ${workload.source}`;
    assert.deepEqual(net(ran.changes, context), sortedTexts(workload.expected), context);
    note(coverage, workload, ran);
  }
  t.diagnostic(`seed ${seed}, ${count} cases: ${coverage.toString()}`);
  if (count >= 100) coverage.check(seed);
});

test('restore = no stop over rows that change', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage([...expectedKinds, 'restores']);
  const count = casesFromEnvironment(12);
  for (let i = 0; i < count; i++) {
    const random = new Random(seed + i);
    const workload = makeChangingWorkload(random, seed + i);
    const ran = await run(workload, random, { cut: () => random.int(1, 8) }, 2);
    const context = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${workload.query} over ${workload.source}`;
    assert.deepEqual(net(ran.changes, context), sortedTexts(workload.expected), context);
    note(coverage, workload, ran);
    coverage.count('restores', ran.restores);
  }
  t.diagnostic(`seed ${seed}, ${count} cases: ${coverage.toString()}`);
  if (count >= 100) coverage.check(seed);
});

test('incremental = batch finds changes that get lost', async () => {
  let found = 0;
  for (let i = 0; i < 40 && found === 0; i++) {
    const random = new Random(i);
    const workload = makeChangingWorkload(random, i);
    // The planted bug: withdrawals go past the engine.
    const deaf = { ...workload, splits: workload.splits.map((rows) => rows.filter((row) => row.kind !== 1 && row.kind !== 3)) };
    const ran = await run(deaf, random);
    if (sortedTexts(finalRows(ran.changes, undefined)).join('\n') !== sortedTexts(workload.expected).join('\n')) found++;
  }
  assert.ok(found > 0);
});
