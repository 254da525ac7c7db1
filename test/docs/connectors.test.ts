import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { connectors } from '../../connectors/connectors.ts';
import { Engine } from '../../index.ts';
import { connectorsPage } from './connectors-page.ts';

const file = new URL('../../docs/connectors.md', import.meta.url);

if (process.env['SLUICE_REWRITE'] === '1') test('writes docs/connectors.md', () => writeFileSync(file, connectorsPage()));

test('docs/connectors.md says what the option specs say: SLUICE_REWRITE=1 writes it anew', () => {
  const [kept, made] = [readFileSync(file, 'utf8'), connectorsPage()].map((page) => page.split('\n')) as [string[], string[]];
  assert.deepEqual(kept.filter((line) => !made.includes(line)), made.filter((line) => !kept.includes(line)));
  assert.ok(kept.join('\n') === made.join('\n'), 'the lines stand in another order');
});

test('every connector shows a table that has no fault', async () => {
  const engine = await Engine.create({ kafka: 'embedded' });
  const faults = connectors.flatMap(({ name, example }) => (example === undefined ? [`${name} shows none`] : engine.check(example).errors.map((error) => `${name}: ${error.format()}`)));
  await engine.close();
  assert.deepEqual(faults, []);
});
