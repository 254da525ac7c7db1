import type { Batch } from '../../core/batch.ts';
import { ByteHeap } from '../../core/byte-heap.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel } from '../../core/code.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { layoutOf } from '../../core/layout.ts';
import type { I64Column } from '../../core/column.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { ExpressionCompiler } from '../../expression/compile.ts';
import type { Table } from '../../state/table.ts';
import type { PhysicalNode } from '../../planner/physical-plan.ts';
import { AggregateCode } from '../aggregate-code.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { rowErrors } from '../row-error.ts';
import { Emitter } from './emitter.ts';

export interface WindowAggregateSpec extends Pick<PhysicalNode<'WindowAggregate'>, 'window' | 'timeColumn' | 'keys' | 'calls' | 'stateName'> {
  readonly inputTypes: readonly SqlType[];
  readonly outputTypes: readonly SqlType[];
}

/** Records that a slice gets room for at a time while it holds fewer. */
const leastReserve = 32;

/** What a slice costs at the least to fire, in rows. */
const leastCost = 64;

interface Version {
  readonly input: InputColumns;
  readonly update: CompiledKernel;
}

/**
 * Windowed aggregation over slices: a table per window, dropped whole when the watermark has passed its end.
 * Late rule: a row is late when the watermark at its arrival is at or past its window's end - 1 ms; it leaves through `context.late`.
 * Emits keys, results, window_start, window_end, window_time (end - 1 ms), window by window in order of their ends.
 * Firing at the end of a batch equals firing inside it: whether a row counts is decided by its own watermark, not by what has fired.
 */
