import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import type { Rule } from './grammar-base.ts';
import { isName } from './grammar-calls.ts';
import { TableGrammar } from './grammar-tables.ts';
import { symbols as s, words as w } from './tokens.ts';

/** SELECT with its clauses. */
export abstract class SelectGrammar extends TableGrammar {
  select: Rule<ast.Select> = this.RULE('select', (): ast.Select => {
    const first = this.CONSUME(w.SELECT);
    const hints = this.SUBRULE(this.hints);
    const distinct = this.OPTION(() => this.OR([{ ALT: () => (this.CONSUME(w.DISTINCT), true) }, { ALT: () => (this.CONSUME(w.ALL), false) }])) ?? false;
    const items: ast.SelectItem[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => items.push(this.SUBRULE(this.selectItem)) });
    const from = this.OPTION2(() => (this.CONSUME(w.FROM), this.SUBRULE(this.from)));
    const where = this.OPTION3(() => (this.CONSUME(w.WHERE), this.SUBRULE(this.expression)));
    const groupBy: ast.Expr[] = [];
    this.OPTION4(() => {
      this.CONSUME(w.GROUP);
      this.CONSUME(w.BY);
      this.AT_LEAST_ONE_SEP2({ SEP: s.Comma, DEF: () => groupBy.push(this.SUBRULE(this.groupItem)) });
    });
    const having = this.OPTION5(() => (this.CONSUME(w.HAVING), this.SUBRULE3(this.expression)));
    const windows: ast.NamedWindow[] = [];
    this.OPTION6(() => {
      this.CONSUME(w.WINDOW);
      this.AT_LEAST_ONE_SEP3({ SEP: s.Comma, DEF: () => windows.push(this.SUBRULE(this.namedWindow)) });
    });
    const qualify = this.OPTION7(() => (this.CONSUME(w.QUALIFY), this.SUBRULE4(this.expression)));
    return { kind: 'Select', hints, distinct, items, from, where, groupBy, having, windows, qualify, span: this.since(first) };
  });

  namedWindow: Rule<ast.NamedWindow> = this.RULE('namedWindow', (): ast.NamedWindow => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.identifier);
    this.CONSUME(w.AS);
    const spec = this.SUBRULE(this.windowSpec);
    return { name, spec, span: this.since(first) };
  });

  /** An expression, GROUPING SETS, ROLLUP or CUBE, or () for one group of all. */
  groupItem: Rule<ast.Expr> = this.RULE('groupItem', (): ast.Expr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Expr>[]>([
      {
        GATE: () => (this.LA(1).tokenType === w.GROUPING ? this.LA(2).tokenType === w.SETS : this.LA(2).tokenType === s.LeftParen),
        ALT: () => {
          const operator = this.OR2([
            { ALT: () => (this.CONSUME(w.GROUPING), this.CONSUME(w.SETS), 'GROUPING SETS' as const) },
            { ALT: () => (this.CONSUME(w.ROLLUP), 'ROLLUP' as const) },
            { ALT: () => (this.CONSUME(w.CUBE), 'CUBE' as const) },
          ]);
          const sets: (readonly ast.Expr[])[] = [];
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => sets.push(this.SUBRULE(this.groupingSet)) });
          this.CONSUME(s.RightParen);
          return { kind: 'GroupingSets', operator, sets, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(2).tokenType === s.RightParen,
        ALT: () => (this.CONSUME2(s.LeftParen), this.CONSUME2(s.RightParen), { kind: 'GroupingSets', operator: 'GROUPING SETS', sets: [[]], span: this.since(first) }),
      },
      { ALT: () => this.SUBRULE(this.expression) },
    ]);
  });

  groupingSet: Rule<ast.Expr[]> = this.RULE('groupingSet', (): ast.Expr[] => {
    const set: ast.Expr[] = [];
    this.OR([
      {
        GATE: () => this.LA(1).tokenType === s.LeftParen && this.LA(2).tokenType !== s.RightParen,
        ALT: () => {
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => set.push(this.SUBRULE(this.expression)) });
          this.CONSUME(s.RightParen);
        },
      },
      { GATE: () => this.LA(1).tokenType === s.LeftParen, ALT: () => (this.CONSUME2(s.LeftParen), this.CONSUME2(s.RightParen)) },
      { ALT: () => set.push(this.SUBRULE(this.groupItem)) },
    ]);
    return set;
  });

  selectItem: Rule<ast.SelectItem> = this.RULE('selectItem', (): ast.SelectItem => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.SelectItem>[]>([
      { ALT: () => ({ expr: this.SUBRULE(this.starArgument), alias: undefined, span: this.since(first) }) },
      {
        GATE: () => this.isQualifiedStar(),
        ALT: () => {
          const qualifier = this.SUBRULE(this.name);
          this.CONSUME(s.Dot);
          this.CONSUME(s.Star);
          const span = this.since(first);
          return { expr: { kind: 'Star', qualifier: { ...qualifier, span }, span }, alias: undefined, span };
        },
      },
      {
        ALT: () => {
          const expr = this.SUBRULE(this.expression);
          const alias = this.OPTION({ GATE: () => !this.isClause(), DEF: () => this.SUBRULE(this.alias) });
          return { expr, alias, span: this.since(first) };
        },
      },
    ]);
  });

  /** Whether `a.*` or `a.b.*` stands here. */
  protected isQualifiedStar(): boolean {
    let k = 2;
    while (this.LA(k).tokenType === s.Dot && isName(this.LA(k + 1).tokenType)) k += 2;
    return this.LA(k).tokenType === s.Dot && this.LA(k + 1).tokenType === s.Star;
  }
}
