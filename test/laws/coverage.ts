import assert from 'node:assert/strict';
import { rowKindText } from '../../core/changelog.ts';
import { casesFromEnvironment } from '../random.ts';
import type { Ran } from './run-engine.ts';
import { aggregateSql, type Workload } from './workload.ts';

/** How many times as many cases a law runs, at most, when some of what it has to meet has not come up. */
const patience = 4;

/** Counts what the cases of a law held; a law that never met something has not been tested against it. */
export class Coverage {
  readonly #counts = new Map<string, number>();
  readonly #cases: number;
  /** False where the environment asks for fewer cases, as to run one again. */
  readonly #isWhole: boolean;
  #ran = 0;

  /** `expected`: what has to come up. `cases`: how many fit into npm test; SLUICE_LAW_CASES asks for another number. */
  constructor(expected: readonly string[], cases: number) {
    for (const name of expected) this.#counts.set(name, 0);
    this.#cases = casesFromEnvironment(cases);
    this.#isWhole = this.#cases >= cases;
  }

  /** Whether the law runs its case `i`, counted from 0: all that were asked for, and more while something has not come up. */
  goesOn(i: number): boolean {
    this.#ran = i;
    return i < this.#cases || (this.#isWhole && i < this.#cases * patience && this.#missing.length > 0);
  }

  get #missing(): readonly string[] {
    return [...this.#counts].filter(([, count]) => count === 0).map(([name]) => name);
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

  /** Says what came up, and fails when something expected never did. */
  report(t: { diagnostic(text: string): void }, seed: number): void {
    t.diagnostic(`seed ${seed}, ${this.#ran} cases: ${[...this.#counts].map(([name, count]) => `${name} ${count}`).join(', ')}`);
    if (this.#isWhole) assert.deepEqual(this.#missing, [], `never occurred with SLUICE_SEED=${seed}`);
  }
}

/** What every law has to meet. */
export const always = [
  'TableSourceScan', 'Calc', 'WindowAggregate', 'WindowTableFunction', 'SessionWindow', 'TUMBLE', 'HOP', 'CUMULATE', 'SESSION', 'window direct', 'window attached', 'window older', 'GroupAggregate', 'Sink', '+I', '+U', 'COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'FILTER', 'key STRING', 'key INT', 'key BIGINT', 'key DECIMAL',
  'key DOUBLE', 'NULL keys', 'filter', 'several splits', 'late rows',
] as const;
