import type { IRecognitionException, IToken } from 'chevrotain';
import type { Diagnostic } from '../core/diagnostic.ts';
import { suggest } from '../core/suggest.ts';
import { endOf, isReserved, words } from './tokens.ts';

/** The statements and clauses that are SQL, that Flink has, and that this build does not read yet: first words, longest first. */
const laterStatements: readonly (readonly string[])[] = [
  ['ALTER'], ['ANALYZE'], ['CALL'], ['COMPILE', 'PLAN'], ['EXECUTE', 'PLAN'], ['CREATE', 'CATALOG'], ['CREATE', 'DATABASE'], ['CREATE', 'FUNCTION'],
  ['CREATE', 'MODEL'], ['CREATE', 'MATERIALIZED'], ['DELETE'], ['UPDATE'], ['TRUNCATE'], ['USE'], ['LOAD'], ['UNLOAD'], ['STOP'], ['DROP', 'CATALOG'],
  ['DROP', 'DATABASE'], ['DROP', 'FUNCTION'], ['DROP', 'MODEL'], ['WITH'], ['VALUES'], ['BEGIN'], ['REPLACE'], ['SHOW'], ['ADD'], ['REMOVE'], ['INSERT', 'OVERWRITE'],
];
const laterClauses = new Set([
  'JOIN', 'LEFT', 'RIGHT', 'FULL', 'INNER', 'CROSS', 'UNION', 'INTERSECT', 'EXCEPT', 'ORDER', 'LIMIT', 'OFFSET', 'FETCH', 'OVER', 'MATCH_RECOGNIZE', 'LIKE', 'SIMILAR',
  'LATERAL', 'UNNEST', 'EXISTS', 'PARTITIONED', 'DISTRIBUTED', 'VALUES', 'WITHIN', 'WINDOW', 'ROW', 'ARRAY', 'MAP', 'EXTRACT', 'SUBSTRING', 'TRIM', 'POSITION', 'SELECT', 'FOR', 'ESCAPE',
]);

/** Puts what chevrotain found into words: what stands there, and what could. */
export function wordSyntaxError(text: string, statement: readonly IToken[], error: IRecognitionException): Diagnostic {
  const first = statement[0];
  const upper = statement.map((token) => token.image.toUpperCase());
  const later = laterStatements.find((head) => head.every((word, i) => upper[i] === word));
  if (later !== undefined && first !== undefined) {
    const last = statement[later.length - 1] ?? first;
    return { code: 'E0002', message: `not supported yet: ${later.join(' ')}`, span: { start: first.startOffset, end: endOf(last) } };
  }
  const atEnd = error.token.image === '' || Number.isNaN(error.token.startOffset);
  const at = atEnd ? statement.at(-1) : error.token;
  const span = { start: at?.startOffset ?? 0, end: at === undefined ? text.length : endOf(at) };
  if (atEnd) return { code: 'E0001', message: 'the statement ends too early', span, label: 'something is missing after this' };
  const image = error.token.image;
  const word = image.toUpperCase();
  const feature = laterFeature(statement, statement.indexOf(error.token));
  if (feature !== undefined) return { code: 'E0002', message: `not supported yet: ${feature}`, span };
  if (first === error.token) {
    const label = suggest(word, ['SELECT', 'CREATE', 'INSERT', 'EXPLAIN', 'DESCRIBE', 'SHOW', 'SET', 'RESET', 'DROP', 'EXECUTE'], 1)[0];
    return { code: 'E0001', message: `no statement begins with ${quote(image)}`, span, label: label === undefined ? undefined : `did you mean ${label}?` };
  }
  const written = labelOf(upper, statement.indexOf(error.token));
  const expectsName = /Identifier/.test(error.message) || error.context.ruleStack.at(-1) === 'identifier';
  if (written === undefined && expectsName && isReserved(image)) {
    return { code: 'E0001', message: `"${image}" is a reserved word`, span, label: `as a name, write \`${image}\`` };
  }
  const previous = statement[statement.indexOf(error.token) - 1];
  if (image === '*' && previous?.image === '/' && previous.startOffset + 1 === error.token.startOffset) {
    return { code: 'E0001', message: 'a comment is opened here and never closed', span: { start: previous.startOffset, end: endOf(error.token) }, label: 'close it with */' };
  }
  const near = /^\w+$/.test(image) ? suggest(image, Object.keys(words), 1)[0] : undefined;
  const label = written ?? (near !== undefined && near !== word ? `did you mean ${near}?` : undefined);
  return { code: 'E0001', message: `${quote(image)} cannot stand ${previous === undefined ? 'here' : `after ${quote(previous.image)}`}`, span, label };
}

/** What to write where the parser stopped at word `at`; undefined where only a guess could say. */
function labelOf(words: readonly string[], at: number): string | undefined {
  const before = words[at - 1] ?? '';
  if (before === 'SET') return "write SET 'key' = 'value'";
  if (words[at - 2] === 'INTERVAL' && before.startsWith("'")) return `an interval has a unit: INTERVAL ${before} SECOND`;
  if (words[at] === '(' && before === 'TUMBLE') return "write FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND))";
  const opening = words.lastIndexOf('WITH', at);
  const isOption = words[0] === 'CREATE' && opening >= 0 && words[opening + 1] === '(' && (before === '(' || before === ',');
  return isOption && /^\w/.test(words[at] ?? '') ? "options are texts: 'key' = 'value'" : undefined;
}

