import type { Batch } from '../../core/batch.ts';
import type { StepClock } from '../../core/clock.ts';
import { allocateColumn } from '../../core/column.ts';
import { types, withNullable, type SqlType } from '../../core/sql-type.ts';
import type { BoundExpr } from '../../expression/bound-expr.ts';
import { findScalar, resolveOverload } from '../../functions/registry.ts';
import { Calc } from '../operators/calc.ts';
import type { Consumer } from './stage.ts';

/** Rows that one function computes: it grows with them. */
const rowsAtOnce = 64;

/** Gives rows that a query holds itself, each computed once; a row of no columns as it is. */
export function giveRows(name: string, rows: readonly (readonly BoundExpr[])[], head: Consumer, clock: StepClock): void {
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const some = rows.slice(from, from + rowsAtOnce);
    const [first = []] = some;
    if (first.length === 0) {
      for (const _ of some) head.accept(batchOf(1));
    } else if (some.length === 1) head.accept(new Calc(name, { inputTypes: [], condition: undefined, projection: first, clock }).run(batchOf(1), 0, 1));
    else head.accept(new Calc(name, { inputTypes: [types.int], condition: undefined, projection: first.map((_, column) => byNumber(some, column)), clock }).run(numbered(some.length), 0, some.length));
  }
}

function batchOf(rowCount: number): Batch {
  return { rowCount, columns: [], kinds: undefined, watermarks: undefined, watermarkAfter: -Infinity };
}

/** Rows of one column, their number. */
function numbered(rowCount: number): Batch {
  const numbers = allocateColumn('i32', rowCount);
  if (numbers.layout === 'i32') for (let i = 0; i < rowCount; i++) numbers.values[i] = i;
  return { ...batchOf(rowCount), columns: [numbers] };
}

const number: SqlType = withNullable(types.int, false);

/** A column of the rows as one expression: that of the row whose number comes in. */
function byNumber(rows: readonly (readonly BoundExpr[])[], column: number): BoundExpr {
  const exprs = rows.map((row) => row[column]).filter((expr) => expr !== undefined);
  const otherwise = exprs.at(-1) as BoundExpr;
  return {
    kind: 'case',
    branches: exprs.slice(0, -1).map((then, i) => ({ when: isRow(i), then })),
    otherwise,
    type: withNullable(otherwise.type, exprs.some((expr) => expr.type.nullable)),
  };
}

function isRow(index: number): BoundExpr {
  const name = '=';
  const overload = resolveOverload(findScalar(name)?.overloads ?? [], [number, number])?.overload;
  const args: readonly BoundExpr[] = [{ kind: 'column', index: 0, type: number }, { kind: 'literal', value: String(index), type: number }];
  return { kind: 'call', name, overload: overload?.id ?? '', version: overload?.version ?? 0, args, type: withNullable(types.boolean, false) };
}
