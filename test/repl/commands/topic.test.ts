import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder, writeReadings } from '../cli.ts';

suite('sluice topic', () => {
  const cli = new CliFolder();

  test('list and print show what a folder holds', async () => {
    await writeReadings(join(cli.path, '.sluice'), 0, 2);
    const list = await cli.call(['topic', 'list']);
    assert.equal(list.stdout, ' topic            partitions  offsets\n ---------------  ----------  -------\n sensor-readings           1        2\n');
    const print = await cli.call(['topic', 'print', 'sensor-readings']);
    assert.equal(print.stdout, '{"id":"s1","temperature":0,"timestamp":1700000000000}\n{"id":"s1","temperature":1,"timestamp":1700000001000}\n');
    const missing = await cli.call(['topic', 'print', 'sensor-reading']);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /error\[E0602\].*\n.*did you mean "sensor-readings"/);
  });

  test('a folder that needs mending is shown and left as it is', async () => {
    const dir = join(cli.path, 'torn');
    await writeReadings(dir, 0, 2);
    const log = join(dir, 'broker', 'topics', 'sensor-readings-0', '00000000000000000000.log');
    const { size } = statSync(log);
    appendFileSync(log, 'half a batch');
    const filesOf = (): unknown => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'hex')]);
    const before = filesOf();
    const list = await cli.call(['topic', 'list', '--state-dir', 'torn']);
    assert.match(list.stdout, /sensor-readings +1 +2\n/);
    assert.match(list.stderr, /12 bytes at the end of .*: left as they are/);
    assert.equal((await cli.call(['topic', 'print', 'sensor-readings', '--state-dir', 'torn'])).stdout.split('\n').length, 3);
    assert.deepEqual(filesOf(), before);
    await writeReadings(dir, 2, 3);
    assert.ok(statSync(log).size > size);
    assert.equal((await cli.call(['topic', 'print', 'sensor-readings', '--state-dir', 'torn'])).stdout.split('\n').length, 4);
  });

  test('a damaged topic is an error that names the place', async () => {
    const dir = join(cli.path, 'damaged');
    await writeReadings(dir, 0, 2);
    const log = join(dir, 'broker', 'topics', 'sensor-readings-0', '00000000000000000000.log');
    const bytes = readFileSync(log);
    bytes[90] = 0;
    writeFileSync(log, bytes);
    const { status, stderr } = await cli.call(['topic', 'list', '--state-dir', 'damaged']);
    assert.equal(status, 1);
    assert.match(stderr, /error\[E0703\]: topic sensor-readings partition 0 is damaged at offset 0 \(byte 0 of .*\.log\), found a record batch whose checksum does not fit\n {2}.*put back a copy/);
  });

  test('looking at a folder without topics makes none', async () => {
    assert.equal((await cli.call(['topic', 'list', '--state-dir', 'nothing'])).status, 1);
    assert.equal(existsSync(join(cli.path, 'nothing')), false);
  });

  test('a verb that is not there says what is there meanwhile', async () => {
    const { status, stderr } = await cli.call(['topic', 'produce', 't']);
    assert.equal(status, 64);
    assert.match(stderr, /not supported yet: topic produce; {2}INSERT INTO/);
    assert.match((await cli.call(['topic', 'dump', 't'])).stderr, /sluice topic list, {2}sluice topic print NAME/);
    assert.match((await cli.call(['topic', 'prnt', 't'])).stderr, /did you mean "print"/);
  });
});
