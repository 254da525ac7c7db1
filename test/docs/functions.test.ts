import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { functionNames } from '../../functions/registry.ts';
import { functionsPage } from './functions-page.ts';

const file = new URL('../../docs/functions.md', import.meta.url);

if (process.env['SLUICE_REWRITE'] === '1') test('writes docs/functions.md', () => writeFileSync(file, functionsPage()));

test('docs/functions.md says what the definitions say: SLUICE_REWRITE=1 writes it anew', () => {
  const [kept, made] = [readFileSync(file, 'utf8'), functionsPage()].map((page) => page.split('\n')) as [string[], string[]];
  assert.deepEqual(kept.filter((line) => !made.includes(line)), made.filter((line) => !kept.includes(line)));
  assert.ok(kept.join('\n') === made.join('\n'), 'the lines stand in another order');
});

test('every function that can be called stands on the page', () => {
  const page = functionsPage();
  assert.deepEqual(functionNames().filter((name) => name !== 'NEGATE' && !page.includes(`\`${name}\``)), []);
});
