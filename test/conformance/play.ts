import { poisonBatch, type Batch } from '../../core/batch.ts';
import { insertOnly, retractions, upserts } from '../../core/changelog.ts';
import type { Column } from '../../core/column.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { defaultJsTypes, toJsValue, type JsValue } from '../../core/js-value.ts';
import { readValue } from '../../core/value.ts';
import type { ConnectorDef, ConnectorRuntime, Position, SinkRequest, Source, SourceRequest, SplitReader } from '../../catalog/connector.ts';
import { batchOf, type PlayRow } from './play-values.ts';

export type { PlayRow, PlayValue } from './play-values.ts';

/** What a table plays: the rows of each split, in their order. */
export interface PlayTable {
  readonly splits: readonly (readonly PlayRow[])[];
}

export interface PlayChange {
  readonly kind: number;
  readonly values: readonly JsValue[];
}

export interface Player {
  readonly connectors: readonly ConnectorDef[];
  /** What each sink table took, in order. */
  readonly taken: ReadonlyMap<string, PlayChange[]>;
}

export interface PlayOptions {
  /** How many rows the next read gives, at most: how the input is cut. */
  readonly cut?: (table: string, split: number, maxRows: number) => number;
  /** Told of every read: the schedule. */
  readonly onRead?: (table: string, split: number, rows: number) => void;
  /** Fill batches with garbage once whoever borrowed them has to be done with them. */
  readonly poison?: boolean;
  /** Which split gives the next row, row by row, for the one table that has splits; absent lets the engine choose. */
  readonly schedule?: readonly number[];
  /** Told when a sink ends an epoch: what it has taken so far belongs to the checkpoint. */
  readonly onPrepare?: (checkpoint: number, rows: number) => void;
  /** A planted bug for laws to find: positions name the row before. */
  readonly plantedPosition?: boolean;
  /** A planted bug: the sink keeps each batch and reads it when the next comes. */
  readonly plantedKeeper?: boolean;
}

const connectorOption = { key: 'connector', form: 'text', required: true, description: 'the connector' } as const;

/** Connectors that play given rows and keep what sinks take. `play` gives inserts, `play-upsert` and `play-retract` changes. */
export function makePlayer(tables: ReadonlyMap<string, PlayTable>, options: PlayOptions = {}): Player {
  const taken = new Map<string, PlayChange[]>();
  const gate = new PhaseGate();
  const runtime: ConnectorRuntime = {
    source: async (request) => playSource(request, tables, gate, options),
    sink: async (request) => playSink(request, taken, options),
  };
  const define = (name: string, changelog: ConnectorDef['changelog']): ConnectorDef => ({
    name, doc: 'plays given rows', options: [connectorOption], usesFormat: false, needsBroker: false, changelog, runtime: async () => runtime,
  });
  const sink = (hasKey: boolean) => (hasKey ? upserts : retractions);
  const connectors = [
    define('play', (hasKey) => ({ source: insertOnly, sink: sink(hasKey) })),
    define('play-upsert', (hasKey) => ({ source: upserts, sink: sink(hasKey) })),
    define('play-retract', (hasKey) => ({ source: retractions, sink: sink(hasKey) })),
  ];
  return { connectors, taken };
}

/** Holds rows of a later phase back until every open reader is through with the earlier one. */
class PhaseGate {
  readonly readers: PlayReader[] = [];

  /** Rows given so far, in this run and those before it. */
  get given(): number {
    return this.readers.reduce((sum, reader) => sum + reader.given, 0);
  }

  get phase(): number {
    return Math.min(...this.readers.map((reader) => reader.nextPhase));
  }
}

function playSource(request: SourceRequest, tables: ReadonlyMap<string, PlayTable>, gate: PhaseGate, options: PlayOptions): Source {
  const table = tables.get(request.table.name);
  if (table === undefined) throw new Error(`no rows for ${request.table.name}`);
  return {
    splits: async () => table.splits.map((_, i) => String(i)),
    open: async (split, position) => {
      const reader = new PlayReader(request, Number(split), table.splits[Number(split)] ?? [], position, gate, options);
      gate.readers.push(reader);
      return reader;
    },
    close: async () => undefined,
  };
}

