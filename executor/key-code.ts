import { joinJs, js, type CodeBuilder, type Js } from '../core/code.ts';
import { equalBytes, equalText, hashBytes, hashDouble, hashFinish, hashNull, hashSeed, hashText, hashWord } from '../core/hash.ts';
import { layoutOf } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import { store, type Place } from '../functions/operand.ts';
import type { InputColumns, OutputColumns } from './kernel-columns.ts';
import type { RecordCode } from './record-code.ts';

/** The code of the keys of a state Table's records, which are their first fields: finding a row's record by them, making one, and giving them out. */
export class KeyCode {
  readonly #record: RecordCode;
  readonly #keys: readonly number[];
  readonly #typeOf: (column: number) => SqlType;

  /** `keys` are columns of the input. */
  constructor(record: RecordCode, keys: readonly number[], typeOf: (column: number) => SqlType) {
    this.#record = record;
    this.#keys = keys;
    this.#typeOf = typeOf;
  }

  /**
   * Finds or makes the record of row `i`: declares `id`, `q` (its first quad) and `isNew`. Where `onlyFinds` is true none is made: `onNone`
   * writes what is done instead, and leaves the row.
   */
  find(code: CodeBuilder, input: InputColumns, onlyFinds?: { readonly test: Js; readonly onNone: Js }): void {
    code.line(js`let slot = 0, id = -1, q = 0, isNew = false;`);
    this.#search(code, input, onlyFinds?.test);
    if (onlyFinds !== undefined) code.line(js`if (id < 0) { ${onlyFinds.onNone} }`);
    code.line(js`if (r32[2 * q] !== epoch) table.touch(id);`);
  }

  /** True where `findAgain` costs less than `find`: with keys of bytes alone. Where they differ from row to row, they lie in different places. */
  get canRepeat(): boolean {
    return this.#keys.length > 0 && this.#keys.every((key) => layoutOf(this.#typeOf(key)) === 'bytes');
  }

  /** What `findAgain` keeps from row to row: stands before the loop. */
  declareLast(code: CodeBuilder): void {
    code.line(js`let lastId = -1, lastQ = 0;`);
  }

  /**
   * As `find`, for a loop over the rows from `from` on that takes no record out: a row whose keys lie where those of the row before it do has its record. Needs `canRepeat`.
   * `known`: what gives the hash of a row, in the order of `hashAhead`.
   */
  findAgain(code: CodeBuilder, input: InputColumns, known?: Js): void {
    code.line(js`let slot = 0, id = lastId, q = lastQ, isNew = false;`);
    code.block(js`if (id < 0 || !(${this.#isAsBefore(input)}))`, () => {
      code.line(js`id = -1; q = 0;`);
      if (known === undefined) this.#hash(code, input, false);
      else code.line(js`const hash = ${known};`);
      this.#searchFor(code, input, undefined, known !== undefined);
      code.line(js`if (r32[2 * q] !== epoch) table.touch(id);`);
      code.line(js`lastId = id; lastQ = q;`);
    });
  }

  /** Declares views of the keys' bytes, for `hashAhead` and for `findAgain` with what it gave. Needs `canRepeat`. */
  declareTexts(code: CodeBuilder, input: InputColumns): void {
    for (const key of this.#keys) {
      const heap = input.array(key, 'heap');
      code.line(js`const ${textView(input, key)} = new DataView(${heap}.buffer, ${heap}.byteOffset, ${heap}.byteLength);`);
    }
  }

  /** For a loop over rows before `findAgain` is written for them: `keep` writes what keeps `hash` of row `i`, where it is not the row before it that has its record. */
  hashAhead(code: CodeBuilder, input: InputColumns, keep: (hash: Js) => void): void {
    code.block(js`if (i === from || !(${this.#isAsBefore(input)}))`, () => {
      this.#hash(code, input, true);
      keep(js`hash`);
    });
  }

  /** Reads what a search for `hash` will read, as far as it is known without it: a number of no meaning. */
  readAhead(code: CodeBuilder, hash: Js): Js {
    const id1 = code.define('id', js`index[2 * (${hash} & mask) + 1]`);
    const word = code.define('word', js`${id1} === 0 ? 0 : r32[2 * ((${id1} - 1) * ${this.#record.shape.quads} + ${this.#record.shape.offsets[0] ?? 0})]`);
    // A text that is empty has no place: the first page is as good.
    return js`(table.bytes.words.length === 0 ? 0 : table.bytes.words[${word} >>> 16][(${word} & 65535) * 4])`;
  }

