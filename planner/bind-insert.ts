import { assert } from '../core/assert.ts';
import { SqlError } from '../core/diagnostic.ts';
import { canStoreAs, describeType, isText, printType, withNullable } from '../core/sql-type.ts';
import { didYouMean, nearOrListed } from '../core/suggest.ts';
import { lookUp, type Catalog } from '../catalog/catalog.ts';
import { writableColumns, type TableEntry } from '../catalog/entry.ts';
import { withHints } from '../catalog/hinted-table.ts';
import { partsOf } from '../catalog/object-path.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Span } from '../core/span.ts';
import type { Query } from '../parser/ast.ts';
import type { InsertStatement } from '../parser/ast-statement.ts';
import { writtenColumns } from './bind-metadata.ts';
import { castTo } from './cast-to.ts';
import { nameOf } from './bind-grouped.ts';
import { bindQuery } from './bind-query.ts';
import { Mistakes } from './mistakes.ts';
import type { SinkOptions } from './lower-sink.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';

/** INSERT INTO t [PARTITION (k = 1)] [(columns)] query: by position, with the casts of SQL's store assignment. */
export function bindInsert(statement: InsertStatement, catalog: Catalog, typeLength: SinkOptions['typeLength'] = 'IGNORE'): LogicalPlan {
  const name = statement.table.parts.map((part) => part.name).join('.');
  const entry = lookUp(catalog, partsOf(statement.table), statement.table.span);
  if (entry.kind === 'view') throw new SqlError({ code: 'E0101', message: `${name} is a view: rows go into tables`, span: statement.table.span, label: 'name the table that the view reads, or a new one' });
  // DEDUPLICATE is what happens anyway: of rows for one key the last change that stands wins.
  if (statement.onConflict === 'NOTHING' || statement.onConflict === 'ERROR') throw new SqlError({ code: 'E0002', message: `not supported yet: ON CONFLICT DO ${statement.onConflict}`, span: { start: statement.query.span.end, end: statement.span.end } });
  const target = writableColumns(entry);
  const fixed = fixedColumns(statement, entry, catalog);
  const named = statement.columns.map((column) => {
    const index = target.findIndex((candidate) => candidate.name === column.name);
    if (index < 0) throw new SqlError({ code: 'E0102', message: `no column "${column.name}" in ${name}`, span: column.span, ...nearOrListed(column.name, target.map((candidate) => candidate.name), 'columns:') });
    return index;
  });
  const twice = statement.columns.find((column, i) => named.indexOf(named[i] ?? -1) !== i);
  if (twice !== undefined) throw new SqlError({ code: 'E0105', message: `"${twice.name}" is named twice`, span: twice.span, label: 'name each column once' });
  const again = statement.columns.find((column) => fixed.has(column.name));
  if (again !== undefined) throw new SqlError({ code: 'E0105', message: `PARTITION gives "${again.name}" its value already`, span: again.span });
  const order = named.length > 0 ? named : target.flatMap(({ name: column }, i) => (fixed.has(column) ? [] : [i]));
  const mistakes = new Mistakes();
  const query = mistakes.attempt(() => bindQuery(statement.query, catalog));
  if (query === undefined) {
    // How many columns it gives can be seen all the same.
    const given = namesOfItems(statement.query);
    if (given !== undefined && given.length !== order.length) mistakes.add(wrongCount(statement, name, order.map((i) => target[i]?.name ?? ''), given));
    mistakes.throwAny();
  }
  assert(query !== undefined, 'what is not bound has a mistake');
  if (query.columns.length !== order.length) throw wrongCount(statement, name, order.map((i) => target[i]?.name ?? ''), query.columns);
  const exprs = target.map((column, i): BoundExpr => {
    const position = order.indexOf(i);
    const source = query.columns[position];
    const value = fixed.get(column.name);
    if (value !== undefined) return castTo(value, withNullable(column.type, value.type.nullable), statement.partition[0]?.span);
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
    // Text goes in as it is, as in Flink by default: a cast would cut it and fill it up.
    if (typeLength !== 'TRIM_PAD' && isText(source.type) && isText(column.type)) return given;
    return castTo(given, withNullable(column.type, source.type.nullable), itemSpan(statement.query, position));
  });
  const columns: PlanColumn[] = target.map((column, i) => ({ name: column.name, type: exprs[i]?.type ?? column.type }));
  const input: LogicalPlan = { kind: 'Project', input: query, exprs, columns };
  const written = writtenColumns(entry, input, statement.table.span);
  return { kind: 'Sink', input: written, table: withHints(entry, statement.hints), columns: written.columns, span: statement.table.span };
}

/** The columns to which PARTITION gives a value, one for all rows. */
function fixedColumns({ partition }: InsertStatement, table: TableEntry, catalog: Catalog): ReadonlyMap<string, BoundExpr> {
  const fixed = new Map<string, BoundExpr>();
  for (const { column, value, span } of partition) {
    if (table.partitionedBy?.includes(column.name) !== true) {
      throw new SqlError({ code: 'E0102', message: `${table.name} is not partitioned by "${column.name}"`, span: column.span, label: didYouMean(column.name, table.partitionedBy ?? []) ?? (table.partitionedBy === undefined ? 'leave PARTITION out' : `it is by ${table.partitionedBy.join(', ')}`) });
    }
    if (fixed.has(column.name)) throw new SqlError({ code: 'E0105', message: `"${column.name}" is named twice`, span });
    if (value === undefined) continue;
    const alone = bindQuery({ kind: 'Select', hints: [], distinct: false, items: [{ expr: value, alias: undefined, span }], from: undefined, where: undefined, groupBy: [], having: undefined, windows: [], qualify: undefined, span }, catalog);
    const expr = alone.kind === 'Project' && alone.input.kind === 'SingleRow' ? alone.exprs[0] : undefined;
    if (expr === undefined) throw new SqlError({ code: 'E0208', message: 'a partition has a constant for its value', span });
    fixed.set(column.name, expr);
  }
  return fixed;
}

/** Where a column of the query is written; undefined where that is no one place. */
function itemSpan(query: Query, position: number): Span | undefined {
  return query.kind === 'Select' ? query.items[position]?.span : undefined;
}

/** The names of a query's columns by its text; undefined where it does not tell them. */
function namesOfItems(query: Query): readonly { readonly name: string }[] | undefined {
  if (query.kind !== 'Select' || query.items.some(({ expr }) => expr.kind === 'Star')) return undefined;
  return query.items.map(({ expr, alias }, i) => ({ name: nameOf(expr, alias, i) }));
}

function wrongCount(statement: InsertStatement, name: string, target: readonly string[], given: readonly { readonly name: string }[]): SqlError {
  const rows = Math.max(target.length, given.length);
  const pairs = Array.from({ length: rows }, (_, i) => `${target[i] ?? 'nothing'} <- ${given[i]?.name ?? 'nothing'}`).join(',  ');
  // Only a fix that runs: the query's own names, when the table has them all.
  const names = given.map((column) => column.name);
  const fits = names.length <= target.length && new Set(names).size === names.length && names.every((column) => target.includes(column));
  return new SqlError({
    code: 'E0205',
    message: `${name} has ${target.length} ${target.length === 1 ? 'column' : 'columns'}, the query gives ${given.length}`,
    span: statement.table.span,
    label: 'INSERT goes by position, not by name:',
    hint: fits ? `${pairs}\nfix: INSERT INTO ${name} (${names.join(', ')})` : pairs,
  });
}
