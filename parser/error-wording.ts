import type { IRecognitionException, IToken } from 'chevrotain';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { suggest } from '../core/suggest.ts';
import { endOf, isReserved, words } from './tokens.ts';

/** Clauses that are SQL and that this build does not read yet. */
const laterClauses = new Set(['TABLESAMPLE', 'PIVOT', 'UNPIVOT']);
/** The first words of statements that nothing else can begin with behind a whole statement. */
const starters = /^(SELECT|INSERT|CREATE|DROP (TABLE|VIEW|CATALOG|DATABASE|TEMPORARY)|ALTER (TABLE|VIEW|DATABASE)|SHOW (TABLES|VIEWS|JOBS|CREATE)|EXPLAIN (SELECT|INSERT)|SET '|USE CATALOG|EXECUTE (STATEMENT|INSERT))/;
/** Words that begin what may follow a table or a value. */
const clauseStarts = ['FROM', 'WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'UNION', 'JOIN', 'WINDOW', 'INTERSECT', 'EXCEPT', 'OFFSET', 'FETCH'];
/** Every statement that this build reads, by its first word. */
const firstWords = ['SELECT', 'WITH', 'VALUES', 'CREATE', 'INSERT', 'EXPLAIN', 'DESCRIBE', 'DESC', 'SHOW', 'SET', 'RESET', 'DROP', 'ALTER', 'USE', 'EXECUTE', 'TABLE', 'BEGIN', 'REPLACE', 'UPDATE', 'DELETE', 'TRUNCATE', 'CALL', 'ADD', 'REMOVE', 'LOAD', 'UNLOAD', 'ANALYZE', 'COMPILE', 'STOP'];

/** Puts what chevrotain found into words: what stands there, and what could. */
export function wordSyntaxError(text: string, statement: readonly IToken[], error: IRecognitionException): Diagnostic {
  const first = statement[0];
  const upper = statement.map((token) => token.image.toUpperCase());
  const atEnd = error.token.image === '' || Number.isNaN(error.token.startOffset);
  const at = atEnd ? statement.at(-1) : error.token;
  const span = { start: at?.startOffset ?? 0, end: at === undefined ? text.length : endOf(at) };
  if (atEnd) return { code: 'E0001', message: 'the statement ends too early', span, label: 'something is missing after this' };
  const image = error.token.image;
  const word = image.toUpperCase();
  const missing = missingSemicolon(statement, upper, statement.indexOf(error.token));
  if (missing !== undefined) return missing;
  const before = upper[statement.indexOf(error.token) - 1];
  const isList = before === ',' && (word === ')' || isReserved(word));
  if (isList) return { code: 'E0001', message: `${quote(image)} cannot stand after ","`, span, label: 'there is one comma too many before this' };
  if (before === 'AS' && isReserved(image)) return reservedWord(image, span);
  const feature = laterFeature(statement, statement.indexOf(error.token));
  if (feature !== undefined) return { code: 'E0002', message: `not supported yet: ${feature}`, span };
  if (first === error.token) {
    const label = suggest(word, firstWords, 1)[0];
    return { code: 'E0001', message: `no statement begins with ${quote(image)}`, span, label: label === undefined ? undefined : `did you mean ${label}?` };
  }
  const written = labelOf(upper, statement.indexOf(error.token));
  const expectsName = /Identifier/.test(error.message) || error.context.ruleStack.at(-1) === 'identifier';
  if (written === undefined && expectsName && isReserved(image)) {
    return reservedWord(image, span);
  }
  const previous = statement[statement.indexOf(error.token) - 1];
  if (image === '*' && previous?.image === '/' && previous.startOffset + 1 === error.token.startOffset) {
    return { code: 'E0001', message: 'a comment is opened here and never closed', span: { start: previous.startOffset, end: endOf(error.token) }, label: 'close it with */' };
  }
  // FROM t WHER a = 1: the word before was taken for a name.
  const misspelt = previous === undefined || written !== undefined || !/^\w+$/.test(previous.image) || isReserved(previous.image) ? undefined : suggest(previous.image, clauseStarts, 1)[0];
  if (previous !== undefined && misspelt !== undefined && misspelt !== before) {
    const place = { start: previous.startOffset, end: endOf(previous) };
    return { code: 'E0001', message: `${quote(image)} cannot stand after ${quote(previous.image)}`, span: place, label: `did you mean ${misspelt}?`, fixes: [{ title: `write ${misspelt}`, ...place, replacement: misspelt }] };
  }
  const near = /^\w+$/.test(image) ? suggest(image, Object.keys(words), 1)[0] : undefined;
  const label = written ?? (near !== undefined && near !== word ? `did you mean ${near}?` : undefined);
  return { code: 'E0001', message: `${quote(image)} cannot stand ${previous === undefined ? 'here' : `after ${quote(previous.image)}`}`, span, label };
}

function reservedWord(image: string, span: Span): Diagnostic {
  return { code: 'E0001', message: `"${image}" is a reserved word`, span, label: `as a name, write \`${image}\`` };
}

/** SELECT 1 SELECT 2: a word that only begins a statement, outside all parentheses. What may be an alias was read as one, so the word before counts too. */
function missingSemicolon(statement: readonly IToken[], upper: readonly string[], at: number): Diagnostic | undefined {
  const start = [at, at - 1].find((index) => index > 0 && starters.test(`${upper[index] ?? ''} ${upper[index + 1] ?? ''}`.replace(/ '.*/s, " '")));
  const token = start === undefined ? undefined : statement[start];
  const last = start === undefined ? undefined : statement[start - 1];
  if (token === undefined || last === undefined || start === undefined || openingParen(statement, start) !== undefined) return undefined;
  // INSERT INTO t SELECT, EXPLAIN SELECT, UNION ALL SELECT, AS SELECT: there the statement goes on.
  if (!/[\w`'")*\]]$/.test(last.image) || (isReserved(last.image) && !/^(NULL|TRUE|FALSE|END|ALL)$/i.test(last.image))) return undefined;
  const end = endOf(last);
  return {
    code: 'E0001',
    message: `a ; is missing before ${quote(token.image)}`,
    span: { start: token.startOffset, end: endOf(token) },
    label: 'a statement ends with ;',
    fixes: [{ title: 'write ;', start: end, end, replacement: ';' }],
  };
}

/** What to write where the parser stopped at word `at`; undefined where only a guess could say. */
function labelOf(words: readonly string[], at: number): string | undefined {
  const before = words[at - 1] ?? '';
  if (before === 'SET') return "write SET 'key' = 'value'";
  if (words[at - 2] === 'INTERVAL' && before.startsWith("'")) return `an interval has a unit: INTERVAL ${before} SECOND`;
  const opening = words.lastIndexOf('WITH', at);
  const isOption = words[0] === 'CREATE' && opening >= 0 && words[opening + 1] === '(' && (before === '(' || before === ',');
  if (before.startsWith('0X') || before === 'X') return "X'...' takes pairs of hexadecimal digits";
  return isOption && /^\w/.test(words[at] ?? '') ? "options are texts: 'key' = 'value'" : undefined;
}

/** Constructs by the two words that they stop the parser between: the one before and the one that does not fit. */
const laterPairs: Readonly<Record<string, readonly string[]>> = {
  IS: ['A', 'EMPTY', 'OF', 'NORMALIZED'],
  NOT: ['A', 'EMPTY'],
  AT: ['TIME', 'LOCAL'],
  WITH: ['TIES'],
  MEMBER: ['OF'],
  SUBMULTISET: ['OF'],
};
/** Calls whose arguments have words between them that the grammar does not take. */
const wordyCalls = new Set(['CONVERT', 'TRANSLATE']);

/** Flink SQL that this build does not read, when the parser stopped at token `at` because of it; undefined when what stands there is no SQL. */
function laterFeature(statement: readonly IToken[], at: number): string | undefined {
  const wordAt = (index: number): string => statement[index]?.image.toUpperCase() ?? '';
  const word = wordAt(at);
  const before = wordAt(at - 1);
  if (laterClauses.has(word)) return word;
  if (laterClauses.has(before)) return before;
  if (laterPairs[before]?.includes(word) === true) return before === 'NOT' && wordAt(at - 2) === 'IS' ? `IS NOT ${word}` : `${before} ${word}`;
  if (word === '[' && before === 'MULTISET') return 'MULTISET[...]';
  if (word === '/*+') return 'hints /*+ ... */ in this place';
  if (before === 'INTERVAL' && /^(YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)$/.test(word)) return 'INTERVAL types';
  if (word.startsWith("'") && /^(U&|_\w+)$/.test(before)) return `${before}'...' literals`;
  const opening = openingParen(statement, at);
  const call = opening === undefined ? '' : wordAt(opening - 1);
  if (laterClauses.has(call)) return call;
  if (wordyCalls.has(call)) return `${call}(... ${word.startsWith("'") ? before : word} ...)`;
  return undefined;
}

/** The index of the ( that token `at` stands in. */
function openingParen(statement: readonly IToken[], at: number): number | undefined {
  let depth = 0;
  for (let i = at - 1; i >= 0; i--) {
    const image = statement[i]?.image;
    if (image === ')') depth++;
    else if (image === '(' && depth-- === 0) return i;
  }
  return undefined;
}

function quote(image: string): string {
  return image.startsWith("'") || image.startsWith('`') ? image : `"${image}"`;
}
