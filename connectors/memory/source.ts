import type { Batch } from '../../core/batch.ts';
import { SqlError } from '../../core/diagnostic.ts';
import type { Position, Source, SourceRequest, SplitReader } from '../../catalog/connector.ts';
import type { Chunk } from './chunk.ts';
import { fieldChain, fieldOf, type RowField } from './row-field.ts';
import { memoryTable, type MemoryTable } from './table.ts';

const split = '0';

/** A column of the table, or a field within it by way of the rows around. */
interface ReadPath {
  readonly index: number;
  readonly chain: readonly RowField[];
}

/**
 * What is in the table, then its changes as they come: one split. Asked for what is there now, it gives the rows that stand. A stored place
 * of a table that was emptied since is its begin. Throws E0805 where changes that the place goes on from are dropped.
 */
export async function openMemorySource({ table, read, services }: SourceRequest): Promise<Source> {
  const rows = memoryTable(table);
  const columns = read.map(({ path: [name = '', ...fields] }): ReadPath => {
    const index = rows.names.indexOf(name);
    return { index, chain: fieldChain(table.columns[index]?.type, fields) };
  });
  return {
    splits: async () => [split],
    open: async (_, position) => {
      const reader = new MemoryReader(rows, columns, services.bounded);
      if (position === undefined) return reader;
      if (position['life'] !== rows.life) services.notice('N0806', `${table.name} was emptied since the checkpoint: reading what is in it now`);
      else if (!reader.goTo(Number(position['change']))) {
        throw new SqlError({ code: 'E0805', message: `the checkpoint goes on behind change ${position['change']} of ${table.name}, and the changes there are dropped`, hint: 'start over with --fresh' });
      }
      return reader;
    },
    close: async () => undefined,
  };
}

class MemoryReader implements SplitReader {
  readonly id = split;
  readonly #table: MemoryTable;
  readonly #columns: readonly number[];
  /** By column, the way to the field that is read of it; undefined where nothing but whole columns is read. */
  readonly #chains: readonly (readonly RowField[])[] | undefined;
  readonly #hasKinds: boolean;
  #chunk: Chunk;
  /** The next row of it. */
  #row = 0;
  /** Changes that were read. */
  #read = 0;
  /** Changes to read in all. */
  readonly #limit: number;
  #closed = false;

  constructor(table: MemoryTable, columns: readonly ReadPath[], isBounded: boolean) {
    this.#table = table;
    this.#columns = columns.map(({ index }) => index);
    const chains = columns.map(({ chain }) => chain);
    this.#chains = chains.every((chain) => chain.length === 0) ? undefined : chains;
    this.#hasKinds = table.hasKey;
    this.#chunk = table.first(isBounded);
    this.#limit = isBounded ? table.length : Infinity;
  }

  /** Passes over `changes`. False where the table has not kept them. */
  goTo(changes: number): boolean {
    // Of a table with a key, changes are counted from a begin that moves.
    if (this.#hasKinds && changes > 0) return false;
    if (changes > this.#table.length) return false;
    while (this.#read < changes) {
      this.#settle();
      const passed = Math.min(this.#chunk.count - this.#row, changes - this.#read);
      this.#row += passed;
      this.#read += passed;
    }
    return true;
  }

  get ready(): boolean {
    this.#settle();
    return this.#read < this.#limit && this.#row < this.#chunk.count;
  }

  get atEnd(): boolean {
    return !this.ready;
  }

  get finished(): boolean {
    return this.#read >= this.#limit || (this.#table.hasEnded && !this.ready);
  }

  async fetch(waitMs: number): Promise<void> {
    if (!this.ready && !this.finished && !this.#closed && waitMs > 0) await this.#table.changed(waitMs);
  }

  read(maxRows: number): Batch {
    this.#settle();
    const count = Math.min(maxRows, this.#chunk.count - this.#row, this.#limit - this.#read);
    const batch = this.#chunk.view(this.#columns, this.#row, this.#row + count, this.#hasKinds);
    this.#row += count;
    this.#read += count;
    const chains = this.#chains;
    return chains === undefined ? batch : { ...batch, columns: batch.columns.map((column, i) => fieldOf(column, chains[i] ?? [], count)) };
  }

  /** Goes on to the chunk that has the next row, if there is one. */
  #settle(): void {
    while (this.#row === this.#chunk.count && this.#chunk.next !== undefined) {
      this.#chunk = this.#chunk.next;
      this.#row = 0;
    }
  }

  position(): Position {
    return { life: this.#table.life, change: this.#read };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
