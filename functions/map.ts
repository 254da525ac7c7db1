import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type Js } from '../core/code.ts';
import { countAt, entryTypes, keysAt, valuesAt } from '../core/collection.ts';
import { decodeValue, encodeValue } from '../core/collection-value.ts';
import { MapWriter } from '../core/collection-writer.ts';
import { layoutOf } from '../core/layout.ts';
import { commonType, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { SqlValue } from '../core/value.ts';
import { emitMade } from './collection-code.ts';
import type { Overload, ScalarFunction } from './definition.ts';
import { javaRegex } from './java-regex.ts';
import { reprintJson } from './json-print.ts';
import { isJsonArray, parseJson } from './json-text.ts';
import type { Operand, OperandOf, Value } from './operand.ts';
import { elementOf } from './structured.ts';
import { valueOverload, type Signature } from './value-function.ts';

/** Functions of maps, and those that make arrays and maps of text. Source: Flink's documentation, and its SqlFunctionUtils.strToMap. */

function bytesOf(operand: Operand | undefined): OperandOf<'bytes'> {
  return operand as OperandOf<'bytes'>;
}

function known(operand: Operand): Value {
  return { operand, isNull: undefined };
}

/** A function of one map whose result lies in the map as it is: from one place to another. */
function part(name: string, of: (type: SqlType) => SqlType, start: (value: OperandOf<'bytes'>, valuesOf: Js) => Js, end: (value: OperandOf<'bytes'>, valuesOf: Js) => Js, doc: string, example: readonly [string, string]): ScalarFunction {
  const overload: Overload = {
    id: 'map',
    version: 1,
    accept: ([m, ...rest]) => (m?.kind === 'MAP' && rest.length === 0 ? [m] : undefined),
    returns: ([m]) => ({ kind: 'ARRAY', element: of(m ?? types.nothing), nullable: false }),
    emit: (code, [m]) => {
      const map = bytesOf(m);
      const valuesOf = code.define('at', js`${code.use(valuesAt, 'valuesAt')}(${map.heap}, ${map.offset})`);
      return known({ class: 'bytes', heap: map.heap, offset: code.define('o', start(map, valuesOf)), length: code.define('n', js`${end(map, valuesOf)} - ${start(map, valuesOf)}`) });
    },
  };
  return { name, nulls: 'return-null', deterministic: true, overloads: [overload], doc, examples: [{ sql: example[0], result: example[1] }] };
}

function rowOf(type: SqlType): SqlType {
  const [key, value] = entryTypes(type);
  return { kind: 'ROW', fields: [{ name: 'key', type: key }, { name: 'value', type: value }], nullable: false };
}

const entries: Overload = {
  id: 'map',
  version: 1,
  accept: ([m, ...rest]) => (m?.kind === 'MAP' && rest.length === 0 ? [m] : undefined),
  returns: ([m]) => ({ kind: 'ARRAY', element: rowOf(m ?? types.nothing), nullable: false }),
  emit: (code, [m], { args: [type], result, heap }) => {
    const map = bytesOf(m);
    // Keys and values in pairs are rows of two fields.
    const convert = (out: ByteHeap, source: Uint8Array, at: number, length: number): number => appendBytes(out, encodeValue(decodeValue(source, at, length, type ?? types.nothing) as readonly SqlValue[], result));
    return known(emitMade(code, heap, js`${code.use(convert, 'entries')}(${heap}, ${map.heap}, ${map.offset}, ${map.length})`));
  },
};

function appendBytes(heap: ByteHeap, bytes: Uint8Array): number {
  return heap.append(bytes, 0, bytes.length);
}

/** The entries of one map behind those of another, which of equal keys the later ones survive. */
function addEntries(writer: MapWriter, map: Uint8Array, at: number): void {
  addPairs(writer, map, keysAt(at), map, valuesAt(map, at));
}

function addPairs(writer: MapWriter, keys: Uint8Array, keysFrom: number, values: Uint8Array, valuesFrom: number): void {
  const count = countAt(keys, keysFrom);
  if (count !== countAt(values, valuesFrom)) throw new RangeError(`MAP_FROM_ARRAYS has ${count} keys and ${countAt(values, valuesFrom)} values`);
  for (let i = 0; i < count; i++) {
    writer.keys.addFrom(keys, keysFrom, i);
    writer.values.addFrom(values, valuesFrom, i);
  }
}

function writerOf(type: SqlType): MapWriter {
  const [key, value] = entryTypes(type);
  return new MapWriter(layoutOf(key), layoutOf(value));
}

const union: Overload = {
  id: 'maps',
  version: 1,
  accept: (args) => {
    let common = args[0];
    for (const type of args.slice(1)) common = common && commonType(common, type);
    return common?.kind === 'MAP' ? args.map((arg) => withNullable(common, arg.nullable)) : undefined;
  },
  returns: ([m]) => withNullable(m ?? types.nothing, false),
  emit: (code, args, { result, heap }) => {
    const writer = code.use(writerOf(result), 'map');
    code.line(js`${writer}.begin();`);
    for (const arg of args) code.line(js`${code.use(addEntries, 'addEntries')}(${writer}, ${bytesOf(arg).heap}, ${bytesOf(arg).offset});`);
    return known(emitMade(code, heap, js`${writer}.finish(${heap})`));
  },
};

const fromArrays: Overload = {
  id: 'arrays',
  version: 1,
  accept: ([keys, values, ...rest]) => (keys?.kind === 'ARRAY' && values?.kind === 'ARRAY' && rest.length === 0 ? [keys, values] : undefined),
  returns: ([keys, values]) => ({ kind: 'MAP', key: elementOf(keys), value: elementOf(values), nullable: false }),
  emit: (code, [keys, values], { result, heap }) => {
    const writer = code.use(writerOf(result), 'map');
    code.line(js`${writer}.begin();`);
    code.line(js`${code.use(addPairs, 'addPairs')}(${writer}, ${bytesOf(keys).heap}, ${bytesOf(keys).offset}, ${bytesOf(values).heap}, ${bytesOf(values).offset});`);
    return known(emitMade(code, heap, js`${writer}.finish(${heap})`));
  },
};

const texts: SqlType = { kind: 'ARRAY', element: types.string, nullable: true };
const textMap: SqlType = { kind: 'MAP', key: types.string, value: types.string, nullable: true };

/** A function of text whose result is an ARRAY or MAP; `call` gives undefined for NULL. */
function structuredOfText(name: string, type: SqlType, signatures: readonly (Omit<Signature, 'result' | 'call'> & { readonly call: (...values: never[]) => readonly SqlValue[] | undefined })[], doc: string, examples: readonly (readonly [string, string | null])[]): ScalarFunction {
  const overloads = signatures.map((signature): Overload => {
    const call = (...values: never[]): Uint8Array | undefined => {
      const value = signature.call(...values);
      return value === undefined ? undefined : encodeValue(value, type);
    };
    return { ...valueOverload(signature.args.join(' '), { ...signature, result: 'bytes', call }), returns: () => withNullable(type, signature.mayBeNull === true) };
  });
  return { name, nulls: 'return-null', deterministic: true, overloads, doc, examples: examples.map(([sql, result]) => ({ sql, result })) };
}

/** As Java's String.split: without the empty texts at the end; all of it where nothing matches. */
function javaSplit(text: string, pattern: string, limit?: number): readonly string[] {
  const regex = javaRegex(pattern);
  if (regex === undefined) throw new RangeError(`'${pattern}' is no regular expression`);
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(regex)) {
    if (parts.length + 1 === limit) break;
    const end = match.index + match[0].length;
    // A match of nothing at the start splits nothing off.
    if (end === 0) continue;
    parts.push(text.slice(from, match.index));
    from = end;
  }
  parts.push(text.slice(from));
  if (limit === undefined) while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  return parts;
}

