import type { Row, Value } from './api.ts';

/** Rows as JSON text: BIGINT by its digits, BYTES as base64, times in ISO form, NaN and the infinities as texts. What JSON.stringify refuses or rounds. */
export function toJSON(rows: Row | readonly Row[]): string {
  return textOf(rows);
}

function textOf(value: Value): string {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : `"${value}"`;
    case 'object':
      return value === null ? 'null' : textOfObject(value);
    default:
      return JSON.stringify(value);
  }
}

function textOfObject(value: Exclude<Value, null | boolean | number | bigint | string>): string {
  // JSON.stringify would make null of a Date that is none.
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '"Invalid Date"' : JSON.stringify(value);
  if (value instanceof Uint8Array) return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`;
  if (isList(value)) return `[${value.map(textOf).join(',')}]`;
  const fields: Iterable<readonly [Value, Value]> = isMap(value) ? value : Object.entries(value);
  return `{${[...fields].filter(([, part]) => part !== undefined).map(([name, part]) => `${JSON.stringify(typeof name === 'string' ? name : textOf(name))}:${textOf(part)}`).join(',')}}`;
}

// The type guards of Array and Map do not narrow their readonly forms.
function isList(value: object): value is readonly Value[] {
  return Array.isArray(value);
}

function isMap(value: object): value is ReadonlyMap<Value, Value> {
  return value instanceof Map;
}
