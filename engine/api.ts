import type { Fix, SqlError } from '../core/diagnostic.ts';

/** Options are all optional; unknown keys are type errors. */
export type Opt<T> = { readonly [K in keyof T]?: T[K] | undefined };
/** A number is milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'min' | 'h' | 'd'}`;
export type Value = null | boolean | number | bigint | string | Date | Uint8Array | readonly Value[] | ReadonlyMap<Value, Value> | { readonly [field: string]: Value };
export type Row = { readonly [column: string]: Value };
/** `?` takes its value from an array, `:name` from an object. */
export type Params = readonly Value[] | Row;
export type Op = '+I' | '-U' | '+U' | '-D';
/** The kind of change stands beside the row, never in it. */
export interface Change<R = Row> {
  readonly op: Op;
  readonly row: R;
}
/** A query that knows the type of its rows and of its parameters. The two marks exist for the compiler only. */
export interface TypedSql<R, P = Params> {
  readonly sql: string;
  readonly '~row'?: R;
  readonly '~params'?: P;
}
/** How SQL values become JavaScript values; the first of each is the default. */
export type JsTypes = Opt<{
  bigint: 'bigint' | 'number' | 'string';
  decimal: 'string' | 'number';
  timestamp: 'string' | 'date' | 'millis';
  ltz: 'date' | 'string' | 'millis';
}>;
export interface Notice {
  readonly code: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly job?: string;
}
export type EngineOptions = Opt<{
  /** Catalog, checkpoints, embedded topics; none means memory. */
  stateDir: string;
  /** Sluice's own broker; none is E0506 when a table needs one. */
  kafka: 'embedded';
  settings: Readonly<Record<string, string>>;
  types: JsTypes;
  connectors: readonly object[];
  /** Its abort closes the engine. */
  signal: AbortSignal;
  /** The library writes nothing to the console. */
  onNotice: (notice: Notice) => void;
  /** Takes the lines of tables of connector print; what it gives is awaited before a checkpoint. Without it such tables cannot be written. */
  onPrint: (text: string, stream: 'stdout' | 'stderr') => unknown;
}>;
/** Rows for a table of connector memory. Values become SQL values as those of JSON do; a column that a row leaves out is NULL. */
export interface TableHandle<R> {
  /** Adds rows, all or none. False: more are taken, but `drained` should be waited for. Throws E0206 for a row that does not fit, E0102 for a column that there is not. */
  push(rows: R | readonly R[]): boolean;
  drained(): Promise<void>;
  /** No more rows come: whoever reads the table comes to an end. */
  end(): void;
}

/** A function of the program: SQL type names of what it takes and gives. */
export interface FnDef {
  readonly args: readonly string[];
  readonly returns: string;
  /** False when equal arguments may give different results. */
  readonly deterministic?: boolean;
  /** return-null, the default: NULL when an argument is NULL, without a call. */
  readonly nulls?: 'return-null' | 'call';
  /** Not there yet: E0002. */
  readonly async?: object;
}
export type Run<P = Params> = Opt<{ params: P; signal: AbortSignal; types: JsTypes; settings: Readonly<Record<string, string>> }>;
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly time?: 'rowtime';
}
/**
 * Rows as typed arrays, the reader's own. `values` of a column: BOOLEAN as Uint8Array; TINYINT to INT, DATE (days) and TIME (ms) as Int32Array;
 * BIGINT, TIMESTAMP (ms) and DECIMAL up to 18 digits (unscaled) as BigInt64Array; FLOAT, DOUBLE as their arrays; text as the UTF-8 bytes of
 * all rows, one after the other, where `offsets` says. Two values a row have TIMESTAMP of more than 3 digits (ms, then ns within it) and
 * DECIMAL of more than 18 (low half, then high). Where a value is NULL stands a zero.
 */
export interface ColumnBatch {
  readonly rowCount: number;
  values(column: number): ArrayBufferView;
  /** Of text: row i is [offsets[i], offsets[i + 1]) of `values`. Undefined for all other columns. */
  offsets(column: number): Int32Array | undefined;
  isNull(column: number, row: number): boolean;
  op(row: number): Op;
}
export interface Stats {
  readonly rowsRead: bigint;
  readonly rowsOut: bigint;
  readonly late: bigint;
  readonly bad: bigint;
  /** Withdrawals that found nothing to withdraw: the source sent a deletion of what it never gave. They are dropped. */
  readonly unmatched: bigint;
  readonly watermark?: Date;
}
/** One step of a job, in the order of the rows' way. `cause` says why nothing comes out of it, `fix` what to do. */
export interface Finding {
  readonly stage: string;
  readonly rowsIn: bigint;
  readonly rowsOut: bigint;
  readonly cause?: string;
  readonly fix?: string;
}
/** A job under way. Disposing of it stops it. */
export interface Job extends AsyncDisposable {
  readonly name: string;
  /** Rejects when the job fails; never unhandled. */
  readonly finished: Promise<Stats>;
  readonly state: 'live' | 'paused' | 'stopped' | 'finished' | 'failed';
  stats(): Stats;
  diagnose(): Promise<readonly Finding[]>;
  checkpoint(): Promise<{ readonly id: number; readonly bytes: number }>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Resolves when the job has ended. */
  stop(options?: Opt<StopOptions>): Promise<void>;
}
export interface StopOptions {
  /** As if the input had ended here, so that all windows close. */
  readonly drain: boolean;
  /** False: without a last checkpoint; the next run goes on from the one before. */
  readonly checkpoint: boolean;
  /** After this the job fails with E0904. */
  readonly timeout: Duration;
}
export interface Collected<R> {
  readonly rows: readonly R[];
  readonly columns: readonly Column[];
  /** False when `maxRows` or `timeout` cut the rows short. */
  readonly complete: boolean;
  readonly stats: Stats;
}
export type StatementResult = { readonly kind: 'done'; readonly message: string } | ({ readonly kind: 'rows' } & Collected<Row>);
export type { Fix, SqlError };
