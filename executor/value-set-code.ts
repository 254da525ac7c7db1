import { js, type CodeBuilder, type Js } from '../core/code.ts';
import type { SqlType } from '../core/sql-type.ts';
import type { Operand } from '../functions/operand.ts';
import { shapeOf, type FieldSpec } from '../state/table.ts';
import { ValuesCode } from './values-code.ts';

/** The flags of the two keys, which are never NULL, come before the filters' bits. */
const keyFlags = 2;

/** How many filters have room in a record's first word of flags. */
export const mostFilters = 32 - keyFlags;

/** The bit of a filter by its number. */
export function filterBit(index: number): number {
  return 1 << (keyFlags + index);
}

/**
 * The code of the different values over input that only inserts: which are there, not how often. Calls over the
 * same argument with different filters share it: among its flags a value has a bit for each filter that let it through.
 */
export class ValueSetCode extends ValuesCode {
  /** `value` is the field of the value, of the type `type`; `filters` is how many share it, at most `mostFilters`. */
  constructor(index: number, value: FieldSpec, type: SqlType, filters: number) {
    const name = value.name ?? 'values';
    super(index, shapeOf([{ layout: 'i32', isKey: true, name: `${name} of`, type: 'INT' }, { ...value, isKey: true, name }], keyFlags + filters), type);
  }

  /** Adds a value for the filters whose bits `wanted` (not 0) has; `onFirst` writes what is done for those of them, `fresh`, that had not seen it. */
  add(code: CodeBuilder, value: Operand, wanted: Js, onFirst: (fresh: Js, value: Operand) => void): void {
    const { record } = this;
    const probe = this.search(code, value);
    const { found } = probe;
    const seen = js`${record.view('r32')}[2 * ${record.q} + 1]`;
    code.block(js`if (${found} < 0)`, () => this.make(code, probe));
    const fresh = code.define('fresh', js`${wanted} & ~${seen}`);
    code.block(js`if (${fresh} !== 0)`, () => {
      code.line(js`${record.table}.touch(${found}); ${seen} |= ${fresh};`);
      onFirst(fresh, probe.value);
    });
  }
}
