import { firstMatch, javaRegex } from './java-regex.ts';
import type { ScalarFunction } from './definition.ts';
import { regexpExtract, withOverloads } from './text-parts.ts';
import { valueFunction } from './value-function.ts';

/** Functions of regular expressions, which are Java's. Source: Flink's documentation, string functions, and its SqlFunctionUtils. */

function count(text: string, pattern: string): number | undefined {
  const regex = javaRegex(pattern);
  return regex === undefined ? undefined : [...text.matchAll(regex)].length;
}

function place(text: string, pattern: string): number | undefined {
  if (javaRegex(pattern) === undefined) return undefined;
  const match = firstMatch(text, pattern);
  return match === undefined ? 0 : match.index + 1;
}

function replace(text: string, pattern: string, by: string): string | undefined {
  const regex = javaRegex(pattern);
  return regex === undefined ? undefined : text.replace(regex, () => by);
}

const part = (text: string, pattern: string, group = 0): string | undefined => (group < 0 ? undefined : firstMatch(text, pattern)?.[group]);

export const regexpFunctions: readonly ScalarFunction[] = [
  valueFunction(
    'REGEXP',
    [{ args: ['text', 'text'], result: 'boolean', call: (text: string, pattern: string) => pattern !== '' && firstMatch(text, pattern) !== undefined }],
    'TRUE when the regular expression is found in the text.',
    [["REGEXP('sensor-17', '\\d+')", 'TRUE'], ["REGEXP('sensor', '^\\d')", 'FALSE']],
  ),
  withOverloads(valueFunction(
    'REGEXP_EXTRACT',
    [{ args: ['text', 'text'], result: 'text', mayBeNull: true, call: part }, { args: ['text', 'text', 'int'], result: 'text', mayBeNull: true, call: part }],
    'What the regular expression finds first, or the group of that number in it; NULL when it finds nothing.',
    [["REGEXP_EXTRACT('room=12;seat=4', 'seat=(\\d+)', 1)", '4'], ["REGEXP_EXTRACT('abc', '\\d')", null]],
  ), regexpExtract),
  valueFunction(
    'REGEXP_REPLACE',
    [{ args: ['text', 'text', 'text'], result: 'text', mayBeNull: true, call: replace }],
    'The text with all that the regular expression finds replaced.',
    [["REGEXP_REPLACE('a1b22', '[0-9]+', '#')", 'a#b#']],
  ),
  valueFunction(
    'REGEXP_SUBSTR',
    [{ args: ['text', 'text'], result: 'text', mayBeNull: true, call: (text: string, pattern: string) => part(text, pattern) }],
    'What the regular expression finds first; NULL when it finds nothing.',
    [["REGEXP_SUBSTR('a1b22', '[0-9]{2}')", '22']],
  ),
  valueFunction('REGEXP_COUNT', [{ args: ['text', 'text'], result: 'int', mayBeNull: true, call: count }], 'How many times the regular expression is found.', [["REGEXP_COUNT('a1b22', '[0-9]')", '3']]),
  valueFunction('REGEXP_INSTR', [{ args: ['text', 'text'], result: 'int', mayBeNull: true, call: place }], 'The place, from 1, of what the regular expression finds first; 0 when it finds nothing.', [["REGEXP_INSTR('ab1', '[0-9]')", '3']]),
];
