import { joinJs, js, type CodeBuilder, type Js } from '../core/code.ts';
import { equalBytes, hashBytes, hashDouble, hashFinish, hashSeed, hashWord } from '../core/hash.ts';
import { layoutOf } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import { store, type Operand } from '../functions/operand.ts';
import type { RecordShape } from '../state/table.ts';
import { RecordCode } from './record-code.ts';

/** The first two fields of a record that holds a group's value: in sets and in bags (state/bag.ts). */
const ownerField = 0;
const valueField = 1;

/** What a search for a value has found. Its parts are variables. */
export interface Probe {
  /** The id of the value's record; -1 for none. */
  readonly found: Js;
  readonly hash: Js;
  /** Where the search ended. */
  readonly slot: Js;
  /** As it is kept: -0 and 0 are one value. */
  readonly value: Operand;
}

/**
 * The code of the different values of one argument in each group, which lie in a table below the groups' (`RecordShape.bags`): its keys are the
 * group's id and the value. The code sees it as `bagN_table` and so on; the group's record is `id`, at `q`.
 */
export class ValuesCode {
  readonly shape: RecordShape;
  protected readonly record: RecordCode;
  protected readonly type: SqlType;
  readonly #index: number;

  /** `index`: which of the tables below. `type` is the value's. */
  constructor(index: number, shape: RecordShape, type: SqlType) {
    this.shape = shape;
    this.record = new RecordCode(shape, `bag${index}_`);
    this.#index = index;
    this.type = type;
  }

  declareViews(code: CodeBuilder): void {
    code.line(js`let ${this.record.table} = table.bags[${this.#index}];`);
    this.record.declareViews(code);
  }

  declareNoViews(code: CodeBuilder): void {
    this.record.declareNoViews(code);
  }

  assignViews(code: CodeBuilder): void {
    code.line(js`${this.record.table} = table.bags[${this.#index}];`);
    this.record.assignViews(code);
  }

  /** Looks for a value of the group `id`. Leaves the record's first quad in the record's `q`, which it declares. */
  protected search(code: CodeBuilder, given: Operand): Probe {
    const { record } = this;
    const layout = layoutOf(this.type);
    const value: Operand = given.class === 'double' ? { class: 'double', value: code.define('d', js`${given.value} + 0`) } : given;
    const scratch = code.define('s', js`${record.table}.scratch`);
    if (value.class !== 'bytes') store(code, record.place(valueField, layout, scratch), value, undefined);
    const hash = code.name('hash');
    const word = code.use(hashWord, 'hashWord');
    code.line(js`let ${hash} = ${word}(${hashSeed}, id);`);
    if (value.class === 'bytes') code.line(js`${hash} = ${code.use(hashBytes, 'hashBytes')}(${hash}, ${value.heap}, ${value.offset}, ${value.length});`);
    else if (value.class === 'double') code.line(js`${hash} = ${code.use(hashDouble, 'hashDouble')}(${hash}, ${value.value});`);
    else for (let i = 0; i < this.#words; i++) code.line(js`${hash} = ${word}(${hash}, ${this.#word(i, scratch)});`);
    code.line(js`${hash} = ${code.use(hashFinish, 'hashFinish')}(${hash});`);
    const [words, index, mask] = [record.view('r32'), record.view('index'), record.view('mask')];
    const [slot, found, id1] = [code.name('slot'), code.name('found'), code.name('id')];
    code.line(js`let ${slot} = ${hash} & ${mask}, ${found} = -1, ${record.q} = 0;`);
    code.block(js`for (;;)`, () => {
      code.line(js`const ${id1} = ${index}[2 * ${slot} + 1];`);
      code.line(js`if (${id1} === 0) break;`);
      code.block(js`if (${index}[2 * ${slot}] === ${hash})`, () => {
        code.line(js`${record.q} = (${id1} - 1) * ${record.shape.quads};`);
        code.line(js`if (${words}[2 * ${record.quad(ownerField)}] === id && ${this.#isSame(code, value, scratch)}) { ${found} = ${id1} - 1; break; }`);
      });
      code.line(js`${slot} = (${slot} + 1) & ${mask};`);
    });
    return { found, hash, slot, value };
  }

  /** Makes the record of a value that was not found, at the record's `q`. */
  protected make(code: CodeBuilder, { found, hash, slot, value }: Probe): void {
    const { record } = this;
    code.line(js`${found} = ${record.table}.allocate(${hash}, ${slot}); ${record.q} = ${found} * ${this.shape.quads};`);
    code.line(js`${record.view('r32')}[2 * ${record.quad(ownerField)}] = id;`);
    record.store(code, valueField, this.type, value);
  }

  get #words(): number {
    const layout = layoutOf(this.type);
    return layout === 'u8' || layout === 'i32' ? 1 : layout === 'i128' ? 4 : layout === 'i64n' ? 3 : 2;
  }

  #word(i: number, q = this.record.q): Js {
    return js`${this.record.view('r32')}[2 * ${this.record.quad(valueField, q)} + ${i}]`;
  }

  #isSame(code: CodeBuilder, value: Operand, scratch: Js): Js {
    const { record } = this;
    if (value.class === 'bytes') {
      const [at, length] = [this.#word(0), this.#word(1)];
      return js`${length} === ${value.length} && (${length} === 0 || ${code.use(equalBytes, 'equalBytes')}(${record.table}.bytes.pages[${at} >>> 16], (${at} & 65535) * 16, ${length}, ${value.heap}, ${value.offset}, ${value.length}))`;
    }
    if (value.class === 'double') {
      // A FLOAT or DOUBLE that is NaN is one value.
      const stored = js`${record.view('rf64')}[${record.quad(valueField)}]`;
      return js`(${stored} === ${value.value} || (${stored} !== ${stored} && ${value.value} !== ${value.value}))`;
    }
    return joinJs(Array.from({ length: this.#words }, (_, i) => js`${this.#word(i)} === ${this.#word(i, scratch)}`), ' && ');
  }
}
