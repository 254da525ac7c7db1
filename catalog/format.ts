import type { Batch } from '../core/batch.ts';
import type { SqlType } from '../core/sql-type.ts';
import type { BadRecord, BadRecordMode } from './bad-record.ts';
import type { OptionFault, Options, OptionSpec } from './option-spec.ts';

/** A leaf that is read from a record: the path of names to it and its type. */
export interface ReadColumn {
  readonly path: readonly string[];
  readonly type: SqlType;
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
  /** The place for the values of the next rows, one behind the other, with `room` bytes and 8 more for all of them. Absent where each has a place of its own. */
  beginRows?(room: number): number;
  /** After it: the values of so many rows end before these places. */
  endRows?(ends: Int32Array, rows: number): void;
}

export interface RecordEncoder {
  /** Encodes rows [from, to), in order. */
  encode(batch: Batch, from: number, to: number, into: RecordTarget): void;
  readonly source: string;
}

/** The physical columns of a table. */
export type NamedColumns = readonly { readonly name: string; readonly type: SqlType }[];

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
