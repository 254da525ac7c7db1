import type { Fix, SqlError } from '../core/diagnostic.ts';

/** Options are all optional; unknown keys are type errors. */
export type Opt<T> = { readonly [K in keyof T]?: T[K] | undefined };
/** A number is milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'min' | 'h' | 'd'}`;
export type Value = null | boolean | number | bigint | string | Date | Uint8Array | readonly Value[] | ReadonlyMap<Value, Value> | { readonly [field: string]: Value };
export type Row = { readonly [column: string]: Value };
export type Op = '+I' | '-U' | '+U' | '-D';
/** The kind of change stands beside the row, never in it. */
export interface Change<R = Row> {
  readonly op: Op;
  readonly row: R;
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
  /** The library writes nothing to the console. */
  onNotice: (notice: Notice) => void;
}>;
export type Run = Opt<{ signal: AbortSignal; types: JsTypes; settings: Readonly<Record<string, string>> }>;
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly time?: 'rowtime';
}
export interface Stats {
  readonly rowsRead: bigint;
  readonly rowsOut: bigint;
  readonly late: bigint;
  readonly bad: bigint;
  readonly watermark?: Date;
}
export interface Collected<R> {
  readonly rows: readonly R[];
  readonly columns: readonly Column[];
  readonly complete: boolean;
  readonly stats: Stats;
}
export type StatementResult = { readonly kind: 'done'; readonly message: string } | ({ readonly kind: 'rows' } & Collected<Row>);
export type { Fix, SqlError };
