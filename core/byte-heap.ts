/** Bytes that one kernel call makes: text from functions and casts. Cleared before each call; grown by doubling, contents kept. */
export class ByteHeap {
  bytes: Uint8Array;
  used = 0;

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
  }

  clear(): void {
    this.used = 0;
  }

  /** Makes room for `length` more bytes (and 8 readable ones behind them). */
  reserve(length: number): void {
    const wanted = this.used + length + 8;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.used));
    this.bytes = grown;
  }

  /** Copies a value in and gives its offset. */
  append(heap: Uint8Array, offset: number, length: number): number {
    this.reserve(length);
    const at = this.used;
    const target = this.bytes;
    if (length > 24) target.set(heap.subarray(offset, offset + length), at);
    else for (let i = 0; i < length; i++) target[at + i] = heap[offset + i] as number;
    this.used = at + length;
    return at;
  }

  /** As `append`, but where the value is the one at `last`, of `lastLength` bytes, it gives that: equal neighbours share a place, and can be told by it. */
  appendOnce(heap: Uint8Array, offset: number, length: number, last: number, lastLength: number): number {
    if (length !== lastLength) return this.append(heap, offset, length);
    const { bytes } = this;
    for (let i = 0; i < length; i++) if (bytes[last + i] !== heap[offset + i]) return this.append(heap, offset, length);
    return last;
  }

  /** Writes a text as UTF-8 and gives its offset; its length is `used` less that. For the cold path. */
  appendText(text: string): number {
    this.reserve(text.length * 3);
    const at = this.used;
    this.used += encoder.encodeInto(text, this.bytes.subarray(at)).written;
    return at;
  }
}

const encoder = new TextEncoder();
