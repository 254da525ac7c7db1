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
  /** `value` is canonical text: digits for numbers, unscaled digits for DECIMAL, ms for times and intervals (`ms:nanos` for TIMESTAMP(4..9)), days for DATE, hexadecimal digits for bytes. */
  | { readonly kind: 'literal'; readonly value: string | boolean | null; readonly type: SqlType; readonly span?: Span }
  /** `engine`: of a user function, whose it is in this process; it is no part of what the call means. */
  | { readonly kind: 'call'; readonly name: string; readonly overload: string; readonly version: number; readonly args: readonly BoundExpr[]; readonly type: SqlType; readonly zone?: string; readonly engine?: number; readonly span?: Span }
  /** `isTry`: NULL instead of an error for a value that cannot be cast. `zone`: that of local times, where it matters and is not UTC. */
  | { readonly kind: 'cast'; readonly operand: BoundExpr; readonly type: SqlType; readonly isTry?: true; readonly zone?: string; readonly span?: Span }
  | { readonly kind: 'logic'; readonly operator: 'AND' | 'OR'; readonly args: readonly BoundExpr[]; readonly type: SqlType; readonly span?: Span }
  /** One field of a ROW; NULL when the row is. */
  | { readonly kind: 'field'; readonly operand: BoundExpr; readonly field: string; readonly type: SqlType; readonly span?: Span }
  | { readonly kind: 'not'; readonly operand: BoundExpr; readonly type: SqlType; readonly span?: Span }
  /** IS [NOT] NULL / TRUE / FALSE: never NULL itself. */
  | { readonly kind: 'is'; readonly operand: BoundExpr; readonly test: 'NULL' | 'TRUE' | 'FALSE'; readonly negated: boolean; readonly type: SqlType; readonly span?: Span }
  | { readonly kind: 'case'; readonly branches: readonly { readonly when: BoundExpr; readonly then: BoundExpr }[]; readonly otherwise: BoundExpr; readonly type: SqlType; readonly span?: Span };

