import { printType } from '../../core/sql-type.ts';
import { settingDefinitions } from '../../core/settings.ts';
import type { MemoryCatalog } from '../../catalog/catalog.ts';
import type { CatalogEntry } from '../../catalog/entry.ts';
import { quoted } from '../../catalog/object-path.ts';
import type { OptionSpec } from '../../catalog/option-spec.ts';
import { connectors } from '../../connectors/connectors.ts';
import { formats } from '../../connectors/formats/formats.ts';
import { functionNames } from '../../functions/registry.ts';
import { isReserved, words } from '../../parser/tokens.ts';
import type { OptionName, TableNames, Vocabulary } from '../editor/complete.ts';

/** What may be typed now: the lists of this build, and what the catalog holds. */
export function vocabularyOf(catalog: MemoryCatalog, jobs: readonly string[]): Vocabulary {
  const all = catalog.names();
  const names = new Map(catalog.entries().map((entry, i) => [entry, all[i] ?? entry.name]));
  return {
    keywords: Object.keys(words),
    functions: functionNames().filter((name) => /^[A-Za-z]\w*$/.test(name)),
    databases: [...catalog.databases(catalog.currentCatalog).keys()],
    tables: [...names].map(([entry, name]) => tableNames(entry, name === entry.path.object ? typed(name) : name)),
    jobs,
    settings: settingDefinitions.map(({ key, form, defaultValue, description }) => ({ key, detail: `${defaultValue === '' ? '' : `${defaultValue}; `}${description}`, values: form === 'boolean' ? ['true', 'false'] : [] })),
    options: [
      { owner: '', key: 'connector', detail: 'where the rows are', values: connectors.map(({ name }) => name) },
      { owner: 'kafka', key: 'format', detail: 'how records are written', values: formats.map(({ name }) => name) },
      ...connectors.flatMap(({ name, options }) => options.map((spec) => ({ owner: name, ...optionName(spec, spec.key) }))),
      ...formats.flatMap(({ name, options }) => options.map((spec) => ({ owner: name, ...optionName(spec, `${name}.${spec.key}`) }))),
    ].filter(({ key }) => !key.endsWith('*')),
  };
}

/** A name as SQL takes it. */
function typed(name: string): string {
  return /^[\p{L}_][\p{L}\p{M}\w]*$/u.test(name) && !isReserved(name) ? name : quoted(name);
}

function tableNames(entry: CatalogEntry, name: string): TableNames {
  if (entry.kind === 'view') return { name, kind: 'view', columns: entry.columns.map((column) => ({ name: typed(column), type: '' })) };
  return { name, kind: 'table', columns: entry.columns.map((column) => ({ name: typed(column.name), type: column.kind === 'computed' ? 'computed' : printType(column.type) })) };
}

function optionName({ form, values, required, defaultValue, description }: OptionSpec, key: string): OptionName {
  const facts = [required === true ? 'required' : undefined, defaultValue === undefined ? undefined : `default ${defaultValue}`, description];
  return { key, detail: facts.filter((fact) => fact !== undefined).join('; '), values: form === 'boolean' ? ['true', 'false'] : (values ?? []) };
}
