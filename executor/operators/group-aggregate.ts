import { RowKind } from '../../core/changelog.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel } from '../../core/code.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { ExpressionCompiler } from '../../expression/compile.ts';
import { AggregateCode, type CallSpec } from '../aggregate-code.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { rowErrors } from '../row-error.ts';
import { Emitter } from './emitter.ts';

export interface GroupAggregateSpec {
  readonly inputTypes: readonly SqlType[];
  readonly keys: readonly number[];
  readonly calls: readonly CallSpec[];
  readonly outputTypes: readonly SqlType[];
  readonly stateName: string;
}

interface Version {
  readonly input: InputColumns;
  readonly update: CompiledKernel;
}

/**
 * Aggregation without windows: a record per key, for ever. Each row's change is emitted: +I for the first row of a key, +U with the new
 * results for every other. Needs input that only inserts.
 */
export function groupAggregateOperator(context: OperatorContext, spec: GroupAggregateSpec): Operator {
  const aggregate = new AggregateCode(spec.inputTypes, spec.keys, spec.calls);
  const table = context.state.table(spec.stateName, aggregate.shape);
  const layouts = spec.outputTypes.map(layoutOf);
  const output = new OutputColumns(layouts, js`j`);
  const emitter = new Emitter(layouts, 4096);
  const kinds = new Uint8Array(emitter.capacity);
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compile(withNulls));

  return {
    layouts,
    get sources() {
      return [version(false).update.source, version(true).update.source];
    },
    onBatch: (_input, batch, from, to) => {
      const { input, update } = version(version(true).input.needsNulls(batch));
      for (let start = from; start < to; start += emitter.capacity) {
        const end = Math.min(to, start + emitter.capacity);
        table.reserve(end - start);
        emitter.begin();
        const args: unknown[] = [table, start, end, emitter.heap, emitter.any, kinds];
        input.pushArguments(batch, args);
        output.pushArguments(emitter.batch.columns, emitter.nulls, args);
        (update.run as (...values: unknown[]) => void)(...args);
        const out = emitter.finish(end - start, batch.watermarkAfter);
        out.kinds = kinds;
        out.watermarks = batch.watermarks === undefined ? undefined : start === 0 ? batch.watermarks : batch.watermarks.subarray(start, end);
        context.metrics.rowsOut += out.rowCount;
        context.emit(out);
      }
    },
    onTimers: () => false,
    onFlush: () => undefined,
    onEnd: () => undefined,
  };

  function compile(withNulls: boolean): Version {
    const code = new CodeBuilder();
    const input = new InputColumns(aggregate.usedColumns(), spec.inputTypes, js`i`, withNulls);
    code.line(js`let i = from, j = 0;`);
    aggregate.declareViews(code);
    code.line(js`const epoch = table.epoch;`);
    code.block(js`try`, () => {
      code.block(js`for (; i < to; i++, j++)`, () => {
        aggregate.find(code, input);
        aggregate.accumulate(code, new ExpressionCompiler(code, input, js`heap`));
        code.line(js`kinds[j] = isNew ? ${RowKind.insert} : ${RowKind.updateAfter};`);
        aggregate.emit(code, output);
      });
    });
    const fail = code.use(rowErrors(context.id, aggregate.expressions, input), 'rowError');
    code.block(js`catch (error)`, () => code.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
    return { input, update: code.compile('groupAggregate', [js`table`, js`from`, js`to`, js`heap`, js`any`, js`kinds`, ...input.parameters, ...output.parameters]) };
  }
}
