import { SqlError } from '../core/diagnostic.ts';
import type { ScalarFunction } from './definition.ts';
import { followPath, JsonNumber, parseJson, printJson, type Json } from './json-path.ts';
import { valueFunction } from './value-function.ts';

/**
 * JSON_VALUE, JSON_QUERY and JSON_EXISTS with clauses: what ON EMPTY and ON ERROR say stands as texts behind the path. A path is strict
 * unless it begins with `lax`: then a path that leads nowhere is empty and no error. Source: Flink's documentation, JSON functions;
 * Calcite's JsonFunctions.
 */

type Found = { readonly error: string } | { readonly value: Json | undefined; readonly isLax: boolean };

function find(text: string, path: string): Found {
  const isLax = /^\s*lax\s/i.test(path);
  const json = parseJson(text);
  if (json === undefined) return { error: `'${text.slice(0, 120)}' is no JSON` };
  const value = followPath(json, path);
  if (value === undefined && !isLax) return { error: `the path '${path}' leads nowhere` };
  return { value, isLax };
}

function isScalar(value: Json): boolean {
  return value === null || typeof value !== 'object' || value instanceof JsonNumber;
}

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
  const found = find(text, path);
  if ('error' in found) return behave(onError, errorDefault, found.error);
  const { value, isLax } = found;
  if (value === undefined || value === null || (isLax && !isScalar(value))) return behave(onEmpty, emptyDefault, `JSON_VALUE found nothing at '${path}'`);
  if (!isScalar(value)) return behave(onError, errorDefault, `JSON_VALUE found an array or an object at '${path}'`);
  return typeof value === 'string' ? value : printJson(value);
}

function jsonQuery(text: string | undefined, path = '$', wrapper?: string, onEmpty?: string, onError?: string): string | undefined {
  if (text === undefined) return undefined;
  const found = find(text, path);
  if ('error' in found) return behave(onError, undefined, found.error);
  const { value, isLax } = found;
  if (value === undefined || value === null) return behave(onEmpty, undefined, `JSON_QUERY found nothing at '${path}'`);
  const isWrapped = wrapper === 'UNCONDITIONAL' || (wrapper === 'CONDITIONAL' && !Array.isArray(value));
  const wrapped = isWrapped ? [value] : value;
  if (!isScalar(wrapped)) return printJson(wrapped);
  return isLax ? behave(onEmpty, undefined, `JSON_QUERY found a scalar at '${path}'`) : behave(onError, undefined, `JSON_QUERY found a scalar at '${path}'`);
}

function jsonExists(text: string | undefined, path = '$', onError?: string): boolean | undefined {
  if (text === undefined) return undefined;
  const json = parseJson(text);
  // Strict or lax, a path that leads nowhere is no error here.
  if (json !== undefined) return followPath(json, path) !== undefined;
  if (onError === 'ERROR') throw new SqlError({ code: 'E0207', message: `'${text.slice(0, 120)}' is no JSON` });
  return onError === 'UNKNOWN' ? undefined : onError === 'TRUE';
}

/** Calls with clauses are bound to these; no query can name them. */
export const jsonClauseFunctions: readonly ScalarFunction[] = [
  valueFunction('JSON_VALUE ON', [{ args: ['text', 'text', 'text', 'text', 'text', 'text'], result: 'text', mayBeNull: true, seesNulls: true, call: jsonValue }], 'JSON_VALUE with ON EMPTY and ON ERROR.', [["JSON_VALUE('{}', 'lax $.a' DEFAULT 'none' ON EMPTY)", 'none'], ["JSON_VALUE('{\"a\": 7}', '$.a' RETURNING INT) + 1", '8']]),
  valueFunction('JSON_QUERY ON', [{ args: ['text', 'text', 'text', 'text', 'text'], result: 'text', mayBeNull: true, seesNulls: true, call: jsonQuery }], 'JSON_QUERY with a wrapper, ON EMPTY and ON ERROR.', [["JSON_QUERY('{\"a\": 7}', '$.a' WITH ARRAY WRAPPER)", '[7]'], ["JSON_QUERY('{}', 'lax $.a' EMPTY OBJECT ON EMPTY)", '{}']]),
  valueFunction('JSON_EXISTS ON', [{ args: ['text', 'text', 'text'], result: 'boolean', mayBeNull: true, seesNulls: true, call: jsonExists }], 'JSON_EXISTS with ON ERROR.', [["JSON_EXISTS('no JSON', '$.a' TRUE ON ERROR)", 'TRUE']]),
];
