import type { Batch } from '../core/batch.ts';
import type { Changelog } from '../core/changelog.ts';
import type { SqlType } from '../core/sql-type.ts';
import type { BrokerLink } from '../wire/broker-link.ts';
import type { Options, OptionSpec } from './option-spec.ts';

/** A leaf that is read from a record: the path of names to it and its type. */
export interface ReadColumn {
  readonly path: readonly string[];
  readonly type: SqlType;
}

/** What a connector's runtime sees of a table. */
export interface ConnectedTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly primaryKey: readonly string[];
  readonly options: Options;
  readonly format: FormatDef | undefined;
  readonly formatOptions: Options;
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
  /** A folder for files that belong to the job's state, or undefined when state is in memory. */
  readonly stateDir: string | undefined;
  notice(code: string, message: string): void;
}

/** Where a split goes on: plain JSON, the place after a whole record. */
export type Position = { readonly [key: string]: string | number };

/**
 * One part of a source that is read in order. `read` is synchronous: it decodes what `fetch` brought.
 * Needs: `fetch` has resolved and `ready` is true before `read`. Emits: at most `maxRows` rows, whole records only.
 */
export interface SplitReader {
  readonly id: string;
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
  /** Opens a split where `position` says, or where the table's options say. */
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
  /** After a restart: `tokens` are those of stored checkpoints, oldest first; what was never decided is withdrawn. */
  recover(tokens: readonly SinkToken[]): Promise<void>;
  /** The positions that this sink made visible with its rows, when it is the one that decides. */
  recoveredPositions?(): Promise<{ readonly checkpoint: number; readonly positions: SourcePositions } | undefined>;
  close(): Promise<void>;
}

/** The positions of every split of every source, by source and split: what an exactly-once sink without keyed state commits with its rows. */
export type SourcePositions = Readonly<Record<string, Readonly<Record<string, { readonly position: Position; readonly watermark: number | null }>>>>;

export interface SourceRequest {
  readonly table: ConnectedTable;
  readonly read: readonly ReadColumn[];
  readonly services: ConnectorServices;
}

export interface SinkRequest {
  readonly table: ConnectedTable;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly services: ConnectorServices;
  /** True: the job keeps keyed state, so its checkpoints decide. */
  readonly hasKeyedState: boolean;
  /** Names the sink within the job's state. */
  readonly id: string;
}

export interface ConnectorRuntime {
  readonly source?: (request: SourceRequest) => Promise<Source>;
  readonly sink?: (request: SinkRequest) => Promise<SinkWriter>;
}

/** One connector: its options as data, and its code behind a lazy import. */
export interface ConnectorDef {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly OptionSpec[];
  /** True: the table names a format for its records. */
  readonly usesFormat: boolean;
  /** What a source gives and what a sink takes, by whether the table has a primary key. */
  changelog(hasPrimaryKey: boolean): { readonly source?: Changelog; readonly sink?: Changelog };
  readonly needsPrimaryKey?: boolean;
  /** True: the positions and the output go through a broker. */
  readonly needsBroker: boolean;
  runtime(): Promise<ConnectorRuntime>;
}

/**
 * The values of one fetched piece: value i is heap[offsets[i] .. + lengths[i]). From `slackStart` on the heap is free: a decoder puts
 * unescaped text there, or a larger heap in its place.
 */
export interface RecordSpans {
  heap: Uint8Array;
  slackStart: number;
  offsets: Int32Array;
  lengths: Int32Array;
  count: number;
}

/** Decodes records into columns. Throws BadRecord for the first that does not fit. */
export interface RecordDecoder {
  /** Decodes records [from, to) into rows of the batch it gives, borrowed until the next call. */
  decode(records: RecordSpans, from: number, to: number): Batch;
  /** The source of the generated code, for EXPLAIN. */
  readonly source: string;
}

/** Where an encoder writes: values one behind the other, value i at offsets[i]. Grown by the encoder, kept by the caller. */
export interface RecordEncoder {
  /** Encodes rows [from, to) into `into`, replacing what it held. */
  encode(batch: Batch, from: number, to: number, into: RecordSpans): void;
  readonly source: string;
}

export interface FormatDef {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly OptionSpec[];
  decoder(columns: readonly ReadColumn[], options: Options): RecordDecoder;
  encoder(columns: readonly { readonly name: string; readonly type: SqlType }[], options: Options): RecordEncoder;
}

/** A record that does not fit: which one of the call, which column, what was expected and what stands there. */
export class BadRecord extends Error {
  override readonly name = 'BadRecord';
  readonly record: number;
  readonly column: string | undefined;
  readonly expected: string;

  constructor(record: number, column: string | undefined, expected: string) {
    super(`record ${record}: ${column ?? 'the record'} is not ${expected}`);
    this.record = record;
    this.column = column;
    this.expected = expected;
  }
}
