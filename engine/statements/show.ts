import { unreachable } from '../../core/assert.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/suggest.ts';
import { lookUp } from '../../catalog/catalog.ts';
import type { CatalogEntry } from '../../catalog/entry.ts';
import { partsOf, quoted } from '../../catalog/object-path.ts';
import { printEntry } from '../../catalog/print-entry.ts';
import { functionNames } from '../../functions/registry.ts';
import type { Name } from '../../parser/ast.ts';
import type { LikePattern, Statement } from '../../parser/ast-statement.ts';
import { printText } from '../../parser/print-name.ts';
import type { StatementResult } from '../api.ts';
import { jobListing, later, listing, textColumn, type StatementContext } from './context.ts';
import { columnListing } from './describe.ts';
import { expandedView } from './expanded-view.ts';

type Show = Extract<Statement, { kind: 'Show' }>;
type ShowCreate = Extract<Statement, { kind: 'ShowCreate' }>;

/** SHOW TABLES, DATABASES, ...: one column of names in order, under the heading that Flink gives it. */
export function show(statement: Show, context: StatementContext): StatementResult {
  const { catalog } = context.world;
  const { what, like, from } = statement;
  if (from !== undefined && !takeFrom.has(what)) throw new SqlError({ code: 'E0001', message: `SHOW ${what} takes no FROM`, span: from.span });
  if (from !== undefined && what !== 'COLUMNS' && what !== 'DATABASES' && what !== 'PARTITIONS') checkFrom(context, from);
  switch (what) {
    case 'TABLES':
      return names('table name', objectNames(context, from), like);
    case 'VIEWS':
      return names('view name', objectNames(context, from, 'view'), like);
    case 'CATALOGS':
      return names('catalog name', catalog.catalogs(), like);
    case 'CURRENT CATALOG':
      return names('current catalog name', [catalog.currentCatalog], like);
    case 'CURRENT DATABASE':
      return listing([textColumn('current database name', true)], [{ 'current database name': catalog.currentDatabase ?? null }]);
    case 'DATABASES': {
      if (from !== undefined && from.parts.length > 1) throw new SqlError({ code: 'E0106', message: 'a catalog has one name', span: from.span });
      return names('database name', [...catalog.databases(from?.parts[0]?.name ?? catalog.currentCatalog, from?.span).keys()], like);
    }
    case 'COLUMNS':
      if (from === undefined) throw new SqlError({ code: 'E0001', message: 'SHOW COLUMNS says of which table', span: statement.span, label: 'add  FROM t' });
      return columnListing(lookUp(catalog, partsOf(from), from.span), context, matcher(like));
    case 'FUNCTIONS':
      return names('function name', [...functionNames().filter((name) => /^[A-Za-z]\w*$/.test(name)), ...context.functions], like);
    case 'USER FUNCTIONS':
      return names('function name', context.functions, like);
    case 'MODULES':
      return names('module name', ['core'], like);
    case 'FULL MODULES':
      return listing([textColumn('module name'), { name: 'used', type: 'BOOLEAN', nullable: false }], [{ 'module name': 'core', used: true }]);
    case 'PARTITIONS':
      return partitions(statement, context);
    // There are none: nothing makes them yet.
    case 'JARS':
      return names('jars', [], like);
    case 'PROCEDURES':
      return names('procedure name', [], like);
    case 'MODELS':
      return names('model name', [], like);
    case 'MATERIALIZED TABLES':
      return names('materialized table name', [], like);
    case 'JOBS':
      return jobListing(context.jobs.filter(({ name }) => matcher(like)(name)));
    default:
      return unreachable(what);
  }
}

const takeFrom: ReadonlySet<Show['what']> = new Set(['TABLES', 'VIEWS', 'DATABASES', 'COLUMNS', 'FUNCTIONS', 'USER FUNCTIONS', 'PROCEDURES', 'MODELS', 'MATERIALIZED TABLES', 'PARTITIONS']);

/** Throws E0106 where FROM names no database. */
function checkFrom({ world: { catalog } }: StatementContext, from: Name): void {
  const [database = '', of = catalog.currentCatalog] = partsOf(from).toReversed();
  if (from.parts.length > 2) throw new SqlError({ code: 'E0106', message: 'a database has one name, or two with its catalog', span: from.span });
  catalog.checkDatabase({ catalog: of, database }, from.span);
}

