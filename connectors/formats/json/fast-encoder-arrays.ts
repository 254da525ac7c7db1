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
/** A stretch of a heap is copied when the texts take at least this part of it. */
const leastShare = 1 / 8;
/** Else each text is, while a row's have so many bytes on average; longer ones are reached by a call. */
const mostGathered = 64;
/** A text is read by sixteen bytes. */
const slack = 16;

/** No time lies in it: where a column has no minute yet. */
const noMinute = 1n << 62n;

/**
 * Where values of a column lie for the rows: words, bytes, or places and lengths of texts (-1: reached by a call); such a place lies `moved` bytes further in this memory. `minute`, of times: the ms at
 * which the minute began that was written last, an i64, then its text as far as it is the same for the whole minute.
 */
export interface ColumnArrays {
  readonly nulls: Uint8Array;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly lengths: Int32Array;
  readonly moved: Int32Array;
  readonly minute: BigInt64Array;
}

/** What the fast tier of the encoder reads, in a memory of its own: some rows of a batch, and the digits of 0 to 9999. */
export class EncoderArrays {
  readonly columns: readonly ColumnArrays[];
  /** Of 0 to 9999 eight bytes: four digits, then the bits of the zeros that they begin with. */
  readonly digits: Int32Array;
  /** Of what was loaded: the bytes of all texts and of others that take room by their length, and whether 8 bytes behind each text can be read. */
  textBytes = 0;
  isReadable = true;
  /** Where each row that was written ends. */
  readonly ends: Int32Array;
  readonly #kinds: readonly ReturnType<typeof ownKind>[];
  readonly #arena: Arena;
  readonly #texts: Uint8Array;
  readonly #textsView: DataView;
  /** Columns whose nulls are not all zero. */
  readonly #dirty: Uint8Array;
  /** The columns whose values take room by their length, and which of them are texts. */
  readonly #withLength: readonly number[];
  readonly #textColumns: readonly number[];

