import { SqlError } from '../../core/diagnostic.ts';
import { integerRange } from '../../functions/cast-number.ts';
import { describeType, isInteger, isText, type SqlType } from '../../core/sql-type.ts';
import { parseDate, parseTimestamp } from '../../core/time.ts';
import { printValue, type SqlValue } from '../../core/value.ts';
import type { ConnectedTable } from '../../catalog/connector.ts';

/** A column that stands in the names of folders, and not in records. */
export interface PartitionColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** The partition columns of a table, in their order. Throws E0002 for types whose values are no names of folders yet. */
export function partitionColumns({ name: table, columns, partitionedBy = [] }: ConnectedTable): readonly PartitionColumn[] {
  return partitionedBy.flatMap((wanted) => {
    const column = columns.find(({ name }) => name === wanted);
    if (column === undefined) return [];
    const { name, type } = column;
    if (!isText(type) && !isInteger(type) && type.kind !== 'BOOLEAN' && type.kind !== 'DATE' && !(type.kind === 'TIMESTAMP' && type.precision <= 3)) throw new SqlError({ code: 'E0002', message: `not supported yet: ${table} is partitioned by ${name}, which is ${describeType(type)}` });
    return [{ name, type }];
  });
}

/** The columns that stand in records. */
export function recordColumns({ columns, partitionedBy = [], metadata = [] }: ConnectedTable): ConnectedTable['columns'] {
  return columns.filter(({ name }) => !partitionedBy.includes(name) && !metadata.some((other) => other.name === name));
}

/** What Hive, and Flink with it, does not leave as it is in the name of a folder. */
// oxlint-disable-next-line no-control-regex
const special = /[\u0000-\u001f"#%'*/:=?\\\u007f{}[\]^]/g;

/** The folder of a partition, as `day=2024-02-29/country=at`. NULL and empty text have the folder `defaultName`. */
export function partitionFolder(values: readonly { readonly name: string; readonly text: string | undefined }[], defaultName: string): string {
  const escape = (text: string): string => text.replace(special, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return values.map(({ name, text }) => `${escape(name)}=${text === undefined || text === '' ? defaultName : escape(text)}`).join('/');
}

/** The values that the folders of a file name, by column; undefined for NULL. */
export function partitionValues(file: string, defaultName: string): ReadonlyMap<string, string | undefined> {
  const unescape = (text: string): string => text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const values = new Map<string, string | undefined>();
  for (const folder of file.split('/').slice(0, -1)) {
    const equals = folder.indexOf('=');
    if (equals <= 0) continue;
    const text = unescape(folder.slice(equals + 1));
    values.set(unescape(folder.slice(0, equals)), text === defaultName ? undefined : text);
  }
  return values;
}

/** A value in the name of a folder; undefined for NULL. A time is as Java prints one, without what is zero at its end, as Flink writes it. */
export function textOfValue(value: SqlValue, type: SqlType): string | undefined {
  const text = printValue(value, type);
  return type.kind === 'TIMESTAMP' ? text?.replace(' ', 'T').replace(/\.0+$/, '').replace(/(T..:..):00$/, '$1') : text;
}

/** What a column holds whose text stands in the name of a folder. Undefined where the text is no value of the type. */
export function valueOfText(text: string, type: SqlType): string | bigint | undefined {
  if (isText(type)) return text;
  switch (type.kind) {
    case 'BOOLEAN':
      return /^(true|false)$/i.test(text) ? BigInt(text.toLowerCase() === 'true') : undefined;
    case 'DATE': {
      const days = parseDate(text);
      return days === undefined ? undefined : BigInt(days);
    }
    case 'TIMESTAMP': {
      const instant = parseTimestamp(text);
      return instant === undefined ? undefined : BigInt(instant.millis);
    }
    default: {
      if (!/^[+-]?\d+$/.test(text)) return undefined;
      const value = BigInt(text.replace('+', ''));
      const [low, high] = integerRange(type);
      return value >= low && value <= high ? value : undefined;
    }
  }
}
