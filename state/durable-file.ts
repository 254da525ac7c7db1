import { accessSync, closeSync, constants, existsSync, fdatasync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';

/** Told when a file is made and after each fsync: the file and how many of its bytes are now safe. Tests cut files behind that. */
export type SyncListener = (path: string, bytes: number) => void;

const modes = { append: 'a+', over: 'r+', read: 'r' } as const;

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
  /** Why an fsync failed: the system may have dropped what it held, so that no later one can be believed. Only opening anew helps. */
  #failure: Error | undefined;
  #isClosed = false;

  /**
   * What an existing file holds counts as not safe until the first `sync`: the process that wrote it may have died before its own. With
   * 'over' it counts as nothing, and is written over from its first byte on: cheaper than a file whose room must be found. The caller
   * gave the file its name just now, and knows by `length` where it ends.
   */
  constructor(path: string, onSync?: SyncListener, mode: 'append' | 'over' | 'read' = 'append') {
    this.path = path;
    const isNew = mode === 'over' || (mode === 'append' && !existsSync(path));
    this.#fd = openSync(path, modes[mode]);
    if (isNew) syncFolder(dirname(path));
    this.#length = mode === 'over' ? 0 : fstatSync(this.#fd).size;
    this.#synced = 0;
    this.#onSync = onSync;
    if (isNew) onSync?.(path, 0);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    this.#check();
    try {
      let written = 0;
      // A file that is opened to append takes them at its end, wherever it is told to.
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written, bytes.length - written, this.#length + written);
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
    this.#check();
    while (this.#synced < wanted) {
      this.#check();
      this.#running ??= this.#syncOnce();
      await this.#running;
    }
  }

  #syncOnce(): Promise<void> {
    const length = this.#length;
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => {
        this.#running = undefined;
        if (error !== null) this.#failure ??= error;
        // One that failed meanwhile may have dropped what this one did not see.
        if (this.#failure !== undefined) {
          reject(this.#failure);
          return;
        }
        this.#synced = Math.max(this.#synced, length);
        this.#onSync?.(this.path, this.#synced);
        resolve();
      });
    });
  }

  /** As `sync`, at once. Throws for good once an fsync has failed. */
  syncNow(): void {
    this.#check();
    try {
      fdatasyncSync(this.#fd);
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    }
    this.#synced = this.#length;
    this.#onSync?.(this.path, this.#synced);
  }

  /** Cuts the file to `length` bytes: what recovery does with an unfinished tail. */
  truncate(length: number): void {
    this.#check();
    ftruncateSync(this.#fd, length);
    this.#length = length;
    this.#synced = Math.min(this.#synced, length);
  }

  /** Takes nothing more. An fsync under way still ends as it would have. */
  close(): void {
    this.#isClosed = true;
    const close = (): void => closeSync(this.#fd);
    if (this.#running === undefined) close();
    else void this.#running.then(close, close);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    // A write that comes too late must not reach whatever file gets the number of this one.
    if (this.#isClosed) throw new Error(`${this.path} is closed`);
  }
}

/** Makes a folder, with those above it, safe from a power cut by name. Throws E0504 when that cannot be. */
export function makeFolder(path: string): void {
  const wanted = resolve(path);
  const missing: string[] = [];
  // One by one: where a folder says that it is there and takes none in it, as /proc does, mkdir's own recursion never ends.
  let at = wanted;
  for (; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  try {
    if (!statSync(at).isDirectory()) throw new SqlError({ code: 'E0504', message: `the folder ${wanted} cannot be made: ${at} is a file`, hint: otherFolder });
    for (const folder of missing.toReversed()) {
      makeOne(folder);
      syncFolder(dirname(folder));
    }
    accessSync(wanted, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof SqlError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SqlError({ code: 'E0504', message: `the folder ${wanted} cannot be ${missing.length > 0 ? 'made' : 'written to'}: ${reason}`, hint: otherFolder, cause: error });
  }
}

const otherFolder = 'give another folder (--state-dir, stateDir)';

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else was faster.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
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
