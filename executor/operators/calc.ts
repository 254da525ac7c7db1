import { allocateBatch, type Batch } from '../../core/batch.ts';
import { ByteHeap } from '../../core/byte-heap.ts';
import type { StepClock } from '../../core/clock.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel } from '../../core/code.ts';
import type { BytesColumn, Column } from '../../core/column.ts';
import { layoutOf, type Layout } from '../../core/layout.ts';
import { isText, isTimestamp, type SqlType } from '../../core/sql-type.ts';
import { columnsOf, type BoundExpr } from '../../expression/bound-expr.ts';
import { ExpressionCompiler } from '../../expression/compile.ts';
import { store, type Operand, type OperandOf, type Place } from '../../functions/operand.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { rowErrors } from '../row-error.ts';
import { noneUpTo } from './window-emit.ts';

export interface CalcSpec {
  readonly inputTypes: readonly SqlType[];
  readonly condition: BoundExpr | undefined;
  readonly projection: readonly BoundExpr[];
  /** A TIMESTAMP over the input whose ms of every row, kept or not, go to `times`; NaN for NULL. */
  readonly time?: BoundExpr | undefined;
  /** True: the input may hold other kinds of change than inserts. Where only inserts come, the loop copies no kinds. */
  readonly isUpdating?: boolean;
  /** What functions of the time of day read. */
  readonly clock?: StepClock | undefined;
}

interface Version {
  readonly input: InputColumns;
  readonly output: OutputColumns;
  readonly kernel: CompiledKernel;
}

/**
 * Filters and computes in one loop. Keeps nothing. Without a condition, columns that pass through are handed on as they are, and with no
 * computed column there is no loop at all.
 */
export class Calc {
  readonly layouts: readonly Layout[];
  readonly #spec: CalcSpec;
  readonly #name: string;
  /** How each output column comes about: computed (or copied under a condition) by the kernel, or the input's column itself. */
  readonly #written: readonly (Layout | undefined)[];
  readonly #heap = new ByteHeap();
  #versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  #out: Batch;
  #nulls: Uint8Array[] = [];
  #any: Uint8Array;
  #capacity = 0;
  #watermarks = new Float64Array(0);
  #kinds = new Uint8Array(0);
  times = new Float64Array(0);

  constructor(name: string, spec: CalcSpec) {
    this.#name = name;
    this.#spec = spec;
    this.layouts = spec.projection.map((expr) => layoutOf(expr.type));
    this.#written = spec.projection.map((expr, i) => (expr.kind === 'column' && spec.condition === undefined ? undefined : this.layouts[i]));
    this.#out = allocateBatch([], 0);
    this.#any = new Uint8Array(spec.projection.length);
  }

