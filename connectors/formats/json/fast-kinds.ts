import { layoutOf } from '../../../core/layout.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import type { NamedColumns } from '../encoder-frame.ts';

/** How the tier writes values of a type; undefined: by a call. */
export function ownKind(type: SqlType): 'long' | 'int' | 'boolean' | 'text' | 'time' | undefined {
  switch (type.kind) {
    case 'BIGINT':
      return 'long';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return 'int';
    case 'BOOLEAN':
      return 'boolean';
    case 'CHAR':
    case 'VARCHAR':
      return 'text';
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return type.precision > 3 ? undefined : 'time';
    default:
      return undefined;
  }
}

/** True where a value takes room by its length. */
export function hasLength(column: NamedColumns[number]): boolean {
  return layoutOf(column.type) === 'bytes';
}

/** Under which a row calls the writer of a column. */
export function writerName(column: number): string {
  return `write${column}`;
}
