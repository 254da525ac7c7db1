import { SqlError } from '../core/diagnostic.ts';
import type { ScalarFunction } from './definition.ts';
import { instr } from './text-more.ts';
import { splitIndex, withOverloads } from './text-parts.ts';
import { valueFunction, type Signature } from './value-function.ts';

/** Functions of text. Source: Flink's documentation, "System (Built-in) Functions", string functions, and its SqlFunctionUtils. */

const concat: Signature = { args: ['text', 'text'], result: 'text', call: (a: string, b: string) => a + b };

/** `LEFT` and `RIGHT`: at most `n` characters of one end. */
function end(name: 'LEFT' | 'RIGHT', cut: (points: readonly string[], n: number) => readonly string[], doc: string, example: readonly [string, string]): ScalarFunction {
  const call = (text: string, n: number): string => (n <= 0 ? '' : cut([...text], n).join(''));
  return valueFunction(name, [{ args: ['text', 'int'], result: 'text', call }], doc, [example]);
}

/** LPAD and RPAD: cut or filled to `length` UTF-16 units, as Java counts. NULL for a negative length or nothing to fill with. */
function pad(name: 'LPAD' | 'RPAD', example: readonly [string, string]): ScalarFunction {
  const call = (text: string, length: number, filler: string): string | undefined => {
    if (length < 0 || filler === '') return undefined;
    return text.length >= length ? text.slice(0, length) : name === 'LPAD' ? text.padStart(length, filler) : text.padEnd(length, filler);
  };
  const side = name === 'LPAD' ? 'left' : 'right';
  return valueFunction(name, [{ args: ['text', 'int', 'text'], result: 'text', mayBeNull: true, call }], `The text filled on the ${side} to a length, or cut to it; NULL when the length is negative or there is nothing to fill with.`, [example]);
}

/** The text without the characters of `set` at its ends. */
function strip(text: string, set: string, left: boolean, right: boolean): string {
  const points = [...text];
  const dropped = new Set(set);
  let [from, to] = [0, points.length];
  while (left && from < to && dropped.has(points[from] ?? '')) from++;
  while (right && to > from && dropped.has(points[to - 1] ?? '')) to--;
  return points.slice(from, to).join('');
}

function trimmer(name: 'LTRIM' | 'RTRIM' | 'BTRIM', where: string, example: readonly [string, string]): ScalarFunction {
  const [left, right] = [name !== 'RTRIM', name !== 'LTRIM'];
  const call = (text: string, set = ' '): string => strip(text, set, left, right);
  return valueFunction(name, [{ args: ['text'], result: 'text', call }, { args: ['text', 'text'], result: 'text', call }], `The text without spaces, or the characters of the second argument, ${where}.`, [example]);
}

/** TRIM([BOTH | LEADING | TRAILING] [characters] FROM text); the binder gives the side as a text. */
const trim = valueFunction(
  'TRIM',
  [
    { args: ['text'], result: 'text', call: (text: string) => strip(text, ' ', true, true) },
    { args: ['text', 'text', 'text'], result: 'text', call: (side: string, set: string, text: string) => strip(text, set, side !== 'TRAILING', side !== 'LEADING') },
  ],
  'The text without spaces, or the characters given, at both ends or at one.',
  [["TRIM('  a b ')", 'a b'], ["TRIM(LEADING 'x' FROM 'xxax')", 'ax']],
);

/** SUBSTRING counts from 1, and from the end when the start is negative; 0 is as 1. Source: Flink's BinaryStringDataUtil.substringSQL. */
function substring(text: string, start: number, length = Infinity): string | undefined {
  if (length < 0) return undefined;
  const points = [...text];
  const from = start > 0 ? start - 1 : start < 0 ? points.length + start : 0;
  return from < 0 || from >= points.length ? '' : points.slice(from, from + length).join('');
}

const patterns = new Map<string, RegExp>();

