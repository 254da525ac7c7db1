import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { crc32, zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { SqlError } from '../core/diagnostic.ts';
import { giveBack } from './capture-buffers.ts';
import type { CheckpointData, CheckpointStore, StoredCheckpoint } from './checkpoint.ts';
import { captureColumns, CaptureSum, parseSum, printSum, type CaptureRow } from './checkpoint-sums.ts';
import { makeFolder } from './durable-file.ts';
import { unpack } from './packing.ts';
import { rewriteParts } from './rewrite.ts';

/** The version of the file's own layout and of what `meta` holds. Version 1 kept no types, so that nothing of it can be trusted; version 2 no sums; version 3 captures that were not packed. */
const storeVersion = 4;
const withoutSums = 2;
const withSums = 3;

/** The key groups are 0 to 127, the top 7 bits of a key's hash. */
export const lastKeyGroup = 127;

/** What the writing thread answers to a commit: its id, and the buffers that it was given, or why it was not stored. */
export interface WriterAnswer {
  readonly id: number;
  readonly error?: string;
  readonly buffers?: readonly ArrayBuffer[];
  /** True: the file itself is gone. */
  readonly isGone?: boolean;
}

/**
 * Beside the store from its first checkpoint on: a store without any has then been emptied. A second line, `lastMark`, holds the number of the last
 * one. It is written behind a commit and not synced: it may lag, and where it is ahead of the store, the store has lost a checkpoint.
 */
export function markerOf(path: string): string {
  return `${path}.stored`;
}

export const markerText = 'this job has stored checkpoints\n';

/** Of one length, so that each takes the place of the one before. */
export function lastMark(id: number): string {
  const digits = String(id).padStart(16, '0');
  return `${digits} ${crc32(digits).toString(16).padStart(8, '0')}\n`;
}

/** 0 where none can be read: a write that did not end is no damage. */
function lastMarked(path: string): number {
  const text = readFileSync(markerOf(path), 'latin1').slice(markerText.length);
  const id = Number(text.slice(0, 16));
  return lastMark(id) === text ? id : 0;
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
  let isClosed = false;
  return {
    latest: () => reading(path, () => load(path)),
    commit: async (data) => {
      if (isClosed && writer === undefined) throw notStored('the store is closed');
      writer ??= new Writer(path);
      await writer.commit(data);
    },
    close: async () => {
      isClosed = true;
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
    // A program that is text (`node --input-type=module -e`) has a flag that no thread of a file starts with.
    const own = process.execArgv.some((flag) => flag.startsWith('--input-type')) ? { execArgv: [] } : {};
    this.#thread = new Worker(new URL(`./checkpoint-worker.${extension}`, import.meta.url), { workerData: { path }, ...own });
    this.#thread.on('message', ({ id, error, isGone, buffers }: WriterAnswer) => {
      giveBack(buffers ?? []);
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
    if (found !== 0 && found < withoutSums) throw new SqlError({ code: 'E0801', message: `${path} was written by an early version of Sluice (format ${found}), which did not store the types of its state`, hint: 'start over with --fresh' });
    if (found === storeVersion) return;
    if (found === withoutSums) addSums(database);
    if (found !== 0) {
      database.pragma(`user_version = ${storeVersion}`);
      return;
    }
    database.exec(`
      CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY, meta TEXT NOT NULL, sum TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS capture (state TEXT NOT NULL, part TEXT NOT NULL, first_group INTEGER NOT NULL, last_group INTEGER NOT NULL,
        checkpoint INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (state, part, first_group, checkpoint)) WITHOUT ROWID;
    `);
    database.pragma(`user_version = ${storeVersion}`);
  } finally {
    database.close();
  }
}

/** What version 2 holds, as it is now, gets its sums. */
function addSums(database: Database.Database): void {
  database.transaction(() => {
    database.exec('ALTER TABLE checkpoint ADD COLUMN sum TEXT');
    const rows = database.prepare('SELECT id, meta FROM checkpoint').all() as readonly { readonly id: number; readonly meta: string }[];
    const sum = sumOf(database);
    for (const { id, meta } of rows) database.prepare('UPDATE checkpoint SET sum = ? WHERE id = ?').run(printSum(id, meta, sum), id);
    database.pragma(`user_version = ${withSums}`);
  })();
}

/** The sum of the captures that a store holds. */
export function sumOf(database: Database.Database): CaptureSum {
  let sum = new CaptureSum();
  for (const row of database.prepare(`SELECT ${captureColumns} FROM capture`).iterate() as IterableIterator<CaptureRow>) sum = sum.with(row);
  return sum;
}

/** What was written is not what is there. */
function damaged(path: string, what: string): SqlError {
  return new SqlError({ code: 'E0804', message: `the stored checkpoints in ${path} are damaged: ${what}`, hint: 'put back an intact copy of the state folder, or start over with --fresh' });
}

function load(path: string): StoredCheckpoint | undefined {
  const database = new Database(path, { readonly: true });
  try {
    const row = database.prepare('SELECT id, meta, sum FROM checkpoint ORDER BY id DESC LIMIT 1').get() as { readonly id: number; readonly meta: string; readonly sum: string | null } | undefined;
    if (row === undefined) {
      if (!existsSync(markerOf(path))) return undefined;
      throw new SqlError({
        code: 'E0804',
        message: `${path} holds no checkpoint, and this job has stored some: the file was emptied or removed`,
        hint: 'put the file back, or start over with --fresh (all input is then read again, and its output written again)',
      });
    }
    const whole = parseSum(row.id, row.meta, row.sum);
    if (whole === undefined) throw damaged(path, `checkpoint ${row.id} does not agree with its checksum`);
    if (existsSync(markerOf(path)) && lastMarked(path) > row.id) throw damaged(path, `checkpoint ${lastMarked(path)} was stored, and the last that is there is ${row.id}`);
    const states = new Map<string, Map<string, Uint8Array[]>>();
    const captures = database.prepare(`SELECT ${captureColumns}, first_group, last_group, bytes FROM capture ORDER BY state, part, checkpoint DESC`).iterate() as IterableIterator<CaptureRow & {
      readonly first_group: number;
      readonly last_group: number;
      readonly bytes: Buffer;
    }>;
    let sum = new CaptureSum();
    for (const { first_group, last_group, bytes, ...captured } of captures) {
      const { state, part } = captured;
      sum = sum.with(captured);
      if (first_group !== 0 || last_group !== lastKeyGroup) throw new SqlError({ code: 'E0802', message: `${path} holds state of the key groups ${first_group} to ${last_group}: it was written by several workers, and this program has one`, hint: 'use the version that wrote it, or start over with --fresh' });
      const parts = states.get(state) ?? new Map<string, Uint8Array[]>();
      states.set(state, parts);
      const list = parts.get(part) ?? [];
      parts.set(part, list);
      list.push(unpack(zstdDecompressSync(bytes)));
    }
    if (!sum.equals(whole)) throw damaged(path, `its captures do not agree with the checksum of checkpoint ${row.id}`);
    return { id: row.id, meta: JSON.parse(row.meta) as unknown, states };
  } finally {
    database.close();
  }
}
