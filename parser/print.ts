import { unreachable } from '../core/assert.ts';
import * as ast from './ast.ts';
import { flinkReserved } from './flink-reserved.ts';
import { isReserved } from './tokens.ts';

/**
 * The AST back as SQL text on one line, as Flink reads it: parse(print(x)) = x but for spans. Names are quoted where Flink or this dialect
 * would read a word as something else.
 */
export function printStatement(statement: ast.Statement): string {
  switch (statement.kind) {
    case 'CreateTable': {
      const head = `CREATE ${statement.temporary ? 'TEMPORARY ' : ''}TABLE ${statement.ifNotExists ? 'IF NOT EXISTS ' : ''}${printName(statement.name)}`;
      const columns = statement.columns.length === 0 ? '' : ` (${statement.columns.map(printColumnClause).join(', ')})`;
      const options = statement.options.map(({ key, value }) => `${printText(key.text)} = ${printText(value.text)}`);
      return `${head}${columns}${options.length === 0 ? '' : ` WITH (${options.join(', ')})`}`;
    }
    case 'CreateView': {
      const head = `CREATE ${statement.temporary ? 'TEMPORARY ' : ''}VIEW ${statement.ifNotExists ? 'IF NOT EXISTS ' : ''}${printName(statement.name)}`;
      return `${head}${printColumnList(statement.columns)} AS ${printQuery(statement.query)}`;
    }
    case 'Drop':
      return `DROP ${statement.what} ${statement.ifExists ? 'IF EXISTS ' : ''}${printName(statement.name)}`;
    case 'Insert':
      return `INSERT INTO ${printName(statement.table)}${printColumnList(statement.columns)} ${printQuery(statement.query)}`;
    case 'StatementSet':
      return `EXECUTE STATEMENT SET BEGIN ${statement.inserts.map((insert) => `${printStatement(insert)};`).join(' ')} END`;
    case 'QueryStatement':
      return printQuery(statement.query);
    case 'Explain':
      return `EXPLAIN ${statement.details.length === 0 ? '' : `${statement.details.join(', ')} `}${printStatement(statement.statement)}`;
    case 'Set':
      return statement.key === undefined ? 'SET' : `SET ${printText(statement.key)} = ${printText(statement.value ?? '')}`;
    case 'Reset':
      return statement.key === undefined ? 'RESET' : `RESET ${printText(statement.key)}`;
    case 'Show':
      return `SHOW ${statement.what}`;
    case 'ShowCreate':
      return `SHOW CREATE TABLE ${printName(statement.name)}`;
    case 'Describe':
      return `DESCRIBE ${printName(statement.name)}`;
    case 'Unsupported':
      return statement.feature;
    default:
      return unreachable(statement);
  }
}

function printColumnClause(clause: ast.ColumnClause): string {
  switch (clause.kind) {
    case 'PhysicalColumn':
      return `${printIdentifier(clause.name)} ${printTypeExpr(clause.type)}${clause.primaryKey ? ' PRIMARY KEY NOT ENFORCED' : ''}`;
    case 'ComputedColumn':
      return `${printIdentifier(clause.name)} AS ${printExpr(clause.expr)}`;
    case 'MetadataColumn': {
      const from = clause.key === undefined ? '' : ` FROM ${printText(clause.key)}`;
      return `${printIdentifier(clause.name)} ${printTypeExpr(clause.type)} METADATA${from}${clause.isVirtual ? ' VIRTUAL' : ''}`;
    }
    case 'Watermark':
      return `WATERMARK FOR ${printIdentifier(clause.column)} AS ${printExpr(clause.expr)}`;
    case 'PrimaryKey':
      return `PRIMARY KEY${printColumnList(clause.columns)} NOT ENFORCED`;
    default:
      return unreachable(clause);
  }
}

function printColumnList(columns: readonly ast.Identifier[]): string {
  return columns.length === 0 ? '' : ` (${columns.map(printIdentifier).join(', ')})`;
}

// ---- queries ----

