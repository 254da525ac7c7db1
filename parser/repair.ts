import type { IToken } from 'chevrotain';
import type { Fix } from '../core/diagnostic.ts';
import { suggest } from '../core/suggest.ts';
import { endOf, Identifier, isReserved, NumberLiteral, QuotedIdentifier, StringLiteral, words } from './tokens.ts';

/** One change of a statement's text that was tried: `label` says it behind the caret. */
export interface Repair {
  readonly fix: Fix;
  readonly label: string;
}

/** A longer statement (UTF-16 code units) is not tried out: each trial reads it once. */
const longest = 8000;

/** Words that are left out most, BY apart. */
const droppedWords = ['AS', 'INTO', 'AND', 'FROM', 'END', 'THEN', 'ON', 'FOR', 'TABLE', 'SELECT', 'NOT', 'ONLY', '=', 'SET', 'VALUES'];

/**
 * The least change after which a statement that stops the parser at token `at` is one: a word written right, one left out or put in, a quote. Each is
 * tried with the parser itself, so that nothing is proposed that does not read. `reaches` gives the number of tokens that are read of a text,
 * Infinity for a whole statement.
 */
export function repairOf(text: string, statement: readonly IToken[], at: number, reaches: (text: string) => number): Repair | undefined {
  const from = statement[0]?.startOffset ?? 0;
  const last = statement.at(-1);
  if (last === undefined || endOf(last) - from > longest) return undefined;
  for (const { label, fix, least } of candidates(statement, at)) {
    const edited = text.slice(from, fix.start) + fix.replacement + text.slice(fix.end, endOf(last));
    if (reaches(edited) >= least) return { label, fix };
  }
  return undefined;
}

interface Candidate extends Repair {
  /** How many tokens have to be read for it to count. */
  readonly least: number;
}

function* candidates(statement: readonly IToken[], at: number): Generator<Candidate, void, void> {
  const here = statement[at];
  const previous = statement[at - 1];
  const next = statement[at + 1];
  if (here?.image === '-' && previous !== undefined && next !== undefined && endOf(previous) === here.startOffset && endOf(here) === next.startOffset) {
    const name = `\`${previous.image}-${next.image}\``;
    yield { ...between(previous.startOffset, endOf(next), name, `as a name, write ${name}`), least: at + 2 };
  }
  // A word that is nearly a keyword counts when more is read with it; all else when everything is.
  for (const token of [previous, here]) {
    if (token === undefined || !isWord(token)) continue;
    for (const word of suggest(token.image, Object.keys(words), 4)) {
      if (word !== token.image.toUpperCase()) yield { ...replaced(token, word, `did you mean ${word}?`), least: at + 3 };
    }
  }
  if (here === undefined) return;
  if (isOperatorPart(here) && previous !== undefined && isOperatorPart(previous)) {
    const operator = { '=': '=', '<': '<=', '>': '>=' }[here.image === '=' ? previous.image : here.image] ?? '<>';
    yield { ...between(previous.startOffset, endOf(here), operator, `write ${operator}`), least: Infinity };
  }
  if (here.image === '=>') for (const operator of ['>=', '=']) yield { ...replaced(here, operator, `write ${operator}`), least: Infinity };
  if (here.tokenType === StringLiteral) yield { ...replaced(here, `\`${here.image.slice(1, -1)}\``, 'a name stands in backticks'), least: Infinity };
  if (here.tokenType === NumberLiteral || isWord(here) || here.tokenType === QuotedIdentifier) {
    yield { ...replaced(here, `'${here.image.replaceAll('`', '')}'`, `a text stands in quotes: '${here.image.replaceAll('`', '')}'`), least: Infinity };
  }
  if (isReserved(here.image)) yield { ...replaced(here, `\`${here.image}\``, `as a name, write \`${here.image}\``), least: Infinity };
  const asksBy = /^(GROUP|ORDER|PARTITION|PARTITIONED|DISTRIBUTED)$/i.test(previous?.image ?? '');
  const dropped = asksBy ? ['BY'] : /^[),;]$/.test(here.image) ? ['END'] : droppedWords;
  for (const word of dropped) yield { ...between(here.startOffset, here.startOffset, `${word} `, `${word} is missing before this`), least: Infinity };
  if (previous !== undefined && endsValue(previous) && beginsValue(here)) yield { ...between(endOf(previous), endOf(previous), ',', 'a comma is missing before this'), least: Infinity };
  yield { ...between(here.startOffset, here.startOffset, ') ', 'a ) is missing before this'), least: Infinity };
  yield { ...between(here.startOffset, endOf(here), '', 'leave this out'), least: Infinity };
  if (previous !== undefined) yield { ...between(previous.startOffset, endOf(previous), '', `leave out ${previous.image.startsWith("'") ? previous.image : `"${previous.image}"`}`), least: Infinity };
  yield { ...between(here.startOffset, here.startOffset, '( ', 'a ( is missing before this'), least: Infinity };
}

function replaced(token: IToken, replacement: string, label: string): Repair {
  return between(token.startOffset, endOf(token), replacement, label);
}

function between(start: number, end: number, replacement: string, label: string): Repair {
  return { label, fix: { title: label.replace(/^did you mean (.*)\?$/, 'write $1'), start, end, replacement } };
}

/** A word that may be a keyword: short ones are near to all and everything. */
function isWord({ tokenType, image }: IToken): boolean {
  return image.length > 2 && /^[A-Za-z_]+$/.test(image) && tokenType !== QuotedIdentifier;
}

function isOperatorPart({ image }: IToken): boolean {
  return /^[=<>]$/.test(image);
}

function endsValue({ image }: IToken): boolean {
  return /[\w`')\]>]$/.test(image);
}

function beginsValue({ tokenType, image }: IToken): boolean {
  return tokenType === StringLiteral || tokenType === NumberLiteral || tokenType === Identifier || tokenType === QuotedIdentifier || /^[A-Za-z_]/.test(image);
}
