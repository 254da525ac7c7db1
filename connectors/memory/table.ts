import { randomUUID } from 'node:crypto';
import type { Batch } from '../../core/batch.ts';
import { RowKind } from '../../core/changelog.ts';
import type { Column } from '../../core/column.ts';
import { layoutOf, type Layout } from '../../core/layout.ts';
import { assert } from '../../core/assert.ts';
import type { ConnectedTable } from '../../catalog/connector.ts';
import { Chunk, greatestCapacity } from './chunk.ts';
import { chunkOf, KeyIndex, rowOf } from './key-index.ts';

const firstCapacity = 64;
/** Rows that withdraw each other are kept while they are fewer than this, or than those that stand. */
const keptChanges = 1024;

/** The rows of each table, for as long as its definition is known to anybody. */
const tables = new WeakMap<object, MemoryTable>();

/** The rows of a table: one and the same for all who read and write it. */
export function memoryTable(table: ConnectedTable): MemoryTable {
  const { definition } = table;
  assert(definition !== undefined, `${table.name} has no definition that its rows could live with`);
  let rows = tables.get(definition);
  if (rows === undefined) tables.set(definition, (rows = new MemoryTable(table)));
  return rows;
}

/**
 * Rows as the changes that made them, in a chain of chunks. With a key, changes that withdraw each other are dropped now and then: the chain
 * begins anew with the rows that stand, and who reads the former one comes into the new one where the changes go on.
 */
export class MemoryTable {
  /** Another for a table that was emptied. */
  readonly life = randomUUID();
  readonly columns: ConnectedTable['columns'];
  readonly names: readonly string[];
  readonly #layouts: readonly Layout[];
  /** Undefined without a primary key. */
  readonly #index: KeyIndex | undefined;
  #chunks: Chunk[];
  /** Changes in the chain, of which this many do not stand for a row. */
  #length = 0;
  #dead = 0;
  #hasEnded = false;
  readonly #waiting = new Set<() => void>();

  constructor({ columns, primaryKey }: Pick<ConnectedTable, 'columns' | 'primaryKey'>) {
    this.columns = columns;
    this.names = columns.map(({ name }) => name);
    this.#layouts = columns.map(({ type }) => layoutOf(type));
    this.#index = primaryKey.length === 0 ? undefined : new KeyIndex(primaryKey.map((name) => this.names.indexOf(name)));
    this.#chunks = [new Chunk(this.#layouts, firstCapacity)];
  }

  get hasKey(): boolean {
    return this.#index !== undefined;
  }

  /** The first chunk. `isNet`: the chain holds the rows that stand, and no change besides. */
  first(isNet: boolean): Chunk {
    if (isNet && this.#dead > 0 && this.#index !== undefined) this.#compact(this.#index);
    return this.#chunks[0] as Chunk;
  }

  /** Changes from `first` on. */
  get length(): number {
    return this.#length;
  }

  /** Takes rows [from, to): without a key they are appended, with one they replace and remove. */
  write(batch: Batch, from: number, to: number): void {
    const index = this.#index;
    if (index === undefined) this.#append(batch.columns, from, to, RowKind.insert);
    else {
      for (let row = from; row < to; row++) this.#put(index, batch, row);
      if (this.#dead > keptChanges && this.#dead > 2 * index.size) this.#compact(index);
    }
    this.#wake();
  }

  /** Whoever reads it comes to an end behind what is there. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** True: nothing will be written any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves at the next write, at the end, or after `waitMs`. */
  changed(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      this.#waiting.add(wake);
    });
  }

  #put(index: KeyIndex, { columns, kinds }: Batch, row: number): void {
    const kind = kinds?.[row] ?? RowKind.insert;
    const isRemoval = kind === RowKind.delete || kind === RowKind.updateBefore;
    const slot = index.find(this.#chunks, columns, row);
    if (slot < 0) {
      if (!isRemoval) index.add(this.#chunks, this.#stand(columns, row, RowKind.insert));
      return;
    }
    // The row that goes is given out whole, whatever the removal knew of it.
    const place = index.placeAt(slot);
    const chunk = this.#chunks[chunkOf(place)] as Chunk;
    const old = rowOf(place);
    chunk.stands[old] = 0;
    this.#append(chunk.columns, old, old + 1, isRemoval ? RowKind.delete : RowKind.updateBefore);
    this.#dead += 2;
    if (isRemoval) index.remove(slot);
    else index.move(slot, this.#stand(columns, row, RowKind.updateAfter));
  }

  /** Appends a row that stands and gives its place. */
  #stand(columns: readonly Column[], row: number, kind: RowKind): number {
    const place = this.#append(columns, row, row + 1, kind);
    (this.#chunks[chunkOf(place)] as Chunk).stands[rowOf(place)] = 1;
    return place;
  }

  /** Gives the place of the last row. */
  #append(columns: readonly Column[], from: number, to: number, kind: number): number {
    let tail = this.#chunks.at(-1) as Chunk;
    for (let at = from; at < to; ) {
      if (tail.isFull) tail = this.#grow(tail);
      const end = Math.min(to, at + tail.capacity - tail.count);
      tail.add(columns, at, end, kind);
      at = end;
    }
    this.#length += to - from;
    return (this.#chunks.length - 1) * greatestCapacity + tail.count - 1;
  }

  #grow(tail: Chunk): Chunk {
    const next = new Chunk(this.#layouts, Math.min(tail.capacity * 2, greatestCapacity));
    tail.next = next;
    this.#chunks.push(next);
    return next;
  }

  /** The chain from now on: the rows that stand, in the order in which they came, then what comes. */
  #compact(index: KeyIndex): void {
    const former = this.#chunks;
    this.#chunks = [new Chunk(this.#layouts, firstCapacity)];
    this.#length = this.#dead = 0;
    index.clear();
    for (const { columns, stands, count } of former) {
      for (let row = 0; row < count; row++) if (stands[row] === 1) index.add(this.#chunks, this.#stand(columns, row, RowKind.insert));
    }
    // Both chains go on in one chunk.
    const last = former.at(-1) as Chunk;
    last.next = this.#grow(this.#chunks.at(-1) as Chunk);
  }
}
