import { unreachable } from '../core/assert.ts';
import type * as ast from './ast.ts';
import { binaryBinding, binding, bindingOf } from './print-binding.ts';
import { printCall, printOrderBy, printSortItem, printSpecialCall, printWindow } from './print-call.ts';
import { printColumnList, printFunctionName, printIdentifier, printName, printText, printTypeExpr } from './print-name.ts';
import { printPattern } from './print-pattern.ts';

/** The query's text, which reads as the same query again. */
export function printQuery(query: ast.Query): string {
  switch (query.kind) {
    case 'Select':
      return printSelect(query);
    case 'SetOperation':
      return query.inputs.map((input, i) => printInput(input, query, i === 0)).join(` ${query.operator}${query.all ? ' ALL' : ''} `);
    case 'Values':
      return `VALUES ${query.rows.map((row) => `(${row.map((value) => printExpr(value)).join(', ')})`).join(', ')}`;
    case 'With': {
      const tables = query.tables.map((table) => `${printIdentifier(table.name)}${printColumnList(table.columns)} AS (${printQuery(table.query)})`);
      return `WITH ${query.recursive ? 'RECURSIVE ' : ''}${tables.join(', ')} ${query.query.kind === 'With' ? `(${printQuery(query.query)})` : printQuery(query.query)}`;
    }
    case 'Ordered': {
      const { kind } = query.query;
      const parts = [kind === 'With' || kind === 'Ordered' ? `(${printQuery(query.query)})` : printQuery(query.query)];
      if (query.orderBy.length > 0) parts.push(printOrderBy(query.orderBy, printExpr));
      if (query.limit !== undefined) parts.push(`LIMIT ${printExpr(query.limit)}`);
      if (query.offset !== undefined) parts.push(`OFFSET ${printExpr(query.offset)} ROWS`);
      return parts.join(' ');
    }
    default:
      return unreachable(query);
  }
}

/** An operand of a set operation, in parentheses where it would be read as part of its neighbours. */
function printInput(input: ast.Query, { operator, all }: Extract<ast.Query, { kind: 'SetOperation' }>, isFirst: boolean): string {
  const isBare =
    input.kind === 'Select' || input.kind === 'Values' ||
    (input.kind === 'SetOperation' && ((operator !== 'INTERSECT' && input.operator === 'INTERSECT') || (isFirst && (operator === 'INTERSECT') === (input.operator === 'INTERSECT') && (input.operator !== operator || input.all !== all))));
  return isBare ? printQuery(input) : `(${printQuery(input)})`;
}

/** ` PARTITION BY (a) ORDER BY (b)`, of which either may be absent. Arguments follow, so that the lists stand in parentheses. */
function printPartition({ partitionBy, orderBy }: { readonly partitionBy: readonly ast.Expr[]; readonly orderBy: readonly ast.SortItem[] }): string {
  const partition = partitionBy.length === 0 ? '' : ` PARTITION BY (${partitionBy.map((expr) => printExpr(expr)).join(', ')})`;
  return `${partition}${orderBy.length === 0 ? '' : ` ORDER BY (${orderBy.map((item) => printSortItem(item, printExpr)).join(', ')})`}`;
}

function printSelect(query: ast.Select): string {
  const parts = [`SELECT ${printHints(query.hints)}${query.distinct ? 'DISTINCT ' : ''}${query.items.map(({ expr, alias }) => `${printExpr(expr)}${printAlias(alias)}`).join(', ')}`];
  if (query.from !== undefined) parts.push(`FROM ${printTableRef(query.from)}`);
  if (query.where !== undefined) parts.push(`WHERE ${printExpr(query.where)}`);
  if (query.groupBy.length > 0) parts.push(`GROUP BY ${query.groupBy.map((expr) => printExpr(expr)).join(', ')}`);
  if (query.having !== undefined) parts.push(`HAVING ${printExpr(query.having)}`);
  if (query.windows.length > 0) parts.push(`WINDOW ${query.windows.map(({ name, spec }) => `${printIdentifier(name)} AS ${printWindow(spec, printExpr)}`).join(', ')}`);
  if (query.qualify !== undefined) parts.push(`QUALIFY ${printExpr(query.qualify)}`);
  return parts.join(' ');
}

/** With a space behind it, or nothing. */
export function printHints(hints: readonly ast.Hint[]): string {
  if (hints.length === 0) return '';
  const list = hints.map(({ name, args }) => `${printFunctionName(name)}${args.length === 0 ? '' : `(${args.map(({ key, isName, value }) => `${isName ? printIdentifier({ name: key, span: name.span }) : printText(key)}${value === undefined ? '' : ` = ${printText(value)}`}`).join(', ')})`}`);
  return `/*+ ${list.join(', ')} */ `;
}

function printAlias(alias: ast.Identifier | undefined): string {
  return alias === undefined ? '' : ` AS ${printIdentifier(alias)}`;
}

function printTableAlias({ alias, columns }: Pick<ast.TableRef, 'alias' | 'columns'>): string {
  return `${printAlias(alias)}${printColumnList(columns)}`;
}

