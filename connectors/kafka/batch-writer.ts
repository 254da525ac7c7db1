import { RowKind } from '../../core/changelog.ts';
import type { Batch } from '../../core/batch.ts';
import { decodeValue } from '../../core/collection-value.ts';
import type { Column } from '../../core/column.ts';
import { SqlError } from '../../core/diagnostic.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { printTimestamp } from '../../core/time.ts';
import type { RecordEncoder, RecordTarget } from '../../catalog/format.ts';
import { SpanTarget } from '../../catalog/span-target.ts';
import { BatchBuilder, spareBuffers } from '../../wire/batch-builder.ts';
import { FramedRows, framedRowsAtOnce } from '../../wire/framed-rows.ts';
import { writeHeaders } from '../../wire/headers.ts';
import { DividedRows } from './divided-rows.ts';
import { partitionOfKey } from './murmur2.ts';

export interface PartitionBatch {
  readonly partition: number;
  readonly bytes: Uint8Array;
}

/** A batch is finished at this size. */
const batchBytes = 256 << 10;

/** Fewer rows than these are written one by one. */
const leastRows = 16;
/** Bytes that the texts of rows which are written at once have together, about. */
const manyBytes = 256 << 10;

const noBytes = new Uint8Array(0);

/** What writes the parts of a record, each from columns of a row; undefined are all of them. */
export interface RecordEncoders {
  readonly value: { readonly encoder: RecordEncoder; readonly columns: readonly number[] | undefined };
  readonly key: { readonly encoder: RecordEncoder; readonly columns: readonly number[] } | undefined;
  /** The column that holds the times of records, in ms; undefined: the time of writing. */
  readonly timeColumn: number | undefined;
  /** The column that holds their headers, and its type; undefined: they have none. */
  readonly headers: { readonly column: number; readonly type: SqlType } | undefined;
}

export interface BatchWriterRequest extends RecordEncoders {
  readonly partitions: number;
  /** True: all rows go to the first partition. */
  readonly isFixed: boolean;
  /** Gets each finished batch. */
  readonly take: (batch: PartitionBatch) => void;
}

/** The columns of rows of which each part of a record is made. */
interface RowParts {
  readonly key: Batch | undefined;
  readonly value: Batch;
}

/** What writes many rows at once: their values, encoded, with their keys, and the order in which they go into batches. */
interface ManyRows {
  readonly values: SpanTarget;
  readonly rows: FramedRows;
  /** Undefined: all go into one partition. */
  readonly divided: DividedRows | undefined;
}

/**
 * Rows to record batches, one under way per partition: some hundred are encoded, ordered by their partitions and put into batches at once; few, and those with headers
 * or times of their own, are encoded one by one where they lie in the batch. With a key encoder, deletions become tombstones and the key picks the partition.
 */
export class BatchWriter implements RecordTarget {
  readonly #value: RecordEncoders['value'];
  readonly #key: RecordEncoders['key'];
  readonly #timeColumn: number | undefined;
  readonly #headers: RecordEncoders['headers'];
  readonly #isFixed: boolean;
  readonly #builders: readonly BatchBuilder[];
  readonly #take: (batch: PartitionBatch) => void;
  readonly #keys = new SpanTarget(true);
  /** Where rows without a key go until its batch is finished. */
  #sticky = 0;
  /** Of the row under way: its partition and that partition's builder. */
  #partition = 0;
  #builder: BatchBuilder;
  /** Of the call under way. */
  #from = 0;
  #timestamp = 0;
  /** What writes many rows at once; made when they come. */
  #many: ManyRows | undefined;
  #kinds: Uint8Array | undefined;
  /** The column of times; undefined where rows have none of their own. */
  #times: Column | undefined;
  #headerColumn: Column | undefined;
  bytes: Uint8Array = noBytes;
  view: DataView = new DataView(noBytes.buffer);

  constructor({ value, key, timeColumn, headers, partitions, isFixed, take }: BatchWriterRequest) {
    this.#value = value;
    this.#key = key;
    this.#timeColumn = timeColumn;
    this.#headers = headers;
    this.#isFixed = isFixed;
    const spare = spareBuffers(partitions);
    this.#builders = Array.from({ length: partitions }, () => new BatchBuilder(batchBytes + (64 << 10), true, spare));
    this.#builder = this.#builders[0] as BatchBuilder;
    this.#take = take;
  }

