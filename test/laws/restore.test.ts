import assert from 'node:assert/strict';
import test from 'node:test';
import { seedFromEnvironment } from '../random.ts';
import { Coverage } from './coverage.ts';
import { evaluate } from './evaluate.ts';
import { fingerprint, runBroken, runWhole } from './run-engine.ts';
import { makeSchedule, makeWorkload } from './workload.ts';

/** A job that fails and goes on from its last checkpoint, twice over, gives what it would have given undisturbed. */
test('restore = no stop', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(['Calc', 'WindowAggregate', 'GroupAggregate', '+I', '+U', 'SESSION', 'NULL keys', 'late rows', 'several splits', 'restores'], 8);
  for (let i = 0; coverage.goesOn(i); i++) {
    // Of all windows, sessions keep the most over a restore: every other window is one.
    const { workload, random } = makeWorkload(seed + i, (seed + i) % 2 === 0 ? 'SESSION' : undefined);
    const schedule = makeSchedule(random, workload.splits);
    const whole = await runWhole(workload, { schedule });
    const broken = await runBroken(workload, random, { schedule, cut: () => random.int(1, 8) });
    const context = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${workload.query}`;
    assert.deepEqual(fingerprint(workload, broken.changes), fingerprint(workload, whole.changes), context);
    coverage.note(workload, broken, evaluate(workload, schedule).lateRows);
    coverage.count('restores', broken.restores);
  }
  coverage.report(t, seed);
});

test('restore = no stop finds positions that are one row off', async () => {
  let found = 0;
  for (let i = 0; i < 30 && found === 0; i++) {
    const { workload, random } = makeWorkload(i);
    const schedule = makeSchedule(random, workload.splits);
    const whole = await runWhole(workload, { schedule });
    const broken = await runBroken(workload, random, { cut: () => random.int(1, 8), plantedPosition: true });
    if (fingerprint(workload, broken.changes).join('\n') !== fingerprint(workload, whole.changes).join('\n')) found++;
  }
  assert.ok(found > 0);
});
