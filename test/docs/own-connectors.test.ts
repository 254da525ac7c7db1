import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { CliFolder } from '../repl/cli.ts';
import { runProgram } from './program.ts';

test('the program of docs/own-connectors.md says what the page says', () => {
  const page = readFileSync(new URL('../../docs/own-connectors.md', import.meta.url), 'utf8');
  const [, code = '', said = ''] = /```js\n([^]*?)```\n\n```text\n([^]*?)```/.exec(page) ?? [];
  assert.equal(runProgram(new CliFolder().path, code), said);
});
