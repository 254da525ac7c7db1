import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { countAt } from '../core/collection.ts';
import { findValue, ValueFinder, VectorWriter } from '../core/collection-writer.ts';
import { layoutOf } from '../core/layout.ts';
import { canStoreAs, commonType, isInteger, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitAdd, emitMade, emitUnlessNull, emitVectorOf } from './collection-code.ts';
import { extremeOverload, joinOverload, sortOverload } from './array-order.ts';
import type { Example, Overload, ScalarFunction } from './definition.ts';
import type { Operand, OperandOf, Value } from './operand.ts';
import { elementOf, emitFind } from './structured.ts';

/**
 * Functions of arrays, over their encodings: elements are moved and compared as bytes, whatever their type. Source: Flink's documentation,
 * collection functions.
 */

type Make = (heap: ByteHeap, writer: VectorWriter, a: Uint8Array, aAt: number, b: Uint8Array, bAt: number) => number;

function bytesOf(operand: Operand | undefined): OperandOf<'bytes'> {
  return operand as OperandOf<'bytes'>;
}

function known(operand: Operand): Value {
  return { operand, isNull: undefined };
}

function never(): never {
  throw new Error('the call has no such code');
}

function define(name: string, nulls: ScalarFunction['nulls'], overloads: readonly Overload[], doc: string, examples: readonly (readonly [string, string | null])[]): ScalarFunction {
  return { name, nulls, deterministic: true, overloads, doc, examples: examples.map(([sql, result]): Example => ({ sql, result })) };
}

const isArray = (type: SqlType | undefined): boolean => type?.kind === 'ARRAY';
const notNull = (type: SqlType): SqlType => withNullable(type, false);

/** An array from one or two arrays of one type. */
function emitMake(code: CodeBuilder, make: Make, type: SqlType, heap: Js, a: OperandOf<'bytes'>, b = a): OperandOf<'bytes'> {
  const writer = code.use(new VectorWriter(layoutOf(elementOf(type))), 'writer');
  return emitMade(code, heap, js`${code.use(make, 'make')}(${heap}, ${writer}, ${a.heap}, ${a.offset}, ${b.heap}, ${b.offset})`);
}

/** A function of one array that gives an array of its type. */
function ofOne(name: string, make: Make, doc: string, examples: readonly (readonly [string, string | null])[]): ScalarFunction {
  const overload: Overload = {
    id: 'array',
    version: 1,
    accept: ([a, ...rest]) => (a !== undefined && isArray(a) && rest.length === 0 ? [a] : undefined),
    returns: ([a]) => notNull(a ?? types.nothing),
    emit: (code, [a], { result, heap }) => known(emitMake(code, make, result, heap, bytesOf(a))),
  };
  return define(name, 'return-null', [overload], doc, examples);
}

/** A function of two arrays of one type that gives such an array. */
function ofTwo(name: string, make: Make, doc: string, examples: readonly (readonly [string, string | null])[]): ScalarFunction {
  const overload: Overload = {
    id: 'arrays',
    version: 1,
    accept: ([a, b, ...rest]) => {
      const common = a === undefined || b === undefined || rest.length > 0 ? undefined : commonType(a, b);
      return common?.kind === 'ARRAY' && a !== undefined && b !== undefined ? [withNullable(common, a.nullable), withNullable(common, b.nullable)] : undefined;
    },
    returns: ([a]) => notNull(a ?? types.nothing),
    emit: (code, [a, b], { result, heap }) => known(emitMake(code, make, result, heap, bytesOf(a), bytesOf(b))),
  };
  return define(name, 'return-null', [overload], doc, examples);
}

/** The arguments of a function of an array and a value that stands for an element, which may be NULL. `widens`: the array takes the value's type. */
function arrayAndElement([a, x, ...rest]: readonly SqlType[], widens: boolean): readonly SqlType[] | undefined {
  if (a?.kind !== 'ARRAY' || x === undefined || rest.length > 0) return undefined;
  const element = widens ? commonType(a.element, x) : canStoreAs(x, a.element) ? a.element : undefined;
  return element && [{ kind: 'ARRAY', element: withNullable(element, a.element.nullable || (widens && x.nullable)), nullable: a.nullable }, withNullable(element, x.nullable)];
}

/** ARRAY_APPEND and ARRAY_PREPEND. */
function withElement(name: string, isFirst: boolean, doc: string, example: readonly [string, string]): ScalarFunction {
  const overload: Overload = {
    id: 'element',
    version: 1,
    accept: (args) => arrayAndElement(args, true),
    returns: ([a]) => a ?? types.nothing,
    emit: () => never(),
    emitNullable: (code, [a, x], { result, heap }) =>
      emitUnlessNull(code, [a as Value], result, () => {
        const array = bytesOf(a?.operand);
        const one = emitVectorOf(code, new VectorWriter(layoutOf(elementOf(result))), [x as Value], heap);
        return known(isFirst ? emitMake(code, concat, result, heap, one, array) : emitMake(code, concat, result, heap, array, one));
      }),
  };
  return define(name, 'call', [overload], doc, [example]);
}