export function printQuery(query: ast.Query): string {
  const parts = [`SELECT ${query.distinct ? 'DISTINCT ' : ''}${query.items.map(({ expr, alias }) => `${printExpr(expr)}${printAlias(alias)}`).join(', ')}`];
  if (query.from !== undefined) parts.push(`FROM ${printTableRef(query.from)}`);
  if (query.where !== undefined) parts.push(`WHERE ${printExpr(query.where)}`);
  if (query.groupBy.length > 0) parts.push(`GROUP BY ${query.groupBy.map((expr) => printExpr(expr)).join(', ')}`);
  if (query.having !== undefined) parts.push(`HAVING ${printExpr(query.having)}`);
  return parts.join(' ');
}

function printAlias(alias: ast.Identifier | undefined): string {
  return alias === undefined ? '' : ` AS ${printIdentifier(alias)}`;
}

function printTableRef(ref: ast.TableRef): string {
  switch (ref.kind) {
    case 'NamedTable':
      return `${printName(ref.name)}${printAlias(ref.alias)}`;
    case 'DerivedTable':
      return `(${printQuery(ref.query)})${printAlias(ref.alias)}`;
    case 'TableFunction':
      return `TABLE(${printFunctionName(ref.name)}(${ref.args.map(printTableArgument).join(', ')}))${printAlias(ref.alias)}`;
    default:
      return unreachable(ref);
  }
}

function printTableArgument(arg: ast.TableArgument): string {
  const label = arg.label === undefined ? '' : `${printFunctionName(arg.label)} => `;
  switch (arg.kind) {
    case 'TableArgument':
      return `${label}${arg.table.kind === 'NamedTable' ? 'TABLE ' : ''}${printTableRef(arg.table)}`;
    case 'DescriptorArgument':
      return `${label}DESCRIPTOR(${arg.columns.map(printIdentifier).join(', ')})`;
    case 'ValueArgument':
      return `${label}${printExpr(arg.value)}`;
    default:
      return unreachable(arg);
  }
}

// ---- expressions ----

/** How tightly the grammar's rules bind: an operand that binds less tightly than its place asks for stands in parentheses. */
const binding = { any: 0, or: 1, and: 2, not: 3, predicate: 4, sum: 5, product: 6, sign: 7, primary: 8 } as const;

const binaryBinding: Readonly<Record<ast.BinaryOperator, number>> = {
  OR: binding.or, AND: binding.and,
  '=': binding.predicate, '<>': binding.predicate, '<': binding.predicate, '<=': binding.predicate, '>': binding.predicate, '>=': binding.predicate,
  '+': binding.sum, '-': binding.sum, '||': binding.sum, '*': binding.product, '/': binding.product, '%': binding.product,
};

function bindingOf(expr: ast.Expr): number {
  switch (expr.kind) {
    case 'Binary':
      return binaryBinding[expr.operator];
    case 'Unary':
      return expr.operator === 'NOT' ? binding.not : binding.sign;
    case 'Call':
      return isLike(expr.name, expr.args) || isDistinctFrom(expr.name, expr.args) ? binding.predicate : binding.primary;
    case 'Is':
    case 'Between':
    case 'In':
      return binding.predicate;
    default:
      return binding.primary;
  }
}

/** The expression's text, in parentheses when it binds less tightly than `needed`. */
export function printExpr(expr: ast.Expr, needed: number = binding.any): string {
  const text = printBare(expr);
  return bindingOf(expr) < needed ? `(${text})` : text;
}

