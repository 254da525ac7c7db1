import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder, writeReadings } from '../cli.ts';

suite('sluice doctor', () => {
  const cli = new CliFolder();

  test('a folder that is not there is not made', async () => {
    const { status, stdout } = await cli.call(['doctor']);
    assert.deepEqual([status, stdout], [0, 'ok     folder    .sluice is not there yet; the first table or job makes it\n']);
    assert.equal(existsSync(join(cli.path, '.sluice')), false);
  });

  test('the folder and the broker in it', async () => {
    await writeReadings(join(cli.path, '.sluice'), 0, 2);
    const { status, stdout } = await cli.call(['doctor']);
    assert.equal(status, 0);
    assert.match(stdout, /^ok {5}folder [^]*ok {5}broker {4}embedded: 1 topic, 1 partition, 2 offsets; /);
  });

  test('a step that fails ends with 2, what is no address with 64', async () => {
    const { status, stdout } = await cli.call(['doctor', '127.0.0.1:1']);
    assert.equal(status, 2);
    assert.match(stdout, /^ok {5}name [^\n]*\nfails {2}connect {3}nothing listens on 127\.0\.0\.1:1 \(connection refused\)\n/);
    assert.equal((await cli.call(['doctor', 'http://host'])).status, 64);
  });

  test('a list, as clients take it: each address of it', async () => {
    const { status, stdout } = await cli.call(['doctor', '127.0.0.1:1,PLAINTEXT://127.0.0.1:2']);
    assert.equal(status, 2);
    assert.deepEqual(stdout.split('\n').filter((line) => /^\S*:\d|connect|none/.test(line)), [
      '127.0.0.1:1:',
      'fails  connect   nothing listens on 127.0.0.1:1 (connection refused)',
      '127.0.0.1:2:',
      'fails  connect   nothing listens on 127.0.0.1:2 (connection refused)',
      'none of the 2 is well',
    ]);
    const wrong = await cli.call(['doctor', '127.0.0.1:1,', 'nowhere:x']);
    assert.equal(wrong.status, 64);
    assert.match(wrong.stderr, /'nowhere:x' is no address/);
  });
});
