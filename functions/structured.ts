import { js } from '../core/code.ts';
import { countAt, isFieldNull, keysAt, readU32, rowShape, slotBefore, valuesAt } from '../core/collection.ts';
import { MapWriter, RowWriter, ValueFinder, VectorWriter } from '../core/collection-writer.ts';
import type { CodeBuilder, Js } from '../core/code.ts';
import { layoutOf } from '../core/layout.ts';
import { canWidenTo, commonType, isInteger, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitAdd, emitMade, emitNullableElement, emitRead, emitVectorOf } from './collection-code.ts';
import type { ScalarFunction } from './definition.ts';
import { assign, classOf, declare, type Operand, type OperandOf, type Value } from './operand.ts';

/** What makes ARRAY, MAP and ROW, and what takes single values out of them. Source: Flink's documentation, value construction and collection functions. */

/** The one type of all given ones. */
function commonOfAll(given: readonly SqlType[]): SqlType | undefined {
  let common: SqlType | undefined = given[0];
  for (const type of given.slice(1)) common = common === undefined ? undefined : commonType(common, type);
  return common === undefined ? undefined : withNullable(common, given.some((type) => type.nullable));
}

const makeArray: ScalarFunction = {
  name: 'ARRAY',
  nulls: 'call',
  deterministic: true,
  overloads: [
    {
      id: 'values',
      version: 1,
      accept: (args) => {
        const common = commonOfAll(args);
        return common && args.map((arg) => withNullable(common, arg.nullable));
      },
      returns: (args) => ({ kind: 'ARRAY', element: commonOfAll(args) ?? types.nothing, nullable: false }),
      emit: () => never(),
      emitNullable: (code, args, { result, heap }) => known(emitVectorOf(code, new VectorWriter(layoutOf(elementOf(result))), args, heap)),
    },
  ],
  doc: 'The array of the values, which are brought to one type.',
  examples: [{ sql: 'ARRAY[1, NULL, 3]', result: '[1, NULL, 3]' }],
};

const makeMap: ScalarFunction = {
  name: 'MAP',
  nulls: 'call',
  deterministic: true,
  overloads: [
    {
      id: 'entries',
      version: 1,
      accept: (args) => {
        const [key, value] = [commonOfAll(args.filter((_, i) => i % 2 === 0)), commonOfAll(args.filter((_, i) => i % 2 === 1))];
        return args.length % 2 === 0 && key && value && args.map((arg, i) => withNullable(i % 2 === 0 ? key : value, arg.nullable)) || undefined;
      },
      returns: (args) => ({ kind: 'MAP', key: commonOfAll(args.filter((_, i) => i % 2 === 0)) ?? types.nothing, value: commonOfAll(args.filter((_, i) => i % 2 === 1)) ?? types.nothing, nullable: false }),
      emit: () => never(),
      emitNullable: (code, args, { result, heap }) => {
        if (result.kind !== 'MAP') return never();
        const writer = new MapWriter(layoutOf(result.key), layoutOf(result.value));
        code.line(js`${code.use(writer, 'map')}.begin();`);
        for (const [i, arg] of args.entries()) {
          const part = i % 2 === 0 ? writer.keys : writer.values;
          emitAdd(code, part, part.cell, arg);
        }
        return known(emitMade(code, heap, js`${code.use(writer, 'map')}.finish(${heap})`));
      },
    },
  ],
  doc: 'The map of keys to values, given in turn; of equal keys the last one stays. Its entries stand in the order of their keys.',
  examples: [{ sql: "MAP['a', 1, 'b', 2]", result: '{a=1, b=2}' }],
};

const makeRow: ScalarFunction = {
  name: 'ROW',
  nulls: 'call',
  deterministic: true,
  overloads: [
    {
      id: 'fields',
      version: 1,
      accept: (args) => (args.length === 0 ? undefined : args),
      returns: (args) => ({ kind: 'ROW', fields: args.map((type, i) => ({ name: `EXPR$${i}`, type })), nullable: false }),
      emit: () => never(),
      emitNullable: (code, args, types) => known(emitRow(code, args, types.args, types.heap)),
    },
  ],
  doc: 'The row of the values, whose fields are named EXPR$0, EXPR$1 and so on.',
  examples: [{ sql: "ROW(1, 'a', NULLIF(1, 1))", result: '(1, a, NULL)' }],
};

/** The row of values of given types. */
export function emitRow(code: CodeBuilder, fields: readonly Value[], of: readonly SqlType[], heap: Js): OperandOf<'bytes'> {
  const writer = new RowWriter(of.map(layoutOf));
  code.line(js`${code.use(writer, 'row')}.begin();`);
  for (const [i, field] of fields.entries()) {
    const cell = writer.cells[i];
    if (cell !== undefined) emitAdd(code, writer, cell, field);
  }
  return emitMade(code, heap, js`${code.use(writer, 'row')}.finish(${heap})`);
}

