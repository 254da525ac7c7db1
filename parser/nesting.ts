import type { IToken } from 'chevrotain';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { endOf, isReserved, symbols, words } from './tokens.ts';

/**
 * How deep a statement may be nested: parentheses, CASE, types within types, and prefixes in a row, as in NOT NOT x. Chains such as
 * `a + b + c` and lists are not nested and may be of any length. Whatever walks a tree may call itself this often.
 */
export const maxNesting = 100;

export function tooDeep(span: Span): SqlError {
  return new SqlError({ code: 'E0001', message: `the statement is nested more than ${maxNesting} levels deep`, span, hint: 'give inner queries and expressions a name:  CREATE VIEW v AS SELECT ...' });
}

/** Throws E0001 at the token that goes too deep. */
export function refuseDeep(statement: readonly IToken[]): void {
  const open: IToken[] = [];
  let prefixes = 0;
  for (const [i, token] of statement.entries()) {
    const { tokenType } = token;
    prefixes = isPrefix(token, statement[i - 1]) ? prefixes + 1 : 0;
    if (tokenType === symbols.LeftParen || tokenType === symbols.LeftBracket || tokenType === words.CASE || (tokenType === symbols.Less && isTypeName(statement[i - 1]))) open.push(token);
    else if (closes(token, open.at(-1))) open.pop();
    if (open.length + prefixes > maxNesting) throw tooDeep({ start: token.startOffset, end: endOf(token) });
  }
}

function isPrefix({ tokenType }: IToken, before: IToken | undefined): boolean {
  if (tokenType === words.NOT) return true;
  if (tokenType !== symbols.Minus && tokenType !== symbols.Plus) return false;
  // Behind a value the sign stands between two.
  return before === undefined || !/^[\w`')\]]/.test(before.image) || isReserved(before.image);
}

function isTypeName(token: IToken | undefined): boolean {
  return token !== undefined && [words.ARRAY, words.MULTISET, words.MAP, words.ROW].includes(token.tokenType);
}

function closes({ tokenType }: IToken, opener: IToken | undefined): boolean {
  switch (opener?.tokenType) {
    case symbols.LeftParen:
      return tokenType === symbols.RightParen;
    case symbols.LeftBracket:
      return tokenType === symbols.RightBracket;
    case symbols.Less:
      return tokenType === symbols.Greater;
    case words.CASE:
      return tokenType === words.END;
    default:
      return false;
  }
}
