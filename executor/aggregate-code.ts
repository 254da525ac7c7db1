import { assert } from '../core/assert.ts';
import { js, Js, type CodeBuilder } from '../core/code.ts';
import { withNullable, type SqlType } from '../core/sql-type.ts';
import { columnsOf, type BoundExpr } from '../expression/bound-expr.ts';
import type { ExpressionCompiler } from '../expression/compile.ts';
import type { Accumulator, AggregateOverload, CallTypes, Lane } from '../functions/definition.ts';
import { store, type Operand, type Value } from '../functions/operand.ts';
import type { FieldSpec } from '../state/field-spec.ts';
import { shapeOf, type RecordShape } from '../state/table.ts';
import { bindCalls, fieldOf, filterText, type BoundCall, type CallSpec } from './aggregate-calls.ts';
import { BagCode } from './bag-code.ts';
import { GroupSets } from './group-sets.ts';
import type { InputColumns, OutputColumns } from './kernel-columns.ts';
import { KeyCode } from './key-code.ts';
import { RecordCode } from './record-code.ts';
import { guarded } from './row-error.ts';
import type { ValueSetCode } from './value-set-code.ts';

/** What the different values of a group are of. Over updating input, calls over the same argument and filter share it. */
interface BoundBag {
  readonly arg: BoundExpr;
  readonly filter: BoundExpr | undefined;
  readonly code: BagCode;
}

/**
 * The code of a keyed aggregation over a state Table: finding a row's record, bringing it up to date, and reading the result. A record's
 * fields are the keys, then the lanes of each call, then over updating input the number of rows and where the lists of the bags begin; its
 * flags are the keys' NULLs, then one bit for each call. Different values lie in the tables below (`shape.bags`).
 * The code sees the table and its views as RecordCode names them without a prefix.
 */
export class AggregateCode {
  readonly shape: RecordShape;
  readonly keys: readonly number[];
  readonly keyCode: KeyCode;
  /** True: rows are withdrawn too, and a record counts its rows. */
  readonly isUpdating: boolean;
  readonly sets: GroupSets;
  readonly #types: readonly SqlType[];
  readonly #calls: readonly BoundCall[];
  readonly #bags: readonly BoundBag[];
  /** The value of each filter, by its text, once it is computed for the row. */
  #filters: ReadonlyMap<string, Js> = new Map();
  readonly #record: RecordCode;
  readonly #rowsField: number;

