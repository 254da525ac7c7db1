import { js, type CodeBuilder, type Js } from '../core/code.ts';
import type { SqlType } from '../core/sql-type.ts';
import type { Operand } from '../functions/operand.ts';
import { bagField, bagFields, dropAll, link, unlink } from '../state/bag.ts';
import type { FieldSpec } from '../state/field-spec.ts';
import { shapeOf } from '../state/table.ts';
import { ValuesCode } from './values-code.ts';

/** The code of a bag (state/bag.ts) below the records of an aggregation over input that withdraws rows: the different values of one argument in each group, and how often they came. */
export class BagCode extends ValuesCode {
  /** The word of the owner's record where its list begins. */
  readonly #head: Js;

  /** `value` is the field of the value, of the type `type`; `head` the word in the owner's r32. */
  constructor(index: number, value: FieldSpec, type: SqlType, head: Js) {
    super(index, shapeOf(bagFields(value.name ?? 'values', value), 2), type);
    this.#head = head;
  }

  /** Puts a value into the bag of the record `id`; `onFirst` writes what is done when it is not in there yet. */
  add(code: CodeBuilder, value: Operand, onFirst: (value: Operand) => void): void {
    const { record } = this;
    const probe = this.search(code, value);
    const { found } = probe;
    code.either(js`${found} < 0`, () => {
      this.make(code, probe);
      code.line(js`${this.#head} = ${code.use(link, 'link')}(${record.table}, ${found}, ${this.#head});`);
      code.line(js`${this.#count} = 1;`);
      onFirst(probe.value);
    }, () => code.line(js`${record.table}.touch(${found}); ${this.#count}++;`));
  }

  /** Takes a value out; `onLast` writes what is done when it was the last of its kind, `onNone` when there was none. */
  remove(code: CodeBuilder, value: Operand, onLast: (value: Operand) => void, onNone: () => void): void {
    const { record } = this;
    const head = this.#head;
    const probe = this.search(code, value);
    const { found } = probe;
    code.either(js`${found} < 0`, onNone, () => {
      code.either(js`${this.#count} > 1`, () => code.line(js`${record.table}.touch(${found}); ${this.#count}--;`), () => {
        code.line(js`${head} = ${code.use(unlink, 'unlink')}(${record.table}, ${found}, ${head});`);
        onLast(probe.value);
      });
    });
  }

  /** Writes a loop over the different values of the record. */
  each(code: CodeBuilder, body: (value: Operand) => void): void {
    const { record } = this;
    const at = code.name('at');
    code.block(js`for (let ${at} = ${this.#head}; ${at} !== 0;)`, () => {
      code.line(js`const ${record.q} = (${at} - 1) * ${this.shape.quads};`);
      code.line(js`${at} = ${record.view('r32')}[2 * ${record.quad(bagField.next)}];`);
      body(record.load(code, bagField.value, this.type));
    });
  }

  /** Empties the bag of the record, which is about to go. */
  drop(code: CodeBuilder): void {
    code.line(js`${code.use(dropAll, 'dropAll')}(${this.record.table}, ${this.#head});`);
  }

  get #count(): Js {
    return js`${this.record.view('rf64')}[${this.record.quad(bagField.count)}]`;
  }
}
