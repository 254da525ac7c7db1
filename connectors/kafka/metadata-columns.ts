import { encodeValue } from '../../core/collection-value.ts';
import { allocateColumn, type BytesColumn, type Column } from '../../core/column.ts';
import { layoutOf } from '../../core/layout.ts';
import type { ReadColumn } from '../../catalog/format.ts';
import { readHeaders } from '../../wire/headers.ts';
import type { FetchedRecords } from './fetched-records.ts';

const two32 = 4294967296;
const timestampTypes = ['CreateTime', 'LogAppendTime'] as const;

/** The columns of what is known of records beside key and value, for one partition. */
export class MetadataColumns {
  readonly #keys: readonly string[];
  readonly #types: readonly ReadColumn['type'][];
  readonly #partition: number;
  /** The topic's name, then the two types of timestamps, and room for readers that look beyond. */
  readonly #heap: Uint8Array;
  /** Bytes of the topic's name. */
  readonly #topicBytes: number;
  #columns: readonly Column[] = [];
  #capacity = 0;

  constructor(read: readonly { readonly key: string; readonly type: ReadColumn['type'] }[], topic: string, partition: number) {
    this.#keys = read.map(({ key }) => key);
    this.#types = read.map(({ type }) => type);
    this.#partition = partition;
    const utf8 = new TextEncoder();
    this.#topicBytes = utf8.encode(topic).length;
    this.#heap = utf8.encode(`${topic}${timestampTypes.join('')}${'\0'.repeat(16)}`);
  }

  /** Of records [from, to), borrowed until the next call. */
  fill(records: FetchedRecords, from: number, to: number): readonly Column[] {
    if (to - from > this.#capacity) {
      this.#capacity = Math.max(1024, to - from);
      this.#columns = this.#types.map((type) => allocateColumn(layoutOf(type), this.#capacity));
    }
    for (const [i, key] of this.#keys.entries()) this.#fill(key, this.#columns[i] as Column, records, from, to);
    return this.#columns;
  }

  /** For those who read them: each record's are taken apart and put together as a MAP or an ARRAY. */
  #fillHeaders(key: string, column: BytesColumn, { positions, values }: FetchedRecords, from: number, to: number): void {
    const type = this.#types[this.#keys.indexOf(key)] as ReadColumn['type'];
    const maps: Uint8Array[] = [];
    let end = 0;
    for (let i = from; i < to; i++) {
      const at = (positions.valueOffsets[i] as number) + Math.max(0, positions.valueLengths[i] as number);
      const map = encodeValue(readHeaders(values.heap, at), type);
      maps.push(map);
      column.offsets[i - from] = end;
      column.lengths[i - from] = map.length;
      end += map.length;
    }
    column.heap = new Uint8Array(end + 8);
    for (const [row, map] of maps.entries()) column.heap.set(map, column.offsets[row]);
  }

  #fill(key: string, column: Column, records: FetchedRecords, from: number, to: number): void {
    const { positions, epochs, appended } = records;
    const rows = to - from;
    switch (column.layout) {
      case 'i64': {
        const { words } = column;
        const source = key === 'offset' ? positions.offsets : positions.timestamps;
        for (let row = 0; row < rows; row++) {
          const value = source[from + row] as number;
          words[2 * row] = value;
          words[2 * row + 1] = Math.floor(value / two32);
        }
        return;
      }
      case 'i32': {
        if (key === 'partition') {
          column.values.fill(this.#partition, 0, rows);
          return;
        }
        column.values.set(epochs.subarray(from, to));
        column.nulls = undefined;
        for (let row = 0; row < rows; row++) {
          if ((column.values[row] as number) >= 0) continue;
          column.values[row] = 0;
          column.nulls ??= new Uint8Array(this.#capacity);
          column.nulls[row] = 1;
        }
        return;
      }
      case 'bytes': {
        if (key === 'headers' || key === 'header-list') {
          this.#fillHeaders(key, column, records, from, to);
          return;
        }
        column.heap = this.#heap;
        column.isPlain = true;
        if (key === 'topic') {
          column.offsets.fill(0, 0, rows);
          column.lengths.fill(this.#topicBytes, 0, rows);
          return;
        }
        const [created, appendedType] = timestampTypes;
        for (let row = 0; row < rows; row++) {
          const isAppended = appended[from + row] === 1;
          column.offsets[row] = isAppended ? this.#topicBytes + created.length : this.#topicBytes;
          column.lengths[row] = isAppended ? appendedType.length : created.length;
        }
        return;
      }
      default:
    }
  }
}
