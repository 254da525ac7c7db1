import { CodeBuilder, js, type CompiledKernel } from '../../core/code.ts';
import type { AggregateCode } from '../aggregate-code.ts';
import type { OutputColumns } from '../kernel-columns.ts';

/** No watermark for each row: none is late. */
let none = new Float64Array(0);
export function noneUpTo(rows: number): Float64Array {
  if (none.length < rows) none = new Float64Array(Math.max(4096, rows * 2)).fill(-Infinity);
  return none;
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
