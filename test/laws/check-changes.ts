import assert from 'node:assert/strict';
import type { JsValue } from '../../core/js-value.ts';
import type { PlayChange } from '../conformance/play.ts';
import type { Ran } from './run-changing.ts';

const text = (values: readonly JsValue[]): string => JSON.stringify(values, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));

const isRemoval = (change: PlayChange): boolean => change.kind === 1 || change.kind === 3;

/** Throws unless each withdrawal takes what is there, and no key is there twice at any time. */
export function checkChanges({ changes, upsertKeys }: Ran): void {
  const there = new Map<string, number>();
  const byKey = upsertKeys.map((key) => ({ key, rows: new Map<string, number>() }));
  for (const change of changes) {
    const step = isRemoval(change) ? -1 : 1;
    const count = (there.get(text(change.values)) ?? 0) + step;
    assert.ok(count >= 0, `withdrawn but never given: ${text(change.values)}`);
    there.set(text(change.values), count);
    for (const { key, rows } of byKey) {
      const id = text(key.map((index) => change.values[index] ?? null));
      const of = (rows.get(id) ?? 0) + step;
      assert.ok(of === 0 || of === 1, `${of} rows of the key (${key.join(', ')}): ${text(change.values)}`);
      rows.set(id, of);
    }
  }
}