const concat: Make = (heap, writer, a, aAt, b, bAt) => {
  writer.begin();
  for (let i = 0; i < countAt(a, aAt); i++) writer.addFrom(a, aAt, i);
  for (let i = 0; i < countAt(b, bAt); i++) writer.addFrom(b, bAt, i);
  return writer.finish(heap);
};

const reverse: Make = (heap, writer, a, aAt) => {
  writer.begin();
  for (let i = countAt(a, aAt) - 1; i >= 0; i--) writer.addFrom(a, aAt, i);
  return writer.finish(heap);
};

/** The elements of the first array, and for `union` of the second behind them, each once, that are (or with `isIn` false, are not) in the second. */
function choose(isIn: boolean | undefined): Make {
  return (heap, writer, a, aAt, b, bAt) => {
    writer.begin();
    const { layout } = writer;
    const count = countAt(a, aAt);
    for (let i = 0; i < count; i++) {
      if (findValue(a, aAt, a, aAt, i, layout) < i) continue;
      if (isIn === undefined || findValue(b, bAt, a, aAt, i, layout) >= 0 === isIn) writer.addFrom(a, aAt, i);
    }
    return writer.finish(heap);
  };
}

const union: Make = (heap, writer, a, aAt, b, bAt) => {
  writer.begin();
  const { layout } = writer;
  for (let i = 0; i < countAt(a, aAt); i++) if (findValue(a, aAt, a, aAt, i, layout) === i) writer.addFrom(a, aAt, i);
  for (let i = 0; i < countAt(b, bAt); i++) if (findValue(b, bAt, b, bAt, i, layout) === i && findValue(a, aAt, b, bAt, i, layout) < 0) writer.addFrom(b, bAt, i);
  return writer.finish(heap);
};

/** ARRAY_CONTAINS: NULL counts as an element. */
const contains: Overload = {
  id: 'element',
  version: 1,
  accept: (args) => arrayAndElement(args, false),
  returns: ([a]) => ({ kind: 'BOOLEAN', nullable: a?.nullable ?? true }),
  emit: () => never(),
  emitNullable: (code, [a, x], { args, result }) =>
    emitUnlessNull(code, [a as Value], result, () => {
      const array = bytesOf(a?.operand);
      return known({ class: 'bool', value: code.define('b', js`${emitFind(code, array.heap, array.offset, x as Value, args[1] ?? types.nothing)} >= 0`) });
    }),
};

/** ARRAY_POSITION: NULL, not an element, is the place of NULL. */
const position: Overload = {
  id: 'element',
  version: 1,
  accept: (args) => arrayAndElement(args, false),
  returns: ([a, x]) => ({ kind: 'INT', nullable: a?.nullable !== false || x?.nullable !== false }),
  emit: () => never(),
  emitNullable: (code, [a, x], { args, result }) =>
    emitUnlessNull(code, [a as Value, x as Value], result, () => {
      const array = bytesOf(a?.operand);
      return known({ class: 'int', value: code.define('i', js`${emitFind(code, array.heap, array.offset, x as Value, args[1] ?? types.nothing)} + 1`) });
    }),
};

const remove: Overload = {
  id: 'element',
  version: 1,
  accept: (args) => arrayAndElement(args, false),
  returns: ([a]) => a ?? types.nothing,
  emit: () => never(),
  emitNullable: (code, [a, x], { result, heap }) =>
    emitUnlessNull(code, [a as Value], result, () => {
      const array = bytesOf(a?.operand);
      const layout = layoutOf(elementOf(result));
      const finder = new ValueFinder(layout);
      emitAdd(code, finder.writer, finder.writer.cell, x as Value);
      return known(emitMade(code, heap, js`${code.use(finder, 'finder')}.without(${heap}, ${code.use(new VectorWriter(layout), 'rest')}, ${array.heap}, ${array.offset})`));
    }),
};

/** A place counted from 1, or from -1 backwards; 0 is the first. */
function slice(heap: ByteHeap, writer: VectorWriter, a: Uint8Array, at: number, from: number, to: number): number {
  const count = countAt(a, at);
  const place = (given: number): number => (given === 0 ? 1 : given < 0 ? count + given + 1 : given);
  const last = Math.min(count, place(to));
  writer.begin();
  for (let i = Math.max(1, place(from)); i <= last; i++) writer.addFrom(a, at, i - 1);
  return writer.finish(heap);
}

const sliceOverload: Overload = {
  id: 'places',
  version: 1,
  accept: ([a, from, to, ...rest]) => {
    const isPlace = (type: SqlType): boolean => type.kind === 'NULL' || (isInteger(type) && type.kind !== 'BIGINT');
    if (a === undefined || !isArray(a) || from === undefined || rest.length > 0 || !isPlace(from) || (to !== undefined && !isPlace(to))) return undefined;
    return [a, ...[from, to].flatMap((type) => (type === undefined ? [] : [withNullable(types.int, type.nullable)]))];
  },
  returns: ([a]) => notNull(a ?? types.nothing),
  emit: (code, [a, from, to], { result, heap }) => {
    const array = bytesOf(a);
    const writer = code.use(new VectorWriter(layoutOf(elementOf(result))), 'writer');
    const end = to === undefined ? js`-1` : (to as OperandOf<'int'>).value;
    return known(emitMade(code, heap, js`${code.use(slice, 'slice')}(${heap}, ${writer}, ${array.heap}, ${array.offset}, ${(from as OperandOf<'int'>).value}, ${end})`));
  },
};

