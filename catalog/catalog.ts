import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { didYouMean } from '../core/suggest.ts';
import type { CatalogEntry } from './entry.ts';

/** Where tables and views are found by name. Names are compared with case, as in Flink. */
export interface Catalog {
  find(name: string): CatalogEntry | undefined;
  names(): readonly string[];
}

/** A catalog in memory. */
export class MemoryCatalog implements Catalog {
  readonly #entries = new Map<string, CatalogEntry>();

  find(name: string): CatalogEntry | undefined {
    return this.#entries.get(name);
  }

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  entries(): readonly CatalogEntry[] {
    return [...this.#entries.values()];
  }

  /** The same entries, apart from what is added or removed later. */
  copy(): MemoryCatalog {
    const copy = new MemoryCatalog();
    for (const [name, entry] of this.#entries) copy.#entries.set(name, entry);
    return copy;
  }

  /** Throws E0105 when the name is taken. */
  add(entry: CatalogEntry, span: Span): void {
    if (this.#entries.has(entry.name)) {
      throw new SqlError({ code: 'E0105', message: `there is a ${this.#entries.get(entry.name)?.kind ?? 'table'} ${entry.name} already`, span, hint: `DROP ${entry.kind.toUpperCase()} ${entry.name};  or  CREATE ${entry.kind.toUpperCase()} IF NOT EXISTS` });
    }
    this.#entries.set(entry.name, entry);
  }

  remove(name: string): boolean {
    return this.#entries.delete(name);
  }
}

/** The entry of that name; throws E0101 with the nearest name. */
export function lookUp(catalog: Catalog, name: string, span: Span): CatalogEntry {
  const entry = catalog.find(name);
  if (entry === undefined) {
    throw new SqlError({ code: 'E0101', message: `there is no table ${name}`, span, label: didYouMean(name, catalog.names()) });
  }
  return entry;
}
