import { SqlError } from '../../core/diagnostic.ts';
import { convertTable, conversionOf, type Conversion } from './convert-state.ts';
import type { CheckpointData, StoredCheckpoint } from '../../state/checkpoint.ts';
import { SliceStore } from '../../state/slices.ts';
import { captureTable, restoreTable } from '../../state/table-codec.ts';
import { Table, type RecordShape } from '../../state/table.ts';
import type { OperatorState } from '../operator.ts';
import { checkSchema, schemaOf, type StateSchema } from './state-schema.ts';

interface Owned<T> {
  readonly stream: string;
  readonly store: T;
}

/** What becomes of one stored state: it goes on as it is, becomes what the query keeps now, or is given up. */
export interface StateVerdict {
  readonly state: string;
  readonly verdict: 'reuse' | 'convert' | 'drop';
  readonly reason?: string;
}

export interface RestoreOptions {
  /** True: what does not fit is given up, instead of E0801. */
  readonly mayDrop?: boolean;
  /** The states that the job's operators will ask for, by name: none of them is made of another's. */
  readonly wanted?: ReadonlySet<string>;
  /** By state: the conditions that its results pass on the way to the sink. */
  readonly conditions?: ReadonlyMap<string, string>;
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
  readonly #slices = new Map<string, Owned<SliceStore> & { readonly due: ((end: number) => number) | undefined }>();
  /** Stream -> ms: the latest time that belongs to a window which is closed and gone. */
  readonly #closed = new Map<string, number>();

  /** Stored states that the job's own are made of, by the name of theirs. */
  readonly #conversions = new Map<string, Conversion>();
  /** Stored states that nothing goes on from: what is stored of them goes with the next checkpoint. */
  readonly #given = new Set<string>();
  readonly #verdicts: StateVerdict[] = [];
  readonly #mayDrop: boolean;
  readonly #wanted: ReadonlySet<string>;
  readonly #conditions: ReadonlyMap<string, string>;

  constructor(stored?: StoredCheckpoint, schemas: Readonly<Record<string, StateSchema>> = {}, restored: ReadonlySet<string> = new Set(), { mayDrop = false, wanted = new Set(), conditions = new Map() }: RestoreOptions = {}) {
    this.#mayDrop = mayDrop;
    this.#wanted = wanted;
    this.#conditions = conditions;
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
        for (const [, captures] of this.#captures(name)) this.#restore(name, store, captures);
        this.#tables.set(name, { stream, store });
        return store;
      },
      slices: (definition, shape, due) => {
        const name = this.#claim(pipeline, definition, shape);
        const store = new SliceStore(shape);
        for (const [part, captures] of this.#captures(name)) this.#restore(name, store.at(Number(part)), captures);
        store.alignEpochs();
        this.#slices.set(name, { stream, store, due });
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
    const conditions = this.#conditions.get(first);
    const schema: StateSchema = { ...schemaOf(shape), ...(conditions !== undefined && { conditions }) };
    this.#schemas[name] = schema;
    const stored = this.#storedSchemas[name];
    try {
      if (stored !== undefined) {
        checkSchema(name, stored, schema);
        this.#verdicts.push(haveOtherConditions(stored, schema) ? { state: name, verdict: 'convert', reason: otherConditions } : { state: name, verdict: 'reuse' });
      } else if (!this.#convert(name, schema) && this.#restored.has(pipeline)) {
        throw new SqlError({ code: 'E0801', message: `the query keeps ${name}, which the checkpoint that it would go on from does not hold`, hint: startOver });
      }
    } catch (error) {
      if (!(error instanceof SqlError) || !this.#mayDrop) throw error;
      if (stored !== undefined) this.#given.add(name);
      this.#verdicts.push({ state: name, verdict: 'drop', reason: error.message });
    }
    return name;
  }

  /** True where what is stored of other calls over the same groups can become the state. */
  #convert(name: string, schema: StateSchema): boolean {
    const free = Object.fromEntries(Object.entries(this.#storedSchemas).filter(([other]) => !this.#wanted.has(other) && !this.#given.has(other)));
    const conversion = conversionOf(name, schema, free);
    // Calls that come while others go are changed ones: what those have counted would be lost without a word.
    if (conversion === undefined || (conversion.added > 0 && conversion.removed > 0 && !this.#mayDrop)) return false;
    this.#conversions.set(name, conversion);
    this.#given.add(conversion.from);
    const { added, removed } = conversion;
    const parts = [...(added === 0 ? [] : [`${added} new ${added === 1 ? 'aggregate starts' : 'aggregates start'} empty`]), ...(removed === 0 ? [] : [`${removed} that the query no longer has ${removed === 1 ? 'is' : 'are'} given up`])];
    if (haveOtherConditions(this.#storedSchemas[conversion.from], schema)) parts.push(otherConditions);
    this.#verdicts.push({ state: name, verdict: 'convert', reason: parts.length === 0 ? 'its aggregates stand in another order' : parts.join(', ') });
    return true;
  }

  /** What is stored of a state, or of what it is made of, by part. */
  #captures(name: string): Iterable<readonly [string, readonly Uint8Array[]]> {
    const from = this.#conversions.get(name)?.from;
    if (from !== undefined) return this.#stored.get(from) ?? [];
    return this.#given.has(name) ? [] : (this.#stored.get(name) ?? []);
  }

  #restore(name: string, table: Table, captures: readonly Uint8Array[]): void {
    const conversion = this.#conversions.get(name);
    if (conversion === undefined) restoreTable(table, captures);
    else convertTable(table, conversion, captures);
  }

  /** What becomes of each stored state, and of each that the job keeps. Known once all operators are made. */
  get verdicts(): readonly StateVerdict[] {
    return this.#verdicts;
  }

  /** Throws E0801 when state is stored that no operator has asked for: it would be lost. */
  checkClaimed(): void {
    const unclaimed = Object.keys(this.#storedSchemas).filter((name) => this.#schemas[name] === undefined && !this.#given.has(name));
    if (unclaimed.length === 0) return;
    if (this.#mayDrop) {
      for (const state of unclaimed) {
        this.#given.add(state);
        this.#verdicts.push({ state, verdict: 'drop', reason: 'the query as it is now does not use it' });
      }
      return;
    }
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
    for (const state of this.#given) for (const part of this.#stored.get(state)?.keys() ?? []) dropped.push({ state, part });
    this.#given.clear();
    for (const [state, { store }] of this.#tables) {
      captures.push({ state, part: '', bytes: captureTable(store, checkpoint) });
      store.nextEpoch();
    }
    for (const [state, { stream, store, due }] of this.#slices) {
      for (const end of store.dropped()) {
        dropped.push({ state, part: String(end) });
        if (due !== undefined) this.#closed.set(stream, Math.max(due(end), this.#closed.get(stream) ?? -Infinity));
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

const startOver = 'run with --fresh to start over, or give the job another name;\n--dry-run says what becomes of each state, --on-incompatible discard goes on without what does not fit';

const otherConditions = 'its results pass another condition on their way to the sink: what the old one let out is not taken back, and what it kept back is missing, until it changes';

function haveOtherConditions(stored: StateSchema | undefined, now: StateSchema): boolean {
  return stored?.conditions !== undefined && now.conditions !== undefined && stored.conditions !== now.conditions;
}
