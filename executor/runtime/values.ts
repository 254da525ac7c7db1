import type { BoundExpr } from '../../expression/bound-expr.ts';
import { Calc } from '../operators/calc.ts';
import type { Consumer } from './stage.ts';

/** Gives rows that a query holds itself, each computed once; a row of no columns as it is. */
export function giveRows(name: string, rows: readonly (readonly BoundExpr[])[], head: Consumer): void {
  const one = { rowCount: 1, columns: [], kinds: undefined, watermarks: undefined, watermarkAfter: -Infinity };
  for (const projection of rows) head.accept(projection.length === 0 ? one : new Calc(name, { inputTypes: [], condition: undefined, projection }).run(one, 0, 1));
}
