import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder, writeReadings } from '../cli.ts';

suite('sluice topic', () => {
  const cli = new CliFolder();

  test('list and print show what a folder holds', async () => {
    await writeReadings(join(cli.path, '.sluice'), 0, 2);
    const list = cli.run(['topic', 'list']);
    assert.equal(list.stdout, ' topic            partitions  offsets\n ---------------  ----------  -------\n sensor-readings           1        2\n');
    const print = cli.run(['topic', 'print', 'sensor-readings']);
    assert.equal(print.stdout, '{"id":"s1","temperature":0,"timestamp":1700000000000}\n{"id":"s1","temperature":1,"timestamp":1700000001000}\n');
    const missing = cli.run(['topic', 'print', 'sensor-reading']);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /error\[E0602\].*\n.*did you mean "sensor-readings"/);
  });

  test('looking at a folder without topics makes none', () => {
    assert.equal(cli.run(['topic', 'list', '--state-dir', 'nothing']).status, 1);
    assert.equal(existsSync(join(cli.path, 'nothing')), false);
  });
});
