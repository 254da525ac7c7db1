import { printDouble, printFloat, printMonths, printTimeInterval } from '../../core/value.ts';
import { innerTypes } from './type-text.ts';
import type { Column, JsTypes, Row, Value } from '../../engine/api.ts';

/** The forms that the renderers take values in: nothing is rounded, times are SQL's text. */
export const renderedTypes: JsTypes = { bigint: 'bigint', decimal: 'string', timestamp: 'string', ltz: 'string' };

/** A value as people read it; undefined for NULL. */
export function textOf(value: Value | undefined, type: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return numberText(value, type);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  // Times of the engine's own answers, as SQL writes them.
  if (value instanceof Date) return value.toISOString().slice(0, -1).replace('T', ' ');
  return typeof value === 'object' ? jsonOf(value, type) : String(value);
}

function numberText(value: number, type: string): string {
  if (type === 'DOUBLE') return printDouble(value);
  if (type === 'FLOAT') return printFloat(value);
  // The value of an interval is its months, or its ms.
  if (type.startsWith('INTERVAL')) return type.startsWith('INTERVAL MONTH') ? printMonths(value) : printTimeInterval(value);
  return String(value);
}

/** A value as JSON: BIGINT and DECIMAL by their digits, BYTES as base64, an instant with its Z. */
function jsonOf(value: Value | undefined, type: string): string {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      if (type.startsWith('INTERVAL')) return JSON.stringify(numberText(value, type));
      return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
    case 'string':
      if (type.startsWith('DECIMAL')) return value;
      return JSON.stringify(type.startsWith('TIMESTAMP_LTZ') ? `${value}Z` : value);
    case 'object': {
      if (value instanceof Date) return JSON.stringify(value);
      if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
      return nestedJson(value, type);
    }
    default:
      return JSON.stringify(value);
  }
}

/** Lists, maps and rows, each value by its own type. */
function nestedJson(value: readonly Value[] | ReadonlyMap<Value, Value> | { readonly [field: string]: Value }, type: string): string {
  const inner = innerTypes(type);
  const first = inner?.parts[0]?.type ?? '';
  if (Array.isArray(value)) return `[${value.map((item: Value) => jsonOf(item, first)).join(',')}]`;
  if (value instanceof Map) {
    const last = inner?.parts.at(-1)?.type ?? '';
    return `{${[...value].map(([key, item]: [Value, Value]) => `${JSON.stringify(textOf(key, first) ?? 'null')}:${jsonOf(item, inner?.kind === 'MAP' ? last : '')}`).join(',')}}`;
  }
  const types = new Map(inner?.parts.map((part) => [part.name, part.type]));
  return `{${Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${jsonOf(item as Value, types.get(name) ?? '')}`).join(',')}}`;
}

export function jsonOfRow(columns: readonly Column[], row: Row): string {
  return `{${columns.map(({ name, type }) => `${JSON.stringify(name)}:${jsonOf(row[name], type)}`).join(',')}}`;
}

/** One line of CSV as RFC 4180 writes it; NULL is empty, an empty text is "". */
export function csvLine(cells: readonly (string | undefined)[]): string {
  return cells.map((cell) => (cell === undefined ? '' : cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
