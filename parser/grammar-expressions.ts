import type { IOrAlt, IToken, TokenType } from 'chevrotain';
import type { Span } from '../core/span.ts';
import * as ast from './ast.ts';
import { spanOf, upper, type Rule } from './grammar-base.ts';
import { AtomGrammar } from './grammar-atoms.ts';
import { notAnOperand } from './grammar-calls.ts';
import { maxNesting, tooDeep } from './nesting.ts';
import { endOf, Identifier, symbols as s, words as w } from './tokens.ts';

/** What stands behind an alias, and before no operand. */
const behindAlias = /^([,);]|FROM|WHERE|GROUP|HAVING|ORDER|LIMIT|UNION|EXCEPT|INTERSECT|)$/i;
const tight: ReadonlySet<TokenType | undefined> = new Set([s.Star, s.Slash, s.Percent]);

/** Operators of two levels between values, each leaning to the left. A value's span is what was read for it, with its parentheses. */
class Chain {
  #loose: ast.Expr | undefined;
  #looseOperator: ast.BinaryOperator = 'OR';
  readonly #start: number;
  #tight: ast.Expr;
  #tightStart: number;
  #end: number;

  constructor(start: number, first: ast.Expr, end: number) {
    this.#start = start;
    this.#tightStart = start;
    this.#tight = first;
    this.#end = end;
  }

  add(operator: ast.BinaryOperator, isTight: boolean, start: number, right: ast.Expr, end: number): void {
    if (isTight) {
      this.#tight = { kind: 'Binary', operator, left: this.#tight, right, span: { start: this.#tightStart, end } };
    } else {
      this.#loose = this.whole();
      this.#looseOperator = operator;
      this.#tight = right;
      this.#tightStart = start;
    }
    this.#end = end;
  }

