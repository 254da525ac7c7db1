import { parentPort, workerData } from 'node:worker_threads';
import { existsSync, openSync, statSync, writeSync } from 'node:fs';
import { constants, zstdCompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import type { CheckpointData } from './checkpoint.ts';
import { lastKeyGroup, lastMark, markerOf, markerText, sumOf, type WriterAnswer } from './checkpoint-store.ts';
import { captureColumns, parseSum, printSum, type CaptureRow } from './checkpoint-sums.ts';
import { DurableFile, syncLogFromEnvironment } from './durable-file.ts';
import { pack } from './packing.ts';
import { wordRowsOf } from './table-codec.ts';

/** The thread that compresses captures and commits each checkpoint in one SQLite transaction, on disk before it answers. */
const { path } = workerData as { readonly path: string };
const database = new Database(path);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
// Pages move from SQLite's log to its file below, once the commit is answered, and never inside a commit.
database.pragma('wal_autocheckpoint = 0');
/** Bytes that commits have written there, about, after which they move: each time the database is synced. */
const movePagesAt = 4 << 20;
/** Bytes, about, that a commit writes beside its captures: the pages that lead to them. */
const pathBytes = 4 << 12;
const addCheckpoint = database.prepare('INSERT INTO checkpoint (id, meta, sum) VALUES (?, ?, ?)');
const addCapture = database.prepare(`INSERT INTO capture (state, part, first_group, last_group, checkpoint, size, bytes) VALUES (?, ?, 0, ${lastKeyGroup}, ?, ?, ?)`);
const dropPart = database.prepare<[string, string], CaptureRow>(`DELETE FROM capture WHERE state = ? AND part = ? RETURNING ${captureColumns}`);
const pruneCaptures = database.prepare<[number], CaptureRow>(`DELETE FROM capture WHERE checkpoint <= ? RETURNING ${captureColumns}`);
const pruneCheckpoints = database.prepare('DELETE FROM checkpoint WHERE id < ?');
const onSync = syncLogFromEnvironment();
const logPath = `${path}-wal`;
/** What the log may hold that has not moved; the file itself does not become shorter when SQLite begins to write it anew. */
let logged = statSync(logPath, { throwIfNoEntry: false })?.size ?? 0;
// What the log of SQLite holds now may be needed.
onSync?.(logPath, logged);

/** The sum of the captures that are stored, which each commit carries on: a row that comes or goes without one is noticed. */
let sum = sumOf(database);
const former = database.prepare<[], { readonly id: number; readonly meta: string; readonly sum: string | null }>('SELECT id, meta, sum FROM checkpoint ORDER BY id DESC LIMIT 1').get();
if (former !== undefined && parseSum(former.id, former.meta, former.sum)?.equals(sum) !== true) throw new Error(`${path} is damaged: its captures do not agree with the checksum of checkpoint ${former.id}`);

/** Bytes that zstd writes at a time. */
const chunkBytes = 1 << 18;
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 }, chunkSize: chunkBytes };

/** Where captures are packed, one after the other: up to `keptBytes` it stays for the next. */
let packed = new Uint8Array(1 << 16);
const keptBytes = 1 << 24;

function takePacked(size: number): Uint8Array {
  if (size > keptBytes) return new Uint8Array(size);
  if (size > packed.length) packed = new Uint8Array(size + (size >>> 3));
  return packed.subarray(0, size);
}

/** Gives the sum of the captures that are then stored. */
const store = database.transaction((data: CheckpointData & { readonly pruneBefore: number }) => {
  let next = sum;
  for (const { state, part } of data.dropped) for (const row of dropPart.all(state, part)) next = next.without(row);
  for (const { state, part, bytes } of data.captures) {
    const compressed = zstdCompressSync(pack(bytes, wordRowsOf(bytes), takePacked), zstdOptions);
    logged += compressed.length + pathBytes;
    addCapture.run(state, part, data.id, bytes.length, compressed);
    next = next.with({ state, part, checkpoint: data.id, size: bytes.length });
  }
  for (const row of pruneCaptures.all(data.pruneBefore)) next = next.without(row);
  const meta = JSON.stringify(data.meta);
  addCheckpoint.run(data.id, meta, printSum(data.id, meta, next));
  pruneCheckpoints.run(data.id);
  return next;
});

const { ino } = statSync(path);

/** SQLite writes on into a file that has lost its name: what it stores then, nobody finds again. */
function isGone(): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino !== ino;
}

function answer(message: WriterAnswer): void {
  parentPort?.postMessage(message, [...(message.buffers ?? [])]);
}

let markFile: number | undefined;

/** Says beside the store, for good, that it has held a checkpoint, and which was the last. */
function mark(id: number): void {
  const marker = markerOf(path);
  if (!existsSync(marker)) {
    const file = new DurableFile(marker);
    file.append(Buffer.from(markerText));
    file.syncNow();
    file.close();
  }
  writeSync((markFile ??= openSync(marker, 'r+')), lastMark(id), markerText.length);
}

parentPort?.on('message', (data: CheckpointData & { readonly pruneBefore: number }) => {
  try {
    sum = store.immediate(data);
    if (isGone()) throw new Error('gone');
    onSync?.(logPath, statSync(logPath).size);
    mark(data.id);
    answer({ id: data.id, buffers: data.captures.map(({ bytes }) => bytes.buffer as ArrayBuffer) });
    logged += pathBytes;
    if (logged < movePagesAt) return;
    database.pragma('wal_checkpoint(PASSIVE)');
    logged = 0;
  } catch (error) {
    if (isGone()) answer({ id: data.id, error: `${path} was removed or replaced while the job ran`, isGone: true });
    else answer({ id: data.id, error: error instanceof Error ? error.message : String(error) });
  }
});
