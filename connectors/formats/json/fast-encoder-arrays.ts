import type { Batch } from '../../../core/batch.ts';
import type { BytesColumn } from '../../../core/column.ts';
import type { WasmMemory } from '../../../core/wasm-api.ts';
import { Arena } from '../../../core/wasm-memory.ts';
import type { NamedColumns } from '../encoder-frame.ts';
import { fourDigits } from '../write-value.ts';
import { hasLength, ownKind } from './fast-kinds.ts';

/** How many rows are copied at once. */
export const rowsAtOnce = 256;
/** Bytes for the texts of so many rows. */
const textBytes = 256 << 10;
/** A stretch of a heap is copied when the texts take at least this part of it: else each is reached by a call. */
const leastShare = 1 / 8;
/** A text is read by sixteen bytes. */
const slack = 16;

/** No time lies in it: where a column has no minute yet. */
const noMinute = 1n << 62n;

/**
 * Where values of a column lie for the rows: words, bytes, or addresses and lengths of texts (-1: reached by a call). `minute`, of times: the ms at
 * which the minute began that was written last, an i64, then its text as far as it is the same for the whole minute.
 */
export interface ColumnArrays {
  readonly nulls: Uint8Array;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly lengths: Int32Array;
  readonly minute: BigInt64Array;
}

/** What the fast tier of the encoder reads, in a memory of its own: some rows of a batch, and the digits of 0 to 9999. */
export class EncoderArrays {
  readonly columns: readonly ColumnArrays[];
  /** Of 0 to 9999 eight bytes: four digits, then the bits of the zeros that they begin with. */
  readonly digits: Int32Array;
  readonly #kinds: readonly ReturnType<typeof ownKind>[];
  readonly #arena: Arena;
  readonly #texts: Uint8Array;
  /** Columns whose nulls are not all zero. */
  readonly #dirty: Uint8Array;
  /** The columns whose values take room by their length; and, of what was loaded, the lengths of each and where they begin. */
  readonly #withLength: readonly number[];
  readonly #lengths: Int32Array[] = [];
  #from = 0;

