import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateBatch, poisonBatch, type Batch } from '../../../core/batch.ts';
import { rowKindText } from '../../../core/changelog.ts';
import type { I64Column } from '../../../core/column.ts';
import { types } from '../../../core/sql-type.ts';
import { joinOperator, type JoinSpec } from '../../../executor/operators/join.ts';
import { JobState } from '../../../executor/runtime/job-state.ts';
import { Stage } from '../../../executor/runtime/stage.ts';
import { Engine } from '../../../engine/engine.ts';
import { Union } from '../../../executor/runtime/union.ts';
import { makePlayer, type PlayRow } from '../../conformance/play.ts';
import type { StoredCheckpoint } from '../../../state/checkpoint.ts';

/** A change of a row (key, value); null for a key that is NULL. */
type Given = readonly [op: '+I' | '-U' | '+U' | '-D', key: number | null, value: number];

const pair = [types.bigint, types.bigint];
const identity = [0, 1];

/** A join of two sides of (key, value) by their keys, both of which withdraw rows. */
class Joined {
  readonly changes: string[] = [];
  /** The rows of each batch that came out. */
  readonly batches: number[] = [];
  readonly state: JobState;
  readonly stage: Stage;
  readonly union: Union;
  /** The watermark that came behind the last batch. */
  watermark = -Infinity;

  /** Newest first. */
  readonly #checkpoints: Map<string, Uint8Array>[];

