import { js, Js, type CodeBuilder } from '../core/code.ts';
import { equalBytes, hashBytes, hashDouble, hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import { layoutOf } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import { store, type Operand } from '../functions/operand.ts';
import { shapeOf, type FieldSpec, type RecordShape } from '../state/table.ts';
import { RecordCode } from './record-code.ts';

/**
 * The code of the different values of one argument in each group, over input that only inserts: which are there, not how often. Calls over the
 * same argument with different filters share it: among its flags a value has a bit for each filter that let it through. It lies in a table below the
 * groups' (`RecordShape.bags`), whose keys are the group's id and the value. The code sees it as `bagN_table` and so on; the group's
 * record is `id`.
 */
export class ValueSetCode {
  readonly shape: RecordShape;
  readonly #record: RecordCode;
  readonly #index: number;
  readonly #type: SqlType;

  /** `value` is the field of the value, of the type `type`; `filters` is how many share it, at most `mostFilters`. */
  constructor(index: number, value: FieldSpec, type: SqlType, filters: number) {
    const name = value.name ?? 'values';
    this.shape = shapeOf([{ layout: 'i32', isKey: true, name: `${name} of`, type: 'INT' }, { ...value, isKey: true, name }], keyFlags + filters);
    this.#record = new RecordCode(this.shape, `bag${index}_`);
    this.#index = index;
    this.#type = type;
  }

  declareViews(code: CodeBuilder): void {
    code.line(js`let ${this.#record.table} = table.bags[${this.#index}];`);
    this.#record.declareViews(code);
  }

  declareNoViews(code: CodeBuilder): void {
    this.#record.declareNoViews(code);
  }

  assignViews(code: CodeBuilder): void {
    code.line(js`${this.#record.table} = table.bags[${this.#index}];`);
    this.#record.assignViews(code);
  }

  /** Adds a value for the filters whose bits `wanted` (not 0) has; `onFirst` writes what is done for those of them, `fresh`, that had not seen it. */
  add(code: CodeBuilder, given: Operand, wanted: Js, onFirst: (fresh: Js, value: Operand) => void): void {
    const record = this.#record;
    const { found, hash, slot, value } = probeValue(code, record, this.#type, given);
    const seen = js`${record.view('r32')}[2 * ${record.q} + 1]`;
    code.block(js`if (${found} < 0)`, () => {
      code.line(js`${found} = ${record.table}.allocate(${hash}, ${slot}); ${record.q} = ${found} * ${this.shape.quads};`);
      code.line(js`${record.view('r32')}[2 * ${record.quad(ownerField)}] = id;`);
      record.store(code, valueField, this.#type, value);
    });
    const fresh = code.define('fresh', js`${wanted} & ~${seen}`);
    code.block(js`if (${fresh} !== 0)`, () => {
      code.line(js`${record.table}.touch(${found}); ${seen} |= ${fresh};`);
      onFirst(fresh, value);
    });
  }
}

/** The first two fields of a record that holds a group's value: here and in state/bag.ts. */
const ownerField = 0;
const valueField = 1;
/** The flags of the two keys, which are never NULL, come before the filters' bits. */
const keyFlags = 2;

/** How many filters have room in a record's first word of flags. */
export const mostFilters = 32 - keyFlags;

/** The bit of a filter by its number. */
export function filterBit(index: number): number {
  return 1 << (keyFlags + index);
}

export interface ProbedValue {
  /** The id of the value's record; -1 for none. A variable. */
  readonly found: Js;
  readonly hash: Js;
  /** Where the search ended. */
  readonly slot: Js;
  /** As it is kept: -0 and 0 are one value. */
  readonly value: Operand;
}

/** Looks for a value of the group `id` in a table below. Leaves the record's first quad in the record's `q`, which it declares. */
export function probeValue(code: CodeBuilder, record: RecordCode, type: SqlType, given: Operand): ProbedValue {
  const layout = layoutOf(type);
  const [words, index, mask] = [record.view('r32'), record.view('index'), record.view('mask')];
  const value: Operand = given.class === 'double' ? { class: 'double', value: code.define('d', js`${given.value} + 0`) } : given;
  const scratch = code.define('s', js`${record.table}.scratch`);
  const probe = (word: number): Js => js`${words}[2 * ${record.quad(valueField, scratch)} + ${word}]`;
  if (value.class !== 'bytes') store(code, record.place(valueField, layout, scratch), value, undefined);
  const wordCount = layout === 'u8' || layout === 'i32' ? 1 : layout === 'i128' ? 4 : layout === 'i64n' ? 3 : 2;
  const hash = code.name('hash');
  const word = code.use(hashWord, 'hashWord');
  code.line(js`let ${hash} = ${word}(${hashSeed}, id);`);
  if (value.class === 'bytes') code.line(js`${hash} = ${code.use(hashBytes, 'hashBytes')}(${hash}, ${value.heap}, ${value.offset}, ${value.length});`);
  else if (value.class === 'double') code.line(js`${hash} = ${code.use(hashDouble, 'hashDouble')}(${hash}, ${value.value});`);
  else for (let i = 0; i < wordCount; i++) code.line(js`${hash} = ${word}(${hash}, ${probe(i)});`);
  code.line(js`${hash} = ${code.use(hashFinish, 'hashFinish')}(${hash});`);
  const [slot, found, id1] = [code.name('slot'), code.name('found'), code.name('id')];
  code.line(js`let ${slot} = ${hash} & ${mask}, ${found} = -1, ${record.q} = 0;`);
  const quad = record.quad(valueField);
  const isSame = (): Js => {
    if (value.class === 'bytes') {
      const [at, length] = [js`${words}[2 * ${quad}]`, js`${words}[2 * ${quad} + 1]`];
      return js`${length} === ${value.length} && (${length} === 0 || ${code.use(equalBytes, 'equalBytes')}(${record.table}.bytes.pages[${at} >>> 16], (${at} & 65535) * 16, ${length}, ${value.heap}, ${value.offset}, ${value.length}))`;
    }
    if (value.class === 'double') {
      // A FLOAT or DOUBLE that is NaN is one value.
      const stored = js`${record.view('rf64')}[${quad}]`;
      return js`(${stored} === ${value.value} || (${stored} !== ${stored} && ${value.value} !== ${value.value}))`;
    }
    return new Js(Array.from({ length: wordCount }, (_, i) => js`${words}[2 * ${quad} + ${i}] === ${probe(i)}`.text).join(' && '));
  };
  code.block(js`for (;;)`, () => {
    code.line(js`const ${id1} = ${index}[2 * ${slot} + 1];`);
    code.line(js`if (${id1} === 0) break;`);
    code.block(js`if (${index}[2 * ${slot}] === ${hash})`, () => {
      code.line(js`${record.q} = (${id1} - 1) * ${record.shape.quads};`);
      code.line(js`if (${words}[2 * ${record.quad(ownerField)}] === id && ${isSame()}) { ${found} = ${id1} - 1; break; }`);
    });
    code.line(js`${slot} = (${slot} + 1) & ${mask};`);
  });
  return { found, hash, slot, value };
}
