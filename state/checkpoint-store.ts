import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { SqlError } from '../core/diagnostic.ts';
import { makeFolder } from './durable-file.ts';
import { rewriteParts } from './table-codec.ts';

/** The version of the file's own layout and of what `meta` holds. Version 1 kept no types, so that nothing of it can be trusted. */
export const storeVersion = 2;

/** The key groups are 0 to 127, the top 7 bits of a key's hash. */
export const lastKeyGroup = 127;

/** What one checkpoint adds: captures of tables (a window's slice is a part of its state), slices that are gone, and the rest as JSON. */
export interface CheckpointData {
  readonly id: number;
  /** Positions, watermarks, sink tokens, schemas: plain JSON. */
  readonly meta: object;
  readonly captures: readonly { readonly state: string; readonly part: string; readonly bytes: Uint8Array }[];
  readonly dropped: readonly { readonly state: string; readonly part: string }[];
}

export interface StoredCheckpoint {
  readonly id: number;
  readonly meta: unknown;
  /** State -> part -> captures, newest first. */
  readonly states: ReadonlyMap<string, ReadonlyMap<string, readonly Uint8Array[]>>;
}

/** Where a job's checkpoints lie. */
export interface CheckpointStore {
  latest(): StoredCheckpoint | undefined;
  /** Resolves when the checkpoint is stored for good: from then on a restart goes on from it. Captures are handed over. */
  commit(data: CheckpointData): Promise<void>;
  close(): Promise<void>;
}

/** What the writing thread answers to a commit: nothing but its id, or why it was not stored. */
export interface WriterAnswer {
  readonly id: number;
  readonly error?: string;
  /** True: the file itself is gone. */
  readonly isGone?: boolean;
}

/** Beside the store from its first checkpoint on: a store without any has then been emptied. */
export function markerOf(path: string): string {
  return `${path}.stored`;
}

/**
 * A job's checkpoints in one SQLite file. One transaction stores a checkpoint whole, written by a thread of its own (checkpoint-worker.ts).
 * Captures older than the rolling rewrite needs are removed with it. Each capture names the key groups it is of: all, as there is one worker.
 * Throws E0801 for a store that is too old, E0802 for one of a newer program, E0804 for one that cannot be read or has lost what it held.
 */
export function openCheckpoints(path: string): CheckpointStore {
  makeFolder(dirname(path));
  reading(path, () => createSchema(path));
  let writer: Writer | undefined;
  return {
    latest: () => reading(path, () => load(path)),
    commit: async (data) => {
      writer ??= new Writer(path);
      await writer.commit(data);
    },
    close: async () => {
      await writer?.close();
    },
  };
}

/** The thread that stores, seen from the job. When it is gone, for whatever reason, every commit that it has not answered rejects, and all later ones. */
class Writer {
  readonly #thread: Worker;
  readonly #waiting = new Map<number, { readonly resolve: () => void; readonly reject: (error: unknown) => void }>();
  #failure: SqlError | undefined;

  constructor(path: string) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#thread = new Worker(new URL(`./checkpoint-worker.${extension}`, import.meta.url), { workerData: { path } });
    this.#thread.on('message', ({ id, error, isGone }: WriterAnswer) => {
      const call = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#thread.unref();
      if (error === undefined) call?.resolve();
      else call?.reject(isGone === true ? removed(error) : notStored(error));
    });
    this.#thread.on('error', (error) => this.#fail(error instanceof Error ? error.message : String(error), error));
    this.#thread.on('exit', (code) => this.#fail(`its thread has ended (${code})`));
    this.#thread.unref();
  }

  commit(data: CheckpointData): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#thread.ref();
      this.#waiting.set(data.id, { resolve, reject });
      const message = { ...data, pruneBefore: data.id - rewriteParts };
      this.#thread.postMessage(message, data.captures.map((capture) => capture.bytes.buffer as ArrayBuffer));
    });
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  #fail(reason: string, cause?: unknown): void {
    this.#failure ??= notStored(reason, cause);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}

function removed(reason: string): SqlError {
  return new SqlError({ code: 'E0804', message: `the checkpoint could not be stored: ${reason}`, hint: 'what the job had stored is gone: start over with --fresh' });
}

function notStored(reason: string, cause?: unknown): SqlError {
  return new SqlError({ code: 'E0804', message: `the checkpoint could not be stored: ${reason}`, hint: 'the next run goes on from the last checkpoint that was stored', retryable: true, cause });
}

/** What SQLite and the operating system say of a store that cannot be read becomes E0804. */
function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SqlError) throw error;
    throw new SqlError({
      code: 'E0804',
      message: `the stored checkpoints in ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'put back an intact copy of the state folder, or start over with --fresh',
      cause: error,
    });
  }
}

function createSchema(path: string): void {
  const database = new Database(path);
  try {
    database.pragma('journal_mode = WAL');
    const found = database.pragma('user_version', { simple: true }) as number;
    if (found > storeVersion) throw new SqlError({ code: 'E0802', message: `${path} was written by a newer version of Sluice (format ${found}, this program knows ${storeVersion})`, hint: 'use that version, or start over with --fresh' });
    if (found !== 0 && found < storeVersion) throw new SqlError({ code: 'E0801', message: `${path} was written by an early version of Sluice (format ${found}), which did not store the types of its state`, hint: 'start over with --fresh' });
    database.exec(`
      CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY, meta TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS capture (state TEXT NOT NULL, part TEXT NOT NULL, first_group INTEGER NOT NULL, last_group INTEGER NOT NULL,
        checkpoint INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (state, part, first_group, checkpoint)) WITHOUT ROWID;
    `);
    database.pragma(`user_version = ${storeVersion}`);
  } finally {
    database.close();
  }
}

function load(path: string): StoredCheckpoint | undefined {
  const database = new Database(path, { readonly: true });
  try {
    const row = database.prepare('SELECT id, meta FROM checkpoint ORDER BY id DESC LIMIT 1').get() as { readonly id: number; readonly meta: string } | undefined;
    if (row === undefined) {
      if (!existsSync(markerOf(path))) return undefined;
      throw new SqlError({
        code: 'E0804',
        message: `${path} holds no checkpoint, and this job has stored some: the file was emptied or removed`,
        hint: 'put the file back, or start over with --fresh (all input is then read again, and its output written again)',
      });
    }
    const states = new Map<string, Map<string, Uint8Array[]>>();
    const captures = database.prepare('SELECT state, part, first_group, last_group, bytes FROM capture ORDER BY state, part, checkpoint DESC').iterate() as IterableIterator<{
      readonly state: string;
      readonly part: string;
      readonly first_group: number;
      readonly last_group: number;
      readonly bytes: Buffer;
    }>;
    for (const { state, part, first_group, last_group, bytes } of captures) {
      if (first_group !== 0 || last_group !== lastKeyGroup) throw new SqlError({ code: 'E0802', message: `${path} holds state of the key groups ${first_group} to ${last_group}: it was written by several workers, and this program has one`, hint: 'use the version that wrote it, or start over with --fresh' });
      const parts = states.get(state) ?? new Map<string, Uint8Array[]>();
      states.set(state, parts);
      const list = parts.get(part) ?? [];
      parts.set(part, list);
      list.push(zstdDecompressSync(bytes));
    }
    return { id: row.id, meta: JSON.parse(row.meta) as unknown, states };
  } finally {
    database.close();
  }
}
