import type { Batch } from '../../core/batch.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { printValue, readValue } from '../../core/value.ts';
import type { ConnectedTable } from '../../catalog/connector.ts';
import { partitionColumns, partitionFolder, recordColumns } from './partitions.ts';

/** Divides rows by the folders of their partitions, and keeps of each what stands in records. */
export class PartitionRouter {
  readonly #partitions: readonly { readonly name: string; readonly type: ConnectedTable['columns'][number]['type']; readonly place: number }[];
  /** The columns of records, by their places in the rows. */
  readonly #places: readonly number[];
  readonly #defaultName: string;

  /** Throws E0002, and E0504 for a table without a column for its records. */
  constructor(table: ConnectedTable, columns: ConnectedTable['columns']) {
    const placeOf = (wanted: string): number => columns.findIndex(({ name }) => name === wanted);
    this.#partitions = partitionColumns(table).map(({ name, type }) => ({ name, type, place: placeOf(name) }));
    this.#places = recordColumns(table).map(({ name }) => placeOf(name));
    if (this.#places.length === 0) throw new SqlError({ code: 'E0504', message: `${table.name} is partitioned by all of its columns: its records hold nothing` });
    this.#defaultName = table.options.text('partition.default-name') ?? '';
  }

  /** Gives rows [from, to) in runs that have one partition. */
  route(batch: Batch, from: number, to: number, take: (folders: string, rows: Batch, from: number, to: number) => void): void {
    const rows = { ...batch, columns: this.#places.map((place) => batch.columns[place]).filter((column) => column !== undefined) };
    if (this.#partitions.length === 0) {
      take('', rows, from, to);
      return;
    }
    let start = from;
    let current = this.#folders(batch, from);
    for (let row = from + 1; row < to; row++) {
      const folders = this.#folders(batch, row);
      if (folders === current) continue;
      take(current, rows, start, row);
      start = row;
      current = folders;
    }
    take(current, rows, start, to);
  }

  #folders(batch: Batch, row: number): string {
    const values = this.#partitions.map(({ name, type, place }) => {
      const column = batch.columns[place];
      return { name, text: column === undefined ? undefined : printValue(readValue(column, type, row), type) };
    });
    return partitionFolder(values, this.#defaultName);
  }
}
