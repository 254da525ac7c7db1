import { allocateColumn, type Column } from '../../core/column.ts';
import { noWatermark, type Batch } from '../../core/batch.ts';
import { RowKind } from '../../core/changelog.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { layoutOf } from '../../core/layout.ts';
import { BadRecord, type BadRecordMode } from '../../catalog/bad-record.ts';
import type { ConnectedTable } from '../../catalog/connector.ts';
import type { DecoderListener, ReadColumn, RecordDecoder } from '../../catalog/format.ts';
import type { FetchedRecords, Keeping } from './fetched-records.ts';
import { MetadataColumns } from './metadata-columns.ts';

/** Where a column of the rows comes from, and its place there. */
type Origin = { readonly from: 'value' | 'key' | 'metadata'; readonly index: number };

export interface RowsRequest {
  readonly table: ConnectedTable;
  readonly read: readonly ReadColumn[];
  /** A record is the latest row of its key; one with a null value deletes it. */
  readonly isUpsert: boolean;
  readonly bad: BadRecordMode;
  readonly listener: DecoderListener;
  readonly topic: string;
  readonly partition: number;
}

/**
 * The rows of a partition's records: columns from the value, from the key and from what is known of a record beside them. As in Flink's
 * connector: what both hold is the value's; a record without a key, in a table that has keys, is none; the row of a deletion is its key.
 */
export class RecordRows {
  readonly #isUpsert: boolean;
  readonly #value: RecordDecoder;
  readonly #key: RecordDecoder | undefined;
  readonly #needsKey: boolean;
  readonly #metadata: MetadataColumns | undefined;
  readonly #origins: readonly Origin[];
  /** The place in the key of a column that both hold. */
  readonly #keyPlaces: readonly (number | undefined)[];
  readonly #types: readonly ReadColumn['type'][];
  /** True: the value's columns are the rows. */
  readonly #isValue: boolean;
  readonly keeping: Keeping;
  /** True: the last BadRecord is about the key. */
  isKeyBad = false;
  #nothing: readonly Column[] | undefined;
  #nulls: readonly Column[] = [];
  #capacity = 0;
  #kinds = new Uint8Array(0);

