/** Slots of the shortest stretch, as a power of two. */
const leastSizeBits = 2;
/** In an owner's second word the lowest bits are its stretch's size, those above them its room. */
const roomUnit = 32;
const sizeMask = roomUnit - 1;
/** From this size on, 4096 slots, a stretch is long (`eachOf`). */
const longSize = 12 - leastSizeBits;
const mostRoom = 2 ** 27 - 1;
/** Words from which on the array grows by four: what nobody writes to takes no memory. */
const largeWords = 1 << 18;

/**
 * Entries of one word for each owner, a small number, in a stretch of slots that the owner has for itself: an entry needs no word for its owner, and a set that
 * grows moves what it has of one owner, not all. An entry is value << bits | the bits, which are not 0: a free slot is 0. Its place in the
 * stretch is what the top bits of the value's hash say, or one behind it, around the end.
 *
 * Of owner i `stretches` has two words: where in `words` its stretch begins; and how many entries it has room for, times 32, plus the power of two of its
 * slots, less 2. An owner without entries has zeros there: the first four slots of `words` are nobody's and free for ever, and there is no room in them.
 */
export class OwnerSlots {
  words = new Int32Array(16);
  stretches = new Int32Array(32);
  /** How many entries there are. */
  size = 0;
  readonly #bits: number;
  /** Words before it are taken or were given up. */
  #used = 1 << leastSizeBits;
  /** Where stretches begin that were given up, by the size in their owners' words. */
  readonly #free: number[][] = [];
  /** The owners of long stretches. */
  readonly #long: number[] = [];

  constructor(bits: number) {
    this.#bits = bits;
  }

  /** Bytes that were written to. */
  get allocatedBytes(): number {
    return this.#used * 4 + this.stretches.byteLength;
  }

  /** Makes room in `stretches` for the owners below `limit`. */
  reserveOwners(limit: number): void {
    if (2 * limit <= this.stretches.length) return;
    let length = this.stretches.length * 2;
    while (length < 2 * limit) length *= 2;
    const grown = new Int32Array(length);
    grown.set(this.stretches);
    this.stretches = grown;
  }

