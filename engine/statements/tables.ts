import { SqlError } from '../../core/diagnostic.ts';
import { lookUp } from '../../catalog/catalog.ts';
import type { CatalogEntry, ViewEntry } from '../../catalog/entry.ts';
import { partsOf, shortName, type ObjectPath } from '../../catalog/object-path.ts';
import { printDefinition, printEntry } from '../../catalog/print-entry.ts';
import type { Name } from '../../parser/ast.ts';
import type { Statement } from '../../parser/ast-statement.ts';
import { bindQuery } from '../../planner/bind-query.ts';
import type { StatementResult } from '../api.ts';
import { tableFromStatement } from '../tables.ts';
import { done, later, nameText, refuseParameters, type StatementContext } from './context.ts';
import { expandedView } from './expanded-view.ts';
import { inheritedFrom } from './like-clause.ts';
import { hidingSecrets } from './show.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** CREATE TABLE, with LIKE or not. */
export function createTable(statement: Of<'CreateTable'>, context: StatementContext): StatementResult | undefined {
  const { catalog } = context.world;
  const { name, like, temporary } = statement;
  if (statement.replace !== undefined) throw new SqlError({ code: 'E0001', message: `${statement.replace === 'REPLACE' ? '' : 'CREATE OR '}REPLACE TABLE takes a query`, span: name.span, hint: `DROP TABLE IF EXISTS ${nameText(name)};  and CREATE TABLE` });
  if (statement.distribution !== undefined) throw later('DISTRIBUTED', statement.distribution.span);
  refuseParameters(statement, 'a table');
  const path = newPath(name, context);
  const there = catalog.at(path, temporary);
  if (statement.ifNotExists && there !== undefined) return done(`${nameText(name)} is there already`);
  const model = like === undefined ? undefined : lookUp(catalog, partsOf(like.table), like.table.span);
  if (model?.kind === 'view') throw new SqlError({ code: 'E0101', message: `${model.name} is a view: LIKE takes a table`, span: like?.table.span });
  const inherited = model === undefined || like === undefined ? undefined : inheritedFrom(model, like);
  const { entry, errors, draft } = tableFromStatement(statement, context.source, { path, inherited }, context.connectors);
  if (entry !== undefined && errors.length === 0) return define(entry, there, statement, context);
  context.faults(errors, nameText(name), entry === undefined ? 'draft' : 'usable');
  // What comes behind it is checked against what can be understood of it. Nothing of a script with faults is ever done.
  if (draft !== undefined && there === undefined) define(draft, there, statement, context);
  return undefined;
}

/** CREATE VIEW: its query is bound now, and again wherever the view is read. */
export function createView(statement: Of<'CreateView'>, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  const { name, query, temporary, comment } = statement;
  refuseParameters(statement, 'a view');
  const path = newPath(name, context);
  const there = catalog.at(path, temporary);
  if (statement.ifNotExists && there !== undefined) return done(`${nameText(name)} is there already`);
  const columns = statement.columns.map((column) => column.name);
  const given = bindQuery(query, catalog).columns.length;
  if (columns.length > 0 && columns.length !== given) {
    throw new SqlError({ code: 'E0205', message: `the view ${nameText(name)} names ${columns.length} columns, its query gives ${given}`, span: name.span, label: 'name as many columns as the query gives' });
  }
  const view: ViewEntry = { kind: 'view', name: shortName(path), path, temporary, comment, columns, query, home: catalog.place, source: context.source, span: statement.span };
  return define(view, there, statement, context);
}

/** DROP TABLE and DROP VIEW. Without TEMPORARY what the name finds goes, which is the temporary one where there are both. */
export function dropObject({ what, name, ifExists, temporary }: Of<'Drop'>, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  const parts = partsOf(name);
  const found = ifExists ? catalog.find(parts) : lookUp(catalog, parts, name.span, what === 'VIEW' ? 'view' : 'table');
  const entry = temporary && found?.temporary === false ? undefined : found;
  if (entry === undefined) {
    if (ifExists) return done(`there is no ${what.toLowerCase()} ${nameText(name)}`);
    throw new SqlError({ code: 'E0101', message: `${nameText(name)} is not temporary`, span: name.span, hint: `DROP ${what} ${nameText(name)};` });
  }
  const kind = entry.kind.toUpperCase();
  if (kind !== what) throw new SqlError({ code: 'E0101', message: `${nameText(name)} is a ${entry.kind}`, span: name.span, hint: `DROP ${kind} ${nameText(name)};` });
  context.do((world) => void world.catalog.remove(entry));
  return done(`dropped ${nameText(name)}`);
}

/** Where the name of something new leads. Throws E0106 when there is no such database. */
export function newPath(name: Name, { world }: StatementContext): ObjectPath {
  if (name.parts.length > 3) throw new SqlError({ code: 'E0106', message: `${nameText(name)} is no name: it is CATALOG.DATABASE.NAME at most`, span: name.span, label: 'a name with dots in it stands in backticks' });
  const path = world.catalog.path(partsOf(name), name.span);
  world.catalog.checkDatabase(path, name.span);
  return path;
}

/** Adds an entry. One that is stored, and just like it, is left as it is; one that is stored and differs is an error that shows how. */
export function define(entry: CatalogEntry, there: CatalogEntry | undefined, { name }: { readonly name: Name }, context: StatementContext): StatementResult {
  if (there !== undefined && context.isStored(there)) {
    if (printDefinition(there) === printDefinition(entry) || isSameView(there, entry, context)) return done(`${nameText(name)} is there already, defined just so`);
    const word = there.kind.toUpperCase();
    const [now = [], wanted = []] = [there, entry].map((one) => printDefinition(hidingSecrets(one)).split('\n').map((line) => line.trim().replace(/,$/, '')));
    const gone = now.filter((line) => !wanted.includes(line)).map((line) => `- ${line}`);
    const added = wanted.filter((line) => !now.includes(line)).map((line) => `+ ${line}`);
    if (gone.length + added.length === 0) gone.push('in the order of columns or options, or in a value that is not shown');
    throw new SqlError({ code: 'E0105', message: `there is a stored ${there.kind} ${nameText(name)} that is defined otherwise`, span: name.span, hint: [...gone, ...added, `DROP ${word} ${nameText(name)};  or another name`].join('\n') });
  }
  context.do((world) => world.catalog.add(entry, name.span));
  return done(`created ${nameText(name)}`);
}

/** Whether two views differ in nothing but in how whole their names are: what SHOW CREATE prints is the view that it was asked for. */
function isSameView(there: CatalogEntry, entry: CatalogEntry, { world: { catalog } }: StatementContext): boolean {
  return there.kind === 'view' && entry.kind === 'view' && printEntry(expandedView(there, catalog)) === printEntry(expandedView(entry, catalog));
}
