import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SqlError } from '../../core/diagnostic.ts';
import { schemeOf } from './option-texts.ts';

/** The absolute path on this machine. Throws TypeError for a file URL that is none here. */
export function localPath(path: string): string {
  if (schemeOf(path) !== 'file') return resolve(path);
  // `file:/x` and `file:///x` are one.
  return fileURLToPath(path.replace(/^file:\/*(?=\/)/i, 'file://'));
}

/** As Flink: such files, and such folders with all in them, are not there for readers. */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('_');
}

/** The files that a table reads. */
export interface FileFolder {
  /** The folder that names are relative to. */
  readonly folder: string;
  /** Names, with `/` between folders, in the order of their UTF-16 units. */
  readonly names: readonly string[];
}

/**
 * The file, or all files of the folder and of those in it that are not hidden and match. A link to a folder that it lies in leads nowhere new.
 * Throws E0606 when there is neither.
 */
export async function listFiles(path: string, pattern: RegExp | undefined): Promise<FileFolder> {
  const names: string[] = [];
  const isWanted = (file: string): boolean => pattern === undefined || pattern.test(file);
  const walk = async (folder: string, prefix: string, above: readonly string[]): Promise<void> => {
    const real = await realpath(folder);
    if (above.includes(real)) return;
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (isHidden(entry.name)) continue;
      const full = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(full) : entry;
      if (kind.isDirectory()) await walk(full, `${prefix}${entry.name}/`, [...above, real]);
      else if (kind.isFile() && isWanted(full)) names.push(prefix + entry.name);
    }
  };
  try {
    const root = await stat(path);
    // A pipe would be waited for without end, and has no places to go on from.
    if (!root.isDirectory() && !root.isFile()) throw new SqlError({ code: 'E0606', message: `${path} is neither a file nor a folder`, hint: 'what a pipe gives is read from a file that it was written to' });
    if (root.isFile()) return { folder: dirname(path), names: isWanted(path) ? [basename(path)] : [] };
    await walk(path, '', []);
  } catch (error) {
    throw fileError(`${path} cannot be read`, error);
  }
  return { folder: path, names: names.toSorted() };
}

/** What the system said of a file, as E0606; any other error as it is. */
export function fileError(what: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof SqlError || !('code' in error)) return error;
  if (error.code === 'ENOENT') return new SqlError({ code: 'E0606', message: `${what}: there is no such file or folder`, hint: "a relative 'path' begins in the folder that the process was started in", cause: error });
  return new SqlError({ code: 'E0606', message: `${what}: ${error.message}`, cause: error });
}