class PlayReader implements SplitReader {
  readonly id: string;
  readonly #request: SourceRequest;
  readonly #rows: readonly PlayRow[];
  readonly #gate: PhaseGate;
  readonly #options: PlayOptions;
  #next: number;
  #lent: Batch | undefined;

  constructor(request: SourceRequest, split: number, rows: readonly PlayRow[], position: Position | undefined, gate: PhaseGate, options: PlayOptions) {
    this.id = String(split);
    this.#request = request;
    this.#rows = rows;
    this.#gate = gate;
    this.#options = options;
    this.#next = Number(position?.['row'] ?? 0);
  }

  get nextPhase(): number {
    return this.#rows[this.#next]?.phase ?? Infinity;
  }

  get given(): number {
    return this.#next;
  }

  get ready(): boolean {
    return this.#next < this.#rows.length && this.nextPhase <= this.#gate.phase && this.#turn() > 0;
  }

  /** How many rows the schedule gives this split before it is another's turn. */
  #turn(): number {
    const { schedule } = this.#options;
    if (schedule === undefined) return Infinity;
    const from = this.#gate.given;
    let to = from;
    while (schedule[to] === Number(this.id)) to++;
    return to - from;
  }

  get atEnd(): boolean {
    return !this.ready;
  }

  get finished(): boolean {
    return this.#next >= this.#rows.length;
  }

  async fetch(waitMs: number): Promise<void> {
    if (waitMs > 0 && !this.ready) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  read(maxRows: number): Batch {
    if (this.#lent !== undefined && this.#options.poison === true) poisonBatch(this.#lent);
    const { table, read } = this.#request;
    const wanted = this.#options.cut?.(table.name, Number(this.id), maxRows) ?? maxRows;
    const phase = this.nextPhase;
    const most = Math.min(Math.max(1, wanted), this.#turn());
    let count = 0;
    while (count < most && this.#rows[this.#next + count]?.phase === phase) count++;
    const rows = this.#rows.slice(this.#next, this.#next + count);
    this.#next += count;
    this.#options.onRead?.(table.name, Number(this.id), count);
    this.#lent = batchOf(rows, read, table.columns);
    return this.#lent;
  }

  position(): Position {
    return { row: this.#options.plantedPosition === true ? Math.max(0, this.#next - 1) : this.#next };
  }

  async close(): Promise<void> {
    return undefined;
  }
}

/** How values come out: exact, and texts for everything that has digits of its own. */
export const playTypes = { ...defaultJsTypes, bigint: 'bigint', decimal: 'string', timestamp: 'string', ltz: 'string' } as const;

function playSink(request: SinkRequest, taken: Map<string, PlayChange[]>, options: PlayOptions): Awaited<ReturnType<NonNullable<ConnectorRuntime['sink']>>> {
  const rows = taken.get(request.table.name) ?? [];
  taken.set(request.table.name, rows);
  const { columns } = request;
  if (columns.length === 0) throw new SqlError({ code: 'E0904', message: 'a sink without columns' });
  const take = (batch: Batch, from: number, to: number): void => {
    for (let row = from; row < to; row++) {
      rows.push({ kind: batch.kinds?.[row] ?? 0, values: columns.map(({ type }, i) => toJsValue(readValue(batch.columns[i] as Column, type, row), type, playTypes)) });
    }
  };
  let kept: (() => void) | undefined;
  return {
    hasCredit: true,
    drained: async () => undefined,
    write: (batch, from, to) => {
      if (options.plantedKeeper === true) {
        kept?.();
        kept = () => take(batch, from, to);
      } else take(batch, from, to);
      if (options.poison === true) poisonBatch(batch);
    },
    prepare: async (checkpoint) => {
      kept?.();
      kept = undefined;
      options.onPrepare?.(checkpoint, rows.length);
      return undefined;
    },
    commit: async () => undefined,
    recover: async () => undefined,
    close: async () => undefined,
  };
}
