import { ByteHeap } from '../core/byte-heap.ts';
import { CodeBuilder, js } from '../core/code.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { ExpressionCompiler } from '../expression/compile.ts';
import type { InputColumns } from './kernel-columns.ts';

/** What a kernel throws when row `row` of its batch cannot be computed. `columns`: the arguments of `input.parameters`. */
export type RowError = (row: number, cause: unknown, columns: readonly unknown[]) => SqlError;

/**
 * Tells a failure of a kernel by the expression of the query that failed. Kernels do not keep account of where they are: after the failure
 * `exprs`, which they compute in this order, are computed once more for the row, with every call marked.
 */
export function rowErrors(operator: string, exprs: readonly BoundExpr[], input: InputColumns): RowError {
  return (row, cause, columns) => {
    const isKnown = cause instanceof SqlError;
    if (isKnown && cause.diagnostic.span !== undefined) return cause;
    const isOfValue = isKnown ? cause.code === 'E0207' : cause instanceof RangeError;
    const span = isOfValue ? failing(exprs, input, row, columns) : undefined;
    if (isKnown) return span === undefined ? cause : new SqlError({ ...cause.diagnostic, span });
    const words = cause instanceof Error ? cause.message : String(cause);
    const reason = words === 'Invalid string length' ? 'the text would have more than 536,870,888 characters' : words;
    const hint = words === 'division by zero' ? 'a / NULLIF(b, 0)  is NULL where b is 0' : undefined;
    if (span !== undefined) return new SqlError({ code: 'E0207', message: reason, span, hint, cause });
    return new SqlError({ code: cause instanceof RangeError ? 'E0207' : 'E0999', message: `${operator}: ${reason} (row ${row} of its batch)`, cause });
  };
}

/** The arguments of an aggregate call as it computes them: only for rows that its filter lets through. */
export function guarded(arg: BoundExpr, filter: BoundExpr | undefined): BoundExpr {
  if (filter === undefined) return arg;
  return { kind: 'case', branches: [{ when: filter, then: arg }], otherwise: { kind: 'literal', value: null, type: arg.type }, type: arg.type };
}

function failing(exprs: readonly BoundExpr[], input: InputColumns, row: number, columns: readonly unknown[]): Span | undefined {
  const spans: (Span | undefined)[] = [];
  const code = new CodeBuilder();
  code.line(js`let at = -1;`);
  code.block(js`try`, () => {
    for (const expr of exprs) {
      code.block(js``, () => {
        const compiler = new ExpressionCompiler(code, input, js`heap`, { time: 0 }, (node) => code.line(js`at = ${spans.push(node.span) - 1};`));
        compiler.compile(expr);
      });
    }
    code.line(js`at = -1;`);
  });
  code.line(js`catch {}`);
  code.line(js`return at;`);
  const { run } = code.compile('locate', [js`i`, js`heap`, ...input.parameters]);
  const at = (run as (...values: unknown[]) => number)(row, new ByteHeap(), ...columns);
  return spans[at];
}