  constructor(columns: NamedColumns) {
    this.#kinds = columns.map(({ type }) => ownKind(type));
    this.#withLength = columns.flatMap((column, i) => (hasLength(column) ? [i] : []));
    this.#dirty = new Uint8Array(columns.length);
    this.#arena = new Arena(columns.length * (rowsAtOnce * 10 + 128) + 8 * fourDigits.length + textBytes + slack + 256);
    this.columns = this.#kinds.map((kind) => {
      const nulls = this.#bytes(rowsAtOnce);
      const words = this.#words(kind === 'long' || kind === 'time' ? 2 * rowsAtOnce : kind === 'int' || kind === 'text' ? rowsAtOnce : 0);
      const lengths = this.#words(kind === 'text' ? rowsAtOnce : 0);
      const { buffer, offset } = this.#arena.take(32);
      const minute = new BigInt64Array(buffer, offset, 4);
      minute[0] = noMinute;
      return { nulls, words, bytes: this.#bytes(kind === 'boolean' ? rowsAtOnce : 0), lengths, minute };
    });
    this.digits = this.#words(2 * fourDigits.length);
    for (const [value, digits] of fourDigits.entries()) {
      this.digits[2 * value] = digits;
      this.digits[2 * value + 1] = 8 * (4 - String(value).length);
    }
    this.#texts = this.#bytes(textBytes + slack);
  }

  /** Undefined where the system gave none: there is no fast tier then. */
  get memory(): WasmMemory | undefined {
    return this.#arena.memory;
  }

  #bytes(length: number): Uint8Array {
    const { buffer, offset } = this.#arena.take(length);
    return new Uint8Array(buffer, offset, length);
  }

  #words(length: number): Int32Array {
    const { buffer, offset } = this.#arena.take(4 * length);
    return new Int32Array(buffer, offset, length);
  }

  /** Bytes that the texts of a row may take. */
  roomOf(row: number): number {
    let room = 0;
    const lengths = this.#lengths;
    for (let i = 0; i < lengths.length; i++) room += (lengths[i] as Int32Array)[this.#from + row] as number;
    return room * 6;
  }

  /** Copies rows [from, from + rows), at most `rowsAtOnce`. */
  load(batch: Batch, from: number, rows: number): void {
    for (let i = 0; i < this.columns.length; i++) {
      const column = batch.columns[i];
      const to = this.columns[i] as ColumnArrays;
      if (column === undefined) continue;
      if (column.nulls !== undefined) {
        to.nulls.set(column.nulls.subarray(from, from + rows));
        this.#dirty[i] = 1;
      } else if (this.#dirty[i] === 1) {
        to.nulls.fill(0);
        this.#dirty[i] = 0;
      }
      const kind = this.#kinds[i];
      if ((kind === 'long' || kind === 'time') && column.layout === 'i64') to.words.set(column.words.subarray(2 * from, 2 * (from + rows)));
      else if (kind === 'int' && column.layout === 'i32') to.words.set(column.values.subarray(from, from + rows));
      else if (kind === 'boolean' && column.layout === 'u8') to.bytes.set(column.values.subarray(from, from + rows));
    }
    this.#from = from;
    let used = 0;
    for (let k = 0; k < this.#withLength.length; k++) {
      const column = batch.columns[this.#withLength[k] as number];
      if (column?.layout === 'bytes') this.#lengths[k] = column.lengths;
    }
    for (const [i, kind] of this.#kinds.entries()) {
      const column = batch.columns[i];
      if (kind !== 'text' || column?.layout !== 'bytes') continue;
      // The columns of one heap are copied with the first of them.
      if (this.#kinds.some((other, k) => k < i && other === 'text' && heapOf(batch, k) === column.heap)) continue;
      used += this.#loadTexts(batch, column.heap, from, rows, used);
    }
  }

  /** Copies the stretch of a heap in which the texts of all its columns lie behind the first `used` bytes, and gives its length; 0 where it is too long. */
  #loadTexts(batch: Batch, heap: Uint8Array, from: number, rows: number, used: number): number {
    let low = heap.length;
    let high = 0;
    let sum = 0;
    for (const [i, kind] of this.#kinds.entries()) {
      if (kind !== 'text' || heapOf(batch, i) !== heap) continue;
      const { offsets, lengths } = batch.columns[i] as BytesColumn;
      for (let row = from; row < from + rows; row++) {
        const length = lengths[row] as number;
        if (length === 0) continue;
        const offset = offsets[row] as number;
        sum += length;
        if (offset < low) low = offset;
        if (offset + length > high) high = offset + length;
      }
    }
    const length = Math.max(0, high - low);
    const isCopied = length * leastShare <= sum && used + length <= textBytes;
    if (isCopied) this.#texts.set(heap.subarray(low, low + length), used);
    const moved = this.#texts.byteOffset + used - low;
    for (const [i, kind] of this.#kinds.entries()) {
      if (kind !== 'text' || heapOf(batch, i) !== heap) continue;
      const to = this.columns[i] as ColumnArrays;
      const { offsets, lengths } = batch.columns[i] as BytesColumn;
      if (!isCopied) {
        to.lengths.fill(-1);
        continue;
      }
      to.lengths.set(lengths.subarray(from, from + rows));
      // An empty text may lie anywhere.
      for (let row = 0; row < rows; row++) to.words[row] = lengths[from + row] === 0 ? this.#texts.byteOffset : (offsets[from + row] as number) + moved;
    }
    return isCopied ? length : 0;
  }
}

function heapOf(batch: Batch, column: number): Uint8Array | undefined {
  const found = batch.columns[column];
  return found?.layout === 'bytes' ? found.heap : undefined;
}
