import type { IRecognitionException, IToken } from 'chevrotain';
import { SqlError, withSource, type Diagnostic, type SourceText } from '../core/diagnostic.ts';
import type { Statement } from './ast-statement.ts';
import { wordSyntaxError } from './error-wording.ts';
import { grammarFor } from './grammars.ts';
import { refuseDeep } from './nesting.ts';
import { endOf, NumberLiteral, symbols, tokenize, words } from './tokens.ts';

export interface ParsedScript {
  readonly statements: readonly Statement[];
  /** Every statement that could not be read, in the order of the text. */
  readonly errors: readonly SqlError[];
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
  for (const { offset } of lexErrors) {
    if (text[offset] === '"' && quotes++ % 2 !== 0) continue;
    errors.push(new SqlError({ ...lexDiagnostic(text, offset), source }));
  }
  for (const [i, part] of parts.entries()) {
    // A statement with a character that is no SQL has been reported: what the rest of it says would be a guess.
    const from = part[0]?.startOffset ?? 0;
    const to = parts[i + 1]?.[0]?.startOffset ?? Infinity;
    if (lexErrors.some((error) => error.offset >= from && error.offset < to)) continue;
    try {
      const read = parseTokens(part);
      if (read.statement !== undefined) statements.push(read.statement);
      else errors.push(new SqlError({ ...wordSyntaxError(text, part, read.error), source }));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      errors.push(withSource(error, source));
    }
  }
  return { statements, errors };
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
    const label = /^[\d.]+$/.test(digits) && digits.split('.').length < 3 ? `write ${digits}` : /^0x[\da-f]+$/i.test(digits) ? `write ${BigInt(digits)}` : next.tokenType === NumberLiteral ? 'a number has one point' : 'a name stands apart from a number';
    throw new SqlError({ code: 'E0001', message: `"${token.image}${next.image}" is neither a number nor a name`, span: { start: token.startOffset, end: endOf(next) }, label });
  }
}

/** Cuts at every `;` that is not inside STATEMENT SET BEGIN .. END or BEGIN STATEMENT SET; .. END. */
function splitStatements(tokens: readonly IToken[]): IToken[][] {
  const parts: IToken[][] = [];
  let part: IToken[] = [];
  let inSet = false;
  for (const [i, token] of tokens.entries()) {
    const [before, next] = [tokens[i - 1]?.tokenType, tokens[i + 1]?.tokenType];
    if (token.tokenType === words.BEGIN && (before === words.SET || (part.length === 0 && next === words.STATEMENT))) inSet = true;
    if (token.tokenType !== symbols.Semicolon || (inSet && next !== undefined)) {
      part.push(token);
      if (inSet && token.tokenType === words.END && before === symbols.Semicolon) inSet = false;
      continue;
    }
    if (part.length > 0) parts.push(part);
    part = [];
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

const lookAlikes: Readonly<Record<string, string>> = {
  '\uFF0C': ',', '\uFF08': '(', '\uFF09': ')', '\uFF1B': ';', '\u3001': ',', '\u2013': '-', '\u2014': '-', '\u2018': "'", '\u2019': "'", '\u201C': "'", '\u201D': "'", '\uFF1D': '=', '\uFF0E': '.',
};

function lexDiagnostic(text: string, offset: number): Diagnostic {
  const char = text[offset] ?? '';
  const meant = lookAlikes[char];
  if (meant !== undefined) {
    const point = char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
    return {
      code: 'E0003',
      message: `this is a character (U+${point}) that looks like another`,
      span: { start: offset, end: offset + 1 },
      label: `SQL needs ${meant}`,
      fixes: [{ title: `write ${meant}`, start: offset, end: offset + 1, replacement: meant }],
    };
  }
  if (char === "'") return { code: 'E0001', message: 'a text is opened here and never closed', span: { start: offset, end: offset + 1 }, label: "close it with '" };
  if (char === '"') {
    return { code: 'E0001', message: 'double quotes do not quote names or texts here', span: { start: offset, end: offset + 1 }, label: "write `name` for a name, 'text' for a text" };
  }
  if (char === '`') return { code: 'E0001', message: 'a name is opened here and never closed', span: { start: offset, end: offset + 1 }, label: 'close it with `' };
  return { code: 'E0001', message: `the character ${JSON.stringify(char)} has no meaning in SQL`, span: { start: offset, end: offset + 1 } };
}

