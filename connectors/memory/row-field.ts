import { assert } from '../../core/assert.ts';
import { isFieldNull, layoutsOfRow, readU32, rowShape, slotBefore } from '../../core/collection.ts';
import { allocateColumn, type BytesColumn, type Column } from '../../core/column.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';

const none: BytesColumn['heap'] = new Uint8Array(8);

/** The way to a field within a ROW, or within one in it; empty for the value itself. Needs: each name is a field of what is before it. */
export function fieldChain(type: SqlType | undefined, names: readonly string[]): readonly RowField[] {
  const chain: RowField[] = [];
  let at = type;
  for (const name of names) {
    assert(at?.kind === 'ROW', `there is no field ${name} in what is no ROW`);
    const next = new RowField(at, name);
    chain.push(next);
    at = next.type;
  }
  return chain;
}

/** The field of the first `count` rows, borrowed until the next call. */
export function fieldOf(column: Column, chain: readonly RowField[], count: number): Column {
  let field = column;
  for (const next of chain) if (field.layout === 'bytes') field = next.take(field, count);
  return field;
}

/** Takes one field out of rows that lie encoded, each row's where it lies. */
export class RowField {
  /** The type of the field. */
  readonly type: SqlType;
  readonly #index: number;
  readonly #slot: number;
  /** Where the slot is that says where the field's bytes begin, or -1, and what lies before the first. */
  readonly #before: number;
  readonly #head: number;
  #column: Column;
  #nulls: Uint8Array;
  #capacity = 1024;

  /** Needs: `row` is a ROW with a field of that name. */
  constructor(row: Extract<SqlType, { kind: 'ROW' }>, name: string) {
    this.#index = row.fields.findIndex((field) => field.name === name);
    this.type = row.fields[this.#index]?.type ?? { kind: 'NULL', nullable: true };
    const layouts = layoutsOfRow(row);
    const { slots, head } = rowShape(layouts);
    this.#slot = slots[this.#index] ?? 0;
    this.#before = slotBefore(layouts, this.#index);
    this.#head = head;
    this.#column = allocateColumn(layoutOf(this.type), this.#capacity);
    this.#nulls = new Uint8Array(this.#capacity);
  }

  /** The field of the first `count` rows, borrowed until the next call. A field of a NULL is NULL. */
  take(rows: BytesColumn, count: number): Column {
    if (count > this.#capacity) {
      this.#capacity = count;
      this.#column = allocateColumn(layoutOf(this.type), count);
      this.#nulls = new Uint8Array(count);
    }
    const column = this.#column;
    const { heap, offsets } = rows;
    const view = new DataView(heap.buffer, heap.byteOffset, heap.byteLength);
    column.nulls = undefined;
    if (column.layout === 'bytes') column.heap = heap.length === 0 ? none : heap;
    for (let i = 0; i < count; i++) {
      const at = offsets[i] as number;
      const isNull = rows.nulls?.[i] === 1 || isFieldNull(heap, at, this.#index);
      this.#nulls[i] = isNull ? 1 : 0;
      if (isNull) column.nulls = this.#nulls;
      this.#read(column, i, view, heap, isNull ? -1 : at);
    }
    return column;
  }

  /** Reads the field of the row that lies at `at`; -1 for NULL, under which stand zeros. */
  #read(column: Column, i: number, view: DataView, heap: Uint8Array, at: number): void {
    const slot = at + this.#slot;
    switch (column.layout) {
      case 'u8':
        column.values[i] = at < 0 ? 0 : view.getUint8(slot);
        return;
      case 'i32':
        column.values[i] = at < 0 ? 0 : view.getInt32(slot, true);
        return;
      case 'f32':
        column.values[i] = at < 0 ? 0 : view.getFloat32(slot, true);
        return;
      case 'f64':
        column.values[i] = at < 0 ? 0 : view.getFloat64(slot, true);
        return;
      case 'bytes': {
        const start = at < 0 || this.#before < 0 ? 0 : readU32(heap, at + this.#before);
        column.offsets[i] = at < 0 ? 0 : at + this.#head + start;
        column.lengths[i] = at < 0 ? 0 : readU32(heap, slot) - start;
        return;
      }
      default:
        column.words[2 * i] = at < 0 ? 0 : view.getInt32(slot, true);
        column.words[2 * i + 1] = at < 0 ? 0 : view.getInt32(slot + 4, true);
        if (column.layout === 'i64n') column.nanos[i] = at < 0 ? 0 : view.getInt32(slot + 8, true);
        else if (column.layout === 'i128') {
          column.highWords[2 * i] = at < 0 ? 0 : view.getInt32(slot + 8, true);
          column.highWords[2 * i + 1] = at < 0 ? 0 : view.getInt32(slot + 12, true);
        }
    }
  }
}
