import { joinJs, js, type CodeBuilder, type Js } from '../core/code.ts';
import { withNullable, type SqlType } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { ExpressionCompiler } from '../expression/compile.ts';
import type { Operand } from '../functions/operand.ts';
import type { FieldSpec } from '../state/field-spec.ts';
import type { CallValues } from './aggregate-calls.ts';
import type { InputColumns } from './kernel-columns.ts';
import { filterBit, valueSetCode, type ValuePlace, type ValueSetCode } from './value-set-code.ts';

/** Over input that only inserts, calls over the same argument share a set; each different filter has a bit. */
interface BoundSet extends CallValues {
  readonly code: ValueSetCode;
}

/** What a set asks of the aggregation that it belongs to. */
export interface SetOwner {
  /** Whether the row passes a filter. */
  readonly passes: (filter: BoundExpr) => Js;
  /** Writes what the calls of a set do with a value that is new. `only`: what tests whether it is new to those of a filter; undefined for a set of one filter. */
  readonly onFirst: (set: number, value: Operand, only: ((filter: number) => Js) | undefined) => void;
}

/** The code of the sets of different values of a group. */
export class GroupSets {
  readonly #sets: readonly BoundSet[];

  constructor(values: readonly CallValues[], fieldOf: (set: number, type: SqlType) => FieldSpec) {
    this.#sets = values.map(({ arg, filters }, i) => {
      const type = withNullable(arg.type, false);
      return { arg, filters, code: valueSetCode(i, fieldOf(i, type), type, filters.length) };
    });
  }

  get codes(): readonly ValueSetCode[] {
    return this.#sets.map(({ code }) => code);
  }

  /** Adds row `i` to the sets of the record `id`. `places`: what `placesOf` gave, by variables that hold it. */
  add(code: CodeBuilder, compiler: ExpressionCompiler, owner: SetOwner, places: readonly (Js | undefined)[]): void {
    for (const [i, set] of this.#sets.entries()) {
      const bits = set.filters.map((filter, bit) => (filter === undefined ? js`${filterBit(bit)}` : js`(${owner.passes(filter)} ? ${filterBit(bit)} : 0)`));
      const wanted = code.define('wanted', joinJs(bits, ' | '));
      const add = (): void => {
        const value = compiler.compile(set.arg);
        code.block(value.isNull === undefined ? js`` : js`if (!(${value.isNull}))`, () =>
          set.code.add(code, { operand: value.operand, words: compiler.wordsOf(set.arg) }, wanted, (fresh, first) => owner.onFirst(i, first, set.filters.length === 1 ? undefined : (filter) => js`(${fresh} & ${filterBit(filter)}) !== 0`), places[i]),
        );
      };
      code.block(set.filters.includes(undefined) ? js`` : js`if (${wanted} !== 0)`, add);
    }
  }

  /**
   * For each set where the search for row `i`'s value begins, when the row's record is `id`; undefined where not every row is searched for, or
   * computing the value could fail.
   */
  placesOf(code: CodeBuilder, compiler: ExpressionCompiler): readonly (ValuePlace | undefined)[] {
    return this.#sets.map(({ arg, filters, code: set }) => {
      if (arg.kind !== 'column' || !filters.includes(undefined)) return undefined;
      const value = compiler.compile(arg);
      return value.isNull === undefined ? set.placeOf(code, { operand: value.operand, words: compiler.wordsOf(arg) }) : undefined;
    });
  }

  /** True where `placesOf` has something to say. */
  readsFar(input: InputColumns): boolean {
    return this.#sets.some(({ arg, filters, code: set }) => set.isShort && arg.kind === 'column' && filters.includes(undefined) && input.nulls(arg.index) === undefined);
  }
}
