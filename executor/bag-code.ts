import { js, Js, type CodeBuilder } from '../core/code.ts';
import { equalBytes, hashBytes, hashDouble, hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import { layoutOf } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import { store, type Operand } from '../functions/operand.ts';
import { bagField, bagFields, dropAll, link, unlink } from '../state/bag.ts';
import { shapeOf, type FieldSpec, type RecordShape } from '../state/table.ts';
import { RecordCode } from './record-code.ts';

/**
 * The code of a bag (state/bag.ts) below the records of an aggregation: the different values of one argument in each group, and how often
 * they came. The code sees it as `bagN_table` and so on; the owner's record is `id`, at `q`.
 */
export class BagCode {
  readonly shape: RecordShape;
  readonly #record: RecordCode;
  readonly #index: number;
  readonly #type: SqlType;
  /** The word of the owner's record where its list begins; undefined where values are never taken out one by one. */
  readonly #head: Js | undefined;

  /** `value` is the field of the value, of the type `type`; `head` the word in the owner's r32. */
  constructor(index: number, value: FieldSpec, type: SqlType, head: Js | undefined) {
    this.shape = shapeOf(bagFields(value.name ?? 'values', value), 2);
    this.#record = new RecordCode(this.shape, `bag${index}_`);
    this.#index = index;
    this.#type = type;
    this.#head = head;
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

  /** Puts a value into the bag of the record `id`; `onFirst` writes what is done when it is not in there yet. */
  add(code: CodeBuilder, value: Operand, onFirst: (value: Operand) => void): void {
    const record = this.#record;
    this.#probe(code, value, (found, hash, slot, probed) => {
      code.either(js`${found} < 0`, () => {
        code.line(js`${found} = ${record.table}.allocate(${hash}, ${slot}); ${record.q} = ${found} * ${this.shape.quads};`);
        code.line(js`${record.view('r32')}[2 * ${record.quad(bagField.owner)}] = id;`);
        record.store(code, bagField.value, this.#type, probed);
        if (this.#head !== undefined) code.line(js`${this.#head} = ${code.use(link, 'link')}(${record.table}, ${found}, ${this.#head});`);
        code.line(js`${this.#count} = 1;`);
        onFirst(probed);
      }, () => code.line(js`${record.table}.touch(${found}); ${this.#count}++;`));
    });
  }

  /** Takes a value out; `onLast` writes what is done when it was the last of its kind, `onNone` when there was none. */
  remove(code: CodeBuilder, value: Operand, onLast: (value: Operand) => void, onNone: () => void): void {
    const record = this.#record;
    const head = this.#head ?? js`0`;
    this.#probe(code, value, (found, _hash, _slot, probed) => {
      code.either(js`${found} < 0`, onNone, () => {
        code.either(js`${this.#count} > 1`, () => code.line(js`${record.table}.touch(${found}); ${this.#count}--;`), () => {
          code.line(js`${head} = ${code.use(unlink, 'unlink')}(${record.table}, ${found}, ${head});`);
          onLast(probed);
        });
      });
    });
  }

  /** Writes a loop over the different values of the record. */
  each(code: CodeBuilder, body: (value: Operand) => void): void {
    const record = this.#record;
    const at = code.name('at');
    code.block(js`for (let ${at} = ${this.#head ?? js`0`}; ${at} !== 0;)`, () => {
      code.line(js`const ${record.q} = (${at} - 1) * ${this.shape.quads};`);
      code.line(js`${at} = ${record.view('r32')}[2 * ${record.quad(bagField.next)}];`);
      body(record.load(code, bagField.value, this.#type));
    });
  }

  /** Empties the bag of the record, which is about to go. */
  drop(code: CodeBuilder): void {
    if (this.#head !== undefined) code.line(js`${code.use(dropAll, 'dropAll')}(${this.#record.table}, ${this.#head});`);
  }

  get #count(): Js {
    return js`${this.#record.view('rf64')}[${this.#record.quad(bagField.count)}]`;
  }

  /** Looks for a value: `body` is told the names of its id (-1 for none), its hash and the slot where the search ended. */
  #probe(code: CodeBuilder, given: Operand, body: (found: Js, hash: Js, slot: Js, value: Operand) => void): void {
    const record = this.#record;
    const layout = layoutOf(this.#type);
    const [words, index, mask] = [record.view('r32'), record.view('index'), record.view('mask')];
    // -0 and 0 are one value.
    const value: Operand = given.class === 'double' ? { class: 'double', value: code.define('d', js`${given.value} + 0`) } : given;
    const scratch = code.define('s', js`${record.table}.scratch`);
    const probe = (word: number): Js => js`${words}[2 * ${record.quad(bagField.value, scratch)} + ${word}]`;
    if (value.class !== 'bytes') store(code, record.place(bagField.value, layout, scratch), value, undefined);
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
    const quad = record.quad(bagField.value);
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
        code.line(js`${record.q} = (${id1} - 1) * ${this.shape.quads};`);
        code.line(js`if (${words}[2 * ${record.quad(bagField.owner)}] === id && ${isSame()}) { ${found} = ${id1} - 1; break; }`);
      });
      code.line(js`${slot} = (${slot} + 1) & ${mask};`);
    });
    body(found, hash, slot, value);
  }
}
