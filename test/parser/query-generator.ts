import type { Expr, Hint, Identifier, MatchClause, Pattern, Query, Select, TableArgument, TableRef } from '../../parser/ast.ts';
import { ExpressionGenerator, span } from './expression-generator.ts';

/** Makes queries and what stands in their FROM. */
export class QueryGenerator extends ExpressionGenerator {
  pattern(depth: number): Pattern {
    const { random } = this;
    const inner = (): Pattern => this.pattern(depth - 1);
    switch (depth <= 0 ? 0 : random.int(0, 6)) {
      case 1:
        return this.note({ kind: 'Repetition', part: inner(), least: random.int(0, 2), most: random.pick([undefined, 3]), reluctant: random.chance(0.3), span });
      case 2:
        return this.note({ kind: 'Alternation', parts: random.list(2, 3, inner), span });
      case 3:
        return this.note({ kind: 'Sequence', parts: random.list(2, 3, inner), span });
      case 4:
        return this.note({ kind: 'Permutation', parts: random.list(1, 3, inner), span });
      case 5:
        return this.note({ kind: 'Exclusion', part: inner(), span });
      case 6:
        return this.note({ kind: 'Anchor', at: random.pick(['^', '$'] as const), span });
      default:
        return this.note({ kind: 'Variable', name: this.identifier(), span });
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
    if (choice === 3) return this.note({ kind: 'Temporal', name: this.name(), hints: this.hints(), time: this.expr(1), ...this.tableAlias(), span });
    if (choice === 4) return this.note({ kind: 'Lateral', table: { kind: 'DerivedTable', query: this.query(depth - 1), ...none, span }, ...this.tableAlias(), span });
    if (choice === 5) return this.note({ kind: 'Unnest', values: this.random.list(1, 2, () => this.expr(1)), ordinality: this.random.chance(0.3), ...this.tableAlias(), span });
    if (choice === 6) {
      const using = this.random.chance(0.3) ? this.random.list(1, 2, () => this.identifier()) : [];
      const on = using.length === 0 && this.random.chance(0.6) ? this.expr(1) : undefined;
      const type = this.random.pick(['INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS'] as const);
      return this.note({ kind: 'Join', type, natural: type !== 'CROSS' && this.random.chance(0.1), left: this.tableRef(depth - 1), right: this.tableRef(depth - 1), on, using, ...none, span });
    }
    if (choice === 7) return this.note({ kind: 'MatchRecognize', table: this.tableRef(depth - 1), match: this.match(), ...this.tableAlias(), span });
    if (choice === 1) return this.note({ kind: 'DerivedTable', query: this.query(depth - 1), ...this.tableAlias(), span });
    if (choice === 2) return this.note({ kind: 'TableFunction', name: { name: this.random.pick(['TUMBLE', 'Hop']), span }, args: this.random.list(1, 4, () => this.tableArgument(depth)), ...this.tableAlias(), span });
    return this.note({ kind: 'NamedTable', name: this.name(), hints: this.hints(), ...this.tableAlias(), span });
  }

  tableArgument(depth: number): TableArgument {
    const label = this.random.chance(0.3) ? { name: this.random.pick(['DATA', 'SIZE', 'my arg']), span } : undefined;
    switch (this.random.int(0, 4)) {
      case 3:
        return this.note({ kind: 'ModelArgument', label, model: this.name(), span });
      case 0: {
        const name = this.name();
        return this.note({ kind: 'TableArgument', label, table: { kind: 'NamedTable', name, hints: [], alias: undefined, columns: [], span }, partitionBy: [], orderBy: [], span });
      }
      case 1:
        return this.note({ kind: 'TableArgument', label, table: { kind: 'DerivedTable', query: this.query(depth - 1), alias: undefined, columns: [], span }, partitionBy: this.random.list(0, 2, () => this.expr(1)), orderBy: this.random.list(0, 2, () => this.sortItem()), span });
      case 2:
        return this.note({ kind: 'DescriptorArgument', label, columns: this.random.list(1, 2, () => this.identifier()), span });
      default:
        // A query alone is a table.
        return this.note({ kind: 'ValueArgument', label, value: { kind: 'Unary', operator: '-', operand: this.expr(1), span }, span });
    }
  }

  query(depth: number): Query {
    const { random } = this;
    const count = (): Expr | undefined => random.pick<Expr | undefined>([undefined, { kind: 'Number', text: '10', span }, { kind: 'Parameter', name: undefined, span }]);
    switch (depth <= 0 ? 9 : random.int(0, 9)) {
      case 0:
        return this.note({ kind: 'SetOperation', operator: random.pick(['UNION', 'INTERSECT', 'EXCEPT'] as const), all: random.chance(0.5), inputs: random.list(2, 3, () => this.query(depth - 1)), span });
      case 1:
        return this.note({ kind: 'Values', rows: random.list(1, 2, () => random.list(1, 2, () => this.expr(1))), span });
      case 2:
        return this.note({ kind: 'With', recursive: random.chance(0.2), tables: random.list(1, 2, () => ({ name: this.identifier(), columns: random.list(0, 2, () => this.identifier()), query: this.query(depth - 1), span })), query: this.query(depth - 1), span });
      case 3: {
        const [limit, offset] = [count(), count()];
        return this.note({ kind: 'Ordered', query: this.query(depth - 1), orderBy: random.list(limit === undefined && offset === undefined ? 1 : 0, 2, () => this.sortItem()), offset, limit, span });
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
      return { expr: this.note<Expr>({ kind: 'Star', qualifier, span }), alias: undefined, span };
    });
    const from = random.chance(0.85) ? this.tableRef(depth) : undefined;
    return this.note({ kind: 'Select', hints: this.hints(), qualify: random.chance(0.1) ? this.expr(1) : undefined, windows: random.list(0, 1, () => ({ name: this.identifier(), spec: this.windowSpec(1), span })), distinct: random.chance(0.2), items, from, where: maybe(), groupBy: random.chance(0.3) ? random.list(1, 3, () => (random.chance(0.8) ? this.expr(1) : this.groupingSets(1))) : [], having: maybe(), span });
  }
}
