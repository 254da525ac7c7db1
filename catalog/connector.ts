import type { Batch } from '../core/batch.ts';
import type { Changelog } from '../core/changelog.ts';
import type { Clock } from '../core/clock.ts';
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

/**
 * Decodes records into columns: row i is record from + i. Throws BadRecord for the first that gives no row; its `fate` says what the
 * table's options want done with it. `decodeGood` goes on behind such records.
 */
export interface RecordDecoder {
  /** Decodes records [from, to) into rows of the batch it gives, borrowed until the next call. */
  decode(records: RecordSpans, from: number, to: number): Batch;
  /** The source of the generated code, for EXPLAIN. */
  readonly source: string;
  /** Set by whoever wants to be told of records of which a field became NULL, as it does not fit, and of guesses about values. */
  listener?: DecoderListener | undefined;
}

export interface DecoderListener {
  /** A field of the record did not fit and is NULL. Told again when the record is decoded again. */
  nulled(bad: BadRecord): void;
  /** Something that a person should look at once. */
  guessed(message: string): void;
}

/** What becomes of a record that does not fit: the job stops, it is left out, or its fields that do not fit are NULL. */
export type BadRecordMode = 'stop' | 'leave-out' | 'null-fields';

/**
 * Where an encoder writes values, row by row: `begin`, then bytes from the place it gave, then `end`. Up to 8 bytes behind a value may be
 * overwritten.
 */
export interface RecordTarget {
  /** What to write into; `begin` may put others in their place. `view` lies over `bytes`. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The place for the value of a row, with `room` bytes and 8 more. */
  begin(row: number, room: number): number;
  /** The row's value ends before `at`. */
  end(row: number, at: number): void;
  /** In place of `end`: the row's value is null, which is no value of length 0. Absent where there is no such thing. */
  endNull?(row: number): void;
}

export interface RecordEncoder {
  /** Encodes rows [from, to), in order. */
  encode(batch: Batch, from: number, to: number, into: RecordTarget): void;
  readonly source: string;
}

/** What is wrong with a table's options beyond what their specs say. The message goes on from the key, or from the table where there is no such option. */
export interface OptionFault {
  readonly key: string;
  readonly code: 'E0002' | 'E0501' | 'E0503' | 'E0504';
  readonly message: string;
  readonly label?: string | undefined;
}

type NamedColumns = readonly { readonly name: string; readonly type: SqlType }[];

export interface FormatDef {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly OptionSpec[];
  /** What the specs cannot say of the options and the physical columns. Keys without the format's name. */
  faults?(columns: NamedColumns, options: Options): readonly OptionFault[];
  /** The format for a table with these physical columns: for a format whose fields go by place. */
  forTable?(columns: NamedColumns): FormatDef;
  /** How the records lie in a file, one behind the other. Undefined: a record is a line, and an empty line is none. */
  framing?(options: Options): RecordFraming;
  /** True for types that columns of records can have so far: the planner refuses the others. */
  holds(type: SqlType): boolean;
  /** True: a record that is null is a row of NULL (a length of -1 in the spans). */
  readonly readsNull?: boolean;
  /** `bad`: stronger than what the options say, which say 'stop' or 'null-fields'. */
  decoder(columns: readonly ReadColumn[], options: Options, bad?: BadRecordMode): RecordDecoder;
  encoder(columns: readonly { readonly name: string; readonly type: SqlType }[], options: Options): RecordEncoder;
}

/** How records lie in a file. */
export interface RecordFraming {
  /** The place of the line break (\n or \r) that ends the record which begins at `at`; -1 when it is not in heap[at .. end). Undefined: of the next \n. */
  readonly recordEnd?: (heap: Uint8Array, at: number, end: number) => number;
  /** True: a line without a byte is a record. */
  readonly hasEmpty: boolean;
}

/**
 * A record that gives no row: which one of the call, which column, what was expected. `stop`: the job ends; `leave-out`: the options pass
 * over it, and it counts; `nothing`: it holds none, as a comment does.
 */
export class BadRecord extends Error {
  override readonly name = 'BadRecord';
  readonly record: number;
  readonly column: string | undefined;
  readonly expected: string;
  readonly fate: 'stop' | 'leave-out' | 'nothing';

  constructor(record: number, column: string | undefined, expected: string, fate: 'stop' | 'leave-out' | 'nothing' = 'stop') {
    super(`record ${record}: ${column ?? 'the record'} is not ${expected}`);
    this.record = record;
    this.column = column;
    this.expected = expected;
    this.fate = fate;
  }
}

/**
 * Decodes the first records of [from, to) that give rows: those before the first bad one, behind any that stand at the start. `take` gets
 * each bad record that is passed over, once, and throws where the job is to stop. Gives the rows, the record of the first, and the one to go
 * on with. A bad record costs those before it a second time.
 */
export function decodeGood(decode: (from: number, to: number) => Batch | undefined, from: number, to: number, take: (bad: BadRecord) => void): { readonly batch: Batch | undefined; readonly first: number; readonly next: number } {
  let first = from;
  let next = to;
  while (first < next) {
    try {
      return { batch: decode(first, next), first, next };
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      if (error.record === first) {
        take(error);
        first++;
      } else next = error.record;
    }
  }
  return { batch: undefined, first, next };
}
