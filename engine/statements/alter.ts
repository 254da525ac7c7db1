import { unreachable } from '../../core/assert.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { nearOrListed } from '../../core/suggest.ts';
import { lookUp } from '../../catalog/catalog.ts';
import type { CatalogEntry, ColumnEntry, TableEntry, ViewEntry } from '../../catalog/entry.ts';
import { partsOf, shortName, type ObjectPath } from '../../catalog/object-path.ts';
import type { Identifier, Name } from '../../parser/ast.ts';
import type { AlterTableAction, ColumnChange, Statement } from '../../parser/ast-statement.ts';
import { bindQuery } from '../../planner/bind-query.ts';
import type { StatementResult } from '../api.ts';
import { columnOf, rebuildTable } from '../tables.ts';
import { done, later, nameText, refuseParameters, type StatementContext } from './context.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** ALTER TABLE: the changed table is checked whole, as if it had been created so. What runs already is not touched. */
export function alterTable(statement: Of<'AlterTable'>, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  const { name, action } = statement;
  if (statement.ifExists && catalog.find(partsOf(name)) === undefined) return done(`there is no table ${nameText(name)}`);
  const table = lookUp(catalog, partsOf(name), name.span);
  if (table.kind === 'view') throw new SqlError({ code: 'E0101', message: `${nameText(name)} is a view`, span: name.span, hint: `ALTER VIEW ${nameText(name)} ...` });
  refuseParameters(statement, 'a table');
  const changed = action.kind === 'RenameTo' ? renamed(table, action.to, context) : changedBy(table, action);
  const { entry, errors } = rebuildTable(changed, context.connectors);
  if (errors.length > 0 || entry === undefined) {
    // The places of these are in the text that the table is printed as: here it is the change that is at fault.
    const fault = errors[0]?.diagnostic ?? { code: 'E0999', message: `${nameText(name)} cannot be printed` };
    const isStillRead = fault.code === 'E0102' && (action.kind === 'DropColumns' || action.kind === 'RenameColumn');
    throw new SqlError({ ...fault, span: action.span, source: context.source, fixes: undefined, culprit: undefined, ...(isStillRead && { label: 'a computed column or the watermark reads it', hint: undefined }) });
  }
  context.do((world) => world.catalog.replace(table, entry, name.span));
  return done(`altered ${nameText(name)}`);
}

/** ALTER VIEW v RENAME TO w, ALTER VIEW v AS query. */
export function alterView(statement: Of<'AlterView'>, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  const { name, action } = statement;
  const view = lookUp(catalog, partsOf(name), name.span, 'view');
  if (view.kind === 'table') throw new SqlError({ code: 'E0101', message: `${nameText(name)} is a table`, span: name.span, hint: `ALTER TABLE ${nameText(name)} ...` });
  refuseParameters(statement, 'a view');
  let changed: ViewEntry;
  if (action.kind === 'As') {
    bindQuery(action.query, catalog, undefined, [view]);
    changed = { ...view, columns: [], query: action.query, home: catalog.place, source: context.source, span: statement.span };
  } else {
    changed = renamed(view, action.to, context);
  }
  context.do((world) => world.catalog.replace(view, changed, name.span));
  return done(`altered ${nameText(name)}`);
}

/** Under another name, in the same database if the name gives none. */
function renamed<E extends CatalogEntry>(entry: E, to: Name, { world }: StatementContext): E {
  const [object = '', database = entry.path.database, catalog = entry.path.catalog] = partsOf(to).toReversed();
  const path: ObjectPath = { catalog, database, object };
  if (catalog !== entry.path.catalog || database !== entry.path.database) throw new SqlError({ code: 'E0106', message: 'RENAME TO leaves a table in its database', span: to.span, label: `write ${object} alone` });
  const there = world.catalog.at(path, entry.temporary);
  if (there !== undefined) throw new SqlError({ code: 'E0105', message: `there is a ${there.kind} ${nameText(to)} already`, span: to.span, label: 'give it another name, or drop that one first' });
  return { ...entry, path, name: shortName(path) };
}