/** The partitions that a catalog knows of a table: those of its definition, of which ALTER TABLE makes none yet. */
function partitions({ from, partition, span }: Show, { world }: StatementContext): StatementResult {
  if (from === undefined) throw new SqlError({ code: 'E0001', message: 'SHOW PARTITIONS says of which table', span, label: 'add  t' });
  const entry = lookUp(world.catalog, partsOf(from), from.span);
  if (entry.kind === 'view' || entry.partitionedBy === undefined) throw new SqlError({ code: 'E0102', message: `${entry.name} is not partitioned`, span: from.span });
  const { partitionedBy } = entry;
  const unknown = partition.find(({ column }) => !partitionedBy.includes(column.name));
  if (unknown !== undefined) throw new SqlError({ code: 'E0102', message: `${entry.name} is not partitioned by "${unknown.column.name}"`, span: unknown.span, label: didYouMean(unknown.column.name, partitionedBy) });
  return names('partition name', [], undefined);
}

/** SHOW CREATE TABLE and VIEW: one text, in the form that all definitions are printed in; of a view with all its names whole, as in Flink. */
export function showCreate(statement: ShowCreate, { world }: StatementContext): StatementResult {
  const { what, name } = statement;
  if (what === 'CATALOG') {
    const [of = ''] = partsOf(name);
    world.catalog.databases(of, name.span);
    const { comment, options } = world.catalog.factsOf(of);
    const pairs = Object.entries({ type: 'generic_in_memory', ...options }).map(([key, value]) => `  ${printText(key)} = ${printText(value)}`);
    return listing([textColumn('result')], [{ result: [`CREATE CATALOG ${quoted(of)}`, ...(comment === undefined ? [] : [`COMMENT ${printText(comment)}`]), `WITH (\n${pairs.join(',\n')}\n)`].join('\n') }]);
  }
  if (what !== 'TABLE' && what !== 'VIEW') throw later(`SHOW CREATE ${what}`, statement.span);
  const entry = lookUp(world.catalog, partsOf(name), name.span);
  if (entry.kind.toUpperCase() !== what) throw new SqlError({ code: 'E0101', message: `${entry.name} is a ${entry.kind}`, span: name.span, hint: `SHOW CREATE ${entry.kind.toUpperCase()} ${entry.name};` });
  return listing([textColumn('result')], [{ result: printEntry(entry.kind === 'view' ? expandedView(entry, world.catalog) : hidingSecrets(entry)) }]);
}

/** Whose value must not stand on a screen. */
const secret = /password|secret|token|credential|sasl\.jaas|(^|[.-])key-?(store)?\.?pass|api-?key/i;

/** The same entry for eyes: what its passwords are does not show. */
export function hidingSecrets(entry: CatalogEntry): CatalogEntry {
  if (entry.kind === 'view') return entry;
  return { ...entry, options: entry.options.map((option) => (secret.test(option.key) ? { ...option, value: '******' } : option)) };
}

function objectNames({ world: { catalog } }: StatementContext, from: Name | undefined, kind?: CatalogEntry['kind']): readonly string[] {
  const [database = catalog.currentDatabase, of = catalog.currentCatalog] = from === undefined ? [] : partsOf(from).toReversed();
  if (database === undefined) return [];
  catalog.checkDatabase({ catalog: of, database }, from?.span);
  return catalog.entries().filter(({ path, kind: is }) => path.catalog === of && path.database === database && (kind === undefined || is === kind)).map((entry) => entry.path.object);
}

function names(heading: string, all: readonly string[], like: LikePattern | undefined): StatementResult {
  const fits = matcher(like);
  return listing([textColumn(heading)], all.filter(fits).toSorted().map((name) => ({ [heading]: name })));
}

/** Whether a name fits LIKE: % is any text, _ one character. */
function matcher(like: LikePattern | undefined): (name: string) => boolean {
  if (like === undefined) return () => true;
  const source = like.pattern.replaceAll(/\\[\s\S]|[\s\S]/g, (piece) => (piece === '%' ? '.*' : piece === '_' ? '.' : piece.slice(-1).replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')));
  const form = new RegExp(`^${source}$`, like.ignoresCase ? 'isu' : 'su');
  return (name) => form.test(name) !== like.negated;
}
