import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import { spanOf, stringText, upper, type Rule } from './grammar-base.ts';
import { QueryGrammar } from './grammar-queries.ts';
import { endOf, Identifier, StringLiteral, symbols as s, words as w } from './tokens.ts';

/**
 * The grammar of the dialect and, in its actions, the making of the AST. Chevrotain runs every rule once with made-up tokens to learn
 * the grammar, so an action must not look inside what a rule returned; spans come from the token stream.
 */
export class Grammar extends QueryGrammar {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  statement: Rule<ast.Statement> = this.RULE('statement', (): ast.Statement =>
    this.OR<IOrAlt<ast.Statement>[]>([
      { ALT: () => this.SUBRULE(this.create) },
      { ALT: () => this.SUBRULE(this.drop) },
      { GATE: () => this.LA(2).tokenType !== w.STATEMENT, ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.statementSet) },
      { ALT: () => this.SUBRULE(this.queryStatement) },
      { ALT: () => this.SUBRULE(this.explain) },
      { ALT: () => this.SUBRULE(this.set) },
      { ALT: () => this.SUBRULE(this.show) },
      { ALT: () => this.SUBRULE(this.describe) },
    ]),
  );

  queryStatement: Rule<ast.Statement> = this.RULE('queryStatement', (): ast.Statement => {
    const first = this.LA(1);
    return { kind: 'QueryStatement', query: this.SUBRULE(this.query), span: this.since(first) };
  });

  create: Rule<ast.Statement> = this.RULE('create', (): ast.Statement => {
    const first = this.CONSUME(w.CREATE);
    const temporary = this.OPTION(() => this.CONSUME(w.TEMPORARY)) !== undefined;
    return this.OR<IOrAlt<ast.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.TABLE);
          const ifNotExists = this.OPTION2({ GATE: () => this.LA(2).tokenType === w.NOT, DEF: () => this.SUBRULE(this.ifNotExists) }) === true;
          const name = this.SUBRULE(this.name);
          const columns: ast.ColumnClause[] = [];
          this.OPTION3(() => {
            this.CONSUME(s.LeftParen);
            this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => columns.push(this.SUBRULE(this.columnClause)) });
            this.CONSUME(s.RightParen);
          });
          this.OPTION4(() => (this.CONSUME(w.COMMENT), this.CONSUME(StringLiteral)));
          const start = this.LA(1);
          const options = this.OPTION5(() => (this.CONSUME(w.WITH), this.SUBRULE(this.options))) ?? [];
          const optionsSpan = options.length > 0 ? { start: start.startOffset, end: endOf(start) } : { start: first.startOffset, end: endOf(first) };
          return { kind: 'CreateTable', name, temporary, ifNotExists, columns, options, optionsSpan, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.VIEW);
          const ifNotExists = this.OPTION6({ GATE: () => this.LA(2).tokenType === w.NOT, DEF: () => this.SUBRULE2(this.ifNotExists) }) === true;
          const name = this.SUBRULE2(this.name);
          const columns = this.OPTION7(() => this.SUBRULE(this.identifierList)) ?? [];
          this.CONSUME(w.AS);
          const query = this.SUBRULE(this.query);
          return { kind: 'CreateView', name, temporary, ifNotExists, columns, query, span: this.since(first) };
        },
      },
    ]);
  });

  ifNotExists: Rule<boolean> = this.RULE('ifNotExists', (): boolean => {
    this.CONSUME(w.IF);
    this.CONSUME(w.NOT);
    this.CONSUME(w.EXISTS);
    return true;
  });

  columnClause: Rule<ast.ColumnClause> = this.RULE('columnClause', (): ast.ColumnClause => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.ColumnClause>[]>([
      {
        GATE: () => this.LA(2).tokenType === w.FOR,
        ALT: () => {
          this.CONSUME(w.WATERMARK);
          this.CONSUME(w.FOR);
          const column = this.SUBRULE(this.identifier);
          this.CONSUME(w.AS);
          const expr = this.SUBRULE(this.expression);
          return { kind: 'Watermark', column, expr, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(1).tokenType === w.CONSTRAINT ? this.LA(3).tokenType === w.PRIMARY : this.LA(2).tokenType === w.KEY,
        ALT: () => {
          this.OPTION(() => (this.CONSUME(w.CONSTRAINT), this.SUBRULE2(this.identifier)));
          this.CONSUME(w.PRIMARY);
          this.CONSUME(w.KEY);
          const columns = this.SUBRULE(this.identifierList);
          this.OPTION2(() => (this.CONSUME(w.NOT), this.CONSUME(w.ENFORCED)));
          return { kind: 'PrimaryKey', columns, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(2).tokenType === w.AS,
        ALT: () => {
          const name = this.SUBRULE3(this.identifier);
          this.CONSUME2(w.AS);
          const expr = this.SUBRULE2(this.expression);
          this.OPTION3(() => (this.CONSUME(w.COMMENT), this.CONSUME(StringLiteral)));
          return { kind: 'ComputedColumn', name, expr, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          const name = this.SUBRULE4(this.identifier);
          const type = this.SUBRULE(this.type);
          let clause: ast.ColumnClause = { kind: 'PhysicalColumn', name, type, primaryKey: false, span: this.since(first) };
          this.OPTION4(() => {
            this.OR2([
              {
                ALT: () => {
                  this.CONSUME(w.METADATA);
                  const key = this.OPTION5(() => (this.CONSUME(w.FROM), stringText(this.CONSUME2(StringLiteral))));
                  const isVirtual = this.OPTION6(() => this.CONSUME(w.VIRTUAL)) !== undefined;
                  clause = { kind: 'MetadataColumn', name, type, key, isVirtual, span: this.since(first) };
                },
              },
              {
                ALT: () => {
                  this.CONSUME2(w.PRIMARY);
                  this.CONSUME2(w.KEY);
                  this.OPTION7(() => (this.CONSUME2(w.NOT), this.CONSUME2(w.ENFORCED)));
                  clause = { kind: 'PhysicalColumn', name, type, primaryKey: true, span: this.since(first) };
                },
              },
            ]);
          });
          this.OPTION8(() => (this.CONSUME2(w.COMMENT), this.CONSUME3(StringLiteral)));
          return clause;
        },
      },
    ]);
  });

  options: Rule<ast.OptionPair[]> = this.RULE('options', (): ast.OptionPair[] => {
    const pairs: ast.OptionPair[] = [];
    this.CONSUME(s.LeftParen);
    this.MANY_SEP({
      SEP: s.Comma,
      DEF: () => {
        const key = this.CONSUME(StringLiteral);
        this.CONSUME(s.Equal);
        const value = this.CONSUME2(StringLiteral);
        pairs.push({ key: { text: stringText(key), span: spanOf(key) }, value: { text: stringText(value), span: spanOf(value) }, span: this.since(key) });
      },
    });
    this.CONSUME(s.RightParen);
    return pairs;
  });

  drop: Rule<ast.Statement> = this.RULE('drop', (): ast.Statement => {
    const first = this.CONSUME(w.DROP);
    this.OPTION(() => this.CONSUME(w.TEMPORARY));
    const what = this.OR([{ ALT: () => (this.CONSUME(w.TABLE), 'TABLE' as const) }, { ALT: () => (this.CONSUME(w.VIEW), 'VIEW' as const) }]);
    const ifExists = this.OPTION2({ GATE: () => this.LA(2).tokenType === w.EXISTS, DEF: () => (this.CONSUME(w.IF), this.CONSUME(w.EXISTS)) }) !== undefined;
    const name = this.SUBRULE(this.name);
    return { kind: 'Drop', what, name, ifExists, span: this.since(first) };
  });

  insert: Rule<ast.InsertStatement> = this.RULE('insert', (): ast.InsertStatement => {
    const first = this.LA(1);
    this.OPTION({ GATE: () => this.LA(2).tokenType === w.INSERT, DEF: () => this.CONSUME(w.EXECUTE) });
    this.CONSUME(w.INSERT);
    this.CONSUME(w.INTO);
    const table = this.SUBRULE(this.name);
    const columns = this.OPTION2(() => this.SUBRULE(this.identifierList)) ?? [];
    const query = this.SUBRULE(this.query);
    return { kind: 'Insert', table, columns, query, span: this.since(first) };
  });

  statementSet: Rule<ast.Statement> = this.RULE('statementSet', (): ast.Statement => {
    const first = this.LA(1);
    this.CONSUME(w.EXECUTE);
    this.CONSUME(w.STATEMENT);
    this.CONSUME(w.SET);
    this.CONSUME(w.BEGIN);
    const inserts: ast.InsertStatement[] = [];
    this.AT_LEAST_ONE(() => {
      inserts.push(this.SUBRULE(this.insert));
      this.CONSUME(s.Semicolon);
    });
    this.CONSUME(w.END);
    return { kind: 'StatementSet', inserts, span: this.since(first) };
  });

  explain: Rule<ast.Statement> = this.RULE('explain', (): ast.Statement => {
    const first = this.CONSUME(w.EXPLAIN);
    const details: string[] = [];
    this.OPTION({
      GATE: () => this.LA(1).tokenType !== w.EXECUTE,
      DEF: () =>
      this.OR([
        { GATE: () => this.LA(2).tokenType === w.FOR, ALT: () => (this.CONSUME(w.PLAN), this.CONSUME(w.FOR)) },
        { ALT: () => this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => details.push(upper(this.CONSUME(Identifier))) }) },
      ]),
    });
    const statement = this.OR2<IOrAlt<ast.Statement>[]>([
      { GATE: () => this.LA(2).tokenType !== w.STATEMENT, ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.statementSet) },
      { ALT: () => this.SUBRULE(this.queryStatement) },
    ]);
    return { kind: 'Explain', details, statement, span: this.since(first) };
  });

  set: Rule<ast.Statement> = this.RULE('set', (): ast.Statement => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.SET);
          const pair = this.OPTION(() => {
            const key = stringText(this.CONSUME(StringLiteral));
            this.CONSUME(s.Equal);
            return [key, stringText(this.CONSUME2(StringLiteral))] as const;
          });
          return { kind: 'Set', key: pair?.[0], value: pair?.[1], span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.RESET);
          const key = this.OPTION2(() => stringText(this.CONSUME3(StringLiteral)));
          return { kind: 'Reset', key, span: this.since(first) };
        },
      },
    ]);
  });

  show: Rule<ast.Statement> = this.RULE('show', (): ast.Statement => {
    const first = this.CONSUME(w.SHOW);
    return this.OR<IOrAlt<ast.Statement>[]>([
      { ALT: () => (this.CONSUME(w.TABLES), { kind: 'Show', what: 'TABLES', span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.VIEWS), { kind: 'Show', what: 'VIEWS', span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.JOBS), { kind: 'Show', what: 'JOBS', span: this.since(first) }) },
      {
        ALT: () => {
          this.CONSUME(w.CREATE);
          this.OR2([{ ALT: () => this.CONSUME(w.TABLE) }, { ALT: () => this.CONSUME(w.VIEW) }]);
          return { kind: 'ShowCreate', name: this.SUBRULE(this.name), span: this.since(first) };
        },
      },
    ]);
  });

  describe: Rule<ast.Statement> = this.RULE('describe', (): ast.Statement => {
    const first = this.LA(1);
    this.OR([{ ALT: () => this.CONSUME(w.DESCRIBE) }, { ALT: () => this.CONSUME(w.DESC) }]);
    return { kind: 'Describe', name: this.SUBRULE(this.name), span: this.since(first) };
  });
}
