import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { didYouMean, listed } from '../core/suggest.ts';
import type { CatalogEntry } from './entry.ts';
import { defaultCatalog, defaultDatabase, fullName, shortName, type ObjectPath, type Place } from './object-path.ts';

/** Where tables and views are found by name: one to three parts, the others being those in use. Names are compared with case, as in Flink. */
export interface Catalog {
  find(parts: readonly string[]): CatalogEntry | undefined;
  /** For "did you mean". */
  names(): readonly string[];
  /** The same, where a name that does not say where it lies is looked for in that place. */
  from(place: Place): Catalog;
}

/** A database and what was said of it when it was made. */
export interface DatabaseEntry {
  readonly comment: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** What was said of a catalog when it was made, or later. */
export type CatalogFacts = DatabaseEntry;

const noFacts: CatalogFacts = { comment: undefined, options: {} };

type Databases = Map<string, DatabaseEntry>;

/** Catalogs, databases, tables and views in memory, and which of them are in use. A temporary object hides a lasting one of its name. */
export class MemoryCatalog implements Catalog {
  readonly #catalogs = new Map<string, Databases>([[defaultCatalog, new Map([[defaultDatabase, { comment: undefined, options: {} }]])]]);
  readonly #entries = new Map<string, CatalogEntry>();
  /** The database that each catalog was made with. */
  readonly #firsts = new Map<string, string>();
  readonly #facts = new Map<string, CatalogFacts>();
  readonly #temporary = new Map<string, CatalogEntry>();
  readonly #builtIn: () => readonly CatalogEntry[];
  #catalog = defaultCatalog;
  #database: string | undefined = defaultDatabase;

  /** `builtIn`: what is there in databases that nobody made, until somebody makes one of that name. Asked for when a name may mean it. */
  constructor(builtIn: () => readonly CatalogEntry[] = () => []) {
    this.#builtIn = builtIn;
  }

  // ---- tables and views ----

  /** The path that a name means. Throws E0106 when no database is in use and the name gives none. */
  path(parts: readonly string[], span?: Span): ObjectPath {
    const [object = '', database = this.#database, catalog = this.#catalog] = parts.toReversed();
    if (database === undefined) throw new SqlError({ code: 'E0106', message: `${object} is in no database: none is in use`, span, hint: 'USE ...;  or write DATABASE.NAME' });
    return { catalog, database, object };
  }

  find(parts: readonly string[]): CatalogEntry | undefined {
    return this.#findFrom(parts, this.place);
  }

  /** What is in use. */
  get place(): Place {
    return { catalog: this.#catalog, database: this.#database };
  }

  from(place: Place): Catalog {
    return { find: (parts) => this.#findFrom(parts, place), names: () => this.names(), from: (other) => this.from(other) };
  }

  #findFrom(parts: readonly string[], place: Place): CatalogEntry | undefined {
    const [object = '', database = place.database, catalog = place.catalog] = parts.toReversed();
    if (parts.length > 3 || database === undefined) return undefined;
    const key = fullName({ catalog, database, object });
    return this.#temporary.get(key) ?? this.#entries.get(key) ?? (parts.length === 1 ? undefined : this.#builtInAt(parts));
  }

  #builtInAt(parts: readonly string[]): CatalogEntry | undefined {
    const name = parts.join('\0');
    return this.#builtIns().find(({ path: { catalog, database, object } }) => name === `${database}\0${object}` || name === `${catalog}\0${database}\0${object}`);
  }

  #builtIns(): readonly CatalogEntry[] {
    return this.#builtIn().filter(({ path }) => this.#catalogs.get(path.catalog)?.has(path.database) !== true);
  }

