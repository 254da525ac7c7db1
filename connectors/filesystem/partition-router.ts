import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { layoutOf } from '../../core/layout.ts';
import { readValue } from '../../core/value.ts';
import type { ConnectedTable } from '../../catalog/connector.ts';
import { Chunk, greatestCapacity } from '../memory/chunk.ts';
import { KeyIndex } from '../memory/key-index.ts';
import { partitionColumns, partitionFolder, recordColumns, textOfValue } from './partitions.ts';

/** Partitions that are remembered at the most: they are found anew then. */
const mostKnown = 1 << 16;

/** Divides rows by the folders of their partitions, and keeps of each what stands in records. A partition is a number: text is made once for each. */
export class PartitionRouter {
  readonly #partitions: readonly { readonly name: string; readonly type: ConnectedTable['columns'][number]['type']; readonly place: number }[];
  /** The columns of records, by their places in the rows. */
  readonly #places: readonly number[];
  readonly #defaultName: string;
  /** The values of the partitions seen, one row each, and their folders by number. */
  #index: KeyIndex;
  #chunks: Chunk[] = [];
  #folders: string[] = [];

  /** Throws E0002, and E0504 for a table without a column for its records. */
  constructor(table: ConnectedTable, columns: ConnectedTable['columns']) {
    const placeOf = (wanted: string): number => columns.findIndex(({ name }) => name === wanted);
    this.#partitions = partitionColumns(table).map(({ name, type }) => ({ name, type, place: placeOf(name) }));
    this.#places = recordColumns(table).map(({ name }) => placeOf(name));
    if (this.#places.length === 0) throw new SqlError({ code: 'E0504', message: `${table.name} is partitioned by all of its columns: its records hold nothing` });
    this.#defaultName = table.options.text('partition.default-name') ?? '';
    this.#index = this.#emptyIndex();
  }

  #emptyIndex(): KeyIndex {
    return new KeyIndex(this.#partitions.map((_, i) => i));
  }

  /** Gives rows [from, to) in runs that have one partition. */
  route(batch: Batch, from: number, to: number, take: (folders: string, rows: Batch, from: number, to: number) => void): void {
    const rows = { ...batch, columns: this.#places.map((place) => batch.columns[place]).filter((column) => column !== undefined) };
    if (this.#partitions.length === 0) {
      take('', rows, from, to);
      return;
    }
    if (this.#folders.length > mostKnown) {
      this.#index = this.#emptyIndex();
      this.#chunks = [];
      this.#folders = [];
    }
    const keys = this.#partitions.map(({ place }) => batch.columns[place] as Column);
    let start = from;
    let current = this.#numberOf(keys, from);
    for (let row = from + 1; row < to; row++) {
      const number = this.#numberOf(keys, row);
      if (number === current) continue;
      take(this.#folders[current] as string, rows, start, row);
      start = row;
      current = number;
    }
    take(this.#folders[current] as string, rows, start, to);
  }

  /** The number of a row's partition: the place of its values among those seen. */
  #numberOf(keys: readonly Column[], row: number): number {
    const slot = this.#index.find(this.#chunks, keys, row);
    if (slot >= 0) return this.#index.placeAt(slot);
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.isFull) {
      chunk = new Chunk(this.#partitions.map(({ type }) => layoutOf(type)), greatestCapacity);
      this.#chunks.push(chunk);
    }
    chunk.add(keys, row, row + 1, 0);
    const number = this.#folders.push(this.#folderOf(keys, row)) - 1;
    this.#index.add(this.#chunks, number);
    return number;
  }

  #folderOf(keys: readonly Column[], row: number): string {
    return partitionFolder(this.#partitions.map(({ name, type }, i) => ({ name, text: textOfValue(readValue(keys[i] as Column, type, row), type) })), this.#defaultName);
  }
}
