import type { ByteHeap } from '../core/byte-heap.ts';
import { js, joinJs } from '../core/code.ts';
import { countAt, isNullAt } from '../core/collection.ts';
import { decodeValue } from '../core/collection-value.ts';
import { compareValues, VectorWriter } from '../core/collection-writer.ts';
import { layoutOf } from '../core/layout.ts';
import { isStructured, isText, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitMade, emitNullableElement } from './collection-code.ts';
import type { Overload } from './definition.ts';
import type { OperandOf } from './operand.ts';
import { elementOf } from './structured.ts';

/** Functions of arrays that need to know more of elements than their bytes: their order, or that they are texts. */

/** True for types that have an order in Flink's functions of arrays. */
function isOrdered(type: SqlType): boolean {
  return !isStructured(type) && type.kind !== 'BOOLEAN';
}

/** The place of the least or greatest element, NULL left out; -1 of none. */
function placeOfExtreme(a: Uint8Array, at: number, sign: number, writer: VectorWriter): number {
  let best = -1;
  for (let i = 0; i < countAt(a, at); i++) {
    if (!isNullAt(a, at, i) && (best < 0 || compareValues(a, at, i, a, at, best, writer.layout) * sign < 0)) best = i;
  }
  return best;
}

/** ARRAY_MIN and ARRAY_MAX. */
export function extremeOverload(name: 'ARRAY_MIN' | 'ARRAY_MAX'): Overload {
  return {
    id: 'array',
    version: 1,
    accept: ([a, ...rest]) => (a?.kind === 'ARRAY' && rest.length === 0 && isOrdered(a.element) ? [a] : undefined),
    returns: ([a]) => withNullable(elementOf(a), true),
    emit: (code, [a], { result }) => {
      const array = a as OperandOf<'bytes'>;
      const writer = code.use(new VectorWriter(layoutOf(result)), 'writer');
      const best = code.define('i', js`${code.use(placeOfExtreme, 'extreme')}(${array.heap}, ${array.offset}, ${name === 'ARRAY_MIN' ? 1 : -1}, ${writer})`);
      return emitNullableElement(code, result, array.heap, array.offset, best, js`${best} < 0`);
    },
  };
}

function sort(heap: ByteHeap, writer: VectorWriter, a: Uint8Array, at: number, ascending: boolean, nullsFirst: boolean): number {
  const order = Int32Array.from({ length: countAt(a, at) }, (_, i) => i);
  order.sort((i, j) => {
    const [x, y] = [isNullAt(a, at, i), isNullAt(a, at, j)];
    if (x || y) return x && y ? i - j : x === nullsFirst ? -1 : 1;
    return compareValues(a, at, i, a, at, j, writer.layout) * (ascending ? 1 : -1) || i - j;
  });
  writer.begin();
  for (const index of order) writer.addFrom(a, at, index);
  return writer.finish(heap);
}

/** ARRAY_SORT. */
export const sortOverload: Overload = {
  id: 'array',
  version: 1,
  accept: ([a, ...flags]) => (a?.kind === 'ARRAY' && isOrdered(a.element) && flags.length <= 2 && flags.every((flag) => flag.kind === 'BOOLEAN' || flag.kind === 'NULL') ? [a, ...flags.map((flag) => withNullable(types.boolean, flag.nullable))] : undefined),
  returns: ([a]) => withNullable(a ?? types.nothing, false),
  emit: (code, [a, ...flags], { result, heap }) => {
    const array = a as OperandOf<'bytes'>;
    const [ascending = js`true`, nullsFirst] = flags.map((flag) => (flag as OperandOf<'bool'>).value);
    const writer = code.use(new VectorWriter(layoutOf(elementOf(result))), 'writer');
    return { operand: emitMade(code, heap, js`${code.use(sort, 'sort')}(${heap}, ${writer}, ${array.heap}, ${array.offset}, ${ascending}, ${nullsFirst ?? ascending})`), isNull: undefined };
  },
};

const utf8 = new TextDecoder();

function join(heap: ByteHeap, a: Uint8Array, at: number, length: number, separator: Uint8Array, offset: number, width: number, isKept: boolean, other: Uint8Array, otherAt: number, otherLength: number): number {
  const texts: string[] = [];
  const split = utf8.decode(separator.subarray(offset, offset + width));
  const instead = isKept ? utf8.decode(other.subarray(otherAt, otherAt + otherLength)) : '';
  for (const value of textsOf(a, at, length)) {
    if (value !== null) texts.push(value);
    else if (isKept) texts.push(instead);
  }
  return heap.appendText(texts.join(split));
}

function textsOf(a: Uint8Array, at: number, length: number): readonly (string | null)[] {
  return decodeValue(a, at, length, { kind: 'ARRAY', element: types.string, nullable: false }) as readonly (string | null)[];
}

/** ARRAY_JOIN. */
export const joinOverload: Overload = {
  id: 'texts',
  version: 1,
  accept: (args) => {
    const [a, ...texts] = args;
    if (a?.kind !== 'ARRAY' || !(isText(a.element) || a.element.kind === 'NULL') || texts.length < 1 || texts.length > 2 || !texts.every((type) => isText(type) || type.kind === 'NULL')) return undefined;
    return [withNullable({ kind: 'ARRAY', element: types.string, nullable: true }, a.nullable), ...texts.map((type) => withNullable(types.string, type.nullable))];
  },
  returns: () => withNullable(types.string, false),
  emit: (code, args, { heap }) => {
    const [array, separator, instead = separator] = args as readonly OperandOf<'bytes'>[];
    if (array === undefined || separator === undefined || instead === undefined) throw new Error('ARRAY_JOIN without a separator');
    const parts = [heap, array.heap, array.offset, array.length, separator.heap, separator.offset, separator.length, js`${args.length === 3}`, instead.heap, instead.offset, instead.length];
    return { operand: emitMade(code, heap, js`${code.use(join, 'join')}(${joinJs(parts, ', ')})`), isNull: undefined };
  },
};