  constructor({ table, read, isUpsert, bad, listener, topic, partition }: RowsRequest) {
    if (table.format === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
    const ofValue: ReadColumn[] = [];
    const ofKey: ReadColumn[] = [];
    const ofMetadata: { key: string; type: ReadColumn['type'] }[] = [];
    const keyPlaces: (number | undefined)[] = [];
    this.#origins = read.map((column, i): Origin => {
      const [name = '', ...rest] = column.path;
      const metadata = table.metadata?.find((candidate) => candidate.name === name);
      if (metadata !== undefined) return { from: 'metadata', index: ofMetadata.push({ key: metadata.key, type: column.type }) - 1 };
      const field = table.key?.fields.find((candidate) => candidate.column === name)?.field;
      if (field !== undefined) keyPlaces[i] = ofKey.push({ path: [field, ...rest], type: column.type }) - 1;
      return field !== undefined && table.key?.isInValue === false ? { from: 'key', index: keyPlaces[i] as number } : { from: 'value', index: ofValue.push(column) - 1 };
    });
    this.#keyPlaces = keyPlaces;
    this.#types = read.map(({ type }) => type);
    this.#isUpsert = isUpsert;
    this.#value = table.format.decoder(ofValue, table.formatOptions, bad);
    this.#value.listener = listener;
    if (table.key !== undefined) {
      // What the value holds too is read from the key only of deletions; that the key can be read counts for all.
      this.#key = table.key.format.decoder(ofKey, table.key.options, bad);
      this.#key.listener = listener;
    }
    this.#needsKey = table.key !== undefined && table.key.format.readsNull !== true;
    this.#metadata = ofMetadata.length === 0 ? undefined : new MetadataColumns(ofMetadata, topic, partition);
    this.#isValue = !isUpsert && table.key === undefined && ofMetadata.length === 0;
    this.keeping = { nullValues: isUpsert || table.format.readsNull === true, batches: ofMetadata.some(({ key }) => key === 'leader-epoch' || key === 'timestamp-type') };
  }

  /** The end of the records from `from` on, before `to`, that `decode` takes in one call. */
  runEnd({ positions }: FetchedRecords, from: number, to: number): number {
    if (!this.#isUpsert) return to;
    const isNull = (positions.valueLengths[from] as number) < 0;
    let end = from + 1;
    while (end < to && (positions.valueLengths[end] as number) < 0 === isNull) end++;
    return end;
  }

  /** The rows of records [from, to), borrowed until the next call. Throws BadRecord for the first that gives none. */
  decode(records: FetchedRecords, from: number, to: number): Batch {
    if (this.#isValue) return this.#value.decode(records.values, from, to);
    const isDeletion = this.#isUpsert && (records.positions.valueLengths[from] as number) < 0;
    const key = this.#decodeKeys(records, from, to);
    const value = isDeletion ? undefined : this.#decodeValues(records, from, to);
    const metadata = this.#metadata?.fill(records, from, to);
    const columns = this.#origins.map(({ from: origin, index }, i): Column => {
      if (origin === 'metadata') return metadata?.[index] as Column;
      const place = isDeletion || origin === 'key' ? this.#keyPlaces[i] : undefined;
      if (place !== undefined) return key?.columns[place] as Column;
      return value?.columns[index] ?? this.#null(i, to - from);
    });
    return { rowCount: to - from, columns, kinds: this.#isUpsert ? this.#kindsOf(isDeletion ? RowKind.delete : RowKind.updateAfter, to - from) : undefined, watermarks: undefined, watermarkAfter: noWatermark };
  }

  /** No rows. */
  nothing(): Batch {
    this.#nothing ??= this.#types.map((type) => allocateColumn(layoutOf(type), 0));
    return { rowCount: 0, columns: this.#nothing, kinds: undefined, watermarks: undefined, watermarkAfter: noWatermark };
  }

  #decodeKeys({ keys, values }: FetchedRecords, from: number, to: number): Batch | undefined {
    if (this.#key === undefined) return undefined;
    this.isKeyBad = true;
    if (this.#needsKey) for (let i = from; i < to; i++) if ((keys.lengths[i] as number) < 0) throw new BadRecord(i, undefined, 'there, and the columns of the key need it', 'leave-out');
    const batch = this.#decodeKey(this.#key, keys, from, to);
    this.isKeyBad = false;
    // Keys and values lie in one heap.
    values.heap = keys.heap;
    values.slackStart = keys.slackStart;
    return batch;
  }

  /** A key that holds none, as an empty one of CSV, is missed as one that is not there. */
  #decodeKey(key: RecordDecoder, keys: FetchedRecords['keys'], from: number, to: number): Batch {
    try {
      return key.decode(keys, from, to);
    } catch (error) {
      if (!(error instanceof BadRecord) || error.fate !== 'nothing') throw error;
      throw new BadRecord(error.record, undefined, 'there: it is empty, and the columns of the key need it', 'leave-out');
    }
  }

  #decodeValues({ keys, values }: FetchedRecords, from: number, to: number): Batch {
    const batch = this.#value.decode(values, from, to);
    keys.heap = values.heap;
    keys.slackStart = values.slackStart;
    return batch;
  }

  #null(i: number, rows: number): Column {
    if (rows > this.#capacity) {
      this.#capacity = Math.max(1024, rows);
      this.#nulls = this.#types.map((type) => {
        const column = allocateColumn(layoutOf(type), this.#capacity);
        column.nulls = new Uint8Array(this.#capacity).fill(1);
        return column;
      });
    }
    return this.#nulls[i] as Column;
  }

  #kindsOf(kind: RowKind, rows: number): Uint8Array {
    if (this.#kinds.length < rows) this.#kinds = new Uint8Array(Math.max(1024, rows));
    return this.#kinds.fill(kind, 0, rows).subarray(0, rows);
  }
}
