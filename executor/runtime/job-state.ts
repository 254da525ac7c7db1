import { SqlError } from '../../core/diagnostic.ts';
import type { CheckpointData, StoredCheckpoint } from '../../state/checkpoint-store.ts';
import { SliceStore } from '../../state/slices.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { Table, type RecordShape } from '../../state/table.ts';
import type { OperatorState } from '../operator.ts';

/** All keyed state of a job, by name. Filled from a stored checkpoint as operators ask for it; captured whole at a barrier. */
export class JobState implements OperatorState {
  readonly #stored: StoredCheckpoint['states'];
  readonly #claims = new Map<string, number>();
  readonly #tables = new Map<string, Table>();
  readonly #slices = new Map<string, SliceStore>();

  constructor(stored: StoredCheckpoint | undefined) {
    this.#stored = stored?.states ?? new Map();
  }

  /** The nth operator of one definition has state of its own: two queries of a job may count the same thing. */
  #claim(definition: string): string {
    const claims = (this.#claims.get(definition) ?? 0) + 1;
    this.#claims.set(definition, claims);
    return claims === 1 ? definition : `${definition}@${claims}`;
  }

  table(definition: string, shape: RecordShape): Table {
    const name = this.#claim(definition);
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Table(shape);
      const captures = this.#stored.get(name)?.get('');
      if (captures !== undefined) restoreTable(table, captures);
      this.#tables.set(name, table);
    }
    return table;
  }

  slices(definition: string, shape: RecordShape): SliceStore {
    const name = this.#claim(definition);
    let slices = this.#slices.get(name);
    if (slices === undefined) {
      slices = new SliceStore(shape);
      for (const [part, captures] of this.#stored.get(name) ?? []) restoreTable(slices.at(Number(part)), captures);
      slices.alignEpochs();
      this.#slices.set(name, slices);
    }
    return slices;
  }

  /** State that is stored and that no operator asked for: it would be lost. */
  unclaimed(): readonly string[] {
    return [...this.#stored.keys()].filter((name) => !this.#tables.has(name) && !this.#slices.has(name));
  }

  /** What changed since the last capture. Starts the next epoch. */
  capture(checkpoint: number): Pick<CheckpointData, 'captures' | 'dropped'> {
    const captures: { state: string; part: string; bytes: Uint8Array }[] = [];
    const dropped: { state: string; part: string }[] = [];
    for (const [state, table] of this.#tables) {
      captures.push({ state, part: '', bytes: captureTable(table, checkpoint) });
      table.nextEpoch();
    }
    for (const [state, slices] of this.#slices) {
      for (const end of slices.dropped()) dropped.push({ state, part: String(end) });
      for (const end of slices.ends()) {
        const table = slices.get(end);
        if (table !== undefined) captures.push({ state, part: String(end), bytes: captureTable(table, checkpoint) });
      }
      slices.nextEpoch();
    }
    return { captures, dropped };
  }

  get allocatedBytes(): number {
    let bytes = 0;
    for (const table of this.#tables.values()) bytes += table.allocatedBytes;
    for (const slices of this.#slices.values()) bytes += slices.allocatedBytes;
    return bytes;
  }
}

/** Refuses a stored state that the query would not go on from. */
export function checkClaimed(state: JobState): void {
  const unclaimed = state.unclaimed();
  if (unclaimed.length === 0) return;
  throw new SqlError({
    code: 'E0801',
    message: `the stored state of this job holds ${unclaimed.join(', ')}, which the query as it is now does not use`,
    hint: 'run with --fresh to start over, or give the job another name',
  });
}