  /** `timestamp`: of the records that have no other, in ms. Throws E0704 for a time before 1970, which no record can have. */
  write(batch: Batch, from: number, to: number, timestamp: number): void {
    const parts: RowParts = {
      key: this.#key === undefined ? undefined : only(batch, this.#key.columns),
      value: this.#value.columns === undefined ? batch : only(batch, this.#value.columns),
    };
    let next = from;
    const areAlike = this.#headers === undefined && this.#timeColumn === undefined;
    while (areAlike && to - next >= leastRows) next = this.#writeMany(batch, parts, next, to, timestamp);
    if (next < to) this.#writeEach(batch, parts, next, to, timestamp);
  }

  /** Writes the first of these rows, which have no headers and times of their own, and gives the row behind the last that it wrote. */
  #writeMany(batch: Batch, parts: RowParts, from: number, to: number, timestamp: number): number {
    const end = endOfMany(batch, from, to);
    const keys = end - from < leastRows ? undefined : this.#encodeKeys(parts, from, end);
    // Where a row without a key goes depends on the rows before it.
    if (end - from < leastRows || keys?.hasNull === true) {
      this.#writeEach(batch, parts, from, end, timestamp);
      return end;
    }
    const { values, rows, divided } = (this.#many ??= this.#makeMany());
    values.clear();
    this.#value.encoder.encode(parts.value, from, end, values);
    if (keys !== undefined && batch.kinds !== undefined) forget(values.lengths, batch.kinds, from, end);
    rows.load(keys, values, end - from);
    if (divided === undefined) this.#append(rows, keys === undefined ? this.#sticky : 0, 0, end - from, timestamp);
    else {
      divided.order(end - from);
      for (let partition = 0; partition < this.#builders.length; partition++) this.#append(rows, partition, divided.starts[partition] as number, divided.starts[partition + 1] as number, timestamp);
    }
    return end;
  }

  /** Rows of an order into a partition; without keys those behind a batch that is full into the next. */
  #append(rows: FramedRows, first: number, from: number, to: number, timestamp: number): void {
    let partition = first;
    for (let next = from; next < to; ) {
      const builder = this.#builders[partition] as BatchBuilder;
      next = builder.appendRows(rows, next, to, timestamp, batchBytes);
      if (builder.size < batchBytes) continue;
      this.#finish(partition, builder);
      if (this.#key === undefined) partition = this.#sticky;
    }
  }

  #makeMany(): ManyRows {
    const rows = new FramedRows(this.#key !== undefined);
    const isDivided = this.#key !== undefined && this.#builders.length > 1 && !this.#isFixed;
    return { values: new SpanTarget(true), rows, divided: isDivided ? new DividedRows(rows, this.#builders.length) : undefined };
  }

  #encodeKeys({ key }: RowParts, from: number, to: number): SpanTarget | undefined {
    if (this.#key === undefined || key === undefined) return undefined;
    this.#keys.clear();
    this.#key.encoder.encode(key, from, to, this.#keys);
    return this.#keys;
  }

  /** Row by row, each value encoded where it lies in its batch. */
  #writeEach(batch: Batch, parts: RowParts, from: number, to: number, timestamp: number): void {
    this.#encodeKeys(parts, from, to);
    this.#from = from;
    this.#timestamp = timestamp;
    this.#kinds = batch.kinds;
    this.#times = this.#timeColumn === undefined ? undefined : batch.columns[this.#timeColumn];
    this.#headerColumn = this.#headers === undefined ? undefined : batch.columns[this.#headers.column];
    this.#value.encoder.encode(parts.value, from, to, this);
  }

  begin(row: number, room: number): number {
    let at: number;
    const keys = this.#keys;
    const length = this.#key === undefined ? -1 : (keys.lengths[row - this.#from] as number);
    const timestamp = this.#times === undefined ? this.#timestamp : this.#timeOf(row, this.#times);
    if (length < 0) {
      this.#partition = this.#sticky;
      this.#builder = this.#builders[this.#sticky] as BatchBuilder;
      if (this.#headerColumn !== undefined) this.#builder.headers = this.#headersOf(row, this.#headerColumn);
      at = this.#builder.begin(room, timestamp);
    } else {
      const offset = keys.offsets[row - this.#from] as number;
      this.#partition = this.#builders.length === 1 || this.#isFixed ? 0 : partitionOfKey(keys.bytes, offset, length, this.#builders.length);
      this.#builder = this.#builders[this.#partition] as BatchBuilder;
      if (this.#headerColumn !== undefined) this.#builder.headers = this.#headersOf(row, this.#headerColumn);
      at = this.#builder.beginWithKey(keys.view, offset, length, room, timestamp);
    }
    this.bytes = this.#builder.bytes;
    this.view = this.#builder.view;
    return at;
  }

  end(row: number, at: number): void {
    const builder = this.#builder;
    const kind = this.#key === undefined || this.#kinds === undefined ? RowKind.insert : (this.#kinds[row] as number);
    if (kind === RowKind.delete || kind === RowKind.updateBefore) builder.endNull();
    else builder.end(at);
    if (builder.size < batchBytes) return;
    this.#finish(this.#partition, builder);
  }

  endNull(): void {
    const builder = this.#builder;
    builder.endNull();
    if (builder.size >= batchBytes) this.#finish(this.#partition, builder);
  }

  /** As Flink: an entry of the map whose key or value is NULL is none. A list keeps a header whose value is null. */
  #headersOf(row: number, column: Column): Uint8Array | undefined {
    if (column.layout !== 'bytes' || this.#headers === undefined || column.nulls?.[row] === 1) return undefined;
    const entries = decodeValue(column.heap, column.offsets[row] as number, column.lengths[row] as number, this.#headers.type) as readonly (readonly [string | null, Uint8Array | null] | null)[];
    const isList = this.#headers.type.kind === 'ARRAY';
    return writeHeaders(entries.flatMap((entry) => (entry === null || entry[0] === null || (entry[1] === null && !isList) ? [] : [[entry[0], entry[1]] as const])));
  }

  #timeOf(row: number, column: Column): number {
    if (column.layout !== 'i64' || column.nulls?.[row] === 1) return this.#timestamp;
    const time = (column.words[2 * row + 1] as number) * 4294967296 + ((column.words[2 * row] as number) >>> 0);
    if (time >= 0) return time;
    throw new SqlError({ code: 'E0704', message: `a record cannot have the time ${printTimestamp(time, 0, 3)}Z: none lies before 1970`, hint: 'the column is METADATA FROM \'timestamp\'' });
  }

  /** Finishes what is under way. */
  flush(): void {
    for (const [partition, builder] of this.#builders.entries()) if (builder.recordCount > 0) this.#finish(partition, builder);
  }

  #finish(partition: number, builder: BatchBuilder): void {
    this.#take({ partition, bytes: builder.finish() });
    // Rows without a key go into one partition's batch, and those after it to the next partition, as Kafka's own client does.
    if (partition === this.#sticky && !this.#isFixed) this.#sticky = (partition + 1) % this.#builders.length;
  }

  /** Gives back a batch that is on disk: its buffer serves again. */
  recycle({ partition, bytes }: PartitionBatch): void {
    this.#builders[partition]?.recycle(bytes);
  }
}

/** The row behind the first of these rows that are written at once. */
function endOfMany({ columns }: Batch, from: number, to: number): number {
  let end = Math.min(to, from + framedRowsAtOnce);
  for (const column of columns) {
    if (column.layout !== 'bytes') continue;
    const { lengths } = column;
    let bits = 0;
    for (let row = from; row < end; row++) bits |= lengths[row] as number;
    if (bits < manyBytes / framedRowsAtOnce) continue;
    let bytes = 0;
    for (let row = from; row < end; row++) if ((bytes += lengths[row] as number) > manyBytes) end = row + 1;
  }
  return end;
}

/** Rows that are taken back have no value. */
function forget(lengths: Int32Array, kinds: Uint8Array, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    const kind = kinds[row];
    if (kind === RowKind.delete || kind === RowKind.updateBefore) lengths[row - from] = -1;
  }
}

function only(batch: Batch, columns: readonly number[]): Batch {
  return { ...batch, columns: columns.flatMap((column) => batch.columns[column] ?? []) };
}