/** Calls with a syntax of their own: operators, and arguments with words between them. */
function printSpecialCall({ name, args, distinct, filter }: Extract<ast.Expr, { kind: 'Call' }>): string | undefined {
  const [a, b, c] = args;
  if (a === undefined || b === undefined || distinct || filter !== undefined) return undefined;
  if (isLike(name, args)) {
    const escape = c === undefined ? '' : ` ESCAPE ${printExpr(c, binding.sum)}`;
    return `${printExpr(a, binding.predicate)} LIKE ${printExpr(b, binding.sum)}${escape}`;
  }
  if (isDistinctFrom(name, args)) return `${printExpr(a, binding.predicate)} IS DISTINCT FROM ${printExpr(b, binding.sum)}`;
  const word = name.name.toUpperCase();
  if (word === 'EXTRACT' && args.length === 2) return `${printFunctionName(name)}(${printWord(a)} FROM ${printExpr(b)})`;
  if (word === 'TRIM' && c !== undefined && args.length === 3 && a.kind === 'Reference') return `${printFunctionName(name)}(${printWord(a)} ${printExpr(b)} FROM ${printExpr(c)})`;
  return undefined;
}

/** A word of the syntax, which no backticks may stand around. */
function printWord(expr: ast.Expr): string {
  const word = expr.kind === 'Reference' && expr.name.parts.length === 1 ? expr.name.parts[0]?.name : undefined;
  return word !== undefined && /^\w+$/.test(word) && !isReserved(word) ? word : printExpr(expr);
}

function isDistinctFrom(name: ast.Identifier, args: readonly ast.Expr[]): boolean {
  return name.name === ast.distinctFrom && args.length === 2;
}

function isLike(name: ast.Identifier, args: readonly ast.Expr[]): boolean {
  return name.name === 'LIKE' && (args.length === 2 || args.length === 3);
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
      const special = printSpecialCall(expr);
      if (special !== undefined) return special;
      const args = expr.args.map((arg) => printExpr(arg)).join(', ');
      const filter = expr.filter === undefined ? '' : ` FILTER (WHERE ${printExpr(expr.filter)})`;
      return `${printFunctionName(expr.name)}(${expr.distinct ? 'DISTINCT ' : ''}${args})${filter}`;
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
    default:
      return unreachable(expr);
  }
}

// ---- types and names ----

export function printTypeExpr(type: ast.TypeExpr): string {
  return type.nullable ? printBareType(type) : `${printBareType(type)} NOT NULL`;
}

function printBareType(type: ast.TypeExpr): string {
  switch (type.kind) {
    case 'SimpleType': {
      // TIMESTAMP(3) WITH TIME ZONE: the digits stand inside the name.
      const [, head = type.name, tail = ''] = /^(.*?)( WITH TIME ZONE)?$/.exec(type.name) ?? [];
      return `${head}${type.parameters.length === 0 ? '' : `(${type.parameters.join(', ')})`}${tail}`;
    }
    case 'RowType':
      return `ROW<${type.fields.map((field) => `${printIdentifier(field.name)} ${printTypeExpr(field.type)}`).join(', ')}>`;
    case 'CollectionType':
      return `${type.name}<${printTypeExpr(type.element)}>`;
    case 'MapType':
      return `MAP<${printTypeExpr(type.key)}, ${printTypeExpr(type.value)}>`;
    default:
      return unreachable(type);
  }
}

export function printName(name: ast.Name): string {
  return name.parts.map(printIdentifier).join('.');
}

/** Words that are reserved in Flink or here, and names that are no words, in backticks. */
export function printIdentifier({ name }: ast.Identifier): string {
  return /^[A-Za-z_]\w*$/.test(name) && !flinkReserved.has(name.toUpperCase()) && !isReserved(name) ? name : quoted(name);
}

/** Names of functions and of their arguments: of the reserved words many are functions, and stand bare. */
function printFunctionName({ name }: ast.Identifier): string {
  return /^[A-Za-z_]\w*$/.test(name) && (!isReserved(name) || /^(LEFT|RIGHT)$/i.test(name)) && !hasSyntaxOfItsOwn.has(name.toUpperCase()) ? name : quoted(name);
}

/** Words before a parenthesis that the grammar takes for something else than a call. */
const hasSyntaxOfItsOwn = new Set(['CAST', 'TRY_CAST', 'DESCRIPTOR', 'TABLE', 'ROW', 'INTERVAL']);

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function printText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
