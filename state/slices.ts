import { Table, type RecordShape } from './table.ts';

/** The state shape of windows: a table per slice, named by the slice's end in ms, dropped whole. Tables of dropped slices are used again. */
export class SliceStore {
  readonly shape: RecordShape;
  readonly #slices = new Map<number, Table>();
  readonly #pool: Table[] = [];
  #epoch = 1;
  #dropped: number[] = [];
  #firstEnd = Infinity;

  constructor(shape: RecordShape) {
    this.shape = shape;
  }

  /** The table of the slice that ends at `end`, made when it is new. */
  at(end: number): Table {
    let table = this.#slices.get(end);
    if (table === undefined) {
      table = this.#pool.pop() ?? new Table(this.shape);
      table.clear(this.#epoch);
      this.#slices.set(end, table);
      this.#firstEnd = Math.min(this.#firstEnd, end);
    }
    return table;
  }

  /** The earliest end of a slice that is there; Infinity when there is none. */
  get firstEnd(): number {
    return this.#firstEnd;
  }

  get(end: number): Table | undefined {
    return this.#slices.get(end);
  }

  ends(): readonly number[] {
    return [...this.#slices.keys()].toSorted((a, b) => a - b);
  }

  drop(end: number): void {
    const table = this.#slices.get(end);
    if (table === undefined) return;
    this.#slices.delete(end);
    this.#dropped.push(end);
    if (this.#pool.length < 4) this.#pool.push(table);
    this.#firstEnd = Infinity;
    for (const other of this.#slices.keys()) this.#firstEnd = Math.min(this.#firstEnd, other);
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