  constructor(columns: NamedColumns) {
    this.#kinds = columns.map(({ type }) => ownKind(type));
    this.#textColumns = this.#kinds.flatMap((kind, i) => (kind === 'text' ? [i] : []));
    this.#withLength = columns.flatMap((column, i) => (hasLength(column) ? [i] : []));
    this.#dirty = new Uint8Array(columns.length);
    this.#arena = new Arena(columns.length * (rowsAtOnce * 10 + 160) + 4 * rowsAtOnce + 8 * fourDigits.length + textBytes + slack + 256);
    this.columns = this.#kinds.map((kind) => {
      const nulls = this.#bytes(rowsAtOnce);
      const words = this.#words(kind === 'long' || kind === 'time' ? 2 * rowsAtOnce : kind === 'int' || kind === 'text' ? rowsAtOnce : 0);
      const lengths = this.#words(kind === 'text' ? rowsAtOnce : 0);
      const { buffer, offset } = this.#arena.take(32);
      const minute = new BigInt64Array(buffer, offset, 4);
      minute[0] = noMinute;
      return { nulls, words, bytes: this.#bytes(kind === 'boolean' ? rowsAtOnce : 0), lengths, moved: this.#words(1), minute };
    });
    this.ends = this.#words(rowsAtOnce);
    this.digits = this.#words(2 * fourDigits.length);
    for (const [value, digits] of fourDigits.entries()) {
      this.digits[2 * value] = digits;
      this.digits[2 * value + 1] = 8 * (4 - String(value).length);
    }
    this.#texts = this.#bytes(textBytes + slack);
    this.#textsView = new DataView(this.#texts.buffer, this.#texts.byteOffset, this.#texts.length);
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
    let used = 0;
    this.textBytes = 0;
    this.isReadable = true;
    for (let k = 0; k < this.#textColumns.length; k++) {
      const heap = heapOf(batch, this.#textColumns[k] as number);
      // The columns of one heap are copied with the first of them.
      if (heap !== undefined && !this.#isBefore(batch, heap, k)) used += this.#loadTexts(batch, heap, k, from, rows, used);
    }
    for (const i of this.#withLength) {
      if (this.#kinds[i] === 'text') continue;
      const column = batch.columns[i];
      if (column?.layout === 'bytes') for (let row = from; row < from + rows; row++) this.textBytes += column.lengths[row] as number;
    }
  }

  /** The part of a row of the batch in `textBytes`. */
  textBytesOf(batch: Batch, row: number): number {
    let bytes = 0;
    for (let i = 0; i < this.#withLength.length; i++) {
      const column = batch.columns[this.#withLength[i] as number];
      if (column?.layout === 'bytes') bytes += column.lengths[row] as number;
    }
    return bytes;
  }

  #isBefore(batch: Batch, heap: Uint8Array, k: number): boolean {
    for (let before = 0; before < k; before++) if (heapOf(batch, this.#textColumns[before] as number) === heap) return true;
    return false;
  }

  /**
   * Copies the texts of a heap, of all columns that have it, the first of which is column `first` of texts, behind the first `used` bytes, and gives how many bytes
   * it copied; 0 where they are too many.
   */
  #loadTexts(batch: Batch, heap: Uint8Array, first: number, from: number, rows: number, used: number): number {
    const to = from + rows;
    let low = heap.length;
    let high = 0;
    let last = 0;
    let sum = 0;
    for (let k = first; k < this.#textColumns.length; k++) {
      const i = this.#textColumns[k] as number;
      if (heapOf(batch, i) !== heap) continue;
      const { offsets, lengths } = batch.columns[i] as BytesColumn;
      for (let row = from; row < to; row++) {
        const length = lengths[row] as number;
        const offset = offsets[row] as number;
        if (offset + length > last) last = offset + length;
        // An empty text may lie anywhere.
        if (length === 0) continue;
        sum += length;
        if (offset < low) low = offset;
        if (offset + length > high) high = offset + length;
      }
    }
    this.textBytes += sum;
    const isReadable = last + 8 <= heap.length;
    if (!isReadable) this.isReadable = false;
    const length = Math.max(0, high - low);
    const isCopied = length * leastShare <= sum && used + length <= textBytes;
    if (isCopied) this.#texts.set(heap.subarray(low, low + length), used);
    else if (isReadable && sum <= rows * mostGathered && used + sum <= textBytes) return this.#gatherTexts(batch, heap, first, from, to, used);
    for (let k = first; k < this.#textColumns.length; k++) {
      const i = this.#textColumns[k] as number;
      if (heapOf(batch, i) !== heap) continue;
      const { offsets, lengths } = batch.columns[i] as BytesColumn;
      const into = this.columns[i] as ColumnArrays;
      if (!isCopied) {
        into.lengths.fill(-1);
        continue;
      }
      into.lengths.set(lengths.subarray(from, to));
      into.words.set(offsets.subarray(from, to));
      into.moved[0] = this.#texts.byteOffset + used - low;
    }
    return isCopied ? length : 0;
  }

  /** Copies the texts one by one, of which the heap has 8 readable bytes behind each, and gives how many bytes they are. */
  #gatherTexts(batch: Batch, heap: Uint8Array, first: number, from: number, to: number, used: number): number {
    const source = new DataView(heap.buffer, heap.byteOffset, heap.length);
    const texts = this.#textsView;
    const base = this.#texts.byteOffset;
    let at = used;
    for (let k = first; k < this.#textColumns.length; k++) {
      const i = this.#textColumns[k] as number;
      if (heapOf(batch, i) !== heap) continue;
      const { offsets, lengths } = batch.columns[i] as BytesColumn;
      const into = this.columns[i] as ColumnArrays;
      into.lengths.set(lengths.subarray(from, to));
      into.moved[0] = base;
      const { words } = into;
      for (let row = from; row < to; row++) {
        const length = lengths[row] as number;
        const offset = offsets[row] as number;
        words[row - from] = at;
        for (let byte = 0; byte < length; byte += 8) {
          texts.setInt32(at + byte, source.getInt32(offset + byte, true), true);
          texts.setInt32(at + byte + 4, source.getInt32(offset + byte + 4, true), true);
        }
        at += length;
      }
    }
    return at - used;
  }
}

function heapOf(batch: Batch, column: number): Uint8Array | undefined {
  const found = batch.columns[column];
  return found?.layout === 'bytes' ? found.heap : undefined;
}
