import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import { makeFolder } from '../state/durable-file.ts';

const lockName = 'lock.db';
const ownerName = 'lock.pid';

/** True for a file of a folder that belongs to its lock, which stays when all else in the folder goes. */
export function isLockFile(name: string): boolean {
  return name.startsWith(lockName) || name === ownerName;
}

/**
 * Takes a folder for this engine alone, until the returned function is called or the process is gone, however it went: the lock is the
 * operating system's, held on a small SQLite file. Two engines that write the same segment files would damage both. Throws E0603.
 */
export async function lockFolder(dir: string): Promise<() => void> {
  const { default: Database } = await import('better-sqlite3');
  makeFolder(dir);
  const database = new Database(join(dir, lockName), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error instanceof Database.SqliteError ? notLocked(dir, error) : error;
  }
  writeFileSync(join(dir, ownerName), String(process.pid));
  return () => database.close();
}

/**
 * Keeps engines out of a folder while somebody reads it, without writing a byte there; readers may be many. As `lockFolder`, throws E0603.
 */
export async function shareFolder(dir: string): Promise<() => void> {
  const path = join(dir, lockName);
  // No engine was here since the folder was made or copied: there is nobody to keep out.
  if (!existsSync(path)) return () => undefined;
  const { default: Database } = await import('better-sqlite3');
  const database = new Database(path, { timeout: 0, readonly: true });
  try {
    database.exec('BEGIN');
    database.prepare('SELECT count(*) FROM sqlite_master').get();
  } catch (error) {
    database.close();
    throw error instanceof Database.SqliteError ? notLocked(dir, error) : error;
  }
  return () => database.close();
}

/** What an error of SQLite means for whoever wanted the folder. */
function notLocked(dir: string, error: Error & { readonly code: string }): Error {
  if (error.code.startsWith('SQLITE_BUSY')) return taken(dir, error);
  if (!error.code.startsWith('SQLITE_NOTADB') && !error.code.startsWith('SQLITE_CORRUPT')) return error;
  return new SqlError({ code: 'E0804', message: `${join(dir, lockName)} is damaged: it is what keeps a second engine out of the folder, and holds nothing else`, hint: 'when no engine works there, remove this file: it is made anew', cause: error });
}

function taken(dir: string, cause: Error): SqlError {
  const owner = ownerOf(dir);
  return new SqlError({
    code: 'E0603',
    message: `another engine works in ${dir}${owner === undefined ? '' : ` (process ${owner})`}`,
    hint: 'stop it first, or give this one a folder of its own (--state-dir, stateDir)',
    cause,
  });
}

/** The process that took the folder, as it wrote down itself: only for the message. */
function ownerOf(dir: string): string | undefined {
  try {
    return readFileSync(join(dir, ownerName), 'utf8') || undefined;
  } catch {
    return undefined;
  }
}