export function windowAggregateOperator(context: OperatorContext, spec: WindowAggregateSpec): Operator {
  const { size, offset } = spec.window;
  const aggregate = new AggregateCode(spec.inputTypes, spec.keys, spec.calls);
  const slices = context.state.slices(spec.stateName, aggregate.shape);
  const layouts = spec.outputTypes.map(layoutOf);
  const ends = layouts.length - 3;
  const emitter = new Emitter(layouts, Math.min(4096, context.budget));
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compileUpdate(context.id, aggregate, spec, withNulls));
  const output = new OutputColumns(layouts.map((layout, i) => (i < ends ? layout : undefined)), js`j`);
  const emit = compileEmit(aggregate, output);
  /** Text that arguments make, for the length of a call. */
  const textHeap = new ByteHeap();
  /** Where a firing goes on between two calls of onTimers: the next id of the first slice. 0 whenever else: never a part of the state. */
  let resumeAt = 0;

  const owner = {
    /** The table of a slice, with room for one record at the least and `rows` at the most. */
    slice: (end: number, rows: number): Table => {
      const table = slices.at(end);
      // Room in proportion to what is there, as most of the rows may be of keys that it knows or of other slices: the kernel comes again.
      const wanted = Math.min(rows, Math.max(leastReserve, table.limit * 4));
      if (table.room < wanted) table.reserve(wanted);
      return table;
    },
    late: (batch: Batch, row: number, end: number, watermark: number): void => context.late(batch, row, watermark - end + 1),
  };

  /** Emits a slice from `resumeAt` on, at most about `budget` rows; gives how many. `resumeAt` is 0 again when all are out. */
  const fire = (table: Table, end: number, budget: number): number => {
    let fired = 0;
    while (resumeAt < table.limit && fired < budget) {
      emitter.begin();
      const upTo = Math.min(table.limit, resumeAt + emitter.capacity);
      const args: unknown[] = [table, resumeAt, upTo, emitter.heap, emitter.any];
      output.pushArguments(emitter.batch.columns, emitter.nulls, args);
      const rows = (emit.run as (...values: unknown[]) => number)(...args);
      for (const [i, value] of [end - size, end, end - 1].entries()) {
        const column = emitter.batch.columns[ends + i] as I64Column;
        column.values.fill(BigInt(value), 0, rows);
      }
      fired += upTo - resumeAt;
      resumeAt = upTo;
      context.metrics.rowsOut += rows;
      context.emit(emitter.finish(rows, context.outputWatermark));
    }
    if (resumeAt >= table.limit) resumeAt = 0;
    return fired;
  };

  return {
    layouts,
    get sources() {
      return [version(false).update.source, version(true).update.source, emit.source];
    },
    onBatch: (_input, batch, from, to) => {
      const { input, update } = version(version(true).input.needsNulls(batch));
      textHeap.clear();
      const args: unknown[] = [owner, batch, from, to, batch.watermarks, textHeap];
      input.pushArguments(batch, args);
      (update.run as (...values: unknown[]) => void)(...args);
    },
    onTimers: (time) => {
      let left = context.budget;
      for (let end = slices.firstEnd; end !== Infinity && end - 1 <= time; end = slices.firstEnd) {
        if (left <= 0) return true;
        const table = slices.get(end);
        if (table !== undefined) left -= Math.max(leastCost, fire(table, end, left));
        if (resumeAt > 0) return true;
        slices.drop(end);
      }
      return false;
    },
    onFlush: () => undefined,
    onEnd: () => undefined,
  };

  function compileUpdate(name: string, code: AggregateCode, { timeColumn, inputTypes }: WindowAggregateSpec, withNulls: boolean): Version {
    const builder = new CodeBuilder();
    const used = code.usedColumns().add(timeColumn);
    const input = new InputColumns(used, inputTypes, js`i`, withNulls);
    const words = input.array(timeColumn, 'words');
    const timeNulls = input.nulls(timeColumn);
    const time = js`${words}[2 * i + 1] * 4294967296 + (${words}[2 * i] >>> 0)`;
    builder.line(js`let i = from;`);
    code.declareNoViews(builder);
    builder.block(js`try`, () => {
      builder.block(js`while (i < to)`, () => {
        if (timeNulls !== undefined) builder.line(js`if (${timeNulls}[i] === 1) ${builder.use(nullTime, 'nullTime')}();`);
        builder.line(js`const first = ${time};`);
        builder.line(js`const start = Math.floor((first - ${offset}) / ${size}) * ${size} + ${offset}, end = start + ${size};`);
        builder.line(js`if (watermarks[i] >= end - 1) { owner.late(batch, i, end, watermarks[i]); i++; continue; }`);
        builder.line(js`table = owner.slice(end, to - i);`);
        code.assignViews(builder);
        builder.line(js`const epoch = table.epoch, upTo = Math.min(to, i + table.room);`);
        builder.block(js`for (; i < upTo; i++)`, () => {
          if (timeNulls !== undefined) builder.line(js`if (${timeNulls}[i] === 1) break;`);
          builder.line(js`const time = ${time};`);
          builder.line(js`if (time < start || time >= end || watermarks[i] >= end - 1) break;`);
          code.find(builder, input);
          code.accumulate(builder, new ExpressionCompiler(builder, input, js`heap`));
        });
      });
    });
    const fail = builder.use(rowErrors(name, code.expressions, input), 'rowError');
    builder.block(js`catch (error)`, () => builder.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
    return { input, update: builder.compile('windowAggregate', [js`owner`, js`batch`, js`from`, js`to`, js`watermarks`, js`heap`, ...input.parameters]) };
  }
}

function nullTime(): never {
  throw new SqlError({ code: 'E0702', message: 'the time column of a window is NULL', hint: 'drop such rows first:  WHERE ts IS NOT NULL' });
}

/** Writes the records [from, to) of a table to rows 0 and up; gives how many there were. */
export function compileEmit(aggregate: AggregateCode, output: OutputColumns): CompiledKernel {
  const code = new CodeBuilder();
  aggregate.declareViews(code);
  code.line(js`let j = 0;`);
  code.block(js`for (let id = from; id < to; id++)`, () => {
    code.line(js`const q = id * ${aggregate.shape.quads};`);
    code.line(js`if (r32[2 * q] === 0) continue;`);
    aggregate.emit(code, output);
    code.line(js`j++;`);
  });
  code.line(js`return j;`);
  return code.compile('emitGroups', [js`table`, js`from`, js`to`, js`heap`, js`any`, ...output.parameters]);
}
