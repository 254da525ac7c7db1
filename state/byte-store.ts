/**
 * Bytes of records in slots of 16-byte steps on pages of 1 MiB. A slot is fixed until it is freed; nothing moves. A reference is
 * page << 16 | step. A value longer than a page gets a page of its own. Freed slots are used again for values of the same size class.
 */
const pageBytes = 1 << 20;
const stepBytes = 16;

export class ByteStore {
  /** Page i; every page has 8 readable bytes behind its last slot. */
  readonly pages: Uint8Array[] = [];
  readonly #free = new Map<number, number[]>();
  #page = -1;
  #next = pageBytes;
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

  clear(): void {
    this.#free.clear();
    // The first page is kept: a cleared store is about to be filled again.
    this.pages.length = Math.min(1, this.pages.length);
    this.#allocated = this.pages.length === 0 ? 0 : pageBytes;
    this.#page = this.pages.length - 1;
    this.#next = this.pages.length === 0 ? pageBytes : 0;
  }

  #slot(length: number): number {
    const size = sizeClass(length);
    const freed = this.#free.get(size)?.pop();
    if (freed !== undefined) return freed;
    if (size > pageBytes) {
      this.pages.push(new Uint8Array(size + 8));
      this.#allocated += size;
      return ((this.pages.length - 1) << 16) >>> 0;
    }
    if (this.#next + size > pageBytes || this.#page < 0) {
      this.pages.push(new Uint8Array(pageBytes + 8));
      this.#allocated += pageBytes;
      this.#page = this.pages.length - 1;
      this.#next = 0;
    }
    const slot = this.#page * 65536 + this.#next / stepBytes;
    this.#next += size;
    return slot;
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
