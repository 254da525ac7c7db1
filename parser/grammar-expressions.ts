import type { IOrAlt, IToken } from 'chevrotain';
import * as ast from './ast.ts';
import { spanOf, stringText, upper, type Rule } from './grammar-base.ts';
import { TypeGrammar } from './grammar-types.ts';
import { maxNesting, tooDeep } from './nesting.ts';
import { Identifier, NamedParameter, NumberLiteral, StringLiteral, symbols as s, words as w } from './tokens.ts';

/** A name in capitals. While the grammar is recorded there is none. */
function upperName(name: Partial<ast.Identifier> | undefined): string {
  return (name?.name ?? '').toUpperCase();
}

const trimSides = new Set(['BOTH', 'LEADING', 'TRAILING']);
/** Calls whose arguments may have FROM and FOR between them. */
const hasFrom = new Set(['EXTRACT', 'TRIM', 'SUBSTRING']);

/** Expressions, loosest binding first. */
export abstract class ExpressionGrammar extends TypeGrammar {
  expression: Rule<ast.Expr> = this.RULE('expression', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.conjunction);
    this.MANY(() => {
      this.CONSUME(w.OR);
      const right = this.SUBRULE2(this.conjunction);
      left = { kind: 'Binary', operator: 'OR', left, right, span: this.since(first) };
    });
    return left;
  });

  conjunction: Rule<ast.Expr> = this.RULE('conjunction', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.negation);
    this.MANY(() => {
      this.CONSUME(w.AND);
      const right = this.SUBRULE2(this.negation);
      left = { kind: 'Binary', operator: 'AND', left, right, span: this.since(first) };
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
          return { kind: 'Unary', operator: 'NOT', operand, span: this.since(first) };
        },
      },
      { ALT: () => this.SUBRULE(this.predicate) },
    ]);
  });

  predicate: Rule<ast.Expr> = this.RULE('predicate', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.sum);
    let length = 0;
    this.MANY(() => {
      if (++length > maxNesting) throw tooDeep(spanOf(this.LA(1)));
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
            return { kind: 'Binary', operator, left, right, span: this.since(first) };
          },
        },
        {
          ALT: () => {
            this.CONSUME(w.IS);
            const negated = this.OPTION(() => this.CONSUME(w.NOT)) !== undefined;
            const test = this.OR3<IOrAlt<IToken | ast.Expr>[]>([
              { ALT: () => this.CONSUME(w.NULL) },
              { ALT: () => this.CONSUME(w.TRUE) },
              { ALT: () => this.CONSUME(w.FALSE) },
              { ALT: () => this.CONSUME(w.UNKNOWN) },
              { ALT: () => (this.CONSUME(w.DISTINCT), this.CONSUME(w.FROM), this.SUBRULE7(this.sum)) },
            ]);
            if (test !== undefined && 'image' in test) return { kind: 'Is', operand: left, test: upper(test) as 'NULL', negated, span: this.since(first) };
            const span = this.since(first);
            const call: ast.Expr = { kind: 'Call', name: { name: ast.distinctFrom, span }, args: [left, test], distinct: false, filter: undefined, span };
            return negated ? { kind: 'Unary', operator: 'NOT', operand: call, span } : call;
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
                  return { kind: 'Between', operand: left, low, high, negated, span: this.since(first) };
                },
              },
              {
                ALT: () => {
                  const name = { name: 'LIKE', span: spanOf(this.CONSUME(w.LIKE)) };
                  const args = [left, this.SUBRULE5(this.sum)];
                  this.OPTION3(() => (this.CONSUME(w.ESCAPE), args.push(this.SUBRULE6(this.sum))));
                  const call: ast.Expr = { kind: 'Call', name, args, distinct: false, filter: undefined, span: this.since(first) };
                  return negated ? { kind: 'Unary', operator: 'NOT', operand: call, span: call.span } : call;
                },
              },
              {
                ALT: () => {
                  this.CONSUME(w.IN);
                  const items: ast.Expr[] = [];
                  this.CONSUME(s.LeftParen);
                  this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) });
                  this.CONSUME(s.RightParen);
                  return { kind: 'In', operand: left, items, negated, span: this.since(first) };
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
      left = { kind: 'Binary', operator: token?.image as ast.BinaryOperator, left, right, span: this.since(first) };
    });
    return left;
  });

  product: Rule<ast.Expr> = this.RULE('product', (): ast.Expr => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.sign);
    this.MANY(() => {
      const token = this.OR([{ ALT: () => this.CONSUME(s.Star) }, { ALT: () => this.CONSUME(s.Slash) }, { ALT: () => this.CONSUME(s.Percent) }]);
      const right = this.SUBRULE2(this.sign);
      left = { kind: 'Binary', operator: token?.image as ast.BinaryOperator, left, right, span: this.since(first) };
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
          return { kind: 'Unary', operator: token?.image as '-', operand, span: this.since(first) };
        },
      },
      { ALT: () => this.SUBRULE(this.primary) },
    ]);
  });

  primary: Rule<ast.Expr> = this.RULE('primary', (): ast.Expr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Expr>[]>([
      { ALT: () => ({ kind: 'Number', text: this.CONSUME(NumberLiteral).image, span: this.since(first) }) },
      { ALT: () => ({ kind: 'String', value: stringText(this.CONSUME(StringLiteral)), span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.TRUE), { kind: 'Boolean', value: true, span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.FALSE), { kind: 'Boolean', value: false, span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.NULL), { kind: 'Null', span: this.since(first) }) },
      { ALT: () => (this.CONSUME(s.Question), { kind: 'Parameter', name: undefined, span: this.since(first) }) },
      { ALT: () => ({ kind: 'Parameter', name: this.CONSUME(NamedParameter).image.slice(1), span: this.since(first) }) },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { GATE: () => this.LA(2).tokenType === s.LeftParen, ALT: () => this.SUBRULE(this.castExpression) },
      { GATE: () => this.LA(2).tokenType === StringLiteral || this.LA(2).tokenType === s.Minus || this.LA(2).tokenType === s.Plus, ALT: () => this.SUBRULE(this.intervalLiteral) },
      { GATE: () => this.LA(2).tokenType === StringLiteral, ALT: () => this.SUBRULE(this.timeLiteral) },
      { GATE: () => this.LA(2).tokenType === s.LeftParen, ALT: () => this.SUBRULE(this.call) },
      { ALT: () => ({ kind: 'Reference', name: this.SUBRULE(this.name), span: this.since(first) }) },
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
      branches.push({ when, then, span: this.since(start) });
    });
    const otherwise = this.OPTION2(() => (this.CONSUME(w.ELSE), this.SUBRULE4(this.expression)));
    this.CONSUME(w.END);
    return { kind: 'Case', operand, branches, otherwise, span: this.since(first) };
  });

  castExpression: Rule<ast.Expr> = this.RULE('castExpression', (): ast.Expr => {
    const first = this.LA(1);
    const isTry = this.OR([{ ALT: () => (this.CONSUME(w.CAST), false) }, { ALT: () => (this.CONSUME(w.TRY_CAST), true) }]);
    this.CONSUME(s.LeftParen);
    const operand = this.SUBRULE(this.expression);
    this.CONSUME(w.AS);
    const type = this.SUBRULE(this.type);
    this.CONSUME(s.RightParen);
    return { kind: 'Cast', operand, type, isTry, span: this.since(first) };
  });

  intervalLiteral: Rule<ast.Expr> = this.RULE('intervalLiteral', (): ast.Expr => {
    const first = this.CONSUME(w.INTERVAL);
    const sign = this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(s.Minus) }, { ALT: () => this.CONSUME(s.Plus) }]));
    const text = stringText(this.CONSUME(StringLiteral));
    const unit = upper(this.CONSUME(Identifier));
    this.OPTION2(() => (this.CONSUME(s.LeftParen), this.CONSUME(NumberLiteral), this.CONSUME(s.RightParen)));
    return { kind: 'Interval', text, negative: sign?.image === '-', unit: unit.replace(/S$/, ''), span: this.since(first) };
  });

  timeLiteral: Rule<ast.Expr> = this.RULE('timeLiteral', (): ast.Expr => {
    const token = this.OR([{ ALT: () => this.CONSUME(w.DATE) }, { ALT: () => this.CONSUME(w.TIME) }, { ALT: () => this.CONSUME(w.TIMESTAMP) }]);
    const text = stringText(this.CONSUME(StringLiteral));
    return { kind: 'TimeLiteral', type: upper(token) as 'DATE', text, span: this.since(token) };
  });

  call: Rule<ast.Expr> = this.RULE('call', (): ast.Expr => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.functionName);
    const word = upperName(name);
    const isTrim = word === 'TRIM';
    const args: ast.Expr[] = [];
    let distinct = false;
    let side: ast.Expr | undefined;
    let isFrom = false;
    this.CONSUME(s.LeftParen);
    // TRIM(LEADING 'x' FROM s)
    this.OPTION6({
      GATE: () => isTrim && trimSides.has(upper(this.LA(1))) && ![s.RightParen, s.Comma, s.Dot].includes(this.LA(2).tokenType),
      DEF: () => {
        const word = this.SUBRULE2(this.identifier);
        side = { kind: 'Reference', name: { parts: [word], span: word.span }, span: word.span };
      },
    });
    this.OPTION(() => {
      this.OR([
        { ALT: () => args.push(this.SUBRULE(this.starArgument)) },
        {
          ALT: () => {
            distinct = this.OPTION2(() => this.OR2([{ ALT: () => (this.CONSUME(w.DISTINCT), true) }, { ALT: () => (this.CONSUME(w.ALL), false) }])) ?? false;
            this.MANY_SEP({ SEP: s.Comma, DEF: () => args.push(this.SUBRULE(this.expression)) });
            // EXTRACT(DAY FROM t), SUBSTRING(s FROM 2 FOR 3)
            this.OPTION4({
              GATE: () => hasFrom.has(word),
              DEF: () => {
                this.CONSUME(w.FROM);
                isFrom = true;
                args.push(this.SUBRULE3(this.expression));
                this.OPTION5(() => (this.CONSUME(w.FOR), args.push(this.SUBRULE4(this.expression))));
              },
            });
          },
        },
      ]);
    });
    this.CONSUME(s.RightParen);
    if (side !== undefined || (isTrim && isFrom)) {
      // All three, whichever are written: TRIM(x FROM s), TRIM(LEADING s), TRIM(LEADING FROM s).
      const both: ast.Expr = { kind: 'Reference', name: { parts: [{ name: 'BOTH', span: name.span }], span: name.span }, span: name.span };
      args.unshift(side ?? both, ...(args.length < 2 ? [{ kind: 'String', value: ' ', span: name.span } as const] : []));
    }
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
    return { kind: 'Call', name, args, distinct, filter, span: this.since(first) };
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