function strToMap(text: string, between = ',', within = '='): readonly SqlValue[] {
  if (text === '') return [];
  return javaSplit(text, between).map((pair) => {
    const [key = '', value] = javaSplit(pair, within, 2);
    return [value === undefined ? pair : key, value ?? null];
  });
}

/** By a text, not by a pattern; an empty one splits into characters. */
function split(text: string, delimiter: string): readonly string[] {
  return delimiter === '' ? [...text] : text.split(delimiter);
}

function extractAll(text: string, pattern: string, group = 1): readonly (string | null)[] | undefined {
  const regex = javaRegex(pattern);
  if (regex === undefined || group < 0) return undefined;
  // A pattern that matches the empty text says how many groups it has.
  const groups = (new RegExp(`${regex.source}|`, regex.flags.replace(/[gy]/g, '')).exec('')?.length ?? 1) - 1;
  if (group > groups) return undefined;
  return Array.from(text.matchAll(regex), (match) => match[group] ?? null);
}

/** The elements of a JSON array as texts: what is no text, as its JSON. */
function jsonList(text: string): readonly (string | null)[] | undefined {
  const json = parseJson(text);
  if (json === undefined || !isJsonArray(json)) return undefined;
  return json.map((part) => (part === null || typeof part === 'string' ? part : reprintJson(part)));
}

