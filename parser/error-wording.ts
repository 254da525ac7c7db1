import type { IRecognitionException, IToken } from 'chevrotain';
import type { Diagnostic } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { suggest } from '../core/suggest.ts';
import { habitAt } from './habits.ts';
import { repairOf } from './repair.ts';
import { endOf, isReserved } from './tokens.ts';

/** Clauses that are SQL and that this build does not read yet. */
const laterClauses = new Set(['TABLESAMPLE', 'PIVOT', 'UNPIVOT']);
/** The first words of statements that nothing else can begin with behind a whole statement. */
const starters = /^(SELECT|INSERT|CREATE|DROP (TABLE|VIEW|CATALOG|DATABASE|TEMPORARY)|ALTER (TABLE|VIEW|DATABASE)|SHOW (TABLES|VIEWS|JOBS|CREATE)|EXPLAIN (SELECT|INSERT)|SET '|USE CATALOG|EXECUTE (STATEMENT|INSERT))/;
/** Every statement that this build reads, by its first word. */
const firstWords = ['SELECT', 'WITH', 'VALUES', 'CREATE', 'INSERT', 'EXPLAIN', 'DESCRIBE', 'DESC', 'SHOW', 'SET', 'RESET', 'DROP', 'ALTER', 'USE', 'EXECUTE', 'TABLE', 'BEGIN', 'REPLACE', 'UPDATE', 'DELETE', 'TRUNCATE', 'CALL', 'ADD', 'REMOVE', 'LOAD', 'UNLOAD', 'ANALYZE', 'COMPILE', 'STOP'];

/** What begins a part of a query. */
const clauses: readonly string[] = ['FROM', 'JOIN', 'WHERE', 'GROUP', 'HAVING', 'ORDER', 'LIMIT', 'WINDOW', 'ON', 'USING'];

/** What may stand behind a word that ends a statement too early. */
const behind: Readonly<Record<string, string>> = {
  SELECT: 'columns are missing:  SELECT * FROM t', FROM: 'the name of a table is missing', JOIN: 'the name of a table is missing', INTO: 'the name of a table is missing', TABLE: 'a name is missing', VIEW: 'a name is missing',
  WHERE: 'a condition is missing', HAVING: 'a condition is missing', ON: 'a condition is missing', AND: 'a condition is missing', OR: 'a condition is missing', NOT: 'a condition is missing', BY: 'columns are missing',
  LIMIT: 'a number of rows is missing', AS: 'a name is missing', USE: 'the name of a database is missing, or CATALOG and that of a catalog', DESCRIBE: 'the name of a table is missing', DESC: 'the name of a table is missing',
  EXPLAIN: 'a query is missing:  EXPLAIN SELECT ...', SHOW: 'of what?  TABLES, VIEWS, DATABASES, FUNCTIONS, JOBS, CREATE TABLE t', VALUES: "rows are missing:  VALUES (1, 'a'), (2, 'b')", CREATE: 'TABLE, VIEW, DATABASE or CATALOG is missing', DROP: 'TABLE, VIEW, DATABASE or CATALOG is missing',
  ALTER: 'TABLE, VIEW or DATABASE is missing', INSERT: 'INTO and the name of a table are missing', LIKE: "a pattern is missing:  LIKE 'a%'", BEGIN: 'STATEMENT SET; INSERT ...; END is missing; there are no transactions', ',': 'one more is missing, or the comma is one too many', '=': 'a value is missing',
  WITH: "options are missing:  ('connector' = ..., ...), or a name and its query", STATEMENT: 'SET is missing', EXECUTE: "STATEMENT SET BEGIN ... END is missing",
};

/**
 * Puts what chevrotain found into words: what stands there, and what could. `reaches` reads a text and gives the number of tokens until what does not
 * fit, Infinity for a whole statement; without it no repair is looked for.
 */
export function wordSyntaxError(text: string, statement: readonly IToken[], error: IRecognitionException, reaches: ((text: string) => number) | undefined): Diagnostic {
  const first = statement[0];
  const upper = statement.map((token) => token.image.toUpperCase());
  const atEnd = error.token.image === '' || Number.isNaN(error.token.startOffset);
  if (atEnd) return endsEarly(text, statement, upper);
  const place = statement.indexOf(error.token);
  const span = { start: error.token.startOffset, end: endOf(error.token) };
  const image = error.token.image;
  const word = image.toUpperCase();
  const previous = statement[place - 1];
  // The two characters are read apart: the lexer looks for a whole comment.
  const slash = [error.token, previous].find((token) => token?.image === '/' && statement[statement.indexOf(token) + 1]?.image === '*' && statement[statement.indexOf(token) + 1]?.startOffset === endOf(token));
  if (slash !== undefined) return { code: 'E0001', message: 'a comment is opened here and never closed', span: { start: slash.startOffset, end: endOf(slash) + 1 }, label: 'close it with */' };
  const feature = laterFeature(statement, place);
  if (feature !== undefined) return { code: 'E0002', message: `not supported yet: ${feature}`, span };
  const habit = habitAt(statement, place);
  if (habit !== undefined) return habit;
  const missing = missingSemicolon(statement, upper, place);
  if (missing !== undefined) return missing;
  const before = upper[place - 1];
  const isList = before === ',' && (word === ')' || word === ',' || isReserved(word));
  if (isList) return { code: 'E0001', message: `${quote(image)} cannot stand after ","`, span, label: 'there is one comma too many before this', fixes: commaFix(statement[place - 1]) };
  const next = statement[place + 1]?.image ?? '';
  if (before === 'AS' && isReserved(image)) return clauses.includes(word) && /^[\w`]/.test(next) && !isReserved(next) ? { ...reservedWord(image, span), message: `a name is missing before "${image}"` } : reservedWord(image, span);
  if (first === error.token) {
    const label = suggest(word, firstWords, 1)[0];
    const fixes = label === undefined ? undefined : [{ title: `write ${label}`, ...span, replacement: label }];
    return { code: 'E0001', message: `no statement begins with ${quote(image)}`, span, label: label === undefined ? 'it may begin with SELECT, INSERT, CREATE, DROP, ALTER, SHOW, DESCRIBE, EXPLAIN, SET, USE' : `did you mean ${label}?`, fixes };
  }
  const written = labelOf(upper, place);
  const expectsName = /Identifier/.test(error.message) || error.context.ruleStack.at(-1) === 'identifier';
  if (written === undefined && expectsName && isReserved(image)) {
    return reservedWord(image, span);
  }
  const message = `${quote(image)} cannot stand ${previous === undefined ? 'here' : `after ${quote(previous.image)}`}`;
  if (written !== undefined) return { code: 'E0001', message, span, label: written };
  const repair = reaches === undefined ? undefined : repairOf(text, statement, place, reaches);
  if (repair === undefined) return { code: 'E0001', message, span, label: clauses.includes(word) ? (upper.slice(0, place).includes(word) && word === 'WHERE' ? 'conditions are joined by AND' : 'a clause stands in its place') : 'the statement can be read up to here', hint: clauses.includes(word) ? 'SELECT .. FROM .. JOIN .. WHERE .. GROUP BY .. HAVING .. ORDER BY .. LIMIT ..' : 'docs/language.md shows every statement' };
  const { label, fix } = repair;
  // FROM t WHER a = 1: the word before was taken for a name.
  const isBefore = fix.end > fix.start && fix.end <= span.start;
  return { code: 'E0001', message, span: isBefore ? { start: fix.start, end: fix.end } : span, label, fixes: [fix] };
}

function commaFix(comma: IToken | undefined): Diagnostic['fixes'] {
  return comma === undefined ? undefined : [{ title: 'leave it out', start: comma.startOffset, end: endOf(comma), replacement: '' }];
}

/** What is missing where a statement ends: what closes the parenthesis that is open, or what its last word asks for. */
function endsEarly(text: string, statement: readonly IToken[], upper: readonly string[]): Diagnostic {
  const last = statement.at(-1);
  const span = { start: last?.startOffset ?? 0, end: last === undefined ? text.length : endOf(last) };
  const amount = upper.at(-2) === 'INTERVAL' ? intervalOf(last?.image ?? '') : undefined;
  if (amount !== undefined) return { code: 'E0001', message: 'the statement ends too early', span, label: amount };
  const asked = behind[upper.at(-1) ?? ''];
  const opening = statement[openingParen(statement, statement.length) ?? -1];
  if (opening !== undefined && asked === undefined) {
    return { code: 'E0001', message: 'a ( is opened here and never closed', span: { start: opening.startOffset, end: endOf(opening) }, label: 'close it with )', fixes: [{ title: 'write )', start: span.end, end: span.end, replacement: ')' }] };
  }
  const isCase = upper.lastIndexOf('CASE') > upper.lastIndexOf('END');
  const ofInsert = /^INSERT (INTO|OVERWRITE) [^ ]+( \. [^ ]+)*( \(.*\))?$/.test(upper.join(' ')) ? 'VALUES (..), or a query is missing' : undefined;
  const ofStart = upper[0] === 'WITH' ? 'a query over it is missing:  SELECT ... FROM ' + (statement[1]?.image ?? 't') : upper[0] === 'EXPLAIN' ? behind['EXPLAIN'] : /^(EXECUTE STATEMENT SET BEGIN|BEGIN STATEMENT SET) /.test(upper.join(' ')) ? 'END is missing' : upper.includes('FETCH') ? 'ONLY is missing' : undefined;
  return { code: 'E0001', message: 'the statement ends too early', span, label: asked ?? (isCase ? 'CASE ends with END' : undefined) ?? ofInsert ?? ofStart ?? 'something is missing after this' };
}

/** '5 minutes' as SQL writes it, as a label; undefined when the text is no number with a unit. */
function intervalOf(image: string): string | undefined {
  const [, number, unit] = /^'\s*([+-]?\d+)\s*(year|month|week|day|hour|minute|second|min|sec|[dhms])?s?\s*'$/i.exec(image) ?? [];
  if (number === undefined) return undefined;
  const full = { d: 'DAY', h: 'HOUR', m: 'MINUTE', min: 'MINUTE', s: 'SECOND', sec: 'SECOND' }[unit?.toLowerCase() ?? 's'] ?? unit?.toUpperCase() ?? 'SECOND';
  return `an interval has a unit: INTERVAL '${number}' ${full}`;
}

function reservedWord(image: string, span: Span): Diagnostic {
  return { code: 'E0001', message: `"${image}" is a reserved word`, span, label: `as a name, write \`${image}\``, fixes: [{ title: `write \`${image}\``, ...span, replacement: `\`${image}\`` }] };
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
  if (words[at - 2] === 'INTERVAL' && before.startsWith("'")) return intervalOf(before) ?? `an interval has a unit: INTERVAL '10' SECOND`;
  const opening = words.lastIndexOf('WITH', at);
  const isOption = words[0] === 'CREATE' && opening >= 0 && words[opening + 1] === '(' && (before === '(' || before === ',');
  if (before.startsWith('0X') || (before === 'X' && words[at]?.startsWith("'") === true)) return "X'...' takes pairs of hexadecimal digits";
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
  if ((word === '[' && before === 'MULTISET') || (word === ',' && wordAt(at - 2) === '[' && wordAt(at - 3) === 'MULTISET')) return 'MULTISET[...]';
  if (word === '/*+') return 'hints /*+ ... */ in this place';
  if (before === 'INTERVAL' && /^(YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)$/.test(word)) return 'INTERVAL types';
  if (word.startsWith("'") && /^(U&|_\w+|N)$/.test(before)) return `${before}'...' literals`;
  const opening = openingParen(statement, at);
  const call = opening === undefined ? '' : wordAt(opening - 1);
  if (laterClauses.has(call)) return call;
  if (call === 'RAW' && wordAt(0) !== 'SELECT') return 'RAW types';
  const start = `${wordAt(0)} ${wordAt(1)}`;
  if (/^(CREATE|ALTER|INSERT) /.test(start) && word === '.') return 'names of several parts in this place';
  if (start === 'ALTER VIEW' && (word === 'SET' || word === 'RESET')) return `ALTER VIEW ${word}`;
  if (start === 'ALTER TABLE' && (word === 'COMPACT' || word === 'PARTITION') && opening === undefined) return `ALTER TABLE ${word}`;
  if (start === 'ALTER MATERIALIZED' && before === 'SET' && (word === 'FRESHNESS' || word === 'REFRESH_MODE')) return `SET ${word}`;
  if (start === 'CREATE MODEL' && word === 'AS') return 'CREATE MODEL AS';
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