function printTableRef(ref: ast.TableRef): string {
  switch (ref.kind) {
    case 'NamedTable':
      return `${printName(ref.name)}${ref.hints.length === 0 ? '' : ` ${printHints(ref.hints).trimEnd()}`}${printTableAlias(ref)}`;
    case 'Temporal':
      return `${printName(ref.name)}${ref.hints.length === 0 ? '' : ` ${printHints(ref.hints).trimEnd()}`} FOR SYSTEM_TIME AS OF ${printExpr(ref.time)}${printTableAlias(ref)}`;
    case 'Lateral':
      return `LATERAL ${printTableRef(ref.table)}${printTableAlias(ref)}`;
    case 'Unnest':
      return `UNNEST(${ref.values.map((value) => printExpr(value)).join(', ')})${ref.ordinality ? ' WITH ORDINALITY' : ''}${printTableAlias(ref)}`;
    case 'Join': {
      const head = `${printTableRef(ref.left)} ${ref.natural ? 'NATURAL ' : ''}${ref.type === 'INNER' ? '' : `${ref.type} `}JOIN`;
      const right = ref.right.kind === 'Join' ? `(${printTableRef(ref.right)})` : printTableRef(ref.right);
      return `${head} ${right}${ref.on === undefined ? '' : ` ON ${printExpr(ref.on)}`}${ref.using.length === 0 ? '' : ` USING${printColumnList(ref.using)}`}`;
    }
    case 'MatchRecognize': {
      const { kind } = ref.table;
      return `${kind === 'Join' || kind === 'MatchRecognize' ? `(${printTableRef(ref.table)})` : printTableRef(ref.table)} ${printMatch(ref.match)}${printTableAlias(ref)}`;
    }
    case 'DerivedTable':
      return `(${printQuery(ref.query)})${printTableAlias(ref)}`;
    case 'TableFunction':
      return `TABLE(${printFunctionName(ref.name)}(${ref.args.map(printTableArgument).join(', ')}))${printTableAlias(ref)}`;
    default:
      return unreachable(ref);
  }
}

function printMatch(match: ast.MatchClause): string {
  const parts: string[] = [];
  if (match.partitionBy.length > 0) parts.push(`PARTITION BY ${match.partitionBy.map((expr) => printExpr(expr)).join(', ')}`);
  if (match.orderBy.length > 0) parts.push(printOrderBy(match.orderBy, printExpr));
  if (match.measures.length > 0) parts.push(`MEASURES ${match.measures.map(({ expr, alias, semantics }) => `${semantics === undefined ? '' : `${semantics} `}${printExpr(expr)} AS ${printIdentifier(alias)}`).join(', ')}`);
  if (match.rows !== undefined) parts.push(match.rows === 'ONE' ? 'ONE ROW PER MATCH' : 'ALL ROWS PER MATCH');
  if (match.skip !== undefined) parts.push(`AFTER MATCH SKIP ${match.skip.to}${match.skip.variable === undefined ? '' : ` ${printIdentifier(match.skip.variable)}`}`);
  parts.push(`PATTERN (${printPattern(match.pattern, 'Alternation')})`);
  if (match.within !== undefined) parts.push(`WITHIN ${printExpr(match.within)}`);
  if (match.subsets.length > 0) parts.push(`SUBSET ${match.subsets.map(({ name, variables }) => `${printIdentifier(name)} =${printColumnList(variables)}`).join(', ')}`);
  if (match.define.length > 0) parts.push(`DEFINE ${match.define.map(({ variable, condition }) => `${printIdentifier(variable)} AS ${printExpr(condition)}`).join(', ')}`);
  return `MATCH_RECOGNIZE (${parts.join(' ')})`;
}

function printTableArgument(arg: ast.TableArgument): string {
  const label = arg.label === undefined ? '' : `${printFunctionName(arg.label)} => `;
  switch (arg.kind) {
    case 'TableArgument':
      return `${label}${arg.table.kind === 'NamedTable' ? 'TABLE ' : ''}${printTableRef(arg.table)}${printPartition(arg)}`;
    case 'DescriptorArgument':
      return `${label}DESCRIPTOR(${arg.columns.map(printIdentifier).join(', ')})`;
    case 'ModelArgument':
      return `${label}MODEL ${printName(arg.model)}`;
    case 'ValueArgument':
      return `${label}${printExpr(arg.value)}`;
    default:
      return unreachable(arg);
  }
}

// ---- expressions ----

/** The expression's text, in parentheses when it binds less tightly than `needed`. */
export function printExpr(expr: ast.Expr, needed: number = binding.any): string {
  const text = printBare(expr);
  return bindingOf(expr) < needed ? `(${text})` : text;
}

function printGroupingSets({ operator, sets }: Extract<ast.Expr, { kind: 'GroupingSets' }>): string {
  const list = sets.map((set) => (set.length === 1 && set[0]?.kind === 'GroupingSets' ? printExpr(set[0]) : `(${set.map((expr) => printExpr(expr)).join(', ')})`));
  return `${operator} (${list.join(', ')})`;
}

