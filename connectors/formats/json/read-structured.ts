import { encodeValue } from '../../../core/collection-value.ts';
import { isStructured, type SqlType } from '../../../core/sql-type.ts';
import type { SqlValue } from '../../../core/value.ts';
import { isJsonArray, isJsonObject, JsonNumber, parseJson, printJson, type Json } from '../../../functions/json-text.ts';

/**
 * ARRAY, MAP, MULTISET and ROW from JSON: arrays, and objects by names. A MAP's keys are texts, a MULTISET an object of texts and how often
 * they occur; a field of a ROW that is missing is NULL.
 */

/** The value of a text, or of the JSON of anything else, as a type that is not structured; undefined when it does not fit. */
export type ReadLeaf = (value: { readonly text: string; readonly isText: boolean }, type: SqlType) => SqlValue | undefined;

/** Told of a part that does not fit and is NULL. */
export type NullPart = (type: SqlType) => void;

/** How parts are read. */
export interface PartReading {
  readonly leaf: ReadLeaf;
  /** Absent: a part that does not fit makes the whole not fit. Given, it is NULL, as Flink has it. */
  readonly nullPart?: NullPart | undefined;
  /** True: a ROW fits only when each of its fields is there. */
  readonly failsOnMissing?: boolean | undefined;
}

/** The encoding of a JSON text's value; undefined when it does not fit the type. */
export function readStructured(json: string, type: SqlType, reading: PartReading): Uint8Array | undefined {
  const parsed = parseJson(json);
  if (parsed === undefined) return undefined;
  const { leaf, nullPart } = reading;
  const value = partsOf(parsed, type, nullPart === undefined ? reading : { ...reading, leaf: lenient(leaf, nullPart) });
  return value === undefined || value === null ? undefined : encodeValue(value, type);
}

function lenient(leaf: ReadLeaf, nullPart: NullPart): ReadLeaf {
  return (value, type) => {
    const read = leaf(value, type);
    if (read !== undefined) return read;
    nullPart(type);
    return null;
  };
}

function valueOf(json: Json, type: SqlType, reading: PartReading): SqlValue | undefined {
  const value = partsOf(json, type, reading);
  if (value !== undefined || reading.nullPart === undefined) return value;
  reading.nullPart(type);
  return null;
}

function partsOf(json: Json, type: SqlType, reading: PartReading): SqlValue | undefined {
  const { leaf } = reading;
  if (json === null) return null;
  if (!isStructured(type)) return leaf(typeof json === 'string' ? { text: json, isText: true } : { text: printLeaf(json), isText: false }, type);
  if (type.kind === 'ARRAY') return isJsonArray(json) ? all(json.map((part) => valueOf(part, type.element, reading))) : undefined;
  if (!isJsonObject(json)) return undefined;
  if (type.kind === 'ROW') {
    if (reading.failsOnMissing === true && type.fields.some(({ name }) => !json.has(name))) return undefined;
    return all(type.fields.map((field) => valueOf(json.get(field.name) ?? null, field.type, reading)));
  }
  const [key, of] = type.kind === 'MAP' ? [type.key, type.value] : [type.element, { kind: 'INT', nullable: false } as const];
  return all(Array.from(json, ([name, part]) => all([leaf({ text: name, isText: true }, key), valueOf(part, of, reading)])));
}

function printLeaf(json: Exclude<Json, null | string>): string {
  return json instanceof JsonNumber ? json.source : printJson(json);
}

/** Undefined where a part is. */
function all(parts: readonly (SqlValue | undefined)[]): readonly SqlValue[] | undefined {
  return parts.includes(undefined) ? undefined : (parts as readonly SqlValue[]);
}
