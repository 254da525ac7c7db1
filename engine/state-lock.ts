import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';

/**
 * Takes a folder for this engine alone, until the returned function is called or the process is gone, however it went: the lock is the
 * operating system's, held on a small SQLite file. Two engines that write the same segment files would damage both. Throws E0603.
 */
export async function lockFolder(dir: string): Promise<() => void> {
  const { default: Database } = await import('better-sqlite3');
  mkdirSync(dir, { recursive: true });
  const database = new Database(join(dir, 'lock.db'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Database.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) throw error;
    const owner = ownerOf(dir);
    throw new SqlError({
      code: 'E0603',
      message: `another engine works in ${dir}${owner === undefined ? '' : ` (process ${owner})`}`,
      hint: 'stop it first, or give this one a folder of its own (--state-dir, stateDir)',
      cause: error,
    });
  }
  writeFileSync(join(dir, 'lock.pid'), String(process.pid));
  return () => database.close();
}

/** The process that took the folder, as it wrote down itself: only for the message. */
function ownerOf(dir: string): string | undefined {
  try {
    return readFileSync(join(dir, 'lock.pid'), 'utf8') || undefined;
  } catch {
    return undefined;
  }
}
