import { crc32 } from 'node:zlib';
import Database from 'better-sqlite3';
import { SqlError } from '../../core/diagnostic.ts';

/** The version of the file's layout. Version 1 had no sums. */
const version = 2;

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

/** One that was stored; `isDamaged`: it is not what was. */
export interface LoadedObject extends StoredObject {
  readonly isDamaged: boolean;
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
  load(): { readonly namespaces: readonly StoredNamespace[]; readonly objects: readonly LoadedObject[] } {
    return this.#with((database) => {
      const row = database.prepare<[], { json: string; sum: number | null }>("SELECT json, sum FROM facts WHERE name = 'namespaces'").get();
      if (row !== undefined && row.sum !== sumOf('namespaces', row.json)) throw new Error('what it says of databases is damaged');
      const objects = database.prepare<[], StoredObject & { readonly sum: number | null }>('SELECT name, sql, sum FROM objects ORDER BY seq').all();
      return {
        namespaces: row === undefined ? [] : (JSON.parse(row.json) as StoredNamespace[]),
        objects: objects.map(({ name, sql, sum }) => ({ name, sql, isDamaged: sum !== sumOf(name, sql) })),
      };
    });
  }

  /** Stores a change for good. Throws E0804. */
  save({ namespaces, removed, put }: CatalogChanges): void {
    this.#with((database) => {
      database.transaction(() => {
        if (namespaces !== undefined) database.prepare("INSERT OR REPLACE INTO facts (name, json, sum) VALUES ('namespaces', ?, ?)").run(JSON.stringify(namespaces), sumOf('namespaces', JSON.stringify(namespaces)));
        const remove = database.prepare('DELETE FROM objects WHERE name = ?');
        for (const name of removed) remove.run(name);
        const insert = database.prepare('INSERT INTO objects (name, sql, sum) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET sql = excluded.sql, sum = excluded.sum');
        for (const { name, sql } of put) insert.run(name, sql, sumOf(name, sql));
      }).immediate();
    });
  }

  #with<T>(use: (database: Database.Database) => T): T {
    let database: Database.Database | undefined;
    try {
      database = new Database(this.#path);
      const stored = Number(database.pragma('user_version', { simple: true }));
      if (stored > version) throw new SqlError({ code: 'E0802', message: `${this.#path} was written by a newer Sluice`, hint: 'use that one, or another state folder' });
      if (stored === 0) database.exec(`CREATE TABLE IF NOT EXISTS objects (seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sql TEXT NOT NULL, sum INTEGER) STRICT; CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, json TEXT NOT NULL, sum INTEGER) STRICT; PRAGMA user_version = ${version}`);
      if (stored === 1) addSums(database);
      return use(database);
    } catch (error) {
      if (error instanceof SqlError) throw error;
      throw new SqlError({ code: 'E0804', message: `the catalog ${this.#path} cannot be read or written: ${error instanceof Error ? error.message : String(error)}`, cause: error });
    } finally {
      database?.close();
    }
  }
}

/** A checksum over a definition and its name. */
function sumOf(name: string, text: string): number {
  return crc32(JSON.stringify([name, text]));
}

/** Version 1 becomes this one, with what it holds as it is now. */
function addSums(database: Database.Database): void {
  database.transaction(() => {
    // Another process may have been faster.
    if (Number(database.pragma('user_version', { simple: true })) !== 1) return;
    for (const [table, text] of [['objects', 'sql'], ['facts', 'json']] as const) {
      database.exec(`ALTER TABLE ${table} ADD COLUMN sum INTEGER`);
      const rows = database.prepare<[], { readonly name: string; readonly text: string }>(`SELECT name, ${text} AS text FROM ${table}`).all();
      for (const row of rows) database.prepare(`UPDATE ${table} SET sum = ? WHERE name = ?`).run(sumOf(row.name, row.text), row.name);
    }
    database.pragma(`user_version = ${version}`);
  }).immediate();
}
