import { allocateBatch } from '../../../core/batch.ts';
import { decodeValue, encodeValue } from '../../../core/collection-value.ts';
import { allocateColumn, type Column } from '../../../core/column.ts';
import { layoutOf } from '../../../core/layout.ts';
import { isStructured, type SqlType } from '../../../core/sql-type.ts';
import { instantOf, readValue, type SqlValue } from '../../../core/value.ts';
import type { RecordEncoder } from '../../../catalog/format.ts';
import { SpanTarget } from '../../../catalog/span-target.ts';
import { readText } from './columns.ts';
import type { Dialect } from './dialect.ts';

/**
 * ARRAY and ROW in one field: their parts, with the delimiter of elements between them and no quotes of their own. Source of the semantics:
 * Flink's CSV format and Jackson's parser below it: blank text is an empty ARRAY and no ROW, the text for NULL is told part by part.
 */
export type PartedType = (SqlType & { kind: 'ARRAY' }) | Extract<SqlType, { kind: 'ROW' }>;

/** True for ARRAY and ROW of values that a field can hold by themselves: there are no brackets for more. */
export function isParted(type: SqlType): type is PartedType {
  if (type.kind === 'ARRAY') return !isStructured(type.element);
  return type.kind === 'ROW' && type.fields.every((field) => !isStructured(field.type));
}

/** Finds the parts of a field and reads them. */
export class PartReader {
  readonly #type: PartedType;
  readonly #delimiter: Uint8Array;
  readonly #nullLiteral: Uint8Array | undefined;
  readonly #column: Column[];

  constructor(type: PartedType, { elementDelimiter, nullLiteral }: Dialect) {
    this.#type = type;
    this.#delimiter = elementDelimiter;
    this.#nullLiteral = nullLiteral;
    this.#column = (type.kind === 'ARRAY' ? [type.element] : type.fields.map((field) => field.type)).map((part) => allocateColumn(layoutOf(part), 1));
  }

  /** The begin and end of each part of heap[at .. end), one behind the other; none of blank text. */
  split(heap: Uint8Array, at: number, end: number): readonly number[] {
    let first = at;
    while (first < end && (heap[first] as number) <= 32) first++;
    if (first === end) return [];
    const delimiter = this.#delimiter;
    const parts = [at];
    for (let p = at; p < end; p++) {
      if (!isAt(heap, p, end, delimiter)) continue;
      parts.push(p, p + delimiter.length);
      p += delimiter.length - 1;
    }
    parts.push(end);
    return parts;
  }

  isNull(heap: Uint8Array, at: number, end: number): boolean {
    const literal = this.#nullLiteral;
    return literal !== undefined && end - at === literal.length && isAt(heap, at, end, literal);
  }

  /** What is wrong with the number of parts; undefined when nothing is. */
  miscount(parts: readonly number[]): string | undefined {
    const wanted = this.#type.kind === 'ROW' ? this.#type.fields.length : undefined;
    const count = parts.length / 2;
    return wanted === undefined || count === 0 || count === wanted ? undefined : `a ROW of ${wanted} fields: it has ${count}`;
  }

  /** The encoding of a field's value; undefined for NULL. `misfit` gets the number of each part that does not fit, which is NULL where it returns. */
  read(heap: Uint8Array, parts: readonly number[], misfit: (part: number) => void): Uint8Array | undefined {
    const type = this.#type;
    const count = parts.length / 2;
    if (type.kind === 'ARRAY') return encodeValue(Array.from({ length: count }, (_, i) => this.#part(heap, parts, i, type.element, 0, misfit)), type);
    return count === 0 ? undefined : encodeValue(type.fields.map((field, i) => (i < count ? this.#part(heap, parts, i, field.type, i, misfit) : null)), type);
  }

  #part(heap: Uint8Array, parts: readonly number[], i: number, type: SqlType, place: number, misfit: (part: number) => void): SqlValue {
    const at = parts[2 * i] as number;
    const end = parts[2 * i + 1] as number;
    if (this.isNull(heap, at, end)) return null;
    const column = this.#column[place] as Column;
    if (column.layout === 'bytes') column.heap = heap;
    const append = (bytes: Uint8Array): number => {
      if (column.layout === 'bytes') column.heap = bytes;
      return 0;
    };
    if (readText(heap, at, end, column, type, 0, append)) return readValue(column, type, 0);
    misfit(i);
    return null;
  }
}

function isAt(heap: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (at + text.length > end) return false;
  for (let k = 0; k < text.length; k++) if (heap[at + k] !== text[k]) return false;
  return true;
}

/** Gives the text of an encoded value as a field holds it before quotes. `encoderOf` makes an encoder of one column that writes no quotes. */
export function partWriter(type: PartedType, { elementDelimiter, nullLiteral }: Dialect, encoderOf: (type: SqlType) => RecordEncoder): (heap: Uint8Array, at: number, length: number) => Uint8Array {
  const types = type.kind === 'ARRAY' ? [type.element] : type.fields.map((field) => field.type);
  const writers = types.map((part) => ({ part, encoder: encoderOf(part), batch: { ...allocateBatch([layoutOf(part)], 1), rowCount: 1 }, target: new SpanTarget() }));
  return (heap, at, length) => {
    const texts: Uint8Array[] = [];
    for (const [i, value] of (decodeValue(heap, at, length, type) as readonly SqlValue[]).entries()) {
      const { encoder, batch, target } = writers[type.kind === 'ARRAY' ? 0 : i] as (typeof writers)[number];
      if (i > 0) texts.push(elementDelimiter);
      if (value === null) {
        texts.push(nullLiteral ?? new Uint8Array(0));
        continue;
      }
      putValue(batch.columns[0] as Column, value);
      target.clear();
      encoder.encode(batch, 0, 1, target);
      texts.push(target.bytes.slice(0, target.lengths[0]));
    }
    return Buffer.concat(texts);
  };
}

/** Puts a value into the first row. */
function putValue(column: Column, value: Exclude<SqlValue, null>): void {
  switch (column.layout) {
    case 'bytes':
      column.heap = typeof value === 'string' ? Buffer.from(`${value}\0\0\0\0\0\0\0\0`) : Buffer.concat([value as Uint8Array, new Uint8Array(8)]);
      column.lengths[0] = column.heap.length - 8;
      return;
    case 'u8':
      column.values[0] = value === true ? 1 : 0;
      return;
    case 'i64n':
      column.values[0] = BigInt(instantOf(value).millis);
      column.nanos[0] = instantOf(value).nanos;
      return;
    case 'i64':
    case 'i128': {
      const number = BigInt(value as number | bigint);
      column.values[0] = BigInt.asIntN(64, number);
      if (column.layout === 'i128') column.high[0] = number >> 64n;
      return;
    }
    default:
      column.values[0] = value as number;
  }
}
