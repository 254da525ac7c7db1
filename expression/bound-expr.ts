import type { Span } from '../core/span.ts';
import { printDecimal } from '../core/decimal.ts';
import { printType, type SqlType } from '../core/sql-type.ts';
import { printDate, printDuration, printTimestamp } from '../core/time.ts';

/**
 * A typed expression over the columns of one input, as plain JSON: it can be stored, compared and sent to a worker. Functions are named by
 * name, overload and version.
 */
export type BoundExpr =
  | { readonly kind: 'column'; readonly index: number; readonly type: SqlType; readonly span?: Span }
  /** `value` is canonical text: digits for numbers, unscaled digits for DECIMAL, ms for times and intervals, days for DATE. */
  | { readonly kind: 'literal'; readonly value: string | boolean | null; readonly type: SqlType; readonly span?: Span }
  | { readonly kind: 'call'; readonly name: string; readonly overload: string; readonly version: number; readonly args: readonly BoundExpr[]; readonly type: SqlType; readonly span?: Span }
  | { readonly kind: 'cast'; readonly operand: BoundExpr; readonly type: SqlType; readonly span?: Span }
  | { readonly kind: 'logic'; readonly operator: 'AND' | 'OR'; readonly args: readonly BoundExpr[]; readonly type: SqlType; readonly span?: Span }
  /** One field of a ROW; NULL when the row is. */
  | { readonly kind: 'field'; readonly operand: BoundExpr; readonly field: string; readonly type: SqlType; readonly span?: Span }
  | { readonly kind: 'not'; readonly operand: BoundExpr; readonly type: SqlType; readonly span?: Span }
  /** IS [NOT] NULL / TRUE / FALSE: never NULL itself. */
  | { readonly kind: 'is'; readonly operand: BoundExpr; readonly test: 'NULL' | 'TRUE' | 'FALSE'; readonly negated: boolean; readonly type: SqlType; readonly span?: Span }
  | { readonly kind: 'case'; readonly branches: readonly { readonly when: BoundExpr; readonly then: BoundExpr }[]; readonly otherwise: BoundExpr; readonly type: SqlType; readonly span?: Span };

/** The parts of an expression, in order of evaluation. */
export function childrenOf(expr: BoundExpr): readonly BoundExpr[] {
  switch (expr.kind) {
    case 'column':
    case 'literal':
      return [];
    case 'call':
    case 'logic':
      return expr.args;
    case 'cast':
    case 'field':
    case 'not':
    case 'is':
      return [expr.operand];
    case 'case':
      return [...expr.branches.flatMap((branch) => [branch.when, branch.then]), expr.otherwise];
  }
}

/** The expression with its parts replaced by `inner` of them. */
function rebuild(expr: BoundExpr, inner: (child: BoundExpr) => BoundExpr): BoundExpr {
  switch (expr.kind) {
    case 'column':
    case 'literal':
      return expr;
    case 'call':
    case 'logic':
      return { ...expr, args: expr.args.map(inner) };
    case 'cast':
    case 'field':
    case 'not':
    case 'is':
      return { ...expr, operand: inner(expr.operand) };
    case 'case':
      return { ...expr, branches: expr.branches.map((branch) => ({ when: inner(branch.when), then: inner(branch.then) })), otherwise: inner(expr.otherwise) };
  }
}

/** The expression with `change` applied to every node from the leaves up. */
export function rewrite(expr: BoundExpr, change: (node: BoundExpr) => BoundExpr): BoundExpr {
  return change(rebuild(expr, (child) => rewrite(child, change)));
}

/** The expression with `change` applied from the root down; where it gives something, that stands and is not looked into. */
export function rewriteTop(expr: BoundExpr, change: (node: BoundExpr) => BoundExpr | undefined): BoundExpr {
  return change(expr) ?? rebuild(expr, (child) => rewriteTop(child, change));
}

/** The indexes of the input columns that an expression reads. */
export function columnsOf(expr: BoundExpr, into = new Set<number>()): Set<number> {
  if (expr.kind === 'column') into.add(expr.index);
  for (const child of childrenOf(expr)) columnsOf(child, into);
  return into;
}

/** The expression over other columns: column i becomes `replacements[i]`. */
export function substitute(expr: BoundExpr, replacements: readonly (BoundExpr | undefined)[]): BoundExpr {
  return rewrite(expr, (node) => (node.kind === 'column' ? (replacements[node.index] ?? node) : node));
}

/** The expression without spans: what two plans are compared by. */
export function withoutSpans(expr: BoundExpr): BoundExpr {
  return rewrite(expr, (node) => {
    const { span: _span, ...rest } = node;
    return rest;
  });
}

/** As EXPLAIN prints it. */
export function printExpr(expr: BoundExpr, columnNames: readonly string[]): string {
  const print = (child: BoundExpr): string => printExpr(child, columnNames);
  const nested = (child: BoundExpr): string => (child.kind === 'call' && /^\W/.test(child.name) ? `(${print(child)})` : child.kind === 'logic' || child.kind === 'is' ? `(${print(child)})` : print(child));
  switch (expr.kind) {
    case 'column':
      return columnNames[expr.index] ?? `$${expr.index}`;
    case 'literal':
      return printLiteral(expr);
    case 'call':
      if (/^\W/.test(expr.name) && expr.args.length === 2) return expr.args.map(nested).join(` ${expr.name} `);
      if (expr.name === 'NEGATE') return `-${expr.args.map(nested).join('')}`;
      return `${expr.name}(${expr.args.map(print).join(', ')})`;
    case 'cast':
      return `CAST(${print(expr.operand)} AS ${castTarget(expr.type)})`;
    case 'field':
      return `${nested(expr.operand)}.${expr.field}`;
    case 'logic':
      return expr.args.map(nested).join(` ${expr.operator} `);
    case 'not':
      return `NOT ${nested(expr.operand)}`;
    case 'is':
      return `${nested(expr.operand)} IS ${expr.negated ? 'NOT ' : ''}${expr.test}`;
    case 'case':
      return `CASE ${expr.branches.map((branch) => `WHEN ${print(branch.when)} THEN ${print(branch.then)}`).join(' ')} ELSE ${print(expr.otherwise)} END`;
  }
}

function castTarget(type: SqlType): string {
  return printType({ ...type, nullable: true });
}

function printLiteral({ value, type }: Extract<BoundExpr, { kind: 'literal' }>): string {
  if (value === null) return 'NULL';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return `'${value.replaceAll("'", "''")}'`;
    case 'DECIMAL':
      return printDecimal(BigInt(value), type.scale);
    case 'INTERVAL_SECOND':
      return printDuration(Number(value));
    case 'INTERVAL_MONTH':
      return `${value} months`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `${type.kind} '${printTimestamp(Number(value), 0, type.precision)}'`;
    case 'DATE':
      return `DATE '${printDate(Number(value))}'`;
    default:
      return value;
  }
}
