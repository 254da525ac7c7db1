import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateBatch, type Batch } from '../../core/batch.ts';
import { retractions, rowKindText, upserts, type Changelog } from '../../core/changelog.ts';
import { types } from '../../core/sql-type.ts';
import { changeReader, netRows } from '../../engine/changes.ts';
import type { KeyedPlan } from '../../planner/row-key.ts';
import type { Change, Op } from '../../index.ts';

/** Rows of (k, v). */
function planOf(changelog: Changelog, key: readonly number[] | undefined): KeyedPlan {
  const columns = [{ name: 'k', type: types.bigint }, { name: 'v', type: types.bigint }];
  return { width: 2, key, physical: { kind: 'SingleRow', id: 1, columns, properties: { changelog, upsertKeys: key === undefined ? [] : [key], state: 'none' } } };
}

function batchOf(changes: readonly (readonly [Op, number | null, number])[]): Batch {
  const batch = allocateBatch(['i64', 'i64'], changes.length);
  const [k, v] = batch.columns;
  assert.ok(k?.layout === 'i64' && v?.layout === 'i64');
  batch.rowCount = changes.length;
  batch.kinds = Uint8Array.from(changes, ([op]) => rowKindText.indexOf(op));
  k.nulls = Uint8Array.from(changes, ([, key]) => (key === null ? 1 : 0));
  for (const [i, [, key, value]] of changes.entries()) {
    k.values[i] = BigInt(key ?? 0);
    v.values[i] = BigInt(value);
  }
  return batch;
}

test('a deleted row is gone, of keys and of whole rows', () => {
  const keyed = netRows(planOf(upserts, [0]), undefined);
  keyed.add(batchOf([['+I', 1, 10], ['+I', null, 20], ['+I', 0, 30], ['+U', 1, 11]]));
  keyed.add(batchOf([['-D', null, 20], ['-D', 7, 0], ['+U', 0, 31], ['-U', 1, 11], ['+U', 1, 12]]));
  assert.deepEqual(keyed.rows(), [{ k: 0n, v: 31n }, { k: 1n, v: 12n }]);
  const whole = netRows(planOf(retractions, undefined), undefined);
  whole.add(batchOf([['+I', 1, 10], ['+I', 1, 10], ['+I', 2, 10], ['+I', null, 10], ['-U', 2, 10], ['+U', 2, 11]]));
  whole.add(batchOf([['-D', null, 10], ['+I', 1, 10], ['-D', 1, 10]]));
  assert.deepEqual(whole.rows(), [{ k: 1n, v: 10n }, { k: 1n, v: 10n }, { k: 2n, v: 11n }]);
});

test('a row that is withdrawn before it comes leaves nothing behind', () => {
  const whole = netRows(planOf(retractions, undefined), undefined);
  whole.add(batchOf([['-D', 1, 10], ['-D', 2, 10]]));
  assert.deepEqual(whole.rows(), []);
  whole.add(batchOf([['+I', 1, 10], ['+I', 3, 10]]));
  assert.deepEqual(whole.rows(), [{ k: 3n, v: 10n }]);
});

test('pairs name the row that goes', () => {
  const read = changeReader(planOf(upserts, [0]), undefined, 'pairs');
  const told: Change[] = [];
  read(batchOf([['+I', 1, 10], ['+U', 1, 11], ['-D', 1, 0], ['-D', 2, 0], ['+I', 1, 12]]), told);
  assert.deepEqual(told.map(({ op, row }) => [op, row['v']]), [['+I', 10n], ['-U', 10n], ['+U', 11n], ['-D', 11n], ['+I', 12n]]);
});

test('changes that name what they replace are told as they are, or without it', () => {
  const batch = batchOf([['+I', 1, 10], ['-U', 1, 10], ['+U', 1, 11], ['-D', 1, 11]]);
  const opsOf = (updates: 'pairs' | 'after' | undefined): readonly Op[] => {
    const told: Change[] = [];
    changeReader(planOf(retractions, [0]), undefined, updates)(batch, told);
    return told.map(({ op }) => op);
  };
  assert.deepEqual(opsOf(undefined), ['+I', '-U', '+U', '-D']);
  assert.deepEqual(opsOf('pairs'), ['+I', '-U', '+U', '-D']);
  assert.deepEqual(opsOf('after'), ['+I', '+U', '-D']);
});

test('a row that is replaced by none under its key is deleted, also where an update is told by its new row alone', () => {
  const told: Change[] = [];
  const read = changeReader(planOf(retractions, [0]), undefined, 'after');
  read(batchOf([['+I', 1, 10], ['-U', 1, 10], ['+U', 2, 11], ['-U', 2, 11], ['+U', 2, 12], ['-U', 2, 12]]), told);
  assert.deepEqual(told.map(({ op, row }) => [op, row['k'], row['v']]), [['+I', 1n, 10n], ['-D', 1n, 10n], ['+U', 2n, 11n], ['+U', 2n, 12n], ['-D', 2n, 12n]]);
});

test('without a key each change names its whole row, however it is asked for', () => {
  const told: Change[] = [];
  changeReader(planOf(retractions, undefined), undefined, 'after')(batchOf([['+I', 1, 10], ['-U', 1, 10], ['+U', 1, 11]]), told);
  assert.deepEqual(told.map(({ op }) => op), ['+I', '-U', '+U']);
});