function changedBy(table: TableEntry, action: Exclude<AlterTableAction, { kind: 'RenameTo' }>): TableEntry {
  switch (action.kind) {
    case 'SetOptions': {
      const given = action.options.map(({ key, value }) => ({ key: key.text, value: value.text }));
      const kept = table.options.map((option) => given.findLast(({ key }) => key === option.key) ?? option);
      return { ...table, options: [...kept, ...given.filter((option, i) => !kept.some(({ key }) => key === option.key) && given.findLastIndex(({ key }) => key === option.key) === i)] };
    }
    case 'ResetOptions':
      if (action.keys.includes('connector')) throw new SqlError({ code: 'E0503', message: "a table keeps its 'connector'", span: action.span, hint: "SET ('connector' = '...')" });
      return { ...table, options: table.options.filter(({ key }) => !action.keys.includes(key)) };
    case 'RenameColumn':
      return renameColumn(table, action.from, action.to);
    case 'DropColumns': {
      const partition = action.columns.find(({ name }) => table.partitionedBy?.includes(name));
      if (partition !== undefined) throw new SqlError({ code: 'E0102', message: `${table.name} is partitioned by "${partition.name}"`, span: partition.span });
      for (const column of action.columns) find(table, column);
      const gone = action.columns.map((column) => column.name);
      const key = table.primaryKey.find((name) => gone.includes(name));
      if (key !== undefined) throw new SqlError({ code: 'E0102', message: `"${key}" is of the primary key`, span: action.span, hint: 'DROP PRIMARY KEY first' });
      if (table.watermark !== undefined && gone.includes(table.watermark.column)) throw new SqlError({ code: 'E0102', message: `the watermark is on "${table.watermark.column}"`, span: action.span, hint: 'DROP WATERMARK first' });
      return { ...table, columns: table.columns.filter(({ name }) => !gone.includes(name)) };
    }
    case 'DropConstraint': {
      const known = table.primaryKey.length === 0 ? undefined : (table.constraint ?? `PK_${table.primaryKey.join('_')}`);
      if (known !== action.constraint.name) throw new SqlError({ code: 'E0102', message: `${table.name} has no constraint "${action.constraint.name}"`, span: action.constraint.span, label: known === undefined ? undefined : `its primary key is ${known}`, hint: known === undefined ? undefined : 'DROP PRIMARY KEY' });
      return { ...table, primaryKey: [], constraint: undefined };
    }
    case 'DropPart':
      if (action.what === 'DISTRIBUTION') throw later('DROP DISTRIBUTION', action.span);
      if (action.what === 'WATERMARK') {
        if (table.watermark === undefined) throw new SqlError({ code: 'E0102', message: `${table.name} has no watermark`, span: action.span, label: 'leave it out; ADD WATERMARK FOR ts AS ts gives one' });
        return { ...table, watermark: undefined };
      }
      if (table.primaryKey.length === 0) throw new SqlError({ code: 'E0102', message: `${table.name} has no primary key`, span: action.span, label: 'leave it out; ADD PRIMARY KEY (id) NOT ENFORCED gives one' });
      return { ...table, primaryKey: [], constraint: undefined };
    case 'ChangeDistribution':
      throw later(`${action.operation} DISTRIBUTION`, action.span);
    case 'AddPartitions':
      throw later('ADD PARTITION', action.span);
    case 'DropPartitions':
      throw later('DROP PARTITION', action.span);
    case 'ChangeColumns':
      return action.changes.reduce((sofar, change) => withChange(sofar, change, action.operation), table);
    default:
      return unreachable(action);
  }
}

