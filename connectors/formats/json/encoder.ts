import type { Batch } from '../../../core/batch.ts';
import { columnArrays, columnSlots, type BytesColumn } from '../../../core/column.ts';
import { js, type CompiledKernel } from '../../../core/code.ts';
import { layoutOf } from '../../../core/layout.ts';
import { isStructured, type SqlType } from '../../../core/sql-type.ts';
import { memoryOf } from '../../../core/wasm-memory.ts';
import type { RecordEncoder, RecordTarget } from '../../../catalog/format.ts';
import { compileEncoder, encoderParameters, isNullAt, slotOf, type NamedColumns, type Slot } from '../encoder-frame.ts';
import { nameBytes } from '../write-value.ts';
import { FastEncoder, isWorthIt } from './fast-encoder.ts';
import { ownKind } from './fast-kinds.ts';
import { ascii, writeBytes, writeValue, type JsonEncoderOptions } from './value-code.ts';
import { structuredWriter } from './write-structured.ts';

/** Rows from which on the fast tier is worth its copies. */
const leastRows = 16;

/**
 * Rows to JSON objects, as bytes: no string in between. Room is asked for row by row, never within one. Where what is written into can be
 * reached by WebAssembly, its fast tier writes the same.
 */
export class JsonEncoder implements RecordEncoder {
  readonly #columns: NamedColumns;
  readonly #options: JsonEncoderOptions;
  readonly #kernel: CompiledKernel;
  readonly #kinds: readonly ReturnType<typeof ownKind>[];
  /** Made when rows come that it is for; null: it is not worth it. */
  #fast: FastEncoder | null | undefined;

  constructor(columns: NamedColumns, options: JsonEncoderOptions) {
    this.#columns = columns;
    this.#options = options;
    this.#kernel = compile(columns, options);
    this.#kinds = columns.map(({ type }) => ownKind(type));
    if (!isWorthIt(columns, options)) this.#fast = null;
  }

  /** True once rows came that its fast tier has written. */
  get hasFastTier(): boolean {
    return this.#fast?.isThere === true;
  }

  get source(): string {
    if (this.#fast === null) return this.#kernel.source;
    const { source } = this.#fast ?? fastOf(this.#columns, this.#options);
    return `// the fast tier, for ${leastRows} rows and more where their batch can be reached: WebAssembly\n${source}\n// what it leaves\n${this.#kernel.source}`;
  }

  encode(batch: Batch, from: number, to: number, into: RecordTarget): void {
    const run = this.#kernel.run as (...values: unknown[]) => void;
    if (this.#fast !== null && to - from >= leastRows && memoryOf(into.bytes) !== undefined) {
      this.#fast ??= fastOf(this.#columns, this.#options);
      if (this.#fast.isThere) {
        let whole: readonly unknown[] | undefined;
        const arrays = (isReadable: boolean): readonly unknown[] => (isReadable ? (whole ??= this.#arrays(batch, from, to, true)) : this.#arrays(batch, from, to, false));
        this.#fast.encode(batch, from, to, into, { arrays, encode: (first, end) => run(into, first, end, ...arrays(true)) });
        return;
      }
    }
    run(into, from, to, ...this.#arrays(batch, from, to, true));
  }

  /** What the kernel takes of each column. `isReadable`: heaps have 8 readable bytes behind the last of these rows' values; those of texts need not have them else. */
  #arrays(batch: Batch, from: number, to: number, isReadable: boolean): readonly unknown[] {
    const arrays: unknown[] = [];
    for (let i = 0; i < this.#columns.length; i++) {
      const column = batch.columns[i];
      if (column === undefined) continue;
      if (column.layout === 'bytes') {
        const heap = isReadable || this.#kinds[i] !== 'text' ? readable(column, from, to) : column.heap;
        arrays.push(heap, viewOf(heap), column.offsets, column.lengths, column.isPlain, column.nulls);
      } else arrays.push(...columnArrays(column), column.nulls);
    }
    return arrays;
  }
}

function fastOf(columns: NamedColumns, options: JsonEncoderOptions): FastEncoder {
  return new FastEncoder(columns, options, columns.map((_, i) => slotOf(i)), encoderParameters(columns, slotsOf), fixedRoom(columns));
}

/** The longest value of a fixed type has 47 bytes. */
function fixedRoom(columns: NamedColumns): number {
  return columns.reduce((sum, column) => sum + nameBytes(',', column.name).length + 48, 16);
}

function slotsOf(type: SqlType): readonly string[] {
  return columnSlots[layoutOf(type)].flatMap((of) => (of === 'heap' ? ['heap', 'heapView'] : of === 'lengths' ? ['lengths', 'isPlain'] : [of]));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The column's heap with 8 readable bytes behind its last text: itself, unless somebody cut it short. */
function readable(column: BytesColumn, from: number, to: number): Uint8Array {
  if (lastByte(column.offsets, column.lengths, from, to) + 8 <= column.heap.length) return column.heap;
  const copy = new Uint8Array(column.heap.length + 8);
  copy.set(column.heap);
  return copy;
}

function lastByte(offsets: Int32Array, lengths: Int32Array, from: number, to: number): number {
  let end = 0;
  for (let row = from; row < to; row++) {
    const last = (offsets[row] as number) + (lengths[row] as number);
    if (last > end) end = last;
  }
  return end;
}

function compile(columns: NamedColumns, options: JsonEncoderOptions): CompiledKernel {
  return compileEncoder('encodeJson', columns, {
    slotsOf,
    fixedRoom: fixedRoom(columns),
    textRoom: (type, slot) => (isStructured(type) ? js`(${slot('json')} === undefined ? 0 : ${slot('json')}.length)` : layoutOf(type) === 'bytes' ? js`${slot('lengths')}[i] * 6` : undefined),
    ahead: (code, slots) => {
      for (const [i, { type }] of columns.entries()) {
        if (!isStructured(type)) continue;
        const slot = slots[i] as Slot;
        const print = structuredWriter(type, { ...options, nullKey: options.nullKey ?? { mode: 'fail', literal: 'null' } });
        code.line(js`const ${slot('json')} = ${isNullAt(slot)} ? undefined : ${code.use(print, 'print')}(${slot('heap')}, ${slot('offsets')}[i], ${slot('lengths')}[i]);`);
      }
    },
    row: (code, slots) => {
      if (options.ignoreNulls) code.line(js`const start = at;`);
      if (columns.length === 0) code.line(js`out[at++] = 123;`);
      for (const [i, { name, type }] of columns.entries()) {
        const slot = slots[i] as Slot;
        if (options.ignoreNulls) {
          code.block(js`if (!(${isNullAt(slot)}))`, () => {
            code.line(js`out[at] = at === start ? 123 : 44; at = (at + 1) | 0;`);
            writeBytes(code, nameBytes('', name));
            writeValue(code, type, slot, options);
          });
          continue;
        }
        writeBytes(code, nameBytes(i === 0 ? '{' : ',', name));
        code.either(isNullAt(slot), () => writeBytes(code, ascii('null')), () => writeValue(code, type, slot, options));
      }
      if (options.ignoreNulls) code.line(js`if (at === start) out[at++] = 123;`);
      code.line(js`out[at] = 125; at = (at + 1) | 0;`);
    },
  });
}
