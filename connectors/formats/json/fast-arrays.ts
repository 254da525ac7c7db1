import { allocateColumn, type Column } from '../../../core/column.ts';
import type { Layout } from '../../../core/layout.ts';
import { Arena } from '../../../core/wasm-memory.ts';

/** Integers of so many digits fit 64 bits, whatever the digits. */
export const exactDigits = 18;
const powerBytes = 16 * (exactDigits + 1);

/** The arrays that the fast tier reads and writes, all of them in one arena. */
export interface FastArrays {
  readonly arena: Arena;
  readonly columns: readonly Column[];
  readonly nulls: readonly Uint8Array[];
  /** 1 for each column that has a NULL. */
  readonly any: Uint8Array;
  /** One flag: 1 when a text is the JSON of something else. */
  readonly raw: Uint8Array;
  /** Where each record of a call begins, and its length. */
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
  /** 10^0 to 10^18 as integers, then as doubles. */
  readonly powers: Uint8Array;
}

export function allocateArrays(layouts: readonly Layout[], capacity: number): FastArrays {
  const rowBytes = layouts.reduce((sum, layout) => sum + bytesPerRow(layout), 8);
  const arena = new Arena(capacity * rowBytes + 16 * (6 * layouts.length + 8) + layouts.length + powerBytes);
  const bytes = (length: number): Uint8Array => {
    const { buffer, offset } = arena.take(length);
    return new Uint8Array(buffer, offset, length);
  };
  const ints = (): Int32Array => {
    const { buffer, offset } = arena.take(4 * capacity);
    return new Int32Array(buffer, offset, capacity);
  };
  const powers = bytes(powerBytes);
  const view = new DataView(powers.buffer, powers.byteOffset);
  for (let i = 0; i <= exactDigits; i++) {
    view.setBigInt64(8 * i, 10n ** BigInt(i), true);
    view.setFloat64(8 * (exactDigits + 1 + i), Number(`1e${i}`), true);
  }
  return {
    arena,
    columns: layouts.map((layout) => allocateColumn(layout, capacity, arena)),
    nulls: layouts.map(() => bytes(capacity)),
    any: bytes(layouts.length),
    raw: bytes(1),
    offsets: ints(),
    lengths: ints(),
    powers,
  };
}

/** With the byte of its NULL. */
function bytesPerRow(layout: Layout): number {
  return layout === 'u8' ? 2 : layout === 'i32' || layout === 'f32' ? 5 : layout === 'i128' ? 17 : layout === 'i64n' ? 13 : 9;
}
