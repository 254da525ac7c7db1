import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { poisonBatch } from '../../core/batch.ts';
import { RowKind, rowKindText } from '../../core/changelog.ts';
import { Engine } from '../../engine/engine.ts';
import { stageHooks } from '../../executor/runtime/stage.ts';
import { makePlayer, type PlayChange, type PlayOptions, type PlayRow } from '../conformance/play.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { Coverage } from './coverage.ts';

type Row = readonly [k: string | null, v: number | null, w: string];

interface Case {
  readonly rows: readonly { readonly kind: number; readonly row: Row }[];
  readonly updating: boolean;
  readonly order: readonly { readonly column: 0 | 1 | 2; readonly descending: boolean; readonly nulls: 'FIRST' | 'LAST' | undefined }[];
  readonly offset: number;
  readonly count: number | undefined;
}

function makeCase(random: Random): Case {
  const updating = random.chance(0.5);
  const rows: { kind: number; row: Row }[] = [];
  const live: Row[] = [];
  for (let i = 0; i < random.int(5, 60); i++) {
    if (updating && live.length > 0 && random.chance(0.4)) {
      const [row] = live.splice(random.int(0, live.length - 1), 1);
      if (row !== undefined) rows.push({ kind: RowKind.delete, row });
      continue;
    }
    const row: Row = [random.chance(0.1) ? null : random.pick(['a', 'b', 'bb', 'ö', '']), random.chance(0.1) ? null : random.int(-3, 5), `row ${random.int(0, 9)}`];
    live.push(row);
    rows.push({ kind: RowKind.insert, row });
  }
  const columns = random.pick<readonly (0 | 1 | 2)[]>([[], [1], [0], [1, 0], [0, 2], [2, 1]]);
  const order = columns.map((column) => ({ column, descending: random.chance(0.5), nulls: random.pick(['FIRST', 'LAST', undefined] as const) }));
  const isLimited = order.length === 0 || random.chance(0.75);
  return { rows, updating, order, offset: isLimited ? random.pick([0, 0, 1, 4]) : 0, count: isLimited ? random.pick([0, 1, 3, 7, 100]) : undefined };
}

const names = ['k', 'v', 'w'] as const;

function queryOf({ order, offset, count }: Case): string {
  const keys = order.map(({ column, descending, nulls }) => `${names[column]}${descending ? ' DESC' : ''}${nulls === undefined ? '' : ` NULLS ${nulls}`}`);
  return `SELECT k, v, w FROM t${keys.length === 0 ? '' : ` ORDER BY ${keys.join(', ')}`}${count === undefined ? '' : ` LIMIT ${count}`}${offset === 0 ? '' : ` OFFSET ${offset}`}`;
}

/** SQL's order of UTF-8 text is that of code points; these texts have none beyond the first plane. */
function compare(a: string | number | null, b: string | number | null, descending: boolean, nullsFirst: boolean): number {
  if (a === null || b === null) return a === b ? 0 : (a === null) === nullsFirst ? -1 : 1;
  return (a < b ? -1 : a > b ? 1 : 0) * (descending ? -1 : 1);
}

/** The query over all rows at once; equal ones as they came, or, as a planted bug, the last first. */
function evaluate({ rows, order, offset, count }: Case, plantedTies = false): readonly Row[] {
  const live: Row[] = [];
  for (const { kind, row } of rows) {
    if (kind === RowKind.insert) live.push(row);
    // Of equal rows the first goes.
    else live.splice(live.findIndex((other) => JSON.stringify(other) === JSON.stringify(row)), 1);
  }
  const sorted = (plantedTies ? live.toReversed() : live).toSorted((a, b) => {
    for (const { column, descending, nulls } of order) {
      const compared = compare(a[column], b[column], descending, nulls === undefined ? !descending : nulls === 'FIRST');
      if (compared !== 0) return compared;
    }
    return 0;
  });
  return sorted.slice(offset, count === undefined ? undefined : offset + count);
}

