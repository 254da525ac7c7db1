import { js, Js, type CodeBuilder } from '../core/code.ts';
import { hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import { layoutOf } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import { store, type Operand } from '../functions/operand.ts';
import type { FieldSpec } from '../state/field-spec.ts';
import { shapeOf, type RecordShape } from '../state/table.ts';
import { slotHash } from '../state/owner-slots.ts';
import { fitsSet, type SetShape } from '../state/value-set.ts';
import { ValuesCode } from './values-code.ts';

/** The flags of the two keys of a record, which are never NULL, come before the filters' bits. */
const keyFlags = 2;

/** How many filters have room in a word. */
export const mostFilters = 32 - keyFlags;

/** The bit of a filter by its number. */
export function filterBit(index: number): number {
  return 1 << index;
}

/**
 * The code of the different values over input that only inserts: which are there, not how often. Calls over the same argument with different
 * filters share it: a value has a bit for each filter that let it through.
 */
export interface ValueSetCode {
  readonly shape: RecordShape | SetShape;
  /** True: over a ValueSet. */
  readonly isShort: boolean;
  declareViews(code: CodeBuilder): void;
  declareNoViews(code: CodeBuilder): void;
  assignViews(code: CodeBuilder): void;
  /** Where a search for a value of the group `id` begins; undefined where that is not known beforehand. */
  placeOf(code: CodeBuilder, value: SetValue): ValuePlace | undefined;
  /** Adds a value of the group `id` for the filters whose bits `wanted` (not 0) has; `onFirst` writes what is done for those of them, `fresh`, that had not seen it. `key`: of `placeOf`, where that is known. */
  add(code: CodeBuilder, value: SetValue, wanted: Js, onFirst: (fresh: Js, value: Operand) => void, key?: Js): void;
}

/** `words`: its low and its high word, where they lie somewhere. */
export interface SetValue {
  readonly operand: Operand;
  readonly words: readonly [low: Js, high: Js] | undefined;
}

/** `key`: what `add` finds the place by again, an INT, a variable; `content`: what stands there, which whoever reads it early finds near later. */
export interface ValuePlace {
  readonly key: Js;
  readonly content: Js;
}

/** `index`: which of the tables and sets below; `value` is the field of the value, of the type `type`; `filters` is how many share it, at most `mostFilters`. */
export function valueSetCode(index: number, value: FieldSpec, type: SqlType, filters: number): ValueSetCode {
  const owner: FieldSpec = { layout: 'i32', isKey: true, name: `${value.name ?? 'values'} of`, type: 'INT' };
  if (fitsSet(value.layout)) return new ShortValueSetCode(index, { isSet: true, fields: [owner, value], bits: filters }, type);
  return new LongValueSetCode(index, shapeOf([owner, { ...value, isKey: true }], keyFlags + filters), type);
}

/** A value as it is kept, and its two words. */
interface Words {
  readonly value: Operand;
  readonly low: Js;
  readonly high: Js;
}

/** Over a ValueSet. */
class ShortValueSetCode implements ValueSetCode {
  readonly shape: SetShape;
  readonly isShort = true;
  readonly #type: SqlType;
  readonly #index: number;
  /** Where a value is written, to read its words. */
  readonly #scratch = new BigInt64Array(1);
  readonly #scratchWords = new Int32Array(this.#scratch.buffer);
  readonly #scratchDoubles = new Float64Array(this.#scratch.buffer);

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
    const names = ['set', 'short', 'words', 'stretches', 'long', 'long_words', 'long_mask = 0', 'long_shift = 0'];
    code.line(js`let ${new Js(names.map((name) => this.#view(name).text).join(', '))};`);
  }

  assignViews(code: CodeBuilder): void {
    const [set, short, long] = [this.#view('set'), this.#view('short'), this.#view('long')];
    code.line(js`${set} = table.bags[${this.#index}];`);
    code.line(js`${short} = ${set}.short; ${this.#view('words')} = ${short}.words; ${this.#view('stretches')} = ${short}.stretches;`);
    code.line(js`${long} = ${set}.long; ${this.#view('long_words')} = ${long}.words; ${this.#view('long_mask')} = ${long}.mask; ${this.#view('long_shift')} = ${long}.shift;`);
  }

  placeOf(code: CodeBuilder, given: SetValue): ValuePlace {
    const found = this.#wordsOf(code, given);
    const key = this.#key(code, found);
    const [words, stretches] = [this.#view('words'), this.#view('stretches')];
    return { key, content: js`(${this.#isShort(found)} ? ${words}[${stretches}[2 * id] + (${key} >>> (30 - (${stretches}[2 * id + 1] & 31)))] : ${this.#view('long_words')}[(${key} >>> ${this.#view('long_shift')}) * 4])` };
  }

  add(code: CodeBuilder, given: SetValue, wanted: Js, onFirst: (fresh: Js, value: Operand) => void, known?: Js): void {
    const found = this.#wordsOf(code, given);
    const { value, low, high } = found;
    const key = known ?? this.#key(code, found);
    const [at, entry, seen, fresh] = [code.name('at'), code.name('entry'), code.name('seen'), code.name('fresh')];
    const { bits } = this.shape;
    code.line(js`let ${at} = 0, ${entry} = 0, ${seen} = 0, ${fresh} = 0;`);
    code.either(this.#isShort(found), () => {
      const [words, stretches] = [this.#view('words'), this.#view('stretches')];
      const [first, size, slot, mask] = [code.define('first', js`${stretches}[2 * id]`), code.define('size', js`${stretches}[2 * id + 1]`), code.name('slot'), code.name('mask')];
      code.line(js`const ${mask} = (4 << (${size} & 31)) - 1;`);
      code.line(js`let ${slot} = ${key} >>> (30 - (${size} & 31));`);
      code.block(js`for (;;)`, () => {
        code.line(js`${at} = ${first} + ${slot};`);
        code.line(js`${entry} = ${words}[${at}];`);
        code.line(js`if (${entry} === 0) break;`);
        code.line(js`if (${entry} >>> ${bits} === ${low}) { ${seen} = ${entry} & ${2 ** bits - 1}; break; }`);
        code.line(js`${slot} = (${slot} + 1) & ${mask};`);
      });
      code.line(js`${fresh} = ${wanted} & ~${seen};`);
      code.block(js`if (${fresh} !== 0)`, () => {
        code.line(js`if (${entry} === 0 && ${size} >>> 5 === 0) { ${this.#view('set')}.enter(id, ${low}, ${fresh}); ${words} = ${this.#view('short')}.words; }`);
        code.line(js`else { ${words}[${at}] = ${low} << ${bits} | ${seen} | ${fresh}; if (${entry} === 0) { ${stretches}[2 * id + 1] = ${size} - 32; ${this.#view('short')}.size++; } }`);
      });
    }, () => {
      const words = this.#view('long_words');
      code.line(js`${at} = (${key} >>> ${this.#view('long_shift')}) * 4;`);
      code.block(js`for (;;)`, () => {
        code.line(js`${entry} = ${words}[${at}];`);
        code.line(js`if (${entry} === id + 1 && ${words}[${at} + 2] === ${low} && ${words}[${at} + 3] === ${high}) { ${seen} = ${words}[${at} + 1]; break; }`);
        code.line(js`if (${entry} === 0) { ${words}[${at}] = id + 1; ${words}[${at} + 2] = ${low}; ${words}[${at} + 3] = ${high}; ${this.#view('long')}.size++; break; }`);
        code.line(js`${at} = (${at} + 4) & ${this.#view('long_mask')};`);
      });
      code.line(js`${fresh} = ${wanted} & ~${seen};`);
      code.line(js`if (${fresh} !== 0) ${words}[${at} + 1] = ${seen} | ${fresh};`);
    });
    code.block(js`if (${fresh} !== 0)`, () => {
      code.line(js`${this.#view('set')}.note(id, ${fresh}, ${low}, ${high});`);
      onFirst(fresh, value);
    });
  }

  #wordsOf(code: CodeBuilder, { operand: given, words: lie }: SetValue): Words {
    if (lie !== undefined) return { value: given, low: code.define('low', lie[0]), high: code.define('high', lie[1]) };
    // -0 and 0 are one value, and so are all NaN.
    const value: Operand = given.class === 'double' ? { class: 'double', value: code.define('d', js`${given.value} === ${given.value} ? ${given.value} + 0 : NaN`) } : given;
    if (value.class === 'int') return { value, low: code.define('low', value.value), high: js`0` };
    if (value.class === 'bool') return { value, low: code.define('low', js`${value.value} ? 1 : 0`), high: js`0` };
    const longs = code.use(this.#scratch, 'longs');
    const words = code.use(this.#scratchWords, 'words');
    if (value.class === 'double') store(code, { layout: 'f64', arrays: { values: code.use(this.#scratchDoubles, 'doubles') }, index: js`0` }, value, undefined);
    else store(code, { layout: layoutOf(this.#type), arrays: { values: longs, words }, index: js`0` }, value, undefined);
    return { value, low: code.define('low', js`${words}[0]`), high: code.define('high', js`${words}[1]`) };
  }

  /** As state/value-set.ts has it. */
  #isShort({ low, high }: Words): Js {
    return js`(${high} === 0 && ${low} >>> ${32 - this.shape.bits} === 0)`;
  }

  /** What the value's place is found by. */
  #key(code: CodeBuilder, found: Words): Js {
    const word = code.use(hashWord, 'hashWord');
    const long = js`${code.use(hashFinish, 'hashFinish')}(${word}(${word}(${word}(${hashSeed}, id), ${found.low}), ${found.high}))`;
    return code.define('key', js`${this.#isShort(found)} ? ${code.use(slotHash, 'slotHash')}(${found.low}) : ${long}`);
  }

  #view(name: string): Js {
    return new Js(`bag${this.#index}_${name}`);
  }
}

/** Over records of a table, for values of more than 8 bytes: the bits are among a record's flags. */
class LongValueSetCode extends ValuesCode implements ValueSetCode {
  readonly isShort = false;

  placeOf(): undefined {
    return undefined;
  }

  add(code: CodeBuilder, { operand }: SetValue, wanted: Js, onFirst: (fresh: Js, value: Operand) => void): void {
    const { record } = this;
    const probe = this.search(code, operand);
    const { found } = probe;
    const seen = js`${record.view('r32')}[2 * ${record.q} + 1]`;
    code.block(js`if (${found} < 0)`, () => this.make(code, probe));
    const fresh = code.define('fresh', js`${wanted} & ~(${seen} >>> ${keyFlags})`);
    code.block(js`if (${fresh} !== 0)`, () => {
      code.line(js`${record.table}.touch(${found}); ${seen} |= ${fresh} << ${keyFlags};`);
      onFirst(fresh, probe.value);
    });
  }
}
