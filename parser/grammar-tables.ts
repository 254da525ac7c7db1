import type { IOrAlt, TokenType } from 'chevrotain';
import type * as ast from './ast.ts';
import { EOF } from '#chevrotain';
import { upper, spanOf, type Rule } from './grammar-base.ts';
import { isName } from './grammar-calls.ts';
import { noAlias, TableFunctionGrammar } from './grammar-table-functions.ts';
import { maxNesting, tooDeep } from './nesting.ts';
import { NamedParameter, NumberLiteral, symbols as s, words as w } from './tokens.ts';

interface TableAlias {
  readonly alias: ast.Identifier | undefined;
  readonly columns: readonly ast.Identifier[];
}

/** What may follow an alias: behind QUALIFY it says that the word is one. */
const behindAlias: ReadonlySet<TokenType> = new Set([
  EOF, s.Comma, s.RightParen, s.Semicolon, w.FROM, w.WHERE, w.GROUP, w.HAVING, w.ORDER, w.LIMIT, w.UNION, w.EXCEPT, w.INTERSECT, w.JOIN, w.LEFT, w.RIGHT, w.FULL, w.INNER, w.CROSS, w.ON, w.USING,
]);

/** What stands in FROM. */
export abstract class TableGrammar extends TableFunctionGrammar {
  alias: Rule<ast.Identifier> = this.RULE('alias', (): ast.Identifier => {
    this.OPTION(() => this.CONSUME(w.AS));
    return this.SUBRULE(this.identifier);
  });

  tableAlias: Rule<TableAlias> = this.RULE('tableAlias', (): TableAlias => {
    let alias: ast.Identifier | undefined;
    let columns: readonly ast.Identifier[] = [];
    this.OPTION({
      GATE: () => !this.isClause(),
      DEF: () => {
        alias = this.SUBRULE(this.alias);
        this.OPTION2(() => (columns = this.SUBRULE(this.identifierList)));
      },
    });
    return { alias, columns };
  });

  /** Whether a word that could be an alias begins a clause: OFFSET 5, FETCH FIRST, WINDOW w AS (. */
  protected isClause(k = 1): boolean {
    const { tokenType } = this.LA(k);
    const next = this.LA(k + 1).tokenType;
    if (tokenType === w.MATCH_RECOGNIZE) return next === s.LeftParen;
    if (tokenType === w.OFFSET) return next === NumberLiteral || next === s.Question || next === NamedParameter;
    if (tokenType === w.NATURAL) return [w.JOIN, w.INNER, w.LEFT, w.RIGHT, w.FULL].includes(next);
    if (tokenType === w.WINDOW) return isName(next) && this.LA(k + 2).tokenType === w.AS && this.LA(k + 3).tokenType === s.LeftParen;
    if (tokenType === w.QUALIFY) return !behindAlias.has(next) || (next !== EOF && this.LA(k + 2).tokenType === s.LeftParen && (next === w.LEFT || next === w.RIGHT));
    return tokenType === w.FETCH && (next === w.FIRST || next === w.NEXT);
  }

