import { unreachable } from '../core/assert.ts';
import { printExpr, printQuery } from '../parser/print-query.ts';
import type { CatalogEntry, ColumnEntry, TableEntry, ViewEntry } from './entry.ts';
import { printCommented } from './field-comments.ts';
import { defaultCatalog, defaultDatabase, fullName, quoted } from './object-path.ts';

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/**
 * The statement that would make this entry, in one form for all, as SHOW CREATE prints it: two entries of the same definition have the same
 * text, and what it is parsed to is the same entry.
 */
export function printEntry(entry: CatalogEntry): string {
  return entry.kind === 'table' ? printTable(entry) : printView(entry);
}

/**
 * All that makes this entry, as it is stored: before a view stands a USE of what was in use when it was made, where that was not the first
 * database, since its query says what it reads in the words of there.
 */
export function printDefinition(entry: CatalogEntry): string {
  const text = printEntry(entry);
  if (entry.kind === 'table' || (entry.home.catalog === defaultCatalog && entry.home.database === defaultDatabase)) return text;
  const { catalog, database } = entry.home;
  return `USE ${database === undefined ? `CATALOG ${quoted(catalog)}` : quoted(catalog, database)};\n${text}`;
}

function printTable(entry: TableEntry): string {
  const { primaryKey, watermark } = entry;
  const lines = entry.columns.map(printColumn);
  if (watermark !== undefined) lines.push(`WATERMARK FOR ${quoted(watermark.column)} AS ${printExpr(watermark.expr)}`);
  if (primaryKey.length > 0) lines.push(`${entry.constraint === undefined ? '' : `CONSTRAINT ${quoted(entry.constraint)} `}PRIMARY KEY (${primaryKey.map((name) => quoted(name)).join(', ')}) NOT ENFORCED`);
  const options = entry.options.map(({ key, value }) => `${text(key)} = ${text(value)}`);
  return [
    `CREATE ${entry.temporary ? 'TEMPORARY ' : ''}TABLE ${fullName(entry.path)}${lines.length === 0 ? '' : ` (\n${indented(lines)}\n)`}`,
    ...printComment(entry.comment),
    ...(entry.partitionedBy === undefined ? [] : [`PARTITIONED BY (${entry.partitionedBy.map((name) => quoted(name)).join(', ')})`]),
    ...(options.length === 0 ? [] : [`WITH (\n${indented(options)}\n)`]),
  ].join('\n');
}

function printView(entry: ViewEntry): string {
  const columns = entry.columns.length === 0 ? '' : ` (\n${indented(entry.columns.map((name) => quoted(name)))}\n)`;
  return [`CREATE ${entry.temporary ? 'TEMPORARY ' : ''}VIEW ${fullName(entry.path)}${columns}`, ...printComment(entry.comment), `AS ${printQuery(entry.query)}`].join('\n');
}

function printColumn(column: ColumnEntry): string {
  const comment = column.comment === undefined ? '' : ` COMMENT ${text(column.comment)}`;
  switch (column.kind) {
    case 'physical':
      return `${quoted(column.name)} ${printCommented(column.type, column.fieldComments)}${comment}`;
    case 'metadata':
      return `${quoted(column.name)} ${printCommented(column.type, column.fieldComments)} METADATA${column.key === column.name ? '' : ` FROM ${text(column.key)}`}${column.isVirtual ? ' VIRTUAL' : ''}${comment}`;
    case 'computed':
      return `${quoted(column.name)} AS ${printExpr(column.expr)}${comment}`;
    default:
      return unreachable(column);
  }
}

function printComment(comment: string | undefined): readonly string[] {
  return comment === undefined ? [] : [`COMMENT ${text(comment)}`];
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join(',\n');
}
