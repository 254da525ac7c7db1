import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What `npm run sluice -- ARGS`, called in a folder of the clone, makes of its arguments. */
function runByNpm(folder: string, script: string, args: readonly string[]): { readonly status: number | null; readonly stdout: string } {
  const env = { PATH: process.env['PATH'], npm_lifecycle_event: script, npm_package_name: 'sluice', INIT_CWD: `${root}${folder}` };
  const { status, stdout } = spawnSync(process.execPath, ['bin/sluice.mjs', ...args], { cwd: root, env, encoding: 'utf8', timeout: 30_000 });
  return { status, stdout };
}

test('npm run sluice in a folder of the clone finds the files that lie there', () => {
  assert.deepEqual(runByNpm('examples', 'sluice', ['check', 'sensors.sql']), { status: 0, stdout: 'no errors in 3 statements.\n' });
});

test('another script of npm is where npm puts it', () => {
  assert.equal(runByNpm('examples', 'jobs', ['check', 'sensors.sql']).status, 64);
});
