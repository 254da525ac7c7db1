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
  writeSlot(viewOf(bytes), 0, value, layout);
  return bytes;
}

function writeSlot(view: DataView, at: number, value: Exclude<SqlValue, null>, layout: Exclude<Layout, 'bytes'>): void {
  switch (layout) {
    case 'u8':
      view.setUint8(at, value === true ? 1 : 0);
      return;
    case 'i32':
      view.setInt32(at, value as number, true);
      return;
    case 'i64':
      view.setBigInt64(at, BigInt(value as number | bigint), true);
      return;
    case 'i64n': {
      const { millis, nanos } = typeof value === 'object' && 'millis' in value ? value : { millis: value as number, nanos: 0 };
      view.setBigInt64(at, BigInt(millis), true);
      view.setInt32(at + 8, nanos, true);
      return;
    }
    case 'i128':
      view.setBigInt64(at, BigInt.asIntN(64, value as bigint), true);
      view.setBigInt64(at + 8, BigInt.asIntN(64, (value as bigint) >> 64n), true);
      return;
    case 'f32':
      view.setFloat32(at, value === 0 ? 0 : (value as number), true);
      return;
    case 'f64':
      view.setFloat64(at, value === 0 ? 0 : (value as number), true);
      return;
    default:
      unreachable(layout);
  }
}

/** `head` bytes that the caller fills; then the bits of NULLs, the slots of the values, and the bytes that slots of layout bytes speak of. */
function pack(head: number, values: readonly SqlValue[], layouts: (index: number) => Layout, types: (index: number) => SqlType): Uint8Array {
  const texts: (Uint8Array | string)[] = [];
  let slot = head + ((values.length + 7) >> 3);
  let data = slot;
  let size = slot;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    const layout = layouts(i);
    data += slotWidth(layout);
    size += slotWidth(layout);
    if (layout !== 'bytes') continue;
    const text = value === null ? '' : typeof value === 'string' && isShortAscii(value) ? value : encodeValue(value, types(i));
    texts.push(text);
    size += text.length;
  }
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  const start = data;
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    const layout = layouts(i);
    if (value === null) bytes[head + (i >> 3)] = (bytes[head + (i >> 3)] as number) | (1 << (i & 7));
    if (layout === 'bytes') {
      const text = texts[next++] as Uint8Array | string;
      if (typeof text !== 'string') bytes.set(text, data);
      else for (let c = 0; c < text.length; c++) bytes[data + c] = text.charCodeAt(c);
      data += text.length;
      writeU32(bytes, slot, data - start);
    } else if (value !== null) writeSlot(view, slot, value, layout);
    slot += slotWidth(layout);
  }
  return bytes;
}

/** True for a text whose bytes are quicker written one by one than by the encoder. */
function isShortAscii(text: string): boolean {
  if (text.length > 64) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

function encodeVector(values: readonly SqlValue[], type: SqlType): Uint8Array {
  const layout = layoutOf(type);
  const bytes = pack(4, values, () => layout, () => type);
  writeU32(bytes, 0, values.length);
  return bytes;
}

function encodeRow(values: readonly SqlValue[], types: readonly SqlType[]): Uint8Array {
  const layouts = types.map(layoutOf);
  return pack(0, types.map((_, i) => values[i] ?? null), (i) => layouts[i] as Layout, (i) => types[i] as SqlType);
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
  const encodedValues = encodeVector(kept.map((i) => entries[i]?.[1] ?? null), valueType);
  const bytes = new Uint8Array(4 + encodedKeys.length + encodedValues.length);
  writeU32(bytes, 0, encodedKeys.length);
  bytes.set(encodedKeys, 4);
  bytes.set(encodedValues, 4 + encodedKeys.length);
  return bytes;
}
