import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../../core/diagnostic.ts';
import { DurableFile, makeFolder, syncLogFromEnvironment } from '../../state/durable-file.ts';
import type { PartitionBatch } from './batch-writer.ts';

/**
 * The finished batches of epochs that are not published yet: one file an epoch, synced before the checkpoint that names it is stored.
 * A file holds, for each batch, its partition (u32) and length (u32), little-endian, and its bytes. Without a folder it is all in memory.
 */
export class Outbox {
  readonly #dir: string | undefined;
  readonly #memory = new Map<number, readonly PartitionBatch[]>();
  readonly #onSync = syncLogFromEnvironment();

  constructor(dir: string | undefined) {
    this.#dir = dir;
    if (dir !== undefined) makeFolder(dir);
  }

  /** Resolves with the number of bytes when they are safe. Throws E0804 when they cannot be: the disk is full, the folder is gone. */
  async store(epoch: number, batches: readonly PartitionBatch[]): Promise<number> {
    if (this.#dir === undefined) {
      this.#memory.set(epoch, batches);
      return 0;
    }
    if (batches.length === 0) return 0;
    const path = this.#path(epoch);
    try {
      return await this.#write(path, batches);
    } catch (error) {
      const isGone = !existsSync(this.#dir);
      throw new SqlError({
        code: 'E0804',
        message: isGone ? `the checkpoint could not be stored: ${this.#dir} was removed while the job ran` : `the output of checkpoint ${epoch} could not be stored: ${error instanceof Error ? error.message : String(error)}`,
        hint: isGone ? 'what the job had stored is gone: start over with --fresh' : 'the next run goes on from the last checkpoint that was stored',
        retryable: !isGone,
        cause: error,
      });
    }
  }

  async #write(path: string, batches: readonly PartitionBatch[]): Promise<number> {
    rmSync(path, { force: true });
    const file = new DurableFile(path, this.#onSync);
    const head = new Uint8Array(8);
    const view = new DataView(head.buffer);
    for (const { partition, bytes } of batches) {
      view.setUint32(0, partition, true);
      view.setUint32(4, bytes.length, true);
      file.append(head);
      file.append(bytes);
    }
    await file.sync();
    const { length } = file;
    file.close();
    return length;
  }

  /** The batches of an epoch, as they were stored; `length` is what `store` gave. */
  load(epoch: number, length: number): readonly PartitionBatch[] {
    if (this.#dir === undefined) return this.#memory.get(epoch) ?? [];
    if (length === 0) return [];
    const path = this.#path(epoch);
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    if (bytes.length < length) throw new SqlError({ code: 'E0804', message: `the stored output of checkpoint ${epoch} is cut: ${bytes.length} of ${length} bytes`, hint: 'it was never published, or its topics were removed and made again: start over with --fresh' });
    const batches: PartitionBatch[] = [];
    for (let at = 0; at < length; ) {
      const size = bytes.readUInt32LE(at + 4);
      batches.push({ partition: bytes.readUInt32LE(at), bytes: new Uint8Array(bytes.subarray(at + 8, at + 8 + size)) });
      at += 8 + size;
    }
    return batches;
  }

  drop(epoch: number): void {
    if (this.#dir === undefined) this.#memory.delete(epoch);
    else rmSync(this.#path(epoch), { force: true });
  }

  /** Removes what no stored checkpoint names. */
  keepOnly(epochs: ReadonlySet<number>): void {
    if (this.#dir === undefined) return;
    for (const name of readdirSync(this.#dir)) if (!epochs.has(Number(name.split('.')[0]))) rmSync(join(this.#dir, name), { force: true });
  }

  #path(epoch: number): string {
    return join(this.#dir ?? '', `${epoch}.batches`);
  }
}
