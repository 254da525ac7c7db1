import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

/** Told after each fsync: the file and how many of its bytes are now safe. Tests cut files behind that. */
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

  constructor(path: string, onSync?: SyncListener) {
    this.path = path;
    this.#fd = openSync(path, 'a+');
    this.#length = fstatSync(this.#fd).size;
    this.#synced = this.#length;
    this.#onSync = onSync;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) written += writeSync(this.#fd, bytes, written, bytes.length - written);
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

  /** Resolves when everything written before the call is safe. */
  async sync(): Promise<void> {
    const wanted = this.#length;
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
    closeSync(this.#fd);
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
