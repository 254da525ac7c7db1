import assert from 'node:assert/strict';
import test from 'node:test';
import { seedFromEnvironment } from '../random.ts';
import { always, Coverage } from './coverage.ts';
import { evaluate } from './evaluate.ts';
import { netRows, runWhole, sortedTexts } from './run-engine.ts';
import { makeWorkload } from './workload.ts';

/** The changes of a query sum up to what the query gives over all rows at once. */
test('incremental = batch', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage([...always, 'filter and aggregate'], 100);
  for (let i = 0; coverage.goesOn(i); i++) {
    const { workload, random } = makeWorkload(seed + i);
    // The engine chooses among the splits; lateness follows the order that it chose.
    const ran = await runWhole(workload, { cut: () => random.int(1, 30) });
    const expected = evaluate(workload, ran.schedule);
    const context = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${workload.query}`;
    assert.deepEqual(netRows(workload, ran.changes), sortedTexts(expected.rows), context);
    assert.equal(ran.late, expected.lateRows, context);
    coverage.note(workload, ran, expected.lateRows);
    if (workload.where !== undefined && workload.aggregates.length > 0) coverage.count('filter and aggregate');
  }
  coverage.report(t, seed);
});

test('incremental = batch finds late rows that are counted', async () => {
  let found = 0;
  for (let i = 0; i < 60 && found === 0; i++) {
    const { workload } = makeWorkload(i);
    const ran = await runWhole(workload);
    const wrong = evaluate(workload, ran.schedule, { ignoresLateness: true });
    if (netRows(workload, ran.changes).join('\n') !== sortedTexts(wrong.rows).join('\n')) found++;
  }
  assert.ok(found > 0);
});
