import { SqlError } from '../../core/diagnostic.ts';
import type { DatabaseEntry } from '../../catalog/catalog.ts';
import { defaultCatalog, defaultDatabase, partsOf } from '../../catalog/object-path.ts';
import type { Name } from '../../parser/ast.ts';
import type { Statement } from '../../parser/ast-statement.ts';
import { printText } from '../../parser/print-name.ts';
import type { StatementResult } from '../api.ts';
import { done, later, nameText, type StatementContext } from './context.ts';

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

type Creation = Of<'CreateCatalog' | 'CreateDatabase'>;

/** CREATE CATALOG and CREATE DATABASE. A catalog is in memory; it begins with the database `default`. */
export function createNamespace(statement: Creation, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  const { name, ifNotExists, comment } = statement;
  if (statement.kind === 'CreateCatalog') {
    const of = onePart(name);
    const type = statement.options.find(({ key }) => key.text === 'type');
    if (type === undefined) throw new SqlError({ code: 'E0503', message: `the catalog ${of} does not say what it is`, span: name.span, label: "add  WITH ('type' = 'generic_in_memory')" });
    if (type.value.text !== 'generic_in_memory') throw later(`the catalog type ${type.value.text}`, type.value.span);
    const other = statement.options.find(({ key }) => key.text !== 'type' && key.text !== 'default-database');
    if (other !== undefined) throw new SqlError({ code: 'E0501', message: `a catalog in memory has no option '${other.key.text}'`, span: other.key.span });
    const first = statement.options.find(({ key }) => key.text === 'default-database')?.value.text ?? 'default';
    const isNew = !catalog.catalogs().includes(of);
    const wanted = { comment, options: Object.fromEntries(statement.options.map(({ key, value }) => [key.text, value.text])) };
    if (!isNew && !ifNotExists && context.isNamespaceStored(of)) return sameOrRefused(`catalog ${of}`, catalog.factsOf(of), wanted, name, `DROP CATALOG ${of};`);
    if (!isNew) return there(`catalog ${of}`, ifNotExists, name);
    context.do((world) => {
      world.catalog.addCatalog(of, first);
      world.catalog.setFacts(of, wanted);
    });
    return done(`created catalog ${of}`);
  }
  const { of, database } = databasePath(name, context);
  const options = Object.fromEntries(statement.options.map(({ key, value }) => [key.text, value.text]));
  const known = catalog.databases(of, name.span).get(database);
  if (known !== undefined && !ifNotExists && context.isNamespaceStored(of, database)) return sameOrRefused(`database ${database}`, known, { comment, options }, name, `DROP DATABASE ${nameText(name)};`);
  if (known !== undefined) return there(`database ${database}`, ifNotExists, name);
  context.do((world) => world.catalog.setDatabase(of, database, { comment, options }));
  return done(`created database ${database}`);
}

/** DROP DATABASE and DROP CATALOG. What is in use, and a database that holds something, stays. */
export function dropNamespace(statement: Of<'Drop'>, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  const { name, ifExists, cascade, what } = statement;
  if (what === 'CATALOG') {
    const of = onePart(name);
    if (ifExists && !catalog.catalogs().includes(of)) return done(`there is no catalog ${of}`);
    catalog.databases(of, name.span);
    if (of === catalog.currentCatalog) throw new SqlError({ code: 'E0106', message: `the catalog ${of} is in use`, span: name.span, hint: of === defaultCatalog ? 'a session begins in it: it stays' : `USE CATALOG ${defaultCatalog};` });
    if (of === defaultCatalog) throw new SqlError({ code: 'E0106', message: `${of} is where a session begins: it stays`, span: name.span });
    context.do((world) => world.catalog.removeCatalog(of));
    return done(`dropped catalog ${of}`);
  }
  const { of, database } = databasePath(name, context);
  if (ifExists && !(catalog.catalogs().includes(of) && catalog.databases(of).has(database))) return done(`there is no database ${database}`);
  catalog.checkDatabase({ catalog: of, database }, name.span);
  if (of === catalog.currentCatalog && database === catalog.currentDatabase) throw new SqlError({ code: 'E0106', message: `the database ${database} is in use`, span: name.span, hint: of === defaultCatalog && database !== defaultDatabase ? `USE ${defaultDatabase};  and drop it then` : 'USE another one first' });
  if (of === defaultCatalog && database === defaultDatabase) throw new SqlError({ code: 'E0106', message: `${database} is where a session begins: it stays`, span: name.span });
  const held = catalog.entries().filter(({ path }) => path.catalog === of && path.database === database);
  if (held.length > 0 && !cascade) {
    throw new SqlError({ code: 'E0106', message: `the database ${database} holds ${held.map((entry) => entry.path.object).join(', ')}`, span: name.span, hint: `DROP DATABASE ${nameText(name)} CASCADE;  drops them too` });
  }
  context.do((world) => world.catalog.removeDatabase(of, database));
  return done(`dropped database ${database}`);
}

