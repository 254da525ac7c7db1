import type { Batch } from '../../core/batch.ts';
import { RowKind } from '../../core/changelog.ts';
import type { Column } from '../../core/column.ts';
import type { Layout } from '../../core/layout.ts';
import { Chunk, greatestCapacity } from '../memory/chunk.ts';
import { chunkOf, KeyIndex, rowOf } from '../memory/key-index.ts';

const firstCapacity = 64;
/** Rows that a later one of their key has replaced are kept while they are fewer than this, or than twice those that stand. */
const keptReplaced = 1024;

/** The last row of each key, or that it is deleted: upserts, in the order in which they came. */
export class UpsertBuffer {
  readonly #layouts: readonly Layout[];
  readonly #index: KeyIndex;
  #chunks: Chunk[] = [];
  #replaced = 0;

  /** `key`: the columns of the key. */
  constructor(layouts: readonly Layout[], key: readonly number[]) {
    this.#layouts = layouts;
    this.#index = new KeyIndex(key);
  }

  /** How many keys it holds. */
  get size(): number {
    return this.#index.size;
  }

  /** Copies a row in the place of the one with its key. */
  put({ columns, kinds }: Batch, row: number): void {
    const kind = kinds?.[row] ?? RowKind.insert;
    const place = this.#append(columns, row, kind === RowKind.delete || kind === RowKind.updateBefore ? RowKind.delete : RowKind.updateAfter);
    const slot = this.#index.find(this.#chunks, columns, row);
    if (slot < 0) {
      this.#index.add(this.#chunks, place);
      return;
    }
    const former = this.#index.placeAt(slot);
    (this.#chunks[chunkOf(former)] as Chunk).stands[rowOf(former)] = 0;
    this.#index.move(slot, place);
    this.#replaced++;
    if (this.#replaced > keptReplaced && this.#replaced > 2 * this.size) this.#compact();
  }

  /** Gives the rows, borrowed until `take` returns, and forgets them. */
  drain(take: (rows: Batch, from: number, to: number) => void): void {
    const chunks = this.#chunks;
    this.#forget();
    const all = this.#layouts.map((_, i) => i);
    for (const chunk of chunks) {
      const rows = chunk.view(all, 0, chunk.count, true);
      for (let from = 0; from < chunk.count; from++) {
        if (chunk.stands[from] !== 1) continue;
        let to = from + 1;
        while (to < chunk.count && chunk.stands[to] === 1) to++;
        take(rows, from, to);
        from = to;
      }
    }
  }

  #forget(): void {
    this.#chunks = [];
    this.#index.clear();
    this.#replaced = 0;
  }

  #append(columns: readonly Column[], row: number, kind: RowKind): number {
    let tail = this.#chunks.at(-1);
    if (tail === undefined || tail.isFull) {
      tail = new Chunk(this.#layouts, Math.min((tail?.capacity ?? firstCapacity / 2) * 2, greatestCapacity));
      this.#chunks.push(tail);
    }
    tail.add(columns, row, row + 1, kind);
    tail.stands[tail.count - 1] = 1;
    return (this.#chunks.length - 1) * greatestCapacity + tail.count - 1;
  }

  #compact(): void {
    const former = this.#chunks;
    this.#forget();
    for (const { columns, kinds, stands, count } of former) {
      for (let row = 0; row < count; row++) if (stands[row] === 1) this.#index.add(this.#chunks, this.#append(columns, row, kinds[row] as RowKind));
    }
  }
}
