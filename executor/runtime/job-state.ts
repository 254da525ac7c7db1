import { SqlError } from '../../core/diagnostic.ts';
import type { CheckpointData, StoredCheckpoint } from '../../state/checkpoint-store.ts';
import { SliceStore } from '../../state/slices.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { Table, type RecordShape } from '../../state/table.ts';
import type { OperatorState } from '../operator.ts';
import { checkSchema, schemaOf, type StateSchema } from './state-schema.ts';

interface Owned<T> {
  readonly stream: string;
  readonly store: T;
}

/**
 * All keyed state of a job, by pipeline and definition: what a pipeline has counted belongs to its positions, and to no other's. Filled
 * from a stored checkpoint as operators ask for it; captured whole at a barrier.
 */
export class JobState {
  readonly #stored: StoredCheckpoint['states'];
  readonly #storedSchemas: Readonly<Record<string, StateSchema>>;
  /** Pipelines that go on from a stored position. */
  readonly #restored: ReadonlySet<string>;
  readonly #schemas: Record<string, StateSchema> = {};
  readonly #claims = new Map<string, number>();
  readonly #tables = new Map<string, Owned<Table>>();
  readonly #slices = new Map<string, Owned<SliceStore>>();
  /** Stream -> ms: the latest time that belongs to a window which is closed and gone. */
  readonly #closed = new Map<string, number>();

  constructor(stored?: StoredCheckpoint, schemas: Readonly<Record<string, StateSchema>> = {}, restored: ReadonlySet<string> = new Set()) {
    this.#stored = stored?.states ?? new Map();
    this.#storedSchemas = schemas;
    this.#restored = restored;
  }

  /** The state of one pipeline; `stream` is what names the event time of its rows. Throws E0801 where what is stored is not what an operator asks for. */
  of(pipeline: string, stream = pipeline): OperatorState {
    return {
      table: (definition, shape) => {
        const name = this.#claim(pipeline, definition, shape);
        const store = new Table(shape);
        const captures = this.#stored.get(name)?.get('');
        if (captures !== undefined) restoreTable(store, captures);
        this.#tables.set(name, { stream, store });
        return store;
      },
      slices: (definition, shape) => {
        const name = this.#claim(pipeline, definition, shape);
        const store = new SliceStore(shape);
        for (const [part, captures] of this.#stored.get(name) ?? []) restoreTable(store.at(Number(part)), captures);
        store.alignEpochs();
        this.#slices.set(name, { stream, store });
        return store;
      },
    };
  }

  /** The nth operator of one definition has state of its own: a query may count the same thing twice. */
  #claim(pipeline: string, definition: string, shape: RecordShape): string {
    const first = `${definition} of ${pipeline}`;
    const claims = (this.#claims.get(first) ?? 0) + 1;
    this.#claims.set(first, claims);
    const name = claims === 1 ? first : `${first} (${claims})`;
    const schema = schemaOf(shape);
    this.#schemas[name] = schema;
    const stored = this.#storedSchemas[name];
    if (stored !== undefined) checkSchema(name, stored, schema);
    else if (this.#restored.has(pipeline)) {
      throw new SqlError({ code: 'E0801', message: `the query keeps ${name}, which the checkpoint that it would go on from does not hold`, hint: startOver });
    }
    return name;
  }

  /** Throws E0801 when state is stored that no operator has asked for: it would be lost. */
  checkClaimed(): void {
    const unclaimed = Object.keys(this.#storedSchemas).filter((name) => this.#schemas[name] === undefined);
    if (unclaimed.length === 0) return;
    throw new SqlError({ code: 'E0801', message: `the stored state of this job holds ${unclaimed.join(', ')}, which the query as it is now does not use`, hint: startOver });
  }

  /** What the records of each state hold, for the checkpoint. */
  get schemas(): Readonly<Record<string, StateSchema>> {
    return this.#schemas;
  }

  /** ms: a time at or before this belongs to a window over the stream that is closed; undefined when none is. Known after each capture. */
  closedUpTo(stream: string): number | undefined {
    return this.#closed.get(stream);
  }

  /** What changed since the last capture. Starts the next epoch. */
  capture(checkpoint: number): Pick<CheckpointData, 'captures' | 'dropped'> {
    const captures: { state: string; part: string; bytes: Uint8Array }[] = [];
    const dropped: { state: string; part: string }[] = [];
    for (const [state, { store }] of this.#tables) {
      captures.push({ state, part: '', bytes: captureTable(store, checkpoint) });
      store.nextEpoch();
    }
    for (const [state, { stream, store }] of this.#slices) {
      for (const end of store.dropped()) {
        dropped.push({ state, part: String(end) });
        this.#closed.set(stream, Math.max(end - 1, this.#closed.get(stream) ?? -Infinity));
      }
      for (const end of store.ends()) {
        const table = store.get(end);
        if (table !== undefined) captures.push({ state, part: String(end), bytes: captureTable(table, checkpoint) });
      }
      store.nextEpoch();
    }
    return { captures, dropped };
  }

  get allocatedBytes(): number {
    let bytes = 0;
    for (const { store } of [...this.#tables.values(), ...this.#slices.values()]) bytes += store.allocatedBytes;
    return bytes;
  }
}

const startOver = 'run with --fresh to start over, or give the job another name';
