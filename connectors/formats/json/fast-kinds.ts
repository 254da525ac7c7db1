import { layoutOf } from '../../../core/layout.ts';
import type { NamedColumns } from '../encoder-frame.ts';

/** How the tier writes values of a type; undefined: by a call. */
export function ownKind(kind: string): 'long' | 'int' | 'boolean' | 'text' | undefined {
  switch (kind) {
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
