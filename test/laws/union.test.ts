import assert from 'node:assert/strict';
import test from 'node:test';
import { rowKindText } from '../../core/changelog.ts';
import type { JsValue } from '../../core/js-value.ts';
import { finalRows } from '../conformance/run-case.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { makeChangingWorkload, type Stored } from './changing-rows.ts';
import { Coverage } from './coverage.ts';
import { run, type PlayedWorkload } from './run-changing.ts';
import { netRows, runBroken, runWhole, sortedTexts } from './run-engine.ts';
import { decimalText, type Input, makeSchedule, makeWorkload, type Workload } from './workload.ts';

/** A workload whose rows come in the order of their times, so that none is late however inputs take turns. */
function inOrder(workload: Workload): Workload {
  return { ...workload, splits: workload.splits.map((rows) => rows.toSorted((a, b) => a.ts - b.ts)) };
}

/** The parts read one feed: a sink that fills what it was lent with garbage would fill what the next part is given. Operators still do. */
const shared = { poison: false } as const;

const conditions = ['n > 3', 'b <= 0', "k <> 'b'", 'x < 1.5e0', 'd > 10 AND n < 12', "k IN ('a', 'c') OR n IS NULL"];

/** The query over the union of the parts of its table: where a condition is true, false, and neither. `parts` says which of them. */
function parted(workload: Workload, condition: string, parts = [true, true, true]): Workload {
  const queries = [condition, `NOT (${condition})`, `(${condition}) IS NULL`].filter((_, i) => parts[i] === true).map((part) => `SELECT * FROM t WHERE ${part}`);
  const ddl = `${workload.ddl}; CREATE VIEW u AS ${queries.join(' UNION ALL ')}`;
  return { ...workload, ddl, query: workload.query.replaceAll(/\b(FROM|TABLE) t\b/g, '$1 u') };
}

test('the union of the parts = the whole', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(['Union', 'Calc', 'WindowAggregate', 'GroupAggregate', '+I', '+U', 'NULL keys', 'several splits', 'TUMBLE', 'SESSION'], 32);
  for (let i = 0; coverage.goesOn(i); i++) {
    const { workload: any, random } = makeWorkload(seed + i);
    const workload = inOrder(any);
    const whole = await runWhole(workload);
    const union = parted(workload, random.pick(conditions));
    const ran = await runWhole(union, { ...shared, cut: () => random.int(1, 20) });
    assert.deepEqual(netRows(workload, ran.changes), netRows(workload, whole.changes), `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${union.ddl}; ${union.query}`);
    coverage.note(workload, ran, 0);
  }
  coverage.report(t, seed);
});

