import type { Batch } from '../../core/batch.ts';
import type { RecordEncoder, RecordTarget } from '../../catalog/format.ts';
import type { OpenPart } from './parts.ts';

/** Where the parts of a folder are made. */
export interface PartMaker {
  /** Opens the next part of these folders. Throws E0606. */
  open(folders: string): OpenPart;
  /** Takes a part that is whole. */
  whole(part: OpenPart): void;
}

/** Rows as lines of the parts of one partition, one part after the other. What is gathered is written in chunks. */
export class PartLines implements RecordTarget {
  bytes: Uint8Array;
  view: DataView;
  #used = 0;
  #open: OpenPart | undefined;
  readonly #encoder: RecordEncoder;
  /** Bytes. */
  readonly #limit: number;
  readonly #folders: string;
  readonly #maker: PartMaker;
  /** Bytes that are gathered before they are written. */
  readonly #chunkBytes: number;

  /** `limit`: a part that has more bytes ends before the row that follows, as in Flink. `folders`: of the partition; empty without one. */
  constructor(encoder: RecordEncoder, { limit, folders, chunkBytes, firstBytes, maker }: { readonly limit: number; readonly folders: string; readonly chunkBytes: number; readonly firstBytes: number; readonly maker: PartMaker }) {
    this.#encoder = encoder;
    this.#limit = limit;
    this.#folders = folders;
    this.#maker = maker;
    this.#chunkBytes = chunkBytes;
    this.bytes = new Uint8Array(firstBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** The part under way, with all that was flushed. */
  get open(): OpenPart | undefined {
    return this.#open;
  }

  /** `now`: ms. */
  write(batch: Batch, from: number, to: number, now: number): void {
    this.#encoder.encode(batch, from, to, this);
    if (this.#open !== undefined) this.#open.written = now;
  }

  begin(_row: number, room: number): number {
    if ((this.#open?.length ?? 0) + this.#used > this.#limit) this.roll();
    // The line break, and what an encoder may overwrite behind it.
    const needed = room + 9;
    if (this.#used + needed > this.bytes.length) {
      if (this.#used + needed > this.#chunkBytes) this.flush();
      if (this.#used + needed > this.bytes.length) this.#grow(Math.max(needed * 2, Math.min(this.#chunkBytes, this.bytes.length * 4)));
    }
    return this.#used;
  }

  #grow(size: number): void {
    const grown = new Uint8Array(Math.max(size, this.bytes.length));
    grown.set(this.bytes.subarray(0, this.#used));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  end(_row: number, at: number): void {
    this.bytes[at] = 10;
    this.#used = at + 1;
  }

  flush(): void {
    if (this.#used === 0) return;
    this.#open ??= this.#maker.open(this.#folders);
    this.#open.append(this.bytes.subarray(0, this.#used));
    this.#used = 0;
  }

  /** Ends the part under way. */
  roll(): void {
    this.flush();
    if (this.#open !== undefined) this.#maker.whole(this.#open);
    this.#open = undefined;
  }
}
