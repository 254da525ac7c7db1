import { SqlError } from '../../core/diagnostic.ts';
import { printType } from '../../core/sql-type.ts';
import type { TableEntry } from '../../catalog/entry.ts';
import { quoted } from '../../catalog/object-path.ts';
import type { Identifier, Query } from '../../parser/ast.ts';
import type { ColumnClause, CreateTableStatement, InsertStatement } from '../../parser/ast-statement.ts';
import { parse } from '../../parser/parse.ts';
import { bindQuery } from '../../planner/bind-query.ts';
import type { PlanColumn } from '../../planner/logical-plan.ts';
import { tableFromStatement } from '../tables.ts';
import { later, nameText, refuseParameters, type StatementContext } from './context.ts';
import { newPath } from './tables.ts';

type CreateAs = CreateTableStatement & { readonly query: Query };

export function isCreateAs(statement: CreateTableStatement): statement is CreateAs {
  return statement.query !== undefined;
}

/**
 * CREATE TABLE ... AS: the table that it makes and the INSERT that fills it. The table has the columns that are declared and not of the query, then
 * those of the query in its order, or in the order in which names alone are listed; a column that both have keeps the query's place and takes the
 * declared type. Changes nothing; the entry is undefined where the definition has faults.
 */
export function planCreateAs(statement: CreateAs, context: StatementContext): { readonly entry: TableEntry | undefined; readonly errors: readonly SqlError[]; readonly insert: InsertStatement } {
  const { name, query, span } = statement;
  if (statement.temporary) throw new SqlError({ code: 'E0001', message: 'CREATE TEMPORARY TABLE takes no query', span: name.span, hint: 'CREATE TABLE ... AS SELECT ...' });
  if (statement.like !== undefined) throw new SqlError({ code: 'E0001', message: 'a table is made LIKE another or AS a query, not both', span: statement.like.span });
  if (statement.distribution !== undefined) throw later('DISTRIBUTED', statement.distribution.span);
  const partition = statement.partitionedBy[0];
  if (partition !== undefined) throw later('CREATE TABLE ... PARTITIONED BY ... AS', partition.span);
  refuseParameters(statement, 'a table');
  const given = bindQuery(query, context.world.catalog).columns;
  const columns = columnsOf(statement, given);
  const { entry, errors } = tableFromStatement({ ...statement, columns, query: undefined }, context.source, { path: newPath(name, context) }, context.connectors);
  const insert: InsertStatement = { kind: 'Insert', overwrite: false, table: name, hints: [], partition: [], columns: given.map((column): Identifier => ({ name: column.name, span: query.span })), query, onConflict: undefined, span };
  return { entry, errors, insert };
}

function columnsOf({ columns, query, name }: CreateAs, given: readonly PlanColumn[]): readonly ColumnClause[] {
  const isOfQuery = (clause: ColumnClause): boolean => 'name' in clause && given.some((column) => column.name === clause.name.name);
  const listed = columns.flatMap((clause) => (clause.kind === 'QueryColumn' ? [clause] : []));
  for (const clause of columns) {
    if (isOfQuery(clause) && clause.kind !== 'QueryColumn' && clause.kind !== 'PhysicalColumn') throw new SqlError({ code: 'E0105', message: `the query of ${nameText(name)} gives "${'name' in clause ? clause.name.name : ''}", which is declared as another kind of column`, span: clause.span });
  }
  const unknown = listed.find((clause) => !isOfQuery(clause));
  if (unknown !== undefined) throw new SqlError({ code: 'E0102', message: `the query of ${nameText(name)} gives no column "${unknown.name.name}"`, span: unknown.span });
  const missing = listed.length === 0 ? undefined : given.find((column) => !columns.some((clause) => 'name' in clause && clause.name.name === column.name));
  if (missing !== undefined) throw new SqlError({ code: 'E0205', message: `the query of ${nameText(name)} gives a column "${missing.name}", which is not listed`, span: query.span });
  const typed = typedClauses(given, query);
  const declared = columns.filter((clause) => clause.kind === 'PhysicalColumn');
  const order = listed.length === 0 ? given.map((column) => column.name) : listed.map((clause) => clause.name.name);
  const ofQuery = order.flatMap((column): readonly ColumnClause[] => {
    const clause = declared.find((own) => own.name.name === column) ?? typed[given.findIndex((other) => other.name === column)];
    return clause === undefined ? [] : [clause];
  });
  const own = columns.filter((clause) => !isOfQuery(clause));
  return [...own.filter((clause) => clause.kind !== 'Watermark' && clause.kind !== 'PrimaryKey'), ...ofQuery, ...own.filter((clause) => clause.kind === 'Watermark' || clause.kind === 'PrimaryKey')];
}

/** The columns of a query as clauses: their types are read from the text that they are printed as. */
function typedClauses(given: readonly PlanColumn[], { span }: Query): readonly ColumnClause[] {
  const [statement] = parse(`CREATE TABLE t (${given.map(({ name, type }) => `${quoted(name)} ${printType(type)}`).join(', ')})`).statements;
  if (statement?.kind !== 'CreateTable') throw new SqlError({ code: 'E0002', message: 'not supported yet: a table with the types of this query', span });
  return statement.columns.map((clause): ColumnClause => ({ ...clause, span }));
}
