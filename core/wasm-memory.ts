import { wasmApi, type WasmMemory } from './wasm-api.ts';

const pageBytes = 1 << 16;
const memories = new WeakMap<ArrayBufferLike, WasmMemory>();

/** Bytes, all 0, at least as many as asked for, that generated WebAssembly can reach where they are; `memoryOf` knows them again. */
export function allocateReachable(bytes: number): Uint8Array {
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  const memory = new wasmApi.Memory({ initial: pages, maximum: pages });
  memories.set(memory.buffer, memory);
  return new Uint8Array(memory.buffer);
}

/** The memory that an array of `allocateReachable` lies in; undefined for any other array. */
export function memoryOf(array: Uint8Array): WasmMemory | undefined {
  return memories.get(array.buffer);
}

/** Arrays side by side in one such memory. */
export class Arena {
  readonly #bytes: Uint8Array;
  #used = 0;

  constructor(bytes: number) {
    this.#bytes = allocateReachable(bytes);
  }

  get memory(): WasmMemory {
    return memoryOf(this.#bytes) as WasmMemory;
  }

  /** Bytes that nobody else has, at a multiple of 16. */
  take(bytes: number): { readonly buffer: ArrayBufferLike; readonly offset: number } {
    const offset = this.#used;
    if (offset + bytes > this.#bytes.length) throw new RangeError(`an arena of ${this.#bytes.length} bytes has no room for ${bytes} more`);
    this.#used = Math.ceil((offset + bytes) / 16) * 16;
    return { buffer: this.#bytes.buffer, offset };
  }
}
