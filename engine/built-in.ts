import type { CatalogEntry } from '../catalog/entry.ts';
import { defaultCatalog, type ObjectPath } from '../catalog/object-path.ts';
import { sensorsTable } from '../connectors/demo/sensors.ts';
import { parse } from '../parser/parse.ts';
import { tableFromStatement } from './tables.ts';

let made: readonly CatalogEntry[] | undefined;

/** The tables that every engine has: demo.sensors. They say what can be read and hold nothing, so that all engines share them. Made when first asked for. */
export function builtInTables(): readonly CatalogEntry[] {
  made ??= [tableOf(sensorsTable, { catalog: defaultCatalog, database: 'demo', object: 'sensors' })];
  return made;
}

function tableOf(text: string, path: ObjectPath): CatalogEntry {
  const [statement] = parse(text).statements;
  const entry = statement?.kind === 'CreateTable' ? tableFromStatement(statement, { text }, { path }, []).entry : undefined;
  if (entry === undefined) throw new TypeError(`${path.object} is no table`);
  return entry;
}
