/**
 * Bytes of records in slots of 16-byte steps on pages. The first page has 1 KiB and each new one twice the bytes of the last, up to 1 MiB:
 * a store of few values is small, one of many has few pages. A slot is fixed until it is freed; nothing moves. A reference is
 * page << 16 | step. A value longer than 1 MiB gets a page of its own. Freed slots are used again for values of the same size class.
 */
const pageBytes = 1 << 20;
const firstPageBytes = 1 << 10;
const stepBytes = 16;
/** Readable bytes behind the last slot of every page. */
const slack = 8;

export class ByteStore {
  /** Page i; every page has 8 readable bytes behind its last slot. */
  readonly pages: Uint8Array[] = [];
  /** The pages as words: a slot begins at step * 4. */
  readonly words: Int32Array[] = [];
  readonly #free = new Map<number, number[]>();
  /** The page that new slots are cut from, and its bytes; the next free one in it. */
  #page = -1;
  #size = 0;
  #next = 0;
  #allocated = 0;

  /** Bytes of all pages. */
  get allocatedBytes(): number {
    return this.#allocated;
  }

  /** Copies a value in and gives its reference. */
  put(heap: Uint8Array, offset: number, length: number): number {
    const slot = this.#slot(length);
    const page = this.pages[slot >>> 16] as Uint8Array;
    const at = (slot & 0xffff) * stepBytes;
    if (length > 24) page.set(heap.subarray(offset, offset + length), at);
    else for (let i = 0; i < length; i++) page[at + i] = heap[offset + i] as number;
    return slot;
  }

  /** Gives a slot back. `length` is the length it was put with. */
  free(slot: number, length: number): void {
    const size = sizeClass(length);
    const list = this.#free.get(size);
    if (list === undefined) this.#free.set(size, [slot]);
    else list.push(slot);
  }

  /** Frees all. The page that was cut from last is kept: a cleared store is about to be filled again, as far as before. */
  clear(): void {
    this.#free.clear();
    const kept = this.pages[this.#page];
    this.pages.length = 0;
    this.words.length = 0;
    if (kept !== undefined) this.#enter(kept);
    this.#allocated = this.#size;
    this.#page = this.pages.length - 1;
    this.#next = 0;
  }

  #slot(length: number): number {
    const size = sizeClass(length);
    const freed = this.#free.get(size)?.pop();
    if (freed !== undefined) return freed;
    if (size > pageBytes) return this.#add(size) * 65536;
    if (this.#next + size > this.#size) {
      let wanted = this.#size === 0 ? firstPageBytes : Math.min(pageBytes, this.#size * 2);
      while (wanted < size) wanted *= 2;
      this.#page = this.#add(wanted);
      this.#size = wanted;
      this.#next = 0;
    }
    const slot = this.#page * 65536 + this.#next / stepBytes;
    this.#next += size;
    return slot;
  }

  /** Adds a page for `bytes` bytes of slots and gives its number. */
  #add(bytes: number): number {
    this.#enter(new Uint8Array(bytes + slack));
    this.#allocated += bytes;
    return this.pages.length - 1;
  }

  #enter(page: Uint8Array): void {
    this.pages.push(page);
    this.words.push(new Int32Array(page.buffer));
  }
}

/** Steps of 16 up to 256 bytes, then powers of two and halves between them, so that a freed slot finds a taker. */
function sizeClass(length: number): number {
  if (length <= 256) return Math.max(stepBytes, (length + 15) & ~15);
  let size = 256;
  while (size < length) {
    const half = size + size / 2;
    if (half >= length) return half;
    size *= 2;
  }
  return size;
}
