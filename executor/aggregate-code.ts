import { js, Js, type CodeBuilder } from '../core/code.ts';
import { equalBytes, hashBytes, hashDouble, hashFinish, hashNull, hashSeed, hashWord } from '../core/hash.ts';
import { layoutOf, type Layout } from '../core/layout.ts';
import { printType, withNullable, type SqlType } from '../core/sql-type.ts';
import { columnsOf, type BoundExpr } from '../expression/bound-expr.ts';
import type { ExpressionCompiler } from '../expression/compile.ts';
import type { Accumulator, AggregateOverload, CallTypes, Lane } from '../functions/definition.ts';
import { load, store, type Operand, type Place, type Value } from '../functions/operand.ts';
import { aggregateOverload } from '../functions/registry.ts';
import { shapeOf, type FieldSpec, type RecordShape } from '../state/table.ts';
import type { PhysicalNode } from '../planner/physical-plan.ts';
import type { InputColumns, OutputColumns } from './kernel-columns.ts';
import { guarded } from './row-error.ts';

/** One aggregate call as a plan names it. */
export type CallSpec = PhysicalNode<'GroupAggregate'>['calls'][number];

interface BoundCall {
  readonly spec: CallSpec;
  readonly overload: AggregateOverload;
  readonly laneTypes: readonly SqlType[];
  /** The record's field of the first lane. */
  readonly firstField: number;
  /** The flag bit that says that a value has been seen. */
  readonly flag: number;
}

/**
 * The code of a keyed aggregation over a state Table: finding a row's record, bringing it up to date, and reading the result. A record's
 * fields are the keys, then the lanes of each call; its flags are the keys' NULLs, then one bit for each call.
 * The code sees the table as `table`, its views as r32, r64, r64High, r32High, rf64, and its index as index and mask.
 */
export class AggregateCode {
  readonly shape: RecordShape;
  readonly keys: readonly number[];
  readonly #types: readonly SqlType[];
  readonly #calls: readonly BoundCall[];

  constructor(inputTypes: readonly SqlType[], keys: readonly number[], calls: readonly CallSpec[]) {
    this.#types = inputTypes;
    this.keys = keys;
    const fields: FieldSpec[] = keys.map((key, i) => fieldOf(`key ${i + 1}`, this.#type(key), true));
    this.#calls = calls.map((spec, i) => {
      const overload = aggregateOverload(spec.name, spec.overload, spec.version);
      const laneTypes = overload.lanes(spec.args.map((arg) => arg.type));
      const firstField = fields.length;
      fields.push(...laneTypes.map((type, lane) => fieldOf(`${spec.name} ${i + 1}${laneTypes.length === 1 ? '' : `.${lane + 1}`}`, type, false)));
      return { spec, overload, laneTypes, firstField, flag: keys.length + i };
    });
    this.shape = shapeOf(fields, keys.length + calls.length);
  }

