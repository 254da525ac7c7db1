import { EmbeddedActionsParser, type IOrAlt, type IToken, type ParserMethod } from 'chevrotain';
import type { Span } from '../core/span.ts';
import type * as ast from './ast.ts';
import { allTokens, endOf, Identifier, NumberLiteral, QuotedIdentifier, StringLiteral, symbols as s, words as w } from './tokens.ts';

type Rule<T> = ParserMethod<[], T>;

/**
 * The grammar of the dialect and, in its actions, the making of the AST. Chevrotain runs every rule once with made-up tokens to learn
 * the grammar, so an action must not look inside what a rule returned; spans come from the token stream.
 */
export class Grammar extends EmbeddedActionsParser {
  constructor() {
    super(allTokens, { maxLookahead: 3, skipValidations: true, recoveryEnabled: false });
    this.performSelfAnalysis();
  }

  #since(first: IToken): Span {
    return { start: first.startOffset, end: endOf(this.LA(0)) };
  }

  // ---- names ----

  identifier: Rule<ast.Identifier> = this.RULE('identifier', (): ast.Identifier => {
    const token = this.CONSUME(Identifier);
    return { name: identifierText(token), span: spanOf(token) };
  });

  /** Any word, reserved too: where only a name can stand. */
  name: Rule<ast.Name> = this.RULE('name', (): ast.Name => {
    const first = this.LA(1);
    const parts: ast.Identifier[] = [this.SUBRULE(this.identifier)];
    this.MANY(() => {
      this.CONSUME(s.Dot);
      parts.push(this.SUBRULE2(this.identifier));
    });
    return { parts, span: this.#since(first) };
  });

  identifierList: Rule<ast.Identifier[]> = this.RULE('identifierList', (): ast.Identifier[] => {
    const names: ast.Identifier[] = [];
    this.CONSUME(s.LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => names.push(this.SUBRULE(this.identifier)) });
    this.CONSUME(s.RightParen);
    return names;
  });

  // ---- types ----

  type: Rule<ast.TypeExpr> = this.RULE('type', (): ast.TypeExpr => {
    const first = this.LA(1);
    let type = this.OR<IOrAlt<ast.TypeExpr>[]>([
      { ALT: () => this.SUBRULE(this.rowType) },
      { ALT: () => this.SUBRULE(this.collectionType) },
      { ALT: () => this.SUBRULE(this.simpleType) },
    ]);
    this.MANY(() => {
      const word = this.OR2([{ ALT: () => this.CONSUME(w.ARRAY) }, { ALT: () => this.CONSUME(w.MULTISET) }]);
      type = { kind: 'CollectionType', name: upper(word) as 'ARRAY', element: type, nullable: true, span: this.#since(first) };
    });
    this.OPTION(() => {
      const nullable = this.OR3([
        { ALT: () => (this.CONSUME(w.NULL), true) },
        { ALT: () => (this.CONSUME(w.NOT), this.CONSUME2(w.NULL), false) },
      ]);
      type = { ...type, nullable, span: this.#since(first) };
    });
    return type;
  });

  simpleType: Rule<ast.TypeExpr> = this.RULE('simpleType', (): ast.TypeExpr => {
    const first = this.LA(1);
    const token = this.OR([{ ALT: () => this.CONSUME(Identifier) }, { ALT: () => this.CONSUME(w.END) }, { ALT: () => this.CONSUME2(w.NULL) }]);
    let name = upper(token);
    const parameters: number[] = [];
    this.OPTION(() => (this.CONSUME(w.PRECISION), (name += ' PRECISION')));
    this.OPTION2(() => (this.CONSUME(w.VARYING), (name += ' VARYING')));
    this.OPTION3(() => {
      this.CONSUME(s.LeftParen);
      this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => parameters.push(Number(this.CONSUME(NumberLiteral).image)) });
      this.CONSUME(s.RightParen);
    });
    this.OPTION4({
      GATE: () => this.LA(1).tokenType === w.WITHOUT || this.LA(2).tokenType === w.LOCAL || this.LA(2).tokenType === w.TIME,
      DEF: () =>
        this.OR2([
          { ALT: () => (this.CONSUME(w.WITH), this.OPTION5(() => (this.CONSUME(w.LOCAL), (name += '_LTZ'))), this.CONSUME(w.TIME), this.CONSUME(w.ZONE), name.endsWith('_LTZ') || (name += ' WITH TIME ZONE')) },
          { ALT: () => (this.CONSUME(w.WITHOUT), this.CONSUME2(w.TIME), this.CONSUME2(w.ZONE)) },
        ]),
    });
    return { kind: 'SimpleType', name, parameters, nullable: true, span: this.#since(first) };
  });

  rowType: Rule<ast.TypeExpr> = this.RULE('rowType', (): ast.TypeExpr => {
    const first = this.CONSUME(w.ROW);
    const fields: ast.RowTypeField[] = [];
    const field = (): void => {
      const start = this.LA(1);
      const name = this.SUBRULE(this.identifier);
      const type = this.SUBRULE(this.type);
      this.OPTION(() => (this.CONSUME(w.COMMENT), this.CONSUME(StringLiteral)));
      fields.push({ name, type, span: this.#since(start) });
    };
    this.OR([
      { ALT: () => (this.CONSUME(s.Less), this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: field }), this.CONSUME(s.Greater)) },
      {
        ALT: () => {
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP2({
            SEP: s.Comma,
            DEF: () => {
              const start = this.LA(1);
              const name = this.SUBRULE2(this.identifier);
              const type = this.SUBRULE2(this.type);
              fields.push({ name, type, span: this.#since(start) });
            },
          });
          this.CONSUME(s.RightParen);
        },
      },
    ]);
    return { kind: 'RowType', fields, nullable: true, span: this.#since(first) };
  });

  collectionType: Rule<ast.TypeExpr> = this.RULE('collectionType', (): ast.TypeExpr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.TypeExpr>[]>([
      {
        ALT: () => {
          const word = this.OR2([{ ALT: () => this.CONSUME(w.ARRAY) }, { ALT: () => this.CONSUME(w.MULTISET) }]);
          this.CONSUME(s.Less);
          const element = this.SUBRULE(this.type);
          this.CONSUME(s.Greater);
          return { kind: 'CollectionType', name: upper(word) as 'ARRAY', element, nullable: true, span: this.#since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.MAP);
          this.CONSUME2(s.Less);
          const key = this.SUBRULE2(this.type);
          this.CONSUME(s.Comma);
          const value = this.SUBRULE3(this.type);
          this.CONSUME2(s.Greater);
          return { kind: 'MapType', key, value, nullable: true, span: this.#since(first) };
        },
      },
    ]);
  });

  // ---- expressions, loosest binding first ----

  expression: Rule<ast.Expr> = this.RULE('expression', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.conjunction);
    this.MANY(() => {
      this.CONSUME(w.OR);
      const right = this.SUBRULE2(this.conjunction);
      left = { kind: 'Binary', operator: 'OR', left, right, span: this.#since(first) };
    });
    return left;
  });

  conjunction: Rule<ast.Expr> = this.RULE('conjunction', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.negation);
    this.MANY(() => {
      this.CONSUME(w.AND);
      const right = this.SUBRULE2(this.negation);
      left = { kind: 'Binary', operator: 'AND', left, right, span: this.#since(first) };
    });
    return left;
  });

  negation: Rule<ast.Expr> = this.RULE('negation', (): ast.Expr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Expr>[]>([
      {
        ALT: () => {
          this.CONSUME(w.NOT);
          const operand = this.SUBRULE(this.negation);
          return { kind: 'Unary', operator: 'NOT', operand, span: this.#since(first) };
        },
      },
      { ALT: () => this.SUBRULE(this.predicate) },
    ]);
  });

  predicate: Rule<ast.Expr> = this.RULE('predicate', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.sum);
    this.MANY(() => {
      left = this.OR<IOrAlt<ast.Expr>[]>([
        {
          ALT: () => {
            const token = this.OR2([
              { ALT: () => this.CONSUME(s.Equal) },
              { ALT: () => this.CONSUME(s.NotEqual) },
              { ALT: () => this.CONSUME(s.Less) },
              { ALT: () => this.CONSUME(s.LessEqual) },
              { ALT: () => this.CONSUME(s.Greater) },
              { ALT: () => this.CONSUME(s.GreaterEqual) },
            ]);
            const operator = (token?.image === '!=' ? '<>' : token?.image) as ast.BinaryOperator;
            const right = this.SUBRULE2(this.sum);
            return { kind: 'Binary', operator, left, right, span: this.#since(first) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(w.IS);
            const negated = this.OPTION(() => this.CONSUME(w.NOT)) !== undefined;
            const token = this.OR3([
              { ALT: () => this.CONSUME(w.NULL) },
              { ALT: () => this.CONSUME(w.TRUE) },
              { ALT: () => this.CONSUME(w.FALSE) },
              { ALT: () => this.CONSUME(w.UNKNOWN) },
            ]);
            return { kind: 'Is', operand: left, test: upper(token) as 'NULL', negated, span: this.#since(first) };
          },
        },
        {
          ALT: () => {
            const negated = this.OPTION2(() => this.CONSUME2(w.NOT)) !== undefined;
            return this.OR4<IOrAlt<ast.Expr>[]>([
              {
                ALT: () => {
                  this.CONSUME(w.BETWEEN);
                  const low = this.SUBRULE3(this.sum);
                  this.CONSUME2(w.AND);
                  const high = this.SUBRULE4(this.sum);
                  return { kind: 'Between', operand: left, low, high, negated, span: this.#since(first) };
                },
              },
              {
                ALT: () => {
                  this.CONSUME(w.IN);
                  const items: ast.Expr[] = [];
                  this.CONSUME(s.LeftParen);
                  this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) });
                  this.CONSUME(s.RightParen);
                  return { kind: 'In', operand: left, items, negated, span: this.#since(first) };
                },
              },
            ]);
          },
        },
      ]);
    });
    return left;
  });

  sum: Rule<ast.Expr> = this.RULE('sum', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.product);
    this.MANY(() => {
      const token = this.OR([{ ALT: () => this.CONSUME(s.Plus) }, { ALT: () => this.CONSUME(s.Minus) }, { ALT: () => this.CONSUME(s.Concat) }]);
      const right = this.SUBRULE2(this.product);
      left = { kind: 'Binary', operator: token?.image as ast.BinaryOperator, left, right, span: this.#since(first) };
    });
    return left;
  });

  product: Rule<ast.Expr> = this.RULE('product', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.sign);
    this.MANY(() => {
      const token = this.OR([{ ALT: () => this.CONSUME(s.Star) }, { ALT: () => this.CONSUME(s.Slash) }, { ALT: () => this.CONSUME(s.Percent) }]);
      const right = this.SUBRULE2(this.sign);
      left = { kind: 'Binary', operator: token?.image as ast.BinaryOperator, left, right, span: this.#since(first) };
    });
    return left;
  });

  sign: Rule<ast.Expr> = this.RULE('sign', (): ast.Expr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Expr>[]>([
      {
        ALT: () => {
          const token = this.OR2([{ ALT: () => this.CONSUME(s.Minus) }, { ALT: () => this.CONSUME(s.Plus) }]);
          const operand = this.SUBRULE(this.sign);
          return { kind: 'Unary', operator: token?.image as '-', operand, span: this.#since(first) };
        },
      },
      { ALT: () => this.SUBRULE(this.primary) },
    ]);
  });

  primary: Rule<ast.Expr> = this.RULE('primary', (): ast.Expr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Expr>[]>([
      { ALT: () => ({ kind: 'Number', text: this.CONSUME(NumberLiteral).image, span: this.#since(first) }) },
      { ALT: () => ({ kind: 'String', value: stringText(this.CONSUME(StringLiteral)), span: this.#since(first) }) },
      { ALT: () => (this.CONSUME(w.TRUE), { kind: 'Boolean', value: true, span: this.#since(first) }) },
      { ALT: () => (this.CONSUME(w.FALSE), { kind: 'Boolean', value: false, span: this.#since(first) }) },
      { ALT: () => (this.CONSUME(w.NULL), { kind: 'Null', span: this.#since(first) }) },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { GATE: () => this.LA(2).tokenType === s.LeftParen, ALT: () => this.SUBRULE(this.castExpression) },
      { GATE: () => this.LA(2).tokenType === StringLiteral || this.LA(2).tokenType === s.Minus || this.LA(2).tokenType === s.Plus, ALT: () => this.SUBRULE(this.intervalLiteral) },
      { GATE: () => this.LA(2).tokenType === StringLiteral, ALT: () => this.SUBRULE(this.timeLiteral) },
      { GATE: () => this.LA(2).tokenType === s.LeftParen, ALT: () => this.SUBRULE(this.call) },
      { ALT: () => ({ kind: 'Reference', name: this.SUBRULE(this.name), span: this.#since(first) }) },
      {
        ALT: () => {
          this.CONSUME(s.LeftParen);
          const inner = this.SUBRULE(this.expression);
          this.CONSUME(s.RightParen);
          return inner;
        },
      },
    ]);
  });

  caseExpression: Rule<ast.Expr> = this.RULE('caseExpression', (): ast.Expr => {
    const first = this.CONSUME(w.CASE);
    const operand = this.OPTION(() => this.SUBRULE(this.expression));
    const branches: ast.CaseBranch[] = [];
    this.AT_LEAST_ONE(() => {
      const start = this.CONSUME(w.WHEN);
      const when = this.SUBRULE2(this.expression);
      this.CONSUME(w.THEN);
      const then = this.SUBRULE3(this.expression);
      branches.push({ when, then, span: this.#since(start) });
    });
    const otherwise = this.OPTION2(() => (this.CONSUME(w.ELSE), this.SUBRULE4(this.expression)));
    this.CONSUME(w.END);
    return { kind: 'Case', operand, branches, otherwise, span: this.#since(first) };
  });

  castExpression: Rule<ast.Expr> = this.RULE('castExpression', (): ast.Expr => {
    const first = this.LA(1);
    const isTry = this.OR([{ ALT: () => (this.CONSUME(w.CAST), false) }, { ALT: () => (this.CONSUME(w.TRY_CAST), true) }]);
    this.CONSUME(s.LeftParen);
    const operand = this.SUBRULE(this.expression);
    this.CONSUME(w.AS);
    const type = this.SUBRULE(this.type);
    this.CONSUME(s.RightParen);
    return { kind: 'Cast', operand, type, isTry, span: this.#since(first) };
  });

  intervalLiteral: Rule<ast.Expr> = this.RULE('intervalLiteral', (): ast.Expr => {
    const first = this.CONSUME(w.INTERVAL);
    const sign = this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(s.Minus) }, { ALT: () => this.CONSUME(s.Plus) }]));
    const text = stringText(this.CONSUME(StringLiteral));
    const unit = upper(this.CONSUME(Identifier));
    this.OPTION2(() => (this.CONSUME(s.LeftParen), this.CONSUME(NumberLiteral), this.CONSUME(s.RightParen)));
    return { kind: 'Interval', text, negative: sign?.image === '-', unit: unit.replace(/S$/, ''), span: this.#since(first) };
  });

  timeLiteral: Rule<ast.Expr> = this.RULE('timeLiteral', (): ast.Expr => {
    const token = this.OR([{ ALT: () => this.CONSUME(w.DATE) }, { ALT: () => this.CONSUME(w.TIME) }, { ALT: () => this.CONSUME(w.TIMESTAMP) }]);
    const text = stringText(this.CONSUME(StringLiteral));
    return { kind: 'TimeLiteral', type: upper(token) as 'DATE', text, span: this.#since(token) };
  });

  call: Rule<ast.Expr> = this.RULE('call', (): ast.Expr => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.identifier);
    const args: ast.Expr[] = [];
    let distinct = false;
    this.CONSUME(s.LeftParen);
    this.OPTION(() => {
      this.OR([
        { ALT: () => args.push(this.SUBRULE(this.starArgument)) },
        {
          ALT: () => {
            distinct = this.OPTION2(() => this.OR2([{ ALT: () => (this.CONSUME(w.DISTINCT), true) }, { ALT: () => (this.CONSUME(w.ALL), false) }])) ?? false;
            this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => args.push(this.SUBRULE(this.expression)) });
          },
        },
      ]);
    });
    this.CONSUME(s.RightParen);
    const filter = this.OPTION3({
      GATE: () => this.LA(2).tokenType === s.LeftParen,
      DEF: () => {
        this.CONSUME(w.FILTER);
        this.CONSUME2(s.LeftParen);
        this.CONSUME(w.WHERE);
        const condition = this.SUBRULE2(this.expression);
        this.CONSUME2(s.RightParen);
        return condition;
      },
    });
    return { kind: 'Call', name, args, distinct, filter, span: this.#since(first) };
  });

  starArgument: Rule<ast.Expr> = this.RULE('starArgument', (): ast.Expr => ({ kind: 'Star', qualifier: undefined, span: spanOf(this.CONSUME(s.Star)) }));

  // ---- queries ----

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
    return { kind: 'Select', distinct, items, from, where, groupBy, having, span: this.#since(first) };
  });

  selectItem: Rule<ast.SelectItem> = this.RULE('selectItem', (): ast.SelectItem => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.SelectItem>[]>([
      { ALT: () => ({ expr: this.SUBRULE(this.starArgument), alias: undefined, span: this.#since(first) }) },
      {
        GATE: () => this.LA(2).tokenType === s.Dot && this.LA(3).tokenType === s.Star,
        ALT: () => {
          const qualifier = this.SUBRULE(this.identifier);
          this.CONSUME(s.Dot);
          this.CONSUME(s.Star);
          const span = this.#since(first);
          return { expr: { kind: 'Star', qualifier: { parts: [qualifier], span }, span }, alias: undefined, span };
        },
      },
      {
        ALT: () => {
          const expr = this.SUBRULE(this.expression);
          const alias = this.OPTION(() => (this.OPTION2(() => this.CONSUME(w.AS)), this.SUBRULE2(this.identifier)));
          return { expr, alias, span: this.#since(first) };
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
          return { kind: 'TableFunction', name, args, alias, span: this.#since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME3(s.LeftParen);
          const query = this.SUBRULE(this.query);
          this.CONSUME3(s.RightParen);
          const alias = this.OPTION2(() => this.SUBRULE2(this.alias));
          return { kind: 'DerivedTable', query, alias, span: this.#since(first) };
        },
      },
      {
        ALT: () => {
          const name = this.SUBRULE(this.name);
          const alias = this.OPTION3(() => this.SUBRULE3(this.alias));
          return { kind: 'NamedTable', name, alias, span: this.#since(first) };
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
          const table: ast.TableRef = { kind: 'NamedTable', name, alias: undefined, span: this.#since(first) };
          return { kind: 'TableArgument', label, table, span: this.#since(first) };
        },
      },
      {
        GATE: () => this.LA(1).tokenType === s.LeftParen && this.LA(2).tokenType === w.SELECT,
        ALT: () => {
          this.CONSUME(s.LeftParen);
          const query = this.SUBRULE(this.query);
          this.CONSUME(s.RightParen);
          const span = this.#since(first);
          return { kind: 'TableArgument', label, table: { kind: 'DerivedTable', query, alias: undefined, span }, span };
        },
      },
      {
        GATE: () => this.LA(2).tokenType === s.LeftParen,
        ALT: () => {
          this.CONSUME(w.DESCRIPTOR);
          const columns = this.SUBRULE(this.identifierList);
          return { kind: 'DescriptorArgument', label, columns, span: this.#since(first) };
        },
      },
      { ALT: () => ({ kind: 'ValueArgument', label, value: this.SUBRULE(this.expression), span: this.#since(first) }) },
    ]);
  });

  // ---- statements ----

  statement: Rule<ast.Statement> = this.RULE('statement', (): ast.Statement =>
    this.OR<IOrAlt<ast.Statement>[]>([
      { ALT: () => this.SUBRULE(this.create) },
      { ALT: () => this.SUBRULE(this.drop) },
      { ALT: () => this.SUBRULE(this.insert) },
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
    return { kind: 'QueryStatement', query: this.SUBRULE(this.query), span: this.#since(first) };
  });

  create: Rule<ast.Statement> = this.RULE('create', (): ast.Statement => {
    const first = this.CONSUME(w.CREATE);
    const temporary = this.OPTION(() => this.CONSUME(w.TEMPORARY)) !== undefined;
    return this.OR<IOrAlt<ast.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.TABLE);
          const ifNotExists = this.OPTION2(() => this.SUBRULE(this.ifNotExists)) === true;
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
          return { kind: 'CreateTable', name, temporary, ifNotExists, columns, options, optionsSpan, span: this.#since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.VIEW);
          const ifNotExists = this.OPTION6(() => this.SUBRULE2(this.ifNotExists)) === true;
          const name = this.SUBRULE2(this.name);
          const columns = this.OPTION7(() => this.SUBRULE(this.identifierList)) ?? [];
          this.CONSUME(w.AS);
          const query = this.SUBRULE(this.query);
          return { kind: 'CreateView', name, temporary, ifNotExists, columns, query, span: this.#since(first) };
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
          return { kind: 'Watermark', column, expr, span: this.#since(first) };
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
          return { kind: 'PrimaryKey', columns, span: this.#since(first) };
        },
      },
      {
        GATE: () => this.LA(2).tokenType === w.AS,
        ALT: () => {
          const name = this.SUBRULE3(this.identifier);
          this.CONSUME2(w.AS);
          const expr = this.SUBRULE2(this.expression);
          this.OPTION3(() => (this.CONSUME(w.COMMENT), this.CONSUME(StringLiteral)));
          return { kind: 'ComputedColumn', name, expr, span: this.#since(first) };
        },
      },
      {
        ALT: () => {
          const name = this.SUBRULE4(this.identifier);
          const type = this.SUBRULE(this.type);
          let clause: ast.ColumnClause = { kind: 'PhysicalColumn', name, type, primaryKey: false, span: this.#since(first) };
          this.OPTION4(() => {
            this.OR2([
              {
                ALT: () => {
                  this.CONSUME(w.METADATA);
                  const key = this.OPTION5(() => (this.CONSUME(w.FROM), stringText(this.CONSUME2(StringLiteral))));
                  const isVirtual = this.OPTION6(() => this.CONSUME(w.VIRTUAL)) !== undefined;
                  clause = { kind: 'MetadataColumn', name, type, key, isVirtual, span: this.#since(first) };
                },
              },
              {
                ALT: () => {
                  this.CONSUME2(w.PRIMARY);
                  this.CONSUME2(w.KEY);
                  this.OPTION7(() => (this.CONSUME2(w.NOT), this.CONSUME2(w.ENFORCED)));
                  clause = { kind: 'PhysicalColumn', name, type, primaryKey: true, span: this.#since(first) };
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
        pairs.push({ key: { text: stringText(key), span: spanOf(key) }, value: { text: stringText(value), span: spanOf(value) }, span: this.#since(key) });
      },
    });
    this.CONSUME(s.RightParen);
    return pairs;
  });

  drop: Rule<ast.Statement> = this.RULE('drop', (): ast.Statement => {
    const first = this.CONSUME(w.DROP);
    this.OPTION(() => this.CONSUME(w.TEMPORARY));
    const what = this.OR([{ ALT: () => (this.CONSUME(w.TABLE), 'TABLE' as const) }, { ALT: () => (this.CONSUME(w.VIEW), 'VIEW' as const) }]);
    const ifExists = this.OPTION2(() => (this.CONSUME(w.IF), this.CONSUME(w.EXISTS))) !== undefined;
    const name = this.SUBRULE(this.name);
    return { kind: 'Drop', what, name, ifExists, span: this.#since(first) };
  });

  insert: Rule<ast.InsertStatement> = this.RULE('insert', (): ast.InsertStatement => {
    const first = this.LA(1);
    this.OPTION({ GATE: () => this.LA(2).tokenType === w.INSERT, DEF: () => this.CONSUME(w.EXECUTE) });
    this.CONSUME(w.INSERT);
    this.CONSUME(w.INTO);
    const table = this.SUBRULE(this.name);
    const columns = this.OPTION2(() => this.SUBRULE(this.identifierList)) ?? [];
    const query = this.SUBRULE(this.query);
    return { kind: 'Insert', table, columns, query, span: this.#since(first) };
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
    return { kind: 'StatementSet', inserts, span: this.#since(first) };
  });

  explain: Rule<ast.Statement> = this.RULE('explain', (): ast.Statement => {
    const first = this.CONSUME(w.EXPLAIN);
    const details: string[] = [];
    this.OPTION(() =>
      this.OR([
        { ALT: () => (this.CONSUME(w.PLAN), this.CONSUME(w.FOR)) },
        { ALT: () => this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => details.push(upper(this.CONSUME(Identifier))) }) },
      ]),
    );
    const statement = this.OR2<IOrAlt<ast.Statement>[]>([
      { ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.statementSet) },
      { ALT: () => this.SUBRULE(this.queryStatement) },
    ]);
    return { kind: 'Explain', details, statement, span: this.#since(first) };
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
          return { kind: 'Set', key: pair?.[0], value: pair?.[1], span: this.#since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.RESET);
          const key = this.OPTION2(() => stringText(this.CONSUME3(StringLiteral)));
          return { kind: 'Reset', key, span: this.#since(first) };
        },
      },
    ]);
  });

  show: Rule<ast.Statement> = this.RULE('show', (): ast.Statement => {
    const first = this.CONSUME(w.SHOW);
    return this.OR<IOrAlt<ast.Statement>[]>([
      { ALT: () => (this.CONSUME(w.TABLES), { kind: 'Show', what: 'TABLES', span: this.#since(first) }) },
      { ALT: () => (this.CONSUME(w.VIEWS), { kind: 'Show', what: 'VIEWS', span: this.#since(first) }) },
      { ALT: () => (this.CONSUME(w.JOBS), { kind: 'Show', what: 'JOBS', span: this.#since(first) }) },
      {
        ALT: () => {
          this.CONSUME(w.CREATE);
          this.OR2([{ ALT: () => this.CONSUME(w.TABLE) }, { ALT: () => this.CONSUME(w.VIEW) }]);
          return { kind: 'ShowCreate', name: this.SUBRULE(this.name), span: this.#since(first) };
        },
      },
    ]);
  });

  describe: Rule<ast.Statement> = this.RULE('describe', (): ast.Statement => {
    const first = this.LA(1);
    this.OR([{ ALT: () => this.CONSUME(w.DESCRIBE) }, { ALT: () => this.CONSUME(w.DESC) }]);
    return { kind: 'Describe', name: this.SUBRULE(this.name), span: this.#since(first) };
  });
}

// While chevrotain records the grammar, an alternative gives no token: these three then see undefined.

function upper(token: IToken | undefined): string {
  return String(token?.image ?? '').toUpperCase();
}

function spanOf(token: IToken): Span {
  return { start: token.startOffset, end: endOf(token) };
}

function identifierText(token: IToken): string {
  return token.tokenType === QuotedIdentifier ? token.image.slice(1, -1).replaceAll('``', '`') : token.image;
}

function stringText(token: IToken): string {
  return token.image.slice(1, -1).replaceAll("''", "'");
}
