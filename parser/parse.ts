import type { IRecognitionException, IToken } from 'chevrotain';
import { SqlError, withSource, type SourceText } from '../core/diagnostic.ts';
import type { Statement } from './ast-statement.ts';
import { wordSyntaxError } from './error-wording.ts';
import { grammarFor } from './grammars.ts';
import { refuseDeep } from './nesting.ts';
import { programAround } from './program-around.ts';
import { strayCharacter } from './stray-character.ts';
import { endOf, NumberLiteral, symbols, tokenize, words } from './tokens.ts';

/** In a text with more mistakes the others are told without looking for a repair, which is tried by reading. */
const mostRepaired = 100;

export interface ParsedScript {
  readonly statements: readonly Statement[];
  /** Every statement that could not be read, in the order of the text. */
  readonly errors: readonly SqlError[];
  /** The names of the tables and views that would have been made by those, so that it is not told of each use that they are missing. */
  readonly unmade: readonly string[];
}

/** Reads every statement of a script. Never throws for what a user wrote: a statement that cannot be read is an error, the others stand. */
export function parse(text: string, file?: string): ParsedScript {
  const source: SourceText = { text, file };
  const { tokens, errors: lexErrors } = tokenize(text);
  // Of a pair of double quotes the first is reported.
  let quotes = 0;
  const statements: Statement[] = [];
  const parts = splitStatements(tokens);
  const errors: SqlError[] = [];
  const unmade: string[] = [];
  for (const { offset } of lexErrors) {
    if (text[offset] === '"' && quotes++ % 2 !== 0) continue;
    errors.push(new SqlError({ ...strayCharacter(text, offset), source }));
  }
  let stray = 0;
  for (const [i, { tokens: part, from }] of parts.entries()) {
    // A statement with a character that is no SQL has been reported: what the rest of it says would be a guess.
    const to = parts[i + 1]?.from ?? Infinity;
    while ((lexErrors[stray]?.offset ?? Infinity) < from) stray++;
    if ((lexErrors[stray]?.offset ?? Infinity) < to) {
      unmade.push(...definedBy(part));
      continue;
    }
    const count = errors.length;
    try {
      const read = parseTokens(part);
      if (read.statement !== undefined) statements.push(read.statement);
      else errors.push(new SqlError({ ...wordSyntaxError(text, part, read.error, errors.length < mostRepaired ? reaches : undefined), source }));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      errors.push(withSource(error, source));
    }
    if (errors.length > count) unmade.push(...definedBy(part));
  }
  const program = errors.length === 0 ? undefined : programAround(text);
  return program === undefined ? { statements, errors, unmade } : { statements: [], errors: [new SqlError({ ...program, source })], unmade };
}

/** The name of the table or view that a statement makes which cannot be read; none for other statements. */
function definedBy(tokens: readonly IToken[]): string[] {
  // What stands before the name has nine tokens at most, and a name five.
  const text = tokens.slice(0, 14).map(({ image }) => image).join(' ');
  const [, name] = /^CREATE (?:OR (?:REPLACE|ALTER) )?(?:(?:TEMPORARY|TEMP|EXTERNAL|MATERIALIZED) )*(?:TABLE|VIEW) (?:IF NOT EXISTS )?((?:`[^`]+`|[\p{L}_]\S*)(?: \. (?:`[^`]+`|[\p{L}_]\S*))*)/iu.exec(text) ?? [];
  return name === undefined ? [] : [name.replaceAll(' . ', '.').replaceAll('`', '')];
}

/** How many tokens of one statement are read before one that does not fit; Infinity when all of it is a statement. */
function reaches(text: string): number {
  const { tokens, errors } = tokenize(text);
  if (errors.length > 0 || tokens.length === 0) return 0;
  try {
    const { error } = parseTokens(tokens);
    if (error === undefined) return Infinity;
    const at = tokens.indexOf(error.token);
    return at < 0 ? tokens.length : at;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return 0;
  }
}

function parseTokens(tokens: IToken[]): { readonly statement: Statement; readonly error?: never } | { readonly statement?: never; readonly error: IRecognitionException } {
  refuseDeep(tokens);
  refuseGlued(tokens);
  const { grammar, rule } = grammarFor(tokens);
  grammar.input = tokens;
  const statement = rule.call(grammar);
  const error = grammar.errors[0];
  return error === undefined ? { statement } : { error };
}

/** Throws E0001 for what is glued to a number: SQL's numbers have no 0x, no _ and no unit. Read apart, `1_000` would be 1 under the name _000. */
function refuseGlued(tokens: readonly IToken[]): void {
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1];
    if (token.tokenType !== NumberLiteral || next === undefined || next.startOffset !== endOf(token)) continue;
    if (next.tokenType !== NumberLiteral && !/^[\p{L}_`]/u.test(next.image)) continue;
    const digits = `${token.image}${next.image}`.replaceAll('_', '');
    const label = tokens[0]?.tokenType === words.SET && tokens[tokens.length - 1] === next ? `a value is a text: '${token.image}${next.image}'` : /^[\d.]+$/.test(digits) && digits.split('.').length < 3 ? `write ${digits}` : /^0x[\da-f]+$/i.test(digits) ? `write ${BigInt(digits)}` : next.tokenType === NumberLiteral ? 'a number has one point' : 'a name stands apart from a number';
    throw new SqlError({ code: 'E0001', message: `"${token.image}${next.image}" is neither a number nor a name`, span: { start: token.startOffset, end: endOf(next) }, label });
  }
}

/** The tokens of a statement. `from` is where its text begins: behind the `;` before it. */
interface StatementPart {
  readonly tokens: IToken[];
  readonly from: number;
}

/** Cuts at every `;` that is not inside STATEMENT SET BEGIN .. END or BEGIN STATEMENT SET; .. END. */
function splitStatements(tokens: readonly IToken[]): StatementPart[] {
  const parts: StatementPart[] = [];
  let part: IToken[] = [];
  let from = 0;
  let inSet = false;
  for (const [i, token] of tokens.entries()) {
    const [before, next] = [tokens[i - 1]?.tokenType, tokens[i + 1]?.tokenType];
    if (token.tokenType === words.BEGIN && (before === words.SET || (part.length === 0 && next === words.STATEMENT))) inSet = true;
    if (token.tokenType !== symbols.Semicolon || (inSet && next !== undefined)) {
      part.push(token);
      if (inSet && token.tokenType === words.END && before === symbols.Semicolon) inSet = false;
      continue;
    }
    if (part.length > 0) parts.push({ tokens: part, from });
    part = [];
    from = endOf(token);
  }
  if (part.length > 0) parts.push({ tokens: part, from });
  return parts;
}
