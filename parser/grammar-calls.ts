import type { IOrAlt, TokenType } from 'chevrotain';
import { SqlError } from '../core/diagnostic.ts';
import type * as ast from './ast.ts';
import { spanOf, upper, type Rule } from './grammar-base.ts';
import { TypeGrammar } from './grammar-types.ts';
import { Identifier, QuotedIdentifier, symbols as s, words as w } from './tokens.ts';

/** A name in capitals. While the grammar is recorded there is none. */
function upperName(name: Partial<ast.Identifier> | undefined): string {
  return (name?.name ?? '').toUpperCase();
}

const trimSides = new Set(['BOTH', 'LEADING', 'TRAILING']);
/** What cannot follow a word that stands before an operand: then the word is a name. */
export const notAnOperand = new Set([')', ',', '.', '[', '=', '<>', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '||']);
const clauseWords = /^(RETURNING|ORDER BY|(IGNORE|RESPECT) NULLS|DEFAULT ON (EMPTY|ERROR)|(NULL|ERROR|TRUE|FALSE|UNKNOWN|EMPTY|EMPTY ARRAY|EMPTY OBJECT) ON (EMPTY|ERROR)|(NULL|ABSENT) ON NULL|WITHOUT( ARRAY)? WRAPPER|WITH( CONDITIONAL| UNCONDITIONAL)?( ARRAY)? WRAPPER)$/;


/** What may stand between the arguments of a call beside commas. */
function callSyntax(name: string): 'from' | 'placing' | 'to' | 'pairs' | 'clauses' | undefined {
  switch (name) {
    case 'EXTRACT':
    case 'TRIM':
    case 'SUBSTRING':
      return 'from';
    case 'OVERLAY':
      return 'placing';
    case 'CEIL':
    case 'CEILING':
    case 'FLOOR':
      return 'to';
    case 'JSON_OBJECT':
    case 'JSON_OBJECTAGG':
      return 'pairs';
    case 'JSON_VALUE':
    case 'JSON_QUERY':
    case 'JSON_EXISTS':
    case 'JSON_ARRAY':
    case 'JSON_ARRAYAGG':
    case 'LISTAGG':
    case 'ARRAY_AGG':
      return 'clauses';
    default:
      return undefined;
  }
}

export function isName(type: TokenType): boolean {
  return type === Identifier || type === QuotedIdentifier || type.CATEGORIES?.includes(Identifier) === true;
}

/** Calls: what stands between their arguments, the clauses behind them, and windows. */
export abstract class CallGrammar extends TypeGrammar {
  abstract expression: Rule<ast.Expr>;
  abstract sum: Rule<ast.Expr>;
  abstract orderBy: Rule<ast.SortItem[]>;

