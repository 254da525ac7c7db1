import type { IOrAlt } from 'chevrotain';
import type { Span } from '../core/span.ts';
import type * as ast from './ast.ts';
import { spanOf, stringText, upper, type Rule } from './grammar-base.ts';
import { QueryGrammar } from './grammar-queries.ts';
import { NumberLiteral, StringLiteral, symbols as s, words as w } from './tokens.ts';

interface Subject {
  readonly ifNotExists: boolean;
  readonly name: ast.Name;
}

/** CREATE, ALTER and DROP. */
export abstract class DefinitionGrammar extends QueryGrammar {
  create: Rule<ast.Statement> = this.RULE('create', (): ast.Statement => {
    const first = this.CONSUME(w.CREATE);
    const temporary = this.OPTION(() => this.CONSUME(w.TEMPORARY)) !== undefined;
    return this.OR<IOrAlt<ast.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.TABLE);
          const subject = this.SUBRULE(this.subject);
          const columns = this.OPTION2(() => this.SUBRULE(this.columnClauses)) ?? [];
          const comment = this.SUBRULE(this.comment);
          const distribution = this.OPTION3(() => this.SUBRULE(this.distribution));
          const partitionedBy = this.OPTION4(() => (this.CONSUME(w.PARTITIONED), this.CONSUME(w.BY), this.SUBRULE(this.identifierList))) ?? [];
          const start = this.LA(1);
          const options = this.SUBRULE(this.withOptions);
          const at: Span = options.length > 0 ? spanOf(start) : spanOf(first);
          const like = this.OPTION5(() => this.SUBRULE(this.likeClause));
          const query = this.OPTION6(() => (this.CONSUME(w.AS), this.SUBRULE(this.query)));
          return { kind: 'CreateTable', ...subject, temporary, columns, comment, distribution, partitionedBy, options, optionsSpan: at, like, query, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.VIEW);
          const subject = this.SUBRULE2(this.subject);
          const columns = this.OPTION7(() => this.SUBRULE2(this.identifierList)) ?? [];
          const comment = this.SUBRULE2(this.comment);
          this.CONSUME2(w.AS);
          const query = this.SUBRULE2(this.query);
          return { kind: 'CreateView', ...subject, temporary, columns, comment, query, span: this.since(first) };
        },
      },
      {
        GATE: () => !temporary,
        ALT: () => {
          const kind = this.OR2([{ ALT: () => (this.CONSUME(w.CATALOG), 'CreateCatalog' as const) }, { ALT: () => (this.CONSUME(w.DATABASE), 'CreateDatabase' as const) }]);
          const subject = this.SUBRULE3(this.subject);
          const comment = this.SUBRULE3(this.comment);
          const options = this.SUBRULE2(this.withOptions);
          return { kind, ...subject, comment, options, span: this.since(first) };
        },
      },
    ]);
  });

  /** `IF NOT EXISTS a.b` */
  subject: Rule<Subject> = this.RULE('subject', (): Subject => {
    const ifNotExists = this.OPTION({ GATE: () => this.LA(2).tokenType === w.NOT, DEF: () => (this.CONSUME(w.IF), this.CONSUME(w.NOT), this.CONSUME(w.EXISTS)) }) !== undefined;
    return { ifNotExists, name: this.SUBRULE(this.name) };
  });

  comment: Rule<string | undefined> = this.RULE('comment', (): string | undefined => this.OPTION(() => (this.CONSUME(w.COMMENT), stringText(this.CONSUME(StringLiteral)))));

  columnClauses: Rule<ast.ColumnClause[]> = this.RULE('columnClauses', (): ast.ColumnClause[] => {
    const columns: ast.ColumnClause[] = [];
    this.CONSUME(s.LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => columns.push(this.SUBRULE(this.columnClause)) });
    this.CONSUME(s.RightParen);
    return columns;
  });

  distribution: Rule<ast.Distribution> = this.RULE('distribution', (): ast.Distribution => {
    const first = this.CONSUME(w.DISTRIBUTED);
    let by: 'HASH' | 'RANGE' | undefined;
    let columns: readonly ast.Identifier[] = [];
    this.OPTION(() => {
      this.CONSUME(w.BY);
      this.OPTION2(() => (by = this.OR([{ ALT: () => (this.CONSUME(w.HASH), 'HASH' as const) }, { ALT: () => (this.CONSUME(w.RANGE), 'RANGE' as const) }])));
      columns = this.SUBRULE(this.identifierList);
    });
    const buckets = this.OPTION3(() => {
      this.CONSUME(w.INTO);
      const count = this.CONSUME(NumberLiteral).image;
      this.CONSUME(w.BUCKETS);
      return count;
    });
    return { by, columns, buckets, span: this.since(first) };
  });

  likeClause: Rule<ast.LikeClause> = this.RULE('likeClause', (): ast.LikeClause => {
    const first = this.CONSUME(w.LIKE);
    const table = this.SUBRULE(this.name);
    const choices: ast.LikeChoice[] = [];
    this.OPTION(() => {
      this.CONSUME(s.LeftParen);
      this.MANY(() => {
        const start = this.LA(1);
        const action = upper(this.OR([{ ALT: () => this.CONSUME(w.INCLUDING) }, { ALT: () => this.CONSUME(w.EXCLUDING) }, { ALT: () => this.CONSUME(w.OVERWRITING) }]));
        const parts = [w.ALL, w.CONSTRAINTS, w.DISTRIBUTION, w.PARTITIONS, w.GENERATED, w.METADATA, w.OPTIONS, w.WATERMARKS];
        const what = upper(this.OR2(parts.map((part) => ({ ALT: () => this.CONSUME(part) }))));
        this.OPTION2(() => this.CONSUME(s.Comma));
        choices.push({ action: action as ast.LikeChoice['action'], what: what as ast.LikeChoice['what'], span: this.since(start) });
      });
      this.CONSUME(s.RightParen);
    });
    return { table, choices, span: this.since(first) };
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
          const constraint = this.OPTION(() => (this.CONSUME(w.CONSTRAINT), this.SUBRULE2(this.identifier)));
          this.CONSUME(w.PRIMARY);
          this.CONSUME(w.KEY);
          const columns = this.SUBRULE(this.identifierList);
          this.OPTION2(() => (this.CONSUME(w.NOT), this.CONSUME(w.ENFORCED)));
          return { kind: 'PrimaryKey', constraint, columns, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(2).tokenType === w.AS,
        ALT: () => {
          const name = this.SUBRULE3(this.identifier);
          this.CONSUME2(w.AS);
          const expr = this.SUBRULE2(this.expression);
          const comment = this.SUBRULE(this.comment);
          return { kind: 'ComputedColumn', name, expr, comment, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          const name = this.SUBRULE4(this.identifier);
          const type = this.SUBRULE(this.type);
          let primaryKey = false;
          let metadata: { readonly key: string | undefined; readonly isVirtual: boolean } | undefined;
          this.OPTION4(() => {
            this.OR2([
              {
                ALT: () => {
                  this.CONSUME(w.METADATA);
                  const key = this.OPTION5(() => (this.CONSUME(w.FROM), stringText(this.CONSUME2(StringLiteral))));
                  metadata = { key, isVirtual: this.OPTION6(() => this.CONSUME(w.VIRTUAL)) !== undefined };
                },
              },
              {
                ALT: () => {
                  primaryKey = true;
                  this.OPTION8(() => (this.CONSUME2(w.CONSTRAINT), this.SUBRULE5(this.identifier)));
                  this.CONSUME2(w.PRIMARY);
                  this.CONSUME2(w.KEY);
                  this.OPTION7(() => (this.CONSUME2(w.NOT), this.CONSUME2(w.ENFORCED)));
                },
              },
            ]);
          });
          const comment = this.SUBRULE2(this.comment);
          const span = this.since(first);
          return metadata === undefined ? { kind: 'PhysicalColumn', name, type, primaryKey, comment, span } : { kind: 'MetadataColumn', name, type, ...metadata, comment, span };
        },
      },
    ]);
  });

  /** WITH ('key' = 'value'), or nothing. */
  withOptions: Rule<ast.OptionPair[]> = this.RULE('withOptions', (): ast.OptionPair[] => this.OPTION(() => (this.CONSUME(w.WITH), this.SUBRULE(this.options))) ?? []);

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
    const temporary = this.OPTION(() => this.CONSUME(w.TEMPORARY)) !== undefined;
    const what = this.OR([
      { ALT: () => this.CONSUME(w.TABLE) },
      { ALT: () => this.CONSUME(w.VIEW) },
      { ALT: () => this.CONSUME(w.CATALOG) },
      { ALT: () => this.CONSUME(w.DATABASE) },
    ]);
    const ifExists = this.SUBRULE(this.ifExists);
    const name = this.SUBRULE(this.name);
    const cascade = this.OPTION2({ GATE: () => what?.tokenType === w.DATABASE, DEF: () => this.OR2([{ ALT: () => (this.CONSUME(w.RESTRICT), false) }, { ALT: () => (this.CONSUME(w.CASCADE), true) }]) }) ?? false;
    return { kind: 'Drop', what: upper(what) as 'TABLE', temporary, name, ifExists, cascade, span: this.since(first) };
  });

  ifExists: Rule<boolean> = this.RULE('ifExists', (): boolean => this.OPTION({ GATE: () => this.LA(2).tokenType === w.EXISTS, DEF: () => (this.CONSUME(w.IF), this.CONSUME(w.EXISTS)) }) !== undefined);

  alter: Rule<ast.Statement> = this.RULE('alter', (): ast.Statement => {
    const first = this.CONSUME(w.ALTER);
    return this.OR<IOrAlt<ast.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.TABLE);
          const ifExists = this.SUBRULE(this.ifExists);
          const name = this.SUBRULE(this.name);
          const action = this.SUBRULE(this.alterTableAction);
          return { kind: 'AlterTable', name, ifExists, action, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.VIEW);
          const name = this.SUBRULE2(this.name);
          const start = this.LA(1);
          return this.OR2<IOrAlt<ast.Statement>[]>([
            {
              ALT: () => {
                this.CONSUME(w.RENAME);
                this.CONSUME(w.TO);
                const to = this.SUBRULE3(this.name);
                return { kind: 'AlterView', name, action: { kind: 'RenameTo', to, span: this.since(start) }, span: this.since(first) };
              },
            },
            {
              ALT: () => {
                this.CONSUME(w.AS);
                const query = this.SUBRULE(this.query);
                return { kind: 'AlterView', name, action: { kind: 'As', query, span: this.since(start) }, span: this.since(first) };
              },
            },
          ]);
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.DATABASE);
          const name = this.SUBRULE4(this.name);
          this.CONSUME(w.SET);
          const options = this.SUBRULE(this.options);
          return { kind: 'AlterDatabase', name, options, span: this.since(first) };
        },
      },
    ]);
  });

  alterTableAction: Rule<ast.AlterTableAction> = this.RULE('alterTableAction', (): ast.AlterTableAction => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.AlterTableAction>[]>([
      {
        GATE: () => this.LA(2).tokenType === w.TO,
        ALT: () => (this.CONSUME(w.RENAME), this.CONSUME(w.TO), { kind: 'RenameTo', to: this.SUBRULE(this.name), span: this.since(first) }),
      },
      {
        ALT: () => {
          this.CONSUME2(w.RENAME);
          const from = this.SUBRULE(this.identifier);
          this.CONSUME2(w.TO);
          const to = this.SUBRULE2(this.identifier);
          return { kind: 'RenameColumn', from, to, span: this.since(first) };
        },
      },
      { ALT: () => (this.CONSUME(w.SET), { kind: 'SetOptions', options: this.SUBRULE(this.options), span: this.since(first) }) },
      {
        ALT: () => {
          const keys: string[] = [];
          this.CONSUME(w.RESET);
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => keys.push(stringText(this.CONSUME(StringLiteral))) });
          this.CONSUME(s.RightParen);
          return { kind: 'ResetOptions', keys, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          const operation = upper(this.OR2([{ ALT: () => this.CONSUME(w.ADD) }, { ALT: () => this.CONSUME(w.MODIFY) }])) as 'ADD';
          const changes: ast.ColumnChange[] = [];
          this.OR3([
            {
              ALT: () => {
                this.CONSUME2(s.LeftParen);
                this.AT_LEAST_ONE_SEP2({ SEP: s.Comma, DEF: () => changes.push(this.SUBRULE(this.columnChange)) });
                this.CONSUME2(s.RightParen);
              },
            },
            { ALT: () => changes.push(this.SUBRULE2(this.columnChange)) },
          ]);
          return { kind: 'ChangeColumns', operation, changes, span: this.since(first) };
        },
      },
      { ALT: () => (this.CONSUME(w.DROP), this.SUBRULE(this.dropPart)) },
    ]);
  });

  columnChange: Rule<ast.ColumnChange> = this.RULE('columnChange', (): ast.ColumnChange => {
    const first = this.LA(1);
    const clause = this.SUBRULE(this.columnClause);
    const place = this.OPTION<'FIRST' | ast.Identifier>(() =>
      this.OR<IOrAlt<'FIRST' | ast.Identifier>[]>([{ ALT: () => (this.CONSUME(w.FIRST), 'FIRST' as const) }, { ALT: () => (this.CONSUME(w.AFTER), this.SUBRULE(this.identifier)) }]),
    );
    return { clause, place, span: this.since(first) };
  });

  /** What ALTER TABLE DROP takes away. A column may have the name of what else could stand there. */
  dropPart: Rule<ast.AlterTableAction> = this.RULE('dropPart', (): ast.AlterTableAction => {
    const first = this.LA(1);
    const isLast = (k: number): boolean => this.LA(k).tokenType === s.Semicolon || this.LA(k).image === '';
    return this.OR<IOrAlt<ast.AlterTableAction>[]>([
      { GATE: () => this.LA(2).tokenType === w.KEY, ALT: () => (this.CONSUME(w.PRIMARY), this.CONSUME(w.KEY), { kind: 'DropPart', what: 'PRIMARY KEY', span: this.since(first) }) },
      { GATE: () => this.LA(1).tokenType === w.WATERMARK && isLast(2), ALT: () => (this.CONSUME(w.WATERMARK), { kind: 'DropPart', what: 'WATERMARK', span: this.since(first) }) },
      { GATE: () => this.LA(1).tokenType === w.DISTRIBUTION && isLast(2), ALT: () => (this.CONSUME(w.DISTRIBUTION), { kind: 'DropPart', what: 'DISTRIBUTION', span: this.since(first) }) },
      { GATE: () => this.LA(1).tokenType === w.CONSTRAINT && !isLast(2), ALT: () => (this.CONSUME(w.CONSTRAINT), { kind: 'DropConstraint', constraint: this.SUBRULE(this.identifier), span: this.since(first) }) },
      { ALT: () => ({ kind: 'DropColumns', columns: this.SUBRULE(this.identifierList), span: this.since(first) }) },
      { ALT: () => ({ kind: 'DropColumns', columns: [this.SUBRULE2(this.identifier)], span: this.since(first) }) },
    ]);
  });
}
