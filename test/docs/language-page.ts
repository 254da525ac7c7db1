import { settingDefinitions } from '../../core/settings.ts';

/** The table of settings in docs/language.md, as their definitions say it. */
export function settingsTable(): string {
  const rows = settingDefinitions.map((definition) => {
    const values = 'values' in definition ? definition.values.join(', ') : definition.form;
    return `| \`${definition.key}\` | ${values} | ${definition.defaultValue} | ${definition.description} |`;
  });
  return ['| setting | values | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The statements in SQL that a page shows, by block. */
export function sqlBlocks(page: string): readonly string[] {
  return [...page.matchAll(/```sql\n([^]*?)```/g)].map(([, text = '']) => text);
}
