import type { ILexingError, IToken, TokenType } from 'chevrotain';
import { createToken, Lexer } from '#chevrotain';

/**
 * The words of the dialect. A word that is not reserved may also be the name of a table, a column or a function;
 * reserved is only what the grammar cannot do without.
 */
const reservedWords = [
  'ALL', 'AND', 'AS', 'BETWEEN', 'CASE', 'CREATE', 'CROSS', 'DISTINCT', 'ELSE', 'END', 'EXCEPT', 'EXISTS', 'FALSE', 'FOR', 'FROM',
  'FULL', 'GROUP', 'HAVING', 'IN', 'INNER', 'INSERT', 'INTERSECT', 'INTO', 'IS', 'JOIN', 'LEFT', 'LIKE', 'LIMIT', 'NOT', 'NULL', 'ON',
  'OR', 'ORDER', 'RIGHT', 'SELECT', 'THEN', 'TRUE', 'UNION', 'USING', 'VALUES', 'WHEN', 'WHERE', 'WITH',
] as const;

const freeWords = [
  'ARRAY', 'BEGIN', 'BY', 'CAST', 'DATE', 'DESC', 'DESCRIBE', 'DESCRIPTOR', 'DROP', 'ENFORCED', 'ESCAPE', 'EXECUTE', 'EXPLAIN', 'EXTENDED',
  'FILTER', 'IF', 'INTERVAL', 'JOBS', 'KEY', 'LOCAL', 'MAP', 'METADATA', 'MULTISET', 'PLAN', 'PRECISION', 'PRIMARY', 'RESET', 'ROW', 'SET',
  'SHOW', 'STATEMENT', 'TABLE', 'TABLES', 'TEMPORARY', 'TIME', 'TIMESTAMP', 'TRY_CAST', 'UNKNOWN', 'VIEW', 'VIEWS', 'VIRTUAL', 'WATERMARK',
  'WITHOUT', 'ZONE', 'CONSTRAINT', 'COMMENT', 'VARYING', 'ASC', 'FETCH', 'FIRST', 'LAST', 'NEXT', 'NULLS', 'OFFSET', 'DEFINE', 'FINAL', 'LATERAL', 'MATCH', 'MEASURES', 'NATURAL', 'ONE', 'ORDINALITY', 'OUTER', 'PAST', 'PATTERN', 'PER', 'PERMUTE', 'RUNNING', 'SKIP', 'SUBSET', 'SYSTEM_TIME', 'OF', 'UNNEST', 'WINDOW',
  'ADD', 'AFTER', 'ANY', 'CUBE', 'CURRENT', 'FOLLOWING', 'GROUPING', 'JSON', 'OVER', 'OVERLAPS', 'PLACING', 'PRECEDING', 'RETURNING', 'ROLLUP', 'SETS', 'SIMILAR', 'SOME', 'SYMMETRIC',
  'ASYMMETRIC', 'UNBOUNDED', 'VALUE', 'WITHIN', 'DEFAULT', 'IGNORE', 'RESPECT', 'ALTER', 'BUCKETS', 'CASCADE', 'CATALOG', 'CONSTRAINTS', 'DATABASE', 'DISTRIBUTED', 'DISTRIBUTION', 'EXCLUDING', 'GENERATED', 'HASH', 'ILIKE',
  'INCLUDING', 'MATCH_RECOGNIZE', 'MODIFY', 'OPTIONS', 'OVERWRITE', 'OVERWRITING', 'PARTITIONED', 'PARTITIONS', 'RANGE', 'RENAME', 'RESTRICT', 'TO', 'USE', 'WATERMARKS',
  'ONLY', 'PARTITION', 'RECURSIVE', 'ROWS', 'CONFLICT', 'DO', 'MODEL', 'QUALIFY', 'REPLACE',
  'ANALYZE', 'ARTIFACT', 'CALL', 'COLUMNS', 'COMPILE', 'COMPUTE', 'CONTINUOUS', 'DELETE', 'DRAIN', 'FRESHNESS', 'FUNCTION', 'INPUT', 'JAR', 'JOB', 'LANGUAGE', 'LOAD', 'MATERIALIZED', 'MODULE', 'MODULES',
  'OUTPUT', 'REFRESH', 'REFRESH_MODE', 'REMOVE', 'RESUME', 'SAVEPOINT', 'STATISTICS', 'STOP', 'SUSPEND', 'SYSTEM', 'TRUNCATE', 'UNLOAD', 'UPDATE',
] as const;

export type Word = (typeof reservedWords)[number] | (typeof freeWords)[number];

/** Characters by their codes. What may stand first is said here and not found out from the pattern, which would take a fifth of the time to load. */
const codes = (from: number, to: number, step = 1): number[] => Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
const chars = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
const letters = chars('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_');
const digits = chars('0123456789');

/** Letters of all scripts; not the spaces, dashes and quotes that text programs put in the place of ours. */
export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_\u00A1-\u1FFF\u2070-\u2FFF\u3004-\uFEFE][\w$\u00A1-\u1FFF\u2070-\u2FFF\u3004-\uFEFE]*/,
  // Beyond 255 the lexer knows codes by 255 at a time: one of each will do.
  start_chars_hint: [...letters, ...codes(0xa1, 0xff), ...codes(0x100, 0xfefe, 127), 0xfefe],
});
export const QuotedIdentifier = createToken({ name: 'QuotedIdentifier', pattern: /`(?:[^`]|``)+`/, categories: [Identifier], start_chars_hint: ['`'] });
export const StringLiteral = createToken({ name: 'StringLiteral', pattern: /'(?:[^']|'')*'/, line_breaks: true, start_chars_hint: ["'"] });
/** X'0f' */
export const BytesLiteral = createToken({ name: 'BytesLiteral', pattern: /[xX]'(?:[0-9a-fA-F]{2})*'/, start_chars_hint: ['x', 'X'] });
/** U&'\263A', U&'#263A' UESCAPE '#' */
export const UnicodeLiteral = createToken({ name: 'UnicodeLiteral', pattern: /[uU]&'(?:[^']|'')*'(?:\s+[uU][eE][sS][cC][aA][pP][eE]\s+'[^']')?/, line_breaks: true, start_chars_hint: ['u', 'U'] });
/** `:name`: a value that the caller gives by that name. */
export const NamedParameter = createToken({ name: 'NamedParameter', pattern: /:[A-Za-z_]\w*/, start_chars_hint: [':'] });
export const NumberLiteral = createToken({ name: 'NumberLiteral', pattern: /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/, start_chars_hint: [...digits, ...chars('.')] });