test('rows that several parts of a union read are late where they are late without it, however the input is cut', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(['Union', 'WindowAggregate', 'late', 'TUMBLE', 'HOP', 'CUMULATE', 'SESSION', 'SESSION at its edge', 'late at an edge'], 24);
  for (let i = 0; coverage.goesOn(i); i++) {
    // Every fifth is one with windows. Of these every third is a SESSION in which a row is late or not by the rows right before it.
    const isEdge = (seed + i) % 3 === 0;
    const { workload, random } = makeWorkload(5 * (seed + i) + 1, isEdge ? 'edge' : undefined);
    const schedule = makeSchedule(random, workload.splits);
    const whole = await runWhole(workload, { schedule });
    const union = parted(workload, random.pick(conditions));
    const ran = await runWhole(union, { ...shared, schedule, cut: () => random.int(1, 30) });
    const name = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${union.ddl}; ${union.query}`;
    assert.deepEqual(netRows(workload, ran.changes), netRows(workload, whole.changes), name);
    assert.equal(ran.late, whole.late, name);
    coverage.note(workload, ran, 0);
    coverage.count('late', ran.late);
    if (isEdge) coverage.count('SESSION at its edge');
    if (isEdge) coverage.count('late at an edge', ran.late);
  }
  coverage.report(t, seed);
});

test('restore = no stop over unions', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(['Union', 'restores', 'WindowAggregate', 'GroupAggregate'], 4);
  for (let i = 0; coverage.goesOn(i); i++) {
    const { workload: any, random } = makeWorkload(seed + i);
    const workload = inOrder(any);
    const whole = await runWhole(workload);
    const union = parted(workload, random.pick(conditions));
    const broken = await runBroken(union, random, { ...shared, cut: () => random.int(1, 8) });
    assert.deepEqual(netRows(workload, broken.changes), netRows(workload, whole.changes), `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${union.ddl}; ${union.query}`);
    coverage.note(workload, broken, 0);
    coverage.count('restores', broken.restores);
  }
  coverage.report(t, seed);
});

test('the law of parts finds a part that is left out', async () => {
  let found = 0;
  for (let i = 0; i < 30 && found === 0; i++) {
    const { workload: any, random } = makeWorkload(i);
    const workload = inOrder(any);
    const whole = await runWhole(workload);
    const ran = await runWhole(parted(workload, random.pick(conditions), [true, true, false]), shared);
    if (netRows(workload, ran.changes).join('\n') !== netRows(workload, whole.changes).join('\n')) found++;
  }
  assert.ok(found > 0);
});

/** The rows of a split as inputs would get them that are each given all rows up to the next ahead of which event time goes on, and then the next such piece. */
function byPieces(rows: readonly Input[], isFirst: (row: Input) => boolean): readonly Input[] {
  const given: Input[] = [];
  let piece: Input[] = [];
  let latest = -Infinity;
  for (const row of rows) {
    if (row.ts > latest) {
      given.push(...piece.filter(isFirst), ...piece.filter((one) => !isFirst(one)));
      piece = [];
      latest = row.ts;
    }
    piece.push(row);
  }
  return [...given, ...piece.filter(isFirst), ...piece.filter((one) => !isFirst(one))];
}

test('the law of late rows finds parts of a SESSION that take turns by pieces', async () => {
  let found = 0;
  for (let i = 0; i < 20 && found === 0; i++) {
    const { workload } = makeWorkload(5 * i + 1, 'edge');
    const whole = await runWhole(workload);
    const turns = { ...workload, splits: workload.splits.map((rows) => byPieces(rows, ({ n }) => n !== null && n > 3)) };
    const ran = await runWhole(turns, { schedule: whole.schedule });
    if (ran.late !== whole.late || netRows(workload, ran.changes).join('\n') !== netRows(workload, whole.changes).join('\n')) found++;
  }
  assert.ok(found > 0);
});

// ---- over tables whose rows change ----

interface UnionCase extends PlayedWorkload {
  readonly expected: readonly (readonly JsValue[])[];
  readonly kind: string;
}

/** Two or three tables, each told in its own way, and rows that the query holds, together. */
function makeUnion(random: Random, seed: number): UnionCase {
  const tables = ['t', 'second', 'third'].slice(0, random.int(2, 3)).map((name, i) => ({ name, ...makeChangingWorkload(random, seed + i) }));
  const [first, ...more] = tables;
  if (first === undefined) throw new Error('no table');
  const least = random.int(-2, 3);
  const branches = tables.map((table, i) => {
    const isFiltered = random.chance(0.4);
    const rows = table.left.filter((row) => !isFiltered || (row.n !== null && row.n >= least)).map(({ k, n, d }: Stored): Branch => ({ k: i === 1 ? 'x' : k, n: n === null ? null : n + i, d }));
    return { sql: `SELECT ${i === 1 ? "'x'" : 'k'}, ${i === 0 ? 'n' : `CAST(n AS BIGINT) + ${i}`}, d FROM ${table.name}${isFiltered ? ` WHERE n >= ${least}` : ''}`, rows };
  });
  const held: Branch[] = random.chance(0.5) ? [{ k: 'held', n: 7, d: 150n }, { k: 'x', n: 1, d: null }] : [];
  const rows = [...branches.flatMap((branch) => branch.rows), ...held];
  const values = held.length === 0 ? [] : ["VALUES ('held', 7, 1.50), ('x', 1, CAST(NULL AS DECIMAL(10, 2)))"];
  const union = [branches[0]?.sql.replace('SELECT k, n, d', 'SELECT k, n AS n, d') ?? '', ...branches.slice(1).map(({ sql }) => sql), ...values].join(' UNION ALL ');
  const common = { source: first.source, splits: first.splits, more };
  const kind = (['all', 'filtered', 'grouped', 'distinct', 'one group'] as const)[seed % 5] ?? 'all';
  const text = ({ d }: Branch): JsValue => (d === null ? null : decimalText(d, 2));
  switch (kind) {
    case 'all':
      return { ...common, kind, query: union, sink: ['STRING', 'BIGINT', 'DECIMAL(10, 2)'], expected: rows.map((row) => [row.k, bigOf(row.n), text(row)]) };
    case 'filtered':
      return { ...common, kind, query: `SELECT k, d FROM (${union}) AS u WHERE n > 1`, sink: ['STRING', 'DECIMAL(10, 2)'], expected: rows.filter(({ n }) => n !== null && n > 1).map((row) => [row.k, text(row)]) };
    case 'grouped':
      return { ...common, kind, query: `SELECT k, COUNT(*), MAX(n), COUNT(DISTINCT n) FROM (${union}) AS u GROUP BY k`, sink: ['STRING', 'BIGINT', 'BIGINT', 'BIGINT'], expected: groups(rows).map(([k, own]) => [k, BigInt(own.length), most(own), BigInt(new Set(own.flatMap(({ n }) => n ?? [])).size)]) };
    case 'distinct':
      return { ...common, kind, query: `SELECT DISTINCT k FROM (${union}) AS u`, sink: ['STRING'], expected: groups(rows).map(([k]) => [k]) };
    case 'one group':
      return { ...common, kind, query: `SELECT COUNT(*), MAX(n) FROM (${union}) AS u`, sink: ['BIGINT', 'BIGINT'], expected: rows.length === 0 ? [] : [[BigInt(rows.length), most(rows)]] };
  }
}

interface Branch {
  readonly k: string | null;
  readonly n: number | null;
  readonly d: bigint | null;
}

function bigOf(n: number | null): bigint | null {
  return n === null ? null : BigInt(n);
}

function most(rows: readonly Branch[]): bigint | null {
  const known = rows.flatMap(({ n }) => n ?? []);
  return known.length === 0 ? null : BigInt(Math.max(...known));
}

function groups(rows: readonly Branch[]): readonly (readonly [string | null, readonly Branch[]])[] {
  const found = new Map<string | null, Branch[]>();
  for (const row of rows) found.set(row.k, [...(found.get(row.k) ?? []), row]);
  return [...found];
}

for (const { name, count: most, breaks } of [{ name: 'incremental = batch over unions of tables that change', count: 48, breaks: 0 }, { name: 'restore = no stop over unions of tables that change', count: 4, breaks: 2 }]) {
  test(name, async (t) => {
    const seed = seedFromEnvironment();
    const coverage = new Coverage(['Union', '+I', ...(breaks > 0 ? ['restores'] : ['ChangelogNormalize', 'Values', '+U', '-D', 'all', 'filtered', 'grouped', 'distinct', 'one group', 'play', 'play-upsert', 'play-retract'])], most);
    for (let i = 0; coverage.goesOn(i); i++) {
      const random = new Random(seed + i);
      const made = makeUnion(random, seed + i);
      const ran = await run(made, random, { cut: () => random.int(1, 12) }, breaks);
      assert.deepEqual(sortedTexts(finalRows(ran.changes, undefined)), sortedTexts(made.expected), `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${made.query}`);
      for (const word of new Set([made.kind, made.source, ...ran.operators, ...ran.changes.map((change) => rowKindText[change.kind as 0] ?? '?')])) coverage.count(word);
      if (breaks > 0) coverage.count('restores', ran.restores);
    }
    coverage.report(t, seed);
  });
}
