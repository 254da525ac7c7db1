import type { Batch } from '../core/batch.ts';
import { columnArrays, columnSlots, type Column } from '../core/column.ts';
import { Js, js } from '../core/code.ts';
import { layoutOf, type Layout } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import type { ColumnSource } from '../expression/compile.ts';
import type { Place } from '../functions/operand.ts';

/** Zero flags for columns without NULLs, in the version of a kernel that reads flags. */
let noNulls = new Uint8Array(8192);
function zeroFlags(rows: number): Uint8Array {
  if (noNulls.length < rows) noNulls = new Uint8Array(rows * 2);
  return noNulls;
}

/** Binds the used columns of a kernel's input: the names of its parameters, and for each batch its arguments, in one order. */
export class InputColumns implements ColumnSource {
  readonly #used: readonly number[];
  readonly #layouts: readonly Layout[];
  readonly #row: Js;
  readonly withNulls: boolean;

  constructor(used: Iterable<number>, types: readonly SqlType[], row: Js, withNulls: boolean) {
    this.#used = [...used].toSorted((a, b) => a - b);
    this.#layouts = types.map(layoutOf);
    this.#row = row;
    this.withNulls = withNulls;
  }

  get parameters(): Js[] {
    return this.#used.flatMap((column) => {
      const names = columnSlots[this.#layouts[column] ?? 'i32'].map((slot) => this.array(column, slot));
      return this.withNulls ? [...names, this.nullsName(column)] : names;
    });
  }

  array(column: number, slot: string): Js {
    return new Js(`in${column}_${slot}`);
  }

  nullsName(column: number): Js {
    return new Js(`in${column}_nulls`);
  }

  place(column: number): Place {
    const layout = this.#layouts[column] ?? 'i32';
    return { layout, arrays: Object.fromEntries(columnSlots[layout].map((slot) => [slot, this.array(column, slot)])), index: this.#row };
  }

  nulls(column: number): Js | undefined {
    return this.withNulls ? this.nullsName(column) : undefined;
  }

  /** True when a used column of the batch has NULLs: the general version must run. */
  needsNulls(batch: Batch): boolean {
    return this.#used.some((column) => batch.columns[column]?.nulls !== undefined);
  }

  pushArguments(batch: Batch, into: unknown[]): void {
    for (const index of this.#used) {
      const column = batch.columns[index] as Column;
      into.push(...columnArrays(column));
      if (this.withNulls) into.push(column.nulls ?? zeroFlags(batch.rowCount));
    }
  }
}

/** Names for the columns that a kernel writes. */
export class OutputColumns {
  readonly #layouts: readonly (Layout | undefined)[];
  readonly #row: Js;

  /** `undefined` for a column that the kernel does not write. */
  constructor(layouts: readonly (Layout | undefined)[], row: Js) {
    this.#layouts = layouts;
    this.#row = row;
  }

  get parameters(): Js[] {
    return this.#layouts.flatMap((layout, column) => (layout === undefined ? [] : [...slotsWithoutHeap(layout).map((slot) => new Js(`out${column}_${slot}`)), this.nulls(column)]));
  }

  /** The row that is written. */
  get row(): Js {
    return this.#row;
  }

  place(column: number): Place {
    const layout = this.#layouts[column] ?? 'i32';
    return { layout, arrays: Object.fromEntries(slotsWithoutHeap(layout).map((slot) => [slot, new Js(`out${column}_${slot}`)])), index: this.#row };
  }

  nulls(column: number): Js {
    return new Js(`out${column}_nulls`);
  }

  /** Writes zero or empty: what stands under a NULL. */
  zero(column: number): Js[] {
    const layout = this.#layouts[column] ?? 'i32';
    return slotsWithoutHeap(layout).map((slot) => {
      const array = new Js(`out${column}_${slot}`);
      if (slot === 'words' || slot === 'highWords') return js`${array}[2 * ${this.#row}] = ${array}[2 * ${this.#row} + 1] = 0;`;
      if ((slot === 'values' || slot === 'high') && (layout === 'i64' || layout === 'i64n' || layout === 'i128')) return js``;
      return js`${array}[${this.#row}] = 0;`;
    });
  }

  pushArguments(columns: readonly Column[], nulls: readonly Uint8Array[], into: unknown[]): void {
    for (const [i, layout] of this.#layouts.entries()) {
      if (layout === undefined) continue;
      const column = columns[i] as Column;
      const arrays = columnArrays(column);
      into.push(...(layout === 'bytes' ? arrays.slice(1) : arrays), nulls[i]);
    }
  }
}

function slotsWithoutHeap(layout: Layout): readonly string[] {
  return columnSlots[layout].filter((slot) => slot !== 'heap');
}