/** The parts of an expression, in order of evaluation. */
function childrenOf(expr: BoundExpr): readonly BoundExpr[] {
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

/** The expression with its parts, in the order of `childrenOf`, replaced. */
function rebuild(expr: BoundExpr, parts: readonly BoundExpr[]): BoundExpr {
  const [operand = expr] = parts;
  switch (expr.kind) {
    case 'column':
    case 'literal':
      return expr;
    case 'call':
    case 'logic':
      return { ...expr, args: parts };
    case 'cast':
    case 'field':
    case 'not':
    case 'is':
      return { ...expr, operand };
    case 'case':
      return { ...expr, branches: expr.branches.map((branch, i) => ({ when: parts[2 * i] ?? branch.when, then: parts[2 * i + 1] ?? branch.then })), otherwise: parts.at(-1) ?? expr.otherwise };
  }
}

/**
 * What `make` gives for the root, from the leaves up: it sees each node with what it gave for the node's parts. Without recursion, as
 * `a + b + c ...` is as deep as it is long. `stop` gives the answer for a node that is not looked into.
 */
export function fold<T>(root: BoundExpr, make: (node: BoundExpr, parts: readonly T[]) => T, stop?: (node: BoundExpr) => T | undefined): T {
  interface Frame {
    readonly node: BoundExpr;
    readonly children: readonly BoundExpr[];
    readonly parts: T[];
  }
  const open: Frame[] = [];
  let next: BoundExpr | undefined = root;
  for (;;) {
    let result: T | undefined;
    if (next !== undefined) {
      const stopped: T | undefined = stop?.(next);
      if (stopped === undefined) {
        const children = childrenOf(next);
        const [first] = children;
        if (first !== undefined) {
          open.push({ node: next, children, parts: [] });
          next = first;
          continue;
        }
        result = make(next, []);
      } else result = stopped;
    }
    const frame = open.at(-1);
    if (frame === undefined) return result as T;
    frame.parts.push(result as T);
    next = frame.children[frame.parts.length];
    while (next === undefined) {
      const done = open.pop() as Frame;
      const value = make(done.node, done.parts);
      const above = open.at(-1);
      if (above === undefined) return value;
      above.parts.push(value);
      next = above.children[above.parts.length];
    }
  }
}

/** The expression with `change` applied to every node from the leaves up. */
export function rewrite(expr: BoundExpr, change: (node: BoundExpr) => BoundExpr): BoundExpr {
  return fold<BoundExpr>(expr, (node, parts) => change(rebuild(node, parts)));
}

/** The expression with `change` applied from the root down; where it gives something, that stands and is not looked into. */
export function rewriteTop(expr: BoundExpr, change: (node: BoundExpr) => BoundExpr | undefined): BoundExpr {
  return fold<BoundExpr>(expr, rebuild, change);
}

/** Shows `see` every node from the root down; what it answers `false` for is not looked into. */
export function visit(root: BoundExpr, see: (node: BoundExpr) => boolean | void): void {
  const open: BoundExpr[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) if (see(node) !== false) open.push(...childrenOf(node).toReversed());
}

/** The indexes of the input columns that an expression reads. */
export function columnsOf(expr: BoundExpr, into = new Set<number>()): Set<number> {
  visit(expr, (node) => void (node.kind === 'column' && into.add(node.index)));
  return into;
}

/** The expression over other columns: column i becomes `replacements[i]`. */
export function substitute(expr: BoundExpr, replacements: readonly (BoundExpr | undefined)[]): BoundExpr {
  return rewrite(expr, (node) => (node.kind === 'column' ? (replacements[node.index] ?? node) : node));
}

/** The expression without spans and without what holds in this process only: what two plans are compared by. */
export function withoutSpans(expr: BoundExpr): BoundExpr {
  return rewrite(expr, (node) => {
    const { span: _span, ...rest } = node;
    if (rest.kind !== 'call') return rest;
    const { engine: _engine, ...call } = rest;
    return call;
  });
}

/** The expression with its spans told as those of a table's or a view's definition. Spans that lie in another one stay there. */
export function spansOf(expr: BoundExpr, definition: string): BoundExpr {
  return rewrite(expr, (node) => (node.span === undefined || node.span.of !== undefined ? node : { ...node, span: { ...node.span, of: definition } }));
}

/** One text for expressions that are equal but for their spans. */
export function canonicalText(expr: BoundExpr): string {
  const texts: string[] = [];
  visit(expr, (node) => {
    const { span: _span, ...own } = node;
    texts.push(JSON.stringify({ ...own, args: undefined, operand: undefined, branches: undefined, otherwise: undefined, parts: childrenOf(node).length }));
  });
  return texts.join('');
}

/** As EXPLAIN prints it. */
export function printExpr(expr: BoundExpr, columnNames: readonly string[]): string {
  return fold<string>(expr, (node, parts) => printNode(node, parts, columnNames));
}

/** `parts`: the printed parts of the node. */
function printNode(expr: BoundExpr, parts: readonly string[], columnNames: readonly string[]): string {
  const [operand = ''] = parts;
  const nested = (): string[] => childrenOf(expr).map((child, i) => (isOpen(child) ? `(${parts[i] ?? ''})` : (parts[i] ?? '')));
  switch (expr.kind) {
    case 'column':
      return columnNames[expr.index] ?? `$${expr.index}`;
    case 'literal':
      return printLiteral(expr);
    case 'call':
      if (/^\W/.test(expr.name) && parts.length === 2) {
        const [left, right] = nested();
        // Not joined: that would copy the text of a long chain once for each term.
        return `${left} ${expr.name} ${right}`;
      }
      if (expr.name === 'ARRAY' || expr.name === 'MAP') return `${expr.name}[${parts.join(', ')}]`;
      if (expr.name === 'ITEM' && parts.length === 2) return `${nested()[0] ?? ''}[${parts[1] ?? ''}]`;
      if (expr.name === 'NEGATE') return `-${nested().join('')}`;
      return `${expr.name.replace(/\(\)$/, '')}(${parts.join(', ')}${printZone(expr.zone)})`;
    case 'cast':
      return `${expr.isTry === true ? 'TRY_CAST' : 'CAST'}(${operand} AS ${castTarget(expr.type)}${printZone(expr.zone)})`;
    case 'field':
      return `${nested().join('')}.${expr.field}`;
    case 'logic':
      return nested().join(` ${expr.operator} `);
    case 'not':
      return `NOT ${nested().join('')}`;
    case 'is':
      return `${nested().join('')} IS ${expr.negated ? 'NOT ' : ''}${expr.test}`;
    case 'case':
      return `CASE ${expr.branches.map((_, i) => `WHEN ${parts[2 * i] ?? ''} THEN ${parts[2 * i + 1] ?? ''}`).join(' ')} ELSE ${parts.at(-1) ?? ''} END`;
  }
}

/** True for what needs parentheses inside another operator. */
function isOpen(expr: BoundExpr): boolean {
  return (expr.kind === 'call' && /^\W/.test(expr.name)) || expr.kind === 'logic' || expr.kind === 'is';
}

/** The zone whose local times are meant, where it matters. */
function printZone(zone: string | undefined): string {
  return zone === undefined ? '' : ` /* ${zone} */`;
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
      return `${type.kind} '${printTimestamp(Number(value.split(':')[0]), Number(value.split(':')[1] ?? 0), type.precision)}'`;
    case 'BINARY':
    case 'VARBINARY':
      return `X'${value}'`;
    case 'DATE':
      return `DATE '${printDate(Number(value))}'`;
    default:
      return value;
  }
}
