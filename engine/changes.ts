import type { Batch } from '../core/batch.ts';
import { RowKind } from '../core/changelog.ts';
import type { KeyedPlan } from '../planner/row-key.ts';
import { keyReader, opOf, rowReader } from './rows.ts';
import type { Change, JsTypes, Row } from './api.ts';

/**
 * How the changes of a query are told. `after`: an update by its new row, where a key tells which one that replaces. `pairs`: by the row it
 * replaces, then the new one; this keeps the latest row of each key. By default as the plan makes them, and in pairs where the new row alone does
 * not say which one it replaces.
 */
export type Updates = 'pairs' | 'after';

/** Appends the changes of a batch to a list. */
export function changeReader({ physical, width, key }: KeyedPlan, types: JsTypes | undefined, updates: Updates | undefined): (batch: Batch, into: Change[]) => void {
  const read = rowReader(physical.columns.slice(0, width), types);
  const { changelog } = physical.properties;
  const isPairs = updates === 'pairs' || (updates === undefined && key !== undefined && key.some((index) => index >= width));
  if (isPairs && key !== undefined && changelog.updates && !changelog.before) return pairReader(keyReader(physical.columns, key), read);
  if (updates === 'after' && key !== undefined && changelog.before) return afterReader(keyReader(physical.columns, key), read);
  return (batch, into) => {
    for (let row = 0; row < batch.rowCount; row++) into.push({ op: opOf(batch, row), row: read(batch, row) });
  };
}

/** An update by its new row alone. A row that an update replaces and that nothing follows under its key, as it no longer meets a condition, is deleted. */
function afterReader(keyOf: (batch: Batch, row: number) => string, read: (batch: Batch, row: number) => Row): (batch: Batch, into: Change[]) => void {
  return (batch, into) => {
    const { kinds, rowCount } = batch;
    for (let row = 0; row < rowCount; row++) {
      if (kinds?.[row] !== RowKind.updateBefore) into.push({ op: opOf(batch, row), row: read(batch, row) });
      else if (kinds[row + 1] !== RowKind.updateAfter || row + 1 === rowCount || keyOf(batch, row + 1) !== keyOf(batch, row)) into.push({ op: '-D', row: read(batch, row) });
    }
  };
}

function pairReader(keyOf: (batch: Batch, row: number) => string, read: (batch: Batch, row: number) => Row): (batch: Batch, into: Change[]) => void {
  const latest = new Map<string, Row>();
  return (batch, into) => {
    for (let row = 0; row < batch.rowCount; row++) {
      const key = keyOf(batch, row);
      const old = latest.get(key);
      if (isWithdrawal(batch, row)) {
        if (old !== undefined) into.push({ op: '-D', row: old });
        latest.delete(key);
        continue;
      }
      const now = read(batch, row);
      if (old === undefined) into.push({ op: '+I', row: now });
      else into.push({ op: '-U', row: old }, { op: '+U', row: now });
      latest.set(key, now);
    }
  };
}

function isWithdrawal(batch: Batch, row: number): boolean {
  const kind = batch.kinds?.[row];
  return kind === RowKind.delete || kind === RowKind.updateBefore;
}

/** The rows that the changes of a query come to. */
export interface NetRows {
  add(batch: Batch): void;
  rows(): readonly Row[];
}

/** The latest row of each key; without a key, the rows that were not withdrawn, each as often as it came. */
export function netRows({ physical, width, key }: KeyedPlan, types: JsTypes | undefined): NetRows {
  const read = rowReader(physical.columns.slice(0, width), types);
  const keyOf = keyReader(physical.columns, key ?? physical.columns.map((_, index) => index));
  return key === undefined ? multiset(keyOf, read) : latestRows(keyOf, read);
}

function latestRows(keyOf: (batch: Batch, row: number) => string, read: (batch: Batch, row: number) => Row): NetRows {
  const latest = new Map<string, Row>();
  return {
    add: (batch) => {
      for (let row = 0; row < batch.rowCount; row++) {
        const key = keyOf(batch, row);
        if (isWithdrawal(batch, row)) latest.delete(key);
        else latest.set(key, read(batch, row));
      }
    },
    rows: () => [...latest.values()],
  };
}

function multiset(keyOf: (batch: Batch, row: number) => string, read: (batch: Batch, row: number) => Row): NetRows {
  const counted = new Map<string, { readonly row: Row; count: number }>();
  return {
    add: (batch) => {
      for (let row = 0; row < batch.rowCount; row++) {
        const key = keyOf(batch, row);
        const known = counted.get(key);
        const step = isWithdrawal(batch, row) ? -1 : 1;
        if (known === undefined) counted.set(key, { row: read(batch, row), count: step });
        else if (known.count + step === 0) counted.delete(key);
        else known.count += step;
      }
    },
    rows: () => [...counted.values()].flatMap(({ row, count }) => Array.from({ length: Math.max(0, count) }, () => row)),
  };
}
