import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder, sensorsSql } from '../cli.ts';

suite('sluice check', () => {
  const cli = new CliFolder();
  writeFileSync(
    join(cli.path, 'first.sql'),
    `CREATE TABLE Meters (id STRING, power DUBLE) WITH ('connector' = 'kafka', 'topic' = 'meters', 'format' = 'json');
CREATE TABLE Totals (id STRING, n BIGINT) WITH ('connector' = 'blackholes');
`,
  );
  writeFileSync(join(cli.path, 'second.sql'), "CREATE TABLE Sink (n INT) WITH ('connector' = 'blackhole');\nINSERT INTO Sink SELECT 1 + nothing;\n");

  test('all errors of all files, each with its line and a caret', () => {
    const { status, stdout } = cli.run(['check', 'first.sql', 'second.sql']);
    assert.equal(status, 1);
    const carets = stdout.split('\n').filter((line) => /^ +\| +\^+/.test(line));
    assert.equal(carets.length, 3, stdout);
    assert.deepEqual([...stdout.matchAll(/^ {2}(\S+:\d+:\d+)$/gm)].map((match) => match[1]), ['first.sql:1:39', 'first.sql:2:63', 'second.sql:2:29']);
    assert.ok(stdout.endsWith('3 errors in 4 statements; nothing was started.\n'), stdout);
  });

  test('--format json gives the errors as an array', async () => {
    const { status, stdout } = await cli.call(['check', 'first.sql', 'second.sql', '--format', 'json']);
    assert.equal(status, 1);
    const errors = JSON.parse(stdout) as readonly { readonly code: string; readonly file: string; readonly line: number }[];
    assert.deepEqual(errors.map(({ code, file, line }) => [code, file, line]), [['E0104', 'first.sql', 1], ['E0502', 'first.sql', 2], ['E0102', 'second.sql', 2]]);
  });

  test('a file without mistakes', async () => {
    const { status, stdout, stderr } = await cli.call(['check', sensorsSql]);
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'no errors in 3 statements.\n', stderr: '' });
  });

  test('an ORDER BY that cannot be kept, unless what is there is read and no more', async () => {
    writeFileSync(join(cli.path, 'sorted.sql'), "CREATE TABLE g (id INT) WITH ('connector' = 'datagen');\nSELECT id FROM g\n  ORDER BY id;\n");
    const { status, stdout } = await cli.call(['check', 'sorted.sql']);
    assert.equal(status, 1);
    assert.match(stdout, /^error\[E0203\][^\n]*\n {2}sorted\.sql:3:12\n/);
    assert.equal((await cli.call(['check', 'sorted.sql', '--bounded'])).status, 0);
  });

  test('a file that is not there is a wrong command line', async () => {
    const { status, stderr } = await cli.call(['check', 'nowhere.sql']);
    assert.equal(status, 64);
    assert.match(stderr, /nowhere\.sql cannot be read: there is no such file/);
  });
});
