import assert from 'node:assert/strict';
import { rowKindText } from '../../core/changelog.ts';
import type { Ran } from './run-engine.ts';
import { aggregateSql, type Workload } from './workload.ts';

/** Counts what the cases of a law held; a law that never met something has not been tested against it. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  constructor(expected: readonly string[]) {
    for (const name of expected) this.#counts.set(name, 0);
  }

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  note(workload: Workload, ran: Ran, lateRows: number): void {
    for (const operator of new Set(ran.operators)) this.count(operator);
    for (const kind of new Set(ran.changes.map((change) => change.kind))) this.count(rowKindText[kind as 0] ?? '?');
    for (const aggregate of workload.aggregates) {
      this.count(aggregate.name);
      if (aggregateSql(aggregate).includes('FILTER')) this.count('FILTER');
    }
    for (const key of workload.keys) this.count(`key ${key.type}`);
    if (workload.splits.flat().some((row) => workload.keys.some((key) => key.eval(row) === null))) this.count('NULL keys');
    if (workload.kind === 'window') {
      this.count(workload.window.kind);
      this.count(`window ${workload.window.form}`);
    }
    if (workload.where !== undefined) this.count('filter');
    if (workload.splits.length > 1) this.count('several splits');
    if (lateRows > 0) this.count('late rows');
  }

  toString(): string {
    return [...this.#counts].map(([name, count]) => `${name} ${count}`).join(', ');
  }

  /** Fails when something expected never occurred. */
  check(seed: number): void {
    const missing = [...this.#counts].filter(([, count]) => count === 0).map(([name]) => name);
    assert.deepEqual(missing, [], `never occurred with SLUICE_SEED=${seed}`);
  }
}

/** What every law has to meet. */
export const always = [
  'TableSourceScan', 'Calc', 'WindowAggregate', 'WindowTableFunction', 'SessionWindow', 'TUMBLE', 'HOP', 'CUMULATE', 'SESSION', 'window direct', 'window attached', 'window older', 'GroupAggregate', 'Sink', '+I', '+U', 'COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'FILTER', 'key STRING', 'key INT', 'key BIGINT', 'key DECIMAL',
  'key DOUBLE', 'NULL keys', 'filter', 'several splits', 'late rows',
] as const;
