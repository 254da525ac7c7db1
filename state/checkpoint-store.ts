import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { dirname } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { SqlError } from '../core/diagnostic.ts';
import { makeFolder } from './durable-file.ts';
import { rewriteParts } from './table-codec.ts';

/** The version of the file's own layout. */
export const storeVersion = 1;

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

/**
 * A job's checkpoints in one SQLite file. One transaction stores a checkpoint whole, written by a thread of its own (checkpoint-worker.ts).
 * Captures older than the rolling rewrite needs are removed with it.
 */
export function openCheckpoints(path: string): CheckpointStore {
  makeFolder(dirname(path));
  createSchema(path);
  let worker: Worker | undefined;
  const waiting = new Map<number, { readonly resolve: () => void; readonly reject: (error: unknown) => void }>();
  const start = (): Worker => {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const started = new Worker(new URL(`./checkpoint-worker.${extension}`, import.meta.url), { workerData: { path } });
    started.on('message', ({ id, error }: { readonly id: number; readonly error?: string }) => {
      const call = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) call?.resolve();
      else call?.reject(new SqlError({ code: 'E0804', message: `the checkpoint could not be stored: ${error}`, retryable: true }));
    });
    started.on('error', (error) => {
      for (const call of waiting.values()) call.reject(error);
      waiting.clear();
    });
    started.unref();
    return started;
  };
  return {
    latest: () => load(path),
    commit: (data) =>
      new Promise((resolve, reject) => {
        worker ??= start();
        worker.ref();
        waiting.set(data.id, {
          resolve: () => {
            if (waiting.size === 0) worker?.unref();
            resolve();
          },
          reject,
        });
        const message = { ...data, pruneBefore: data.id - rewriteParts };
        worker.postMessage(message, data.captures.map((capture) => capture.bytes.buffer as ArrayBuffer));
      }),
    close: async () => {
      await worker?.terminate();
    },
  };
}

function createSchema(path: string): void {
  const database = new Database(path);
  try {
    database.pragma('journal_mode = WAL');
    const found = database.pragma('user_version', { simple: true }) as number;
    if (found > storeVersion) throw new SqlError({ code: 'E0802', message: `${path} was written by a newer version of Sluice` });
    database.exec(`
      CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY, meta TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS capture (state TEXT NOT NULL, part TEXT NOT NULL, checkpoint INTEGER NOT NULL, size INTEGER NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (state, part, checkpoint)) WITHOUT ROWID;
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
    if (row === undefined) return undefined;
    const states = new Map<string, Map<string, Uint8Array[]>>();
    const captures = database.prepare('SELECT state, part, bytes FROM capture ORDER BY state, part, checkpoint DESC').iterate() as IterableIterator<{
      readonly state: string;
      readonly part: string;
      readonly bytes: Buffer;
    }>;
    for (const { state, part, bytes } of captures) {
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
