import { parentPort, workerData } from 'node:worker_threads';
import { existsSync, statSync } from 'node:fs';
import { constants, zstdCompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { lastKeyGroup, markerOf, type CheckpointData, type WriterAnswer } from './checkpoint-store.ts';
import { DurableFile, syncLogFromEnvironment } from './durable-file.ts';

/** The thread that compresses captures and commits each checkpoint in one SQLite transaction, on disk before it answers. */
const { path } = workerData as { readonly path: string };
const database = new Database(path);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
// Pages move from SQLite's log to its file below, once the commit is answered, and never inside a commit.
database.pragma('wal_autocheckpoint = 0');
/** Bytes of log after which they move. */
const movePagesAt = 4 << 20;
const addCheckpoint = database.prepare('INSERT INTO checkpoint (id, meta) VALUES (?, ?)');
const addCapture = database.prepare(`INSERT OR REPLACE INTO capture (state, part, first_group, last_group, checkpoint, size, bytes) VALUES (?, ?, 0, ${lastKeyGroup}, ?, ?, ?)`);
const dropPart = database.prepare('DELETE FROM capture WHERE state = ? AND part = ?');
const pruneCaptures = database.prepare('DELETE FROM capture WHERE checkpoint <= ?');
const pruneCheckpoints = database.prepare('DELETE FROM checkpoint WHERE id < ?');
const onSync = syncLogFromEnvironment();
const logPath = `${path}-wal`;
// What the log of SQLite holds now may be needed.
onSync?.(logPath, statSync(logPath, { throwIfNoEntry: false })?.size ?? 0);

const store = database.transaction((data: CheckpointData & { readonly pruneBefore: number }) => {
  for (const { state, part } of data.dropped) dropPart.run(state, part);
  for (const { state, part, bytes } of data.captures) {
    const compressed = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    addCapture.run(state, part, data.id, bytes.length, compressed);
  }
  pruneCaptures.run(data.pruneBefore);
  addCheckpoint.run(data.id, JSON.stringify(data.meta));
  pruneCheckpoints.run(data.id);
});

const { ino } = statSync(path);

/** SQLite writes on into a file that has lost its name: what it stores then, nobody finds again. */
function isGone(): boolean {
  return statSync(path, { throwIfNoEntry: false })?.ino !== ino;
}

function answer(message: WriterAnswer): void {
  parentPort?.postMessage(message);
}

/** Says, beside the store and for good, that it has held a checkpoint. */
function mark(): void {
  const marker = markerOf(path);
  if (existsSync(marker)) return;
  const file = new DurableFile(marker);
  file.append(Buffer.from('this job has stored checkpoints\n'));
  file.syncNow();
  file.close();
}

parentPort?.on('message', (data: CheckpointData & { readonly pruneBefore: number }) => {
  try {
    store.immediate(data);
    if (isGone()) throw new Error('gone');
    const logBytes = statSync(logPath).size;
    onSync?.(logPath, logBytes);
    mark();
    answer({ id: data.id });
    if (logBytes >= movePagesAt) database.pragma('wal_checkpoint(PASSIVE)');
  } catch (error) {
    if (isGone()) answer({ id: data.id, error: `${path} was removed or replaced while the job ran`, isGone: true });
    else answer({ id: data.id, error: error instanceof Error ? error.message : String(error) });
  }
});
