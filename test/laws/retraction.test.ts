import assert from 'node:assert/strict';
import test from 'node:test';
import { rowKindText } from '../../core/changelog.ts';
import type { PlayChange } from '../conformance/play.ts';
import { finalRows } from '../conformance/run-case.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { makeChangingWorkload, type ChangingWorkload } from './changing-rows.ts';
import { Coverage } from './coverage.ts';
import { run, type Ran } from './run-changing.ts';
import { sortedTexts } from './run-engine.ts';

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
  const coverage = new Coverage(expectedKinds, 90);
  for (let i = 0; coverage.goesOn(i); i++) {
    const random = new Random(seed + i);
    const workload = makeChangingWorkload(random, seed + i);
    const ran = await run(workload, random, { cut: () => random.int(1, 20) });
    const context = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${workload.query} over ${workload.source}`;
    assert.deepEqual(net(ran.changes, context), sortedTexts(workload.expected), context);
    note(coverage, workload, ran);
  }
  coverage.report(t, seed);
});

test('restore = no stop over rows that change', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(['grouped', 'having', 'one group', 'nested', 'filtered', 'distinct rows', 'ChangelogNormalize', 'GroupAggregate', '+I', '-U', '+U', '-D', 'restores'], 6);
  for (let i = 0; coverage.goesOn(i); i++) {
    const random = new Random(seed + i);
    const workload = makeChangingWorkload(random, seed + i);
    const ran = await run(workload, random, { cut: () => random.int(1, 8) }, 2);
    const context = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${workload.query} over ${workload.source}`;
    assert.deepEqual(net(ran.changes, context), sortedTexts(workload.expected), context);
    note(coverage, workload, ran);
    coverage.count('restores', ran.restores);
  }
  coverage.report(t, seed);
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
