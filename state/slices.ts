import { Table, type RecordShape } from './table.ts';

/** Records that a new slice has room for: most windows of a long history are small, and there may be thousands. */
const firstCapacity = 16;

/** The state shape of windows: a table per slice, named by the slice's end in ms, dropped whole. Tables of dropped slices are used again. */
export class SliceStore {
  readonly shape: RecordShape;
  readonly #slices = new Map<number, Table>();
  readonly #pool: Table[] = [];
  /** The ends of the slices, ascending from `#first` on; what lies before was dropped. Most come at the end and go at the front. */
  #ends: number[] = [];
  #first = 0;
  #epoch = 1;
  #dropped: number[] = [];

  constructor(shape: RecordShape) {
    this.shape = shape;
  }

  /** The table of the slice that ends at `end`, made when it is new. */
  at(end: number): Table {
    let table = this.#slices.get(end);
    if (table === undefined) {
      table = this.#pool.pop() ?? new Table(this.shape, firstCapacity);
      table.clear(this.#epoch);
      this.#slices.set(end, table);
      this.#ends.splice(this.#placeOf(end), 0, end);
    }
    return table;
  }

  /** The earliest end of a slice that is there; Infinity when there is none. */
  get firstEnd(): number {
    return this.#ends[this.#first] ?? Infinity;
  }

  get(end: number): Table | undefined {
    return this.#slices.get(end);
  }

  /** The ends of the slices that are there, ascending. */
  ends(): readonly number[] {
    return this.#ends.slice(this.#first);
  }

  drop(end: number): void {
    const table = this.#slices.get(end);
    if (table === undefined) return;
    this.#slices.delete(end);
    this.#dropped.push(end);
    if (this.#pool.length < 4 && isFitting(table)) this.#pool.push(table);
    const place = this.#placeOf(end);
    if (place !== this.#first) {
      this.#ends.splice(place, 1);
      return;
    }
    this.#first++;
    // Half of them gone: the rest moves up, so that each is moved once at the most for one that goes.
    if (this.#first * 2 < this.#ends.length) return;
    this.#ends = this.#ends.slice(this.#first);
    this.#first = 0;
  }

  /** The first place from `#first` on whose end is not before `end`. */
  #placeOf(end: number): number {
    let from = this.#first;
    let to = this.#ends.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#ends[middle] as number) < end) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** The slices dropped since the last epoch ended. */
  dropped(): readonly number[] {
    return this.#dropped;
  }

  /** After a restore: all slices write in one epoch, the latest that any of them had. */
  alignEpochs(): void {
    for (const table of this.#slices.values()) this.#epoch = Math.max(this.#epoch, table.epoch);
    for (const table of this.#slices.values()) table.epoch = this.#epoch;
    this.#dropped = [];
  }

  nextEpoch(): void {
    this.#dropped = [];
    this.#epoch++;
    for (const table of this.#slices.values()) table.nextEpoch();
  }

  get allocatedBytes(): number {
    let bytes = 0;
    for (const table of [...this.#slices.values(), ...this.#pool]) bytes += table.allocatedBytes;
    return bytes;
  }

  get size(): number {
    let rows = 0;
    for (const table of this.#slices.values()) rows += table.size;
    return rows;
  }
}

/** False for a table that is much larger than what it held, as after a burst: to clear it for a small slice would cost more than a new one. */
function isFitting({ room, limit }: Table): boolean {
  return room < 1024 || room < limit * 16;
}
