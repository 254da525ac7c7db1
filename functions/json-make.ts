import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { decodeValue } from '../core/collection-value.ts';
import { entryTypes } from '../core/collection.ts';
import { isStructured, isText, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { printValue, type SqlValue } from '../core/value.ts';
import { emitCast } from './cast.ts';
import { isNumberLike } from './cast-rules.ts';
import { emitMade } from './collection-code.ts';
import type { Overload, ScalarFunction } from './definition.ts';
import { assign, declare, type Operand, type OperandOf, type Value } from './operand.ts';
import { valueFunction } from './value-function.ts';

/** Functions that make JSON. Source: Flink's documentation, JSON functions, and its SqlJsonUtils. */

const utf8 = new TextDecoder();

function quote(heap: ByteHeap, source: Uint8Array, offset: number, length: number): number {
  return heap.appendText(JSON.stringify(utf8.decode(source.subarray(offset, offset + length))));
}

/** A value within a structured one. */
function print(value: SqlValue, type: SqlType): string {
  if (value === null) return 'null';
  const parts = value as readonly SqlValue[];
  switch (type.kind) {
    case 'ARRAY':
      return `[${parts.map((part) => print(part, type.element)).join(',')}]`;
    case 'ROW':
      return `{${type.fields.map((field, i) => `${JSON.stringify(field.name)}:${print(parts[i] ?? null, field.type)}`).join(',')}}`;
    case 'MAP':
    case 'MULTISET': {
      const [key, of] = entryTypes(type);
      return `{${(parts as readonly (readonly [SqlValue, SqlValue])[]).map(([k, v]) => `${JSON.stringify(printValue(k, key) ?? 'null')}:${print(v, of)}`).join(',')}}`;
    }
    case 'BOOLEAN':
      return String(value);
    default:
      return isNumberLike(type) ? (printValue(value, type) ?? 'null') : JSON.stringify(printValue(value, type));
  }
}

/** The JSON of a value that is not NULL. */
function emitJson(code: CodeBuilder, value: Operand, type: SqlType, heap: Js, zone: string): Operand {
  if (value.class === 'bytes' && isStructured(type)) {
    const printed = (source: Uint8Array, at: number, length: number): string => print(decodeValue(source, at, length, type), type);
    return emitMade(code, heap, js`${heap}.appendText(${code.use(printed, 'print')}(${value.heap}, ${value.offset}, ${value.length}))`);
  }
  if (value.class === 'bool') return emitMade(code, heap, js`${heap}.appendText(${value.value} ? 'true' : 'false')`);
  const text = (isText(type) ? value : emitCast(code, value, type, types.string, heap, { zone }).operand) as OperandOf<'bytes'>;
  if (isNumberLike(type)) return text;
  return emitMade(code, heap, js`${code.use(quote, 'quote')}(${heap}, ${text.heap}, ${text.offset}, ${text.length})`);
}

function ofAny(emitters: Pick<Overload, 'emit' | 'emitNullable'>, nullable: boolean): Overload {
  return { id: 'value', version: 1, accept: (args) => (args.length === 1 ? args : undefined), returns: () => withNullable(types.string, nullable), ...emitters };
}

const jsonString: ScalarFunction = {
  name: 'JSON_STRING',
  nulls: 'return-null',
  deterministic: true,
  usesZone: true,
  overloads: [ofAny({ emit: (code, [a], { args: [type], heap, zone = 'UTC' }) => ({ operand: emitJson(code, a as Operand, type ?? types.nothing, heap, zone), isNull: undefined }) }, false)],
  doc: 'The value as JSON.',
  examples: [{ sql: "JSON_STRING(ARRAY['a', NULL])", result: '["a",null]' }],
};

/** As JSON_STRING, but NULL is null. */
const jsonText: ScalarFunction = {
  name: 'JSON TEXT',
  nulls: 'call',
  deterministic: true,
  usesZone: true,
  overloads: [
    ofAny({
      emit: () => {
        throw new Error('the call has no such code');
      },
      emitNullable: (code, [a], { args: [type], heap, zone = 'UTC' }): Value => {
        const { operand, isNull } = a as Value;
        const json = (): Operand => emitJson(code, operand, type ?? types.nothing, heap, zone);
        if (isNull === undefined) return { operand: json(), isNull: undefined };
        const result = declare(code, 'bytes');
        code.either(isNull, () => assign(code, result, emitMade(code, heap, js`${heap}.appendText('null')`)), () => assign(code, result, json()));
        return { operand: result, isNull: undefined };
      },
    }, false),
  ],
  doc: 'The value as JSON; NULL is null.',
  examples: [{ sql: "JSON_OBJECT('a' VALUE NULLIF(1, 1))", result: '{"a":null}' }],
};

/** Keys and the JSON of values in turn; what is NULL is left out. Of equal keys the last value stays. */
function makeObject(...parts: readonly (string | undefined)[]): string {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [key, value] = [parts[i], parts[i + 1]];
    if (key !== undefined && value !== undefined) fields.set(key, value);
  }
  return `{${Array.from(fields, ([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

function makeArray(...parts: readonly (string | undefined)[]): string {
  return `[${parts.filter((part) => part !== undefined).join(',')}]`;
}

/** JSON_OBJECT and JSON_ARRAY: the planner gives them the JSON of their values. */
export const jsonMakers: readonly ScalarFunction[] = [
  jsonString,
  jsonText,
  valueFunction('JSON_OBJECT', [{ args: [], rest: 'text', result: 'text', seesNulls: true, call: makeObject }], 'The JSON object of keys and values; a NULL is null, or left out with ABSENT ON NULL.', [["JSON_OBJECT('a' VALUE 1, 'b' VALUE JSON_ARRAY(TRUE, 'x'))", '{"a":1,"b":[true,"x"]}']]),
  valueFunction('JSON_ARRAY', [{ args: [], rest: 'text', result: 'text', seesNulls: true, call: makeArray }], 'The JSON array of values; a NULL is left out, or null with NULL ON NULL.', [["JSON_ARRAY(1, NULLIF(1, 1), 'a')", '[1,"a"]']]),
];
