import { wasmApi, type WasmMemory } from './wasm-api.ts';

const pageBytes = 1 << 16;
const memories = new WeakMap<ArrayBufferLike, WasmMemory>();

/**
 * Bytes, all 0, at least as many as asked for, that generated WebAssembly can reach where they are; `memoryOf` knows them again. Each such
 * memory reserves 8 GB of addresses: where the system has none left (`ulimit -v`, sixteen thousand of them), the bytes are ordinary ones.
 */
export function allocateReachable(bytes: number): Uint8Array {
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  let memory: WasmMemory;
  try {
    memory = new wasmApi.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new Uint8Array(pages * pageBytes);
  }
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

  /** Undefined when the system gave none. */
  get memory(): WasmMemory | undefined {
    return memoryOf(this.#bytes);
  }

  /** Bytes that nobody else has, at a multiple of 16. */
  take(bytes: number): { readonly buffer: ArrayBufferLike; readonly offset: number } {
    const offset = this.#used;
    if (offset + bytes > this.#bytes.length) throw new RangeError(`an arena of ${this.#bytes.length} bytes has no room for ${bytes} more`);
    this.#used = Math.ceil((offset + bytes) / 16) * 16;
    return { buffer: this.#bytes.buffer, offset };
  }
}
