import { EmbeddedActionsParser, type IToken, type ParserMethod } from 'chevrotain';
import type { Span } from '../core/span.ts';
import type * as ast from './ast.ts';
import { allTokens, endOf, Identifier, QuotedIdentifier, symbols as s } from './tokens.ts';

/** A rule that takes nothing and gives a node. */
export type Rule<T> = ParserMethod<[], T>;

/**
 * What all rules of the grammar stand on: names, and the making of spans. The grammar is one parser in four layers, each a class over the
 * one before: names, types, expressions, queries, and at last statements (grammar.ts). One token of lookahead keeps loading cheap; where a
 * choice needs more, its GATE says what it looks at.
 */
export abstract class GrammarBase extends EmbeddedActionsParser {
  constructor() {
    super(allTokens, { maxLookahead: 1, skipValidations: true, recoveryEnabled: false });
  }

  /** From a token to the last one consumed. */
  protected since(first: IToken): Span {
    return { start: first.startOffset, end: endOf(this.LA(0)) };
  }

  identifier: Rule<ast.Identifier> = this.RULE('identifier', (): ast.Identifier => {
    const token = this.CONSUME(Identifier);
    return { name: identifierText(token), span: spanOf(token) };
  });

  /** `a.b.c` */
  name: Rule<ast.Name> = this.RULE('name', (): ast.Name => {
    const first = this.LA(1);
    const parts: ast.Identifier[] = [this.SUBRULE(this.identifier)];
    this.MANY(() => {
      this.CONSUME(s.Dot);
      parts.push(this.SUBRULE2(this.identifier));
    });
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

export function identifierText(token: IToken): string {
  return token.tokenType === QuotedIdentifier ? token.image.slice(1, -1).replaceAll('``', '`') : token.image;
}

export function stringText(token: IToken): string {
  return token.image.slice(1, -1).replaceAll("''", "'");
}
