import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs a program of a page in a folder beside this package, as one that has installed it, and gives what it says. */
export function runProgram(folder: string, code: string): string {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(fileURLToPath(new URL('../../', import.meta.url)), join(folder, 'node_modules', 'sluice'));
  writeFileSync(join(folder, 'example.js'), code);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=sluice-source', 'example.js'], { cwd: folder, encoding: 'utf8', timeout: 20_000 });
  assert.equal(status, 0, stderr);
  return stdout;
}
