import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { lockFolder } from '../../../engine/state-lock.ts';
import { CliFolder, sensorsSql, valuesOf, writeReadings } from '../cli.ts';

suite('sluice run', () => {
  const cli = new CliFolder();
  const output = (dir: string): Promise<string[]> => valuesOf(dir, 'windowed-readings');

  test('--bounded twice: the second goes on from a checkpoint and gives nothing twice', async () => {
    const dir = join(cli.path, 'twice');
    await writeReadings(dir, 0, 25);
    const first = cli.run(['run', sensorsSql, '--bounded', '--state-dir', dir]);
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stderr, /^job sensors starts anew   broker: embedded, files in .*broker\n/);
    const windows = await output(dir);
    assert.deepEqual(windows.map((line) => (JSON.parse(line) as { readonly average: number }).average), [4.5, 14.5, 22]);
    const second = await cli.call(['run', sensorsSql, '--bounded', '--state-dir', dir]);
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stderr, /^job sensors goes on from checkpoint \d+ /);
    assert.match(second.stderr, /0 rows read, 0 rows written/);
    assert.deepEqual(await output(dir), windows);
    await writeReadings(dir, 30, 40);
    await cli.call(['run', sensorsSql, '--bounded', '--state-dir', dir]);
    const all = await output(dir);
    assert.equal(all.length, 4);
    assert.deepEqual(all.slice(0, 3), windows);
  });

  test('SIGTERM stores a checkpoint and ends with 143, SIGINT with 130', async () => {
    const dir = join(cli.path, 'signal');
    await writeReadings(dir, 0, 25);
    const args = ['run', sensorsSql, '--state-dir', dir];
    const first = await cli.runUntil(args, 'starts anew', 'SIGTERM');
    assert.equal(first.status, 143, first.stderr);
    assert.match(first.stderr, /checkpoint \d+ stored/);
    const second = await cli.runUntil(args, 'goes on from checkpoint', 'SIGINT');
    assert.equal(second.status, 130, second.stderr);
    const third = await cli.call([...args, '--stop-after', '300ms']);
    assert.equal(third.status, 0, third.stderr);
    assert.deepEqual((await output(dir)).map((line) => (JSON.parse(line) as { readonly average: number }).average), [4.5, 14.5]);
  });

  test('--dry-run, --name and --fresh', async () => {
    const dir = join(cli.path, 'names');
    const dry = await cli.call(['run', sensorsSql, '--dry-run', '--state-dir', dir]);
    assert.equal(dry.status, 0);
    assert.match(dry.stdout, /WindowAggregate/);
    await writeReadings(dir, 0, 5);
    const run = async (...flags: string[]): Promise<string> => (await cli.call(['run', sensorsSql, '--bounded', '--state-dir', dir, '--name', 'other', ...flags])).stderr;
    assert.match(await run(), /^job other starts anew/);
    assert.match(await run(), /^job other goes on/);
    assert.match(await run('--fresh'), /^job other starts anew/);
    assert.equal((await cli.call(['run', sensorsSql, '--name', '../x'])).status, 64);
  });

  test('stored state of another query ends with 3', async () => {
    const dir = join(cli.path, 'state');
    await writeReadings(dir, 0, 5);
    const script = (aggregate: string): string => `CREATE TABLE Readings (id STRING, temperature DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'sensor-readings', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
CREATE TABLE Latest (id STRING, value DOUBLE, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'latest', 'key.format' = 'json', 'value.format' = 'json');
INSERT INTO Latest SELECT id, ${aggregate}(temperature) FROM Readings GROUP BY id;
`;
    writeFileSync(join(cli.path, 'latest.sql'), script('SUM'));
    const args = ['run', 'latest.sql', '--bounded', '--state-dir', dir];
    const before = await cli.call(args);
    assert.equal(before.status, 0, before.stderr);
    writeFileSync(join(cli.path, 'latest.sql'), script('AVG'));
    const after = cli.run(args);
    assert.equal(after.status, 3, after.stderr);
    assert.match(after.stderr, /^error\[E0801\]/);
    const dry = await cli.call([...args, '--dry-run']);
    assert.match(dry.stderr, /^job latest, checkpoint \d+: would be refused/m);
    assert.match(dry.stderr, /--on-incompatible discard/);
    assert.equal((await cli.call([...args, '--on-incompatible', 'guess'])).status, 64);
    assert.equal((await cli.call([...args, '--fresh'])).status, 0);
  });

  test('a record that does not fit fails the job with 2 and its address', async () => {
    const dir = join(cli.path, 'bad');
    await writeReadings(dir, 0, 3);
    writeFileSync(join(cli.path, 'bad.sql'), "CREATE TABLE Bad (id INT) WITH ('connector' = 'kafka', 'topic' = 'sensor-readings', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');\nCREATE TABLE Gone (id INT) WITH ('connector' = 'blackhole');\nINSERT INTO Gone SELECT id FROM Bad;\n");
    const { status, stderr } = cli.run(['run', 'bad.sql', '--bounded', '--state-dir', dir]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /error\[E0701\].*sensor-readings partition 0 offset 0/);
  });

  test('SQL with errors ends with 1, a folder that another engine holds with 2', async () => {
    writeFileSync(join(cli.path, 'wrong.sql'), 'INSERT INTO nothing SELECT 1;\n');
    const wrong = await cli.call(['run', 'wrong.sql']);
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /1 error in 1 statement; nothing was started\.\n$/);
    const dir = join(cli.path, 'held');
    const unlock = await lockFolder(join(dir, 'broker'));
    const held = cli.run(['run', sensorsSql, '--bounded', '--state-dir', dir]);
    unlock();
    assert.equal(held.status, 2);
    assert.match(held.stderr, /error\[E0603\]/);
    assert.equal((await cli.call(['run', sensorsSql, '--bounded', '--state-dir', dir])).status, 0);
  });
});
