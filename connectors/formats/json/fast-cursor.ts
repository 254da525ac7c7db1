import { columnArrays, columnSlots, type Column } from '../../../core/column.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import type { Local, WasmBuilder } from '../../../core/wasm-code.ts';
import { i32, i64, type Place, type Wasm } from '../../../core/wasm-ops.ts';
import type { FastArrays } from './fast-arrays.ts';

/** The memories of the fast tier: the records where they lie, and the arrays of its columns. */
export const recordMemory = 0;
export const columnMemory = 1;

/**
 * Where the fast tier is: at byte p of the record that ends at `end` and becomes row `row`. Writes the code that looks at bytes, moves on,
 * leaves a record to the other tiers, and stores into columns.
 */
export class FastCursor {
  readonly #w: WasmBuilder;
  readonly #types: readonly SqlType[];
  readonly #arrays: FastArrays;
  readonly row: Local<'i32'>;
  readonly delta: Local<'i32'>;
  readonly p: Local<'i32'>;
  readonly end: Local<'i32'>;
  /** Where the value at hand begins. */
  readonly start: Local<'i32'>;

  constructor(w: WasmBuilder, parameters: { readonly row: Local<'i32'>; readonly delta: Local<'i32'> }, types: readonly SqlType[], arrays: FastArrays) {
    this.#w = w;
    this.#types = types;
    this.#arrays = arrays;
    ({ row: this.row, delta: this.delta } = parameters);
    this.p = w.local('p', 'i32');
    this.end = w.local('end', 'i32');
    this.start = w.local('start', 'i32');
  }

  leave(): void {
    this.#w.leave('left');
  }

  leaveIf(test: Wasm<'i32'>): void {
    this.#w.leaveIf('left', test);
  }

  /** The byte, the word or the eight bytes at p + offset. */
  byte(offset = 0): Wasm<'i32'> {
    return i32.load8(this.here(offset));
  }

  /** The byte at p + `offset`, which the code knows when it runs. */
  byteAt(offset: Wasm<'i32'>): Wasm<'i32'> {
    return i32.load8({ memory: recordMemory, address: i32.add(this.p.get, offset), offset: 0 });
  }

  word(offset = 0): Wasm<'i32'> {
    return i32.load(this.here(offset));
  }

  eight(offset = 0): Wasm<'i64'> {
    return i64.load(this.here(offset));
  }

  here(offset: number): Place {
    return { memory: recordMemory, address: this.p.get, offset };
  }

  move(bytes: Wasm<'i32'>): void {
    this.#w.set(this.p, i32.add(this.p.get, bytes));
  }

  moveBy(bytes: number): void {
    this.move(i32.const(bytes));
  }

  /** p becomes what a function of the program gives, unless that is below 0. */
  moveTo(place: Wasm<'i32'>): void {
    this.#w.set(this.p, place);
    this.leaveIf(i32.ltS(this.p.get, i32.const(0)));
  }

  type(column: number): SqlType {
    return this.#types[column] ?? { kind: 'NULL', nullable: true };
  }

  /** Where a column's array holds the row at hand. */
  slot(column: number, name: string): Place {
    const target = this.#arrays.columns[column] as Column;
    const array = columnArrays(target)[columnSlots[target.layout].indexOf(name)] as ArrayBufferView & { readonly BYTES_PER_ELEMENT: number };
    // The words of a value of 64 bits are addressed as the value.
    const size = name === 'words' || name === 'highWords' ? 8 : array.BYTES_PER_ELEMENT;
    return { memory: columnMemory, address: size === 1 ? this.row.get : i32.shl(this.row.get, i32.const(Math.log2(size))), offset: array.byteOffset };
  }

  /** NULL in the row, zero or empty under it. */
  writeNull(column: number): void {
    const w = this.#w;
    w.line(i32.store8({ memory: columnMemory, address: this.row.get, offset: (this.#arrays.nulls[column] as Uint8Array).byteOffset }, i32.const(1)));
    this.raise(this.#arrays.any, column);
    const zero64 = (name: string): void => w.line(i64.store(this.slot(column, name), i64.const(0n)));
    const zero32 = (name: string): void => w.line(i32.store(this.slot(column, name), i32.const(0)));
    switch (this.#arrays.columns[column]?.layout) {
      case 'u8':
        w.line(i32.store8(this.slot(column, 'values'), i32.const(0)));
        return;
      case 'i32':
      case 'f32':
        zero32('values');
        return;
      case 'i64':
      case 'f64':
        zero64('values');
        return;
      case 'i64n':
        zero64('values');
        zero32('nanos');
        return;
      case 'i128':
        zero64('values');
        zero64('high');
        return;
      default:
        zero32('offsets');
        zero32('lengths');
    }
  }

  raise(flags: Uint8Array, index: number): void {
    this.#w.line(i32.store8({ memory: columnMemory, address: i32.const(index), offset: flags.byteOffset }, i32.const(1)));
  }
}