/** ALTER CATALOG c SET (..), RESET (..), COMMENT '..'. Its type and its first database stay. */
export function alterCatalog({ name, action }: Of<'AlterCatalog'>, context: StatementContext): StatementResult {
  const of = onePart(name);
  context.world.catalog.databases(of, name.span);
  const keys = action.kind === 'SetOptions' ? action.options.map(({ key }) => key.text) : action.kind === 'ResetOptions' ? action.keys : [];
  const fixed = keys.find((key) => key === 'type' || key === 'default-database');
  if (fixed !== undefined) throw new SqlError({ code: 'E0504', message: `a catalog keeps its '${fixed}'`, span: action.span });
  const unknown = action.kind === 'SetOptions' ? keys[0] : undefined;
  if (unknown !== undefined) throw new SqlError({ code: 'E0501', message: `a catalog in memory has no option '${unknown}'`, span: action.span });
  context.do(({ catalog }) => {
    const { comment, options } = catalog.factsOf(of);
    const kept = Object.fromEntries(Object.entries(options).filter(([key]) => !keys.includes(key)));
    catalog.setFacts(of, { comment: action.kind === 'Comment' ? action.comment : comment, options: kept });
  });
  return done(`altered catalog ${of}`);
}

export function alterDatabase({ name, options }: Of<'AlterDatabase'>, context: StatementContext): StatementResult {
  const { of, database } = databasePath(name, context);
  context.world.catalog.checkDatabase({ catalog: of, database }, name.span);
  const given = Object.fromEntries(options.map(({ key, value }) => [key.text, value.text]));
  context.do(({ catalog }) => {
    const now = catalog.databases(of).get(database);
    catalog.setDatabase(of, database, { comment: now?.comment, options: { ...now?.options, ...given } });
  });
  return done(`altered database ${database}`);
}

/** USE CATALOG c, USE d, USE c.d. */
export function use({ what, name }: Of<'Use'>, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  if (what === 'CATALOG') {
    const of = onePart(name);
    const first = catalog.firstDatabase(of, name.span);
    context.do((world) => world.catalog.use(of, first));
    return done(`using catalog ${of}`);
  }
  const { of, database } = databasePath(name, context);
  catalog.checkDatabase({ catalog: of, database }, name.span);
  context.do((world) => world.catalog.use(of, database));
  return done(`using database ${database}`);
}

function databasePath(name: Name, { world }: StatementContext): { readonly of: string; readonly database: string } {
  const [database = '', of = world.catalog.currentCatalog, ...more] = partsOf(name).toReversed();
  if (more.length > 0) throw new SqlError({ code: 'E0106', message: `${nameText(name)} is no database: its name is CATALOG.DATABASE`, span: name.span });
  return { of, database };
}

function onePart(name: Name): string {
  if (name.parts.length > 1) throw new SqlError({ code: 'E0106', message: `${nameText(name)} is no catalog: a catalog has one name`, span: name.span });
  return nameText(name);
}

/** CREATE of what an earlier run has stored: the same is no error, another is one that shows the difference. */
function sameOrRefused(what: string, now: DatabaseEntry, wanted: DatabaseEntry, name: Name, drop: string): StatementResult {
  const [before, after] = [now, wanted].map(({ comment, options }) => [...(comment === undefined ? [] : [`COMMENT ${printText(comment)}`]), ...Object.entries(options).map(([key, value]) => `${printText(key)} = ${printText(value)}`)]) as [string[], string[]];
  const differences = [...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`), ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`)];
  if (differences.length === 0) return done(`the ${what} is there already, defined just so`);
  throw new SqlError({ code: 'E0105', message: `there is a stored ${what} that is defined otherwise`, span: name.span, hint: [...differences, `${drop}  or another name`].join('\n') });
}

function there(what: string, isFine: boolean, name: Name): StatementResult {
  if (isFine) return done(`the ${what} is there already`);
  throw new SqlError({ code: 'E0105', message: `there is a ${what} already`, span: name.span, hint: 'add  IF NOT EXISTS' });
}