/** The regular expression of a LIKE pattern. Throws E0207 for an escape character before what needs none, or at the end. */
function likePattern(pattern: string, escape: string): RegExp {
  const key = escape + pattern;
  const known = patterns.get(key);
  if (known !== undefined) return known;
  let source = '';
  const points = [...pattern];
  for (let i = 0; i < points.length; i++) {
    let point = points[i] ?? '';
    if (point === escape) {
      point = points[++i] ?? '';
      if (point !== '_' && point !== '%' && point !== escape) throw new SqlError({ code: 'E0207', message: `'${pattern}' has the escape character ${escape} before what needs none`, hint: `LIKE '100${escape}%' ESCAPE '${escape}'` });
    } else if (point === '_' || point === '%') {
      source += point === '_' ? '.' : '.*';
      continue;
    }
    source += point.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  }
  const made = new RegExp(`^(?:${source})$`, 'su');
  if (patterns.size >= 1000) patterns.clear();
  patterns.set(key, made);
  return made;
}

function like(text: string, pattern: string, escape = '\\'): boolean {
  if ([...escape].length !== 1) throw new SqlError({ code: 'E0207', message: `'${escape}' is no escape character`, hint: "LIKE '100!%' ESCAPE '!'" });
  return likePattern(pattern, escape).test(text);
}

/** The place of `part`, from 1; 0 when it is not there. A place to begin at below 1 is the first; nothing is found at once. Source: Flink's BinaryStringData.indexOf. */
function locate(text: string, part: string, from = 1): number {
  if (part === '') return 1;
  const skipped = from <= 1 ? 0 : [...text].slice(0, from - 1).join('').length;
  const at = text.indexOf(part, skipped);
  return at < 0 ? 0 : [...text.slice(0, at)].length + 1;
}

