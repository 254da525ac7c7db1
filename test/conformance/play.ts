import { allocateBatch, poisonBatch, type Batch } from '../../core/batch.ts';
import { insertOnly, retractions, upserts } from '../../core/changelog.ts';
import { entryTypes } from '../../core/collection.ts';
import { encodeValue } from '../../core/collection-value.ts';
import { allocateColumn, type Column } from '../../core/column.ts';
import { decimalFromText } from '../../core/decimal.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { defaultJsTypes, toJsValue, type JsValue } from '../../core/js-value.ts';
import { layoutOf } from '../../core/layout.ts';
import { printType, type SqlType } from '../../core/sql-type.ts';
import { parseDate, parseTimestamp } from '../../core/time.ts';
import { readValue, type SqlValue } from '../../core/value.ts';
import type { ConnectorDef, ConnectorRuntime, Position, SinkRequest, Source, SourceRequest, SplitReader } from '../../catalog/connector.ts';
import type { ReadColumn } from '../../catalog/format.ts';

/** A value as case files write it: numbers, texts for DECIMAL and times, hex for bytes, arrays for ARRAY and ROW, pairs for MAP. */
export type PlayValue = null | boolean | number | string | readonly PlayValue[];

export interface PlayRow {
  /** core/changelog.ts */
  readonly kind: number;
  readonly values: readonly PlayValue[];
  /** Rows of phase 2 come after all rows of phase 1 of every table. */
  readonly phase: number;
}

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

function batchOf(rows: readonly PlayRow[], read: readonly ReadColumn[], columns: readonly { readonly name: string; readonly type: SqlType }[]): Batch {
  const batch = allocateBatch(read.map(({ type }) => layoutOf(type)), Math.max(1, rows.length));
  for (const [i, { path, type }] of read.entries()) {
    const column = batch.columns[i] as Column;
    const writer = new ColumnWriter(column, type, rows.length);
    for (const [row, { values }] of rows.entries()) writer.set(row, leafOf(values, path, columns));
  }
  batch.rowCount = rows.length;
  if (rows.some((row) => row.kind !== 0)) batch.kinds = Uint8Array.from(rows, (row) => row.kind);
  return batch;
}

/** The value that a path of names leads to; NULL below a ROW that is NULL. */
function leafOf(values: readonly PlayValue[], path: readonly string[], columns: readonly { readonly name: string; readonly type: SqlType }[]): PlayValue {
  let fields = columns;
  let value: PlayValue = values;
  for (const name of path) {
    const index = fields.findIndex((field) => field.name === name);
    const type = fields[index]?.type;
    value = Array.isArray(value) ? ((value as readonly PlayValue[])[index] ?? null) : null;
    fields = type?.kind === 'ROW' ? type.fields : [];
  }
  return value;
}

/** A value that lies in the bytes of a column, or a part of one. */
function plainValue(value: PlayValue, type: SqlType): SqlValue {
  if (value === null) return null;
  const parts = value as readonly PlayValue[];
  switch (type.kind) {
    case 'ARRAY':
      return parts.map((part) => plainValue(part, type.element));
    case 'MAP':
    case 'MULTISET': {
      const [key, of] = entryTypes(type);
      return (parts as readonly (readonly PlayValue[])[]).map(([k = null, v = null]) => [plainValue(k, key), plainValue(v, of)]);
    }
    case 'ROW':
      return type.fields.map((field, i) => plainValue(parts[i] ?? null, field.type));
    case 'BINARY':
    case 'VARBINARY':
      return Buffer.from(String(value), 'hex');
    case 'CHAR':
    case 'VARCHAR':
      return String(value);
    default: {
      const column = allocateColumn(layoutOf(type), 1);
      new ColumnWriter(column, type, 1).set(0, value);
      return readValue(column, type, 0);
    }
  }
}

class ColumnWriter {
  readonly #column: Column;
  readonly #type: SqlType;
  readonly #rows: number;
  #used = 0;

  constructor(column: Column, type: SqlType, rows: number) {
    this.#column = column;
    this.#type = type;
    this.#rows = rows;
  }

  set(row: number, value: PlayValue): void {
    const column = this.#column;
    const type = this.#type;
    // A DECIMAL that does not fit its type is NULL, as Flink's own sources give it.
    const isTooLong = type.kind === 'DECIMAL' && value !== null && decimalFromText(String(value), type.precision, type.scale) === undefined;
    if (value === null || isTooLong) {
      column.nulls ??= new Uint8Array(this.#rows);
      column.nulls[row] = 1;
      return;
    }
    switch (column.layout) {
      case 'u8':
        column.values[row] = value === true ? 1 : 0;
        return;
      case 'i32':
        column.values[row] = type.kind === 'DATE' ? must(parseDate(String(value)), value, type) : type.kind === 'TIME' ? timeMillis(String(value)) : Number(value);
        return;
      case 'i64':
        column.values[row] = this.#exact(value);
        return;
      case 'i64n': {
        const instant = must(parseTimestamp(String(value)), value, type);
        column.values[row] = BigInt(instant.millis);
        column.nanos[row] = instant.nanos;
        return;
      }
      case 'i128': {
        const exact = this.#exact(value);
        column.values[row] = BigInt.asIntN(64, exact);
        column.high[row] = exact >> 64n;
        return;
      }
      case 'f32':
      case 'f64':
        column.values[row] = Number(value);
        return;
      case 'bytes': {
        const bytes = encodeValue(plainValue(value, type) as Exclude<SqlValue, null>, type);
        if (this.#used + bytes.length + 8 > column.heap.length) {
          const grown = new Uint8Array((this.#used + bytes.length + 8) * 2);
          grown.set(column.heap.subarray(0, this.#used));
          column.heap = grown;
        }
        column.heap.set(bytes, this.#used);
        column.offsets[row] = this.#used;
        column.lengths[row] = bytes.length;
        this.#used += bytes.length;
        return;
      }
    }
  }

  #exact(value: PlayValue): bigint {
    const type = this.#type;
    switch (type.kind) {
      case 'DECIMAL':
        return must(decimalFromText(String(value), type.precision, type.scale), value, type);
      case 'TIMESTAMP':
      case 'TIMESTAMP_LTZ':
        return BigInt(must(parseTimestamp(String(value)), value, type).millis);
      default:
        return BigInt(String(value));
    }
  }
}

function must<T>(converted: T | undefined, value: PlayValue, type: SqlType): T {
  if (converted === undefined) throw new Error(`the case gives ${JSON.stringify(value)} as ${printType(type)}`);
  return converted;
}

function timeMillis(text: string): number {
  const instant = parseTimestamp(`1970-01-01 ${text.length === 5 ? `${text}:00` : text}`);
  if (instant === undefined) throw new Error(`the case gives ${text} as TIME`);
  return instant.millis;
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