/** Constructs by the two words that they stop the parser between: the one before and the one that does not fit. */
const laterPairs: Readonly<Record<string, readonly string[]>> = {
  IS: ['JSON', 'DISTINCT', 'A', 'EMPTY', 'OF', 'NORMALIZED'],
  NOT: ['JSON', 'DISTINCT', 'A', 'EMPTY'],
  GROUPING: ['SETS'],
  AT: ['TIME', 'LOCAL'],
  FOR: ['SYSTEM_TIME'],
  SYSTEM_TIME: ['AS'],
  WITH: ['TIES'],
  NULLS: ['FIRST', 'LAST'],
  SIMILAR: ['TO'],
};
/** Calls whose arguments have words between them, as in EXTRACT(DAY FROM ts). */
const wordyCalls = new Set([
  'EXTRACT', 'TRIM', 'OVERLAY', 'POSITION', 'SUBSTRING', 'CEIL', 'CEILING', 'FLOOR', 'CONVERT', 'TRANSLATE', 'LISTAGG', 'ARRAY_AGG', 'FIRST_VALUE', 'LAST_VALUE', 'LAG', 'LEAD',
  'JSON_VALUE', 'JSON_EXISTS', 'JSON_QUERY', 'JSON_OBJECT', 'JSON_ARRAY', 'JSON_OBJECTAGG', 'JSON_ARRAYAGG', 'GROUPING', 'UNNEST', 'ARRAY', 'MAP', 'MULTISET', 'ROW', 'TUMBLE', 'HOP', 'CUMULATE', 'SESSION',
]);

/** Flink SQL that this build does not read, when the parser stopped at token `at` because of it; undefined when what stands there is no SQL. */
function laterFeature(statement: readonly IToken[], at: number): string | undefined {
  const wordAt = (index: number): string => statement[index]?.image.toUpperCase() ?? '';
  const word = wordAt(at);
  const before = wordAt(at - 1);
  if (laterClauses.has(word)) return word;
  if (before === 'OVER' || before === 'MATCH_RECOGNIZE' || before === 'WITHIN' || before === 'UNNEST' || before === 'EXISTS') return before;
  if (laterPairs[before]?.includes(word) === true) return before === 'NOT' && wordAt(at - 2) === 'IS' ? `IS NOT ${word}` : `${before} ${word}`;
  if (word === '[') return before === 'ARRAY' || before === 'MAP' ? `${before}[...]` : 'elements of arrays and maps, as in a[1]';
  if (word === '/' && wordAt(at + 1) === '*' && wordAt(at + 2) === '+') return 'hints /*+ ... */';
  if (before === 'INTERVAL' && /^(YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)$/.test(word)) return 'INTERVAL types';
  if (word === 'TO' && /^(YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)$/.test(before)) return 'intervals of several units';
  // In a list of items the TO was read as an alias.
  if (before === 'TO' && /^(YEAR|MONTH|DAY|HOUR|MINUTE|SECOND)$/.test(wordAt(at - 2)) && wordAt(at - 4) === 'INTERVAL') return 'intervals of several units';
  if (word.startsWith("'") && /^(X|U&|_\w+)$/.test(before)) return `${before}'...' literals`;
  if (before === 'SYMMETRIC' || before === 'ASYMMETRIC') return `BETWEEN ${before}`;
  const opening = openingParen(statement, at);
  const call = opening === undefined ? '' : wordAt(opening - 1);
  if (wordyCalls.has(call)) return `${call}(... ${word.startsWith("'") ? before : word} ...)`;
  if (word === ',' && lastClause(statement, opening ?? -1, at) === 'FROM') return 'several tables in FROM';
  const isClosed = statement.slice(at).some((token) => token.image === ')');
  if (word === ',' && opening !== undefined && isClosed && (!/^[\w`]/.test(call) || isReserved(call))) return 'rows of values, as in (a, b)';
  // The parser looks three tokens ahead: what it cannot read may stand a little behind where it stopped.
  if (word === '(') for (const index of [at + 1, at + 2]) if (laterClauses.has(wordAt(index))) return wordAt(index);
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

/** The clause that token `at` stands in, within the parenthesis that opens at `from`. */
function lastClause(statement: readonly IToken[], from: number, at: number): string | undefined {
  let depth = 0;
  let clause: string | undefined;
  for (const token of statement.slice(from + 1, at)) {
    const word = token.image.toUpperCase();
    if (word === '(') depth++;
    else if (word === ')') depth--;
    else if (depth === 0 && ['SELECT', 'FROM', 'WHERE', 'GROUP', 'HAVING', 'ORDER'].includes(word)) clause = word;
  }
  return clause;
}

function quote(image: string): string {
  return image.startsWith("'") || image.startsWith('`') ? image : `"${image}"`;
}
