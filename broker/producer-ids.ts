/** Ids that are reserved with one record of the transaction log. */
const blockSize = 1000n;

/** What the transaction log stores of ids that are taken: all below. */
export interface ReservedIds {
  readonly nextProducerId: string;
}

/**
 * Producer ids, each given once for all time: partitions remember what a producer has sent, so that one with an old id would find its
 * batches taken for old ones. Ids are reserved in blocks, and those of a block that a restart leaves over are lost.
 */
export class ProducerIds {
  #next = 1n;
  #end = 1n;

  get reserved(): ReservedIds {
    return { nextProducerId: String(this.#end) };
  }

  /** Learns from a stored record that ids are taken. */
  learn(record: ReservedIds | { readonly producerId: string }): void {
    const next = 'nextProducerId' in record ? BigInt(record.nextProducerId) : BigInt(record.producerId) + 1n;
    if (next > this.#next) this.#next = next;
    this.#end = this.#next;
  }

  /** A new id. With `reserved`: that must be on disk before the id is given away. */
  take(): { readonly id: bigint; readonly reserved: ReservedIds | undefined } {
    const id = this.#next++;
    if (id < this.#end) return { id, reserved: undefined };
    this.#end = id + blockSize;
    return { id, reserved: this.reserved };
  }
}
