import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { SqlError } from '../../core/diagnostic.ts';
import { DurableFile, makeFolder, syncLogFromEnvironment } from '../../state/durable-file.ts';
import { readIntactHeader } from '../../wire/record-batch.ts';
import type { PartitionBatch } from './batch-writer.ts';

/**
 * How a file protects what it holds. Before each batch stand its partition (u32) and its length (u32), little-endian, and then
 *
 *   3  a checksum (u32) over these and the batch up to its own checksum, which stands for the rest. It starts from the file's number, so that
 *      a batch that an earlier epoch left in a file that is written over is not taken for one of this epoch
 *   2  what older versions wrote: one over these and all of the batch
 *   1  what still older versions wrote: nothing
 */
export type OutboxForm = 1 | 2 | 3;
const headBytes = 12;
const formerHeadBytes = 8;
/** Of a batch, up to the end of its own checksum. */
const beginningBytes = 21;
/** Bytes that are read back at once, or one batch: few enough to stay near the processor. */
const pieceBytes = 1 << 20;
/** Bytes of the largest file that is kept to be written over. */
const largestSpare = 64 << 20;

/** Where the output of an epoch lies: the number of its file, and bytes. A `length` of 0 is no file. */
export interface StoredOutput {
  readonly file: number;
  readonly length: number;
  /** 3 if not given. */
  readonly form?: OutboxForm;
}

/**
 * The finished batches of epochs that are not published yet: one file an epoch, synced before the checkpoint that names it is stored. A file
 * that no stored checkpoint names was never decided. The file of an epoch that is published gets the number of a later one, and is written over.
 */
export class Outbox {
  readonly #dir: string;
  readonly #onSync = syncLogFromEnvironment();
  /** Of the epoch under way. */
  #open: { readonly number: number; readonly file: DurableFile } | undefined;
  /** No file has had this number. */
  #next = 1;
  /** The number of a file that nobody needs any more. */
  #spare: number | undefined;
  /** What pieces are read into, while nobody reads. */
  #piece: Uint8Array | undefined;

  constructor(dir: string) {
    this.#dir = dir;
    makeFolder(dir);
  }

