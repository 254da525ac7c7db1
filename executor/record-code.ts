import { js, Js, type CodeBuilder } from '../core/code.ts';
import { layoutOf, type Layout } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import { load, store, type Operand, type Place } from '../functions/operand.ts';
import type { RecordShape } from '../state/table.ts';

const views = ['r32', 'r64', 'r64High', 'r32High', 'rf64', 'index', 'mask'] as const;
export type View = (typeof views)[number];

/**
 * The fields of one record of a state Table inside generated code. The code sees the table as `table`, its views as r32, r64, r64High,
 * r32High, rf64, and its index as index and mask, each behind the prefix; `q` is the record's first quad.
 */
export class RecordCode {
  readonly shape: RecordShape;
  readonly table: Js;
  readonly q: Js;
  readonly #prefix: string;

  constructor(shape: RecordShape, prefix = '') {
    this.shape = shape;
    this.#prefix = prefix;
    this.table = new Js(`${prefix}table`);
    this.q = new Js(`${prefix}q`);
  }

  view(name: View): Js {
    return new Js(`${this.#prefix}${name}`);
  }

  /** Declares the views of the table. */
  declareViews(code: CodeBuilder): void {
    code.line(js`let ${new Js(views.map((name) => `${this.view(name).text} = ${this.table.text}.${name}`).join(', '))};`);
  }

  /** Declares the table and its views without a value. */
  declareNoViews(code: CodeBuilder): void {
    code.line(js`let ${new Js([this.table.text, ...views.map((name) => this.view(name).text)].join(', '))};`);
  }

  assignViews(code: CodeBuilder): void {
    code.line(new Js(views.map((name) => `${this.view(name).text} = ${this.table.text}.${name};`).join(' ')));
  }

  /** The quad of a field of the record at `q`. */
  quad(field: number, q: Js = this.q): Js {
    return js`(${q} + ${this.shape.offsets[field] ?? 0})`;
  }

  place(field: number, layout: Layout, q: Js = this.q): Place {
    const quad = this.quad(field, q);
    switch (layout) {
      case 'u8':
      case 'i32':
        return { layout, arrays: { values: this.view('r32') }, index: js`(2 * ${quad})` };
      case 'f32':
      case 'f64':
        return { layout, arrays: { values: this.view('rf64') }, index: quad };
      default:
        return { layout, arrays: { values: this.view('r64'), words: this.view('r32'), high: this.view('r64High'), highWords: this.view('r32High') }, index: quad };
    }
  }

  load(code: CodeBuilder, field: number, type: SqlType): Operand {
    const layout = layoutOf(type);
    if (layout !== 'bytes') return load(code, this.place(field, layout), type);
    const quad = this.quad(field);
    const slot = code.define('o', js`${this.view('r32')}[2 * ${quad}]`);
    const length = code.define('n', js`${this.view('r32')}[2 * ${quad} + 1]`);
    const heap = code.define('h', js`${length} === 0 ? ${code.use(noBytes, 'noBytes')} : ${this.table}.bytes.pages[${slot} >>> 16]`);
    return { class: 'bytes', heap, offset: js`(${slot} & 65535) * 16`, length };
  }

  store(code: CodeBuilder, field: number, type: SqlType, value: Operand): void {
    const layout = layoutOf(type);
    if (value.class !== 'bytes') {
      store(code, this.place(field, layout), value, undefined);
      return;
    }
    const quad = this.quad(field);
    const words = this.view('r32');
    code.line(js`if (${words}[2 * ${quad} + 1] !== 0) ${this.table}.bytes.free(${words}[2 * ${quad}], ${words}[2 * ${quad} + 1]);`);
    code.line(js`${words}[2 * ${quad}] = ${value.length} === 0 ? 0 : ${this.table}.bytes.put(${value.heap}, ${value.offset}, ${value.length});`);
    code.line(js`${words}[2 * ${quad} + 1] = ${value.length};`);
  }
}

const noBytes = new Uint8Array(8);
