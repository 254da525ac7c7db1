import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { connectorsPage } from './connectors-page.ts';

const file = new URL('../../docs/connectors.md', import.meta.url);

if (process.env['SLUICE_REWRITE'] === '1') test('writes docs/connectors.md', () => writeFileSync(file, connectorsPage()));

test('docs/connectors.md says what the option specs say: SLUICE_REWRITE=1 writes it anew', () => {
  assert.equal(readFileSync(file, 'utf8'), connectorsPage());
});
