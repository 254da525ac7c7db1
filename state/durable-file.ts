import { closeSync, existsSync, fdatasync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Told when a file is made and after each fsync: the file and how many of its bytes are now safe. Tests cut files behind that. */
export type SyncListener = (path: string, bytes: number) => void;

/**
 * A file that only grows at its end. What was written is in the operating system's hands at once (it survives the death of the process);
 * it is safe from a power cut after `sync`, which serves all who wait with one fdatasync.
 */
export class DurableFile {
  readonly path: string;
  readonly #fd: number;
  readonly #onSync: SyncListener | undefined;
  #length: number;
  #synced: number;
  #running: Promise<void> | undefined;
  /** Why no more is taken: an fsync failed (the system may have dropped what it held, so that no later one can be believed), or it is closed. */
  #failure: Error | undefined;

  /** What an existing file holds counts as not safe until the first `sync`: the process that wrote it may have died before its own. */
  constructor(path: string, onSync?: SyncListener) {
    this.path = path;
    const isNew = !existsSync(path);
    this.#fd = openSync(path, 'a+');
    if (isNew) syncFolder(dirname(path));
    this.#length = fstatSync(this.#fd).size;
    this.#synced = 0;
    this.#onSync = onSync;
    if (isNew) onSync?.(path, 0);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written, bytes.length - written);
    } catch (error) {
      // Half a write, as on a full disk, must not stand between two whole ones.
      ftruncateSync(this.#fd, this.#length);
      throw error;
    }
    this.#length += bytes.length;
  }

  /** Reads [position, position + length) into `into` at `at`; gives how many bytes there were. */
  read(position: number, length: number, into: Uint8Array, at = 0): number {
    let done = 0;
    while (done < length) {
      const read = readSync(this.#fd, into, at + done, length - done, position + done);
      if (read === 0) break;
      done += read;
    }
    return done;
  }

  /** Resolves when everything written before the call is safe. Rejects for good once an fsync has failed. */
  async sync(): Promise<void> {
    const wanted = this.#length;
    if (this.#failure !== undefined) throw this.#failure;
    while (this.#synced < wanted) {
      this.#running ??= this.#syncOnce();
      await this.#running;
    }
  }

  #syncOnce(): Promise<void> {
    const length = this.#length;
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => {
        this.#running = undefined;
        if (error !== null) {
          this.#failure ??= error;
          reject(error);
          return;
        }
        this.#synced = Math.max(this.#synced, length);
        this.#onSync?.(this.path, this.#synced);
        resolve();
      });
    });
  }

  syncNow(): void {
    if (this.#failure !== undefined) throw this.#failure;
    fdatasyncSync(this.#fd);
    this.#synced = this.#length;
    this.#onSync?.(this.path, this.#synced);
  }

  /** Cuts the file to `length` bytes: what recovery does with an unfinished tail. */
  truncate(length: number): void {
    ftruncateSync(this.#fd, length);
    this.#length = length;
    this.#synced = Math.min(this.#synced, length);
  }

  close(): void {
    // A write that comes too late must not reach whatever file gets the number of this one.
    this.#failure ??= new Error(`${this.path} is closed`);
    closeSync(this.#fd);
  }
}

/** Makes a folder, with those above it, safe from a power cut by name. */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

/** A name that was added to a folder or taken from it is safe once the folder is synced. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A listener that appends `bytes path` lines to the file that SLUICE_SYNC_LOG names: how the crash tests learn what is safe. */
export function syncLogFromEnvironment(): SyncListener | undefined {
  const path = process.env['SLUICE_SYNC_LOG'];
  if (path === undefined) return undefined;
  const fd = openSync(path, 'a');
  return (file, bytes) => {
    writeSync(fd, `${bytes} ${file}\n`);
  };
}
