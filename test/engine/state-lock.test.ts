import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EngineBroker, openForReading } from '../../engine/broker.ts';
import { lockFolder, shareFolder } from '../../engine/state-lock.ts';
import { temporaryFolder } from '../broker/folders.ts';

test('readers share a folder and keep engines out; an engine keeps everybody out', async (t) => {
  const dir = temporaryFolder(t);
  const nobody = await shareFolder(dir);
  assert.deepEqual(readdirSync(dir), [], 'reading makes nothing');
  nobody();
  const unlock = await lockFolder(dir);
  await assert.rejects(shareFolder(dir), { code: 'E0603' });
  await assert.rejects(lockFolder(dir), { code: 'E0603' });
  unlock();
  const readers = [await shareFolder(dir), await shareFolder(dir)];
  await assert.rejects(lockFolder(dir), { code: 'E0603' });
  for (const close of readers) close();
  (await lockFolder(dir))();
});

test('a state folder that cannot be one is an error that says what to do', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  const impossible = [file, ...(existsSync('/proc/version') ? ['/proc/sluice'] : [])];
  for (const stateDir of impossible) {
    const broker = new EngineBroker('embedded', stateDir);
    await assert.rejects(broker.link(), (error: Error & { readonly code?: string; readonly hint?: string }) => error.code === 'E0504' && error.message.includes(stateDir) && (error.hint ?? '').includes('--state-dir'));
    await broker.close();
    assert.equal(await openForReading(stateDir, () => undefined), undefined);
  }
});

test('a lock file that is no such file is told, and what to do', async (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'lock.db'), 'nothing that SQLite wrote '.repeat(100));
  for (const lock of [lockFolder, shareFolder]) {
    await assert.rejects(lock(dir), (error: Error & { readonly code?: string; readonly hint?: string }) => error.code === 'E0804' && error.message.includes('lock.db') && (error.hint ?? '').includes('remove this file'));
  }
  rmSync(join(dir, 'lock.db'));
  (await lockFolder(dir))();
});
