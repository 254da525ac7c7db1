/** Ids that one block holds at the most before it is halved. */
const most = 512;

/** Ids of records in an order that its owner knows. Found and changed by rank, 0 for the first; a change moves the ids of one block. */
export class OrderedIds {
  #blocks: number[][] = [[]];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The id at a rank that there is. */
  at(rank: number): number {
    let left = rank;
    for (const block of this.#blocks) {
      if (left < block.length) return block[left] as number;
      left -= block.length;
    }
    return -1;
  }

  /** The first rank whose id `isBehind`, which holds for all behind it too; the size when there is none. */
  rankOf(isBehind: (id: number) => boolean): number {
    const blocks = this.#blocks;
    let [low, high] = [0, blocks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const first = blocks[middle]?.[0];
      if (first !== undefined && isBehind(first)) high = middle;
      else low = middle + 1;
    }
    const block = blocks[low - 1];
    if (block === undefined) return 0;
    let rank = 0;
    for (let i = 0; i < low - 1; i++) rank += blocks[i]?.length ?? 0;
    [low, high] = [0, block.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBehind(block[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return rank + low;
  }

  insert(rank: number, id: number): void {
    const [index, at] = this.#place(rank);
    const block = this.#blocks[index] as number[];
    block.splice(at, 0, id);
    this.#size++;
    if (block.length > most) this.#blocks.splice(index + 1, 0, block.splice(most >> 1));
  }

  /** Takes out the id at a rank and gives it. */
  removeAt(rank: number): number {
    let left = rank;
    for (const [index, block] of this.#blocks.entries()) {
      if (left < block.length) {
        const [id = -1] = block.splice(left, 1);
        this.#size--;
        if (block.length === 0 && this.#blocks.length > 1) this.#blocks.splice(index, 1);
        return id;
      }
      left -= block.length;
    }
    return -1;
  }

  /** Takes out the first `count` ids and gives them in their order. */
  takeFirst(count: number): number[] {
    const taken: number[] = [];
    while (taken.length < count && this.#size > 0) {
      const block = this.#blocks[0] as number[];
      const part = block.splice(0, count - taken.length);
      this.#size -= part.length;
      for (const id of part) taken.push(id);
      if (block.length === 0 && this.#blocks.length > 1) this.#blocks.shift();
    }
    return taken;
  }

  /** The rank of an id, by looking at all; -1 for none. */
  search(id: number): number {
    let rank = 0;
    for (const block of this.#blocks) {
      const at = block.indexOf(id);
      if (at >= 0) return rank + at;
      rank += block.length;
    }
    return -1;
  }

  /** The block that an id of this rank goes into, and the place in it. */
  #place(rank: number): readonly [number, number] {
    let left = rank;
    for (const [index, block] of this.#blocks.entries()) {
      if (left <= block.length) return [index, left];
      left -= block.length;
    }
    const last = this.#blocks.length - 1;
    return [last, this.#blocks[last]?.length ?? 0];
  }
}
