import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { Engine } from '../../index.ts';
import { settingsTable, sqlBlocks } from './language-page.ts';

const file = new URL('../../docs/language.md', import.meta.url);
const ofSettings = /\| setting \| values [^]*?\n(?=\n)/;

if (process.env['SLUICE_REWRITE'] === '1') {
  test('writes the settings of docs/language.md', () => writeFileSync(file, readFileSync(file, 'utf8').replace(ofSettings, () => `${settingsTable()}\n`)));
}

test('docs/language.md lists the settings that there are: SLUICE_REWRITE=1 writes them anew', () => {
  assert.equal(ofSettings.exec(readFileSync(file, 'utf8'))?.[0].trimEnd(), settingsTable());
});

test('every example of docs/language.md has no fault, over the table at its beginning', async () => {
  const [tables = '', ...examples] = sqlBlocks(readFileSync(file, 'utf8'));
  assert.ok(examples.length >= 7, `${examples.length} examples`);
  const engine = await Engine.create({ kafka: 'embedded' });
  try {
    engine.fn('to_kelvin', { args: ['DOUBLE'], returns: 'DOUBLE' }, (celsius: number) => celsius + 273.15);
    assert.deepEqual(engine.check(tables).errors.map((error) => error.format()), []);
    for (const example of examples) assert.deepEqual(engine.check(`${tables}${example}`).errors.map((error) => error.format()), [], example);
  } finally {
    await engine.close();
  }
});

test('every link of the page to a part of it leads there', () => {
  const page = readFileSync(file, 'utf8');
  const parts = [...page.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'));
  const links = [...page.matchAll(/\]\(#([\w-]+)\)/g)].map(([, name = '']) => name);
  assert.ok(links.length > 0);
  assert.deepEqual(links.filter((name) => !parts.includes(name)), []);
  assert.deepEqual(parts.filter((name) => !links.includes(name)), []);
});
