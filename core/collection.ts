import { compareBytes } from './hash.ts';
import { layoutOf, type Layout } from './layout.ts';
import type { SqlType } from './sql-type.ts';

/**
 * The canonical encoding of ARRAY, MAP, MULTISET, and of a ROW that is a value: equal values have equal bytes, so that they are hashed, compared
 * and kept as text is. All numbers are little-endian.
 * - a vector of n values of one type: n (u32), a bit for each value that says that it is NULL, a slot for each value, the bytes of values
 *   of layout bytes. A slot holds the value as its layout does; of layout bytes it holds the end of the value's bytes (u32), counted from
 *   behind the slots. Under a NULL are zeros, or no bytes.
 * - ARRAY: a vector
 * - MAP: the length in bytes of the vector of the keys (u32), the keys in their order, each once, the vector of the values
 * - MULTISET: a MAP from elements to how often they occur, an INT
 * - ROW: the bits of all fields, a slot for each, the bytes of those of layout bytes
 * DOUBLE and FLOAT: one NaN, and 0 for -0.
 */
const slotWidths: Readonly<Record<Layout, number>> = { u8: 1, i32: 4, i64: 8, i64n: 12, i128: 16, f32: 4, f64: 8, bytes: 4 };

/** The bytes of a slot. */
export function slotWidth(layout: Layout): number {
  return slotWidths[layout];
}

/** The types of a map's keys and values; of a MULTISET its elements and their counts. */
export function entryTypes(type: SqlType): readonly [SqlType, SqlType] {
  if (type.kind === 'MAP') return [type.key, type.value];
  return [type.kind === 'MULTISET' ? type.element : { kind: 'NULL', nullable: true }, { kind: 'INT', nullable: false }];
}

export function readU32(heap: Uint8Array, at: number): number {
  return ((heap[at] as number) | ((heap[at + 1] as number) << 8) | ((heap[at + 2] as number) << 16) | ((heap[at + 3] as number) << 24)) >>> 0;
}

export function writeU32(heap: Uint8Array, at: number, value: number): void {
  heap[at] = value;
  heap[at + 1] = value >> 8;
  heap[at + 2] = value >> 16;
  heap[at + 3] = value >>> 24;
}

/** How many values the vector at `at` has. */
export function countAt(heap: Uint8Array, at: number): number {
  return readU32(heap, at);
}

export function isNullAt(heap: Uint8Array, at: number, index: number): boolean {
  return (((heap[at + 4 + (index >> 3)] as number) >> (index & 7)) & 1) === 1;
}

/** Where value `index` of the vector at `at` lies. `layout` is that of its values, here and below. */
export function valueStart(heap: Uint8Array, at: number, index: number, layout: Layout): number {
  const count = readU32(heap, at);
  const slots = at + 4 + ((count + 7) >> 3);
  if (layout !== 'bytes') return slots + index * slotWidths[layout];
  return slots + 4 * count + (index === 0 ? 0 : readU32(heap, slots + 4 * (index - 1)));
}

/** How many bytes value `index` of the vector at `at` takes. */
export function valueLength(heap: Uint8Array, at: number, index: number, layout: Layout): number {
  if (layout !== 'bytes') return slotWidths[layout];
  const slots = at + 4 + ((readU32(heap, at) + 7) >> 3);
  return readU32(heap, slots + 4 * index) - (index === 0 ? 0 : readU32(heap, slots + 4 * (index - 1)));
}

/** Where the vector of the keys, and that of the values, of the map at `at` begins. */
export function keysAt(at: number): number {
  return at + 4;
}
export function valuesAt(heap: Uint8Array, at: number): number {
  return at + 4 + readU32(heap, at);
}

export function isFieldNull(heap: Uint8Array, at: number, index: number): boolean {
  return (((heap[at + (index >> 3)] as number) >> (index & 7)) & 1) === 1;
}

/** Where the slots of a row's fields stand, from the row's first byte on, and how many bytes lie before the first value of layout bytes. */
export function rowShape(layouts: readonly Layout[]): { readonly slots: readonly number[]; readonly head: number } {
  let head = (layouts.length + 7) >> 3;
  const slots = layouts.map((layout) => (head += slotWidths[layout]) - slotWidths[layout]);
  return { slots, head };
}

/** The place of the slot whose end is where the bytes of field `index` begin; -1 for the first field of layout bytes. */
export function slotBefore(layouts: readonly Layout[], index: number): number {
  const before = layouts.findLastIndex((layout, i) => i < index && layout === 'bytes');
  return before < 0 ? -1 : (rowShape(layouts).slots[before] ?? -1);
}

const words = new Int32Array(4);
const doubles = new Float64Array(words.buffer);
const floats = new Float32Array(words.buffer);
const bytes = new Uint8Array(words.buffer);

function doubleAt(heap: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) bytes[i] = heap[at + i] as number;
  return doubles[0] as number;
}

function floatAt(heap: Uint8Array, at: number): number {
  for (let i = 0; i < 4; i++) bytes[i] = heap[at + i] as number;
  return floats[0] as number;
}

/** Little-endian integers of `width` bytes with a sign, from the highest byte down. */
function compareIntegers(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, width: number): number {
  const high = (((a[aAt + width - 1] as number) << 24) >> 24) - (((b[bAt + width - 1] as number) << 24) >> 24);
  if (high !== 0) return high;
  for (let i = width - 2; i >= 0; i--) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** SQL's order of two values of one layout, where they lie encoded; NaN is above every number. Of structured values, an order. */
export function compareEncoded(layout: Layout, a: Uint8Array, aAt: number, aLength: number, b: Uint8Array, bAt: number, bLength: number): number {
  switch (layout) {
    case 'u8':
      return (a[aAt] as number) - (b[bAt] as number);
    case 'i32':
      return compareIntegers(a, aAt, b, bAt, 4);
    case 'i64':
      return compareIntegers(a, aAt, b, bAt, 8);
    case 'i64n':
      return compareIntegers(a, aAt, b, bAt, 8) || compareIntegers(a, aAt + 8, b, bAt + 8, 4);
    case 'i128':
      return compareIntegers(a, aAt, b, bAt, 16);
    case 'f32':
      return compareNumbers(floatAt(a, aAt), floatAt(b, bAt));
    case 'f64':
      return compareNumbers(doubleAt(a, aAt), doubleAt(b, bAt));
    case 'bytes':
      return compareBytes(a, aAt, aLength, b, bAt, bLength);
  }
}

function compareNumbers(a: number, b: number): number {
  if (a !== a) return b !== b ? 0 : 1;
  return b !== b || a < b ? -1 : a > b ? 1 : 0;
}

/** The layouts of a row's fields. */
export function layoutsOfRow(type: SqlType): readonly Layout[] {
  return type.kind === 'ROW' ? type.fields.map((field) => layoutOf(field.type)) : [];
}