  constructor(inputTypes: readonly SqlType[], keys: readonly number[], specs: readonly CallSpec[], isUpdating = false) {
    this.#types = inputTypes;
    this.keys = keys;
    this.isUpdating = isUpdating;
    const { calls, values, fields: lanes } = bindCalls(specs, keys.length, isUpdating);
    this.#calls = calls;
    const fields: FieldSpec[] = [...keys.map((key, i) => fieldOf(`key ${i + 1}`, this.#type(key), true)), ...lanes];
    this.#rowsField = fields.length;
    if (isUpdating) fields.push({ layout: 'f64', isKey: false, name: 'rows', type: 'DOUBLE' }, ...values.map((_, i): FieldSpec => ({ layout: 'i32', isKey: false, name: `values ${i + 1}`, type: 'INT' })));
    const shape = shapeOf(fields, keys.length + calls.length);
    const valueField = (i: number, type: SqlType): FieldSpec => fieldOf(`values ${i + 1}`, type, true);
    this.#bags = !isUpdating ? [] : values.map(({ arg, filters }, i) => {
      const type = withNullable(arg.type, false);
      return { arg, filter: filters[0], code: new BagCode(i, valueField(i, type), type, js`r32[2 * (q + ${shape.offsets[this.#rowsField + 1 + i] ?? 0})]`) };
    });
    this.sets = new GroupSets(isUpdating ? [] : values, valueField);
    const below = this.#below;
    this.shape = below.length === 0 ? shape : { ...shape, bags: below.map((code) => code.shape) };
    this.#record = new RecordCode(this.shape);
    this.keyCode = new KeyCode(this.#record, keys, (column) => this.#type(column));
  }

  /** What lies in the tables below, in their order. */
  get #below(): readonly (BagCode | ValueSetCode)[] {
    return this.isUpdating ? this.#bags.map(({ code }) => code) : this.sets.codes;
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
    this.#record.declareViews(code);
    for (const below of this.#below) below.declareViews(code);
  }

  /** The arguments by which a kernel takes no table but declares one later. */
  declareNoViews(code: CodeBuilder): void {
    this.#record.declareNoViews(code);
    for (const below of this.#below) below.declareNoViews(code);
  }

  assignViews(code: CodeBuilder): void {
    this.#record.assignViews(code);
    for (const below of this.#below) below.assignViews(code);
  }

  /** See KeyCode. */
  find(code: CodeBuilder, input: InputColumns, onlyFinds?: { readonly test: Js; readonly onNone: Js }): void {
    this.keyCode.find(code, input, onlyFinds);
  }

  /** Adds row `i` to the record at `q`. `places`: what `sets.placesOf` gave. */
  accumulate(code: CodeBuilder, compiler: ExpressionCompiler, places?: readonly (Js | undefined)[]): void {
    this.#preload(code, compiler);
    this.#add(code, compiler, places);
  }

  /** Over updating input: adds row `i` to the record at `q`, or takes it back where `withdraws`. `onNone` is done when a value is taken back that is not there. */
  update(code: CodeBuilder, compiler: ExpressionCompiler, withdraws: Js, onNone: Js): void {
    this.#preload(code, compiler);
    code.either(withdraws, () => {
      code.line(js`${this.rows}--;`);
      this.#eachCall(code, compiler, (call, args) => call.overload.updating?.retract(code, this.#accumulator(code, call), args, this.#callTypes(call.spec)), (call) => call.overload.updating?.retractNull);
      this.#eachBag(code, compiler, (bag, calls, value) =>
        bag.code.remove(code, value, (gone) => {
          for (const call of calls) code.block(js``, () => call.overload.updating?.retract(code, this.#accumulator(code, call), [gone, ...others(compiler, call)], this.#callTypes(call.spec)));
        }, () => code.line(onNone)),
      );
    }, () => {
      code.line(js`${this.rows}++;`);
      this.#add(code, compiler);
    });
  }

  /** How many rows the record at `q` is of: a variable that holds a number. Over updating input only. */
  get rows(): Js {
    return js`rf64[${this.#record.quad(this.#rowsField)}]`;
  }

  /** Takes the record `id` at `q` out of the table, with the values that it keeps. */
  remove(code: CodeBuilder): void {
    for (const bag of this.#bags) bag.code.drop(code);
    code.line(js`table.remove(id);`);
  }

  /** Reads the columns and computes each filter once, so that any branch behind can use them. */
  #preload(code: CodeBuilder, compiler: ExpressionCompiler): void {
    const read = new Set<number>();
    for (const { spec } of this.#calls) for (const expr of [...spec.args, ...(spec.filter === undefined ? [] : [spec.filter])]) columnsOf(expr, read);
    compiler.preload(read, this.#types);
    const filters = new Map<string, Js>();
    for (const { spec } of this.#calls) {
      const text = filterText(spec.filter);
      if (spec.filter !== undefined && !filters.has(text)) filters.set(text, code.define('f', compiler.condition(spec.filter)));
    }
    this.#filters = filters;
  }

  #passes(filter: BoundExpr): Js {
    return this.#filters.get(filterText(filter)) ?? js`true`;
  }

  #add(code: CodeBuilder, compiler: ExpressionCompiler, places: readonly (Js | undefined)[] = []): void {
    this.#eachCall(code, compiler, (call, args) => call.steps.accumulate(code, this.#accumulator(code, call), args, this.#callTypes(call.spec)));
    this.#eachBag(code, compiler, (bag, calls, value) =>
      bag.code.add(code, value, (first) => {
        for (const call of calls) code.block(js``, () => call.steps.accumulate(code, this.#accumulator(code, call), [first, ...others(compiler, call)], this.#callTypes(call.spec)));
      }),
    );
    const onFirst = (set: number, value: Operand, only: ((filter: number) => Js) | undefined): void => {
      for (const call of this.#calls.filter(({ bag }) => bag === set)) code.block(only === undefined ? js`` : js`if (${only(call.filter)})`, () => call.steps.accumulate(code, this.#accumulator(code, call), [value, ...others(compiler, call)], this.#callTypes(call.spec)));
    };
    this.sets.add(code, compiler, { passes: (filter) => this.#passes(filter), onFirst }, places);
  }

  /** For the calls that see every row: what `update` writes, where the filter lets the row through and no argument is NULL. */
  #eachCall(code: CodeBuilder, compiler: ExpressionCompiler, update: (call: BoundCall, args: readonly Operand[]) => void, updateByNull = (call: BoundCall): AggregateOverload['accumulateNull'] => call.overload.accumulateNull): void {
    for (const call of this.#calls) {
      if (call.bag !== undefined) continue;
      const { spec } = call;
      const add = (): void => {
        const args = spec.args.map((arg) => compiler.compile(arg));
        const nulls = args.map((arg) => arg.isNull).filter((isNull): isNull is Js => isNull !== undefined);
        const use = (): void => update(call, args.map((arg) => arg.operand));
        const byNull = updateByNull(call);
        if (nulls.length === 0) code.block(js``, use);
        else if (byNull === undefined) code.block(js`if (!(${new Js(nulls.map((isNull) => isNull.text).join(' || '))}))`, use);
        else code.either(new Js(nulls.map((isNull) => isNull.text).join(' || ')), () => byNull(code, this.#accumulator(code, call), this.#callTypes(spec), this.isUpdating), use);
      };
      if (spec.filter === undefined) add();
      else code.block(js`if (${this.#passes(spec.filter)})`, add);
    }
  }

  #eachBag(code: CodeBuilder, compiler: ExpressionCompiler, update: (bag: BoundBag, calls: readonly BoundCall[], value: Operand) => void): void {
    for (const [i, bag] of this.#bags.entries()) {
      const calls = this.#calls.filter((call) => call.bag === i);
      const add = (): void => {
        const value = compiler.compile(bag.arg);
        if (value.isNull === undefined) code.block(js``, () => update(bag, calls, value.operand));
        else code.block(js`if (!(${value.isNull}))`, () => update(bag, calls, value.operand));
      };
      if (bag.filter === undefined) add();
      else code.block(js`if (${this.#passes(bag.filter)})`, add);
    }
  }

  /**
   * Writes keys and results of the record at `q` to the row of the output: the keys, then the calls, into the columns `to`, from 0 on by default. With
   * `input` the keys are those of its row `i` (`KeyCode.passOn`). `nulls` are not written for a result that never is NULL: they stay as they were made, zero.
   */
  emit(code: CodeBuilder, output: OutputColumns, to: (index: number) => number = (index) => index, input?: InputColumns): void {
    if (input !== undefined) this.keyCode.passOn(code, input, output, to);
    else {
      for (const [i, key] of this.keys.entries()) {
        const value: Value = { operand: this.#record.load(code, i, this.#type(key)), isNull: js`(r32[2 * q + 1] & ${1 << i}) !== 0` };
        this.#writeOut(code, output, to(i), value);
      }
    }
    for (const [i, call] of this.#calls.entries()) {
      const value = call.steps.result(code, this.#accumulator(code, call), this.#callTypes(call.spec));
      this.#writeOut(code, output, to(this.keys.length + i), value);
    }
  }

  #writeOut(code: CodeBuilder, output: OutputColumns, column: number, value: Value): void {
    const write = (): void => store(code, output.place(column), value.operand, js`heap`);
    if (value.isNull === undefined) {
      write();
      return;
    }
    code.either(value.isNull, () => {
      code.line(js`${output.nulls(column)}[${output.row}] = 1; any[${column}] = 1;`);
      for (const line of output.zero(column)) code.line(line);
    }, () => {
      code.line(js`${output.nulls(column)}[${output.row}] = 0;`);
      write();
    });
  }

  /** True when what a group has of some rows can be added to what it has of others: of rows that only come, without different values. */
  get isMergeable(): boolean {
    return !this.isUpdating && this.shape.bags === undefined && this.#calls.every((call) => call.steps.merge !== undefined);
  }

  /** Adds what the record that `from` names has seen to the record at `q`. */
  merge(code: CodeBuilder, from: RecordCode): void {
    for (const call of this.#calls) code.block(js``, () => call.steps.merge?.(code, this.#accumulator(code, call), this.#accumulator(code, call, from), this.#callTypes(call.spec)));
  }

  #callTypes(spec: CallSpec): CallTypes {
    return { args: spec.args.map((arg) => arg.type), result: spec.type, heap: js`heap` };
  }

  #accumulator(code: CodeBuilder, call: BoundCall, record = this.#record): Accumulator {
    const lanes = call.laneTypes.map((type, i): Lane => {
      const field = call.firstField + i;
      return { load: () => record.load(code, field, type), store: (value) => record.store(code, field, type, value) };
    });
    // Flag words: the first lies beside the epoch, further ones follow.
    const word = js`${record.view('r32')}[2 * ${record.q} + ${1 + (call.flag >> 5)}]`;
    const bit = 1 << (call.flag & 31);
    const hasValue = { test: () => js`((${word} & ${bit}) !== 0)`, set: () => code.line(js`${word} |= ${bit};`), clear: () => code.line(js`${word} &= ${~bit};`) };
    const bag = call.bag === undefined ? undefined : this.#bags[call.bag];
    return {
      lanes,
      hasValue,
      eachValue: (body) => {
        assert(bag !== undefined && this.isUpdating, `${call.spec.name} keeps no values`);
        bag.code.each(code, body);
      },
    };
  }
}

/** The arguments behind the one whose different values a call sees: literals. */
function others(compiler: ExpressionCompiler, { spec }: BoundCall): readonly Operand[] {
  return spec.args.slice(1).map((arg) => compiler.compile(arg).operand);
}