function printBare(expr: ast.Expr): string {
  switch (expr.kind) {
    case 'Number':
      return expr.text;
    case 'String':
      return printText(expr.value);
    case 'Boolean':
      return expr.value ? 'TRUE' : 'FALSE';
    case 'Null':
      return 'NULL';
    case 'Interval':
      return `INTERVAL ${expr.negative ? '-' : ''}${printText(expr.text)} ${expr.unit}`;
    case 'TimeLiteral':
      return `${expr.type} ${printText(expr.text)}`;
    case 'Parameter':
      return expr.name === undefined ? '?' : `:${expr.name}`;
    case 'Reference':
      return printName(expr.name);
    case 'Star':
      return expr.qualifier === undefined ? '*' : `${printName(expr.qualifier)}.*`;
    case 'Call': {
      const special = printSpecialCall(expr, printExpr);
      if (special !== undefined) return special;
      return printCall(expr, [], printExpr);
    }
    case 'Unary': {
      if (expr.operator === 'NOT') return `NOT ${printExpr(expr.operand, binding.not)}`;
      const operand = printExpr(expr.operand, binding.sign);
      // Two minus signs would begin a comment.
      return `${expr.operator}${operand.startsWith(expr.operator) ? ' ' : ''}${operand}`;
    }
    case 'Binary': {
      // All of them lean to the left, and may be longer than the stack is deep.
      const chain: Extract<ast.Expr, { kind: 'Binary' }>[] = [];
      let first: ast.Expr = expr;
      let needed = 0;
      while (first.kind === 'Binary' && binaryBinding[first.operator] >= needed) {
        chain.push(first);
        needed = binaryBinding[first.operator];
        first = first.left;
      }
      const parts = [printExpr(first, needed)];
      for (const { operator, right } of chain.toReversed()) {
        const own = binaryBinding[operator];
        parts.push(operator, printExpr(right, own + (own === binding.and ? binding.not - binding.and : 1)));
      }
      return parts.join(' ');
    }
    case 'Is':
      return `${printExpr(expr.operand, binding.predicate)} IS ${expr.negated ? 'NOT ' : ''}${expr.test}`;
    case 'Between': {
      const [low, high] = [printExpr(expr.low, binding.sum), printExpr(expr.high, binding.sum)];
      return `${printExpr(expr.operand, binding.predicate)} ${expr.negated ? 'NOT ' : ''}BETWEEN ${low} AND ${high}`;
    }
    case 'In':
      return `${printExpr(expr.operand, binding.predicate)} ${expr.negated ? 'NOT ' : ''}IN (${expr.items.map((item) => printExpr(item)).join(', ')})`;
    case 'Case': {
      const operand = expr.operand === undefined ? '' : ` ${printExpr(expr.operand)}`;
      const branches = expr.branches.map(({ when, then }) => ` WHEN ${printExpr(when)} THEN ${printExpr(then)}`).join('');
      return `CASE${operand}${branches}${expr.otherwise === undefined ? '' : ` ELSE ${printExpr(expr.otherwise)}`} END`;
    }
    case 'Cast':
      return `${expr.isTry ? 'TRY_CAST' : 'CAST'}(${printExpr(expr.operand)} AS ${printTypeExpr(expr.type)})`;
    case 'Bytes':
      return `X'${expr.digits}'`;
    case 'Row':
      return `ROW(${expr.items.map((item) => printExpr(item)).join(', ')})`;
    case 'Array':
    case 'Map':
      return `${expr.kind.toUpperCase()}[${expr.items.map((item) => printExpr(item)).join(', ')}]`;
    case 'Element':
      return `${printExpr(expr.operand, binding.primary)}[${printExpr(expr.index)}]`;
    case 'Field': {
      const isBare = expr.operand.kind === 'Element' || expr.operand.kind === 'Field';
      return `${isBare ? printExpr(expr.operand) : `(${printExpr(expr.operand)})`}.${printIdentifier(expr.field)}`;
    }
    case 'NamedArgument':
      return `${printFunctionName(expr.label)} => ${printExpr(expr.value)}`;
    case 'WordyCall':
      return printCall(expr.call, expr.clauses, printExpr);
    case 'Over':
      return `${printBare(expr.call)} OVER ${printWindow(expr.window, printExpr)}`;
    case 'Subquery':
      return `(${printQuery(expr.query)})`;
    case 'Exists':
      return `EXISTS (${printQuery(expr.query)})`;
    case 'InQuery':
      return `${printExpr(expr.operand, binding.predicate)} ${expr.negated ? 'NOT ' : ''}IN (${printQuery(expr.query)})`;
    case 'Quantified':
      return `${printExpr(expr.operand, binding.predicate)} ${expr.operator} ${expr.quantifier} (${printQuery(expr.query)})`;
    case 'GroupingSets':
      return printGroupingSets(expr);
    default:
      return unreachable(expr);
  }
}
