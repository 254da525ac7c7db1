import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder } from './cli.ts';

suite('scripts', () => {
  const cli = new CliFolder();
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(cli.path, name), content);
    return name;
  };

  test('what is no text is one error, for every command that reads a script', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) % 256);
    file('binary.sql', bytes);
    for (const args of [['check', 'binary.sql'], ['run', 'binary.sql'], ['explain', 'binary.sql'], ['-f', 'binary.sql']]) {
      const { status, stdout, stderr } = await cli.call(args);
      assert.equal(status, 1, stderr);
      assert.match(stdout + stderr, /^error\[E0001\]: binary\.sql is no SQL text: byte 1 is a zero byte\n.*\n1 error; nothing was started\.\n$/);
    }
    const input = cli.shell('$SLUICE < binary.sql');
    assert.equal(input.status, 1);
    assert.match(input.stderr, /^error\[E0001\]: standard input is no SQL text/);
    const latin = await cli.call(['check', file('latin.sql', Buffer.from("SELECT 1 AS a;\nSELECT 'gr\u00fcn';\n", 'latin1'))]);
    assert.match(latin.stdout, /^error\[E0001\]: latin\.sql is no SQL text: it is not UTF-8 \(line 2\)\n/);
    const wide = await cli.call(['check', '--format', 'json', file('wide.sql', Buffer.from('\ufeffSELECT 1;', 'utf16le'))]);
    const [error] = JSON.parse(wide.stdout) as readonly { readonly code: string; readonly message: string }[];
    assert.deepEqual(error === undefined ? undefined : [error.code, error.message], ['E0001', 'wide.sql is no SQL text: it is UTF-16']);
  });

  test('a byte order mark, Windows line ends and a missing last semicolon are no mistakes', async () => {
    const { status, stdout } = await cli.call(['-f', file('windows.sql', '\ufeffSELECT 1 AS a;\r\n-- a remark\r\nSELECT 2 AS a\r\n')]);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '{"a":1}\n{"a":2}\n' });
    assert.equal((await cli.call(['check', file('empty.sql', '')])).stdout, 'no errors in 0 statements.\n');
  });

  test('of many errors the first are printed, and how many more there are', async () => {
    const { status, stdout } = await cli.call(['check', file('many.sql', 'SELECT x;\n'.repeat(60))]);
    assert.equal(status, 1);
    assert.equal(stdout.split('error[E0102]').length - 1, 50);
    assert.match(stdout, /\n\.\.\. and 10 more errors\n60 errors in 60 statements; nothing was started\.\n$/);
    assert.equal((JSON.parse((await cli.call(['check', 'many.sql', '--format', 'json'])).stdout) as readonly unknown[]).length, 60);
  });

  test('of a long line the part around the caret is printed', async () => {
    const { stdout } = await cli.call(['check', file('long.sql', `SELECT '${'a'.repeat(300_000)}', x, '${'b'.repeat(300_000)}';`)]);
    assert.match(stdout, /long\.sql:1:300012\n/);
    assert.ok(stdout.length < 1000, String(stdout.length));
    const [line = '', caret = ''] = stdout.split('\n').slice(2);
    assert.equal(line[caret.indexOf('^')], 'x');
  });

  test('a folder, and a path through a file, cannot be read', async () => {
    mkdirSync(join(cli.path, 'folder.sql'));
    for (const [name, reason] of [['folder.sql', 'it is a folder'], ['windows.sql/x', 'there is no such file'], ['', 'there is no such file']] as const) {
      const { status, stderr } = await cli.call(['check', name]);
      assert.equal(status, 64);
      assert.ok(stderr.includes(`cannot be read: ${reason}\n`), stderr);
    }
  });
});