  /** Joins, of which a comma binds loosest. */
  from: Rule<ast.TableRef> = this.RULE('from', (): ast.TableRef => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.joined);
    let length = 0;
    this.MANY(() => {
      const comma = this.CONSUME(s.Comma);
      if (++length > maxNesting) throw tooDeep(spanOf(comma));
      const right = this.SUBRULE2(this.joined);
      left = { kind: 'Join', type: 'CROSS', natural: false, left, right, on: undefined, using: [], ...noAlias, span: this.since(first) };
    });
    return left;
  });

  joined: Rule<ast.TableRef> = this.RULE('joined', (): ast.TableRef => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.tableRef);
    let length = 0;
    this.MANY(() => {
      if (++length > maxNesting) throw tooDeep(spanOf(this.LA(1)));
      const natural = this.OPTION(() => this.CONSUME(w.NATURAL)) !== undefined;
      const type = this.SUBRULE(this.joinType);
      const right = this.SUBRULE2(this.tableRef);
      let on: ast.Expr | undefined;
      let using: readonly ast.Identifier[] = [];
      // INSERT INTO t SELECT ... FROM a CROSS JOIN b ON CONFLICT DO NOTHING
      this.OPTION2({ GATE: () => this.LA(2).tokenType !== w.CONFLICT || this.LA(3).tokenType !== w.DO, DEF: () =>
        this.OR([
          { ALT: () => (this.CONSUME(w.ON), (on = this.SUBRULE(this.expression))) },
          { ALT: () => (this.CONSUME(w.USING), (using = this.SUBRULE(this.identifierList))) },
        ]),
      });
      left = { kind: 'Join', type, natural, left, right, on, using, ...noAlias, span: this.since(first) };
    });
    return left;
  });

  joinType: Rule<'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS'> = this.RULE('joinType', () => {
    let type = 'INNER';
    this.OPTION(() =>
      this.OR([
        { ALT: () => this.CONSUME(w.INNER) },
        { ALT: () => (this.CONSUME(w.CROSS), (type = 'CROSS')) },
        {
          ALT: () => {
            type = upper(this.OR2([{ ALT: () => this.CONSUME(w.LEFT) }, { ALT: () => this.CONSUME(w.RIGHT) }, { ALT: () => this.CONSUME(w.FULL) }]));
            this.OPTION2(() => this.CONSUME(w.OUTER));
          },
        },
      ]),
    );
    this.CONSUME(w.JOIN);
    return type as 'INNER';
  });

  tableRef: Rule<ast.TableRef> = this.RULE('tableRef', (): ast.TableRef => {
    const first = this.LA(1);
    const table = this.SUBRULE(this.singleTable);
    let whole = table;
    this.OPTION({
      GATE: () => this.LA(2).tokenType === s.LeftParen,
      DEF: () => {
        const match = this.SUBRULE(this.matchClause);
        const alias = this.SUBRULE(this.tableAlias);
        whole = { kind: 'MatchRecognize', table, match, ...alias, span: this.since(first) };
      },
    });
    return whole;
  });

  singleTable: Rule<ast.TableRef> = this.RULE('singleTable', (): ast.TableRef => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.TableRef>[]>([
      {
        GATE: () => this.LA(2).tokenType === s.LeftParen || this.LA(2).tokenType === w.TABLE || (isName(this.LA(2).tokenType) && this.LA(3).tokenType === s.LeftParen && !this.isClause(2)),
        ALT: () => {
          this.CONSUME(w.LATERAL);
          const table = this.SUBRULE(this.namelessTable);
          const alias = this.SUBRULE(this.tableAlias);
          return { kind: 'Lateral', table, ...alias, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(2).tokenType === s.LeftParen,
        ALT: () => {
          const values: ast.Expr[] = [];
          this.CONSUME(w.UNNEST);
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => values.push(this.SUBRULE(this.expression)) });
          this.CONSUME(s.RightParen);
          const ordinality = this.OPTION(() => (this.CONSUME(w.WITH), this.CONSUME(w.ORDINALITY))) !== undefined;
          const alias = this.SUBRULE2(this.tableAlias);
          return { kind: 'Unnest', values, ordinality, ...alias, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(1).tokenType === s.LeftParen && !this.isQueryAt(2),
        ALT: () => {
          this.CONSUME2(s.LeftParen);
          const table = this.SUBRULE(this.from);
          this.CONSUME2(s.RightParen);
          return table;
        },
      },
      {
        GATE: () => this.LA(1).tokenType === s.LeftParen || this.LA(2).tokenType === s.LeftParen,
        ALT: () => {
          const table = this.SUBRULE2(this.namelessTable);
          const alias = this.SUBRULE3(this.tableAlias);
          const span = this.since(first);
          return this.RECORDING_PHASE ? table : { ...table, ...alias, span };
        },
      },
      {
        ALT: () => {
          const name = this.SUBRULE(this.name);
          const before = this.SUBRULE(this.hints);
          const time = this.OPTION2(() => {
            this.CONSUME(w.FOR);
            this.CONSUME(w.SYSTEM_TIME);
            this.CONSUME(w.AS);
            this.CONSUME(w.OF);
            return this.SUBRULE2(this.expression);
          });
          const alias = this.SUBRULE4(this.tableAlias);
          const after = this.SUBRULE2(this.hints);
          const hints = this.RECORDING_PHASE ? [] : [...before, ...after];
          const span = this.since(first);
          return time === undefined ? { kind: 'NamedTable', name, hints, ...alias, span } : { kind: 'Temporal', name, hints, time, ...alias, span };
        },
      },
    ]);
  });
}