  /** The word of a value's entry, or of the free slot where it would stand. `stretches` has the owner. */
  find(owner: number, value: number): number {
    const { words, stretches } = this;
    const bits = this.#bits;
    const first = stretches[2 * owner] as number;
    const size = (stretches[2 * owner + 1] as number) & sizeMask;
    const mask = (1 << (size + leastSizeBits)) - 1;
    let slot = slotHash(value) >>> (32 - leastSizeBits - size);
    for (;;) {
      const entry = words[first + slot] as number;
      if (entry === 0 || entry >>> bits === value) return first + slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Enters a value that is not there, into a longer stretch where there is no room. `words` may be another then. True where the stretch has become long: its entries are in other parts than before. */
  enter(owner: number, value: number, seen: number): boolean {
    const { stretches } = this;
    const word = 2 * owner + 1;
    const isLong = (stretches[word] as number) >>> 5 === 0 && this.#grow(owner);
    stretches[word] = (stretches[word] as number) - roomUnit;
    this.words[this.find(owner, value)] = (value << this.#bits) | seen;
    this.size++;
    return isLong;
  }

  /**
   * Calls `body` with the entries of a part of `parts`. Which part an entry is in follows from how many its owner has: those of a short stretch are in one part,
   * those of a long one by their places, some in more than one.
   */
  eachOf(part: number, parts: number, body: (owner: number, entry: number) => void): void {
    const { stretches } = this;
    for (let owner = part; 2 * owner < stretches.length; owner += parts) if (stretches[2 * owner] !== 0 && !this.#isLong(owner)) this.eachOfOwner(owner, body);
    for (const owner of this.#long) this.#eachOfLong(owner, part, parts, body);
  }

  /** Calls `body` with the entries of an owner. */
  eachOfOwner(owner: number, body: (owner: number, entry: number) => void): void {
    const { words, stretches } = this;
    const first = stretches[2 * owner] as number;
    const end = first + this.#slotsOf(owner);
    for (let at = first; at < end; at++) if (words[at] !== 0) body(owner, words[at] as number);
  }

  #eachOfLong(owner: number, part: number, parts: number, body: (owner: number, entry: number) => void): void {
    const { words, stretches } = this;
    const first = stretches[2 * owner] as number;
    const slots = this.#slotsOf(owner);
    const from = Math.floor((slots * part) / parts);
    const end = Math.floor((slots * (part + 1)) / parts);
    for (let slot = from; slot < end; slot++) if (words[first + slot] !== 0) body(owner, words[first + slot] as number);
    // Entries of this part that found their place taken lie behind it, at most up to the next free slot.
    for (let slot = end; slot - from < slots && words[first + (slot & (slots - 1))] !== 0; slot++) body(owner, words[first + (slot & (slots - 1))] as number);
  }

  clear(): void {
    if (this.size > 0) {
      this.words.fill(0, 0, this.#used);
      this.stretches.fill(0);
    }
    this.size = 0;
    this.#used = 1 << leastSizeBits;
    this.#free.length = 0;
    this.#long.length = 0;
  }

  #isLong(owner: number): boolean {
    return ((this.stretches[2 * owner + 1] as number) & sizeMask) >= longSize;
  }

  #slotsOf(owner: number): number {
    return 1 << (((this.stretches[2 * owner + 1] as number) & sizeMask) + leastSizeBits);
  }

  /** Gives an owner without room a longer stretch, or its first: four times as long, a long one twice. True where it has become long. */
  #grow(owner: number): boolean {
    const { stretches } = this;
    const isFirst = stretches[2 * owner] === 0;
    const formerSize = (stretches[2 * owner + 1] as number) & sizeMask;
    const size = isFirst ? 0 : formerSize + (formerSize < longSize ? 2 : 1);
    const to = this.#take(size);
    const former = stretches[2 * owner] as number;
    let entries = 0;
    if (!isFirst) {
      entries = move(this.words, former, 1 << (formerSize + leastSizeBits), to, size, this.#bits);
      (this.#free[formerSize] ??= []).push(former);
    }
    stretches[2 * owner] = to;
    stretches[2 * owner + 1] = (Math.min(mostRoom, roomOf(1 << (size + leastSizeBits)) - entries) << 5) | size;
    if (size !== longSize) return false;
    this.#long.push(owner);
    return true;
  }

  /** A stretch of zeros. Those of owners may lie elsewhere then. */
  #take(size: number): number {
    const slots = 1 << (size + leastSizeBits);
    let at = this.#free[size]?.pop();
    if (at === undefined) {
      if (this.#used + slots > this.words.length) this.#replace(slots);
      at = this.#used;
      this.#used += slots;
    }
    // Zeros are written where zeros are: the system gives a page that is read first twice, once to be read and once to be written.
    const { words } = this;
    if (slots > 64) words.fill(0, at, at + slots);
    else for (let slot = 0; slot < slots; slot++) words[at + slot] = 0;
    return at;
  }

  /** Copies the stretches of all owners, one behind the other, into an array with room for `more` words. */
  #replace(more: number): void {
    const { words, stretches } = this;
    let live = 1 << leastSizeBits;
    for (let owner = 0; 2 * owner < stretches.length; owner++) if (stretches[2 * owner] !== 0) live += this.#slotsOf(owner);
    let length = words.length;
    while (length < 2 * (live + more)) length *= length < largeWords ? 2 : 4;
    const grown = new Int32Array(length);
    let at = 1 << leastSizeBits;
    for (let owner = 0; 2 * owner < stretches.length; owner++) {
      const first = stretches[2 * owner] as number;
      if (first === 0) continue;
      const slots = this.#slotsOf(owner);
      grown.set(words.subarray(first, first + slots), at);
      stretches[2 * owner] = at;
      at += slots;
    }
    this.words = grown;
    this.#used = at;
    this.#free.length = 0;
  }
}

/** The hash by whose top bits a value finds its slot. Not part of any format. Source of the constants: the golden ratio; MurmurHash3, public domain. */
export function slotHash(value: number): number {
  const h = Math.imul(value, 0x9e3779b1);
  return Math.imul(h ^ (h >>> 15), 0x85ebca6b);
}

/** Copies entries into a stretch of another size, and gives how many. */
function move(words: Int32Array, from: number, slots: number, to: number, size: number, bits: number): number {
  const mask = (1 << (size + leastSizeBits)) - 1;
  const shift = 32 - leastSizeBits - size;
  let entries = 0;
  for (let at = from; at < from + slots; at++) {
    const entry = words[at] as number;
    if (entry === 0) continue;
    let slot = slotHash(entry >>> bits) >>> shift;
    while (words[to + slot] !== 0) slot = (slot + 1) & mask;
    words[to + slot] = entry;
    entries++;
  }
  return entries;
}

/** Sixteen slots lie beside each other in the processor's view: one that is free ends a search. Of more, three of four: a search reads 2.5 slots where the value is there, 8.5 where it is not. */
function roomOf(slots: number): number {
  return slots <= 16 ? slots - 1 : (slots * 3) / 4;
}