  call: Rule<ast.Expr> = this.RULE('call', (): ast.Expr => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.functionName);
    const word = upperName(name);
    const inside = this.ACTION(() => callSyntax(word));
    const args: ast.Expr[] = [];
    const clauses: ast.CallClause[] = [];
    let distinct = false;
    let side: ast.Expr | undefined;
    let isFrom = false;
    this.CONSUME(s.LeftParen);
    // TRIM(LEADING 'x' FROM s)
    this.OPTION6({
      GATE: () => word === 'TRIM' && trimSides.has(upper(this.LA(1))) && !notAnOperand.has(this.LA(2).image),
      DEF: () => (side = this.SUBRULE(this.wordArgument)),
    });
    this.OPTION(() => {
      this.OR([
        { ALT: () => args.push(this.SUBRULE(this.starArgument)) },
        {
          ALT: () => {
            distinct = this.OPTION2(() => this.OR2([{ ALT: () => (this.CONSUME(w.DISTINCT), true) }, { ALT: () => (this.CONSUME(w.ALL), false) }])) ?? false;
            this.MANY_SEP({
              SEP: s.Comma,
              DEF: () => {
                // JSON_OBJECT(KEY 'a' VALUE b)
                this.OPTION7({ GATE: () => inside === 'pairs' && !notAnOperand.has(this.LA(2).image) && this.LA(2).tokenType !== w.VALUE, DEF: () => this.CONSUME(w.KEY) });
                const start = this.LA(1);
                let label: ast.Identifier | undefined;
                this.MANY3({ GATE: () => label === undefined && this.LA(2).tokenType === s.Arrow, DEF: () => (label = this.SUBRULE(this.label)) });
                const value = this.SUBRULE(this.expression);
                args.push(label === undefined ? value : { kind: 'NamedArgument', label, value, span: this.since(start) });
                this.OPTION8({ GATE: () => inside === 'pairs', DEF: () => (this.CONSUME(w.VALUE), args.push(this.SUBRULE5(this.expression))) });
              },
            });
            // EXTRACT(DAY FROM t), SUBSTRING(s FROM 2 FOR 3), OVERLAY(s PLACING t FROM 2 FOR 3)
            this.OPTION9({ GATE: () => inside === 'placing', DEF: () => (this.CONSUME(w.PLACING), args.push(this.SUBRULE6(this.expression))) });
            this.OPTION4({
              GATE: () => inside === 'from' || inside === 'placing',
              DEF: () => {
                this.CONSUME(w.FROM);
                isFrom = true;
                args.push(this.SUBRULE3(this.expression));
                this.OPTION5(() => (this.CONSUME(w.FOR), args.push(this.SUBRULE4(this.expression))));
              },
            });
            // CEIL(t TO DAY)
            this.OPTION3({ GATE: () => inside === 'to', DEF: () => (this.CONSUME(w.TO), args.push(this.SUBRULE2(this.wordArgument))) });
            this.MANY({ GATE: () => inside === 'clauses' || inside === 'pairs', DEF: () => clauses.push(this.SUBRULE(this.callClause)) });
          },
        },
      ]);
    });
    this.CONSUME(s.RightParen);
    if (side !== undefined || (word === 'TRIM' && isFrom)) {
      // All three, whichever are written: TRIM(x FROM s), TRIM(LEADING s), TRIM(LEADING FROM s).
      const both: ast.Expr = { kind: 'Reference', name: { parts: [{ name: 'BOTH', span: name.span }], span: name.span }, span: name.span };
      args.unshift(side ?? both, ...(args.length < 2 ? [{ kind: 'String', value: ' ', span: name.span } as const] : []));
    }
    this.MANY2({
      GATE: () => (this.LA(1).tokenType === w.WITHIN ? this.LA(2).tokenType === w.GROUP : upper(this.LA(2)) === 'NULLS'),
      DEF: () => clauses.push(this.SUBRULE(this.clauseBehind)),
    });
    const filter = this.SUBRULE(this.filter);
    const call: ast.CallExpr = { kind: 'Call', name, args, distinct, filter, span: this.since(first) };
    const whole: ast.CallExpr | Extract<ast.Expr, { kind: 'WordyCall' }> = clauses.length === 0 ? call : { kind: 'WordyCall', call, clauses, span: call.span };
    let window: ast.Identifier | ast.WindowSpec | undefined;
    // COUNT(*) over FROM t: there it is a name.
    this.MANY4({
      GATE: () => window === undefined && (this.LA(2).tokenType === s.LeftParen || isName(this.LA(2).tokenType)),
      DEF: () => (this.CONSUME(w.OVER), (window = this.SUBRULE(this.windowOrName))),
    });
    return window === undefined ? whole : { kind: 'Over', call: whole, window, span: this.since(first) };
  });

  /** POSITION('a' IN s), or its arguments with a comma. The first is no condition, so that IN is not its own. */
  position: Rule<ast.Expr> = this.RULE('position', (): ast.Expr => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.identifier);
    const args: ast.Expr[] = [];
    this.CONSUME(s.LeftParen);
    args.push(this.SUBRULE(this.sum));
    this.OR([
      { ALT: () => (this.CONSUME(w.IN), args.push(this.SUBRULE2(this.sum))) },
      { ALT: () => this.MANY(() => (this.CONSUME(s.Comma), args.push(this.SUBRULE3(this.sum)))) },
    ]);
    this.CONSUME(s.RightParen);
    return { kind: 'Call', name, args, distinct: false, filter: undefined, span: this.since(first) };
  });

  filter: Rule<ast.Expr | undefined> = this.RULE('filter', (): ast.Expr | undefined =>
    this.OPTION({
      GATE: () => this.LA(2).tokenType === s.LeftParen,
      DEF: () => {
        this.CONSUME(w.FILTER);
        this.CONSUME(s.LeftParen);
        this.CONSUME(w.WHERE);
        const condition = this.SUBRULE(this.expression);
        this.CONSUME(s.RightParen);
        return condition;
      },
    }),
  );

  /** A word that is an argument: the unit of CEIL(t TO DAY). */
  wordArgument: Rule<ast.Expr> = this.RULE('wordArgument', (): ast.Expr => {
    const word = this.SUBRULE(this.identifier);
    return { kind: 'Reference', name: { parts: [word], span: word.span }, span: word.span };
  });

  /** RETURNING INT, DEFAULT 1 ON EMPTY, ORDER BY a, NULL ON NULL, WITH CONDITIONAL ARRAY WRAPPER, EMPTY ARRAY ON ERROR. */
  callClause: Rule<ast.CallClause> = this.RULE('callClause', (): ast.CallClause => {
    const first = this.LA(1);
    let type: ast.TypeExpr | undefined;
    let value: ast.Expr | undefined;
    let orderBy: readonly ast.SortItem[] = [];
    const read: string[] = [];
    this.OR([
      { GATE: () => this.LA(1).tokenType === w.RETURNING, ALT: () => ((type = (this.CONSUME(w.RETURNING), this.SUBRULE(this.type))), read.push('RETURNING')) },
      { GATE: () => this.LA(1).tokenType === w.DEFAULT, ALT: () => ((value = (this.CONSUME(w.DEFAULT), this.SUBRULE(this.expression))), read.push('DEFAULT'), this.SUBRULE(this.onWhat, { ARGS: [read] })) },
      { ALT: () => ((orderBy = this.SUBRULE(this.orderBy)), read.push('ORDER BY')) },
      {
        ALT: () => {
          this.OR2([
            { ALT: () => this.CONSUME(w.NULL) },
            { ALT: () => this.CONSUME(w.TRUE) },
            { ALT: () => this.CONSUME(w.FALSE) },
            { ALT: () => this.CONSUME(w.WITH) },
            { ALT: () => this.CONSUME(Identifier) },
          ]);
          read.push(upper(this.LA(0)));
          this.MANY({ GATE: () => read.at(-1) !== 'WRAPPER', DEF: () => read.push(upper(this.CONSUME2(Identifier))) });
          this.OPTION({ GATE: () => read.at(-1) !== 'WRAPPER', DEF: () => this.SUBRULE2(this.onWhat, { ARGS: [read] }) });
        },
      },
    ]);
    const words = read.join(' ');
    const span = this.since(first);
    if (!this.RECORDING_PHASE && !clauseWords.test(words)) throw new SqlError({ code: 'E0001', message: `"${words}" cannot stand here`, span });
    return { words, isInside: true, type, value, orderBy, span };
  });

  onWhat = this.RULE('onWhat', (read: string[]): void => {
    this.CONSUME(w.ON);
    this.OR([{ ALT: () => this.CONSUME(w.NULL) }, { ALT: () => this.CONSUME(Identifier) }]);
    const { image } = this.LA(0);
    this.ACTION(() => read.push('ON', image.toUpperCase()));
  });

  /** WITHIN GROUP (ORDER BY a), IGNORE NULLS, RESPECT NULLS. */
  clauseBehind: Rule<ast.CallClause> = this.RULE('clauseBehind', (): ast.CallClause => {
    const first = this.LA(1);
    let orderBy: readonly ast.SortItem[] = [];
    const words = this.OR([
      {
        ALT: () => {
          this.CONSUME(w.WITHIN);
          this.CONSUME(w.GROUP);
          this.CONSUME(s.LeftParen);
          orderBy = this.SUBRULE(this.orderBy);
          this.CONSUME(s.RightParen);
          return 'WITHIN GROUP';
        },
      },
      { ALT: () => (this.CONSUME(w.IGNORE), this.CONSUME(w.NULLS), 'IGNORE NULLS') },
      { ALT: () => (this.CONSUME(w.RESPECT), this.CONSUME2(w.NULLS), 'RESPECT NULLS') },
    ]);
    return { words, isInside: false, type: undefined, value: undefined, orderBy, span: this.since(first) };
  });

  label: Rule<ast.Identifier> = this.RULE('label', (): ast.Identifier => {
    const name = this.SUBRULE(this.identifier);
    this.CONSUME(s.Arrow);
    return name;
  });

  windowOrName: Rule<ast.Identifier | ast.WindowSpec> = this.RULE('windowOrName', (): ast.Identifier | ast.WindowSpec =>
    this.OR<IOrAlt<ast.Identifier | ast.WindowSpec>[]>([{ ALT: () => this.SUBRULE(this.windowSpec) }, { ALT: () => this.SUBRULE(this.identifier) }]),
  );

  windowSpec: Rule<ast.WindowSpec> = this.RULE('windowSpec', (): ast.WindowSpec => {
    const first = this.CONSUME(s.LeftParen);
    const base = this.OPTION({ GATE: () => [s.RightParen, w.PARTITION, w.ORDER, w.ROWS, w.RANGE].includes(this.LA(2).tokenType), DEF: () => this.SUBRULE(this.identifier) });
    const partitionBy: ast.Expr[] = [];
    this.OPTION2(() => {
      this.CONSUME(w.PARTITION);
      this.CONSUME(w.BY);
      this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => partitionBy.push(this.SUBRULE(this.expression)) });
    });
    const orderBy = this.OPTION3(() => this.SUBRULE(this.orderBy)) ?? [];
    const frame = this.OPTION4(() => this.SUBRULE(this.windowFrame));
    this.CONSUME(s.RightParen);
    return { kind: 'WindowSpec', base, partitionBy, orderBy, frame, span: this.since(first) };
  });

  windowFrame: Rule<ast.WindowFrame> = this.RULE('windowFrame', (): ast.WindowFrame => {
    const first = this.LA(1);
    const unit = upper(this.OR([{ ALT: () => this.CONSUME(w.ROWS) }, { ALT: () => this.CONSUME(w.RANGE) }])) as 'ROWS';
    return this.OR2<IOrAlt<ast.WindowFrame>[]>([
      {
        ALT: () => {
          this.CONSUME(w.BETWEEN);
          const start = this.SUBRULE(this.frameBound);
          this.CONSUME(w.AND);
          const end = this.SUBRULE2(this.frameBound);
          return { unit, start, end, span: this.since(first) };
        },
      },
      { ALT: () => ({ unit, start: this.SUBRULE3(this.frameBound), end: undefined, span: this.since(first) }) },
    ]);
  });

  frameBound: Rule<ast.FrameBound> = this.RULE('frameBound', (): ast.FrameBound => {
    const first = this.LA(1);
    let value: ast.Expr | undefined;
    return this.OR<IOrAlt<ast.FrameBound>[]>([
      { GATE: () => this.LA(2).tokenType === w.ROW, ALT: () => (this.CONSUME(w.CURRENT), this.CONSUME(w.ROW), { kind: 'CurrentRow', span: this.since(first) }) },
      {
        ALT: () => {
          this.OR2([
            { GATE: () => this.LA(2).tokenType === w.PRECEDING || this.LA(2).tokenType === w.FOLLOWING, ALT: () => this.CONSUME(w.UNBOUNDED) },
            { ALT: () => (value = this.SUBRULE(this.sum)) },
          ]);
          const kind = this.OR3([{ ALT: () => (this.CONSUME(w.PRECEDING), 'Preceding' as const) }, { ALT: () => (this.CONSUME(w.FOLLOWING), 'Following' as const) }]);
          return { kind, value, span: this.since(first) };
        },
      },
    ]);
  });

  /** LEFT and RIGHT are reserved for joins, and functions before a parenthesis. */
  functionName: Rule<ast.Identifier> = this.RULE('functionName', (): ast.Identifier => {
    return this.OR<IOrAlt<ast.Identifier>[]>([
      { ALT: () => this.SUBRULE(this.identifier) },
      { ALT: () => { const token = this.CONSUME(w.LEFT); return { name: token.image, span: spanOf(token) }; } },
      { ALT: () => { const token = this.CONSUME(w.RIGHT); return { name: token.image, span: spanOf(token) }; } },
    ]);
  });

  starArgument: Rule<ast.Expr> = this.RULE('starArgument', (): ast.Expr => ({ kind: 'Star', qualifier: undefined, span: spanOf(this.CONSUME(s.Star)) }));
}