export const textFunctions: readonly ScalarFunction[] = [
  { ...valueFunction('||', [concat], 'One text after the other.', [["'a' || 'b'", 'ab']]), operator: '||' },
  valueFunction('CONCAT', [{ args: ['text'], rest: 'text', result: 'text', call: (...texts: string[]) => texts.join('') }], 'The texts one after the other; NULL when one is.', [["CONCAT('a', 'b', 'c')", 'abc']]),
  valueFunction('CHAR_LENGTH', [{ args: ['text'], result: 'int', call: (text: string) => [...text].length }], 'How many characters the text has.', [["CHAR_LENGTH('Grün')", '4']], ['CHARACTER_LENGTH']),
  end('LEFT', (points, n) => points.slice(0, n), 'The first characters of the text.', ["LEFT('stream', 3)", 'str']),
  end('RIGHT', (points, n) => points.slice(-n), 'The last characters of the text.', ["RIGHT('stream', 3)", 'eam']),
  pad('LPAD', ["LPAD('7', 3, '0')", '007']),
  pad('RPAD', ["RPAD('ab', 5, '.-')", 'ab.-.']),
  trim,
  trimmer('LTRIM', 'on the left', ["LTRIM('xxax', 'x')", 'ax']),
  trimmer('RTRIM', 'on the right', ["RTRIM('a  ')", 'a']),
  trimmer('BTRIM', 'at both ends', ["BTRIM('xax', 'x')", 'a']),
  valueFunction(
    'SUBSTRING',
    [{ args: ['text', 'int'], result: 'text', mayBeNull: true, call: substring }, { args: ['text', 'int', 'int'], result: 'text', mayBeNull: true, call: substring }],
    'The text from a place on, which counts from 1, or from the end when it is negative; with a length, so many characters of it.',
    [["SUBSTRING('stream' FROM 3 FOR 2)", 're'], ["SUBSTRING('stream', -3)", 'eam']],
    ['SUBSTR'],
  ),
  valueFunction('REPLACE', [{ args: ['text', 'text', 'text'], result: 'text', call: (text: string, part: string, by: string) => text.replaceAll(part, () => by) }], 'The text with each occurrence of the second replaced by the third.', [["REPLACE('a-b-c', '-', '+')", 'a+b+c']]),
  valueFunction('REPEAT', [{ args: ['text', 'int'], result: 'text', call: (text: string, n: number) => text.repeat(Math.max(0, n)) }], 'The text so many times in a row.', [["REPEAT('ab', 2)", 'abab']]),
  valueFunction('REVERSE', [{ args: ['text'], result: 'text', call: (text: string) => [...text].toReversed().join('') }], 'The text backwards.', [["REVERSE('abc')", 'cba']]),
  valueFunction('STARTSWITH', [{ args: ['text', 'text'], result: 'boolean', call: (text: string, part: string) => text.startsWith(part) }, { args: ['bytes', 'bytes'], result: 'boolean', call: (bytes: Uint8Array, part: Uint8Array) => part.every((byte, i) => bytes[i] === byte) }], 'TRUE when the text begins with the other.', [["STARTSWITH('stream', 'str')", 'TRUE']]),
  valueFunction('ENDSWITH', [{ args: ['text', 'text'], result: 'boolean', call: (text: string, part: string) => text.endsWith(part) }, { args: ['bytes', 'bytes'], result: 'boolean', call: (bytes: Uint8Array, part: Uint8Array) => part.every((byte, i) => bytes[bytes.length - part.length + i] === byte) }], 'TRUE when the text ends with the other.', [["ENDSWITH('stream', 'str')", 'FALSE']]),
  valueFunction(
    'LOCATE',
    [{ args: ['text', 'text'], result: 'int', call: (part: string, text: string) => locate(text, part) }, { args: ['text', 'text', 'int'], result: 'int', call: (part: string, text: string, from: number) => locate(text, part, from) }],
    'The place of the first text in the second, from 1, at or after the place given; 0 when it is not there.',
    [["LOCATE('b', 'abcb', 3)", '4']],
  ),
  valueFunction(
    'INSTR',
    [
      { args: ['text', 'text'], result: 'int', call: (text: string, part: string) => locate(text, part) },
      { args: ['text', 'text', 'int'], result: 'int', call: instr },
      { args: ['text', 'text', 'int', 'int'], result: 'int', call: instr },
    ],
    'The place of the second text in the first, from 1; 0 when it is not there. With a place to begin at (negative: from the end, backwards), and which occurrence is meant.',
    [["INSTR('stream', 'ea')", '4'], ["INSTR('banana', 'a', -1, 2)", '4']],
  ),
  withOverloads(valueFunction(
    'SPLIT_INDEX',
    [
      { args: ['text', 'text', 'int'], result: 'text', mayBeNull: true, call: (text: string, separator: string, index: number) => (index < 0 || text === '' ? undefined : text.split(separator === '' ? ' ' : separator)[index]) },
      { args: ['text', 'int', 'int'], result: 'text', mayBeNull: true, call: (text: string, code: number, index: number) => (index < 0 || text === '' || code < 1 || code > 255 ? undefined : text.split(String.fromCharCode(code))[index]) },
    ],
    'The part of that number, from 0, of a text cut at a separator, or at the character of a code from 1 to 255; NULL when there are fewer.',
    [["SPLIT_INDEX('a,b,c', ',', 1)", 'b'], ["SPLIT_INDEX('a', ',', 5)", null], ["SPLIT_INDEX('a;b', 59, 1)", 'b']],
  ), (overload) => (overload.id === 'text text int' ? splitIndex(overload) : overload)),
  valueFunction(
    'LIKE',
    [{ args: ['text', 'text'], result: 'boolean', call: like }, { args: ['text', 'text', 'text'], result: 'boolean', call: like }],
    'TRUE when the text is as the pattern says: _ stands for one character, % for any number; \\ or the escape character before them for themselves.',
    [["'stream' LIKE 's%_m'", 'TRUE'], ["'100%' LIKE '100!%' ESCAPE '!'", 'TRUE']],
  ),
];
