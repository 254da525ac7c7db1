import { SqlError } from '../core/diagnostic.ts';
import { canStoreAs, describeType, isText, printType, withNullable } from '../core/sql-type.ts';
import { didYouMean } from '../core/suggest.ts';
import { lookUp, type Catalog } from '../catalog/catalog.ts';
import { writableColumns } from '../catalog/entry.ts';
import { partsOf } from '../catalog/object-path.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Span } from '../core/span.ts';
import type { InsertStatement, Query } from '../parser/ast.ts';
import { castTo } from './cast-to.ts';
import { bindQuery } from './bind-query.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';

/** INSERT INTO t [(columns)] query: by position, with the casts of SQL's store assignment. */
export function bindInsert(statement: InsertStatement, catalog: Catalog): LogicalPlan {
  const name = statement.table.parts.map((part) => part.name).join('.');
  const entry = lookUp(catalog, partsOf(statement.table), statement.table.span);
  if (entry.kind === 'view') throw new SqlError({ code: 'E0101', message: `${name} is a view: rows go into tables`, span: statement.table.span });
  const target = writableColumns(entry);
  const named = statement.columns.map((column) => {
    const index = target.findIndex((candidate) => candidate.name === column.name);
    if (index < 0) throw new SqlError({ code: 'E0102', message: `no column "${column.name}" in ${name}`, span: column.span, label: didYouMean(column.name, target.map((candidate) => candidate.name)) });
    return index;
  });
  const twice = statement.columns.find((column, i) => named.indexOf(named[i] ?? -1) !== i);
  if (twice !== undefined) throw new SqlError({ code: 'E0105', message: `"${twice.name}" is named twice`, span: twice.span });
  const order = named.length > 0 ? named : target.map((_, i) => i);
  const query = bindQuery(statement.query, catalog);
  if (query.columns.length !== order.length) throw wrongCount(statement, name, order.map((i) => target[i]?.name ?? ''), query.columns);
  const exprs = target.map((column, i): BoundExpr => {
    const position = order.indexOf(i);
    const source = query.columns[position];
    if (source === undefined) return { kind: 'literal', value: null, type: withNullable(column.type, true) };
    if (!canStoreAs(source.type, column.type)) {
      throw new SqlError({
        code: 'E0206',
        message: `${column.name} of ${name} is ${describeType(column.type)}, the query gives ${source.name} as ${printType(withNullable(source.type, true))}`,
        span: itemSpan(statement.query, position) ?? statement.query.span,
        hint: `write CAST(... AS ${printType(withNullable(column.type, true))})`,
      });
    }
    const given: BoundExpr = { kind: 'column', index: position, type: source.type };
    // Text goes in as it is: lengths are neither enforced nor filled up, as in Flink by default.
    if (isText(source.type) && isText(column.type)) return given;
    return castTo(given, withNullable(column.type, source.type.nullable), itemSpan(statement.query, position));
  });
  const columns: PlanColumn[] = target.map((column, i) => ({ name: column.name, type: exprs[i]?.type ?? column.type }));
  const input: LogicalPlan = { kind: 'Project', input: query, exprs, columns };
  return { kind: 'Sink', input, table: entry, columns, span: statement.table.span };
}

/** Where a column of the query is written; undefined where that is no one place. */
function itemSpan(query: Query, position: number): Span | undefined {
  return query.kind === 'Select' ? query.items[position]?.span : undefined;
}

function wrongCount(statement: InsertStatement, name: string, target: readonly string[], given: readonly PlanColumn[]): SqlError {
  const rows = Math.max(target.length, given.length);
  const pairs = Array.from({ length: rows }, (_, i) => `${target[i] ?? 'nothing'} <- ${given[i]?.name ?? 'nothing'}`).join(',  ');
  // Only a fix that runs: the query's own names, when the table has them all.
  const names = given.map((column) => column.name);
  const fits = names.length <= target.length && new Set(names).size === names.length && names.every((column) => target.includes(column));
  return new SqlError({
    code: 'E0205',
    message: `${name} has ${target.length} columns, the query gives ${given.length}`,
    span: statement.table.span,
    label: 'INSERT goes by position, not by name:',
    hint: fits ? `${pairs}\nfix: INSERT INTO ${name} (${names.join(', ')})` : pairs,
  });
}
