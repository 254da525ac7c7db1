import { js, Js, type CodeBuilder } from '../core/code.ts';
import { hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import { layoutOf } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import { store, type Operand } from '../functions/operand.ts';
import { shapeOf, type FieldSpec, type RecordShape } from '../state/table.ts';
import { fitsSet, type SetShape } from '../state/value-set.ts';
import { ValuesCode } from './values-code.ts';

/** The flags of the two keys of a record, which are never NULL, come before the filters' bits. */
const keyFlags = 2;

/** How many filters have room in a word. */
export const mostFilters = 32 - keyFlags;

/** The bit of a filter by its number. */
export function filterBit(index: number): number {
  return 1 << (keyFlags + index);
}

/**
 * The code of the different values over input that only inserts: which are there, not how often. Calls over the same argument with different
 * filters share it: a value has a bit for each filter that let it through.
 */
export interface ValueSetCode {
  readonly shape: RecordShape | SetShape;
  declareViews(code: CodeBuilder): void;
  declareNoViews(code: CodeBuilder): void;
  assignViews(code: CodeBuilder): void;
  /** Adds a value of the group `id` for the filters whose bits `wanted` (not 0) has; `onFirst` writes what is done for those of them, `fresh`, that had not seen it. */
  add(code: CodeBuilder, value: Operand, wanted: Js, onFirst: (fresh: Js, value: Operand) => void): void;
}

/** `index`: which of the tables and sets below; `value` is the field of the value, of the type `type`; `filters` is how many share it, at most `mostFilters`. */
export function valueSetCode(index: number, value: FieldSpec, type: SqlType, filters: number): ValueSetCode {
  const owner: FieldSpec = { layout: 'i32', isKey: true, name: `${value.name ?? 'values'} of`, type: 'INT' };
  if (fitsSet(value.layout)) return new ShortValueSetCode(index, { isSet: true, fields: [owner, value] }, type);
  return new LongValueSetCode(index, shapeOf([owner, { ...value, isKey: true }], keyFlags + filters), type);
}

/** Over a ValueSet. */
class ShortValueSetCode implements ValueSetCode {
  readonly shape: SetShape;
  readonly #type: SqlType;
  readonly #index: number;

  constructor(index: number, shape: SetShape, type: SqlType) {
    this.shape = shape;
    this.#type = type;
    this.#index = index;
  }

  declareViews(code: CodeBuilder): void {
    this.declareNoViews(code);
    this.assignViews(code);
  }

  declareNoViews(code: CodeBuilder): void {
    code.line(js`let ${this.#set}, ${this.#view('words')}, ${this.#view('longs')}, ${this.#view('doubles')}, ${this.#view('mask')} = 0, ${this.#view('shift')} = 0, ${this.#view('scratch')} = 0;`);
  }

  assignViews(code: CodeBuilder): void {
    const views = ['words', 'longs', 'doubles', 'mask', 'shift', 'scratch'].map((view) => `${this.#view(view).text} = ${this.#set.text}.${view};`);
    code.line(js`${this.#set} = table.bags[${this.#index}]; ${new Js(views.join(' '))}`);
  }

  add(code: CodeBuilder, given: Operand, wanted: Js, onFirst: (fresh: Js, value: Operand) => void): void {
    const words = this.#view('words');
    // -0 and 0 are one value, and so are all NaN.
    const value: Operand = given.class === 'double' ? { class: 'double', value: code.define('d', js`${given.value} === ${given.value} ? ${given.value} + 0 : NaN`) } : given;
    this.#toScratch(code, value);
    const [low, high] = [code.define('low', js`${words}[2 * ${this.#view('scratch')}]`), code.define('high', js`${words}[2 * ${this.#view('scratch')} + 1]`)];
    const word = code.use(hashWord, 'hashWord');
    const hash = code.define('hash', js`${code.use(hashFinish, 'hashFinish')}(${word}(${word}(${word}(${hashSeed}, id), ${low}), ${high}))`);
    const [at, owner, seen] = [code.name('at'), code.name('owner'), code.name('seen')];
    code.line(js`let ${at} = (${hash} >>> ${this.#view('shift')}) * 4, ${seen} = 0;`);
    code.block(js`for (;;)`, () => {
      code.line(js`const ${owner} = ${words}[${at}];`);
      code.line(js`if (${owner} === id + 1 && ${words}[${at} + 2] === ${low} && ${words}[${at} + 3] === ${high}) { ${seen} = ${words}[${at} + 1]; break; }`);
      code.line(js`if (${owner} === 0) { ${words}[${at}] = id + 1; ${words}[${at} + 2] = ${low}; ${words}[${at} + 3] = ${high}; ${this.#set}.entered(); break; }`);
      code.line(js`${at} = (${at} + 4) & ${this.#view('mask')};`);
    });
    const fresh = code.define('fresh', js`${wanted} & ~${seen}`);
    code.block(js`if (${fresh} !== 0)`, () => {
      code.line(js`${words}[${at} + 1] = ${seen} | ${fresh}; ${this.#set}.note(id, ${fresh}, ${low}, ${high});`);
      onFirst(fresh, value);
    });
  }

  #toScratch(code: CodeBuilder, value: Operand): void {
    const layout = layoutOf(this.#type);
    const scratch = this.#view('scratch');
    if (layout === 'u8' || layout === 'i32') store(code, { layout, arrays: { values: this.#view('words') }, index: js`(2 * ${scratch})` }, value, undefined);
    else if (layout === 'f32' || layout === 'f64') store(code, { layout, arrays: { values: this.#view('doubles') }, index: scratch }, value, undefined);
    else store(code, { layout, arrays: { values: this.#view('longs'), words: this.#view('words') }, index: scratch }, value, undefined);
  }

  get #set(): Js {
    return new Js(`bag${this.#index}_table`);
  }

  #view(name: string): Js {
    return new Js(`bag${this.#index}_${name}`);
  }
}

/** Over records of a table, for values of more than 8 bytes: the bits are among a record's flags. */
class LongValueSetCode extends ValuesCode implements ValueSetCode {
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
