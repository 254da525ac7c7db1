import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import type { Rule } from './grammar-base.ts';
import { ExpressionGrammar } from './grammar-expressions.ts';
import { symbols as s, words as w } from './tokens.ts';

/** Queries and what stands in FROM. */
export abstract class QueryGrammar extends ExpressionGrammar {
  query: Rule<ast.Query> = this.RULE('query', (): ast.Query => {
    const first = this.CONSUME(w.SELECT);
    const distinct = this.OPTION(() => this.OR([{ ALT: () => (this.CONSUME(w.DISTINCT), true) }, { ALT: () => (this.CONSUME(w.ALL), false) }])) ?? false;
    const items: ast.SelectItem[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => items.push(this.SUBRULE(this.selectItem)) });
    const from = this.OPTION2(() => (this.CONSUME(w.FROM), this.SUBRULE(this.tableRef)));
    const where = this.OPTION3(() => (this.CONSUME(w.WHERE), this.SUBRULE(this.expression)));
    const groupBy: ast.Expr[] = [];
    this.OPTION4(() => {
      this.CONSUME(w.GROUP);
      this.CONSUME(w.BY);
      this.AT_LEAST_ONE_SEP2({ SEP: s.Comma, DEF: () => groupBy.push(this.SUBRULE2(this.expression)) });
    });
    const having = this.OPTION5(() => (this.CONSUME(w.HAVING), this.SUBRULE3(this.expression)));
    return { kind: 'Select', distinct, items, from, where, groupBy, having, span: this.since(first) };
  });

  selectItem: Rule<ast.SelectItem> = this.RULE('selectItem', (): ast.SelectItem => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.SelectItem>[]>([
      { ALT: () => ({ expr: this.SUBRULE(this.starArgument), alias: undefined, span: this.since(first) }) },
      {
        GATE: () => this.LA(2).tokenType === s.Dot && this.LA(3).tokenType === s.Star,
        ALT: () => {
          const qualifier = this.SUBRULE(this.identifier);
          this.CONSUME(s.Dot);
          this.CONSUME(s.Star);
          const span = this.since(first);
          return { expr: { kind: 'Star', qualifier: { parts: [qualifier], span }, span }, alias: undefined, span };
        },
      },
      {
        ALT: () => {
          const expr = this.SUBRULE(this.expression);
          const alias = this.OPTION(() => (this.OPTION2(() => this.CONSUME(w.AS)), this.SUBRULE2(this.identifier)));
          return { expr, alias, span: this.since(first) };
        },
      },
    ]);
  });

  alias: Rule<ast.Identifier> = this.RULE('alias', (): ast.Identifier => {
    this.OPTION(() => this.CONSUME(w.AS));
    return this.SUBRULE(this.identifier);
  });

  tableRef: Rule<ast.TableRef> = this.RULE('tableRef', (): ast.TableRef => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.TableRef>[]>([
      {
        GATE: () => this.LA(1).tokenType === w.TABLE && this.LA(2).tokenType === s.LeftParen,
        ALT: () => {
          this.CONSUME(w.TABLE);
          this.CONSUME(s.LeftParen);
          const name = this.SUBRULE(this.identifier);
          const args: ast.TableArgument[] = [];
          this.CONSUME2(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => args.push(this.SUBRULE(this.tableArgument)) });
          this.CONSUME(s.RightParen);
          this.CONSUME2(s.RightParen);
          const alias = this.OPTION(() => this.SUBRULE(this.alias));
          return { kind: 'TableFunction', name, args, alias, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME3(s.LeftParen);
          const query = this.SUBRULE(this.query);
          this.CONSUME3(s.RightParen);
          const alias = this.OPTION2(() => this.SUBRULE2(this.alias));
          return { kind: 'DerivedTable', query, alias, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          const name = this.SUBRULE(this.name);
          const alias = this.OPTION3(() => this.SUBRULE3(this.alias));
          return { kind: 'NamedTable', name, alias, span: this.since(first) };
        },
      },
    ]);
  });

  tableArgument: Rule<ast.TableArgument> = this.RULE('tableArgument', (): ast.TableArgument => {
    const first = this.LA(1);
    const label = this.OPTION({
      GATE: () => this.LA(2).tokenType === s.Arrow,
      DEF: () => {
        const name = this.SUBRULE(this.identifier);
        this.CONSUME(s.Arrow);
        return name;
      },
    });
    return this.OR<IOrAlt<ast.TableArgument>[]>([
      {
        GATE: () => this.LA(1).tokenType === w.TABLE,
        ALT: () => {
          this.CONSUME(w.TABLE);
          const name = this.SUBRULE(this.name);
          const table: ast.TableRef = { kind: 'NamedTable', name, alias: undefined, span: this.since(first) };
          return { kind: 'TableArgument', label, table, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(1).tokenType === s.LeftParen && this.LA(2).tokenType === w.SELECT,
        ALT: () => {
          this.CONSUME(s.LeftParen);
          const query = this.SUBRULE(this.query);
          this.CONSUME(s.RightParen);
          const span = this.since(first);
          return { kind: 'TableArgument', label, table: { kind: 'DerivedTable', query, alias: undefined, span }, span };
        },
      },
      {
        GATE: () => this.LA(2).tokenType === s.LeftParen,
        ALT: () => {
          this.CONSUME(w.DESCRIPTOR);
          const columns = this.SUBRULE(this.identifierList);
          return { kind: 'DescriptorArgument', label, columns, span: this.since(first) };
        },
      },
      { ALT: () => ({ kind: 'ValueArgument', label, value: this.SUBRULE(this.expression), span: this.since(first) }) },
    ]);
  });
}
