import type { ScalarFunction } from './definition.ts';
import { followPath, JsonNumber, parseJson, printJson, type Json } from './json-path.ts';
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

function isCompound(value: Json): boolean {
  return value !== null && typeof value === 'object' && !(value instanceof JsonNumber);
}

/** The scalar at a path as text. */
function jsonValue(text: string, path: string): string | undefined {
  const json = parseJson(text);
  const found = json === undefined ? undefined : followPath(json, path);
  if (found === undefined || found === null || isCompound(found)) return undefined;
  return typeof found === 'string' ? found : printJson(found);
}

/** The array or object at a path as JSON. */
function jsonQuery(text: string, path: string): string | undefined {
  const json = parseJson(text);
  const found = json === undefined ? undefined : followPath(json, path);
  return found === undefined || !isCompound(found) ? undefined : printJson(found);
}

function jsonExists(text: string, path: string): boolean {
  const json = parseJson(text);
  return json !== undefined && followPath(json, path) !== undefined;
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
  valueFunction('JSON_VALUE', [{ args: ['text', 'text'], result: 'text', mayBeNull: true, call: jsonValue }], 'The text, number or boolean at a path of a JSON text, as text; NULL when there is none.', [[`JSON_VALUE('{"a": {"b": [7, 8]}}', '$.a.b[1]')`, '8'], ["JSON_VALUE('{}', '$.a')", null]]),
  valueFunction('JSON_QUERY', [{ args: ['text', 'text'], result: 'text', mayBeNull: true, call: jsonQuery }], 'The object or array at a path of a JSON text, as JSON; NULL when there is none.', [[`JSON_QUERY('{"a": [1, 2]}', '$.a')`, '[1,2]']]),
  valueFunction('JSON_EXISTS', [{ args: ['text', 'text'], result: 'boolean', call: jsonExists }], 'TRUE when a path of a JSON text leads to something.', [[`JSON_EXISTS('{"a": null}', '$.a')`, 'TRUE']]),
  isJson('', () => true, ["'{' IS JSON", 'FALSE']),
  isJson(' VALUE', () => true, ["'1' IS JSON VALUE", 'TRUE']),
  isJson(' OBJECT', (value) => isCompound(value) && !Array.isArray(value), ["'{}' IS JSON OBJECT", 'TRUE']),
  isJson(' ARRAY', (value) => Array.isArray(value), ["'{}' IS JSON ARRAY", 'FALSE']),
  isJson(' SCALAR', (value) => !isCompound(value), ["'1' IS JSON SCALAR", 'TRUE']),
  valueFunction('JSON_QUOTE', [{ args: ['text'], result: 'text', call: quote }], 'The text as a JSON text in quotes.', [[`JSON_QUOTE('a"b')`, '"a\\"b"']]),
  valueFunction('JSON_UNQUOTE', [{ args: ['text'], result: 'text', call: unquote }], 'The text that a JSON text in quotes stands for; what is none stays as it is.', [[`JSON_UNQUOTE('"a\\n"')`, 'a\n'], ["JSON_UNQUOTE('[1]')", '[1]']]),
];
