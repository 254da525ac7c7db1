import { SqlError } from '../core/diagnostic.ts';
import type { ScalarFunction } from './definition.ts';
import { findInJson, isScalarJson } from './json-path.ts';
import { printJsonNumber, reprintJson } from './json-print.ts';
import { JsonNumber } from './json-text.ts';
import { valueFunction } from './value-function.ts';

/**
 * JSON_VALUE, JSON_QUERY and JSON_EXISTS, plain and with clauses: what ON EMPTY and ON ERROR say stands as texts behind the path. A path is
 * strict unless it begins with `lax`: then a path that leads nowhere is empty and no error. Source: Flink's documentation, JSON functions, and
 * its SqlJsonUtils.
 */

/** What a clause says: NULL, ERROR, DEFAULT, EMPTY ARRAY or EMPTY OBJECT. */
function behave(clause: string | undefined, given: string | undefined, why: string): string | undefined {
  switch (clause) {
    case 'ERROR':
      throw new SqlError({ code: 'E0207', message: why });
    case 'DEFAULT':
      return given;
    case 'EMPTY ARRAY':
      return '[]';
    case 'EMPTY OBJECT':
      return '{}';
    default:
      return undefined;
  }
}

function jsonValue(text: string | undefined, path = '$', onEmpty?: string, emptyDefault?: string, onError?: string, errorDefault?: string): string | undefined {
  if (text === undefined) return undefined;
  const found = findInJson(text, path);
  if ('error' in found) return behave(onError, errorDefault, found.error);
  const { value, isLax } = found;
  if (value === undefined || (isLax && !isScalarJson(value))) return behave(onEmpty, emptyDefault, `JSON_VALUE found nothing at '${path}'`);
  if (!isScalarJson(value)) return behave(onError, errorDefault, `JSON_VALUE found an array or an object at '${path}'`);
  return value instanceof JsonNumber ? printJsonNumber(value) : String(value);
}

function jsonQuery(text: string | undefined, path = '$', wrapper?: string, onEmpty?: string, onError?: string): string | undefined {
  if (text === undefined) return undefined;
  const found = findInJson(text, path);
  if ('error' in found) return behave(onError, undefined, found.error);
  const { value, isLax } = found;
  if (value === undefined) return behave(onEmpty, undefined, `JSON_QUERY found nothing at '${path}'`);
  const isWrapped = wrapper === 'UNCONDITIONAL' || (wrapper === 'CONDITIONAL' && !Array.isArray(value));
  const wrapped = isWrapped ? [value] : value;
  if (!isScalarJson(wrapped)) return reprintJson(wrapped);
  return isLax ? behave(onEmpty, undefined, `JSON_QUERY found a scalar at '${path}'`) : behave(onError, undefined, `JSON_QUERY found a scalar at '${path}'`);
}

function jsonExists(text: string | undefined, path = '$', onError?: string): boolean | undefined {
  if (text === undefined) return undefined;
  const found = findInJson(text, path);
  if (!('error' in found)) return found.value !== undefined;
  if (onError === 'ERROR') throw new SqlError({ code: 'E0207', message: found.error });
  return onError === 'UNKNOWN' ? undefined : onError === 'TRUE';
}

/** Without clauses. */
export const jsonPathFunctions: readonly ScalarFunction[] = [
  valueFunction('JSON_VALUE', [{ args: ['text', 'text'], result: 'text', mayBeNull: true, call: (text: string, path: string) => jsonValue(text, path) }], 'The text, number or boolean at a path of a JSON text, as text; NULL when there is none.', [[`JSON_VALUE('{"a": {"b": [7, 8]}}', '$.a.b[1]')`, '8'], ["JSON_VALUE('{}', '$.a')", null]]),
  valueFunction('JSON_QUERY', [{ args: ['text', 'text'], result: 'text', mayBeNull: true, call: (text: string, path: string) => jsonQuery(text, path) }], 'The object or array at a path of a JSON text, as JSON, the names of objects in their order; NULL when there is none.', [[`JSON_QUERY('{"a": {"c": 1, "b": [2]}}', '$.a')`, '{"b":[2],"c":1}']]),
  valueFunction('JSON_EXISTS', [{ args: ['text', 'text'], result: 'boolean', call: (text: string, path: string) => jsonExists(text, path) === true }], 'TRUE when a path of a JSON text leads to something that is not null.', [[`JSON_EXISTS('{"a": 0}', '$.a')`, 'TRUE'], [`JSON_EXISTS('{"a": null}', '$.a')`, 'FALSE']]),
];

/** Calls with clauses are bound to these; no query can name them. */
export const jsonClauseFunctions: readonly ScalarFunction[] = [
  valueFunction('JSON_VALUE ON', [{ args: ['text', 'text', 'text', 'text', 'text', 'text'], result: 'text', mayBeNull: true, seesNulls: true, call: jsonValue }], 'JSON_VALUE with ON EMPTY and ON ERROR.', [["JSON_VALUE('{}', 'lax $.a' DEFAULT 'none' ON EMPTY)", 'none'], ["JSON_VALUE('{\"a\": 7}', '$.a' RETURNING INT) + 1", '8']]),
  valueFunction('JSON_QUERY ON', [{ args: ['text', 'text', 'text', 'text', 'text'], result: 'text', mayBeNull: true, seesNulls: true, call: jsonQuery }], 'JSON_QUERY with a wrapper, ON EMPTY and ON ERROR.', [["JSON_QUERY('{\"a\": 7}', '$.a' WITH ARRAY WRAPPER)", '[7]'], ["JSON_QUERY('{}', 'lax $.a' EMPTY OBJECT ON EMPTY)", '{}']]),
  valueFunction('JSON_EXISTS ON', [{ args: ['text', 'text', 'text'], result: 'boolean', mayBeNull: true, seesNulls: true, call: jsonExists }], 'JSON_EXISTS with ON ERROR.', [["JSON_EXISTS('no JSON', '$.a' TRUE ON ERROR)", 'TRUE'], ["JSON_EXISTS('{}', 'strict $.a' UNKNOWN ON ERROR)", null]]),
];