  whole(): ast.Expr {
    if (this.#loose === undefined) return this.#tight;
    return { kind: 'Binary', operator: this.#looseOperator, left: this.#loose, right: this.#tight, span: { start: this.#start, end: this.#end } };
  }
}

/** Expressions, loosest binding first. */
export abstract class ExpressionGrammar extends AtomGrammar {
  /** AND binds tighter than OR. Two levels are one rule, so that deep nesting takes less of the stack. */
  expression: Rule<ast.Expr> = this.RULE('expression', (): ast.Expr => {
    const start = this.LA(1).startOffset;
    const chain = new Chain(start, this.SUBRULE(this.negation), endOf(this.LA(0)));
    this.MANY(() => {
      const token = this.OR([{ ALT: () => this.CONSUME(w.AND) }, { ALT: () => this.CONSUME(w.OR) }]);
      const start = this.LA(1).startOffset;
      const right = this.SUBRULE2(this.negation);
      chain.add(token?.tokenType === w.AND ? 'AND' : 'OR', token?.tokenType === w.AND, start, right, endOf(this.LA(0)));
    });
    return chain.whole();
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
    this.MANY({ GATE: () => !this.isAliasNow(), DEF: () => {
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
            return this.OR5<IOrAlt<ast.Expr>[]>([
              {
                GATE: () => this.LA(2).tokenType === s.LeftParen && this.isQueryAt(3),
                ALT: () => {
                  const word = this.OR6([{ ALT: () => this.CONSUME(w.ALL) }, { ALT: () => this.CONSUME(w.ANY) }, { ALT: () => this.CONSUME(w.SOME) }]);
                  const query = this.SUBRULE(this.queryInParens);
                  return { kind: 'Quantified', operand: left, operator, quantifier: word?.tokenType === w.ALL ? 'ALL' : 'ANY', query, span: this.since(first) };
                },
              },
              { ALT: () => ({ kind: 'Binary', operator, left, right: this.SUBRULE2(this.sum), span: this.since(first) }) },
            ]);
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
              { ALT: () => this.SUBRULE(this.jsonTest) },
            ]);
            if (test !== undefined && 'kind' in test && test.kind === 'Call' && test.args.length === 0 && ast.wordOperators.some((operator) => operator === test.name.name)) {
              const call: ast.Expr = { ...test, args: [left], span: this.since(first) };
              return negated ? { kind: 'Unary', operator: 'NOT', operand: call, span: call.span } : call;
            }
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
                GATE: () => this.LA(2).tokenType === w.SYMMETRIC,
                ALT: () => {
                  const start = this.CONSUME2(w.BETWEEN);
                  this.CONSUME(w.SYMMETRIC);
                  const args = [left, this.SUBRULE8(this.sum)];
                  this.CONSUME3(w.AND);
                  args.push(this.SUBRULE9(this.sum));
                  return this.wordOperator('BETWEEN SYMMETRIC', start, args, negated, this.since(first));
                },
              },
              {
                ALT: () => {
                  this.CONSUME(w.BETWEEN);
                  this.OPTION4({ GATE: () => !notAnOperand.has(this.LA(2).image), DEF: () => this.CONSUME(w.ASYMMETRIC) });
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
                  const start = this.CONSUME(w.SIMILAR);
                  this.CONSUME(w.TO);
                  const args = [left, this.SUBRULE(this.operand)];
                  this.OPTION5(() => (this.CONSUME2(w.ESCAPE), args.push(this.SUBRULE2(this.operand))));
                  return this.wordOperator('SIMILAR TO', start, args, negated, this.since(first));
                },
              },
              {
                GATE: () => !negated,
                ALT: () => {
                  const start = this.CONSUME(w.OVERLAPS);
                  const args = [left, this.SUBRULE3(this.operand)];
                  return this.wordOperator('OVERLAPS', start, args, negated, this.since(first));
                },
              },
              {
                GATE: () => this.LA(2).tokenType === s.LeftParen && this.isQueryAt(3),
                ALT: () => {
                  this.CONSUME2(w.IN);
                  return { kind: 'InQuery', operand: left, query: this.SUBRULE2(this.queryInParens), negated, span: this.since(first) };
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
    } });
    return left;
  });

  /** Words of operators that may be names: `SELECT a similar FROM t` names a column. */
  protected isAliasNow(): boolean {
    const { tokenType } = this.LA(1);
    return (tokenType === w.SIMILAR && this.LA(2).tokenType !== w.TO) || (tokenType === w.OVERLAPS && behindAlias.test(this.LA(2).image));
  }

  protected wordOperator(operator: (typeof ast.wordOperators)[number], at: IToken, args: readonly ast.Expr[], negated: boolean, span: Span): ast.Expr {
    const call: ast.Expr = { kind: 'Call', name: { name: operator, span: spanOf(at) }, args, distinct: false, filter: undefined, span };
    return negated ? { kind: 'Unary', operator: 'NOT', operand: call, span } : call;
  }

  /** The right side of an operator of words. */
  operand: Rule<ast.Expr> = this.RULE('operand', (): ast.Expr => this.SUBRULE(this.sum));

  /** The words of IS JSON, as a call that has no argument yet. */
  jsonTest: Rule<ast.Expr> = this.RULE('jsonTest', (): ast.Expr => {
    const first = this.CONSUME(w.JSON);
    let name = 'IS JSON';
    this.OPTION({ GATE: () => /^(VALUE|OBJECT|ARRAY|SCALAR)$/i.test(this.LA(1).image), DEF: () => (name += ` ${upper(this.CONSUME(Identifier))}`) });
    const span = this.since(first);
    return { kind: 'Call', name: { name, span }, args: [], distinct: false, filter: undefined, span };
  });

  /** Signs between values: *, / and % bind tighter than +, - and ||. */
  sum: Rule<ast.Expr> = this.RULE('sum', (): ast.Expr => {
    const start = this.LA(1).startOffset;
    const chain = new Chain(start, this.SUBRULE(this.sign), endOf(this.LA(0)));
    this.MANY(() => {
      const token = this.OR([
        { ALT: () => this.CONSUME(s.Plus) },
        { ALT: () => this.CONSUME(s.Minus) },
        { ALT: () => this.CONSUME(s.Concat) },
        { ALT: () => this.CONSUME(s.Star) },
        { ALT: () => this.CONSUME(s.Slash) },
        { ALT: () => this.CONSUME(s.Percent) },
      ]);
      const start = this.LA(1).startOffset;
      const right = this.SUBRULE2(this.sign);
      chain.add(token?.image as ast.BinaryOperator, tight.has(token?.tokenType), start, right, endOf(this.LA(0)));
    });
    return chain.whole();
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
    let operand = this.SUBRULE(this.atom);
    let length = 0;
    this.MANY(() => {
      if (++length > maxNesting) throw tooDeep(spanOf(this.LA(1)));
      operand = this.OR<IOrAlt<ast.Expr>[]>([
        {
          ALT: () => {
            this.CONSUME(s.LeftBracket);
            const index = this.SUBRULE(this.expression);
            this.CONSUME(s.RightBracket);
            return { kind: 'Element', operand, index, span: this.since(first) };
          },
        },
        { ALT: () => (this.CONSUME(s.Dot), { kind: 'Field', operand, field: this.SUBRULE(this.identifier), span: this.since(first) }) },
      ]);
    });
    return operand;
  });
}
