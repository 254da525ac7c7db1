import { wordOperators } from '../../parser/ast.ts';
import { creatable, describable, droppable, likeParts, showable } from '../../parser/ast-statement.ts';
import type { BinaryOperator, CallClause, CallExpr, Expr, FrameBound, Hint, Identifier, MatchClause, Name, Pattern, Query, Select, SortItem, TableArgument, TableRef, TypeExpr, WindowSpec } from '../../parser/ast.ts';
import type { AlterMaterializedAction, AlterTableAction, ColumnClause, InsertStatement, OptionPair, PartitionPair, Statement } from '../../parser/ast-statement.ts';
import type { Random } from '../random.ts';

const span = { start: 0, end: 0 };

/** Makes statements of the grammar from the AST's side, so that every shape comes up, whether or not a person would write it. */
export class StatementGenerator {
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
    switch (random.int(leaf ? 0 : 8, leaf ? 7 : 18)) {
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
          : this.#note({ kind: 'In', operand: inner(), items: [this.#note({ kind: 'Number', text: '1', span }), ...random.list(0, 2, inner)], negated: random.chance(0.5), span });
      case 16: {
        const branches = random.list(1, 2, () => ({ when: inner(), then: inner(), span }));
        return this.#note({ kind: 'Case', operand: random.chance(0.4) ? inner() : undefined, branches, otherwise: random.chance(0.6) ? inner() : undefined, span });
      }
      case 17:
        return this.rareExpr(depth);
      default:
        return this.#note({ kind: 'Cast', operand: inner(), type: this.type(), isTry: random.chance(0.3), span });
    }
  }

  call(depth: number): CallExpr {
    return this.#note({ kind: 'Call', name: this.functionName(), args: this.random.list(0, 2, () => this.expr(depth - 1)), distinct: false, filter: undefined, span });
  }

  clause(depth: number): CallClause {
    const none = { type: undefined, value: undefined, orderBy: [], span };
    switch (this.random.int(0, 5)) {
      case 0:
        return { ...none, words: 'RETURNING', isInside: true, type: this.type(0) };
      case 1:
        return { ...none, words: 'DEFAULT ON EMPTY', isInside: true, value: this.expr(depth - 1) };
      case 2:
        return { ...none, words: 'ORDER BY', isInside: true, orderBy: [this.sortItem()] };
      case 3:
        return { ...none, words: 'WITHIN GROUP', isInside: false, orderBy: [this.sortItem()] };
      case 4:
        return { ...none, words: 'IGNORE NULLS', isInside: false };
      default:
        return { ...none, words: this.random.pick(['NULL ON ERROR', 'EMPTY ARRAY ON ERROR', 'WITH CONDITIONAL ARRAY WRAPPER', 'ABSENT ON NULL', 'TRUE ON ERROR']), isInside: true };
    }
  }

  windowSpec(depth: number): WindowSpec {
    const { random } = this;
    const bound = (): FrameBound => (random.chance(0.3) ? this.#note({ kind: 'CurrentRow', span }) : this.#note({ kind: random.pick(['Preceding', 'Following'] as const), value: random.chance(0.3) ? undefined : this.expr(depth - 1), span }));
    const frame = random.chance(0.5) ? { unit: random.pick(['ROWS', 'RANGE'] as const), start: bound(), end: random.chance(0.5) ? bound() : undefined, span } : undefined;
    return this.#note({ kind: 'WindowSpec', base: random.chance(0.3) ? this.identifier() : undefined, partitionBy: random.list(0, 2, () => this.expr(depth - 1)), orderBy: random.list(0, 2, () => this.sortItem()), frame, span });
  }

  groupingSets(depth: number): Expr {
    const { random } = this;
    const set = (): readonly Expr[] => (depth > 0 && random.chance(0.2) ? [this.groupingSets(depth - 1)] : random.list(0, 2, () => this.expr(1)));
    return this.#note({ kind: 'GroupingSets', operator: random.pick(['GROUPING SETS', 'ROLLUP', 'CUBE'] as const), sets: random.list(1, 3, set), span });
  }

  /** What few statements hold. */
  rareExpr(depth: number): Expr {
    const { random } = this;
    const inner = (): Expr => this.expr(depth - 1);
    switch (random.int(0, 10)) {
      case 0:
        return this.#note({ kind: 'Bytes', digits: random.pick(['', '0f', 'A0b1']), span });
      case 1:
        return this.#note({ kind: random.pick(['Row', 'Array', 'Map'] as const), items: random.list(1, 3, inner), span });
      case 2:
        return this.#note({ kind: 'Element', operand: inner(), index: inner(), span });
      case 3:
        return this.#note({ kind: 'Field', operand: inner(), field: this.identifier(), span });
      case 4:
        return this.#note({ kind: random.pick(['Subquery', 'Exists'] as const), query: this.query(0), span });
      case 5:
        return this.#note({ kind: 'InQuery', operand: inner(), query: this.query(0), negated: random.chance(0.5), span });
      case 6:
        return this.#note({ kind: 'Quantified', operand: inner(), operator: random.pick(['=', '<>', '>='] as const), quantifier: random.pick(['ANY', 'ALL'] as const), query: this.query(0), span });
      case 7: {
        const clause = this.clause(depth);
        const name = { name: clause.isInside ? random.pick(['JSON_VALUE', 'json_query', 'LISTAGG']) : 'FIRST_VALUE', span };
        return this.#note({ kind: 'WordyCall', call: { kind: 'Call', name, args: random.list(1, 2, inner), distinct: false, filter: random.chance(0.2) ? inner() : undefined, span }, clauses: [clause], span });
      }
      case 8:
        return this.#note({ kind: 'Over', call: this.call(depth), window: random.chance(0.3) ? this.identifier() : this.windowSpec(depth), span });
      case 9: {
        const name = random.pick(wordOperators);
        const args = Array.from({ length: name.startsWith('IS') ? 1 : name === 'BETWEEN SYMMETRIC' ? 3 : 2 }, inner);
        return this.#note({ kind: 'Call', name: { name, span }, args, distinct: false, filter: undefined, span });
      }
      default: {
        const value = this.#note<Expr>({ kind: 'NamedArgument', label: this.identifier(), value: inner(), span });
        return this.#note({ kind: 'Call', name: { name: 'f', span }, args: [value], distinct: false, filter: undefined, span });
      }
    }
  }

  pattern(depth: number): Pattern {
    const { random } = this;
    const inner = (): Pattern => this.pattern(depth - 1);
    switch (depth <= 0 ? 0 : random.int(0, 6)) {
      case 1:
        return this.#note({ kind: 'Repetition', part: inner(), least: random.int(0, 2), most: random.pick([undefined, 3]), reluctant: random.chance(0.3), span });
      case 2:
        return this.#note({ kind: 'Alternation', parts: random.list(2, 3, inner), span });
      case 3:
        return this.#note({ kind: 'Sequence', parts: random.list(2, 3, inner), span });
      case 4:
        return this.#note({ kind: 'Permutation', parts: random.list(1, 3, inner), span });
      case 5:
        return this.#note({ kind: 'Exclusion', part: inner(), span });
      case 6:
        return this.#note({ kind: 'Anchor', at: random.pick(['^', '$'] as const), span });
      default:
        return this.#note({ kind: 'Variable', name: this.identifier(), span });
    }
  }

  match(): MatchClause {
    const { random } = this;
    const skip = random.pick([undefined, { to: 'PAST LAST ROW' as const, variable: undefined }, { to: 'TO NEXT ROW' as const, variable: undefined }, { to: 'TO FIRST' as const, variable: this.identifier() }, { to: 'TO LAST' as const, variable: this.identifier() }]);
    return {
      partitionBy: random.list(0, 2, () => this.expr(1)),
      orderBy: random.list(0, 2, () => this.sortItem()),
      measures: random.list(0, 2, () => ({ expr: this.expr(1), alias: this.identifier(), semantics: undefined, span })),
      rows: random.pick([undefined, 'ONE', 'ALL'] as const),
      skip,
      pattern: this.pattern(3),
      within: random.chance(0.3) ? this.expr(1) : undefined,
      subsets: random.list(0, 1, () => ({ name: this.identifier(), variables: random.list(1, 2, () => this.identifier()) })),
      define: random.list(0, 2, () => ({ variable: this.identifier(), condition: this.expr(1), span })),
      span,
    };
  }

  hints(): Hint[] {
    const { random } = this;
    if (random.chance(0.8)) return [];
    return random.list(1, 2, () => ({ name: this.identifier(), args: random.list(0, 2, () => (random.chance(0.5) ? { key: this.text(), isName: false, value: random.chance(0.7) ? this.text() : undefined } : { key: this.identifier().name, isName: true, value: undefined })), span }));
  }

  alias(): Identifier | undefined {
    return this.random.chance(0.5) ? this.identifier() : undefined;
  }

  tableAlias(): Pick<TableRef, 'alias' | 'columns'> {
    const alias = this.alias();
    return { alias, columns: alias !== undefined && this.random.chance(0.3) ? this.random.list(1, 2, () => this.identifier()) : [] };
  }

  tableRef(depth: number): TableRef {
    const choice = depth <= 0 ? 0 : this.random.int(0, 7);
    const none = { alias: undefined, columns: [] };
    if (choice === 3) return this.#note({ kind: 'Temporal', name: this.name(), hints: this.hints(), time: this.expr(1), ...this.tableAlias(), span });
    if (choice === 4) return this.#note({ kind: 'Lateral', table: { kind: 'DerivedTable', query: this.query(depth - 1), ...none, span }, ...this.tableAlias(), span });
    if (choice === 5) return this.#note({ kind: 'Unnest', values: this.random.list(1, 2, () => this.expr(1)), ordinality: this.random.chance(0.3), ...this.tableAlias(), span });
    if (choice === 6) {
      const using = this.random.chance(0.3) ? this.random.list(1, 2, () => this.identifier()) : [];
      const on = using.length === 0 && this.random.chance(0.6) ? this.expr(1) : undefined;
      const type = this.random.pick(['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS'] as const);
      return this.#note({ kind: 'Join', type, natural: type !== 'CROSS' && this.random.chance(0.1), left: this.tableRef(depth - 1), right: this.tableRef(depth - 1), on, using, ...none, span });
    }
    if (choice === 7) return this.#note({ kind: 'MatchRecognize', table: this.tableRef(depth - 1), match: this.match(), ...this.tableAlias(), span });
    if (choice === 1) return this.#note({ kind: 'DerivedTable', query: this.query(depth - 1), ...this.tableAlias(), span });
    if (choice === 2) return this.#note({ kind: 'TableFunction', name: { name: this.random.pick(['TUMBLE', 'Hop']), span }, args: this.random.list(1, 4, () => this.tableArgument(depth)), ...this.tableAlias(), span });
    return this.#note({ kind: 'NamedTable', name: this.name(), hints: this.hints(), ...this.tableAlias(), span });
  }

  tableArgument(depth: number): TableArgument {
    const label = this.random.chance(0.3) ? { name: this.random.pick(['DATA', 'SIZE', 'my arg']), span } : undefined;
    switch (this.random.int(0, 4)) {
      case 3:
        return this.#note({ kind: 'ModelArgument', label, model: this.name(), span });
      case 0: {
        const name = this.name();
        return this.#note({ kind: 'TableArgument', label, table: { kind: 'NamedTable', name, hints: [], alias: undefined, columns: [], span }, partitionBy: [], orderBy: [], span });
      }
      case 1:
        return this.#note({ kind: 'TableArgument', label, table: { kind: 'DerivedTable', query: this.query(depth - 1), alias: undefined, columns: [], span }, partitionBy: this.random.list(0, 2, () => this.expr(1)), orderBy: this.random.list(0, 2, () => this.sortItem()), span });
      case 2:
        return this.#note({ kind: 'DescriptorArgument', label, columns: this.random.list(1, 2, () => this.identifier()), span });
      default:
        // A query alone is a table.
        return this.#note({ kind: 'ValueArgument', label, value: { kind: 'Unary', operator: '-', operand: this.expr(1), span }, span });
    }
  }

  sortItem(): SortItem {
    return { expr: this.expr(1), descending: this.random.chance(0.5), nulls: this.random.pick([undefined, 'FIRST', 'LAST'] as const), span };
  }

  query(depth: number): Query {
    const { random } = this;
    const count = (): Expr | undefined => random.pick<Expr | undefined>([undefined, { kind: 'Number', text: '10', span }, { kind: 'Parameter', name: undefined, span }]);
    switch (depth <= 0 ? 9 : random.int(0, 9)) {
      case 0:
        return this.#note({ kind: 'SetOperation', operator: random.pick(['UNION', 'INTERSECT', 'EXCEPT'] as const), all: random.chance(0.5), inputs: random.list(2, 3, () => this.query(depth - 1)), span });
      case 1:
        return this.#note({ kind: 'Values', rows: random.list(1, 2, () => random.list(1, 2, () => this.expr(1))), span });
      case 2:
        return this.#note({ kind: 'With', recursive: random.chance(0.2), tables: random.list(1, 2, () => ({ name: this.identifier(), columns: random.list(0, 2, () => this.identifier()), query: this.query(depth - 1), span })), query: this.query(depth - 1), span });
      case 3: {
        const [limit, offset] = [count(), count()];
        return this.#note({ kind: 'Ordered', query: this.query(depth - 1), orderBy: random.list(limit === undefined && offset === undefined ? 1 : 0, 2, () => this.sortItem()), offset, limit, span });
      }
      default:
        return this.select(depth);
    }
  }

  select(depth: number): Select {
    const { random } = this;
    const maybe = (): Expr | undefined => (random.chance(0.4) ? this.expr(2) : undefined);
    const items = random.list(1, 3, () => {
      if (!random.chance(0.15)) return { expr: this.expr(2), alias: this.alias(), span };
      const qualifier = random.chance(0.5) ? { parts: [this.identifier()], span } : undefined;
      return { expr: this.#note<Expr>({ kind: 'Star', qualifier, span }), alias: undefined, span };
    });
    const from = random.chance(0.85) ? this.tableRef(depth) : undefined;
    return this.#note({ kind: 'Select', hints: this.hints(), qualify: random.chance(0.1) ? this.expr(1) : undefined, windows: random.list(0, 1, () => ({ name: this.identifier(), spec: this.windowSpec(1), span })), distinct: random.chance(0.2), items, from, where: maybe(), groupBy: random.chance(0.3) ? random.list(1, 3, () => (random.chance(0.8) ? this.expr(1) : this.groupingSets(1))) : [], having: maybe(), span });
  }

  columnClause(isOfQuery = true): ColumnClause {
    const name = this.identifier();
    switch (isOfQuery ? this.random.int(0, 5) : this.random.pick([0, 1, 2, 3, 5])) {
      case 4:
        return this.#note({ kind: 'QueryColumn', name, span });
      case 0:
        return this.#note({ kind: 'ComputedColumn', name, expr: this.expr(2), comment: this.comment(), span });
      case 1:
        return this.#note({ kind: 'MetadataColumn', name, type: this.type(), key: this.random.chance(0.5) ? this.text() : undefined, isVirtual: this.random.chance(0.5), comment: this.comment(), span });
      case 2:
        return this.#note({ kind: 'Watermark', column: name, expr: this.expr(1), span });
      case 3:
        return this.#note({ kind: 'PrimaryKey', constraint: this.alias(), columns: this.random.list(1, 2, () => this.identifier()), span });
      default:
        return this.#note({ kind: 'PhysicalColumn', name, type: this.type(), primaryKey: this.random.chance(0.2), comment: this.comment(), span });
    }
  }

  comment(): string | undefined {
    return this.random.chance(0.2) ? this.text() : undefined;
  }

  options(least: number): OptionPair[] {
    const text = (): { readonly text: string; readonly span: typeof span } => ({ text: this.text(), span });
    return this.random.list(least, 3, () => ({ key: text(), value: text(), span }));
  }

  action(): AlterTableAction {
    const { random } = this;
    switch (random.int(0, 10)) {
      case 8:
        return this.#note({ kind: 'ChangeDistribution', operation: random.pick(['ADD', 'MODIFY'] as const), distribution: { by: random.pick(['HASH', 'RANGE', undefined] as const), columns: [this.identifier()], buckets: random.pick([undefined, '4']), span }, span });
      case 9:
        return this.#note({ kind: 'AddPartitions', ifNotExists: random.chance(0.5), partitions: random.list(1, 2, () => ({ spec: this.partition(1), options: this.options(0) })), span });
      case 10:
        return this.#note({ kind: 'DropPartitions', ifExists: random.chance(0.5), specs: random.list(1, 2, () => this.partition(1)), span });
      case 0:
        return this.#note({ kind: 'RenameTo', to: this.name(), span });
      case 1:
        return this.#note({ kind: 'RenameColumn', from: this.identifier(), to: this.identifier(), span });
      case 2:
        return this.#note({ kind: 'SetOptions', options: this.options(0), span });
      case 3:
        return this.#note({ kind: 'ResetOptions', keys: random.list(1, 2, () => this.text()), span });
      case 4:
        return this.#note({ kind: 'DropColumns', columns: random.list(1, 2, () => this.identifier()), span });
      case 5:
        return this.#note({ kind: 'DropConstraint', constraint: this.identifier(), span });
      case 6:
        return this.#note({ kind: 'DropPart', what: random.pick(['PRIMARY KEY', 'WATERMARK', 'DISTRIBUTION'] as const), span });
      default:
        return this.#note({ kind: 'ChangeColumns', operation: random.pick(['ADD', 'MODIFY'] as const), changes: random.list(1, 2, () => ({ clause: this.columnClause(false), place: random.pick([undefined, 'FIRST' as const, this.identifier()]), span })), span });
    }
  }

  partition(least: number): PartitionPair[] {
    return this.random.list(least, 2, () => ({ column: this.identifier(), value: this.random.chance(0.7) ? this.expr(1) : undefined, span }));
  }

  /** What the whole grammar reads. */
  rare(): Statement {
    const { random } = this;
    const set = (): Extract<AlterTableAction, { kind: 'SetOptions' | 'ResetOptions' }> => (random.chance(0.5) ? { kind: 'SetOptions', options: this.options(0), span } : { kind: 'ResetOptions', keys: random.list(1, 2, () => this.text()), span });
    const temporary = random.chance(0.3);
    const body = { temporary, system: temporary && random.chance(0.5), name: this.name(), as: this.text(), language: random.pick([undefined, 'JAVA', 'PYTHON']) };
    const names = (least: number): Identifier[] => random.list(least, 2, () => this.identifier());
    const where = random.chance(0.5) ? this.expr(1) : undefined;
    switch (random.int(0, 20)) {
      case 0:
        return this.#note({ kind: 'AlterCatalog', name: this.name(), action: random.chance(0.5) ? set() : { kind: 'Comment', comment: this.text(), span }, span });
      case 1:
        return this.#note({ kind: 'CreateFunction', ...body, ifNotExists: random.chance(0.3), using: random.list(0, 2, () => ({ what: random.pick(['JAR', 'ARTIFACT'] as const), path: this.text() })), options: this.options(0), span });
      case 2:
        return this.#note({ kind: 'AlterFunction', ...body, ifExists: random.chance(0.3), span });
      case 3:
        return this.#note({ kind: 'CreateModel', temporary, name: this.name(), ifNotExists: random.chance(0.3), input: random.list(0, 2, () => this.columnClause()), output: random.list(0, 2, () => this.columnClause()), comment: this.comment(), options: this.options(0), span });
      case 4:
        return this.#note({ kind: 'AlterModel', ifExists: random.chance(0.3), name: this.name(), action: random.chance(0.5) ? set() : { kind: 'RenameTo', to: this.name(), span }, span });
      case 5:
        return this.#note({
          kind: 'CreateMaterializedTable', orAlter: random.chance(0.3), name: this.name(), ifNotExists: random.chance(0.3), columns: random.list(0, 2, () => this.columnClause()), comment: this.comment(), distribution: undefined, partitionedBy: names(0), options: this.options(0),
          freshness: random.pick<Expr | undefined>([undefined, { kind: 'Interval', text: '3', negative: false, unit: 'MINUTE', span }]), refreshMode: random.pick([undefined, 'FULL', 'CONTINUOUS'] as const), query: this.query(1), span,
        });
      case 6:
      case 7:
        return this.#note({ kind: 'AlterMaterializedTable', name: this.name(), action: random.pick<() => AlterMaterializedAction>([() => this.#note({ kind: 'Suspend', span }), () => this.#note({ kind: 'Resume', options: this.options(0), span }), () => this.#note({ kind: 'Refresh', partition: this.partition(0), span }), () => ({ kind: 'As', query: this.query(1), span }), () => this.action()])(), span });
      case 8:
        return this.#note({ kind: 'Update', table: this.name(), hints: this.hints(), assignments: random.list(1, 2, () => ({ column: this.identifier(), value: this.expr(1) })), where, span });
      case 9:
        return this.#note({ kind: 'Delete', table: this.name(), hints: this.hints(), where, span });
      case 10:
        return this.#note({ kind: 'Truncate', table: this.name(), span });
      case 11:
        return this.#note({ kind: 'CallProcedure', name: this.name(), args: random.list(0, 2, () => (random.chance(0.3) ? { kind: 'NamedArgument', label: this.functionName(), value: this.expr(1), span } : this.expr(1))), span });
      case 12:
        return this.#note({ kind: 'Jar', action: random.pick(['ADD', 'REMOVE'] as const), path: this.text(), span });
      case 13:
        return this.#note({ kind: 'LoadModule', name: this.identifier(), options: this.options(0), span });
      case 14:
        return this.#note({ kind: 'UnloadModule', name: this.identifier(), span });
      case 15:
        return this.#note({ kind: 'UseModules', names: names(1), span });
      case 16:
        return this.#note({ kind: 'Analyze', table: this.name(), partition: this.partition(0), columns: random.chance(0.3) ? 'ALL' : names(0), span });
      case 17:
        return this.#note({ kind: 'CompilePlan', path: this.text(), ifNotExists: random.chance(0.3), execute: random.chance(0.5), statement: this.insert(), span });
      case 18:
        return this.#note({ kind: 'ExecutePlan', path: this.text(), span });
      case 19:
        return this.#note({ kind: 'StopJob', job: this.text(), savepoint: random.chance(0.5), drain: random.chance(0.5), span });
      default:
        return this.#note({ kind: 'DescribeJob', job: this.text(), span });
    }
  }

  /** What is rarely written. */
  definition(): Statement {
    const { random } = this;
    switch (random.int(0, 9)) {
      case 0:
        return this.#note({ kind: random.pick(['CreateCatalog', 'CreateDatabase'] as const), name: this.name(), ifNotExists: random.chance(0.5), comment: this.comment(), options: this.options(0), span });
      case 1:
        return this.#note({ kind: 'AlterView', name: this.name(), action: random.chance(0.5) ? { kind: 'RenameTo', to: this.name(), span } : { kind: 'As', query: this.query(1), span }, span });
      case 2:
        return this.#note({ kind: 'AlterDatabase', name: this.name(), options: this.options(1), span });
      case 3:
        return this.#note({ kind: 'Use', what: random.pick(['CATALOG', 'DATABASE'] as const), name: this.name(), span });
      default:
        return this.#note({ kind: 'AlterTable', name: this.name(), ifExists: random.chance(0.3), action: this.action(), span });
    }
  }

  insert(): InsertStatement {
    return this.#note({ kind: 'Insert', overwrite: this.random.chance(0.2), table: this.name(), hints: this.hints(), partition: this.random.chance(0.3) ? this.partition(1) : [], onConflict: this.random.chance(0.2) ? this.random.pick(['NOTHING', 'ERROR', 'DEDUPLICATE'] as const) : undefined, columns: this.random.chance(0.3) ? this.random.list(1, 3, () => this.identifier()) : [], query: this.query(2), span });
  }

  drop(): Statement {
    const { random } = this;
    const what = random.pick(droppable);
    const temporary = random.chance(0.3);
    return this.#note({ kind: 'Drop', what, temporary, system: temporary && what === 'FUNCTION' && random.chance(0.5), name: this.name(), ifExists: random.chance(0.5), cascade: what === 'DATABASE' && random.chance(0.5), span });
  }

  show(): Statement {
    const { random } = this;
    const what = random.pick(showable);
    if (what === 'PARTITIONS') return this.#note({ kind: 'Show', what, from: this.name(), partition: this.partition(0), like: undefined, span });
    return this.#note({ kind: 'Show', what, from: random.chance(0.3) ? this.name() : undefined, partition: [], like: random.chance(0.3) ? { pattern: this.text(), negated: random.chance(0.5), ignoresCase: random.chance(0.5), span } : undefined, span });
  }

  statement(): Statement {
    const { random } = this;
    switch (random.int(0, 14)) {
      case 12:
      case 13:
        return this.rare();
      case 0: {
        const query = random.chance(0.2) ? this.query(1) : undefined;
        const like = query === undefined && random.chance(0.2) ? { table: this.name(), choices: random.list(0, 2, () => ({ action: random.pick(['INCLUDING', 'EXCLUDING', 'OVERWRITING'] as const), what: random.pick(likeParts), span })), span } : undefined;
        const replace = random.chance(0.2) ? random.pick(['REPLACE', 'OR REPLACE'] as const) : undefined;
        const distribution = random.chance(0.2) ? { by: random.pick(['HASH', 'RANGE', undefined] as const), columns: [this.identifier()], buckets: random.pick([undefined, '4']), span } : undefined;
        return this.#note({ kind: 'CreateTable', name: this.name(), replace, temporary: replace === undefined && random.chance(0.3), ifNotExists: random.chance(0.3), columns: random.list(0, 4, () => this.columnClause()), comment: this.comment(), distribution, partitionedBy: random.list(0, 2, () => this.identifier()), options: this.options(0), optionsSpan: span, like, query, span });
      }
      case 1:
        return this.#note({ kind: 'CreateView', name: this.name(), temporary: random.chance(0.3), ifNotExists: random.chance(0.3), columns: random.list(0, 3, () => this.identifier()), comment: this.comment(), query: this.query(2), span });
      case 2:
        return this.drop();
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
        return random.chance(0.5) ? this.#note({ kind: 'Reset', key: random.chance(0.5) ? this.text() : undefined, span }) : this.#note({ kind: 'ShowCreate', what: random.pick(creatable), name: this.name(), span });
      case 8:
        return random.chance(0.5) ? this.show() : this.#note({ kind: 'Describe', what: random.pick(describable), extended: random.chance(0.3), name: this.name(), span });
      case 9:
      case 10:
        return this.definition();
      default:
        return this.#note({ kind: 'QueryStatement', query: this.query(2), span });
    }
  }
}
