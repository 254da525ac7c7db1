import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import { layoutOf } from '../core/layout.ts';
import { printType, withNullable, type SqlType } from '../core/sql-type.ts';
import { load, store, type Operand } from '../functions/operand.ts';
import type { FieldSpec } from '../state/field-spec.ts';
import { shapeOf, type RecordShape, type Table } from '../state/table.ts';
import type { InputColumns, OutputColumns } from './kernel-columns.ts';
import { RecordCode } from './record-code.ts';

/**
 * Whole rows as records of a state Table, each under the number of its arrival: what an operator keeps that has to give rows out again as they
 * came, in their order. The code sees the table as `rowtable` and its views as RecordCode names them behind `row`, or another prefix.
 */
export class StoredRow {
  readonly shape: RecordShape;
  readonly #types: readonly SqlType[];
  readonly #record: RecordCode;

  /** `more`: fields behind the row's, which the owner keeps. */
  constructor(types: readonly SqlType[], prefix = 'row', more: readonly FieldSpec[] = []) {
    const columns = types.map((type, i) => ({ layout: layoutOf(type), isKey: false, name: `column ${i + 1}`, type: printType(withNullable(type, true)) }));
    // The key's flag comes first, then one for the NULL of each column.
    this.shape = shapeOf([{ layout: 'i64', isKey: true, name: 'arrival', type: 'BIGINT' }, ...columns, ...more], 1 + types.length);
    this.#types = types;
    this.#record = new RecordCode(this.shape, prefix);
  }

  get table(): Js {
    return this.#record.table;
  }

  declareViews(code: CodeBuilder): void {
    this.#record.declareViews(code);
  }

  /** Declares where the record `id` lies, for `value`. */
  at(code: CodeBuilder, id: Js): void {
    code.line(js`const ${this.#record.q} = ${id} * ${this.shape.quads};`);
  }

  /** A column of the record that `at` has named. */
  value(code: CodeBuilder, column: number): { readonly operand: Operand; readonly isNull: Js } {
    const { word, bit } = this.#nullFlag(column);
    return { operand: this.#record.load(code, 1 + column, this.#types[column] ?? { kind: 'NULL', nullable: true }), isNull: js`((${word} & ${bit}) !== 0)` };
  }

  /** Writes row `i` of the input to the record `id`, which holds nothing but its number. */
  write(code: CodeBuilder, input: InputColumns, id: Js): void {
    code.line(js`const ${this.#record.q} = ${id} * ${this.shape.quads};`);
    for (const [column, type] of this.#types.entries()) {
      const put = (): void => this.#record.store(code, 1 + column, type, operandOf(code, input, column, type));
      const nulls = input.nulls(column);
      const { word, bit } = this.#nullFlag(column);
      if (nulls === undefined) code.block(js``, put);
      else code.either(js`${nulls}[i] === 1`, () => code.line(js`${word} |= ${bit};`), put);
    }
  }

  /** Writes the record `id` to the row of the output, its columns from `first` on. */
  emit(code: CodeBuilder, output: OutputColumns, id: Js, first = 0): void {
    code.line(js`const ${this.#record.q} = ${id} * ${this.shape.quads};`);
    for (const [i, type] of this.#types.entries()) {
      const column = first + i;
      const { word, bit } = this.#nullFlag(i);
      code.either(js`(${word} & ${bit}) !== 0`, () => {
        code.line(js`${output.nulls(column)}[${output.row}] = 1; any[${column}] = 1;`);
        for (const line of output.zero(column)) code.line(line);
      }, () => {
        code.line(js`${output.nulls(column)}[${output.row}] = 0;`);
        store(code, output.place(column), this.#record.load(code, 1 + i, type), js`heap`);
      });
    }
  }

  /** A new record for the row that arrived as number `arrival`; needs room. */
  allocate(table: Table, arrival: number): number {
    const [low, high] = [arrival | 0, Math.floor(arrival / 4294967296)];
    const hash = hashFinish(hashWord(hashWord(hashSeed, low), high));
    let slot = hash & table.mask;
    while (table.index[2 * slot + 1] !== 0) slot = (slot + 1) & table.mask;
    const id = table.allocate(hash, slot);
    const at = this.#arrivalAt(id);
    table.r32[at] = low;
    table.r32[at + 1] = high;
    return id;
  }

  /** Empties a record but for its number, so that another row can be written to it. */
  clear(table: Table, id: number): void {
    table.touch(id);
    const { r32 } = table;
    const from = id * this.shape.quads * 2;
    for (const [i, field] of this.shape.fields.entries()) {
      const at = from + 2 * (this.shape.offsets[i] ?? 0);
      if (field.layout === 'bytes' && r32[at + 1] !== 0) table.bytes.free(r32[at] as number, r32[at + 1] as number);
    }
    const arrival = this.#arrivalAt(id);
    r32.fill(0, from + 1, arrival);
    r32.fill(0, arrival + 2, from + 2 * this.shape.quads);
  }

  /** The ids of all records, in the order of their arrival. */
  ids(table: Table): number[] {
    const ids: number[] = [];
    for (let id = 0; id < table.limit; id++) if (table.r32[id * this.shape.quads * 2] !== 0) ids.push(id);
    return ids.sort((a, b) => this.arrivalOf(table, a) - this.arrivalOf(table, b));
  }

  arrivalOf(table: Table, id: number): number {
    const at = this.#arrivalAt(id);
    return (table.r32[at + 1] as number) * 4294967296 + ((table.r32[at] as number) >>> 0);
  }

  #arrivalAt(id: number): number {
    return 2 * (id * this.shape.quads + (this.shape.offsets[0] ?? 0));
  }

  /** Where the NULL of a column stands: its word in the record, and its bit. */
  #nullFlag(column: number): { readonly word: Js; readonly bit: number } {
    const flag = 1 + column;
    return { word: js`${this.#record.view('r32')}[2 * ${this.#record.q} + ${1 + (flag >> 5)}]`, bit: 1 << (flag & 31) };
  }
}

function operandOf(code: CodeBuilder, input: InputColumns, column: number, type: SqlType): Operand {
  if (layoutOf(type) !== 'bytes') return load(code, input.place(column), type);
  return { class: 'bytes', heap: input.array(column, 'heap'), offset: js`${input.array(column, 'offsets')}[i]`, length: js`${input.array(column, 'lengths')}[i]` };
}
