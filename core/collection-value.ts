import { unreachable } from './assert.ts';
import { compareEncoded, entryTypes, isFieldNull, isNullAt, readU32, rowShape, slotWidth, valueLength, valueStart, writeU32 } from './collection.ts';
import { layoutOf, type Layout } from './layout.ts';
import type { SqlType } from './sql-type.ts';
import type { SqlValue } from './sql-value.ts';

/** Encoded values as SqlValues and back. For the cold path: results, casts to text, formats' slow tiers. */

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

function viewOf(heap: Uint8Array): DataView {
  return new DataView(heap.buffer, heap.byteOffset, heap.byteLength);
}

/** The value of type `type` that lies at `at`: a slot's value, or `length` bytes. */
export function decodeValue(heap: Uint8Array, at: number, length: number, type: SqlType): SqlValue {
  const layout = layoutOf(type);
  if (layout !== 'bytes') return decodeSlot(viewOf(heap), at, layout, type);
  switch (type.kind) {
    case 'ARRAY':
      return decodeVector(heap, at, type.element);
    case 'MAP':
    case 'MULTISET': {
      const [key, value] = entryTypes(type);
      const values = decodeVector(heap, at + 4 + readU32(heap, at), value);
      return decodeVector(heap, at + 4, key).map((each, i) => [each, values[i] ?? null]);
    }
    case 'ROW':
      return decodeRow(heap, at, type.fields.map((field) => field.type));
    case 'CHAR':
    case 'VARCHAR':
      return utf8.decode(heap.subarray(at, at + length));
    default:
      return heap.slice(at, at + length);
  }
}

function decodeSlot(view: DataView, at: number, layout: Exclude<Layout, 'bytes'>, type: SqlType): SqlValue {
  switch (layout) {
    case 'u8':
      return view.getUint8(at) === 1;
    case 'i32':
      return type.kind === 'NULL' ? null : view.getInt32(at, true);
    case 'i64': {
      const value = view.getBigInt64(at, true);
      return type.kind === 'BIGINT' || type.kind === 'DECIMAL' ? value : Number(value);
    }
    case 'i64n':
      return { millis: Number(view.getBigInt64(at, true)), nanos: view.getInt32(at + 8, true) };
    case 'i128':
      return (view.getBigInt64(at + 8, true) << 64n) | view.getBigUint64(at, true);
    case 'f32':
      return view.getFloat32(at, true);
    case 'f64':
      return view.getFloat64(at, true);
    default:
      return unreachable(layout);
  }
}

function decodeVector(heap: Uint8Array, at: number, type: SqlType): readonly SqlValue[] {
  const layout = layoutOf(type);
  return Array.from({ length: readU32(heap, at) }, (_, i) => (isNullAt(heap, at, i) ? null : decodeValue(heap, valueStart(heap, at, i, layout), valueLength(heap, at, i, layout), type)));
}

function decodeRow(heap: Uint8Array, at: number, types: readonly SqlType[]): readonly SqlValue[] {
  const layouts = types.map(layoutOf);
  const { slots, head } = rowShape(layouts);
  let end = 0;
  return types.map((type, i) => {
    const slot = at + (slots[i] as number);
    const start = end;
    if (layouts[i] === 'bytes') end = readU32(heap, slot);
    if (isFieldNull(heap, at, i)) return null;
    return layouts[i] === 'bytes' ? decodeValue(heap, at + head + start, end - start, type) : decodeValue(heap, slot, 0, type);
  });
}

/** The bytes of a value that is not NULL: its slot, or what a slot of layout bytes speaks of. Of MAP: the last of equal keys stays. */
export function encodeValue(value: Exclude<SqlValue, null>, type: SqlType): Uint8Array {
  const layout = layoutOf(type);
  if (layout !== 'bytes') return encodeSlot(value, layout);
  switch (type.kind) {
    case 'ARRAY':
      return encodeVector(value as readonly SqlValue[], type.element);
    case 'MAP':
    case 'MULTISET':
      return encodeMap(value as readonly (readonly [SqlValue, SqlValue])[], type);
    case 'ROW':
      return encodeRow(value as readonly SqlValue[], type.fields.map((field) => field.type));
    case 'CHAR':
    case 'VARCHAR':
      return encoder.encode(value as string);
    default:
      return value as Uint8Array;
  }
}