/** Field `index` of a row that is not NULL. */
export function emitField(code: CodeBuilder, row: OperandOf<'bytes'>, type: SqlType, index: number): Value {
  if (type.kind !== 'ROW') return never();
  const layouts = type.fields.map((field) => layoutOf(field.type));
  const { slots, head } = rowShape(layouts);
  const of = type.fields[index]?.type ?? types.nothing;
  const slot = js`${row.offset} + ${slots[index] ?? 0}`;
  const result = declare(code, classOf(of) ?? 'int');
  const isNull = code.define('n', js`${code.use(isFieldNull, 'isFieldNull')}(${row.heap}, ${row.offset}, ${index})`);
  code.block(js`if (!${isNull})`, () => {
    if (layouts[index] !== 'bytes') {
      assign(code, result, emitRead(code, of, row.heap, slot, js`0`));
      return;
    }
    const read = code.use(readU32, 'readU32');
    const before = slotBefore(layouts, index);
    const begin = code.define('at', before < 0 ? js`0` : js`${read}(${row.heap}, ${row.offset} + ${before})`);
    assign(code, result, { class: 'bytes', heap: row.heap, offset: js`${row.offset} + ${head} + ${begin}`, length: js`${read}(${row.heap}, ${slot}) - ${begin}` });
  });
  return { operand: result, isNull };
}

const item: ScalarFunction = {
  name: 'ITEM',
  nulls: 'return-null',
  deterministic: true,
  overloads: [
    {
      id: 'array',
      version: 1,
      accept: ([a, i, ...rest]) => (a?.kind === 'ARRAY' && i !== undefined && rest.length === 0 && (isInteger(i) || i.kind === 'NULL') ? [a, withNullable(types.int, i.nullable)] : undefined),
      returns: ([a]) => withNullable(elementOf(a), true),
      emit: (code, [a, i], { result }) => {
        const array = a as OperandOf<'bytes'>;
        const index = code.define('i', js`${(i as OperandOf<'int'>).value} - 1`);
        return emitNullableElement(code, result, array.heap, array.offset, index, js`${index} < 0 || ${index} >= ${code.use(countAt, 'countAt')}(${array.heap}, ${array.offset})`);
      },
    },
    {
      id: 'map',
      version: 1,
      accept: ([m, key, ...rest]) => (m?.kind === 'MAP' && key !== undefined && rest.length === 0 && canWidenTo(key, m.key) ? [m, withNullable(m.key, key.nullable)] : undefined),
      returns: ([m]) => withNullable(m?.kind === 'MAP' ? m.value : types.nothing, true),
      emit: (code, [m, key], { args, result }) => {
        const map = m as OperandOf<'bytes'>;
        const found = emitFind(code, map.heap, js`${code.use(keysAt, 'keysAt')}(${map.offset})`, known(key as Operand), args[1] ?? types.nothing);
        const values = code.define('at', js`${code.use(valuesAt, 'valuesAt')}(${map.heap}, ${map.offset})`);
        return emitNullableElement(code, result, map.heap, values, found, js`${found} < 0`);
      },
    },
  ],
  doc: 'Element i of an array, from 1, or the value of a key of a map; NULL where there is none. Written a[i] and m[key].',
  examples: [
    { sql: 'ARRAY[5, 6][2]', result: '6' },
    { sql: "MAP['a', 1]['b']", result: null },
  ],
};

/** The place of a value in the vector at `at`, or -1. */
export function emitFind(code: CodeBuilder, heap: Js, at: Js, value: Value, type: SqlType): Js {
  const finder = new ValueFinder(layoutOf(type));
  emitAdd(code, finder.writer, finder.writer.cell, value);
  return code.define('i', js`${code.use(finder, 'finder')}.find(${heap}, ${at})`);
}

const cardinality: ScalarFunction = {
  name: 'CARDINALITY',
  nulls: 'return-null',
  deterministic: true,
  overloads: [
    {
      id: 'collection',
      version: 1,
      accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && (a.kind === 'ARRAY' || a.kind === 'MAP' || a.kind === 'MULTISET') ? [a] : undefined),
      returns: () => ({ kind: 'INT', nullable: false }),
      emit: (code, [a], { args: [type] }) => {
        const value = a as OperandOf<'bytes'>;
        return known({ class: 'int', value: code.define('i', js`${code.use(countAt, 'countAt')}(${value.heap}, ${value.offset}${type?.kind === 'ARRAY' ? js`` : js` + 4`})`) });
      },
    },
  ],
  doc: 'How many elements an array has, or entries a map.',
  examples: [{ sql: 'CARDINALITY(ARRAY[1, NULL])', result: '2' }],
};

const element: ScalarFunction = {
  name: 'ELEMENT',
  nulls: 'return-null',
  deterministic: true,
  overloads: [
    {
      id: 'array',
      version: 1,
      accept: ([a, ...rest]) => (a?.kind === 'ARRAY' && rest.length === 0 ? [a] : undefined),
      returns: ([a]) => withNullable(elementOf(a), true),
      emit: (code, [a], { result }) => {
        const array = a as OperandOf<'bytes'>;
        const count = code.define('i', js`${code.use(countAt, 'countAt')}(${array.heap}, ${array.offset})`);
        code.line(js`if (${count} > 1) throw new RangeError('ELEMENT takes an array of one element at most');`);
        return emitNullableElement(code, result, array.heap, array.offset, js`0`, js`${count} === 0`);
      },
    },
  ],
  doc: 'The only element of an array; NULL of an empty one, an error where there are several.',
  examples: [{ sql: 'ELEMENT(ARRAY[7])', result: '7' }],
};

export function elementOf(type: SqlType | undefined): SqlType {
  return type?.kind === 'ARRAY' || type?.kind === 'MULTISET' ? type.element : types.nothing;
}

function known(operand: Operand): Value {
  return { operand, isNull: undefined };
}

function never(): never {
  throw new Error('the call has no such code');
}

export const structuredFunctions: readonly ScalarFunction[] = [makeArray, makeMap, makeRow, item, cardinality, element];
