import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { decodeValue } from '../core/collection-value.ts';
import { SqlError } from '../core/diagnostic.ts';
import { isStructured, isText, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { SqlValue } from '../core/value.ts';
import { emitMade } from './collection-code.ts';
import type { Overload, ScalarFunction } from './definition.ts';
import { jsonObject, jsonText, printAsJson, reprintJson } from './json-print.ts';
import { parseJson } from './json-text.ts';
import { assign, bigOf, declare, type Operand, type Value } from './operand.ts';
import { valueFunction } from './value-function.ts';

/** Functions that make JSON. Source: Flink's documentation, JSON functions, and its SqlJsonUtils. */

const utf8 = new TextDecoder();

function quoted(source: Uint8Array, offset: number, length: number): string {
  return jsonText(utf8.decode(source.subarray(offset, offset + length)));
}

/** The JSON of a value that is not NULL. */
function emitJson(code: CodeBuilder, value: Operand, type: SqlType, heap: Js): Operand {
  const text = (): Js => {
    if (value.class === 'bytes') {
      const printed = isStructured(type)
        ? (source: Uint8Array, at: number, length: number): string => printAsJson(decodeValue(source, at, length, type), type)
        : isText(type)
          ? quoted
          : (source: Uint8Array, at: number, length: number): string => printAsJson(source.subarray(at, at + length), type);
      return js`${code.use(printed, 'print')}(${value.heap}, ${value.offset}, ${value.length})`;
    }
    const print = (given: SqlValue): string => printAsJson(given, type);
    const given = value.class === 'decimal' ? bigOf(value) : value.class === 'instant' ? js`{ millis: ${value.millis}, nanos: ${value.nanos} }` : value.value;
    return js`${code.use(print, 'print')}(${given})`;
  };
  return emitMade(code, heap, js`${heap}.appendText(${text()})`);
}

function ofAny(emitters: Pick<Overload, 'emit' | 'emitNullable'>, nullable: boolean): Overload {
  return { id: 'value', version: 1, accept: (args) => (args.length === 1 ? args : undefined), returns: () => withNullable(types.string, nullable), ...emitters };
}

const jsonString: ScalarFunction = {
  name: 'JSON_STRING',
  nulls: 'return-null',
  deterministic: true,
  overloads: [ofAny({ emit: (code, [a], { args: [type], heap }) => ({ operand: emitJson(code, a as Operand, type ?? types.nothing, heap), isNull: undefined }) }, false)],
  doc: 'The value as JSON: times as in ISO 8601, a TIMESTAMP_LTZ in UTC, bytes in Base64, the names of an object in their order.',
  examples: [
    { sql: "JSON_STRING(ARRAY['a', NULL])", result: '["a",null]' },
    { sql: "JSON_STRING(TIMESTAMP '2026-02-28 07:08:00.500')", result: '"2026-02-28T07:08:00.5"' },
    { sql: "JSON_STRING(x'0aff')", result: '"Cv8="' },
  ],
};

/** What JSON(text) stands for within JSON_OBJECT and JSON_ARRAY: the text itself; NULL of a blank one. */
function jsonRaw(text: string): string | undefined {
  const given = text.replace(/^[\0- ]+|[\0- ]+$/g, '');
  if (given === '') return undefined;
  const json = parseJson(given);
  if (json === undefined) throw new SqlError({ code: 'E0207', message: `'${text.slice(0, 120)}' is no JSON` });
  return reprintJson(json);
}

/** As JSON_STRING, but NULL is null. */
const jsonTextOrNull: ScalarFunction = {
  name: 'JSON TEXT',
  nulls: 'call',
  deterministic: true,
  overloads: [
    ofAny({
      emit: () => {
        throw new Error('the call has no such code');
      },
      emitNullable: (code, [a], { args: [type], heap }): Value => {
        const { operand, isNull } = a as Value;
        const json = (): Operand => emitJson(code, operand, type ?? types.nothing, heap);
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
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [key, value] = [parts[i], parts[i + 1]];
    if (key !== undefined && value !== undefined) fields.push([key, value]);
  }
  return jsonObject(fields);
}

function makeArray(...parts: readonly (string | undefined)[]): string {
  return `[${parts.filter((part) => part !== undefined).join(',')}]`;
}

/** JSON_OBJECT and JSON_ARRAY: the planner gives them the JSON of their values. */
export const jsonMakers: readonly ScalarFunction[] = [
  jsonString,
  jsonTextOrNull,
  valueFunction('JSON RAW', [{ args: ['text'], result: 'text', mayBeNull: true, call: jsonRaw }], 'The text as the JSON that it is.', [["JSON_ARRAY(JSON('[1, 2]'), '[3]')", '[[1,2],"[3]"]']]),
  valueFunction('JSON RAW OR NULL', [{ args: ['text'], result: 'text', seesNulls: true, call: (text: string | undefined) => (text === undefined ? undefined : jsonRaw(text)) ?? 'null' }], 'As JSON RAW, but NULL is null.', [["JSON_OBJECT('a' VALUE JSON(' '))", '{"a":null}']]),
  valueFunction('JSON_OBJECT', [{ args: [], rest: 'text', result: 'text', seesNulls: true, call: makeObject }], 'The JSON object of keys and values; a NULL is null, or left out with ABSENT ON NULL.', [["JSON_OBJECT('a' VALUE 1, 'b' VALUE JSON_ARRAY(TRUE, 'x'))", '{"a":1,"b":[true,"x"]}']]),
  valueFunction('JSON_ARRAY', [{ args: [], rest: 'text', result: 'text', seesNulls: true, call: makeArray }], 'The JSON array of values; a NULL is left out, or null with NULL ON NULL.', [["JSON_ARRAY(1, NULLIF(1, 1), 'a')", '[1,"a"]']]),
];
