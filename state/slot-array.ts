/** The first size, in slots: a power of two. */
const leastSlots = 16;

/**
 * Entries of a fixed number of words, open addressed. An entry's place is what the top bits of its hash say, or one behind it: when the array grows,
 * entries keep their order, so that memory is read and written from one end to the other, and a part of the slots is as good a part of the entries whatever the
 * size. The first word of a free slot is 0.
 */
export class SlotArray {
  readonly width: number;
  words: Int32Array;
  /** For words: `width` times the slots, less 1. */
  mask: number;
  /** The slot of a hash is `hash >>> shift`. */
  shift: number;
  /** How many entries there are. */
  size = 0;
  readonly #hashOf: (words: Int32Array, at: number) => number;

  /** `width` is a power of two; `hashOf` gives the hash of the entry at a word. */
  constructor(width: number, capacity: number, hashOf: (words: Int32Array, at: number) => number) {
    this.width = width;
    this.#hashOf = hashOf;
    let slots = leastSlots;
    while (roomOf(slots) < capacity) slots *= 2;
    this.words = new Int32Array(slots * width);
    this.mask = slots * width - 1;
    this.shift = shiftOf(slots);
  }

  get slots(): number {
    return this.words.length / this.width;
  }

  /** How many entries may come before `words` is replaced. */
  get room(): number {
    return roomOf(this.slots) - this.size;
  }

  /** Makes room for `rows` more entries. */
  reserve(rows: number): void {
    if (rows <= this.room) return;
    const { width, words } = this;
    let { slots } = this;
    while (roomOf(slots) < this.size + rows) slots *= 2;
    const grown = writtenZeros(slots * width);
    const mask = slots * width - 1;
    const shift = shiftOf(slots);
    for (let at = 0; at < words.length; at += width) {
      if (words[at] === 0) continue;
      let to = (this.#hashOf(words, at) >>> shift) * width;
      while (grown[to] !== 0) to = (to + width) & mask;
      for (let k = 0; k < width; k++) grown[to + k] = words[at + k] as number;
    }
    this.words = grown;
    this.mask = mask;
    this.shift = shift;
  }

  /** Calls `body` with the first word of each entry of a part of `parts`. */
  eachOf(part: number, parts: number, body: (at: number) => void): void {
    const { words, mask, width, slots } = this;
    const from = Math.floor((slots * part) / parts);
    // Where there are fewer slots than parts, several parts share one: an entry is in the part of its hash whatever the size, also after a restore into less.
    const end = Math.ceil((slots * (part + 1)) / parts);
    for (let slot = from; slot < end; slot++) if (words[slot * width] !== 0) body(slot * width);
    // Entries of this part that found their place taken lie behind it, at most up to the next free slot.
    for (let slot = end; slot - from < slots && words[(slot * width) & mask] !== 0; slot++) body((slot * width) & mask);
  }

  clear(): void {
    if (this.size > 0) this.words.fill(0);
    this.size = 0;
  }
}

/** For an array that is probed before it is written: the system gives a page that is read first twice, once to be read and once to be written. */
export function writtenZeros(length: number): Int32Array {
  return new Int32Array(length).fill(0);
}

/** Five of eight slots: a search then reads 1.8 slots where the value is there, and 4 where it is not. */
function roomOf(slots: number): number {
  return Math.floor((slots * 5) / 8);
}

function shiftOf(slots: number): number {
  return 32 - Math.log2(slots);
}
