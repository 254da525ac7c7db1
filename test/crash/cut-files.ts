import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import type { Random } from '../random.ts';

/** What the sync log of one or more runs says: file -> bytes that its last fsync made safe. */
export class SyncedFiles {
  readonly #safe = new Map<string, number>();

  /** Adds what one run recorded. Later records of a file replace earlier ones: a file may be made anew. */
  add(logPath: string): void {
    if (!existsSync(logPath)) return;
    // A last line without its end was not recorded.
    for (const line of readFileSync(logPath, 'utf8').split('\n').slice(0, -1)) {
      const space = line.indexOf(' ');
      this.#safe.set(line.slice(space + 1), Number(line.slice(0, space)));
    }
  }

  /** Cuts every file that is longer than what is safe of it, at a random byte at or past that. Gives files and bytes that were cut. */
  cut(random: Random): { readonly files: number; readonly bytes: number } {
    let files = 0;
    let bytes = 0;
    for (const [path, safe] of this.#safe) {
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (size <= safe) continue;
      const length = random.int(safe, size);
      truncateSync(path, length);
      files += length < size ? 1 : 0;
      bytes += size - length;
    }
    return { files, bytes };
  }
}
