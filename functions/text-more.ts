import { SqlError } from '../core/diagnostic.ts';
import type { ScalarFunction } from './definition.ts';
import { valueFunction, valueOverload, type LiteralTest } from './value-function.ts';

/** More functions of text. Source: Flink's documentation, "System (Built-in) Functions", string functions, and its SqlFunctionUtils. */

/** Each word with a capital letter first; only ASCII letters and digits make words, as in Calcite's INITCAP. */
function initCap(text: string): string {
  return text.replace(/[A-Za-z0-9]+/g, (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase());
}

/** INSTR with a place to begin at, which counts from the end when it is negative, and which of the occurrences is meant. */
export function instr(text: string, part: string, start: number, nth = 1): number {
  if (nth < 1) throw new SqlError({ code: 'E0207', message: `INSTR has no occurrence ${nth}`, hint: 'occurrences count from 1' });
  if (start === 0) return 0;
  const points = [...text];
  const wanted = [...part];
  const step = start > 0 ? 1 : -1;
  let left = nth;
  for (let at = start > 0 ? start - 1 : points.length + start; at >= 0 && at < points.length; at += step) {
    if (wanted.every((point, i) => points[at + i] === point) && --left === 0) return at + 1;
  }
  return 0;
}

/** Each character of `from` by the one at its place in `to`, or by nothing; the first of equal ones counts. NULL is like an empty text there. */
function translate(text: string | undefined, from = '', to = ''): string | undefined {
  if (text === undefined) return undefined;
  const targets = [...to];
  const map = new Map<string, string>();
  for (const [i, point] of [...from].entries()) if (!map.has(point)) map.set(point, targets[i] ?? '');
  return [...text].map((point) => map.get(point) ?? point).join('');
}

/** The text with `length` characters from `start` on replaced; a start outside of it changes nothing. */
function overlay(text: string, by: string, start: number, length = [...by].length): string {
  const points = [...text];
  if (start <= 0 || start > points.length) return text;
  return points.slice(0, start - 1).join('') + by + (length < 0 ? '' : points.slice(start - 1 + length).join(''));
}

/** The classes of a set, in capitals or not. Source: SimilarToRegex of Apache Calcite. */
const classes: ReadonlyMap<string, string> = new Map([
  ['alpha', 'a-zA-Z'], ['upper', 'A-Z'], ['lower', 'a-z'], ['digit', '0-9'], ['alnum', 'a-zA-Z0-9'], ['space', ' '], ['whitespace', '\\t-\\r '],
]);

/** The set that begins `rest`, after its [, as a regular expression has it; `length`: its code points with the ]. */
function setOf(rest: string, pattern: string): { readonly source: string; readonly length: number } {
  let source = '';
  for (let at = 0; at < rest.length; ) {
    const name = /^\[:(\w+):\]/.exec(rest.slice(at));
    const known = name?.[1] === undefined ? undefined : classes.get(name[1] === name[1].toUpperCase() ? name[1].toLowerCase() : name[1]);
    if (name !== null && known === undefined) throw new SqlError({ code: 'E0207', message: `there is no class ${name[0]} in SIMILAR TO`, hint: [...classes.keys()].map((one) => `[:${one}:]`).join(', ') });
    if (name !== null) {
      source += known;
      at += name[0].length;
    } else if (rest[at] === ']') return { source, length: [...rest.slice(0, at + 1)].length };
    else source += (rest[at++] ?? '').replace(/[\\[&/]/, '\\$&');
  }
  throw new SqlError({ code: 'E0207', message: `'${pattern}' has a [ without a ]` });
}

const similar = new Map<string, RegExp>();

/** SQL's regular expression: LIKE's _ and %, and | * + ? {n,m} ( ) [ ] as in others; . ^ $ too, as in Calcite. It is about the whole text. */
function similarTo(text: string, pattern: string, escape = '\\'): boolean {
  const key = escape + pattern;
  let regex = similar.get(key);
  if (regex === undefined) {
    let source = '';
    const points = [...pattern];
    for (let i = 0; i < points.length; i++) {
      const point = points[i] ?? '';
      if (point === escape && i + 1 < points.length) source += (points[++i] ?? '').replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
      else if (point === '_' || point === '%') source += point === '_' ? '.' : '.*';
      else if (point === '[') {
        const set = setOf(points.slice(i + 1).join(''), pattern);
        source += `[${set.source}]`;
        i += set.length;
      } else source += point === '\\' || point === '/' || point === ']' ? `\\${point}` : point;
    }
    try {
      regex = new RegExp(`^(?:${source})$`, 'su');
    } catch {
      throw new SqlError({ code: 'E0207', message: `'${pattern}' is no pattern of SIMILAR TO` });
    }
    if (similar.size >= 1000) similar.clear();
    similar.set(key, regex);
  }
  return regex.test(text);
}

const notNegative: LiteralTest = ([index]) => index?.startsWith('-') !== true;

const elt: ScalarFunction = {
  name: 'ELT',
  nulls: 'call',
  deterministic: true,
  overloads: (['text', 'bytes'] as const).map((kind) =>
    valueOverload(
      kind,
      { args: ['bigint', kind], rest: kind, result: kind, mayBeNull: true, seesNulls: true, call: (index: bigint | undefined, ...values: (string | Uint8Array | undefined)[]) => (index === undefined ? undefined : values[Number(index) - 1]) },
      notNegative,
    ),
  ),
  doc: 'The value of that number, from 1, of those that follow; NULL when there is none.',
  examples: [{ sql: "ELT(2, 'red', 'green')", result: 'green' }, { sql: "ELT(3, 'red', 'green')", result: null }],
};

export const moreTextFunctions: readonly ScalarFunction[] = [
  valueFunction(
    'CONCAT_WS',
    [{ args: ['text', 'text'], rest: 'text', result: 'text', mayBeNull: true, seesNulls: true, call: (separator: string | undefined, ...texts: (string | undefined)[]) => (separator === undefined ? undefined : texts.filter((text) => text !== undefined).join(separator)) }],
    'The texts with the separator between them, without those that are NULL; NULL when the separator is.',
    [["CONCAT_WS('-', 'a', CAST(NULL AS STRING), 'b')", 'a-b']],
  ),
  elt,
  valueFunction('INITCAP', [{ args: ['text'], result: 'text', call: initCap }], 'The text with each word beginning in a capital letter and going on in small ones.', [["INITCAP('blue WATER')", 'Blue Water']]),
  valueFunction('ASCII', [{ args: ['text'], result: 'int', call: (text: string) => ((new TextEncoder().encode(text)[0] ?? 0) << 24) >> 24 }], 'The code of the first character; 0 of an empty text.', [["ASCII('A')", '65']]),
  valueFunction('CHR', [{ args: ['bigint'], result: 'text', call: (code: bigint) => (code < 0n ? '' : String.fromCharCode(Number(code & 255n))) }], 'The character of a code, of which the lowest 8 bits count.', [['CHR(97)', 'a']]),
  valueFunction('TRANSLATE', [{ args: ['text', 'text', 'text'], result: 'text', mayBeNull: true, seesNulls: true, call: translate }], 'The text with each character of the second replaced by the one at its place in the third, or left out; NULL in their places is an empty text.', [["TRANSLATE('a-b.c', '-.', '_')", 'a_bc'], ["TRANSLATE('a-b', '-', CAST(NULL AS STRING))", 'ab']]),
  valueFunction(
    'OVERLAY',
    [{ args: ['text', 'text', 'int'], result: 'text', call: overlay }, { args: ['text', 'text', 'int', 'int'], result: 'text', call: overlay }],
    'The text with another put over it from a place on; with a length, in place of so many characters.',
    [["OVERLAY('stream' PLACING 'ong' FROM 4)", 'strong']],
  ),
  valueFunction('POSITION', [{ args: ['text', 'text'], result: 'int', call: (part: string, text: string) => instr(text, part, 1) }], 'The place of the first text in the second, from 1; 0 when it is not there.', [["POSITION('r' IN 'stream')", '3']]),
  valueFunction(
    'SIMILAR TO',
    [{ args: ['text', 'text'], result: 'boolean', call: similarTo }, { args: ['text', 'text', 'text'], result: 'boolean', call: similarTo }],
    "TRUE when SQL's regular expression stands for the whole text.",
    [["'abab' SIMILAR TO '(ab)+'", 'TRUE'], ["'Gate 7' SIMILAR TO '[[:ALPHA:]]+ [[:DIGIT:]]'", 'TRUE']],
  ),
];
