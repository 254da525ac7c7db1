import { printType, withNullable } from '../../core/sql-type.ts';
import { connectors } from '../../connectors/connectors.ts';
import { formats } from '../../connectors/formats/formats.ts';
import type { MetadataSpec } from '../../catalog/connector.ts';
import type { OptionSpec } from '../../catalog/option-spec.ts';

/** docs/connectors.md as the option specs say it. */
export function connectorsPage(): string {
  const lines = [
    '# Connectors and formats',
    '',
    'Made from the option specs of `connectors/`; do not edit. `SLUICE_REWRITE=1 node --test test/docs/connectors.test.ts` writes it anew.',
    'An option that is marked "not yet" is known and answers "not supported yet". How keys, metadata and bad records are read stands in [language.md](language.md).',
    '',
    `Connectors: ${connectors.map(({ name }) => `[${name}](#${name})`).join(', ')}. Formats: ${formats.map(({ name }) => `[${name}](#format-${name})`).join(', ')}.`,
    'A program may bring its own: [own-connectors.md](own-connectors.md).',
    '',
  ];
  for (const { name, doc, example = '', options, usesFormat, needsPrimaryKey, metadata, changelog } of connectors) {
    const { source, sink } = changelog(true);
    const use = [source !== undefined ? 'source' : undefined, sink !== undefined ? 'sink' : undefined].filter((part) => part !== undefined).join(' and ');
    const facts = [use, usesFormat ? 'with a format' : undefined, needsPrimaryKey === true ? 'needs a PRIMARY KEY' : undefined].filter((part) => part !== undefined);
    lines.push(`## ${name}`, '', doc, '', `As a ${facts.join(', ')}.`, '', '```sql', ...example.split('\n'), '```', '', ...table(options, ''), '', ...metadataTable(metadata ?? []));
  }
  for (const { name, doc, options } of formats) lines.push(`## Format ${name}`, '', doc, '', ...table(options, `${name}.`), '');
  return lines.join('\n');
}

function table(options: readonly OptionSpec[], prefix: string): string[] {
  return [
    '| option | values | default | meaning |',
    '| --- | --- | --- | --- |',
    ...options.map(({ key, form, values, required, defaultValue, later, description }) => {
      const fallback = later === true ? 'not yet' : required === true ? 'required' : (defaultValue ?? '');
      return `| \`${prefix}${key}\` | ${values?.join(', ') ?? form} | ${fallback} | ${description.replaceAll('|', '\\|')} |`;
    }),
  ];
}

function metadataTable(specs: readonly MetadataSpec[]): string[] {
  if (specs.length === 0) return [];
  return [
    '| METADATA FROM | type | written | meaning |',
    '| --- | --- | --- | --- |',
    ...specs.map(({ key, type, isWritable, later, description }) => `| \`${key}\` | ${printType(withNullable(type, true))}${type.nullable ? '' : ' NOT NULL'} | ${later === true ? 'not yet' : isWritable ? 'yes' : 'no: VIRTUAL'} | ${description.replaceAll('|', '\\|')} |`),
    '',
  ];
}
