import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CliFolder } from '../repl/cli.ts';

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));

suite('examples', () => {
  test('each has no fault, and its page says what it is', async () => {
    const { status, stderr } = await new CliFolder().call(['check', ...files.map((name) => join(folder, name))]);
    assert.equal(status, 0, stderr);
    const page = readFileSync(join(folder, 'README.md'), 'utf8');
    assert.deepEqual(files.filter((name) => !page.includes(`\`${name}\``)), []);
  });

  test('hottest.sql gives three rows, the hottest first', async () => {
    const { status, stdout, stderr } = await new CliFolder().call(['-f', join(folder, 'hottest.sql'), '--bounded', '-q']);
    assert.equal(status, 0, stderr);
    const rows = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as { readonly hottest: number });
    assert.equal(rows.length, 3);
    assert.deepEqual(rows, rows.toSorted((a, b) => b.hottest - a.hottest));
  });

  test('rooms.sql keeps the readings of each room that a sensor is in', async () => {
    const cli = new CliFolder();
    const { status, stderr } = await cli.call(['run', join(folder, 'rooms.sql'), '--bounded']);
    assert.equal(status, 0, stderr);
    const rooms = (await cli.call(['topic', 'print', 'rooms'])).stdout.trimEnd().split('\n').map((line) => (JSON.parse(line) as { readonly room: string }).room);
    assert.deepEqual([...new Set(rooms)].toSorted(), ['attic', 'kitchen']);
  });

  test('archive.sql writes the files of each sensor, and a topic, from one source', async () => {
    const cli = new CliFolder();
    const { status, stderr } = await cli.call(['run', join(folder, 'archive.sql'), '--bounded']);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /ended: 6000 rows read, /);
    assert.deepEqual(readdirSync(join(cli.path, 'archive')).toSorted(), ['id=s1', 'id=s2', 'id=s3', 'id=s4']);
    assert.match((await cli.call(['topic', 'print', 'peaks'])).stdout, /"warmest":\d/);
  });
});