/** A column that an expression names keeps its name: what is written stays what it was. */
function renameColumn(table: TableEntry, from: Identifier, to: Identifier): TableEntry {
  const column = find(table, from);
  if (table.columns.some(({ name }) => name === to.name)) throw new SqlError({ code: 'E0105', message: `${table.name} has a column "${to.name}" already`, span: to.span, label: 'give it another name' });
  if (table.watermark?.column === from.name) throw new SqlError({ code: 'E0102', message: `the watermark is on "${from.name}"`, span: from.span, hint: 'DROP WATERMARK first' });
  // A metadata column without a key reads the one of its name.
  const columns = table.columns.map((other) => (other === column ? { ...other, name: to.name } : other));
  return { ...table, columns, primaryKey: table.primaryKey.map((name) => (name === from.name ? to.name : name)), partitionedBy: table.partitionedBy?.map((name) => (name === from.name ? to.name : name)) };
}

function withChange(table: TableEntry, { clause, place, span }: ColumnChange, operation: 'ADD' | 'MODIFY'): TableEntry {
  switch (clause.kind) {
    case 'Watermark':
      if (operation === 'ADD' && table.watermark !== undefined) throw new SqlError({ code: 'E0201', message: `${table.name} has a watermark already`, span, hint: 'MODIFY WATERMARK FOR ...' });
      if (operation === 'MODIFY' && table.watermark === undefined) throw new SqlError({ code: 'E0102', message: `${table.name} has no watermark`, span, hint: 'ADD WATERMARK FOR ...' });
      return { ...table, watermark: { column: clause.column.name, expr: clause.expr } };
    case 'PrimaryKey':
      if (operation === 'ADD' && table.primaryKey.length > 0) throw new SqlError({ code: 'E0105', message: `${table.name} has a primary key already`, span, hint: 'MODIFY PRIMARY KEY (...) NOT ENFORCED' });
      if (operation === 'MODIFY' && table.primaryKey.length === 0) throw new SqlError({ code: 'E0102', message: `${table.name} has no primary key`, span, hint: 'ADD PRIMARY KEY (...) NOT ENFORCED' });
      return { ...table, primaryKey: clause.columns.map((column) => column.name), constraint: clause.constraint?.name };
    case 'QueryColumn':
      throw new SqlError({ code: 'E0001', message: `the column "${clause.name.name}" has no type`, span, hint: `${operation} ${clause.name.name} STRING` });
    default: {
      const column = columnOf(clause);
      const at = table.columns.findIndex(({ name }) => name === column.name);
      if (operation === 'ADD' && at >= 0) throw new SqlError({ code: 'E0105', message: `${table.name} has a column "${column.name}" already`, span: clause.name.span, hint: 'MODIFY changes it' });
      if (operation === 'MODIFY') find(table, clause.name);
      const isKey = clause.kind === 'PhysicalColumn' && clause.primaryKey;
      if (isKey && table.primaryKey.length > 0) throw new SqlError({ code: 'E0105', message: `${table.name} has a primary key already`, span });
      return { ...table, columns: placed(table, column, at, place), primaryKey: isKey ? [column.name] : table.primaryKey };
    }
  }
}

/** The columns with this one in the place that is asked for; else where it stands now, or at the end. */
function placed(table: TableEntry, column: ColumnEntry, at: number, place: ColumnChange['place']): readonly ColumnEntry[] {
  if (place === undefined) return at < 0 ? [...table.columns, column] : table.columns.with(at, column);
  const others = table.columns.filter(({ name }) => name !== column.name);
  const index = place === 'FIRST' ? 0 : others.indexOf(find({ ...table, columns: others }, place)) + 1;
  return others.toSpliced(index, 0, column);
}

function find(table: TableEntry, { name, span }: Identifier): ColumnEntry {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new SqlError({ code: 'E0102', message: `no column "${name}" in ${table.name}`, span, ...nearOrListed(name, table.columns.map((candidate) => candidate.name), 'columns:') });
  return column;
}