  #isAsBefore(input: InputColumns): Js {
    const same = this.#keys.flatMap((key) => {
      const arrays = ['offsets', 'lengths'].map((of) => input.array(key, of));
      const nulls = input.nulls(key);
      return (nulls === undefined ? arrays : [...arrays, nulls]).map((array) => js`${array}[i] === ${array}[i - 1]`);
    });
    return joinJs(same, ' && ');
  }

  /** Sets `id`, `q` and `isNew`; makes no record where `onlyFinds` is true, and leaves `id` below 0. */
  #search(code: CodeBuilder, input: InputColumns, onlyFinds: Js | undefined): void {
    this.#hash(code, input, false);
    this.#searchFor(code, input, onlyFinds, false);
  }

  /** Declares `hash`. `hasViews`: those of `declareTexts` are there. */
  #hash(code: CodeBuilder, input: InputColumns, hasViews: boolean): void {
    code.line(js`let hash = ${hashSeed};`);
    for (const key of this.#keys) {
      const feed = (): void => this.#hashColumn(code, input, key, hasViews);
      const nulls = input.nulls(key);
      if (nulls === undefined) feed();
      else code.either(js`${nulls}[i] === 1`, () => code.line(js`hash = ${code.use(hashNull, 'hashNull')}(hash);`), feed);
    }
    code.line(js`hash = ${code.use(hashFinish, 'hashFinish')}(hash);`);
  }

  #searchFor(code: CodeBuilder, input: InputColumns, onlyFinds: Js | undefined, hasViews: boolean): void {
    const keys = this.#keys;
    code.line(js`slot = hash & mask;`);
    code.block(js`for (;;)`, () => {
      code.line(js`const id1 = index[2 * slot + 1];`);
      code.block(js`if (id1 === 0)`, () => {
        if (onlyFinds !== undefined) code.line(js`if (${onlyFinds}) break;`);
        code.line(js`id = table.allocate(hash, slot); q = id * ${this.#record.shape.quads}; isNew = true;`);
        for (const [i, key] of keys.entries()) {
          const write = (): void => this.#writeKey(code, input, key, i);
          const nulls = input.nulls(key);
          if (nulls === undefined) write();
          else code.either(js`${nulls}[i] === 1`, () => code.line(js`r32[2 * q + 1] |= ${1 << i};`), write);
        }
        code.line(js`break;`);
      });
      code.block(js`if (index[2 * slot] === hash)`, () => {
        code.line(js`q = (id1 - 1) * ${this.#record.shape.quads};`);
        const known = keys.reduce((bits, key, i) => (input.nulls(key) === undefined ? bits | (1 << i) : bits), 0);
        const tests = keys.map((key, i) => {
          const same = this.#sameKey(code, input, key, i, hasViews);
          const nulls = input.nulls(key);
          const flag = js`(r32[2 * q + 1] & ${1 << i})`;
          return nulls === undefined ? same : js`(${nulls}[i] === 1 ? ${flag} !== 0 : ${flag} === 0 && ${same})`;
        });
        if (known !== 0) tests.unshift(js`(r32[2 * q + 1] & ${known}) === 0`);
        const all = tests.length === 0 ? js`true` : joinJs(tests, ' && ');
        code.line(js`if (${all}) { id = id1 - 1; break; }`);
      });
      code.line(js`slot = (slot + 1) & mask;`);
    });
  }

  /**
   * Writes the keys of row `i` to the row of the output, in place of those of its record, which are equal. Bytes stay where they are: the
   * output's column is over the heap of the input's. Only those of `nulls` and `any` that have something to say are written.
   */
  passOn(code: CodeBuilder, input: InputColumns, output: OutputColumns, to: (index: number) => number): void {
    for (const [i, key] of this.#keys.entries()) {
      const column = to(i);
      const type = this.#typeOf(key);
      const layout = layoutOf(type);
      const write = (): void => {
        // The record's: of -0 and 0 it has 0.
        if (layout === 'f32' || layout === 'f64') store(code, output.place(column), this.#record.load(code, i, type), undefined);
        else copyValue(code, input.place(key), output.place(column));
      };
      const nulls = input.nulls(key);
      if (nulls === undefined) write();
      else {
        code.either(js`(${output.nulls(column)}[${output.row}] = ${nulls}[i]) !== 0`, () => {
          code.line(js`any[${column}] = 1;`);
          for (const line of output.zero(column)) code.line(line);
        }, write);
      }
    }
  }

  #hashColumn(code: CodeBuilder, input: InputColumns, key: number, hasViews: boolean): void {
    const layout = layoutOf(this.#typeOf(key));
    const array = (slot: string): Js => input.array(key, slot);
    const word = code.use(hashWord, 'hashWord');
    const feed = (value: Js): void => code.line(js`hash = ${word}(hash, ${value});`);
    switch (layout) {
      case 'u8':
      case 'i32':
        feed(js`${array('values')}[i]`);
        return;
      case 'i64':
      case 'i64n':
      case 'i128':
        feed(js`${array('words')}[2 * i]`);
        feed(js`${array('words')}[2 * i + 1]`);
        if (layout === 'i64n') feed(js`${array('nanos')}[i]`);
        if (layout === 'i128') {
          feed(js`${array('highWords')}[2 * i]`);
          feed(js`${array('highWords')}[2 * i + 1]`);
        }
        return;
      case 'f32':
      case 'f64':
        code.line(js`hash = ${code.use(hashDouble, 'hashDouble')}(hash, ${array('values')}[i]);`);
        return;
      case 'bytes':
        code.line(js`hash = ${hasViews ? code.use(hashText, 'hashText') : code.use(hashBytes, 'hashBytes')}(hash, ${hasViews ? textView(input, key) : array('heap')}, ${array('offsets')}[i], ${array('lengths')}[i]);`);
    }
  }

  #writeKey(code: CodeBuilder, input: InputColumns, key: number, field: number): void {
    const type = this.#typeOf(key);
    const layout = layoutOf(type);
    const quad = this.#record.quad(field);
    const array = (slot: string): Js => input.array(key, slot);
    if (layout === 'bytes') {
      this.#record.store(code, field, type, { class: 'bytes', heap: array('heap'), offset: js`${array('offsets')}[i]`, length: js`${array('lengths')}[i]` });
      return;
    }
    if (layout === 'f32' || layout === 'f64') {
      // -0 and 0 are one key, and so are all NaN.
      code.line(js`rf64[${quad}] = ${array('values')}[i] + 0;`);
      return;
    }
    if (layout === 'u8' || layout === 'i32') {
      code.line(js`r32[2 * ${quad}] = ${array('values')}[i];`);
      return;
    }
    code.line(js`r32[2 * ${quad}] = ${array('words')}[2 * i]; r32[2 * ${quad} + 1] = ${array('words')}[2 * i + 1];`);
    if (layout === 'i64n') code.line(js`r32[2 * ${quad} + 2] = ${array('nanos')}[i];`);
    if (layout === 'i128') code.line(js`r32[2 * ${quad} + 2] = ${array('highWords')}[2 * i]; r32[2 * ${quad} + 3] = ${array('highWords')}[2 * i + 1];`);
  }

  #sameKey(code: CodeBuilder, input: InputColumns, key: number, field: number, hasViews: boolean): Js {
    const layout = layoutOf(this.#typeOf(key));
    const quad = this.#record.quad(field);
    const array = (slot: string): Js => input.array(key, slot);
    switch (layout) {
      case 'u8':
      case 'i32':
        return js`r32[2 * ${quad}] === ${array('values')}[i]`;
      case 'i64':
        return js`r32[2 * ${quad}] === ${array('words')}[2 * i] && r32[2 * ${quad} + 1] === ${array('words')}[2 * i + 1]`;
      case 'i64n':
        return js`r32[2 * ${quad}] === ${array('words')}[2 * i] && r32[2 * ${quad} + 1] === ${array('words')}[2 * i + 1] && r32[2 * ${quad} + 2] === ${array('nanos')}[i]`;
      case 'i128':
        return js`r64[${quad}] === ${array('values')}[i] && r64[${quad} + 1] === ${array('high')}[i]`;
      case 'f32':
      case 'f64':
        return js`(rf64[${quad}] === ${array('values')}[i] || (rf64[${quad}] !== rf64[${quad}] && ${array('values')}[i] !== ${array('values')}[i]))`;
      case 'bytes': {
        const length = js`r32[2 * ${quad} + 1]`;
        const slot = js`r32[2 * ${quad}]`;
        if (hasViews) return js`(${length} === ${array('lengths')}[i] && (${length} === 0 || ${code.use(equalText, 'equalText')}(table.bytes.words[${slot} >>> 16], (${slot} & 65535) * 4, ${textView(input, key)}, ${array('offsets')}[i], ${length})))`;
        return js`(${length} === ${array('lengths')}[i] && (${length} === 0 || ${code.use(equalBytes, 'equalBytes')}(table.bytes.pages[${slot} >>> 16], (${slot} & 65535) * 16, ${length}, ${array('heap')}, ${array('offsets')}[i], ${array('lengths')}[i])))`;
      }
    }
  }
}

/** The view of a column's heap that `declareTexts` declares. */
function textView(input: InputColumns, column: number): Js {
  return input.array(column, 'view');
}

/** Copies the value of a column at one place to another, in the arrays that it lies in. Bytes stay in their heap. */
function copyValue(code: CodeBuilder, from: Place, to: Place): void {
  for (const [slot, array] of Object.entries(to.arrays)) {
    // `words` lie over `values`, `highWords` over `high`.
    if (slot !== 'words' && slot !== 'highWords') code.line(js`${array}[${to.index}] = ${from.arrays[slot] ?? array}[${from.index}];`);
  }
}
