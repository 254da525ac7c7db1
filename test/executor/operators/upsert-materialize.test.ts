import assert from 'node:assert/strict';
import test from 'node:test';
import { rowKindText } from '../../../core/changelog.ts';
import { Engine } from '../../../engine/engine.ts';
import { nodesOf } from '../../../planner/physical-plan.ts';
import { makePlayer, type PlayRow } from '../../conformance/play.ts';

const kindOf = (op: string): number => rowKindText.indexOf(op as '+I');
const row = (op: string, ...values: readonly (string | number | null)[]): PlayRow => ({ kind: kindOf(op), phase: 1, values });

/** What a query gives a sink whose key is its first column, over a table of (id, k, n) that tells its changes whole. */
async function run(rows: readonly PlayRow[], query: string, sink: string, settings = ''): Promise<{ readonly changes: readonly string[]; readonly operators: readonly string[] }> {
  const player = makePlayer(new Map([['t', { splits: [rows] }]]), { poison: true });
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`${settings} CREATE TABLE t (id INT, k STRING, n INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'play-retract'); CREATE TABLE i (id INT, k STRING, n INT) WITH ('connector' = 'play'); CREATE TABLE out (${sink}, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'play')`);
  const insert = `INSERT INTO out ${query}`;
  const plan = engine.check(insert).inserts[0]?.planned.physical;
  await engine.exec(insert, { bounded: true });
  const changes = (player.taken.get('out') ?? []).map(({ kind, values }) => `${rowKindText[kind as 0]} ${values.join(' ')}`);
  return { changes, operators: plan === undefined ? [] : nodesOf(plan).map((node) => node.kind) };
}

test('with an upsert key a row that is updated is the latest of its key', async () => {
  const rows = [row('+I', 1, 'a', 10), row('+I', 2, 'a', 20), row('-U', 1, 'a', 10), row('+U', 1, 'a', 11), row('-D', 2, 'a', 20), row('-D', 1, 'a', 11)];
  const { changes, operators } = await run(rows, 'SELECT k, id, n FROM t', 'k STRING, id INT, n INT');
  // The withdrawal of the older row shows nothing; what comes in its place is the latest.
  assert.deepEqual(changes, ['+I a 1 10', '+U a 2 20', '+U a 1 11', '-D a 1 11']);
  assert.ok(operators.includes('UpsertMaterialize'));
});

test('without one the first of equal rows is withdrawn', async () => {
  const rows = [row('+I', 1, 'a', 5), row('+I', 2, 'a', 6), row('+I', 3, 'a', 5), row('-D', 1, 'a', 5), row('-D', 3, 'a', 5), row('-D', 2, 'a', 6)];
  const { changes } = await run(rows, 'SELECT k, n FROM t', 'k STRING, n INT');
  assert.deepEqual(changes, ['+I a 5', '+U a 6', '+U a 5', '+U a 6', '-D a 6']);
});

test('a withdrawal of what is not there is dropped', async () => {
  const { changes } = await run([row('-D', 1, 'a', 5), row('+I', 2, 'a', 6), row('-D', 9, 'a', 1), row('-D', 9, 'b', 1)], 'SELECT k, id, n FROM t', 'k STRING, id INT, n INT');
  assert.deepEqual(changes, ['+I a 2 6']);
});

test('none where the key tells the rows apart, where SET says NONE, and one before any upsert sink where it says FORCE', async () => {
  const key = 'SELECT k, COUNT(*) FROM t GROUP BY k';
  assert.equal((await run([], key, 'k STRING, n BIGINT')).operators.includes('UpsertMaterialize'), false);
  const other = 'SELECT k, n FROM t';
  const none = await run([row('+I', 1, 'a', 5), row('+I', 2, 'a', 6), row('-D', 1, 'a', 5)], other, 'k STRING, n INT', "SET 'table.exec.sink.upsert-materialize' = 'NONE';");
  assert.equal(none.operators.includes('UpsertMaterialize'), false);
  assert.deepEqual(none.changes, ['+I a 5', '+I a 6', '-D a 5']);
  const forced = await run([], "SELECT k, n FROM (VALUES ('a', 1), ('a', 2), ('b', 3)) AS v (k, n)", 'k STRING, n INT', "SET 'table.exec.sink.upsert-materialize' = 'force';");
  assert.ok(forced.operators.includes('UpsertMaterialize'));
  assert.deepEqual(forced.changes, ['+I a 1', '+U a 2', '+I b 3']);
});
