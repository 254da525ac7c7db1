import type { SqlType } from '../core/sql-type.ts';
import type { SourceText } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { Expr, Query } from '../parser/ast.ts';
import type { GivenOption } from './option-spec.ts';

/** A column of a table, in declaration order. A computed column keeps its expression as it was written: it is bound where it is used. */
export type ColumnEntry =
  | { readonly kind: 'physical'; readonly name: string; readonly type: SqlType }
  | { readonly kind: 'metadata'; readonly name: string; readonly type: SqlType; readonly key: string; readonly isVirtual: boolean }
  | { readonly kind: 'computed'; readonly name: string; readonly expr: Expr };

export interface TableEntry {
  readonly kind: 'table';
  readonly name: string;
  readonly columns: readonly ColumnEntry[];
  readonly watermark: { readonly column: string; readonly expr: Expr } | undefined;
  readonly primaryKey: readonly string[];
  readonly options: readonly GivenOption[];
  readonly optionsSpan: Span | undefined;
  /** The statement that made it, for errors inside its expressions and for SHOW CREATE. */
  readonly source: SourceText;
  readonly span: Span;
}

export interface ViewEntry {
  readonly kind: 'view';
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Query;
  readonly source: SourceText;
  readonly span: Span;
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
