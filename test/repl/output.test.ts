import assert from 'node:assert/strict';
import { createWriteStream, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder, sensorsSql, writeReadings } from './cli.ts';

const isFullThere = existsSync('/dev/full');

suite('an output that cannot be written', () => {
  const cli = new CliFolder();
  writeFileSync(join(cli.path, 'wrong.sql'), 'SELECT x;\n'.repeat(60));
  writeFileSync(join(cli.path, 'right.sql'), 'SELECT 1 AS a;\n');

  test('a reader that leaves changes no exit code', () => {
    // The shell reads nothing: the pipe has no reader before Sluice writes.
    const codeOf = (args: string): string => cli.shell(`{ $SLUICE ${args}; echo "code $?" >&2; } | true`).stderr;
    assert.equal(codeOf('check wrong.sql'), 'code 1\n');
    assert.equal(codeOf('check right.sql'), 'code 0\n');
    assert.equal(codeOf("-e 'SELECT 1 AS a'"), 'code 0\n');
    assert.equal(cli.shell('{ $SLUICE run 2>&1; echo "code $?" >&3; } 3>code | true; cat code').stdout, 'code 64\n');
  });

  test('a demo whose reader leaves ends, and leaves nothing behind', () => {
    const { stdout, stderr } = cli.shell('{ $SLUICE demo; echo "code $?" >&2; } | head -n 1; ls "$TMPDIR"');
    assert.match(stdout, /^five sensors.*\n$/);
    assert.equal(stderr, 'code 0\n');
  });

  test('a full disk is one line and exit code 2, for every command', { skip: isFullThere ? false : 'skipped: there is no /dev/full here' }, async () => {
    await writeReadings(join(cli.path, '.sluice'), 0, 2);
    const told = 'error: standard output cannot be written: no space left on the device\n';
    for (const args of ['--version', "-e 'SELECT 1 AS a; SELECT 2 AS b'", 'demo']) {
      const { status, stderr } = cli.shell(`$SLUICE ${args} >/dev/full`);
      assert.deepEqual({ status, stderr }, { status: 2, stderr: told }, args);
    }
    for (const args of [['--help'], ['run', '--help'], ['check', 'right.sql'], ['explain', 'right.sql'], ['topic', 'list'], ['topic', 'print', 'sensor-readings'], ['run', sensorsSql, '--dry-run', '-q']]) {
      const { status, stderr } = await cli.call(args, { stdout: createWriteStream('/dev/full', { autoClose: false }) });
      assert.deepEqual({ status, stderr }, { status: 2, stderr: told }, args.join(' '));
    }
    assert.equal(cli.shell('$SLUICE check wrong.sql >/dev/full').status, 1);
  });

  test('a log that cannot be written changes nothing', { skip: isFullThere ? false : 'skipped: there is no /dev/full here' }, () => {
    assert.equal(cli.shell('$SLUICE runn 2>/dev/full').status, 64);
    assert.equal(cli.shell("$SLUICE -e 'SELECT x' 2>/dev/full").status, 1);
    assert.equal(cli.shell(`$SLUICE run ${sensorsSql} --bounded --state-dir log 2>/dev/full`).status, 0);
    assert.equal(cli.shell('$SLUICE --version >/dev/full 2>/dev/full').status, 2);
  });
});