  constructor(spec: Partial<JoinSpec> = {}, state = new JobState(), checkpoints: Map<string, Uint8Array>[] = []) {
    this.state = state;
    this.#checkpoints = checkpoints;
    const target = { accept: (batch: Batch) => this.#take(batch), advance: (time: number) => ((this.watermark = time), false), flush: () => undefined, end: () => undefined };
    this.stage = new Stage('Join[1]', state.of('p'), target, () => undefined, (context) =>
      joinOperator(context, { type: 'INNER', sides: [{ types: pair, identity }, { types: pair, identity }], keys: [{ left: 0, right: 0, nullsMatch: false }], condition: undefined, outputTypes: [...pair, ...pair], stateName: 'join', ...spec }));
    this.union = new Union('p', 2, this.stage, undefined, -Infinity, [0, 1].map((input) => ({ accept: (batch) => this.stage.accept(batch, input) })));
  }

  /** Changes of one side, in one batch, as they come while its watermark stands at `watermark`. */
  give(side: 0 | 1, rows: readonly Given[], watermark?: number): this {
    const batch = allocateBatch(['i64', 'i64'], rows.length);
    batch.rowCount = rows.length;
    const [keys, values] = batch.columns as [I64Column, I64Column];
    if (rows.some(([, key]) => key === null)) keys.nulls = Uint8Array.from(rows, ([, key]) => (key === null ? 1 : 0));
    batch.kinds = Uint8Array.from(rows, ([op]) => rowKindText.indexOf(op));
    for (const [i, [, key, value]] of rows.entries()) {
      keys.values[i] = BigInt(key ?? 0);
      values.values[i] = BigInt(value);
    }
    if (watermark !== undefined) {
      batch.watermarks = new Float64Array(rows.length).fill(watermark);
      batch.watermarkAfter = watermark;
    }
    this.union.ports[side]?.accept(batch);
    poisonBatch(batch);
    return this;
  }

  /** What has come out since it was asked last. */
  taken(): readonly string[] {
    return this.changes.splice(0);
  }

  /** Goes on from a checkpoint, which holds what has changed since the one before. */
  restored(spec: Partial<JoinSpec> = {}): Joined {
    this.#checkpoints.unshift(new Map(this.state.capture(1).captures.map(({ state, bytes }) => [state, bytes])));
    const names = Object.keys(this.state.schemas);
    const states: StoredCheckpoint['states'] = new Map(names.map((name) => [name, new Map([['', this.#checkpoints.flatMap((checkpoint) => checkpoint.get(name) ?? [])]])]));
    return new Joined(spec, new JobState({ id: 1, meta: {}, states }, this.state.schemas, new Set(['p'])), this.#checkpoints);
  }

  #take(batch: Batch): void {
    this.batches.push(batch.rowCount);
    for (let row = 0; row < batch.rowCount; row++) {
      const values = batch.columns.map((column) => (column.nulls?.[row] === 1 ? 'NULL' : String((column as I64Column).values[row])));
      this.changes.push(`${rowKindText[(batch.kinds?.[row] ?? 0) as 0]} ${values.join(' ')}`);
    }
  }
}

test('each change comes out with each row of the other side, in the order in which those came, as the kind that it is', () => {
  const joined = new Joined().give(0, [['+I', 1, 10], ['+I', 1, 11], ['+I', 2, 20]]);
  assert.deepEqual(joined.taken(), []);
  assert.deepEqual(joined.give(1, [['+I', 1, 5], ['-U', 1, 5], ['+U', 1, 6]]).taken(), ['+I 1 10 1 5', '+I 1 11 1 5', '-U 1 10 1 5', '-U 1 11 1 5', '+U 1 10 1 6', '+U 1 11 1 6']);
  assert.deepEqual(joined.give(0, [['-D', 1, 10], ['+I', 3, 30]]).taken(), ['-D 1 10 1 6']);
});

test('equal rows are kept each on its own', () => {
  const joined = new Joined().give(0, [['+I', 1, 10], ['+I', 1, 10]]).give(1, [['+I', 1, 5]]);
  assert.deepEqual(joined.taken(), ['+I 1 10 1 5', '+I 1 10 1 5']);
  assert.deepEqual(joined.give(0, [['-D', 1, 10]]).give(1, [['-D', 1, 5]]).taken(), ['-D 1 10 1 5', '-D 1 10 1 5']);
});

test('a withdrawal of what is not there is counted and dropped', () => {
  const joined = new Joined({ type: 'FULL' }).give(0, [['-D', 1, 10], ['+I', 1, 11], ['-D', 1, 12]]);
  assert.deepEqual(joined.taken(), ['+I 1 11 NULL NULL']);
  assert.equal(joined.stage.metrics.unmatched, 2);
});

test('a NULL key meets nothing, and comes out alone where rows that meet nothing do', () => {
  const rows = [['+I', null, 1], ['-D', null, 1]] as const;
  const others = [['+I', null, 2]] as const;
  assert.deepEqual(new Joined().give(0, rows).give(1, others).taken(), []);
  assert.deepEqual(new Joined({ type: 'LEFT' }).give(0, rows).give(1, others).taken(), ['+I NULL 1 NULL NULL', '-D NULL 1 NULL NULL']);
  assert.deepEqual(new Joined({ keys: [{ left: 0, right: 0, nullsMatch: true }] }).give(0, [['+I', null, 1]]).give(1, others).taken(), ['+I NULL 1 NULL 2']);
});

test('beside NULLs until the first match comes, and again when the last one has gone', () => {
  const joined = new Joined({ type: 'FULL' }).give(0, [['+I', 1, 10]]);
  assert.deepEqual(joined.taken(), ['+I 1 10 NULL NULL']);
  assert.deepEqual(joined.give(1, [['+I', 1, 5], ['+I', 1, 6]]).taken(), ['-D 1 10 NULL NULL', '+I 1 10 1 5', '+I 1 10 1 6']);
  assert.deepEqual(joined.give(1, [['-D', 1, 5], ['-D', 1, 6]]).taken(), ['-D 1 10 1 5', '-D 1 10 1 6', '+I 1 10 NULL NULL']);
  assert.deepEqual(joined.give(0, [['-D', 1, 10]]).taken(), ['-D 1 10 NULL NULL']);
});

test('how many a row meets is kept over a restart, and so is the order of the rows', () => {
  const spec = { type: 'LEFT' } as const;
  const before = new Joined(spec).give(0, [['+I', 1, 10], ['+I', 2, 20], ['+I', 1, 9]]).give(1, [['+I', 1, 5], ['+I', 1, 6], ['+I', null, 7]]);
  const after = before.restored(spec);
  assert.deepEqual(after.give(1, [['-D', 1, 6]]).taken(), ['-D 1 10 1 6', '-D 1 9 1 6']);
  assert.deepEqual(after.restored(spec).give(1, [['-D', 1, 5], ['+I', 2, 8]]).taken(), ['-D 1 10 1 5', '+I 1 10 NULL NULL', '-D 1 9 1 5', '+I 1 9 NULL NULL', '-D 2 20 NULL NULL', '+I 2 20 2 8']);
});

test('a row that meets many comes out in batches of a bounded size', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ['+I', 1, i] as const);
  for (const type of ['INNER', 'RIGHT'] as const) {
    const joined = new Joined({ type }).give(0, many).give(1, [['+I', 1, -1], ['+I', 2, -2], ['-D', 1, -1]]);
    const expected = ['+I', '-D'].map((op) => many.map(([, , value]) => `${op} 1 ${value} 1 -1`));
    assert.deepEqual(joined.taken(), [...(expected[0] ?? []), ...(type === 'RIGHT' ? ['+I NULL NULL 2 -2'] : []), ...(expected[1] ?? [])]);
    assert.ok(joined.batches.length > 4 && joined.batches.every((rows) => rows > 0 && rows <= 4096), joined.batches.join());
  }
});

test('SEMI gives a row once while it meets any, ANTI while it meets none', () => {
  const semi = new Joined({ type: 'SEMI' }).give(0, [['+I', 1, 10], ['+I', 1, 11], ['+I', null, 9], ['+I', 2, 20]]);
  assert.deepEqual(semi.taken(), []);
  assert.deepEqual(semi.give(1, [['+I', 1, 5], ['+I', 1, 6], ['+I', null, 7]]).taken(), ['+I 1 10 NULL NULL', '+I 1 11 NULL NULL']);
  assert.deepEqual(semi.give(0, [['-U', 1, 10], ['+U', 1, 12], ['-U', 2, 20], ['+U', 2, 21]]).taken(), ['-U 1 10 NULL NULL', '+U 1 12 NULL NULL']);
  assert.deepEqual(semi.give(1, [['-D', 1, 5]]).taken(), []);
  assert.deepEqual(semi.restored({ type: 'SEMI' }).give(1, [['-D', 1, 6], ['+I', 2, 1]]).taken(), ['-D 1 11 NULL NULL', '-D 1 12 NULL NULL', '+I 2 21 NULL NULL']);

  const anti = new Joined({ type: 'ANTI' }).give(0, [['+I', 1, 10], ['+I', null, 9], ['-D', null, 9]]);
  assert.deepEqual(anti.taken(), ['+I 1 10 NULL NULL', '+I NULL 9 NULL NULL', '-D NULL 9 NULL NULL']);
  assert.deepEqual(anti.give(1, [['+I', 1, 5], ['+I', 1, 6]]).taken(), ['-D 1 10 NULL NULL']);
  assert.deepEqual(anti.give(0, [['+I', 1, 11], ['-D', 1, 10]]).taken(), []);
  assert.deepEqual(anti.restored({ type: 'ANTI' }).give(1, [['-D', 1, 5], ['-D', 1, 6]]).taken(), ['+I 1 11 NULL NULL']);
});

test('rows that begin to meet one come out in batches of a bounded size', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ['+I', 1, i] as const);
  const joined = new Joined({ type: 'SEMI' }).give(0, many).give(1, [['+I', 1, -1], ['+I', 1, -2], ['-D', 1, -1], ['-D', 1, -2]]);
  assert.deepEqual(joined.taken(), ['+I', '-D'].flatMap((op) => many.map(([, , value]) => `${op} 1 ${value} NULL NULL`)));
  assert.ok(joined.batches.length > 4 && joined.batches.every((rows) => rows > 0 && rows <= 4096), joined.batches.join());
});

test('event time is that of the side that is further behind', () => {
  const joined = new Joined();
  joined.give(0, [['+I', 1, 1]], 5000);
  joined.union.ports[0]?.advance(5000);
  assert.equal(joined.watermark, -Infinity);
  joined.give(1, [['+I', 1, 1]], 3000);
  joined.union.ports[1]?.advance(3000);
  assert.equal(joined.watermark, 3000);
  joined.union.ports[1]?.advance(9000);
  assert.equal(joined.watermark, 5000);
});

/** Runs a query over t and u, both of (k INT, a INT); gives how many rows each read of u had. */
async function reads(query: string, t: readonly PlayRow[], u: readonly PlayRow[]): Promise<readonly number[]> {
  const read: number[] = [];
  const player = makePlayer(new Map([['t', { splits: [t] }], ['u', { splits: [u] }]]), { onRead: (table, _split, rows) => void (table === 'u' && read.push(rows)) });
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(['t', 'u'].map((name) => `CREATE TABLE ${name} (k INT, a INT) WITH ('connector' = 'play');`).join(' '));
  await engine.collect(query);
  return read;
}

test('rows that become many are read in shorter steps', async () => {
  const rows = (count: number): readonly PlayRow[] => Array.from({ length: count }, (_, i) => ({ kind: 0, phase: 1, values: [1, i] }));
  const read = await reads("SELECT t.a FROM t JOIN u ON t.k = u.k WHERE UUID() = ''", rows(300), rows(4000));
  const [first = 0, second = 0] = read;
  assert.ok(first > second && second * 300 <= 70_000, read.join());
  assert.equal(read.reduce((a, b) => a + b), 4000);
});

test('a condition that fails for a pair of rows is told by the part that fails', async () => {
  const row = (...values: readonly number[]): PlayRow => ({ kind: 0, phase: 1, values });
  const query = 'SELECT t.a FROM t JOIN u ON t.k = u.k AND 10 / u.a > t.a';
  await assert.rejects(reads(query, [row(1, 1)], [row(1, 5), row(1, 0)]), { code: 'E0207', column: query.indexOf('10 /') + 1, endColumn: query.indexOf(' > t.a') + 1 });
});