  get sources(): readonly string[] {
    return [this.#version(false).kernel.source, this.#version(true).kernel.source];
  }

  /** The rows of [from, to) that the condition keeps, borrowed until the next call. */
  run(batch: Batch, from: number, to: number): Batch {
    const { projection, condition, time } = this.#spec;
    this.#reserve(to - from);
    const out = this.#out;
    const needsLoop = condition !== undefined || time !== undefined || this.#written.some((layout) => layout !== undefined);
    let rows = to - from;
    if (needsLoop) {
      const { input, output, kernel } = this.#version(this.#version(true).input.needsNulls(batch));
      this.#heap.clear();
      this.#any.fill(0);
      const args: unknown[] = [from, to, this.#heap, this.#any, this.times, batch.watermarks ?? noneUpTo(to), this.#watermarks, batch.kinds ?? this.#kinds, this.#kinds];
      input.pushArguments(batch, args);
      output.pushArguments(out.columns, this.#nulls, args);
      rows = (kernel.run as (...values: unknown[]) => number)(...args);
    }
    for (const [i, expr] of projection.entries()) {
      const column = out.columns[i] as Column;
      if (this.#written[i] === undefined) {
        const source = batch.columns[(expr as Extract<BoundExpr, { kind: 'column' }>).index] as Column;
        if (from === 0) Object.assign(column, source);
        else Object.assign(column, sliceColumn(source, from, to));
        continue;
      }
      column.nulls = this.#any[i] === 1 ? this.#nulls[i] : undefined;
      if (column.layout === 'bytes') {
        const source = expr.kind === 'column' ? (batch.columns[expr.index] as BytesColumn) : undefined;
        column.heap = source === undefined ? this.#heap.bytes : source.heap;
        column.isPlain = source?.isPlain === true;
      }
    }
    out.rowCount = rows;
    if (batch.kinds === undefined) out.kinds = undefined;
    else out.kinds = condition === undefined ? (from === 0 ? batch.kinds : batch.kinds.subarray(from, to)) : this.#kinds;
    if (batch.watermarks !== undefined) out.watermarks = condition === undefined ? (from === 0 ? batch.watermarks : batch.watermarks.subarray(from, to)) : this.#watermarks;
    else out.watermarks = undefined;
    out.watermarkAfter = batch.watermarkAfter;
    return out;
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity && this.#capacity > 0) return;
    this.#capacity = Math.max(1024, rows, this.#capacity * 2);
    this.#out = allocateBatch(this.layouts, this.#capacity);
    this.#nulls = this.layouts.map(() => new Uint8Array(this.#capacity));
    this.#watermarks = new Float64Array(this.#capacity);
    this.#kinds = new Uint8Array(this.#capacity);
    this.times = new Float64Array(this.#capacity);
  }

  #version(withNulls: boolean): Version {
    return (this.#versions[withNulls ? 1 : 0] ??= this.#compile(withNulls));
  }

  #compile(withNulls: boolean): Version {
    const { projection, condition, time, inputTypes } = this.#spec;
    // Nothing is done behind the loop: V8 may replace a hot loop before it has seen what follows, and then leaves the new code after every batch.
    const code = new CodeBuilder();
    const [row, out] = [js`i`, js`j`];
    const used = new Set<number>();
    for (const [i, expr] of projection.entries()) if (this.#written[i] !== undefined) columnsOf(expr, used);
    if (condition !== undefined) columnsOf(condition, used);
    if (time !== undefined) columnsOf(time, used);
    const input = new InputColumns(used, inputTypes, row, withNulls);
    const exprs = [time, condition, ...projection.filter((_, i) => this.#written[i] !== undefined)].filter((expr) => expr !== undefined);
    const output = new OutputColumns(this.#written, out);
    code.line(js`let i = from, j = 0;`);
    code.block(js`try`, () => {
      code.block(js`for (; i < to; i++)`, () => {
        const compiler = new ExpressionCompiler(code, input, js`heap`, this.#spec.clock, undefined, js`wmIn[i]`);
        compiler.share(exprs);
        if (time !== undefined) {
          const value = compiler.compile(time);
          const ms = (value.operand as OperandOf<'time'>).value;
          code.line(value.isNull === undefined ? js`times[i - from] = ${ms};` : js`times[i - from] = ${value.isNull} ? NaN : ${ms};`);
        }
        if (condition !== undefined) code.line(js`if (!(${compiler.condition(condition)})) continue;`);
        for (const [i, expr] of projection.entries()) {
          if (this.#written[i] === undefined) continue;
          if (expr.kind === 'column') {
            copyColumn(code, input, expr.index, output, i);
            continue;
          }
          const value = compiler.compile(expr);
          const write = (): void => (isTextOfTime(expr) ? storeOnce(code, output.place(i), value.operand) : store(code, output.place(i), value.operand, js`heap`));
          if (value.isNull === undefined) {
            code.line(js`${output.nulls(i)}[j] = 0;`);
            write();
          } else {
            code.either(value.isNull, () => {
              code.line(js`${output.nulls(i)}[j] = 1; any[${i}] = 1;`);
              for (const line of output.zero(i)) code.line(line);
            }, () => {
              code.line(js`${output.nulls(i)}[j] = 0;`);
              write();
            });
          }
        }
        if (condition !== undefined) code.line(this.#spec.isUpdating === true ? js`wmOut[j] = wmIn[i]; kindsOut[j] = kindsIn[i];` : js`wmOut[j] = wmIn[i];`);
        code.line(js`j++;`);
      });
    });
    const fail = code.use(rowErrors(this.#name, exprs, input), 'rowError');
    code.block(js`catch (error)`, () => code.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
    code.line(js`return j;`);
    const parameters = [js`from`, js`to`, js`heap`, js`any`, js`times`, js`wmIn`, js`wmOut`, js`kindsIn`, js`kindsOut`, ...input.parameters, ...output.parameters];
    return { input, output, kernel: code.compile('calc', parameters) };
  }
}

/** The text of a time, which mostly is that of the row before: the day, the minute. */
function isTextOfTime(expr: BoundExpr): boolean {
  return expr.kind === 'call' && isText(expr.type) && expr.args.some(({ type }) => isTimestamp(type));
}

/** Stores text where that of the row before lies, if it is equal. */
function storeOnce(code: CodeBuilder, { arrays: { offsets = js``, lengths = js`` }, index }: Place, text: Operand): void {
  if (text.class !== 'bytes') return;
  code.line(js`${offsets}[${index}] = ${index} === 0 ? heap.append(${text.heap}, ${text.offset}, ${text.length}) : heap.appendOnce(${text.heap}, ${text.offset}, ${text.length}, ${offsets}[${index} - 1], ${lengths}[${index} - 1]);`);
  code.line(js`${lengths}[${index}] = ${text.length};`);
}

/** A column that passes through a filter: its arrays, value by value, whatever their type. Bytes keep their heap. */
function copyColumn(code: CodeBuilder, input: InputColumns, from: number, output: OutputColumns, to: number): void {
  const source = input.place(from);
  const target = output.place(to);
  for (const [slot, array] of Object.entries(target.arrays)) {
    // `words` lie over `values`, `highWords` over `high`.
    if (slot === 'words' || slot === 'highWords') continue;
    code.line(js`${array}[j] = ${source.arrays[slot] ?? array}[i];`);
  }
  const nulls = input.nulls(from);
  code.line(nulls === undefined ? js`${output.nulls(to)}[j] = 0;` : js`if ((${output.nulls(to)}[j] = ${nulls}[i]) !== 0) any[${to}] = 1;`);
}

function sliceColumn(column: Column, from: number, to: number): Partial<Column> {
  const nulls = column.nulls?.subarray(from, to);
  switch (column.layout) {
    case 'bytes':
      return { heap: column.heap, offsets: column.offsets.subarray(from, to), lengths: column.lengths.subarray(from, to), isPlain: column.isPlain, nulls };
    case 'i64':
      return { values: column.values.subarray(from, to), words: column.words.subarray(2 * from, 2 * to), nulls };
    case 'i64n':
      return { values: column.values.subarray(from, to), words: column.words.subarray(2 * from, 2 * to), nanos: column.nanos.subarray(from, to), nulls };
    case 'i128':
      return { values: column.values.subarray(from, to), words: column.words.subarray(2 * from, 2 * to), high: column.high.subarray(from, to), highWords: column.highWords.subarray(2 * from, 2 * to), nulls };
    case 'u8':
      return { values: column.values.subarray(from, to), nulls };
    case 'i32':
      return { values: column.values.subarray(from, to), nulls };
    case 'f32':
      return { values: column.values.subarray(from, to), nulls };
    case 'f64':
      return { values: column.values.subarray(from, to), nulls };
  }
}

/** The operator of a Calc node. */
export function calcOperator(context: OperatorContext, spec: CalcSpec): Operator {
  const calc = new Calc(context.id, { ...spec, clock: context.clock });
  return {
    layouts: calc.layouts,
    get sources() {
      return calc.sources;
    },
    onBatch: (_input, batch, from, to) => {
      const out = calc.run(batch, from, to);
      if (out.rowCount > 0) context.emit(out);
    },
    onTimers: () => false,
    onFlush: () => undefined,
    onEnd: () => undefined,
  };
}
