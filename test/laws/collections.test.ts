import assert from 'node:assert/strict';
import test from 'node:test';
import { rowKindText } from '../../core/changelog.ts';
import type { JsValue } from '../../core/js-value.ts';
import { printDouble } from '../../core/value.ts';
import { finalRows } from '../conformance/run-case.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { makeChangingWorkload, type Stored } from './changing-rows.ts';
import { Coverage } from './coverage.ts';
import { run, type PlayedWorkload } from './run-changing.ts';
import { sortedTexts } from './run-engine.ts';

/** Aggregates that keep their values, and UNNEST over them: what they give is what the rows that are left give. */
interface Case extends PlayedWorkload {
  readonly expected: readonly (readonly JsValue[])[];
}

function groupsOf<K, V>(values: readonly V[], keyOf: (value: V) => K): readonly (readonly [K, readonly V[]])[] {
  const groups = new Map<K, V[]>();
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]);
  return [...groups];
}

const byNumber = (a: number | null, b: number | null): number => (a ?? -Infinity) - (b ?? -Infinity);
const listText = (values: readonly (number | null)[]): string => `[${values.toSorted(byNumber).map((value) => value ?? 'NULL').join(', ')}]`;
const bagText = (rows: readonly Stored[]): string => {
  const counts = groupsOf(rows.map((row) => row.x).filter((x) => x !== null), (x) => x).toSorted(([a], [b]) => a - b);
  return `{${counts.map(([x, all]) => `${printDouble(x)}=${all.length}`).join(', ')}}`;
};

function makeCase(random: Random, seed: number): Case {
  const { source, splits, left } = makeChangingWorkload(random, seed);
  if (random.chance(0.5)) {
    const expected = groupsOf(left, (row) => row.k).map(([k, rows]) => [k, listText(rows.map((row) => row.n)), bagText(rows)]);
    return { source, splits, query: 'SELECT k, CAST(ARRAY_SORT(ARRAY_AGG(n)) AS STRING), CAST(COLLECT(x) AS STRING) FROM t GROUP BY k', sink: ['STRING', 'STRING', 'STRING'], expected };
  }
  const expected = groupsOf(left, (row) => row.n).map(([n, rows]) => [n, BigInt(rows.length)]);
  return { source, splits, query: 'SELECT e, COUNT(*) FROM (SELECT k, ARRAY_AGG(n) AS l FROM t GROUP BY k) AS q, UNNEST(l) AS u(e) GROUP BY e', sink: ['INT', 'BIGINT'], expected };
}

async function check(t: { diagnostic(text: string): void }, cases: number, breaks: number): Promise<void> {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(['play', 'play-retract', 'play-upsert', 'Unnest', 'GroupAggregate', '+I', '+U', '-D', ...(breaks > 0 ? ['restores'] : [])], cases);
  for (let i = 0; coverage.goesOn(i); i++) {
    const random = new Random(seed + i);
    const made = makeCase(random, seed + i);
    const ran = await run(made, random, { cut: () => random.int(1, breaks > 0 ? 8 : 20) }, breaks);
    assert.deepEqual(sortedTexts(finalRows(ran.changes, undefined)), sortedTexts(made.expected), `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${made.query} over ${made.source}`);
    coverage.count(made.source);
    if (breaks > 0) coverage.count('restores', ran.restores);
    for (const name of new Set([...ran.operators, ...ran.changes.map((change) => rowKindText[change.kind as 0] ?? '?')])) coverage.count(name);
  }
  coverage.report(t, seed);
}

test('values that are kept: incremental = batch, however the input is cut', (t) => check(t, 40, 0));

test('values that are kept: a restore changes nothing', (t) => check(t, 5, 2));

test('the law of kept values finds a withdrawal that is forgotten', async () => {
  let found = 0;
  for (let i = 0; i < 40 && found === 0; i++) {
    const random = new Random(i);
    const made = makeCase(random, i);
    if (made.source !== 'play-retract') continue;
    const deaf = { ...made, splits: made.splits.map((rows) => rows.filter((row) => row.kind !== 1)) };
    const ran = await run(deaf, random);
    if (sortedTexts(finalRows(ran.changes, undefined)).join('\n') !== sortedTexts(made.expected).join('\n')) found++;
  }
  assert.ok(found > 0);
});
