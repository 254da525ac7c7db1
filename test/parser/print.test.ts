import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import type { BinaryOperator, ColumnClause, Expr, Identifier, InsertStatement, Name, Query, Statement, TableArgument, TableRef, TypeExpr } from '../../parser/ast.ts';
import { parse } from '../../parser/parse.ts';
import { printExpr, printIdentifier, printStatement } from '../../parser/print.ts';
import type { CaseLine } from '../conformance/case-file.ts';
import { casesFromEnvironment, Random, seedFromEnvironment } from '../random.ts';

const span = { start: 0, end: 0 };

/** The AST without places in a text. */
function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).filter(([key, part]) => key !== 'span' && key !== 'optionsSpan' && part !== undefined).map(([key, part]) => [key, withoutPlaces(part)]));
}

function parseOne(text: string): Statement {
  const { statements, errors } = parse(text);
  assert.deepEqual(errors.map((error) => error.format()), [], text);
  assert.equal(statements.length, 1, text);
  return statements[0] as Statement;
}

/** Makes statements of the grammar from the AST's side, so that every shape comes up, whether or not a person would write it. */
class Generator {
  readonly random: Random;
  readonly seen = new Set<string>();

  constructor(random: Random) {
    this.random = random;
  }

  #note<T extends { readonly kind: string }>(node: T): T {
    this.seen.add(node.kind);
    return node;
  }

  identifier(): Identifier {
    const name = this.random.pick(['a', 'b', 'x1', '_y', 'Order', 'select', 'timestamp', 'value', 'a b', 'a`b', 'Zähler', 'from', '1st', 'user', 'TABLE', 'case', 'row', 'interval']);
    return { name, span };
  }

  name(): Name {
    return { parts: this.random.list(1, 3, () => this.identifier()), span };
  }

  functionName(): Identifier {
    return { name: this.random.pick(['COUNT', 'upper', 'MyFunction', 'select', 'a b', 'TO_TIMESTAMP_LTZ', 'cast', 'row']), span };
  }

  text(): string {
    return this.random.pick(['', 'a', "it's", '--', '/*', 'ö', '10', "''", '`']);
  }

  type(depth = 2): TypeExpr {
    const nullable = this.random.chance(0.7);
    const kind = depth === 0 ? 0 : this.random.int(0, 5);
    if (kind === 3) return this.#note({ kind: 'RowType', fields: this.random.list(1, 3, () => ({ name: this.identifier(), type: this.type(depth - 1), span })), nullable, span });
    if (kind === 4) return this.#note({ kind: 'CollectionType', name: this.random.pick(['ARRAY', 'MULTISET'] as const), element: this.type(depth - 1), nullable, span });
    if (kind === 5) return this.#note({ kind: 'MapType', key: this.type(depth - 1), value: this.type(depth - 1), nullable, span });
    const [name, parameters] = this.random.pick([['INT', []], ['DECIMAL', [10, 2]], ['VARCHAR', [5]], ['STRING', []], ['TIMESTAMP_LTZ', [3]], ['DOUBLE PRECISION', []], ['TIMESTAMP WITH TIME ZONE', [3]], ['DATE', []], ['TIME', [0]]] as const);
    return this.#note({ kind: 'SimpleType', name, parameters, nullable, span });
  }

  expr(depth: number): Expr {
    const { random } = this;
    const inner = (): Expr => this.expr(depth - 1);
    const leaf = depth <= 0;
    switch (random.int(leaf ? 0 : 8, leaf ? 7 : 17)) {
      case 0:
        return this.#note({ kind: 'Number', text: random.pick(['0', '1', '2.50', '.5', '1e3', '7.', '12345678901234567890']), span });
      case 1:
        return this.#note({ kind: 'String', value: this.text(), span });
      case 2:
        return this.#note({ kind: 'Boolean', value: random.chance(0.5), span });
      case 3:
        return this.#note({ kind: 'Null', span });
      case 4:
        if (random.chance(0.3)) return this.#note({ kind: 'Parameter', name: random.pick([undefined, 'low', '_x1']), span });
        return this.#note({ kind: 'Interval', text: random.pick(['1', '10', '0.5']), negative: random.chance(0.3), unit: random.pick(['SECOND', 'DAY', 'MONTH']), span });
      case 5:
        return this.#note({ kind: 'TimeLiteral', type: random.pick(['DATE', 'TIME', 'TIMESTAMP'] as const), text: '2020-01-01', span });
      case 6:
      case 7:
        return this.#note({ kind: 'Reference', name: this.name(), span });
      case 8: {
        const isStar = random.chance(0.15);
        const args: Expr[] = isStar ? [this.#note({ kind: 'Star', qualifier: undefined, span })] : random.list(0, 3, inner);
        const filter = random.chance(0.2) ? inner() : undefined;
        return this.#note({ kind: 'Call', name: this.functionName(), args, distinct: !isStar && args.length > 0 && random.chance(0.2), filter, span });
      }
      case 9:
      case 10:
        return this.#note({ kind: 'Unary', operator: random.pick(['-', '+', 'NOT'] as const), operand: inner(), span });
      case 11:
      case 12:
      case 13: {
        const operator = random.pick<BinaryOperator>(['OR', 'AND', '=', '<>', '<', '<=', '>', '>=', '||', '+', '-', '*', '/', '%']);
        return this.#note({ kind: 'Binary', operator, left: inner(), right: inner(), span });
      }
      case 14:
        return this.#note({ kind: 'Is', operand: inner(), test: random.pick(['NULL', 'TRUE', 'FALSE', 'UNKNOWN'] as const), negated: random.chance(0.5), span });
      case 15:
        return random.chance(0.5)
          ? this.#note({ kind: 'Between', operand: inner(), low: inner(), high: inner(), negated: random.chance(0.5), span })
          : this.#note({ kind: 'In', operand: inner(), items: random.list(1, 3, inner), negated: random.chance(0.5), span });
      case 16: {
        const branches = random.list(1, 2, () => ({ when: inner(), then: inner(), span }));
        return this.#note({ kind: 'Case', operand: random.chance(0.4) ? inner() : undefined, branches, otherwise: random.chance(0.6) ? inner() : undefined, span });
      }
      default:
        return this.#note({ kind: 'Cast', operand: inner(), type: this.type(), isTry: random.chance(0.3), span });
    }
  }

  alias(): Identifier | undefined {
    return this.random.chance(0.5) ? this.identifier() : undefined;
  }

  tableRef(depth: number): TableRef {
    const choice = depth <= 0 ? 0 : this.random.int(0, 2);
    if (choice === 1) return this.#note({ kind: 'DerivedTable', query: this.query(depth - 1), alias: this.alias(), span });
    if (choice === 2) return this.#note({ kind: 'TableFunction', name: { name: this.random.pick(['TUMBLE', 'Hop']), span }, args: this.random.list(1, 4, () => this.tableArgument(depth)), alias: this.alias(), span });
    return this.#note({ kind: 'NamedTable', name: this.name(), alias: this.alias(), span });
  }

  tableArgument(depth: number): TableArgument {
    const label = this.random.chance(0.3) ? { name: this.random.pick(['DATA', 'SIZE', 'my arg']), span } : undefined;
    switch (this.random.int(0, 3)) {
      case 0: {
        const name = this.name();
        return this.#note({ kind: 'TableArgument', label, table: { kind: 'NamedTable', name, alias: undefined, span }, span });
      }
      case 1:
        return this.#note({ kind: 'TableArgument', label, table: { kind: 'DerivedTable', query: this.query(depth - 1), alias: undefined, span }, span });
      case 2:
        return this.#note({ kind: 'DescriptorArgument', label, columns: this.random.list(1, 2, () => this.identifier()), span });
      default:
        return this.#note({ kind: 'ValueArgument', label, value: this.expr(1), span });
    }
  }

  query(depth: number): Query {
    const { random } = this;
    const maybe = (): Expr | undefined => (random.chance(0.4) ? this.expr(2) : undefined);
    const items = random.list(1, 3, () => {
      if (!random.chance(0.15)) return { expr: this.expr(2), alias: this.alias(), span };
      const qualifier = random.chance(0.5) ? { parts: [this.identifier()], span } : undefined;
      return { expr: this.#note<Expr>({ kind: 'Star', qualifier, span }), alias: undefined, span };
    });
    const from = random.chance(0.85) ? this.tableRef(depth) : undefined;
    return this.#note({ kind: 'Select', distinct: random.chance(0.2), items, from, where: maybe(), groupBy: random.chance(0.3) ? random.list(1, 3, () => this.expr(1)) : [], having: maybe(), span });
  }

  columnClause(): ColumnClause {
    const name = this.identifier();
    switch (this.random.int(0, 4)) {
      case 0:
        return this.#note({ kind: 'ComputedColumn', name, expr: this.expr(2), span });
      case 1:
        return this.#note({ kind: 'MetadataColumn', name, type: this.type(), key: this.random.chance(0.5) ? this.text() : undefined, isVirtual: this.random.chance(0.5), span });
      case 2:
        return this.#note({ kind: 'Watermark', column: name, expr: this.expr(1), span });
      case 3:
        return this.#note({ kind: 'PrimaryKey', columns: this.random.list(1, 2, () => this.identifier()), span });
      default:
        return this.#note({ kind: 'PhysicalColumn', name, type: this.type(), primaryKey: this.random.chance(0.2), span });
    }
  }

  insert(): InsertStatement {
    return this.#note({ kind: 'Insert', table: this.name(), columns: this.random.chance(0.3) ? this.random.list(1, 3, () => this.identifier()) : [], query: this.query(2), span });
  }

  statement(): Statement {
    const { random } = this;
    switch (random.int(0, 10)) {
      case 0: {
        const pair = (): { readonly text: string; readonly span: typeof span } => ({ text: this.text(), span });
        const options = random.list(0, 3, () => ({ key: pair(), value: pair(), span }));
        return this.#note({ kind: 'CreateTable', name: this.name(), temporary: random.chance(0.3), ifNotExists: random.chance(0.3), columns: random.list(0, 4, () => this.columnClause()), options, optionsSpan: span, span });
      }
      case 1:
        return this.#note({ kind: 'CreateView', name: this.name(), temporary: random.chance(0.3), ifNotExists: random.chance(0.3), columns: random.list(0, 3, () => this.identifier()), query: this.query(2), span });
      case 2:
        return this.#note({ kind: 'Drop', what: random.pick(['TABLE', 'VIEW'] as const), name: this.name(), ifExists: random.chance(0.5), span });
      case 3:
        return this.insert();
      case 4:
        return this.#note({ kind: 'StatementSet', inserts: random.list(1, 3, () => this.insert()), span });
      case 5:
        return this.#note({ kind: 'Explain', details: random.pick([[], ['CHANGELOG_MODE'], ['CHANGELOG_MODE', 'CODE']]), statement: random.chance(0.5) ? this.insert() : this.#note({ kind: 'QueryStatement', query: this.query(1), span }), span });
      case 6: {
        const key = random.chance(0.7) ? this.text() : undefined;
        return this.#note({ kind: 'Set', key, value: key === undefined ? undefined : this.text(), span });
      }
      case 7:
        return random.chance(0.5) ? this.#note({ kind: 'Reset', key: random.chance(0.5) ? this.text() : undefined, span }) : this.#note({ kind: 'ShowCreate', name: this.name(), span });
      case 8:
        return random.chance(0.5) ? this.#note({ kind: 'Show', what: random.pick(['TABLES', 'VIEWS', 'JOBS'] as const), span }) : this.#note({ kind: 'Describe', name: this.name(), span });
      default:
        return this.#note({ kind: 'QueryStatement', query: this.query(2), span });
    }
  }
}

const everyKind = [
  'SimpleType', 'RowType', 'CollectionType', 'MapType', 'Number', 'String', 'Boolean', 'Null', 'Interval', 'TimeLiteral', 'Reference', 'Star', 'Call', 'Unary', 'Binary', 'Is',
  'Between', 'In', 'Case', 'Cast', 'NamedTable', 'DerivedTable', 'TableFunction', 'TableArgument', 'DescriptorArgument', 'ValueArgument', 'Select', 'PhysicalColumn',
  'ComputedColumn', 'MetadataColumn', 'Watermark', 'PrimaryKey', 'CreateTable', 'CreateView', 'Drop', 'Insert', 'StatementSet', 'QueryStatement', 'Explain', 'Set', 'Reset', 'Show',
  'ShowCreate', 'Describe',
];

/** The first statement of `count` for which parse(print(x)) is not x, by `print`. */
function findBreach(generator: Generator, count: number, print: (statement: Statement) => string): string | undefined {
  for (let i = 0; i < count; i++) {
    const statement = generator.statement();
    const text = print(statement);
    const { statements, errors } = parse(text);
    if (errors[0] !== undefined) return errors[0].format();
    try {
      assert.deepEqual(withoutPlaces(statements), [withoutPlaces(statement)]);
    } catch {
      return text;
    }
  }
  return undefined;
}

test('parse(print(x)) = x for generated statements of every kind', (t) => {
  const seed = seedFromEnvironment();
  const count = casesFromEnvironment(1500);
  const generator = new Generator(new Random(seed));
  assert.equal(findBreach(generator, count, printStatement), undefined, `SLUICE_SEED=${seed}`);
  t.diagnostic(`seed ${seed}: ${count} statements, ${generator.seen.size} kinds of nodes`);
  assert.deepEqual(everyKind.filter((kind) => !generator.seen.has(kind)), [], `kinds that never came up, seed ${seed}`);
});

test('the law finds a printer that forgets parentheses', () => {
  const breach = findBreach(new Generator(new Random(1)), 1500, (statement) => printStatement(statement).replaceAll(/ AND \((.*?)\)/g, ' AND $1'));
  assert.notEqual(breach, undefined);
});

test('parentheses stand where they are needed and nowhere else', () => {
  const printed = (text: string): string => {
    const statement = parseOne(`SELECT ${text}`);
    return statement.kind === 'QueryStatement' ? printExpr(statement.query.items[0]?.expr as Expr) : '';
  };
  assert.equal(printed('((a)) + (b * (c))'), 'a + b * c');
  assert.equal(printed('(a + b) * c - (d - e)'), '(a + b) * c - (d - e)');
  assert.equal(printed('- (-1)'), '- -1');
  assert.equal(printed('NOT (a AND b) OR NOT c = d'), 'NOT (a AND b) OR NOT c = d');
  assert.equal(printed('(a = b) IS TRUE'), 'a = b IS TRUE');
});

test('names are quoted where Flink or Sluice would read a word', () => {
  assert.equal(printIdentifier({ name: 'plain_1', span }), 'plain_1');
  assert.equal(printIdentifier({ name: 'timestamp', span }), '`timestamp`');
  assert.equal(printIdentifier({ name: 'a`b', span }), '`a``b`');
});

test('parse(print(x)) = x for the statements of the conformance cases', (t) => {
  const folder = new URL('../../../shared/conformance/', import.meta.url);
  if (!existsSync(folder)) return t.skip('skipped: no case files');
  let count = 0;
  for (const file of ['streaming.jsonl', 'scalar.jsonl', 'scalar-errors.jsonl']) {
    for (const text of readFileSync(new URL(file, folder), 'utf8').split('\n').filter((line) => line !== '')) {
      const line = JSON.parse(text) as CaseLine;
      const sources = 'expr' in line ? [`SELECT ${line.expr}`] : [line.sql, line.setup_sql ?? '', ...line.tables.map((table) => `CREATE TABLE t (${table.ddl_columns.join(', ')})`)];
      for (const statement of sources.flatMap((source) => parse(source).statements)) {
        assert.deepEqual(withoutPlaces(parseOne(printStatement(statement))), withoutPlaces(statement), printStatement(statement));
        count++;
      }
    }
  }
  t.diagnostic(`${count} statements`);
  assert.ok(count > 0);
});
