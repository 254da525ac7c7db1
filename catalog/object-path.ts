import type { Name } from '../parser/ast.ts';

/** Where a table or a view lies. */
export interface ObjectPath {
  readonly catalog: string;
  readonly database: string;
  readonly object: string;
}

/** What a session begins in, as in Flink. */
export const defaultCatalog = 'default_catalog';
export const defaultDatabase = 'default_database';

/** The catalog and the database that are in use: a name that does not say them lies there. No database: such names lead nowhere. */
export interface Place {
  readonly catalog: string;
  readonly database: string | undefined;
}

/** The parts of a name as it is written, one to three. */
export function partsOf(name: Name): readonly string[] {
  return name.parts.map((part) => part.name);
}

/** A name in backticks: it can be read back whatever it holds. */
export function quoted(...parts: readonly string[]): string {
  return parts.map((part) => `\`${part.replaceAll('`', '``')}\``).join('.');
}

/** Whole and in backticks. Two objects never share it. */
export function fullName({ catalog, database, object }: ObjectPath): string {
  return quoted(catalog, database, object);
}

/**
 * What plans, stored state and messages call an object: its bare name in the database that a session begins in, and as much of its path as
 * is needed elsewhere. Two objects never share it.
 */
export function shortName({ catalog, database, object }: ObjectPath): string {
  const parts = catalog !== defaultCatalog ? [catalog, database, object] : database !== defaultDatabase ? [database, object] : [object];
  if (parts.length === 1 && !object.includes('.')) return object;
  return parts.map((part) => (/^[A-Za-z_]\w*$/.test(part) ? part : quoted(part))).join('.');
}