async function run(of: Case, options: PlayOptions & { readonly stateDir?: string; readonly onJob?: (job: Awaited<ReturnType<Engine['submit']>>) => void } = {}): Promise<readonly PlayChange[]> {
  const player = makePlayer(new Map([['t', { splits: [of.rows.map(({ kind, row }): PlayRow => ({ kind, phase: 1, values: row }))] }]]), { poison: true, ...options });
  await using engine = await Engine.create({ connectors: player.connectors, stateDir: options.stateDir });
  await engine.exec(`CREATE TEMPORARY TABLE t (k STRING, v INT, w STRING) WITH ('connector' = '${of.updating ? 'play-retract' : 'play'}'); CREATE TEMPORARY TABLE out (k STRING, v INT, w STRING) WITH ('connector' = 'play')`);
  stageHooks.afterBatch = poisonBatch;
  try {
    const job = await engine.submit(`INSERT INTO out ${queryOf(of)}`, { bounded: true, name: 'ordered' });
    options.onJob?.(job);
    await job.finished;
  } finally {
    stageHooks.afterBatch = undefined;
  }
  return player.taken.get('out') ?? [];
}

/** What is left of changes. Each withdrawal finds its row. */
function net(changes: readonly PlayChange[], context: string): readonly string[] {
  const rows: string[] = [];
  for (const { kind, values } of changes) {
    const text = JSON.stringify(values);
    if (kind === RowKind.insert || kind === RowKind.updateAfter) rows.push(text);
    else {
      const at = rows.indexOf(text);
      assert.ok(at >= 0, `${context}: withdraws ${text}, which is not there`);
      rows.splice(at, 1);
    }
  }
  return rows;
}

const text = (changes: readonly PlayChange[]): readonly string[] => changes.map(({ kind, values }) => `${rowKindText[kind as 0]} ${JSON.stringify(values)}`);

test('ORDER BY, LIMIT and OFFSET: changes sum up to the sorted rows, however the input is cut, over restarts too', async (t) => {
  const seed = seedFromEnvironment();
  const coverage = new Coverage(['limited', 'sorted', 'updating', 'withdrawals', 'restores'], 40);
  for (let i = 0; coverage.goesOn(i); i++) {
    const random = new Random(seed + i);
    const of = makeCase(random);
    const context = `SLUICE_SEED=${seed + i} SLUICE_LAW_CASES=1: ${queryOf(of)}`;
    const whole = await run(of);
    const expected = evaluate(of).map((row) => JSON.stringify(row));
    const isSorted = of.count === undefined && of.order.length > 0;
    const left = net(whole, context);
    // A LIMIT's rows are a set that changes; a sort's come in their order.
    assert.deepEqual(isSorted ? left : left.toSorted(), isSorted ? expected : expected.toSorted(), context);
    assert.deepEqual(text(await run(of, { cut: () => random.int(1, 5) })), text(whole), context);
    coverage.count(isSorted ? 'sorted' : 'limited');
    if (of.updating) coverage.count('updating');
    if (whole.some(({ kind }) => kind === RowKind.delete)) coverage.count('withdrawals');
    if (!random.chance(0.3)) continue;
    const stateDir = mkdtempSync(join(tmpdir(), 'sluice-ordered-'));
    try {
      // Stops behind a read, and goes on from the checkpoint of its end.
      const stopAt = random.int(1, 4);
      let reads = 0;
      let stop = (): void => undefined;
      const first = await run(of, { stateDir, cut: () => 4, onRead: () => { if (++reads === stopAt) stop(); }, onJob: (job) => { stop = () => void job.stop(); } });
      const rest = await run(of, { stateDir });
      if (reads === stopAt && of.rows.length > 4 * stopAt) coverage.count('restores');
      assert.deepEqual(text([...first, ...rest]), text(whole), `${context} stopped behind read ${stopAt}`);
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  }
  coverage.report(t, seed);
});

test('the law finds equal rows that come in another order', async () => {
  let found = 0;
  for (let seed = 0; seed < 30 && found === 0; seed++) {
    const of = makeCase(new Random(seed));
    const left = net(await run(of), queryOf(of)).toSorted();
    if (left.join('\n') !== evaluate(of, true).map((row) => JSON.stringify(row)).toSorted().join('\n')) found++;
  }
  assert.ok(found > 0);
});
