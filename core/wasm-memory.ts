import { wasmApi, type WasmMemory } from './wasm-api.ts';

const pageBytes = 1 << 16;
const memories = new WeakMap<ArrayBufferLike, WasmMemory>();
/** Room for so many is left to others: Node itself needs one in each thread that it starts, to load modules, and the thread fails without. */
const reserved = 8;
/** That room, while there is plenty. */
let reserve: readonly WasmMemory[] | undefined;
/** So many requests behind one that the system refused are not made: before it says no, V8 collects all garbage several times. */
const requestsAfterRefusal = 1000;
/** How many of those are left. */
let unasked = 0;

/**
 * Bytes, all 0, at least as many as asked for, that generated WebAssembly can reach where they are; `memoryOf` knows them again. Each such
 * memory reserves 8 GB of addresses: where the system has few (`ulimit -v`) or none left (of sixteen thousand), the bytes are ordinary ones,
 * those of the next requests too.
 */
export function allocateReachable(bytes: number): Uint8Array {
  const pages = Math.max(1, Math.ceil(bytes / pageBytes));
  const memory = unasked > 0 ? undefined : newMemory(pages);
  if (memory === undefined) {
    unasked--;
    return new Uint8Array(pages * pageBytes);
  }
  memories.set(memory.buffer, memory);
  return new Uint8Array(memory.buffer);
}

function newMemory(pages: number): WasmMemory | undefined {
  try {
    reserve ??= Array.from({ length: reserved }, emptyMemory);
    return new wasmApi.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    unasked = requestsAfterRefusal;
    reserve = undefined;
    collectReserve();
    return undefined;
  }
}

/** What is no longer held is free for other threads when it is collected: V8 does so where it finds no room for one more. */
function collectReserve(): void {
  try {
    emptyMemory();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

function emptyMemory(): WasmMemory {
  return new wasmApi.Memory({ initial: 0, maximum: 1 });
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