  /** Of the two that may share a path, the temporary or the lasting one. */
  at(path: ObjectPath, isTemporary: boolean): CatalogEntry | undefined {
    return (isTemporary ? this.#temporary : this.#entries).get(fullName(path));
  }

  names(): readonly string[] {
    return this.entries().map((entry) => (this.#isInUse(entry.path) ? entry.path.object : shortName(entry.path)));
  }

  /** All that can be found, in the order in which it was made. */
  entries(): readonly CatalogEntry[] {
    return [...[...this.#entries].filter(([key]) => !this.#temporary.has(key)).map(([, entry]) => entry), ...this.#temporary.values(), ...this.#builtIns()];
  }

  /** What lasts, in the order in which it was made. */
  lasting(): readonly CatalogEntry[] {
    return [...this.#entries.values()];
  }

  /** Throws E0105 when the name is taken, E0106 when there is no such database. */
  add(entry: CatalogEntry, span: Span): void {
    this.checkDatabase(entry.path, span);
    const entries = this.#of(entry);
    const key = fullName(entry.path);
    const there = entries.get(key);
    if (there !== undefined) {
      const word = entry.kind.toUpperCase();
      throw new SqlError({ code: 'E0105', message: `there is a ${there.kind} ${entry.name} already`, span, hint: `DROP ${there.kind.toUpperCase()} ${entry.name};  or  CREATE ${word} IF NOT EXISTS` });
    }
    entries.set(key, entry);
  }

  /** The new entry in the place of the old one; it may have another name. Throws E0105 when that is taken. */
  replace(old: CatalogEntry, entry: CatalogEntry, span: Span): void {
    this.#refuseBuiltIn(old, span);
    const entries = this.#of(old);
    const key = fullName(old.path);
    if (fullName(entry.path) === key) {
      entries.set(key, entry);
      return;
    }
    this.add(entry, span);
    entries.delete(key);
  }

  /** Throws E0101 for what is built in. */
  remove(entry: CatalogEntry): boolean {
    this.#refuseBuiltIn(entry);
    return this.#of(entry).delete(fullName(entry.path));
  }

  #refuseBuiltIn(entry: CatalogEntry, span?: Span): void {
    if (this.#builtIns().includes(entry)) throw new SqlError({ code: 'E0101', message: `${entry.name} is built in: it can be read, and neither changed nor dropped`, span, hint: `CREATE TABLE ${entry.path.object} LIKE ${entry.name};` });
  }

  #of(entry: CatalogEntry): Map<string, CatalogEntry> {
    return entry.temporary ? this.#temporary : this.#entries;
  }

  #isInUse({ catalog, database }: ObjectPath): boolean {
    return catalog === this.#catalog && database === this.#database;
  }

  // ---- catalogs and databases ----

  get currentCatalog(): string {
    return this.#catalog;
  }

  /** Undefined after USE CATALOG of one that has no default database. */
  get currentDatabase(): string | undefined {
    return this.#database;
  }

  catalogs(): readonly string[] {
    return [...this.#catalogs.keys()];
  }

  /** Throws E0106. */
  databases(catalog: string, span?: Span): ReadonlyMap<string, DatabaseEntry> {
    const databases = this.#catalogs.get(catalog);
    if (databases === undefined) throw new SqlError({ code: 'E0106', message: `there is no catalog ${catalog}`, span, label: didYouMean(catalog, this.#catalogs.keys()), hint: `${listed('catalogs:', this.#catalogs.keys()) ?? ''};  CREATE CATALOG ${catalog} WITH ('type' = 'generic_in_memory'); makes one` });
    return databases;
  }

  /** Throws E0106 when there is no such database. */
  checkDatabase({ catalog, database }: Pick<ObjectPath, 'catalog' | 'database'>, span?: Span): void {
    const databases = this.databases(catalog, span);
    if (databases.has(database)) return;
    const hint = this.#catalogs.has(database) ? `USE CATALOG ${database};` : `${listed('databases:', databases.keys()) ?? 'there are none'};  CREATE DATABASE ${shortDatabase(catalog, database)}; makes it`;
    throw new SqlError({ code: 'E0106', message: `there is no database ${database} in ${catalog}`, span, label: didYouMean(database, databases.keys()), hint });
  }

  /** The database that USE CATALOG goes to: the one that was made with it; undefined when that is gone. Throws E0106. */
  firstDatabase(catalog: string, span?: Span): string | undefined {
    const databases = this.databases(catalog, span);
    const first = this.#firsts.get(catalog) ?? defaultDatabase;
    return databases.has(first) ? first : undefined;
  }

  /** A catalog with one database. */
  addCatalog(catalog: string, database: string): void {
    if (this.#catalogs.has(catalog)) return;
    this.#catalogs.set(catalog, new Map([[database, { comment: undefined, options: {} }]]));
    this.#firsts.set(catalog, database);
  }

  factsOf(catalog: string): CatalogFacts {
    return this.#facts.get(catalog) ?? noFacts;
  }

  setFacts(catalog: string, facts: CatalogFacts): void {
    this.#facts.set(catalog, facts);
  }

  /** With all that is in it. */
  removeCatalog(catalog: string): void {
    this.#facts.delete(catalog);
    this.#catalogs.delete(catalog);
    this.#removeWhere((path) => path.catalog === catalog);
  }

  /** Makes it, or says something else of it. */
  setDatabase(catalog: string, database: string, entry: DatabaseEntry): void {
    this.#catalogs.get(catalog)?.set(database, entry);
  }

  /** With all that is in it. */
  removeDatabase(catalog: string, database: string): void {
    this.#catalogs.get(catalog)?.delete(database);
    this.#removeWhere((path) => path.catalog === catalog && path.database === database);
    if (catalog === this.#catalog && database === this.#database) this.#database = undefined;
  }

  /** Makes a catalog, or a database of one, that in which names without one are looked for. */
  use(catalog: string, database: string | undefined): void {
    this.#catalog = catalog;
    this.#database = database;
  }

  #removeWhere(test: (path: ObjectPath) => boolean): void {
    for (const entries of [this.#entries, this.#temporary]) for (const [key, entry] of entries) if (test(entry.path)) entries.delete(key);
  }

  /** The same, apart from what is changed later. */
  copy(): MemoryCatalog {
    const copy = new MemoryCatalog(this.#builtIn);
    copy.#catalogs.clear();
    for (const [name, databases] of this.#catalogs) copy.#catalogs.set(name, new Map(databases));
    for (const [key, entry] of this.#entries) copy.#entries.set(key, entry);
    for (const [key, entry] of this.#temporary) copy.#temporary.set(key, entry);
    for (const [key, database] of this.#firsts) copy.#firsts.set(key, database);
    for (const [key, facts] of this.#facts) copy.#facts.set(key, facts);
    copy.#catalog = this.#catalog;
    copy.#database = this.#database;
    return copy;
  }
}

function shortDatabase(catalog: string, database: string): string {
  return catalog === defaultCatalog ? database : `${catalog}.${database}`;
}

/** The name in another database, where one alone has it. */
function elsewhere(name: string, names: readonly string[]): string | undefined {
  const [one, ...more] = names.filter((known) => known.toLowerCase().endsWith(`.${name.toLowerCase()}`));
  return one === undefined || more.length > 0 ? undefined : `it is in another database: ${one}`;
}

/** The entry of that name; throws E0101 with the nearest name, or with those there are. `what` is asked for: names of that kind are proposed. */
export function lookUp(catalog: Catalog, name: readonly string[], span: Span, what: 'table' | 'view' = 'table'): CatalogEntry {
  const entry = catalog.find(name);
  if (entry === undefined) {
    const text = name.join('.');
    const names = catalog.names();
    // A database that is not there before a name that is, or is nearly.
    const near = didYouMean(text, names) ?? (name.length > 1 ? didYouMean(name.at(-1) ?? '', names) : undefined) ?? elsewhere(text, names);
    const label = near ?? (text.toLowerCase() === 'dual' ? 'leave out FROM: a query needs none' : undefined);
    const none = `there are no tables yet:  CREATE TABLE ${text} (..) WITH ('connector' = ..);`;
    throw new SqlError({ code: 'E0101', message: `there is no ${what} ${text}`, span, label, hint: label === undefined ? (listed('tables and views:', names) ?? none) : undefined });
  }
  return entry;
}
