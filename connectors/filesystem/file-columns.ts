import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { allocateColumn, type Column } from '../../core/column.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { layoutOf } from '../../core/layout.ts';
import { describeType, types, type SqlType } from '../../core/sql-type.ts';
import type { ConnectedTable } from '../../catalog/connector.ts';
import type { ReadColumn } from '../../catalog/format.ts';
import { fileMetadata } from './file-metadata.ts';
import { fileError } from './location.ts';
import { partitionColumns, partitionValues, valueOfText } from './partitions.ts';

/** A column of which every row of a file has the same value. */
class FileColumn {
  readonly #type: SqlType;
  #column: Column | undefined;
  #value: string | bigint | undefined;
  #filled = 0;

  constructor(type: SqlType) {
    this.#type = type;
  }

  /** What the column holds from now on; undefined for NULL. */
  set(value: string | bigint | undefined): void {
    this.#value = value;
    this.#filled = 0;
  }

  /** The column with at least `rows` rows. */
  take(rows: number): Column {
    if (this.#column !== undefined && this.#filled >= rows) return this.#column;
    const count = Math.max(2048, rows);
    const column = allocateColumn(layoutOf(this.#type), count);
    const value = this.#value;
    if (value === undefined) column.nulls = new Uint8Array(count).fill(1);
    else if (column.layout === 'bytes') {
      column.heap = new TextEncoder().encode(`${value}\0\0\0\0\0\0\0\0`);
      column.lengths.fill(column.heap.length - 8);
    } else if (column.layout === 'i64') column.values.fill(BigInt(value));
    else if (column.layout === 'i32' || column.layout === 'u8') column.values.fill(Number(value));
    this.#filled = count;
    this.#column = column;
    return column;
  }
}

/** The columns that the file says and not the record: metadata, and what the names of folders hold. */
export class FileColumns {
  readonly #table: ConnectedTable;
  readonly #defaultName: string;
  readonly #columns: readonly { readonly place: number; readonly name: string; readonly key: string | undefined; readonly type: SqlType; readonly column: FileColumn }[];

  /** Throws E0002 for a table that is partitioned by something that no folder names. */
  constructor(table: ConnectedTable, read: readonly ReadColumn[]) {
    this.#table = table;
    this.#defaultName = table.options.text('partition.default-name') ?? '';
    const partitions = partitionColumns(table);
    this.#columns = read.flatMap(({ path: [name = ''] }, place) => {
      const key = table.metadata?.find((column) => column.name === name)?.key;
      const partition = partitions.find((column) => column.name === name);
      if (key === undefined && partition === undefined) return [];
      const type = partition?.type ?? fileMetadata.find((spec) => spec.key === key)?.type ?? types.string;
      return [{ place, name, key, type, column: new FileColumn(type) }];
    });
  }

  get isEmpty(): boolean {
    return this.#columns.length === 0;
  }

  has(place: number): boolean {
    return this.#columns.some((column) => column.place === place);
  }

  take(place: number, rows: number): Column | undefined {
    return this.#columns.find((column) => column.place === place)?.column.take(rows);
  }

  /** Tells the columns which file is read: its path, and its name in the table. Throws E0606. */
  async describe(path: string, file: string): Promise<void> {
    if (this.isEmpty) return;
    const { size, mtimeMs } = await stat(path).catch((error: unknown) => {
      throw fileError(`${path} cannot be read`, error);
    });
    const partitions = partitionValues(file, this.#defaultName);
    for (const { name, key, type, column } of this.#columns) {
      if (key !== undefined) column.set(key === 'file.path' ? path : key === 'file.name' ? basename(path) : key === 'file.size' ? BigInt(size) : BigInt(Math.floor(mtimeMs)));
      else column.set(this.#partitionValue(path, name, type, partitions));
    }
  }

  #partitionValue(path: string, name: string, type: SqlType, values: ReadonlyMap<string, string | undefined>): string | bigint | undefined {
    const { name: table } = this.#table;
    if (!values.has(name)) throw new SqlError({ code: 'E0606', message: `${path} lies in no folder ${name}=..., and ${table} is partitioned by ${name}`, hint: "leave it out by 'source.path.regex-pattern'" });
    const text = values.get(name);
    if (text === undefined && type.nullable) return undefined;
    const value = text === undefined ? undefined : valueOfText(text, type);
    if (value === undefined) throw new SqlError({ code: 'E0606', message: `${path} lies in a folder whose ${name} is not ${describeType(type)}${text === undefined ? ': it is NULL, and the column is NOT NULL' : ''}` });
    return value;
  }
}
