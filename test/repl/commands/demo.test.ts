import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder } from '../cli.ts';

suite('sluice demo', () => {
  const cli = new CliFolder();

  test('a folder that cannot be made ends with 1: nothing was started', async () => {
    writeFileSync(join(cli.path, 'file'), '');
    const { status, stderr } = await cli.call(['demo', '--state-dir', 'file']);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^error\[E0504\]/);
  });

  test('without a terminal it ends by itself after three windows, says what to type next, and leaves nothing behind', () => {
    const { status, stdout, stderr } = cli.run(['demo']);
    assert.equal(status, 0, stderr);
    const rows = [...stdout.matchAll(/^ \d{4}-\d\d-\d\d \S+ {2}(\d{4}-\d\d-\d\d \S+) {2}(s\d) +(-?\d+\.\d\d)$/gm)];
    const bySensor = Map.groupBy(rows, (row) => row[1]);
    assert.ok([...bySensor.values()].filter((window) => window.length === 5).length >= 3, stdout);
    for (const window of bySensor.values()) assert.deepEqual(window.map((row) => row[2]), ['s1', 's2', 's3', 's4', 's5']);
    assert.match(stdout, /what to type next:\n.* explain /);
    assert.deepEqual(readdirSync(cli.temporary), []);
  });
});
