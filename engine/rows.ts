import type { Batch } from '../core/batch.ts';
import { RowKind, rowKindText } from '../core/changelog.ts';
import type { Column as BatchColumn } from '../core/column.ts';
import { defaultJsTypes, toJsValue, type JsTypeChoice } from '../core/js-value.ts';
import { printType, withNullable } from '../core/sql-type.ts';
import { readValue, type SqlValue } from '../core/value.ts';
import type { PlanColumn } from '../planner/logical-plan.ts';
import type { Column, ColumnBatch, JsTypes, Op, Row } from './api.ts';

export function columnsOfPlan(columns: readonly PlanColumn[]): readonly Column[] {
  return columns.map(({ name, type, time }) => ({ name, type: printType(withNullable(type, true)), nullable: type.nullable, ...(time === undefined ? {} : { time }) }));
}

/** Turns rows of borrowed batches into objects of their own: the first columns of a batch, by the names given. */
export function rowReader(columns: readonly PlanColumn[], types: JsTypes | undefined): (batch: Batch, row: number) => Row {
  const given = Object.fromEntries(Object.entries(types ?? {}).filter(([, value]) => value !== undefined)) as Partial<JsTypeChoice>;
  const choice: JsTypeChoice = { ...defaultJsTypes, ...given };
  return (batch, row) => {
    const out: Record<string, ReturnType<typeof toJsValue>> = {};
    for (let i = 0; i < columns.length; i++) {
      const { name, type } = columns[i] as PlanColumn;
      const column = batch.columns[i];
      if (column === undefined) continue;
      const value = toJsValue(readValue(column, type, row), type, choice);
      // Assigned, this name would set the object's prototype.
      if (name === '__proto__') Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true });
      else out[name] = value;
    }
    return out;
  };
}

export function opOf(batch: Batch, row: number): Op {
  return rowKindText[(batch.kinds?.[row] ?? RowKind.insert) as RowKind];
}

/** A text that two rows share when the columns of `key` are equal, NULL being equal to NULL. */
export function keyReader(columns: readonly PlanColumn[], key: readonly number[]): (batch: Batch, row: number) => string {
  return (batch, row) => {
    let text = '';
    for (const index of key) {
      const column = batch.columns[index];
      const value = column === undefined ? null : readValue(column, (columns[index] as PlanColumn).type, row);
      const part = value === null ? undefined : textOf(value);
      text += part === undefined ? 'N' : `${part.length}:${part}`;
    }
    return text;
  };
}

function textOf(value: Exclude<SqlValue, null>): string {
  if (Array.isArray(value)) return value.map((part: SqlValue) => (part === null ? 'N' : `${textOf(part).length}:${textOf(part)}`)).join('');
  return value instanceof Uint8Array ? value.join() : typeof value === 'object' && 'millis' in value ? `${value.millis}.${value.nanos}` : String(value);
}

/** The rows of a borrowed batch, copied: its first `width` columns. */
export class OwnedBatch implements ColumnBatch {
  readonly rowCount: number;
  readonly #values: readonly ArrayBufferView[];
  readonly #offsets: readonly (Int32Array | undefined)[];
  readonly #nulls: readonly (Uint8Array | undefined)[];
  readonly #kinds: Uint8Array | undefined;

  constructor(batch: Batch, width: number) {
    const { rowCount } = batch;
    const columns = batch.columns.slice(0, width);
    this.rowCount = rowCount;
    this.#offsets = columns.map((column) => offsetsOf(column, rowCount));
    this.#values = columns.map((column, i) => valuesOf(column, rowCount, this.#offsets[i]));
    this.#nulls = columns.map((column) => column.nulls?.slice(0, rowCount));
    this.#kinds = batch.kinds?.slice(0, rowCount);
  }

  values(column: number): ArrayBufferView {
    return this.#at(this.#values, column) as ArrayBufferView;
  }

  offsets(column: number): Int32Array | undefined {
    return this.#at(this.#offsets, column);
  }

  isNull(column: number, row: number): boolean {
    return this.#at(this.#nulls, column)?.[row] === 1;
  }

  op(row: number): Op {
    return rowKindText[(this.#kinds?.[row] ?? RowKind.insert) as RowKind];
  }

  #at<T>(list: readonly T[], column: number): T | undefined {
    if (!(column in list)) throw new RangeError(`there is no column ${column}: the batch has ${list.length}`);
    return list[column];
  }
}

function offsetsOf(column: BatchColumn, rows: number): Int32Array | undefined {
  if (column.layout !== 'bytes') return undefined;
  const offsets = new Int32Array(rows + 1);
  for (let i = 0; i < rows; i++) offsets[i + 1] = (offsets[i] as number) + (column.lengths[i] as number);
  return offsets;
}

function valuesOf(column: BatchColumn, rows: number, offsets: Int32Array | undefined): ArrayBufferView {
  switch (column.layout) {
    case 'bytes': {
      const bytes = new Uint8Array(offsets?.[rows] ?? 0);
      for (let i = 0; i < rows; i++) {
        const start = column.offsets[i] as number;
        bytes.set(column.heap.subarray(start, start + (column.lengths[i] as number)), offsets?.[i]);
      }
      return bytes;
    }
    case 'i64n':
      return pairs(column.values, (i) => BigInt(column.nanos[i] as number), rows);
    case 'i128':
      return pairs(column.values, (i) => column.high[i] as bigint, rows);
    default:
      return column.values.slice(0, rows);
  }
}

function pairs(first: BigInt64Array, second: (row: number) => bigint, rows: number): BigInt64Array {
  const out = new BigInt64Array(rows * 2);
  for (let i = 0; i < rows; i++) {
    out[i * 2] = first[i] as bigint;
    out[i * 2 + 1] = second(i);
  }
  return out;
}
