import Database from 'better-sqlite3';
import { SqlError } from '../../core/diagnostic.ts';

/** The version of the file's layout. */
const version = 1;

/** A catalog and its databases, as they are stored. `first` is the database that it was made with. */
export interface StoredNamespace {
  readonly catalog: string;
  readonly first: string | undefined;
  /** Absent where nothing was said of it, and in files of before. */
  readonly comment?: string | undefined;
  readonly options?: Readonly<Record<string, string>>;
  readonly databases: readonly { readonly name: string; readonly comment: string | undefined; readonly options: Readonly<Record<string, string>> }[];
}

/** A table or a view: its whole name in backticks, and the statement that makes it. */
export interface StoredObject {
  readonly name: string;
  readonly sql: string;
}

export interface CatalogChanges {
  /** All of them, where any changed. */
  readonly namespaces: readonly StoredNamespace[] | undefined;
  readonly removed: readonly string[];
  readonly put: readonly StoredObject[];
}

/** Definitions in one SQLite file. Every call opens it and closes it again, so that several processes may share it; one change is one transaction. */
export class CatalogStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** What is stored, in the order in which it was made. Throws E0802 for a file of a newer program, E0804 for one that cannot be read. */
  load(): { readonly namespaces: readonly StoredNamespace[]; readonly objects: readonly StoredObject[] } {
    return this.#with((database) => {
      const row = database.prepare<[], { json: string }>("SELECT json FROM facts WHERE name = 'namespaces'").get();
      const objects = database.prepare<[], StoredObject>('SELECT name, sql FROM objects ORDER BY seq').all();
      return { namespaces: row === undefined ? [] : (JSON.parse(row.json) as StoredNamespace[]), objects };
    });
  }

  /** Stores a change for good. Throws E0804. */
  save({ namespaces, removed, put }: CatalogChanges): void {
    this.#with((database) => {
      database.transaction(() => {
        if (namespaces !== undefined) database.prepare("INSERT OR REPLACE INTO facts (name, json) VALUES ('namespaces', ?)").run(JSON.stringify(namespaces));
        const remove = database.prepare('DELETE FROM objects WHERE name = ?');
        for (const name of removed) remove.run(name);
        const insert = database.prepare('INSERT INTO objects (name, sql) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sql = excluded.sql');
        for (const { name, sql } of put) insert.run(name, sql);
      }).immediate();
    });
  }

  #with<T>(use: (database: Database.Database) => T): T {
    let database: Database.Database | undefined;
    try {
      database = new Database(this.#path);
      const stored = Number(database.pragma('user_version', { simple: true }));
      if (stored > version) throw new SqlError({ code: 'E0802', message: `${this.#path} was written by a newer Sluice`, hint: 'use that one, or another state folder' });
      if (stored === 0) database.exec(`CREATE TABLE IF NOT EXISTS objects (seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sql TEXT NOT NULL) STRICT; CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT; PRAGMA user_version = ${version}`);
      return use(database);
    } catch (error) {
      if (error instanceof SqlError) throw error;
      throw new SqlError({ code: 'E0804', message: `the catalog ${this.#path} cannot be read or written: ${error instanceof Error ? error.message : String(error)}`, cause: error });
    } finally {
      database?.close();
    }
  }
}
