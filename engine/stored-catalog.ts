import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import type { MemoryCatalog } from '../catalog/catalog.ts';
import type { CatalogEntry } from '../catalog/entry.ts';
import { defaultCatalog, defaultDatabase, fullName, partsOf, quoted, shortName, type ObjectPath, type Place } from '../catalog/object-path.ts';
import { printDefinition } from '../catalog/print-entry.ts';
import type { CatalogChanges, StoredNamespace, StoredObject } from '../catalog/sqlite/catalog-store.ts';
import type { Name } from '../parser/ast.ts';
import type { Statement } from '../parser/ast-statement.ts';
import { parse } from '../parser/parse.ts';
import { makeFolder } from '../state/durable-file.ts';
import { tableFromStatement, type ConnectorList } from './tables.ts';

/**
 * The definitions of a state folder, beneath what an engine holds in memory. What exec and submit define is kept here; what is only adopted
 * (a file, -e, standard input) lies over it for as long as the engine lives. Temporary objects and what is in use are never stored.
 */
export class StoredCatalog {
  readonly #dir: string;
  readonly #stored = new WeakSet<CatalogEntry>();
  /** Catalogs and databases, each by its name in backticks. */
  #namespaces: ReadonlySet<string> = new Set();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Puts what is stored into `catalog`. Throws E0802 and E0804; what cannot be understood is told and left out. */
  static async open(dir: string, catalog: MemoryCatalog, connectors: ConnectorList, notice: (message: string) => void): Promise<StoredCatalog> {
    const stored = new StoredCatalog(dir);
    if (!existsSync(stored.#path)) return stored;
    const { CatalogStore } = await import('../catalog/sqlite/catalog-store.ts');
    const { namespaces, objects } = new CatalogStore(stored.#path).load();
    for (const { catalog: name, first, comment, options = {}, databases } of namespaces) {
      if (first !== undefined) catalog.addCatalog(name, first);
      if (comment !== undefined || Object.keys(options).length > 0) catalog.setFacts(name, { comment, options });
      for (const { name: database, comment, options } of databases) catalog.setDatabase(name, database, { comment, options });
      for (const database of [...catalog.databases(name).keys()]) if (!databases.some((other) => other.name === database)) catalog.removeDatabase(name, database);
    }
    stored.#namespaces = namesOf(namespaces);
    for (const object of objects) {
      try {
        if (object.isDamaged) throw new SqlError({ code: 'E0804', message: 'it is damaged' });
        const entry = entryOf(object, connectors);
        catalog.add(entry, entry.span);
        stored.#stored.add(entry);
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        notice(`the stored ${object.name} cannot be read and is left out: ${error.message}`);
      }
    }
    return stored;
  }

  has(entry: CatalogEntry): boolean {
    return this.#stored.has(entry);
  }

  /** Whether a catalog, or a database of one, is stored. */
  hasNamespace(...names: readonly string[]): boolean {
    return this.#namespaces.has(quoted(...names));
  }

  /** Stores what is otherwise in `after` than it was in `before`. What they hold is looked at before this returns. Rejects with E0804. */
  async keep(before: MemoryCatalog, after: MemoryCatalog): Promise<void> {
    const changes = changesOf(before, after);
    if (changes === undefined) return;
    makeFolder(this.#dir);
    const { CatalogStore } = await import('../catalog/sqlite/catalog-store.ts');
    new CatalogStore(this.#path).save(changes.stored);
    for (const entry of changes.entries) this.#stored.add(entry);
    if (changes.stored.namespaces !== undefined) this.#namespaces = namesOf(changes.stored.namespaces);
  }

  get #path(): string {
    return join(this.#dir, 'catalog.db');
  }
}

function namesOf(namespaces: readonly StoredNamespace[]): ReadonlySet<string> {
  return new Set(namespaces.flatMap(({ catalog, databases }) => [quoted(catalog), ...databases.map(({ name }) => quoted(catalog, name))]));
}

function changesOf(before: MemoryCatalog, after: MemoryCatalog): { readonly stored: CatalogChanges; readonly entries: readonly CatalogEntry[] } | undefined {
  const [was, is] = [before, after].map((catalog) => new Map(catalog.lasting().map((entry) => [fullName(entry.path), entry])));
  const entries = [...is ?? []].filter(([name, entry]) => was?.get(name) !== entry).map(([, entry]) => entry);
  const removed = [...was?.keys() ?? []].filter((name) => is?.has(name) !== true);
  const namespaces = namespacesOf(after);
  const hasOthers = JSON.stringify(namespaces) !== JSON.stringify(namespacesOf(before));
  if (entries.length + removed.length === 0 && !hasOthers) return undefined;
  return { stored: { namespaces: hasOthers ? namespaces : undefined, removed, put: entries.map((entry) => ({ name: fullName(entry.path), sql: printDefinition(entry) })) }, entries };
}

function namespacesOf(catalog: MemoryCatalog): readonly StoredNamespace[] {
  return catalog.catalogs().map((name) => ({ catalog: name, first: catalog.firstDatabase(name), ...catalog.factsOf(name), databases: [...catalog.databases(name)].map(([database, { comment, options }]) => ({ name: database, comment, options })) }));
}

/** Throws SqlError when the text is none that this program understands. */
function entryOf({ sql }: StoredObject, connectors: ConnectorList): CatalogEntry {
  const { statements, errors } = parse(sql);
  const statement = statements.at(-1);
  const source = { text: sql };
  if (statement?.kind === 'CreateTable') {
    const { entry, errors: faults } = tableFromStatement(statement, source, { path: pathOf(statement.name), isStored: true }, connectors);
    if (entry !== undefined) return entry;
    throw faults[0] ?? new SqlError({ code: 'E0001', message: 'it cannot be parsed' });
  }
  if (statement?.kind !== 'CreateView') throw errors[0] ?? new SqlError({ code: 'E0001', message: 'it is no definition' });
  const path = pathOf(statement.name);
  return { kind: 'view', name: shortName(path), path, temporary: false, comment: statement.comment, columns: statement.columns.map((column) => column.name), query: statement.query, home: homeOf(statements[0]), source, span: statement.span };
}

/** What the first statement of a definition puts in use. */
function homeOf(first: Statement | undefined): Place {
  if (first?.kind !== 'Use') return { catalog: defaultCatalog, database: defaultDatabase };
  const [catalog = defaultCatalog, database] = partsOf(first.name);
  return { catalog, database };
}

function pathOf(name: Name): ObjectPath {
  const [catalog = '', database = '', object = ''] = partsOf(name);
  return { catalog, database, object };
}
