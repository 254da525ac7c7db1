import assert from 'node:assert/strict';
import test from 'node:test';
import { seedFromEnvironment } from '../random.ts';
import { always, Coverage } from './coverage.ts';
import { fingerprint, runWhole } from './run-engine.ts';
import { evaluate } from './evaluate.ts';
import { makeSchedule, makeWorkload } from './workload.ts';

/** The engine may cut the input anywhere: as long as the rows arrive in the same order, all that comes out is the same. */
test('split = whole', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage([...always, 'one row a batch'], 80);
  for (let i = 0; coverage.goesOn(i); i++) {
    const { workload, random } = makeWorkload(seed + i);
    const schedule = makeSchedule(random, workload.splits);
    const whole = await runWhole(workload, { schedule });
    const most = random.pick([1, 3, 20]);
    const cut = await runWhole(workload, { schedule, cut: () => random.int(1, most) });
    const context = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${workload.query}`;
    assert.deepEqual(cut.schedule, schedule, context);
    assert.deepEqual(fingerprint(workload, cut.changes), fingerprint(workload, whole.changes), context);
    assert.equal(cut.late, whole.late, context);
    coverage.note(workload, cut, evaluate(workload, schedule).lateRows);
    if (most === 1) coverage.count('one row a batch');
  }
  coverage.report(t, seed);
});

test('split = whole finds rows that depend on how batches are cut', async () => {
  // The planted bug: another order of arrival, as of a reader that gives the rows of a cut to the wrong turn.
  let found = 0;
  for (let i = 0; i < 40 && found === 0; i++) {
    const { workload, random } = makeWorkload(i);
    const whole = await runWhole(workload, { schedule: makeSchedule(random, workload.splits) });
    const moved = await runWhole(workload, { schedule: makeSchedule(random, workload.splits), cut: () => 1 });
    if (fingerprint(workload, whole.changes).join('\n') !== fingerprint(workload, moved.changes).join('\n')) found++;
  }
  assert.ok(found > 0);
});

test('split = whole finds who reads a batch after giving it back', async () => {
  let found = 0;
  for (let i = 0; i < 20; i++) {
    const { workload, random } = makeWorkload(i);
    const schedule = makeSchedule(random, workload.splits);
    const whole = await runWhole(workload, { schedule });
    // Garbage may be no value at all: an error is a find too.
    const texts = await runWhole(workload, { schedule, plantedKeeper: true }).then((kept) => fingerprint(workload, kept.changes), () => []);
    if (texts.join('\n') !== fingerprint(workload, whole.changes).join('\n')) found++;
  }
  assert.ok(found >= 15, `found ${found} of 20`);
});
