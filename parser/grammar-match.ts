import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import type { Rule } from './grammar-base.ts';
import { isName } from './grammar-calls.ts';
import { ExpressionGrammar } from './grammar-expressions.ts';
import { NumberLiteral, symbols as s, words as w } from './tokens.ts';

/** MATCH_RECOGNIZE: patterns of rows. */
export abstract class MatchGrammar extends ExpressionGrammar {
  matchClause: Rule<ast.MatchClause> = this.RULE('matchClause', (): ast.MatchClause => {
    const first = this.CONSUME(w.MATCH_RECOGNIZE);
    this.CONSUME(s.LeftParen);
    const partitionBy: ast.Expr[] = [];
    this.OPTION(() => {
      this.CONSUME(w.PARTITION);
      this.CONSUME(w.BY);
      this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => partitionBy.push(this.SUBRULE(this.expression)) });
    });
    const orderBy = this.OPTION2(() => this.SUBRULE(this.orderBy)) ?? [];
    const measures: ast.MatchClause['measures'][number][] = [];
    this.OPTION3(() => {
      this.CONSUME(w.MEASURES);
      this.AT_LEAST_ONE_SEP2({ SEP: s.Comma, DEF: () => measures.push(this.SUBRULE(this.measure)) });
    });
    const rows = this.OPTION4(() => this.SUBRULE(this.rowsPerMatch));
    const skip = this.OPTION5(() => this.SUBRULE(this.skipClause));
    this.CONSUME(w.PATTERN);
    this.CONSUME2(s.LeftParen);
    const pattern = this.SUBRULE(this.pattern);
    this.CONSUME2(s.RightParen);
    const within = this.OPTION6(() => (this.CONSUME(w.WITHIN), this.SUBRULE2(this.expression)));
    const subsets: ast.MatchClause['subsets'][number][] = [];
    this.OPTION7(() => {
      this.CONSUME(w.SUBSET);
      this.AT_LEAST_ONE_SEP3({ SEP: s.Comma, DEF: () => (subsets.push({ name: this.SUBRULE(this.identifier), variables: (this.CONSUME(s.Equal), this.SUBRULE(this.identifierList)) })) });
    });
    const define: ast.MatchClause['define'][number][] = [];
    this.OPTION8(() => {
      this.CONSUME(w.DEFINE);
      this.AT_LEAST_ONE_SEP4({
        SEP: s.Comma,
        DEF: () => {
          const start = this.LA(1);
          const variable = this.SUBRULE2(this.identifier);
          this.CONSUME(w.AS);
          const condition = this.SUBRULE3(this.expression);
          define.push({ variable, condition, span: this.since(start) });
        },
      });
    });
    this.CONSUME(s.RightParen);
    return { partitionBy, orderBy, measures, rows, skip, pattern, within, subsets, define, span: this.since(first) };
  });

  measure: Rule<ast.MatchClause['measures'][number]> = this.RULE('measure', () => {
    const first = this.LA(1);
    const word = this.OPTION({
      GATE: () => isName(this.LA(2).tokenType),
      DEF: () => this.OR([{ ALT: () => (this.CONSUME(w.FINAL), 'FINAL' as const) }, { ALT: () => (this.CONSUME(w.RUNNING), 'RUNNING' as const) }]),
    });
    const expr = this.SUBRULE(this.expression);
    this.CONSUME(w.AS);
    const alias = this.SUBRULE(this.identifier);
    return { expr, alias, semantics: word, span: this.since(first) };
  });

  rowsPerMatch: Rule<'ONE' | 'ALL'> = this.RULE('rowsPerMatch', () => {
    const rows = this.OR([{ ALT: () => (this.CONSUME(w.ONE), this.CONSUME(w.ROW), 'ONE' as const) }, { ALT: () => (this.CONSUME(w.ALL), this.CONSUME(w.ROWS), 'ALL' as const) }]);
    this.CONSUME(w.PER);
    this.CONSUME(w.MATCH);
    return rows;
  });

  skipClause: Rule<NonNullable<ast.MatchClause['skip']>> = this.RULE('skipClause', () => {
    this.CONSUME(w.AFTER);
    this.CONSUME(w.MATCH);
    this.CONSUME(w.SKIP);
    let to: NonNullable<ast.MatchClause['skip']>['to'] = 'TO LAST';
    let variable: ast.Identifier | undefined;
    this.OR([
      { ALT: () => (this.CONSUME(w.PAST), this.CONSUME(w.LAST), this.CONSUME(w.ROW), (to = 'PAST LAST ROW')) },
      {
        ALT: () => {
          this.CONSUME(w.TO);
          this.OR2([
            { GATE: () => this.LA(2).tokenType === w.ROW, ALT: () => (this.CONSUME(w.NEXT), this.CONSUME2(w.ROW), (to = 'TO NEXT ROW')) },
            { GATE: () => isName(this.LA(2).tokenType) && this.LA(2).tokenType !== w.PATTERN, ALT: () => (this.CONSUME(w.FIRST), (to = 'TO FIRST'), (variable = this.SUBRULE(this.identifier))) },
            { ALT: () => (this.OPTION({ GATE: () => isName(this.LA(2).tokenType) && this.LA(2).tokenType !== w.PATTERN, DEF: () => this.CONSUME2(w.LAST) }), (variable = this.SUBRULE2(this.identifier))) },
          ]);
        },
      },
    ]);
    return { to, variable };
  });

  pattern: Rule<ast.Pattern> = this.RULE('pattern', (): ast.Pattern => {
    const first = this.LA(1);
    const parts: ast.Pattern[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: s.Bar, DEF: () => parts.push(this.SUBRULE(this.patternSequence)) });
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'Alternation', parts, span: this.since(first) };
  });

  patternSequence: Rule<ast.Pattern> = this.RULE('patternSequence', (): ast.Pattern => {
    const first = this.LA(1);
    const parts: ast.Pattern[] = [];
    this.AT_LEAST_ONE(() => parts.push(this.SUBRULE(this.patternFactor)));
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'Sequence', parts, span: this.since(first) };
  });

  patternFactor: Rule<ast.Pattern> = this.RULE('patternFactor', (): ast.Pattern => {
    const first = this.LA(1);
    const part = this.SUBRULE(this.patternAtom);
    let least = 1;
    let most: number | undefined = 1;
    let reluctant = false;
    const isRepeated = this.OPTION({ GATE: () => this.LA(2).tokenType !== s.Minus, DEF: () => {
      this.OR([
        { ALT: () => (this.CONSUME(s.Star), (least = 0), (most = undefined)) },
        { ALT: () => (this.CONSUME(s.Plus), (most = undefined)) },
        { ALT: () => (this.CONSUME(s.Question), (least = 0)) },
        {
          ALT: () => {
            this.CONSUME(s.LeftBrace);
            const from = this.OPTION2(() => Number(this.CONSUME(NumberLiteral).image));
            least = from ?? 0;
            most = from;
            this.OPTION3(() => (this.CONSUME(s.Comma), (most = undefined), this.OPTION4(() => (most = Number(this.CONSUME2(NumberLiteral).image)))));
            this.CONSUME(s.RightBrace);
          },
        },
      ]);
      reluctant = this.OPTION5(() => this.CONSUME2(s.Question)) !== undefined;
      return true;
    } });
    return isRepeated === true ? { kind: 'Repetition', part, least, most, reluctant, span: this.since(first) } : part;
  });

  patternAtom: Rule<ast.Pattern> = this.RULE('patternAtom', (): ast.Pattern => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Pattern>[]>([
      {
        GATE: () => this.LA(2).tokenType === s.LeftParen,
        ALT: () => {
          const parts: ast.Pattern[] = [];
          this.CONSUME(w.PERMUTE);
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => parts.push(this.SUBRULE(this.pattern)) });
          this.CONSUME(s.RightParen);
          return { kind: 'Permutation', parts, span: this.since(first) };
        },
      },
      { ALT: () => ({ kind: 'Variable', name: this.SUBRULE(this.identifier), span: this.since(first) }) },
      {
        ALT: () => {
          this.CONSUME2(s.LeftParen);
          const inner = this.SUBRULE2(this.pattern);
          this.CONSUME2(s.RightParen);
          return inner;
        },
      },
      {
        ALT: () => {
          this.CONSUME(s.LeftBrace);
          this.CONSUME(s.Minus);
          const part = this.SUBRULE3(this.pattern);
          this.CONSUME2(s.Minus);
          this.CONSUME(s.RightBrace);
          return { kind: 'Exclusion', part, span: this.since(first) };
        },
      },
      { ALT: () => (this.CONSUME(s.Caret), { kind: 'Anchor', at: '^', span: this.since(first) }) },
      { ALT: () => (this.CONSUME(s.Dollar), { kind: 'Anchor', at: '$', span: this.since(first) }) },
    ]);
  });
}