function encodeSlot(value: Exclude<SqlValue, null>, layout: Exclude<Layout, 'bytes'>): Uint8Array {
  const bytes = new Uint8Array(slotWidth(layout));
  const view = viewOf(bytes);
  switch (layout) {
    case 'u8':
      view.setUint8(0, value === true ? 1 : 0);
      break;
    case 'i32':
      view.setInt32(0, value as number, true);
      break;
    case 'i64':
      view.setBigInt64(0, BigInt(value as number | bigint), true);
      break;
    case 'i64n': {
      const { millis, nanos } = typeof value === 'object' && 'millis' in value ? value : { millis: value as number, nanos: 0 };
      view.setBigInt64(0, BigInt(millis), true);
      view.setInt32(8, nanos, true);
      break;
    }
    case 'i128':
      view.setBigInt64(0, BigInt.asIntN(64, value as bigint), true);
      view.setBigInt64(8, BigInt.asIntN(64, (value as bigint) >> 64n), true);
      break;
    case 'f32':
      view.setFloat32(0, value === 0 ? 0 : (value as number), true);
      break;
    case 'f64':
      view.setFloat64(0, value === 0 ? 0 : (value as number), true);
      break;
    default:
      unreachable(layout);
  }
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32(bytes, 0, value);
  return bytes;
}

function nullBits(values: readonly SqlValue[]): Uint8Array {
  const bits = new Uint8Array((values.length + 7) >> 3);
  for (const [i, value] of values.entries()) if (value === null) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  return bits;
}

/** The slots of values and the bytes that those of layout bytes speak of. */
function slotsAndData(values: readonly SqlValue[], types: (index: number) => SqlType): readonly Uint8Array[] {
  const slots: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  let end = 0;
  for (const [i, value] of values.entries()) {
    const type = types(i);
    const layout = layoutOf(type);
    const encoded = value === null ? new Uint8Array(layout === 'bytes' ? 0 : slotWidth(layout)) : encodeValue(value, type);
    if (layout !== 'bytes') slots.push(encoded);
    else {
      data.push(encoded);
      end += encoded.length;
      slots.push(u32(end));
    }
  }
  return [...slots, ...data];
}

function encodeVector(values: readonly SqlValue[], type: SqlType): Uint8Array {
  return joined([u32(values.length), nullBits(values), ...slotsAndData(values, () => type)]);
}

function encodeRow(values: readonly SqlValue[], types: readonly SqlType[]): Uint8Array {
  const all = types.map((_, i) => values[i] ?? null);
  return joined([nullBits(all), ...slotsAndData(all, (i) => types[i] as SqlType)]);
}

function encodeMap(entries: readonly (readonly [SqlValue, SqlValue])[], type: SqlType): Uint8Array {
  const [keyType, valueType] = entryTypes(type);
  const layout = layoutOf(keyType);
  const keys = entries.map(([key]) => (key === null ? undefined : encodeValue(key, keyType)));
  const compare = (i: number, j: number): number => {
    const [a, b] = [keys[i], keys[j]];
    if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
    return compareEncoded(layout, a, 0, a.length, b, 0, b.length);
  };
  const order = entries.map((_, i) => i).sort((i, j) => compare(i, j) || i - j);
  const kept = order.filter((index, at) => at + 1 === order.length || compare(index, order[at + 1] as number) !== 0);
  const encodedKeys = encodeVector(kept.map((i) => entries[i]?.[0] ?? null), keyType);
  return joined([u32(encodedKeys.length), encodedKeys, encodeVector(kept.map((i) => entries[i]?.[1] ?? null), valueType)]);
}
