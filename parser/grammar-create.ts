import type { IOrAlt, IToken } from 'chevrotain';
import type { Span } from '../core/span.ts';
import type * as ast from './ast.ts';
import type * as statements from './ast-statement.ts';
import { spanOf, stringText, upper, type Rule } from './grammar-base.ts';
import { unicodeText } from './unicode-text.ts';
import { QueryGrammar } from './grammar-queries.ts';
import { NumberLiteral, StringLiteral, symbols as s, UnicodeLiteral, words as w } from './tokens.ts';

interface Subject {
  readonly ifNotExists: boolean;
  readonly name: ast.Name;
}

interface Text {
  readonly text: string;
  readonly span: Span;
}

function textOf(token: IToken, read: (token: IToken) => string): Text {
  return { text: read(token), span: spanOf(token) };
}

/** CREATE, and the clauses that definitions are made of. */
export abstract class CreateGrammar extends QueryGrammar {
  create: Rule<statements.Statement> = this.RULE('create', (): statements.Statement => {
    const first = this.LA(1);
    let replace: 'REPLACE' | 'OR REPLACE' | undefined;
    this.OR3([
      { ALT: () => (this.CONSUME(w.CREATE), this.OPTION8(() => (this.CONSUME(w.OR), this.CONSUME(w.REPLACE), (replace = 'OR REPLACE')))) },
      { ALT: () => (this.CONSUME2(w.REPLACE), (replace = 'REPLACE')) },
    ]);
    const temporary = this.OPTION({ GATE: () => replace === undefined, DEF: () => this.CONSUME(w.TEMPORARY) }) !== undefined;
    return this.OR<IOrAlt<statements.Statement>[]>([
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
          return { kind: 'CreateTable', ...subject, replace, temporary, columns, comment, distribution, partitionedBy, options, optionsSpan: at, like, query, span: this.since(first) };
        },
      },
      {
        GATE: () => replace === undefined,
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
        GATE: () => !temporary && replace === undefined,
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

  comment: Rule<string | undefined> = this.RULE('comment', (): string | undefined => this.OPTION(() => (this.CONSUME(w.COMMENT), this.SUBRULE(this.text).text)));

  /** A text of a definition, `'a'` or `U&'\0061'`. */
  text: Rule<Text> = this.RULE('text', (): Text =>
    this.OR<IOrAlt<Text>[]>([
      { ALT: () => textOf(this.CONSUME(StringLiteral), stringText) },
      { ALT: () => textOf(this.CONSUME(UnicodeLiteral), (token) => (this.RECORDING_PHASE ? '' : unicodeText(token.image, spanOf(token)))) },
    ]),
  );

  columnClauses: Rule<statements.ColumnClause[]> = this.RULE('columnClauses', (): statements.ColumnClause[] => {
    const columns: statements.ColumnClause[] = [];
    this.CONSUME(s.LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => columns.push(this.SUBRULE(this.columnClause)) });
    this.CONSUME(s.RightParen);
    return columns;
  });

  distribution: Rule<statements.Distribution> = this.RULE('distribution', (): statements.Distribution => {
    const first = this.LA(1);
    // DISTRIBUTED of CREATE, DISTRIBUTION of ALTER
    this.OR2([{ ALT: () => this.CONSUME(w.DISTRIBUTED) }, { ALT: () => this.CONSUME(w.DISTRIBUTION) }]);
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

  likeClause: Rule<statements.LikeClause> = this.RULE('likeClause', (): statements.LikeClause => {
    const first = this.CONSUME(w.LIKE);
    const table = this.SUBRULE(this.name);
    const choices: statements.LikeChoice[] = [];
    this.OPTION(() => {
      this.CONSUME(s.LeftParen);
      this.MANY(() => {
        const start = this.LA(1);
        const action = upper(this.OR([{ ALT: () => this.CONSUME(w.INCLUDING) }, { ALT: () => this.CONSUME(w.EXCLUDING) }, { ALT: () => this.CONSUME(w.OVERWRITING) }]));
        const parts = [w.ALL, w.CONSTRAINTS, w.DISTRIBUTION, w.PARTITIONS, w.GENERATED, w.METADATA, w.OPTIONS, w.WATERMARKS];
        const what = upper(this.OR2(parts.map((part) => ({ ALT: () => this.CONSUME(part) }))));
        this.OPTION2(() => this.CONSUME(s.Comma));
        choices.push({ action: action as statements.LikeChoice['action'], what: what as statements.LikeChoice['what'], span: this.since(start) });
      });
      this.CONSUME(s.RightParen);
    });
    return { table, choices, span: this.since(first) };
  });

  columnClause: Rule<statements.ColumnClause> = this.RULE('columnClause', (): statements.ColumnClause => {
    const first = this.LA(1);
    return this.OR<IOrAlt<statements.ColumnClause>[]>([
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
      { GATE: () => this.LA(2).tokenType === s.Comma || this.LA(2).tokenType === s.RightParen, ALT: () => ({ kind: 'QueryColumn', name: this.SUBRULE6(this.identifier), span: this.since(first) }) },
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

  /** `(k = 1, l)` behind PARTITION. */
  partitionPairs: Rule<statements.PartitionPair[]> = this.RULE('partitionPairs', (): statements.PartitionPair[] => {
    const pairs: statements.PartitionPair[] = [];
    this.CONSUME(w.PARTITION);
    this.CONSUME(s.LeftParen);
    this.AT_LEAST_ONE_SEP({
      SEP: s.Comma,
      DEF: () => {
        const start = this.LA(1);
        const column = this.SUBRULE(this.identifier);
        const value = this.OPTION(() => (this.CONSUME(s.Equal), this.SUBRULE(this.expression)));
        pairs.push({ column, value, span: this.since(start) });
      },
    });
    this.CONSUME(s.RightParen);
    return pairs;
  });

  /** WITH ('key' = 'value'), or nothing. */
  withOptions: Rule<statements.OptionPair[]> = this.RULE('withOptions', (): statements.OptionPair[] => this.OPTION(() => (this.CONSUME(w.WITH), this.SUBRULE(this.options))) ?? []);

  options: Rule<statements.OptionPair[]> = this.RULE('options', (): statements.OptionPair[] => {
    const pairs: statements.OptionPair[] = [];
    this.CONSUME(s.LeftParen);
    this.MANY_SEP({
      SEP: s.Comma,
      DEF: () => {
        const first = this.LA(1);
        const key = this.SUBRULE(this.text);
        this.CONSUME(s.Equal);
        const value = this.SUBRULE2(this.text);
        pairs.push({ key, value, span: this.since(first) });
      },
    });
    this.CONSUME(s.RightParen);
    return pairs;
  });
}
