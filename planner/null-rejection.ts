import { scalarOverload } from '../functions/registry.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';

/**
 * True for a condition that is never met where all columns that `isNull` names are NULL. False says nothing. As Calcite's Strong.isNotTrue, by
 * which Flink tells outer joins whose rows beside NULLs a filter drops.
 */
export function rejectsNulls(condition: BoundExpr, isNull: (column: number) => boolean): boolean {
  switch (condition.kind) {
    case 'logic':
      return condition.operator === 'AND' ? condition.args.some((arg) => rejectsNulls(arg, isNull)) : condition.args.every((arg) => rejectsNulls(arg, isNull));
    case 'is':
      // IS NOT TRUE and IS NULL are met by NULL.
      return condition.negated === (condition.test === 'NULL') && isAlwaysNull(condition.operand, isNull);
    case 'not':
      return isAlwaysNull(condition, isNull) || (condition.operand.kind === 'is' && condition.operand.test === 'NULL' && !condition.operand.negated && isAlwaysNull(condition.operand.operand, isNull));
    default:
      return isAlwaysNull(condition, isNull);
  }
}

function isAlwaysNull(expr: BoundExpr, isNull: (column: number) => boolean): boolean {
  switch (expr.kind) {
    case 'column':
      return isNull(expr.index);
    case 'literal':
      return expr.value === null;
    case 'cast':
    case 'field':
    case 'not':
      return isAlwaysNull(expr.operand, isNull);
    case 'call':
      return scalarOverload(expr.name, expr.overload, expr.version, expr.engine).emitNullable === undefined && expr.args.some((arg) => isAlwaysNull(arg, isNull));
    case 'logic':
      return expr.args.every((arg) => isAlwaysNull(arg, isNull));
    case 'is':
    case 'case':
      return false;
  }
}
