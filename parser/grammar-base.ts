import type { IToken, ParserMethod } from 'chevrotain';
import type { Span } from '../core/span.ts';
import type * as ast from './ast.ts';
import { EmbeddedActionsParser, EOF } from '#chevrotain';
import { FirstTokens } from './lookahead.ts';
import { allTokens, endOf, Identifier, NumberLiteral, QuotedIdentifier, symbols as s, words as w } from './tokens.ts';

/** What may follow a query in parentheses that is part of a query. */
const queryGoesOn = [s.RightParen, s.Semicolon, EOF, w.UNION, w.INTERSECT, w.EXCEPT, w.ORDER, w.LIMIT, w.OFFSET, w.FETCH];

/** A rule that takes nothing and gives a node. */
export type Rule<T> = ParserMethod<[], T>;

/**
 * What all rules of the grammar stand on: names, and the making of spans. The grammar is one parser in layers, each a class over the
 * one before: names, types, calls, expressions, MATCH_RECOGNIZE, tables, queries, definitions, and at last the other statements (grammar.ts). One token of lookahead keeps loading cheap; where a
 * choice needs more, its GATE says what it looks at.
 */
export abstract class GrammarBase extends EmbeddedActionsParser {
  constructor() {
    super(allTokens, { maxLookahead: 1, skipValidations: true, recoveryEnabled: false, lookaheadStrategy: new FirstTokens() });
  }

  /** From a token to the last one consumed. */
  protected since(first: IToken): Span {
    return { start: first.startOffset, end: endOf(this.LA(0)) };
  }

  /** Whether a query begins at token `k`, in parentheses of its own or not. Names stand for no query: `(a)` is an expression, or a join. */
  protected isQueryAt(k: number): boolean {
    const { tokenType } = this.LA(k);
    if (tokenType === w.SELECT || tokenType === w.VALUES || tokenType === w.WITH) return true;
    if (tokenType === w.TABLE) return Identifier === this.LA(k + 1).tokenType || QuotedIdentifier === this.LA(k + 1).tokenType;
    if (tokenType !== s.LeftParen || !this.isQueryAt(k + 1)) return false;
    // ((SELECT 1) UNION SELECT 2) is a query, ((SELECT 1) + 1) is not.
    let depth = 1;
    let at = k;
    while (depth > 0) {
      const next = this.LA(++at).tokenType;
      if (next === EOF) return true;
      if (next === s.LeftParen) depth++;
      else if (next === s.RightParen) depth--;
    }
    return queryGoesOn.includes(this.LA(at + 1).tokenType);
  }

  identifier: Rule<ast.Identifier> = this.RULE('identifier', (): ast.Identifier => {
    const token = this.CONSUME(Identifier);
    return { name: identifierText(token), span: spanOf(token) };
  });

  /** `(3)` */
  digits: Rule<void> = this.RULE('digits', (): void => {
    this.CONSUME(s.LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => this.CONSUME(NumberLiteral) });
    this.CONSUME(s.RightParen);
  });

  /** `a.b.c` */
  name: Rule<ast.Name> = this.RULE('name', (): ast.Name => {
    const first = this.LA(1);
    const parts: ast.Identifier[] = [this.SUBRULE(this.identifier)];
    this.MANY({ GATE: () => this.LA(2).tokenType !== s.Star, DEF: () => {
      this.CONSUME(s.Dot);
      parts.push(this.SUBRULE2(this.identifier));
    } });
    return { parts, span: this.since(first) };
  });

  identifierList: Rule<ast.Identifier[]> = this.RULE('identifierList', (): ast.Identifier[] => {
    const names: ast.Identifier[] = [];
    this.CONSUME(s.LeftParen);
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => names.push(this.SUBRULE(this.identifier)) });
    this.CONSUME(s.RightParen);
    return names;
  });
}

// While chevrotain records the grammar, an alternative gives no token: these three then see undefined.

export function upper(token: IToken | undefined): string {
  return (token?.image ?? '').toUpperCase();
}

export function spanOf(token: IToken): Span {
  return { start: token.startOffset, end: endOf(token) };
}

function identifierText(token: IToken): string {
  return token.tokenType === QuotedIdentifier ? token.image.slice(1, -1).replaceAll('``', '`') : token.image;
}

export function stringText(token: IToken): string {
  return token.image.slice(1, -1).replaceAll("''", "'");
}
