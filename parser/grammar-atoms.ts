import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import { stringText, upper, type Rule } from './grammar-base.ts';
import { CallGrammar } from './grammar-calls.ts';
import { BytesLiteral, Identifier, NamedParameter, NumberLiteral, StringLiteral, symbols as s, UnicodeLiteral, words as w } from './tokens.ts';
import { unicodeText } from './unicode-text.ts';

const intervalUnit = /^(YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)S?$/i;

/** What expressions are made of: literals, names, calls, CASE, CAST, and what stands in parentheses. */
export abstract class AtomGrammar extends CallGrammar {
  abstract query: Rule<ast.Query>;

  atom: Rule<ast.Expr> = this.RULE('atom', (): ast.Expr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Expr>[]>([
      { ALT: () => ({ kind: 'Number', text: this.CONSUME(NumberLiteral).image, span: this.since(first) }) },
      { ALT: () => ({ kind: 'String', value: stringText(this.CONSUME(StringLiteral)), span: this.since(first) }) },
      { ALT: () => this.SUBRULE(this.unicodeLiteral) },
      { ALT: () => (this.CONSUME(w.TRUE), { kind: 'Boolean', value: true, span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.FALSE), { kind: 'Boolean', value: false, span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.NULL), { kind: 'Null', span: this.since(first) }) },
      { ALT: () => (this.CONSUME(s.Question), { kind: 'Parameter', name: undefined, span: this.since(first) }) },
      { ALT: () => ({ kind: 'Parameter', name: this.CONSUME(NamedParameter).image.slice(1), span: this.since(first) }) },
      { ALT: () => ({ kind: 'Bytes', digits: this.CONSUME(BytesLiteral).image.slice(2, -1), span: this.since(first) }) },
      { ALT: () => this.SUBRULE(this.caseExpression) },
      { ALT: () => (this.CONSUME(w.EXISTS), { kind: 'Exists', query: this.SUBRULE(this.queryInParens), span: this.since(first) }) },
      { GATE: () => this.LA(2).tokenType === s.LeftBracket, ALT: () => (this.CONSUME(w.ARRAY), { kind: 'Array', items: this.SUBRULE(this.items), span: this.since(first) }) },
      { GATE: () => this.LA(2).tokenType === s.LeftBracket, ALT: () => (this.CONSUME(w.MAP), { kind: 'Map', items: this.SUBRULE2(this.items), span: this.since(first) }) },
      { GATE: () => this.LA(2).tokenType === s.LeftParen, ALT: () => (this.CONSUME(w.ROW), { kind: 'Row', items: this.SUBRULE(this.rowItems), span: this.since(first) }) },
      { GATE: () => this.LA(2).tokenType === s.LeftParen, ALT: () => this.SUBRULE(this.castExpression) },
      { GATE: () => this.LA(this.LA(2).tokenType === s.Minus || this.LA(2).tokenType === s.Plus ? 3 : 2).tokenType === StringLiteral, ALT: () => this.SUBRULE(this.intervalLiteral) },
      { GATE: () => this.LA(2).tokenType === StringLiteral, ALT: () => this.SUBRULE(this.timeLiteral) },
      { GATE: () => this.LA(2).tokenType === s.LeftParen && this.LA(1).tokenType === Identifier && upper(this.LA(1)) === 'POSITION', ALT: () => this.SUBRULE(this.position) },
      { GATE: () => this.LA(2).tokenType === s.LeftParen, ALT: () => this.SUBRULE(this.call) },
      { ALT: () => ({ kind: 'Reference', name: this.SUBRULE(this.name), span: this.since(first) }) },
      { GATE: () => this.isQueryAt(2), ALT: () => ({ kind: 'Subquery', query: this.SUBRULE2(this.queryInParens), span: this.since(first) }) },
      {
        ALT: () => {
          const more: ast.Expr[] = [];
          this.CONSUME(s.LeftParen);
          const inner = this.SUBRULE(this.expression);
          this.MANY(() => (this.CONSUME(s.Comma), more.push(this.SUBRULE2(this.expression))));
          this.CONSUME(s.RightParen);
          return more.length === 0 ? inner : { kind: 'Row', items: [inner, ...more], span: this.since(first) };
        },
      },
    ]);
  });

  items: Rule<ast.Expr[]> = this.RULE('items', (): ast.Expr[] => {
    const items: ast.Expr[] = [];
    this.CONSUME(s.LeftBracket);
    this.MANY_SEP({ SEP: s.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) });
    this.CONSUME(s.RightBracket);
    return items;
  });

  unicodeLiteral: Rule<ast.Expr> = this.RULE('unicodeLiteral', (): ast.Expr => {
    const { image } = this.CONSUME(UnicodeLiteral);
    const span = this.since(this.LA(0));
    return { kind: 'String', value: this.RECORDING_PHASE ? '' : unicodeText(image, span), span };
  });

  rowItems: Rule<ast.Expr[]> = this.RULE('rowItems', (): ast.Expr[] => {
    const items: ast.Expr[] = [];
    this.CONSUME(s.LeftParen);
    this.MANY_SEP({ SEP: s.Comma, DEF: () => items.push(this.SUBRULE(this.expression)) });
    this.CONSUME(s.RightParen);
    return items;
  });

  caseExpression: Rule<ast.Expr> = this.RULE('caseExpression', (): ast.Expr => {
    const first = this.CONSUME(w.CASE);
    const operand = this.OPTION(() => this.SUBRULE(this.expression));
    const branches: ast.CaseBranch[] = [];
    this.AT_LEAST_ONE(() => {
      const start = this.CONSUME(w.WHEN);
      const values = [this.SUBRULE2(this.expression)];
      // CASE a WHEN 1, 2 THEN b is CASE a WHEN 1 THEN b WHEN 2 THEN b.
      this.MANY({ GATE: () => operand !== undefined, DEF: () => (this.CONSUME(s.Comma), values.push(this.SUBRULE5(this.expression))) });
      this.CONSUME(w.THEN);
      const then = this.SUBRULE3(this.expression);
      for (const when of values) branches.push({ when, then, span: this.since(start) });
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
    const unit = upper(this.CONSUME(Identifier)).replace(/S$/, '');
    this.OPTION2(() => this.SUBRULE(this.digits));
    const last = this.OPTION3({
      GATE: () => intervalUnit.test(this.LA(2).image),
      DEF: () => {
        this.CONSUME(w.TO);
        const word = upper(this.CONSUME2(Identifier)).replace(/S$/, '');
        this.OPTION4(() => this.SUBRULE2(this.digits));
        return word;
      },
    });
    return { kind: 'Interval', text, negative: sign?.image === '-', unit: last === undefined ? unit : `${unit} TO ${last}`, span: this.since(first) };
  });

  timeLiteral: Rule<ast.Expr> = this.RULE('timeLiteral', (): ast.Expr => {
    const token = this.OR([{ ALT: () => this.CONSUME(w.DATE) }, { ALT: () => this.CONSUME(w.TIME) }, { ALT: () => this.CONSUME(w.TIMESTAMP) }]);
    const text = stringText(this.CONSUME(StringLiteral));
    return { kind: 'TimeLiteral', type: upper(token) as 'DATE', text, span: this.since(token) };
  });

  queryInParens: Rule<ast.Query> = this.RULE('queryInParens', (): ast.Query => {
    this.CONSUME(s.LeftParen);
    const query = this.SUBRULE(this.query);
    this.CONSUME(s.RightParen);
    return query;
  });
}
