import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { findConnector } from '../../engine/tables.ts';
import { planInsert } from '../../planner/plan.ts';
import type { Rule } from '../../planner/rule.ts';
import { rules } from '../../planner/rules/rules.ts';
import { makePlayer } from '../conformance/play.ts';
import { finalRows } from '../conformance/run-case.ts';
import { type Random, seedFromEnvironment } from '../random.ts';
import { Coverage } from './coverage.ts';
import { sortedTexts } from './run-engine.ts';
import { makeSchedule, makeWorkload, playRows, type Workload } from './workload.ts';

interface Stacked {
  readonly workload: Workload;
  readonly query: string;
  readonly sink: string;
}

/** A query over the workload's: of its columns the first and the last, of its rows those that a condition on the first lets through. */
function stacked(workload: Workload, random: Random): Stacked {
  const types = [...workload.sink.matchAll(/c\d+ ([A-Z]+(?:\([^)]*\))?)/g)].map((match) => match[1] ?? '');
  const names = types.map((_, i) => `c${i}`);
  const last = names.length - 1;
  const condition = random.pick(['c0 IS NOT NULL', 'TRUE', 'c0 IS NOT NULL OR FALSE', `c${last} IS NOT NULL AND c0 = c0`, 'FALSE', 'c0 IS NOT NULL AND UUID() IS NOT NULL']);
  const source = random.chance(0.5) ? 't' : 'v';
  const inner = workload.query.replaceAll(/\b(FROM|TABLE) t\b/g, `$1 ${source}`);
  const query = random.chance(0.7) ? `SELECT c0, c${last} FROM (${inner}) AS q (${names.join(', ')}) WHERE ${condition}` : inner;
  const kept = query === inner ? types : [types[0], types[last]];
  return { workload, query, sink: `CREATE TABLE out (${kept.map((type, i) => `r${i} ${type}`).join(', ')}) WITH ('connector' = 'play')` };
}

interface Ran {
  readonly rows: readonly string[];
  readonly applied: readonly string[];
}

async function run({ workload, query, sink }: Stacked, schedule: number[], own: readonly Rule[]): Promise<Ran> {
  const player = makePlayer(new Map([['t', { splits: workload.splits.map(playRows) }]]), { schedule });
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`SET 'table.exec.source.idle-timeout' = '0 s'; SET 'table.optimizer.non-deterministic-update.strategy' = 'IGNORE'; ${workload.ddl}; CREATE VIEW v AS SELECT k, n, b, d, x, ts FROM (SELECT *, UPPER(k) AS up FROM t) AS s WHERE TRUE; ${sink}`);
  const [insert] = engine.check(`INSERT INTO out ${query}`).inserts;
  assert.ok(insert !== undefined);
  const planned = planInsert(insert.statement, { catalog: engine.catalog, connectors: (name) => findConnector(name, player.connectors), rules: own, mayMiss: true });
  // A rule may have found that a table is not read.
  const tables = new Map(engine.catalog.entries().flatMap((entry) => (entry.kind === 'table' ? [[entry.name, entry] as const] : [])));
  const job = await engine.start([{ ...insert, planned: { ...insert.planned, ...planned, tables } }], { bounded: true });
  await job.finished;
  return { rows: sortedTexts(finalRows(player.taken.get('out') ?? [], undefined)), applied: planned.applied };
}

test('rules on = rules off', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(rules.map(({ name }) => name).filter((name) => !['push-into-union', 'filter-into-join', 'join-keys'].includes(name)), 50);
  for (let i = 0; coverage.goesOn(i); i++) {
    const { workload, random } = makeWorkload(seed + i);
    const query = stacked(workload, random);
    const schedule = makeSchedule(random, workload.splits);
    const on = await run(query, [...schedule], rules);
    const off = await run(query, [...schedule], []);
    assert.deepEqual(on.rows, off.rows, `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${query.query}`);
    for (const name of new Set(on.applied)) coverage.count(name);
  }
  coverage.report(t, seed);
});

test('rules on = rules off finds a rule that drops a condition', async () => {
  const careless: Rule = { name: 'careless', apply: (plan) => (plan.kind === 'Sink' && plan.input.kind === 'Project' && plan.input.input.kind === 'Project' && plan.input.input.input.kind === 'Filter' ? { ...plan, input: { ...plan.input, input: { ...plan.input.input, input: plan.input.input.input.input } } } : undefined) };
  let found = 0;
  for (let i = 0; i < 40 && found === 0; i++) {
    const { workload, random } = makeWorkload(i);
    const query = stacked(workload, random);
    const schedule = makeSchedule(random, workload.splits);
    const [on, off] = [await run(query, [...schedule], [careless, ...rules]), await run(query, [...schedule], [])];
    if (on.rows.join('\n') !== off.rows.join('\n')) found++;
  }
  assert.ok(found > 0);
});