const concatOverload: Overload = {
  id: 'arrays',
  version: 1,
  accept: (args) => {
    let common = args[0];
    for (const type of args.slice(1)) common = common && commonType(common, type);
    return common?.kind === 'ARRAY' ? args.map((arg) => withNullable(common, arg.nullable)) : undefined;
  },
  returns: ([a]) => notNull(a ?? types.nothing),
  emit: (code, args, { result, heap }) => known(args.slice(1).reduce<OperandOf<'bytes'>>((all, next) => emitMake(code, concat, result, heap, all, bytesOf(next)), bytesOf(args[0]))),
};

export const arrayFunctions: readonly ScalarFunction[] = [
  withElement('ARRAY_APPEND', false, 'The array with one more element behind it.', ['ARRAY_APPEND(ARRAY[1], 2)', '[1, 2]']),
  withElement('ARRAY_PREPEND', true, 'The array with one more element before it.', ['ARRAY_PREPEND(ARRAY[1], 2)', '[2, 1]']),
  define('ARRAY_CONCAT', 'return-null', [concatOverload], 'The arrays one behind the other.', [['ARRAY_CONCAT(ARRAY[1], ARRAY[2], ARRAY[1])', '[1, 2, 1]']]),
  define('ARRAY_CONTAINS', 'call', [contains], 'TRUE when the value is an element of the array.', [['ARRAY_CONTAINS(ARRAY[1, 2], 2)', 'TRUE']]),
  define('ARRAY_POSITION', 'call', [position], 'The place of the first such element, from 1; 0 when there is none. NULL has no place.', [['ARRAY_POSITION(ARRAY[5, 6], 6)', '2'], ['ARRAY_POSITION(ARRAY[5, NULL], CAST(NULL AS INT))', null]]),
  define('ARRAY_REMOVE', 'call', [remove], 'The array without the elements that are equal to the value.', [['ARRAY_REMOVE(ARRAY[1, 2, 1], 1)', '[2]']]),
  define('ARRAY_SLICE', 'return-null', [sliceOverload], 'The elements from one place to another, or to the end; counted from 1, or backwards from -1.', [['ARRAY_SLICE(ARRAY[1, 2, 3], 2)', '[2, 3]'], ['ARRAY_SLICE(ARRAY[1, 2, 3], -3, -2)', '[1, 2]']]),
  define('ARRAY_SORT', 'return-null', [sortOverload], 'The elements in order; descending when the second argument is FALSE. NULL stands first, or last when descending, or as the third says.', [['ARRAY_SORT(ARRAY[3, NULL, 1])', '[NULL, 1, 3]'], ['ARRAY_SORT(ARRAY[3, NULL, 4], FALSE)', '[4, 3, NULL]']]),
  define('ARRAY_JOIN', 'return-null', [joinOverload], 'The texts with a separator between; NULL is left out, or stands as the third argument.', [["ARRAY_JOIN(ARRAY['a', NULL, 'b'], '-')", 'a-b'], ["ARRAY_JOIN(ARRAY['a', NULL], '-', '?')", 'a-?']]),
  define('ARRAY_MIN', 'return-null', [extremeOverload('ARRAY_MIN')], 'The least element, NULL left out; NULL of none.', [['ARRAY_MIN(ARRAY[3, NULL, 1])', '1']]),
  define('ARRAY_MAX', 'return-null', [extremeOverload('ARRAY_MAX')], 'The greatest element, NULL left out; NULL of none.', [['ARRAY_MAX(ARRAY[3, NULL, 1])', '3']]),
  ofOne('ARRAY_DISTINCT', choose(undefined), 'The elements, each once, where it stands first.', [['ARRAY_DISTINCT(ARRAY[2, 1, 2])', '[2, 1]']]),
  ofOne('ARRAY_REVERSE', reverse, 'The elements from the last to the first.', [['ARRAY_REVERSE(ARRAY[1, 2])', '[2, 1]']]),
  ofTwo('ARRAY_EXCEPT', choose(false), 'The elements of the first array that are not in the second, each once.', [['ARRAY_EXCEPT(ARRAY[3, 1, 3], ARRAY[1])', '[3]']]),
  ofTwo('ARRAY_INTERSECT', choose(true), 'The elements of the first array that are in the second too, each once.', [['ARRAY_INTERSECT(ARRAY[3, 1, 3], ARRAY[3])', '[3]']]),
  ofTwo('ARRAY_UNION', union, 'The elements of both arrays, each once.', [['ARRAY_UNION(ARRAY[3, 1], ARRAY[2, 1])', '[3, 1, 2]']]),
];