  /** Appends a batch to the file of the epoch under way, and gives how long it now is. Throws E0804 when that cannot be: the disk is full, the folder is gone. */
  append({ partition, bytes }: PartitionBatch): number {
    try {
      const { number, file } = (this.#open ??= this.#begin());
      const head = new Uint8Array(headBytes);
      const view = new DataView(head.buffer);
      view.setUint32(0, partition, true);
      view.setUint32(4, bytes.length, true);
      view.setUint32(8, checksum(head, 0, bytes.subarray(0, beginningBytes), number), true);
      file.append(head);
      file.append(bytes);
      return file.length;
    } catch (error) {
      this.discard();
      throw this.#notStored(error);
    }
  }

  /** Ends the epoch under way; resolves when what it appended is safe. Throws E0804 when it cannot be. */
  async store(): Promise<StoredOutput> {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return { file: 0, length: 0 };
    try {
      await open.file.sync();
      return { file: open.number, length: open.file.length };
    } catch (error) {
      throw this.#notStored(error);
    } finally {
      open.file.close();
    }
  }

  /** Removes what the epoch under way has appended, and what is kept to be written over. */
  discard(): void {
    if (this.#spare !== undefined) rmSync(this.#path(this.#spare), { force: true });
    this.#spare = undefined;
    const open = this.#open;
    this.#open = undefined;
    open?.file.close();
    if (open !== undefined) rmSync(open.file.path, { force: true });
  }

  /**
   * The batches of an epoch from byte `from` of its file on, some at a time: each piece is to be done with before the next is asked for. Of what this
   * run has written (`isOwn`) only where batches begin and end is checked: their own checksums are, by whoever reads the topic.
   */
  *load({ file: number, length, form = 3 }: StoredOutput, from = 0, isOwn = false): Generator<readonly PartitionBatch[], void, void> {
    if (from >= length) return;
    const path = this.#path(number);
    const head = form === 1 ? formerHeadBytes : headBytes;
    const file = existsSync(path) ? new DurableFile(path, undefined, 'read') : undefined;
    let bytes: Uint8Array | undefined;
    try {
      const there = file?.length ?? 0;
      if (file === undefined || there < length) throw cut(path, there, length);
      bytes = this.#piece ?? new Uint8Array(pieceBytes);
      this.#piece = undefined;
      for (let position = from; position < length; ) {
        const read = file.read(position, Math.min(bytes.length, length - position), bytes);
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        const piece: PartitionBatch[] = [];
        let at = 0;
        let wanted = head;
        while (at + head <= read) {
          wanted = head + view.getUint32(at + 4, true);
          if (at + wanted > read) break;
          const batch = bytes.subarray(at + head, at + wanted);
          if (!isIntact(form, number, bytes, at, batch, isOwn)) throw damaged(path, position + at);
          piece.push({ partition: view.getUint32(at, true), bytes: batch });
          at += wanted;
        }
        if (piece.length > 0) yield piece;
        else if (position + wanted > length || wanted <= bytes.length) throw cut(path, position, length);
        else bytes = new Uint8Array(wanted);
        position += at;
      }
    } finally {
      file?.close();
      this.#piece ??= bytes;
    }
  }

  /** What is published is needed no more. */
  drop({ file, length }: StoredOutput): void {
    if (length === 0) return;
    if (this.#spare === undefined && length <= largestSpare && existsSync(this.#path(file))) this.#spare = file;
    else rmSync(this.#path(file), { force: true });
  }

  /** Removes what no stored checkpoint names. `files`: what those name. */
  keepOnly(files: ReadonlySet<number>): void {
    this.#spare = undefined;
    for (const name of readdirSync(this.#dir)) if (!files.has(Number(name.split('.')[0]))) rmSync(join(this.#dir, name), { force: true });
    this.#next = Math.max(this.#next, ...[...files].map((file) => file + 1));
  }

  #begin(): { readonly number: number; readonly file: DurableFile } {
    const number = this.#next++;
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) renameSync(this.#path(spare), this.#path(number));
    return { number, file: new DurableFile(this.#path(number), this.#onSync, spare === undefined ? 'append' : 'over') };
  }

  #notStored(error: unknown): SqlError {
    const isGone = !existsSync(this.#dir);
    return new SqlError({
      code: 'E0804',
      message: isGone ? `the checkpoint could not be stored: ${this.#dir} was removed while the job ran` : `the output of a checkpoint could not be stored: ${error instanceof Error ? error.message : String(error)}`,
      hint: isGone ? 'what the job had stored is gone: start over with --fresh' : 'the next run goes on from the last checkpoint that was stored',
      retryable: !isGone,
      cause: error,
    });
  }

  #path(file: number): string {
    return join(this.#dir, `${file}.batches`);
  }
}

/** The batch whose partition and length stand at `at` is what was appended to the file with this number. */
function isIntact(form: OutboxForm, file: number, bytes: Uint8Array, at: number, batch: Uint8Array, isOwn: boolean): boolean {
  if (form === 2) return sumAt(bytes, at) === checksum(bytes, at, batch, 0);
  if (form === 3 && sumAt(bytes, at) !== checksum(bytes, at, batch.subarray(0, beginningBytes), file)) return false;
  return isOwn || readIntactHeader(batch, 0, batch.length)?.end === batch.length;
}

function sumAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 8, true);
}

/** Of a batch, or its beginning, and of the partition and length before it, which stand at `at` of `head`. Other starts give other sums of the same bytes. */
function checksum(head: Uint8Array, at: number, batch: Uint8Array, start: number): number {
  return crc32(batch, crc32(head.subarray(at, at + formerHeadBytes), start));
}

function damaged(path: string, position: number): SqlError {
  return new SqlError({ code: 'E0804', message: `the stored output of a checkpoint is damaged: ${path} at byte ${position}`, hint: 'put back an intact copy of the state folder, or start over with --fresh' });
}

function cut(path: string, there: number, length: number): SqlError {
  return new SqlError({ code: 'E0804', message: `the stored output of a checkpoint is cut: ${path} holds ${there} of ${length} bytes`, hint: 'it was never published, or its topics were removed and made again: start over with --fresh' });
}
