import type { Batch } from '../../../core/batch.ts';
import { CodeBuilder, js, Js } from '../../../core/code.ts';
import { isStructured } from '../../../core/sql-type.ts';
import { wasmApi, type WasmMemory } from '../../../core/wasm-api.ts';
import type { WasmKernel } from '../../../core/wasm-code.ts';
import { memoryOf } from '../../../core/wasm-memory.ts';
import type { RecordTarget } from '../../../catalog/format.ts';
import type { NamedColumns, Slot } from '../encoder-frame.ts';
import { columnMemory, outMemory, rowWriter } from './fast-rows.ts';
import { EncoderArrays, rowsAtOnce } from './fast-encoder-arrays.ts';
import { ownKind, writerName } from './fast-kinds.ts';
import { writeValue, type JsonEncoderOptions } from './value-code.ts';

/** Writes the value of row `row` of what was loaded at a place, and gives the place behind it. */
type WriteValue = (row: number, at: number) => number;
/** Writes rows [row, to) of what was loaded from a place on, and gives the place behind the last. */
type RunRows = (row: number, to: number, at: number) => number;

/** The functions of the program that the rows call, over what was loaded last. */
interface OtherValues {
  readonly writers: Readonly<Record<string, WriteValue>>;
  /** The columns' arrays, in the order of the encoder's arguments. */
  load(arrays: readonly unknown[]): void;
  /** Where to write, and the row of the batch that is row 0. */
  over(out: Uint8Array, view: DataView): void;
  from(row: number): void;
}

/** What the tier leaves to the generated JavaScript. */
interface Fallback {
  /** The arrays of the columns. `isReadable`: 8 bytes behind each text can be read, as they need be for it. */
  arrays(isReadable: boolean): readonly unknown[];
  /** Encodes rows whose bytes the tier cannot reach, beginning them anew. */
  encode(from: number, to: number): void;
}

/** Bytes that are asked for at once at the most: rows of long texts are begun one by one. */
const mostRoom = 2 << 20;

/**
 * The encoder's fast tier: WebAssembly that writes a row where it lies in its batch. Whole numbers of up to sixteen digits, texts without a
 * byte to escape, times within the minute that a column had last, BOOLEAN and NULL are its own; for any other value it calls what the generated JavaScript would do. It writes the same bytes.
 * Values are copied beside each other first, some rows at a time, as one function reaches two memories and no arrays.
 */
export class FastEncoder {
  readonly #kernel: WasmKernel;
  readonly #arrays: EncoderArrays;
  readonly #other: OtherValues;
  readonly #room: number;
  readonly #instances = new WeakMap<WasmMemory, RunRows>();
  /** What `#run` writes into. */
  #bytes: Uint8Array | undefined;
  #run: RunRows = () => 0;

  /** `slots` names the arrays of a column, `parameters` all of them in order. `room`: bytes that a row takes at the most, besides its texts. */
  constructor(columns: NamedColumns, options: JsonEncoderOptions, slots: readonly Slot[], parameters: readonly Js[], room: number) {
    this.#arrays = new EncoderArrays(columns);
    this.#kernel = rowWriter(columns, this.#arrays);
    this.#other = otherValues(columns, options, slots, parameters);
    // A text is copied by sixteen bytes.
    this.#room = room + 16;
  }

  /** False where the system gave no memory for it. */
  get isThere(): boolean {
    return this.#arrays.memory !== undefined;
  }

  get source(): string {
    return this.#kernel.source;
  }

  /** Encodes rows [from, to). */
  encode(batch: Batch, from: number, to: number, into: RecordTarget, fallback: Fallback): void {
    const values = this.#arrays;
    let isReadable = false;
    this.#other.load(fallback.arrays(false));
    for (let first = from; first < to; first += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, to - first);
      values.load(batch, first, rows);
      if (!values.isReadable && !isReadable) {
        isReadable = true;
        this.#other.load(fallback.arrays(true));
      }
      this.#other.from(first);
      const room = rows * this.#room + 6 * values.textBytes;
      if (into.beginRows !== undefined && into.endRows !== undefined && room <= mostRoom) {
        const at = into.beginRows(room);
        if (into.bytes === this.#bytes || this.#goOver(into)) {
          this.#run(0, rows, at);
          into.endRows(values.ends, rows);
        } else fallback.encode(first, first + rows);
        continue;
      }
      for (let row = 0; row < rows; row++) {
        const at = into.begin(first + row, this.#room + 6 * values.textBytesOf(batch, first + row));
        if (into.bytes !== this.#bytes && !this.#goOver(into)) fallback.encode(first + row, first + row + 1);
        else into.end(first + row, this.#run(row, row + 1, at));
      }
    }
  }

  /** Goes on in other bytes; false where it cannot reach them. */
  #goOver({ bytes, view }: RecordTarget): boolean {
    const memory = memoryOf(bytes);
    if (memory === undefined || bytes.byteOffset !== 0) return false;
    let run = this.#instances.get(memory);
    if (run === undefined) {
      const instance = new wasmApi.Instance(this.#kernel.module, { memory: { [outMemory]: memory, [columnMemory]: this.#arrays.memory }, call: this.#other.writers });
      run = instance.exports['run'] as RunRows;
      this.#instances.set(memory, run);
    }
    this.#run = run;
    this.#bytes = bytes;
    this.#other.over(bytes, view);
    return true;
  }
}

/** A function for each column, of the same lines as the generated JavaScript has for it. */
function otherValues(columns: NamedColumns, options: JsonEncoderOptions, slots: readonly Slot[], parameters: readonly Js[]): OtherValues {
  const code = new CodeBuilder();
  for (const variable of [js`out`, js`view`, js`first`, ...parameters]) code.line(js`let ${variable};`);
  for (const [i, { type }] of columns.entries()) {
    code.block(js`const ${new Js(writerName(i))} = (row, at) =>`, () => {
      code.line(js`const i = first + row;`);
      writeValue(code, type, slots[i] as Slot, options);
      code.line(js`return at;`);
    });
  }
  code.block(js`const load = (arrays) =>`, () => {
    for (const [i, parameter] of parameters.entries()) code.line(js`${parameter} = arrays[${i}];`);
  });
  code.line(js`const over = (bytes, viewOf) => { out = bytes; view = viewOf; };`);
  code.line(js`const from = (row) => { first = row; };`);
  code.line(js`return { writers: { ${new Js(columns.map((_, i) => writerName(i)).join(', '))} }, load, over, from };`);
  return (code.compile('otherValues', []).run as () => OtherValues)();
}

/** True where more is gained than copying costs: some values of the tier's own, and none that JavaScript must make room for. */
export function isWorthIt(columns: NamedColumns, options: JsonEncoderOptions): boolean {
  if (options.ignoreNulls) return false;
  return !columns.some(({ type }) => isStructured(type)) && columns.some(({ type }) => ownKind(type) !== undefined);
}
