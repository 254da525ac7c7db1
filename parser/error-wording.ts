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
  if (laterClauses.has(word)) return { code: 'E0002', message: `not supported yet: ${word}`, span };
  if (first === error.token) {
    const label = suggest(word, ['SELECT', 'CREATE', 'INSERT', 'EXPLAIN', 'DESCRIBE', 'SHOW', 'SET', 'RESET', 'DROP', 'EXECUTE'], 1)[0];
    return { code: 'E0001', message: `no statement begins with ${quote(image)}`, span, label: label === undefined ? undefined : `did you mean ${label}?` };
  }
  const expectsName = /Identifier/.test(error.message) || error.context.ruleStack.at(-1) === 'identifier';
  if (expectsName && isReserved(image)) {
    return { code: 'E0001', message: `"${image}" is a reserved word`, span, label: `as a name, write \`${image}\`` };
  }
  const previous = statement[statement.indexOf(error.token) - 1];
  const near = /^\w+$/.test(image) ? suggest(image, Object.keys(words), 1)[0] : undefined;
  const label = near !== undefined && near !== word ? `did you mean ${near}?` : undefined;
  return { code: 'E0001', message: `${quote(image)} cannot stand ${previous === undefined ? 'here' : `after ${quote(previous.image)}`}`, span, label };
}

function quote(image: string): string {
  return image.startsWith("'") || image.startsWith('`') ? image : `"${image}"`;
}
