import { RowKind } from '../../core/changelog.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel, type Js } from '../../core/code.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { ExpressionCompiler } from '../../expression/compile.ts';
import { emitComparison } from '../../functions/comparison.ts';
import type { SortKey } from '../../planner/logical-plan.ts';
import type { AggregateCode } from '../aggregate-code.ts';
import { InputColumns, type OutputColumns } from '../kernel-columns.ts';
import { rowErrors } from '../row-error.ts';
import type { StoredRow } from '../stored-row.ts';

export interface OrderKernel {
  readonly input: InputColumns;
  readonly kernel: CompiledKernel;
}

export interface OrderParts {
  readonly types: readonly SqlType[];
  readonly order: readonly SortKey[];
  readonly stored: StoredRow;
  /** What withdrawals are told by; undefined where rows only come. */
  readonly identity: AggregateCode | undefined;
  readonly output: OutputColumns;
}

/** The loop over rows that asks its owner what becomes of each (Change), writes it to its record, and writes out what comes out of that. */
export function compileOrder(name: string, parts: OrderParts, withNulls: boolean): OrderKernel {
  const { types, stored, identity, output } = parts;
  const code = new CodeBuilder();
  const input = new InputColumns(types.keys(), types, js`i`, withNulls);
  const comeOut = (id: Js, kind: RowKind): void =>
    code.block(js`if (${id} >= 0)`, () => {
      stored.emit(code, output, id);
      code.line(js`kindsOut[j] = ${kind}; wmOut[j] = wmIn === undefined ? -Infinity : wmIn[i]; j++;`);
    });
  code.line(js`let i = from, j = 0;`);
  if (identity !== undefined) identity.declareViews(code);
  stored.declareViews(code);
  code.line(js`const epoch = table.epoch;`);
  code.block(js`const compare = (other) =>`, () => writeCompare(code, input, parts));
  code.block(js`try`, () => {
    code.block(js`for (; i < to; i++)`, () => {
      if (identity === undefined) code.line(js`owner.decide(compare, i, false, 0);`);
      else {
        code.line(js`const withdraws = kindsIn !== undefined && (kindsIn[i] === ${RowKind.updateBefore} || kindsIn[i] === ${RowKind.delete});`);
        identity.find(code, input, { test: js`withdraws`, onNone: js`owner.unmatched++; continue;` });
        code.line(js`owner.decide(compare, i, withdraws, id);`);
      }
      comeOut(js`change.withdrawn`, RowKind.delete);
      code.block(js`if (change.target >= 0)`, () => {
        code.line(js`if (change.isReused) owner.clear(change.target);`);
        stored.write(code, input, js`change.target`);
      });
      comeOut(js`change.entered`, RowKind.insert);
      code.line(js`if (change.gone >= 0) rowtable.remove(change.gone);`);
    });
  });
  const fail = code.use(rowErrors(name, [], input), 'rowError');
  code.block(js`catch (error)`, () => code.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
  code.line(js`return j;`);
  const parameters = [js`owner`, js`change`, js`table`, stored.table, js`from`, js`to`, js`kindsIn`, js`kindsOut`, js`wmIn`, js`wmOut`, js`heap`, js`any`];
  return { input, kernel: code.compile('orderRows', [...parameters, ...input.parameters, ...output.parameters]) };
}

/** Compares row `i` with the record `other`. NULLs are equal to each other. */
function writeCompare(code: CodeBuilder, input: InputColumns, { order, types, stored }: OrderParts): void {
  const compiler = new ExpressionCompiler(code, input, js`heap`);
  stored.at(code, js`other`);
  for (const { column, descending, nullsFirst } of order) {
    const type = types[column] ?? { kind: 'NULL', nullable: true };
    const row = compiler.compile({ kind: 'column', index: column, type });
    const other = stored.value(code, column);
    const compared = (): void => {
      const less = emitComparison(code, '<', row.operand, other.operand, [type, type]);
      const greater = emitComparison(code, '>', row.operand, other.operand, [type, type]);
      code.line(js`if (${less}) return ${descending ? 1 : -1};`);
      code.line(js`if (${greater}) return ${descending ? -1 : 1};`);
      if (row.operand.class !== 'double' || other.operand.class !== 'double') return;
      // NaN is the greatest value: compared with < and > alone it would be equal to all, and no order.
      const [a, b] = [row.operand.value, other.operand.value];
      code.line(js`if (${a} !== ${a} && ${b} === ${b}) return ${descending ? -1 : 1};`);
      code.line(js`if (${a} === ${a} && ${b} !== ${b}) return ${descending ? 1 : -1};`);
    };
    const isNull = row.isNull ?? js`false`;
    code.either(js`${isNull} || ${other.isNull}`, () => code.line(js`if (${isNull} !== ${other.isNull}) return ${isNull} === ${nullsFirst} ? -1 : 1;`), compared);
  }
  code.line(js`return 0;`);
}

/** Writes the records of `ids` to rows 0 and up. */
export function compileEmitRecords(stored: StoredRow, output: OutputColumns): CompiledKernel {
  const code = new CodeBuilder();
  stored.declareViews(code);
  code.line(js`let j = 0;`);
  code.block(js`for (const id of ids)`, () => {
    stored.emit(code, output, js`id`);
    code.line(js`j++;`);
  });
  return code.compile('emitRows', [stored.table, js`ids`, js`heap`, js`any`, ...output.parameters]);
}
