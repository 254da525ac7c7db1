import type { Batch } from '../core/batch.ts';
import type { Changelog } from '../core/changelog.ts';
import type { Clock } from '../core/clock.ts';
import type { SqlType } from '../core/sql-type.ts';
import type { BrokerLink } from '../wire/broker-link.ts';
import type { FormatDef, NamedColumns, ReadColumn } from './format.ts';
import type { OptionFault, Options, OptionSpec } from './option-spec.ts';

/** What a connector's runtime sees of a table. */
export interface ConnectedTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly primaryKey: readonly string[];
  /** PARTITIONED BY: columns of the table. Absent where it has no partitions. */
  readonly partitionedBy?: readonly string[] | undefined;
  /** Stands for the table's definition: one object for all who read and write it, another for a table that is made anew under its name. */
  readonly definition?: object;
  readonly options: Options;
  readonly format: FormatDef | undefined;
  readonly formatOptions: Options;
  /** Columns that are no part of the record's value: what the connector knows of the record. Absent where there are none. */
  readonly metadata?: readonly { readonly name: string; readonly key: string }[];
  /** How the record's key is written; absent where keys are not looked at. */
  readonly key?: KeyFormat | undefined;
}

/** The key of a table's records. */
export interface KeyFormat {
  readonly format: FormatDef;
  readonly options: Options;
  /** The columns that it holds, in order, and what the key itself calls them. */
  readonly fields: readonly { readonly column: string; readonly field: string }[];
  /** True: the value holds them too. */
  readonly isInValue: boolean;
}

/** True for a column that the value of a record holds. */
export function isInValue({ key, metadata }: ConnectedTable, column: string): boolean {
  return metadata?.some(({ name }) => name === column) !== true && (key === undefined || key.isInValue || !key.fields.some((field) => field.column === column));
}

/** What the engine lends to connectors. */
export interface ConnectorServices {
  /** The broker of the engine; throws E0506 when it has none. */
  broker(): Promise<BrokerLink>;
  /** The group that the job's positions are committed under. */
  readonly group: string;
  /** True: what stands in the input now is all of it. */
  readonly bounded: boolean;
  /** True: the job starts over, whatever an earlier one of its name left. */
  readonly fresh: boolean;
  /** Names this life of the job, from one start over to the next: what a sink finds of another life is not this one's. */
  readonly incarnation: string;
  /** A folder for files that belong to the job's state, or undefined when state is in memory. */
  readonly stateDir: string | undefined;
  /** The time that records are stamped with. */
  readonly clock: Clock;
  notice(code: string, message: string): void;
  /** Takes whole lines for a person to read; what it gives is awaited before a checkpoint. Undefined when the engine has no place for them. */
  readonly print?: ((text: string, stream: 'stdout' | 'stderr') => unknown) | undefined;
  /** Ends the job with an error of work in the background, without waiting for the next call. */
  fail(error: unknown): void;
}

/**
 * Where a split goes on: plain JSON, the place after a whole record. It names what it is a place in (a topic), so that `open` can refuse
 * one of something else.
 */
export type Position = { readonly [key: string]: string | number };

/**
 * One part of a source that is read in order. `read` is synchronous: it decodes what `fetch` brought.
 * Needs: `fetch` has resolved and `ready` is true before `read`. Emits: at most `maxRows` rows, whole records only.
 */
export interface SplitReader {
  readonly id: string;
  /** Records so far that did not fit the table: left out, or with fields that became NULL. Absent where none can be. */
  readonly bad?: number;
  /** True when rows are at hand. */
  readonly ready: boolean;
  /** True when everything known to be there has been read. */
  readonly atEnd: boolean;
  /** True when nothing will ever come again (a bounded split at its end). */
  readonly finished: boolean;
  /** Brings more. Resolves when rows are at hand or, after at most `waitMs`, when there are none. */
  fetch(waitMs: number): Promise<void>;
  /** The rows, borrowed until the next call. Throws E0701 when a record does not fit. */
  read(maxRows: number): Batch;
  /** The place after the last row that `read` gave. */
  position(): Position;
  close(): Promise<void>;
}

export interface Source {
  /** The ids of the splits, in a fixed order. */
  splits(): Promise<readonly string[]>;
  /** Opens a split where `position` says, or where the table's options say. Throws E0805 for a position that is not of what the table reads. */
  open(split: string, position: Position | undefined): Promise<SplitReader>;
  close(): Promise<void>;
}

/** What a checkpoint must hold for a sink: plain JSON. */
export type SinkToken = { readonly [key: string]: unknown };

