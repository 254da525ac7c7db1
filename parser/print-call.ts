import type * as ast from './ast.ts';
import { binding, isDistinctFrom, isLike, wordOperator } from './print-binding.ts';
import { printFunctionName, printIdentifier, printTypeExpr } from './print-name.ts';
import { isReserved } from './tokens.ts';

/** Prints an expression, in parentheses when it binds less tightly than `needed`. Arguments may hold queries, so that whoever prints those lends it. */
export type PrintExpr = (expr: ast.Expr, needed?: number) => string;

/** Calls with a syntax of their own: operators, and arguments with words between them. */
export function printSpecialCall({ name, args, distinct, filter }: ast.CallExpr, print: PrintExpr): string | undefined {
  const [a, b, c] = args;
  const operator = wordOperator(name);
  if (operator !== undefined && a !== undefined) return printWordOperator(operator, a, b, c, print);
  if (a === undefined || b === undefined || distinct || filter !== undefined) return undefined;
  if (isLike(name, args)) {
    const escape = c === undefined ? '' : ` ESCAPE ${print(c, binding.sum)}`;
    return `${print(a, binding.predicate)} LIKE ${print(b, binding.sum)}${escape}`;
  }
  if (isDistinctFrom(name, args)) return `${print(a, binding.predicate)} IS DISTINCT FROM ${print(b, binding.sum)}`;
  const word = name.name.toUpperCase();
  if (word === 'EXTRACT' && args.length === 2) return `${printFunctionName(name)}(${printWord(a, print)} FROM ${print(b)})`;
  if (word === 'TRIM' && c !== undefined && args.length === 3 && a.kind === 'Reference') return `${printFunctionName(name)}(${printWord(a, print)} ${print(b)} FROM ${print(c)})`;
  if (word === 'POSITION' && args.length === 2) return `${name.name}(${print(a, binding.sum)} IN ${print(b, binding.sum)})`;
  if (word === 'OVERLAY' && c !== undefined && args.length <= 4) return `${printFunctionName(name)}(${print(a)} PLACING ${print(b)} FROM ${print(c)}${args[3] === undefined ? '' : ` FOR ${print(args[3])}`})`;
  if (/^(CEIL|CEILING|FLOOR)$/.test(word) && args.length === 2 && b.kind === 'Reference' && b.name.parts.length === 1) return `${printFunctionName(name)}(${print(a)} TO ${printWord(b, print)})`;
  return undefined;
}

function printWordOperator(operator: (typeof ast.wordOperators)[number], a: ast.Expr, b: ast.Expr | undefined, c: ast.Expr | undefined, print: PrintExpr): string {
  const head = `${print(a, binding.predicate)} ${operator}`;
  if (b === undefined) return head;
  if (operator === 'BETWEEN SYMMETRIC') return `${head} ${print(b, binding.sum)} AND ${c === undefined ? 'NULL' : print(c, binding.sum)}`;
  return `${head} ${print(b, binding.sum)}${c === undefined ? '' : ` ESCAPE ${print(c, binding.sum)}`}`;
}

/** The arguments in their parentheses with what stands between and behind them, and the clauses behind the call. */
export function printCall({ name, args, distinct, filter }: ast.CallExpr, clauses: readonly ast.CallClause[], print: PrintExpr): string {
  const isPairs = /^JSON_OBJECT(AGG)?$/i.test(name.name) && args.length % 2 === 0;
  const list = isPairs ? args.flatMap((key, i) => (i % 2 === 0 ? [`KEY ${print(key)} VALUE ${print(args[i + 1] ?? key)}`] : [])) : args.map((arg) => print(arg));
  const inside = clauses.filter((clause) => clause.isInside).map((clause) => ` ${printClause(clause, print)}`);
  const behind = clauses.filter((clause) => !clause.isInside).map((clause) => ` ${printClause(clause, print)}`);
  return `${printFunctionName(name)}(${distinct ? 'DISTINCT ' : ''}${list.join(', ')}${inside.join('')})${behind.join('')}${filter === undefined ? '' : ` FILTER (WHERE ${print(filter)})`}`;
}

function printClause({ words, type, value, orderBy }: ast.CallClause, print: PrintExpr): string {
  if (words === 'WITHIN GROUP') return `WITHIN GROUP (${printOrderBy(orderBy, print)})`;
  if (orderBy.length > 0) return printOrderBy(orderBy, print);
  if (type !== undefined) return `${words} ${printTypeExpr(type)}`;
  return value === undefined ? words : words.replace(' ON', ` ${print(value, binding.sum)} ON`);
}

export function printWindow(window: ast.Identifier | ast.WindowSpec, print: PrintExpr): string {
  if (!('kind' in window)) return printIdentifier(window);
  const { base, partitionBy, orderBy, frame } = window;
  const parts: string[] = [];
  if (base !== undefined) parts.push(printIdentifier(base));
  if (partitionBy.length > 0) parts.push(`PARTITION BY ${partitionBy.map((expr) => print(expr)).join(', ')}`);
  if (orderBy.length > 0) parts.push(printOrderBy(orderBy, print));
  if (frame !== undefined) parts.push(`${frame.unit} ${frame.end === undefined ? printBound(frame.start, print) : `BETWEEN ${printBound(frame.start, print)} AND ${printBound(frame.end, print)}`}`);
  return `(${parts.join(' ')})`;
}

function printBound(bound: ast.FrameBound, print: PrintExpr): string {
  if (bound.kind === 'CurrentRow') return 'CURRENT ROW';
  return `${bound.value === undefined ? 'UNBOUNDED' : print(bound.value, binding.sum)} ${bound.kind.toUpperCase()}`;
}

export function printOrderBy(items: readonly ast.SortItem[], print: PrintExpr): string {
  return `ORDER BY ${items.map((item) => printSortItem(item, print)).join(', ')}`;
}

export function printSortItem({ expr, descending, nulls }: ast.SortItem, print: PrintExpr): string {
  return `${print(expr)}${descending ? ' DESC' : ''}${nulls === undefined ? '' : ` NULLS ${nulls}`}`;
}

/** A word of the syntax, which no backticks may stand around. */
function printWord(expr: ast.Expr, print: PrintExpr): string {
  const word = expr.kind === 'Reference' && expr.name.parts.length === 1 ? expr.name.parts[0]?.name : undefined;
  return word !== undefined && /^\w+$/.test(word) && !isReserved(word) ? word : print(expr);
}
