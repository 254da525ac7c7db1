import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

suite('README.md', () => {
  const text = readFileSync(new URL('README.md', root), 'utf8');

  test('the library example has at most ten lines and prints what it says', () => {
    const code = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    assert.ok(code.trimEnd().split('\n').length <= 10, code);
    const said = /console\.log\(row\); \/\/ (.*)/.exec(code)?.[1];
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=sluice-source', '--input-type=module', '-e', code], { cwd: fileURLToPath(root), encoding: 'utf8', timeout: 20_000 });
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trimEnd(), said);
  });
});