const symbol = (name: string, text: string): TokenType => createToken({ name, pattern: text });
export const symbols = {
  LeftParen: symbol('LeftParen', '('),
  RightParen: symbol('RightParen', ')'),
  LeftBracket: symbol('LeftBracket', '['),
  RightBracket: symbol('RightBracket', ']'),
  Comma: symbol('Comma', ','),
  Dot: symbol('Dot', '.'),
  Semicolon: symbol('Semicolon', ';'),
  Arrow: symbol('Arrow', '=>'),
  HintStart: symbol('HintStart', '/*+'),
  HintEnd: symbol('HintEnd', '*/'),
  LeftBrace: symbol('LeftBrace', '{'),
  RightBrace: symbol('RightBrace', '}'),
  Bar: symbol('Bar', '|'),
  Caret: symbol('Caret', '^'),
  Dollar: symbol('Dollar', '$'),
  NotEqual: createToken({ name: 'NotEqual', pattern: /<>|!=/, start_chars_hint: ['<', '!'] }),
  LessEqual: symbol('LessEqual', '<='),
  GreaterEqual: symbol('GreaterEqual', '>='),
  Equal: symbol('Equal', '='),
  Less: symbol('Less', '<'),
  Greater: symbol('Greater', '>'),
  Concat: symbol('Concat', '||'),
  Plus: symbol('Plus', '+'),
  Minus: symbol('Minus', '-'),
  Star: symbol('Star', '*'),
  Slash: symbol('Slash', '/'),
  Percent: symbol('Percent', '%'),
  Question: symbol('Question', '?'),
} as const;

const WhiteSpace = createToken({
  name: 'WhiteSpace',
  pattern: /[\s\uFEFF]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
  start_chars_hint: [...codes(9, 13), ...chars(' \u00A0\u1680'), ...codes(0x2000, 0x200a), ...chars('\u2028\u2029\u202F\u205F\u3000\uFEFF')],
});
const LineComment = createToken({ name: 'LineComment', pattern: /--[^\n]*/, group: Lexer.SKIPPED, start_chars_hint: ['-'] });
/** A function, as a pattern would look for the end of each comment that has none through the whole text, character by character. */
const BlockComment = createToken({ name: 'BlockComment', pattern: blockComment, group: Lexer.SKIPPED, line_breaks: true, start_chars_hint: ['/'] });

function wordTokens<W extends string>(words: readonly W[], categories: TokenType[]): Record<W, TokenType> {
  // Words are told from names after lexing, in one look-up per name, so their pattern never matches.
  return Object.fromEntries(words.map((word) => [word, createToken({ name: word, pattern: Lexer.NA, categories })])) as Record<W, TokenType>;
}

export const words: Record<Word, TokenType> = { ...wordTokens(reservedWords, []), ...wordTokens(freeWords, [Identifier]) };

const lexed: TokenType[] = [
  WhiteSpace, LineComment, BlockComment, StringLiteral, NumberLiteral, BytesLiteral, UnicodeLiteral, QuotedIdentifier, Identifier,
  symbols.HintStart, symbols.HintEnd, symbols.LeftBrace, symbols.RightBrace, symbols.Caret, symbols.Dollar, symbols.Arrow, symbols.NotEqual, symbols.LessEqual, symbols.GreaterEqual, symbols.Concat, symbols.Bar,
  symbols.LeftParen, symbols.RightParen, symbols.LeftBracket, symbols.RightBracket, symbols.Comma, symbols.Dot, symbols.Semicolon,
  symbols.Equal, symbols.Less, symbols.Greater, symbols.Plus, symbols.Minus, symbols.Star, symbols.Slash, symbols.Percent, symbols.Question, NamedParameter,
];

function blockComment(text: string, offset: number): [string] | null {
  if (!text.startsWith('/*', offset) || text[offset + 2] === '+') return null;
  const end = text.indexOf('*/', offset + 2);
  return end < 0 ? null : [text.slice(offset, end + 2)];
}

export const allTokens: TokenType[] = [...lexed, ...Object.values(words)];

const lexer = new Lexer(lexed, { positionTracking: 'onlyOffset', skipValidations: true, ensureOptimizations: false });
const wordByText = new Map<string, TokenType>(Object.entries(words));

export function isReserved(text: string): boolean {
  return (reservedWords as readonly string[]).includes(text.toUpperCase());
}

/** The offset after a token's last character. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

/** The tokens of a text, and what is none. A name that is a word of the language gets that word's token, after lexing. */
export function tokenize(text: string): { readonly tokens: IToken[]; readonly errors: readonly ILexingError[] } {
  const result = lexer.tokenize(text);
  for (const token of result.tokens) {
    if (token.tokenType !== Identifier) continue;
    const word = wordByText.get(token.image.toUpperCase());
    if (word === undefined || word.tokenTypeIdx === undefined) continue;
    token.tokenType = word;
    token.tokenTypeIdx = word.tokenTypeIdx;
  }
  return result;
}