export const mapFunctions: readonly ScalarFunction[] = [
  // What JSON_QUERY .. RETURNING ARRAY<STRING> makes of its JSON.
  structuredOfText('JSON LIST', texts, [{ args: ['text'], mayBeNull: true, call: jsonList }], 'The elements of a JSON array as texts.', [["JSON_QUERY('[1, \"a\", [2]]', '$' RETURNING ARRAY<STRING>)", '[1, a, [2]]']]),
  part('MAP_KEYS', (type) => entryTypes(type)[0], ({ offset }) => js`${offset} + 4`, (_map, valuesOf) => valuesOf, 'The keys of a map, in their order.', ["MAP_KEYS(MAP['b', 1, 'a', 2])", '[a, b]']),
  part('MAP_VALUES', (type) => entryTypes(type)[1], (_map, valuesOf) => valuesOf, ({ offset, length }) => js`${offset} + ${length}`, 'The values of a map, in the order of their keys.', ["MAP_VALUES(MAP['b', 1, 'a', 2])", '[2, 1]']),
  { name: 'MAP_ENTRIES', nulls: 'return-null', deterministic: true, overloads: [entries], doc: 'The entries of a map as rows of key and value.', examples: [{ sql: "MAP_ENTRIES(MAP['a', 1])", result: '[(a, 1)]' }] },
  { name: 'MAP_UNION', nulls: 'return-null', deterministic: true, overloads: [union], doc: 'The entries of all maps; of equal keys the last one stays.', examples: [{ sql: "MAP_UNION(MAP['a', 1, 'b', 2], MAP['a', 3])", result: '{a=3, b=2}' }] },
  { name: 'MAP_FROM_ARRAYS', nulls: 'return-null', deterministic: true, overloads: [fromArrays], doc: 'The map of an array of keys to an array of as many values.', examples: [{ sql: "MAP_FROM_ARRAYS(ARRAY['a', 'b'], ARRAY[1, 2])", result: '{a=1, b=2}' }] },
  structuredOfText('STR_TO_MAP', textMap, [{ args: ['text'], call: strToMap }, { args: ['text', 'text', 'text'], call: strToMap }], 'The map that a text lists: entries divided by the second argument, or a comma, keys and values by the third, or =; both are regular expressions.', [["STR_TO_MAP('a=1,b=2')", '{a=1, b=2}'], ["STR_TO_MAP('a:1;b', ';', ':')", '{a=1, b=NULL}']]),
  structuredOfText('SPLIT', texts, [{ args: ['text', 'text'], call: split }], 'The parts of a text between delimiters; its characters where the delimiter is empty.', [["SPLIT('a,b,', ',')", '[a, b, ]']]),
  structuredOfText('REGEXP_EXTRACT_ALL', texts, [{ args: ['text', 'text'], mayBeNull: true, call: extractAll }, { args: ['text', 'text', 'int'], mayBeNull: true, call: extractAll }], 'What a group of a regular expression (the first, or the one given; 0 for the whole) matched, each time; NULL for a pattern or a group that is none.', [["REGEXP_EXTRACT_ALL('a1b22', '([0-9]+)')", '[1, 22]']]),
];