/**
 * A sink takes rows at once and works in the background. `prepare` ends an epoch: at-least-once sinks resolve when all before is
 * acknowledged, exactly-once sinks when all before is stored so that `commit` can publish it, again and again if need be.
 */
export interface SinkWriter {
  /** False: wait for `drained` before writing more. */
  readonly hasCredit: boolean;
  /** True: so much output is held back for the checkpoint that it should come now. */
  readonly wantsCheckpoint?: boolean;
  drained(): Promise<void>;
  write(batch: Batch, from: number, to: number): void;
  prepare(checkpoint: number, positions: SourcePositions): Promise<SinkToken | undefined>;
  /** Makes the epoch of the token visible. Called after the checkpoint is stored; called again after a restart. */
  commit(token: SinkToken): Promise<void>;
  /**
   * After a restart: `tokens` are those of stored checkpoints, oldest first; what was never decided is withdrawn. Throws E0803 when more was
   * made visible than is stored.
   */
  recover(tokens: readonly SinkToken[]): Promise<void>;
  /** The positions that this sink, or one before it in its place, made visible with its rows: they hold when their checkpoint is not stored. */
  recoveredPositions?(): Promise<{ readonly checkpoint: number; readonly positions: SourcePositions } | undefined>;
  /** The job's last checkpoint is stored and committed, and no row comes any more. `hasEnded`: the input has ended; false where the job was stopped and may go on. */
  finish?(hasEnded: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Where one split goes on, and the connector that says so. */
export interface SplitPosition {
  readonly connector: string;
  readonly position: Position;
  readonly watermark: number | null;
}

/** The positions of every split, by pipeline (see engine/pipeline-names.ts) and split: what an exactly-once sink without keyed state commits with its rows. */
export type SourcePositions = Readonly<Record<string, Readonly<Record<string, SplitPosition>>>>;

export interface SourceRequest {
  readonly table: ConnectedTable;
  readonly read: readonly ReadColumn[];
  readonly services: ConnectorServices;
  /** By split, where the job goes on: what does not fit is refused (E0805) before the source makes or changes anything. Undefined or empty for a new job. */
  readonly positions?: Readonly<Record<string, Position>>;
}

export interface SinkRequest {
  readonly table: ConnectedTable;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly services: ConnectorServices;
  /** True: the job keeps keyed state, so its checkpoints decide. */
  readonly hasKeyedState: boolean;
  /** Names the job and the sink within it, in letters that any system takes: `job/sink@source`, each part percent-encoded. */
  readonly id: string;
  /** The last stored checkpoint of the job; 0 for none. */
  readonly checkpoint: number;
  /** True: that checkpoint knows this sink. */
  readonly isRestored: boolean;
  /** True: what the table held goes when the input has ended, as INSERT OVERWRITE says. Only for connectors that can. */
  readonly overwrite?: boolean;
}

export interface ConnectorRuntime {
  readonly source?: (request: SourceRequest) => Promise<Source>;
  readonly sink?: (request: SinkRequest) => Promise<SinkWriter>;
}

/** One thing that a connector knows of a record beside its value. */
export interface MetadataSpec {
  readonly key: string;
  readonly type: SqlType;
  /** False: it is only read. */
  readonly isWritable: boolean;
  /** True: known, and not given yet. */
  readonly later?: boolean;
  readonly description: string;
}

/** One connector: its options as data, and its code behind a lazy import. */
export interface ConnectorDef {
  readonly name: string;
  readonly doc: string;
  /** A table of it, for people to begin with: SQL that has no fault. */
  readonly example?: string;
  readonly options: readonly OptionSpec[];
  /** What the specs cannot say of the options and the physical columns. */
  faults?(columns: NamedColumns, options: Options): readonly OptionFault[];
  /** True: with these options the rows of a source end, whoever reads them. */
  isBounded?(options: Options): boolean;
  /** True: the table names a format for its records. */
  readonly usesFormat: boolean;
  /** What a source gives and what a sink takes, by whether the table has a primary key. */
  changelog(hasPrimaryKey: boolean): { readonly source?: Changelog; readonly sink?: Changelog };
  readonly needsPrimaryKey?: boolean;
  /** True: its sink knows INSERT OVERWRITE. */
  readonly canOverwrite?: boolean;
  /** What METADATA columns can hold. */
  readonly metadata?: readonly MetadataSpec[];
  /** True: the positions and the output go through a broker. */
  readonly needsBroker: boolean;
  runtime(): Promise<ConnectorRuntime>;
}
