import { wasmApi, type WasmMemory } from '../core/wasm-api.ts';
import type { WasmKernel } from '../core/wasm-code.ts';
import { Arena, memoryOf } from '../core/wasm-memory.ts';
import { frameCode, frameMemories, type FrameArrays } from './frame-code.ts';

/** How many rows lie in it at once. */
export const framedRowsAtOnce = 256;

/** Keys or values in memory: value i is bytes[offsets[i] .. + lengths[i]), -1 is the length of none. `frameSlack` bytes behind the last can be read. */
export interface FramedParts {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
}

/** Writes rows into a batch, as wire/frame-code.ts says. */
type Frame = (from: number, to: number, at: number, number: number, timeSize: number, limit: number, room: number) => number;

/**
 * Some rows' keys and values, encoded, of which a BatchBuilder makes many records at a time (`appendRows`): by WebAssembly, where it can reach them and the
 * batch. What it holds is from the last `load`, read where it lies until the next.
 */
export class FramedRows {
  /** Where the arrays lie: those of the keys, for who wants to know more of them, too. */
  readonly arrays: FrameArrays;
  /** For each row a word more, for whoever divides them. */
  readonly groups: Int32Array;
  keys: FramedParts | undefined;
  values: FramedParts | undefined;
  readonly #arena = new Arena(7 * 4 * framedRowsAtOnce + 64);
  readonly #kernel: WasmKernel;
  readonly #time: Uint8Array;
  /** The functions for the batches' memories: all of one key memory and one value memory. */
  #instances = new WeakMap<WasmMemory, Frame>();
  #keyMemory: WasmMemory | undefined;
  #valueMemory: WasmMemory | undefined;
  /** What `#frame` writes into. */
  #batch: Uint8Array | undefined;
  #frame: Frame | undefined;

  /** `hasKeys`: whether each `load` has keys. */
  constructor(hasKeys: boolean) {
    const time = this.#words(2);
    this.#time = new Uint8Array(time.buffer, time.byteOffset, 8);
    this.arrays = {
      order: this.#words(framedRowsAtOnce),
      keys: { offsets: this.#words(framedRowsAtOnce), lengths: this.#words(framedRowsAtOnce) },
      values: { offsets: this.#words(framedRowsAtOnce), lengths: this.#words(framedRowsAtOnce) },
      time: this.#time,
      end: this.#words(1),
    };
    this.groups = this.#words(framedRowsAtOnce);
    this.#kernel = frameCode(this.arrays, hasKeys);
    for (let row = 0; row < framedRowsAtOnce; row++) this.arrays.order[row] = row;
  }

  #words(length: number): Int32Array {
    const { buffer, offset } = this.#arena.take(4 * length);
    return new Int32Array(buffer, offset, length);
  }

  /** Of the arrays; undefined where the system gave none. */
  get memory(): WasmMemory | undefined {
    return this.#arena.memory;
  }

  /** Takes the first `rows` keys and values, at most `framedRowsAtOnce`; keys as the constructor was told. */
  load(keys: FramedParts | undefined, values: FramedParts, rows: number): void {
    const { arrays } = this;
    if (keys !== undefined) {
      arrays.keys.offsets.set(keys.offsets.subarray(0, rows));
      arrays.keys.lengths.set(keys.lengths.subarray(0, rows));
    }
    arrays.values.offsets.set(values.offsets.subarray(0, rows));
    arrays.values.lengths.set(values.lengths.subarray(0, rows));
    this.keys = keys;
    this.values = values;
    const valueMemory = memoryOf(values.bytes);
    // Without keys that memory stands for theirs.
    const keyMemory = keys === undefined ? valueMemory : memoryOf(keys.bytes);
    if (keyMemory === this.#keyMemory && valueMemory === this.#valueMemory) return;
    this.#keyMemory = keyMemory;
    this.#valueMemory = valueMemory;
    this.#instances = new WeakMap();
    this.#batch = undefined;
  }

  /** What writes them into a batch; undefined where it cannot be reached. `time`: the records' distance from the batch's first, as a varint of at most 8 bytes. */
  over(batch: Uint8Array, time: Uint8Array): Frame | undefined {
    this.#time.set(time);
    if (batch === this.#batch) return this.#frame;
    this.#batch = batch;
    this.#frame = this.#frameOf(memoryOf(batch));
    return this.#frame;
  }

  #frameOf(batch: WasmMemory | undefined): Frame | undefined {
    const { memory } = this;
    if (batch === undefined || memory === undefined || this.#keyMemory === undefined || this.#valueMemory === undefined) return undefined;
    let frame = this.#instances.get(batch);
    if (frame === undefined) {
      const { batch: of, keys, values, rows } = frameMemories;
      const instance = new wasmApi.Instance(this.#kernel.module, { memory: { [of]: batch, [keys]: this.#keyMemory, [values]: this.#valueMemory, [rows]: memory } });
      frame = instance.exports['run'] as Frame;
      this.#instances.set(batch, frame);
    }
    return frame;
  }
}
