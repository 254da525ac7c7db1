import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const markName = 'synced';
const form = /^(\d{20}\.log) (\d{20})\n$/;

/** How much of a partition's newest segment is known to be on disk. */
export interface Synced {
  /** The segment's file name. */
  readonly segment: string;
  readonly bytes: number;
}

/**
 * What a partition's last fsync made safe, written down behind each fsync in the file `synced`. The file itself is not synced: after a power
 * cut it may be older than the truth, never newer. So it tells damage of what was safe from a tail that was never finished.
 */
export class SyncMark {
  readonly #fd: number;
  #newest = '';
  #isClosed = false;

  constructor(dir: string) {
    this.#fd = openSync(join(dir, markName), constants.O_WRONLY | constants.O_CREAT);
  }

  /** An fsync of an older segment, or of a log that was closed meanwhile, says nothing new. */
  write({ segment, bytes }: Synced): void {
    if (this.#isClosed || segment < this.#newest) return;
    this.#newest = segment;
    try {
      writeSync(this.#fd, `${segment} ${String(bytes).padStart(20, '0')}\n`, 0);
    } catch {
      // An older mark is true as well.
    }
  }

  close(): void {
    this.#isClosed = true;
    closeSync(this.#fd);
  }
}

/** What the mark of a folder says; undefined when there is none, or none that can be read. */
export function readMark(dir: string): Synced | undefined {
  try {
    const found = form.exec(readFileSync(join(dir, markName), 'latin1'));
    return found === null ? undefined : { segment: found[1] ?? '', bytes: Number(found[2]) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
