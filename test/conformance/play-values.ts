import { allocateBatch, type Batch } from '../../core/batch.ts';
import { entryTypes } from '../../core/collection.ts';
import { encodeValue } from '../../core/collection-value.ts';
import { allocateColumn, type Column } from '../../core/column.ts';
import { decimalFromText } from '../../core/decimal.ts';
import { layoutOf } from '../../core/layout.ts';
import { printType, type SqlType } from '../../core/sql-type.ts';
import { parseDate, parseTimestamp } from '../../core/time.ts';
import { readValue, type SqlValue } from '../../core/value.ts';
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

/** The rows as a batch of the columns that are read. */
export function batchOf(rows: readonly PlayRow[], read: readonly ReadColumn[], columns: readonly { readonly name: string; readonly type: SqlType }[]): Batch {
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
