import type { ScalarFunction } from './definition.ts';
import { isScalarJson } from './json-path.ts';
import { isJsonArray, isJsonObject, parseJson, type Json } from './json-text.ts';
import { valueFunction } from './value-function.ts';

/** Functions of JSON texts. Source: Flink's documentation, JSON functions, and its JsonQuoteFunction and JsonUnquoteFunction. */

const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '/': '\\/', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const unescapes: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** A JSON text literal; what is not ASCII is written by its code. */
function quote(text: string): string {
  let result = '"';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    const code = text.charCodeAt(i);
    result += escapes[char] ?? (code > 127 ? `\\u${code.toString(16).padStart(4, '0')}` : char);
  }
  return `${result}"`;
}

/** The text of a JSON text literal. What only begins with one is taken as one up to its last quote, as Flink does; all else stays as it is. */
function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const first = /^"(?:[^"\\]|\\.)*"/s.exec(text)?.[0];
  if (first === undefined || parseJson(first) === undefined) return text;
  const body = text.slice(1, -1);
  let isWhole = true;
  const result = body.replace(/\\(?:u([0-9a-fA-F]{4})|(.?))/gs, (all: string, hex: string | undefined, char: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const meant = unescapes[char ?? ''];
    if (meant === undefined) isWhole = false;
    return meant ?? all;
  });
  return isWhole ? result : text;
}

/** `x IS JSON ...`: never NULL. */
function isJson(what: '' | ' VALUE' | ' OBJECT' | ' ARRAY' | ' SCALAR', test: (value: Json) => boolean, example: readonly [string, string]): ScalarFunction {
  const call = (text: string | undefined): boolean => {
    const json = text === undefined ? undefined : parseJson(text);
    return json !== undefined && test(json);
  };
  const noun = what === '' || what === ' VALUE' ? 'JSON' : `a JSON ${what.trim().toLowerCase()}`;
  return { ...valueFunction(`IS JSON${what}`, [{ args: ['text'], result: 'boolean', seesNulls: true, call }], `TRUE when the text is ${noun}; FALSE of NULL.`, [example]), operator: `IS JSON${what}` };
}

export const jsonFunctions: readonly ScalarFunction[] = [
  isJson('', () => true, ["'{' IS JSON", 'FALSE']),
  isJson(' VALUE', () => true, ["'1' IS JSON VALUE", 'TRUE']),
  isJson(' OBJECT', isJsonObject, ["'{}' IS JSON OBJECT", 'TRUE']),
  isJson(' ARRAY', isJsonArray, ["'{}' IS JSON ARRAY", 'FALSE']),
  isJson(' SCALAR', isScalarJson, ["'1' IS JSON SCALAR", 'TRUE']),
  valueFunction('JSON_QUOTE', [{ args: ['text'], result: 'text', call: quote }], 'The text as a JSON text in quotes.', [[`JSON_QUOTE('a"b')`, '"a\\"b"']]),
  valueFunction('JSON_UNQUOTE', [{ args: ['text'], result: 'text', call: unquote }], 'The text that a JSON text in quotes stands for; what is none stays as it is.', [[`JSON_UNQUOTE('"a\\n"')`, 'a\n'], ["JSON_UNQUOTE('[1]')", '[1]']]),
];
