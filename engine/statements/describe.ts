import { SqlError } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/suggest.ts';
import { lookUp } from '../../catalog/catalog.ts';
import type { CatalogEntry, ColumnEntry } from '../../catalog/entry.ts';
import { partsOf, quoted } from '../../catalog/object-path.ts';
import type { Statement } from '../../parser/ast-statement.ts';
import { parse } from '../../parser/parse.ts';
import { printExpr } from '../../parser/print-query.ts';
import { findAggregate, findScalar, functionNames } from '../../functions/registry.ts';
import { bindQuery } from '../../planner/bind-query.ts';
import { isProcessingTimeColumn } from '../../planner/processing-time.ts';
import type { Column, Row, StatementResult } from '../api.ts';
import { columnsOfPlan } from '../rows.ts';
import { later, listing, textColumn, type StatementContext } from './context.ts';

type Describe = Extract<Statement, { kind: 'Describe' }>;

/** DESCRIBE of a table, a view, a database or a catalog, with Flink's columns. */
export function describe(statement: Describe, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  const { what, name, extended, span } = statement;
  const parts = partsOf(name);
  switch (what) {
    case 'TABLE':
      // As in Flink: EXTENDED says no more of a table.
      return columnListing(lookUp(catalog, parts, name.span), context, () => true);
    case 'DATABASE': {
      const [database = '', of = catalog.currentCatalog] = parts.toReversed();
      catalog.checkDatabase({ catalog: of, database }, name.span);
      const { comment, options } = catalog.databases(of).get(database) ?? { comment: undefined, options: {} };
      const facts: [string, string][] = [['catalog', of], ['database', database]];
      if (comment !== undefined) facts.push(['comment', comment]);
      if (extended) facts.push(...Object.entries(options));
      return listing([textColumn('info name'), textColumn('info value')], facts.map(([fact, value]) => ({ 'info name': fact, 'info value': value })));
    }
    case 'CATALOG': {
      const [of = ''] = parts;
      catalog.databases(of, name.span);
      const { comment, options } = catalog.factsOf(of);
      const facts: [string, string | null][] = [['name', of], ['type', 'generic_in_memory'], ['comment', comment ?? null]];
      if (extended) facts.push(...Object.entries(options).filter(([key]) => key !== 'type').toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]): [string, string] => [`option:${key}`, value]));
      return listing([textColumn('info name'), textColumn('info value', true)], facts.map(([fact, value]) => ({ 'info name': fact, 'info value': value })));
    }
    case 'FUNCTION':
      return describeFunction(statement, context);
    default:
      throw later(`DESCRIBE ${what}`, span);
  }
}

/** What Flink says of a function, and with EXTENDED how it behaves; and what it does. */
function describeFunction({ name, extended }: Describe, { functions }: StatementContext): StatementResult {
  const [key = ''] = partsOf(name).map((part) => part.toUpperCase()).toReversed();
  const scalar = findScalar(key);
  const aggregate = scalar === undefined ? findAggregate(key) : undefined;
  const found = scalar ?? aggregate;
  if (found === undefined) throw new SqlError({ code: 'E0103', message: `there is no function ${key}`, span: name.span, label: didYouMean(key, [...functionNames(), ...functions]) });
  const isOwn = functions.includes(key);
  const facts: [string, string][] = [['is system function', String(!isOwn)], ['is temporary', String(isOwn)]];
  if (extended) facts.push(['kind', scalar === undefined ? 'AGGREGATE' : 'SCALAR'], ['is deterministic', String(scalar?.deterministic ?? true)], ['description', found.doc]);
  return listing([textColumn('info name'), textColumn('info value')], facts.map(([fact, value]) => ({ 'info name': fact, 'info value': value })));
}

/** A row for each column: name, type, null, key, extras, watermark, and the comment where a column has one. */
export function columnListing(entry: CatalogEntry, { world }: StatementContext, fits: (name: string) => boolean): StatementResult {
  const { catalog, database, object } = entry.path;
  const query = parse(`SELECT * FROM ${quoted(catalog, database, object)}`).statements[0];
  if (query?.kind !== 'QueryStatement') throw new SqlError({ code: 'E0999', message: `${entry.name} cannot be read by its own name` });
  const plan = bindQuery(query.query, world.catalog);
  const bound = columnsOfPlan(plan.columns);
  const timeOf = (index: number): string => (isProcessingTimeColumn(plan, index) ? ' *PROCTIME*' : bound[index]?.time === undefined ? '' : ' *ROWTIME*');
  const declared = entry.kind === 'table' ? entry.columns : [];
  const hasComment = declared.some((column) => column.comment !== undefined);
  const columns: Column[] = [textColumn('name'), textColumn('type'), { name: 'null', type: 'BOOLEAN', nullable: false }, ...['key', 'extras', 'watermark'].map((name) => textColumn(name, true))];
  if (hasComment) columns.push(textColumn('comment', true));
  const rows = bound.flatMap((column, index): readonly Row[] => {
    if (!fits(column.name)) return [];
    const own = declared.find((candidate) => candidate.name === column.name);
    const isKey = entry.kind === 'table' && entry.primaryKey.includes(column.name);
    const watermark = entry.kind === 'table' && entry.watermark?.column === column.name ? entry.watermark : undefined;
    return [{
      name: column.name,
      type: `${column.type}${timeOf(index)}`,
      null: column.nullable,
      key: isKey ? `PRI(${entry.primaryKey.join(', ')})` : null,
      extras: own === undefined ? null : extrasOf(own),
      watermark: watermark === undefined ? null : printExpr(watermark.expr),
      ...(hasComment ? { comment: own?.comment ?? null } : {}),
    }];
  });
  return listing(columns, rows);
}

function extrasOf(column: ColumnEntry): string | null {
  switch (column.kind) {
    case 'physical':
      return null;
    case 'computed':
      return `AS ${printExpr(column.expr)}`;
    case 'metadata':
      return `METADATA${column.key === column.name ? '' : ` FROM '${column.key}'`}${column.isVirtual ? ' VIRTUAL' : ''}`;
  }
}
