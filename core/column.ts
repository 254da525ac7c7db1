import { unreachable } from './assert.ts';
import type { Layout } from './layout.ts';

interface Nullable {
  /** 1 where the row is NULL; absent when no row of the batch is. The value under a NULL is zero or empty, always. */
  nulls: Uint8Array | undefined;
}

export interface U8Column extends Nullable {
  readonly layout: 'u8';
  values: Uint8Array;
}
export interface I32Column extends Nullable {
  readonly layout: 'i32';
  values: Int32Array;
}
/** `words` lies over the same buffer as `values`: word 2i is the low half of value i, word 2i+1 the high half. */
export interface I64Column extends Nullable {
  readonly layout: 'i64';
  values: BigInt64Array;
  words: Int32Array;
}
export interface I64NColumn extends Nullable {
  readonly layout: 'i64n';
  values: BigInt64Array;
  words: Int32Array;
  nanos: Int32Array;
}
export interface I128Column extends Nullable {
  readonly layout: 'i128';
  values: BigInt64Array;
  words: Int32Array;
  high: BigInt64Array;
  highWords: Int32Array;
}
export interface F32Column extends Nullable {
  readonly layout: 'f32';
  values: Float32Array;
}
export interface F64Column extends Nullable {
  readonly layout: 'f64';
  values: Float64Array;
}
/** Value i is heap[offsets[i] .. offsets[i] + lengths[i]). Every heap has 8 readable bytes after its last value. */
export interface BytesColumn extends Nullable {
  readonly layout: 'bytes';
  heap: Uint8Array;
  offsets: Int32Array;
  lengths: Int32Array;
  /** True: each value may stand between the quotes of a JSON text as it is. False says nothing. */
  isPlain: boolean;
}

export type Column = U8Column | I32Column | I64Column | I64NColumn | I128Column | F32Column | F64Column | BytesColumn;

const emptyHeap = new Uint8Array(8);

/** Where arrays are made: `bytes` zeros, at a multiple of 16, that nobody else has. */
export interface ArraySpace {
  take(bytes: number): { readonly buffer: ArrayBufferLike; readonly offset: number };
}

const ownBuffers: ArraySpace = { take: (bytes) => ({ buffer: new ArrayBuffer(bytes), offset: 0 }) };

/** A column of zeros without NULLs, with room for `capacity` rows. */
export function allocateColumn(layout: Layout, capacity: number, space: ArraySpace = ownBuffers): Column {
  const bytes = (): Uint8Array => {
    const { buffer, offset } = space.take(capacity);
    return new Uint8Array(buffer, offset, capacity);
  };
  const ints = (): Int32Array => {
    const { buffer, offset } = space.take(capacity * 4);
    return new Int32Array(buffer, offset, capacity);
  };
  const longs = (): { values: BigInt64Array; words: Int32Array } => {
    const { buffer, offset } = space.take(capacity * 8);
    return { values: new BigInt64Array(buffer, offset, capacity), words: new Int32Array(buffer, offset, capacity * 2) };
  };
  switch (layout) {
    case 'u8':
      return { layout, values: bytes(), nulls: undefined };
    case 'i32':
      return { layout, values: ints(), nulls: undefined };
    case 'i64':
      return { layout, ...longs(), nulls: undefined };
    case 'i64n':
      return { layout, ...longs(), nanos: ints(), nulls: undefined };
    case 'i128': {
      const low = longs();
      const high = longs();
      return { layout, ...low, high: high.values, highWords: high.words, nulls: undefined };
    }
    case 'f32': {
      const { buffer, offset } = space.take(capacity * 4);
      return { layout, values: new Float32Array(buffer, offset, capacity), nulls: undefined };
    }
    case 'f64': {
      const { buffer, offset } = space.take(capacity * 8);
      return { layout, values: new Float64Array(buffer, offset, capacity), nulls: undefined };
    }
    case 'bytes':
      return { layout, heap: emptyHeap, offsets: ints(), lengths: ints(), isPlain: false, nulls: undefined };
    default:
      return unreachable(layout);
  }
}

/** The typed arrays of a column in a fixed order: what a generated kernel takes as its arguments. `columnSlots` names them. */
export function columnArrays(column: Column): readonly ArrayBufferView[] {
  switch (column.layout) {
    case 'u8':
    case 'i32':
    case 'f32':
    case 'f64':
      return [column.values];
    case 'i64':
      return [column.values, column.words];
    case 'i64n':
      return [column.values, column.words, column.nanos];
    case 'i128':
      return [column.values, column.words, column.high, column.highWords];
    case 'bytes':
      return [column.heap, column.offsets, column.lengths];
    default:
      return unreachable(column);
  }
}

/** The names of the arrays that `columnArrays` gives for a layout, in its order. */
export const columnSlots: Readonly<Record<Layout, readonly string[]>> = {
  u8: ['values'],
  i32: ['values'],
  i64: ['values', 'words'],
  i64n: ['values', 'words', 'nanos'],
  i128: ['values', 'words', 'high', 'highWords'],
  f32: ['values'],
  f64: ['values'],
  bytes: ['heap', 'offsets', 'lengths'],
};

/** Fills every array of a column with garbage: what tests do to a batch after its call, to find who kept a borrowed array. */
export function poisonColumn(column: Column): void {
  for (const array of columnArrays(column)) {
    if (array === emptyHeap) continue;
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(0xa5);
  }
  column.nulls?.fill(1);
}