  #type(column: number): SqlType {
    return this.#types[column] ?? { kind: 'NULL', nullable: true };
  }

  /** What the update computes of a row, in that order. */
  get expressions(): readonly BoundExpr[] {
    return this.#calls.flatMap(({ spec }) => spec.args.map((arg) => guarded(arg, spec.filter)));
  }

  /** The columns that the update reads. */
  usedColumns(): Set<number> {
    const used = new Set(this.keys);
    for (const { spec } of this.#calls) {
      for (const arg of spec.args) columnsOf(arg, used);
      if (spec.filter !== undefined) columnsOf(spec.filter, used);
    }
    return used;
  }

  /** Declares the views of `table`. */
  declareViews(code: CodeBuilder): void {
    code.line(js`let r32 = table.r32, r64 = table.r64, r64High = table.r64High, r32High = table.r32High, rf64 = table.rf64, index = table.index, mask = table.mask;`);
  }

  /** The arguments by which a kernel takes no table but declares one later. */
  declareNoViews(code: CodeBuilder): void {
    code.line(js`let table, r32, r64, r64High, r32High, rf64, index, mask;`);
  }

  assignViews(code: CodeBuilder): void {
    code.line(js`r32 = table.r32; r64 = table.r64; r64High = table.r64High; r32High = table.r32High; rf64 = table.rf64; index = table.index; mask = table.mask;`);
  }

  /** Finds or makes the record of row `i`: declares `id`, `q` (its first quad) and `isNew`. */
  find(code: CodeBuilder, input: InputColumns): void {
    const { keys } = this;
    code.line(js`let hash = ${hashSeed};`);
    for (const key of keys) {
      const feed = (): void => this.#hashColumn(code, input, key);
      const nulls = input.nulls(key);
      if (nulls === undefined) feed();
      else code.either(js`${nulls}[i] === 1`, () => code.line(js`hash = ${code.use(hashNull, 'hashNull')}(hash);`), feed);
    }
    code.line(js`hash = ${code.use(hashFinish, 'hashFinish')}(hash);`);
    code.line(js`let slot = hash & mask, id = -1, q = 0, isNew = false;`);
    code.block(js`for (;;)`, () => {
      code.line(js`const id1 = index[2 * slot + 1];`);
      code.block(js`if (id1 === 0)`, () => {
        code.line(js`id = table.allocate(hash, slot); q = id * ${this.shape.quads}; isNew = true;`);
        for (const [i, key] of keys.entries()) {
          const write = (): void => this.#writeKey(code, input, key, i);
          const nulls = input.nulls(key);
          if (nulls === undefined) write();
          else code.either(js`${nulls}[i] === 1`, () => code.line(js`r32[2 * q + 1] |= ${1 << i};`), write);
        }
        code.line(js`break;`);
      });
      code.block(js`if (index[2 * slot] === hash)`, () => {
        code.line(js`q = (id1 - 1) * ${this.shape.quads};`);
        const tests = keys.map((key, i) => {
          const same = this.#sameKey(code, input, key, i);
          const nulls = input.nulls(key);
          const flag = js`(r32[2 * q + 1] & ${1 << i})`;
          if (nulls === undefined) return js`${flag} === 0 && ${same}`;
          return js`(${nulls}[i] === 1 ? ${flag} !== 0 : ${flag} === 0 && ${same})`;
        });
        const all = tests.length === 0 ? js`true` : new Js(tests.map((test) => test.text).join(' && '));
        code.line(js`if (${all}) { id = id1 - 1; break; }`);
      });
      code.line(js`slot = (slot + 1) & mask;`);
    });
    code.line(js`if (r32[2 * q] !== epoch) table.touch(id);`);
  }

  /** Adds row `i` to the record at `q`. */
  accumulate(code: CodeBuilder, compiler: ExpressionCompiler): void {
    const read = new Set<number>();
    for (const { spec } of this.#calls) for (const expr of [...spec.args, ...(spec.filter === undefined ? [] : [spec.filter])]) columnsOf(expr, read);
    compiler.preload(read, this.#types);
    for (const call of this.#calls) {
      const { spec } = call;
      const add = (): void => {
        const args = spec.args.map((arg) => compiler.compile(arg));
        const nulls = args.map((arg) => arg.isNull).filter((isNull): isNull is Js => isNull !== undefined);
        const update = (): void => call.overload.accumulate(code, this.#accumulator(code, call), args.map((arg) => arg.operand), this.#callTypes(spec));
        if (nulls.length === 0) code.block(js``, update);
        else code.block(js`if (!(${new Js(nulls.map((isNull) => isNull.text).join(' || '))}))`, update);
      };
      if (spec.filter === undefined) add();
      else code.block(js`if (${compiler.condition(spec.filter)})`, add);
    }
  }

  /** Writes keys and results of the record at `q` to row `j` of the output, keys first, into the columns from 0 on. */
  emit(code: CodeBuilder, output: OutputColumns): void {
    for (const [i, key] of this.keys.entries()) {
      const value: Value = { operand: this.#loadField(code, i, this.#type(key)), isNull: js`(r32[2 * q + 1] & ${1 << i}) !== 0` };
      this.#writeOut(code, output, i, value);
    }
    for (const [i, call] of this.#calls.entries()) {
      const value = call.overload.result(code, this.#accumulator(code, call), this.#callTypes(call.spec));
      this.#writeOut(code, output, this.keys.length + i, value);
    }
  }

  #writeOut(code: CodeBuilder, output: OutputColumns, column: number, value: Value): void {
    const write = (): void => {
      code.line(js`${output.nulls(column)}[j] = 0;`);
      store(code, output.place(column), value.operand, js`heap`);
    };
    if (value.isNull === undefined) {
      write();
      return;
    }
    code.either(value.isNull, () => {
      code.line(js`${output.nulls(column)}[j] = 1; any[${column}] = 1;`);
      for (const line of output.zero(column)) code.line(line);
    }, write);
  }

  #callTypes(spec: CallSpec): CallTypes {
    return { args: spec.args.map((arg) => arg.type), result: spec.type, heap: js`heap` };
  }

  // ---- fields of a record ----

  /** The quad of a field of the record at q. */
  #quad(field: number): Js {
    return js`(q + ${this.shape.offsets[field] ?? 0})`;
  }

  #place(field: number, layout: Layout): Place {
    const quad = this.#quad(field);
    switch (layout) {
      case 'u8':
      case 'i32':
        return { layout, arrays: { values: js`r32` }, index: js`(2 * ${quad})` };
      case 'f32':
      case 'f64':
        return { layout, arrays: { values: js`rf64` }, index: quad };
      default:
        return { layout, arrays: { values: js`r64`, words: js`r32`, high: js`r64High`, highWords: js`r32High` }, index: quad };
    }
  }

  #loadField(code: CodeBuilder, field: number, type: SqlType): Operand {
    const layout = layoutOf(type);
    if (layout !== 'bytes') return load(code, this.#place(field, layout), type);
    const quad = this.#quad(field);
    const slot = code.define('o', js`r32[2 * ${quad}]`);
    const length = code.define('n', js`r32[2 * ${quad} + 1]`);
    const heap = code.define('h', js`${length} === 0 ? ${code.use(noBytes, 'noBytes')} : table.bytes.pages[${slot} >>> 16]`);
    return { class: 'bytes', heap, offset: js`(${slot} & 65535) * 16`, length };
  }

  #storeField(code: CodeBuilder, field: number, type: SqlType, value: Operand): void {
    const layout = layoutOf(type);
    if (value.class !== 'bytes') {
      store(code, this.#place(field, layout), value, undefined);
      return;
    }
    const quad = this.#quad(field);
    code.line(js`if (r32[2 * ${quad} + 1] !== 0) table.bytes.free(r32[2 * ${quad}], r32[2 * ${quad} + 1]);`);
    code.line(js`r32[2 * ${quad}] = ${value.length} === 0 ? 0 : table.bytes.put(${value.heap}, ${value.offset}, ${value.length});`);
    code.line(js`r32[2 * ${quad} + 1] = ${value.length};`);
  }

  #accumulator(code: CodeBuilder, call: BoundCall): Accumulator {
    const lanes = call.laneTypes.map((type, i): Lane => {
      const field = call.firstField + i;
      return { load: () => this.#loadField(code, field, type), store: (value) => this.#storeField(code, field, type, value) };
    });
    // Flag words: the first lies beside the epoch, further ones follow.
    const word = call.flag < 32 ? js`r32[2 * q + 1]` : js`r32[2 * q + ${1 + (call.flag >> 5)}]`;
    const bit = 1 << (call.flag & 31);
    return { lanes, hasValue: { test: () => js`((${word} & ${bit}) !== 0)`, set: () => code.line(js`${word} |= ${bit};`) } };
  }

  // ---- keys ----

  #hashColumn(code: CodeBuilder, input: InputColumns, key: number): void {
    const layout = layoutOf(this.#type(key));
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
        code.line(js`hash = ${code.use(hashBytes, 'hashBytes')}(hash, ${array('heap')}, ${array('offsets')}[i], ${array('lengths')}[i]);`);
    }
  }

  #writeKey(code: CodeBuilder, input: InputColumns, key: number, field: number): void {
    const type = this.#type(key);
    const layout = layoutOf(type);
    const quad = this.#quad(field);
    const array = (slot: string): Js => input.array(key, slot);
    if (layout === 'bytes') {
      this.#storeField(code, field, type, { class: 'bytes', heap: array('heap'), offset: js`${array('offsets')}[i]`, length: js`${array('lengths')}[i]` });
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

  #sameKey(code: CodeBuilder, input: InputColumns, key: number, field: number): Js {
    const layout = layoutOf(this.#type(key));
    const quad = this.#quad(field);
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
        return js`(${length} === ${array('lengths')}[i] && (${length} === 0 || ${code.use(equalBytes, 'equalBytes')}(table.bytes.pages[${slot} >>> 16], (${slot} & 65535) * 16, ${length}, ${array('heap')}, ${array('offsets')}[i], ${array('lengths')}[i])))`;
      }
    }
  }
}

const noBytes = new Uint8Array(8);

function fieldOf(name: string, type: SqlType, isKey: boolean): FieldSpec {
  return { layout: layoutOf(type), isKey, name, type: printType(withNullable(type, true)) };
}
