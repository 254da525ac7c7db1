/** Words of a block: a quarter of a MiB. */
const blockWords = 1 << 16;

/** What an epoch noted, four words at a time, in blocks that the next epoch fills again: nothing is copied, and nothing large is given up. */
export class ChangeLog {
  readonly #blocks: Int32Array[] = [];
  /** The block that is being filled, from the start with the first that is short. */
  #block: Int32Array = new Int32Array(64);
  #at = 0;
  /** Blocks that are full. */
  #full = 0;

  get allocatedBytes(): number {
    let bytes = this.#block.byteLength;
    for (const block of this.#blocks) if (block !== this.#block) bytes += block.byteLength;
    return bytes;
  }

  /** How many fours. */
  get size(): number {
    return (this.#full * blockWords + this.#at) / 4;
  }

  add(a: number, b: number, c: number, d: number): void {
    if (this.#at === this.#block.length) this.#next();
    const block = this.#block;
    const at = this.#at;
    block[at] = a;
    block[at + 1] = b;
    block[at + 2] = c;
    block[at + 3] = d;
    this.#at = at + 4;
  }

  /** Copies the fours, in their order, to the byte `at` of `out`. */
  copyTo(out: Uint8Array, at: number): void {
    let to = at;
    for (let i = 0; i < this.#full; i++, to += blockWords * 4) out.set(new Uint8Array((this.#blocks[i] as Int32Array).buffer), to);
    out.set(new Uint8Array(this.#block.buffer, 0, this.#at * 4), to);
  }

  clear(): void {
    this.#block = this.#blocks[0] ?? this.#block;
    this.#full = 0;
    this.#at = 0;
  }

  /** Makes room where there is none. */
  #next(): void {
    if (this.#block.length < blockWords) {
      const grown = new Int32Array(this.#block.length * 2);
      grown.set(this.#block);
      this.#block = grown;
      if (grown.length === blockWords) this.#blocks.push(grown);
      return;
    }
    this.#full++;
    let block = this.#blocks[this.#full];
    if (block === undefined) this.#blocks.push((block = new Int32Array(blockWords)));
    this.#block = block;
    this.#at = 0;
  }
}
