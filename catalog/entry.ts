import type { SqlType } from '../core/sql-type.ts';
import type { SourceText } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { Expr, Query } from '../parser/ast.ts';
import type { ObjectPath, Place } from './object-path.ts';
import type { FieldComments } from './field-comments.ts';
import type { GivenOption } from './option-spec.ts';

/** What a table and a view have both. */
interface Entry {
  /** What plans and stored state call it (`shortName` of its path). */
  readonly name: string;
  readonly path: ObjectPath;
  /** True: it is the session's, and hides a lasting one of its path. */
  readonly temporary: boolean;
  readonly comment: string | undefined;
  /** The statement that made it, for errors inside its expressions. */
  readonly source: SourceText;
  readonly span: Span;
}

/** A column of a table, in declaration order. A computed column keeps its expression as it was written: it is bound where it is used. */
export type ColumnEntry =
  | { readonly kind: 'physical'; readonly name: string; readonly type: SqlType; readonly fieldComments?: FieldComments | undefined; readonly comment?: string | undefined }
  | { readonly kind: 'metadata'; readonly name: string; readonly type: SqlType; readonly key: string; readonly isVirtual: boolean; readonly given?: GivenMetadata | undefined; readonly fieldComments?: FieldComments | undefined; readonly comment?: string | undefined }
  | { readonly kind: 'computed'; readonly name: string; readonly expr: Expr; readonly comment?: string | undefined };

/** What the connector says of a metadata column: the type that it has there, and whether it is written. */
export interface GivenMetadata {
  readonly type: SqlType;
  readonly isWritable: boolean;
}

export interface TableEntry extends Entry {
  readonly kind: 'table';
  readonly columns: readonly ColumnEntry[];
  readonly watermark: { readonly column: string; readonly expr: Expr } | undefined;
  readonly primaryKey: readonly string[];
  /** The name that was given to the primary key. */
  readonly constraint?: string | undefined;
  /** PARTITIONED BY: physical columns. Absent where the table has no partitions. */
  readonly partitionedBy?: readonly string[] | undefined;
  readonly options: readonly GivenOption[];
  readonly optionsSpan: Span | undefined;
  /** The table that a hint gave these options, and whose rows these are. Absent for a table as it was made. */
  readonly base?: TableEntry | undefined;
}

export interface ViewEntry extends Entry {
  readonly kind: 'view';
  readonly columns: readonly string[];
  readonly query: Query;
  /** What was in use when it was made: what its query names lies there, whatever is in use where the view is read. */
  readonly home: Place;
}

export type CatalogEntry = TableEntry | ViewEntry;

export function optionOf(entry: TableEntry, key: string): string | undefined {
  return entry.options.find((option) => option.key === key)?.value;
}

export function physicalColumns(entry: TableEntry): readonly { readonly name: string; readonly type: SqlType }[] {
  return entry.columns.filter((column) => column.kind === 'physical');
}

/** What INSERT writes: physical columns, and metadata columns that are not VIRTUAL. */
export function writableColumns(entry: TableEntry): readonly { readonly name: string; readonly type: SqlType }[] {
  return entry.columns.filter((column) => column.kind === 'physical' || (column.kind === 'metadata' && !column.isVirtual)) as readonly { readonly name: string; readonly type: SqlType }[];
}
