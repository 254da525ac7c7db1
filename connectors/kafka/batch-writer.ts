import { RowKind } from '../../core/changelog.ts';
import type { Batch } from '../../core/batch.ts';
import type { RecordEncoder, RecordTarget } from '../../catalog/connector.ts';
import { SpanTarget } from '../../catalog/span-target.ts';
import { BatchBuilder } from '../../wire/batch-builder.ts';
import { partitionOfKey } from './murmur2.ts';

export interface PartitionBatch {
  readonly partition: number;
  readonly bytes: Uint8Array;
}

/** A batch is finished at this size. */
const batchBytes = 256 << 10;

const noBytes = new Uint8Array(0);

/**
 * Rows to record batches, one under way per partition: values are encoded where they lie in the batch. With a key encoder, deletions become
 * tombstones and the key picks the partition.
 */
export class BatchWriter implements RecordTarget {
  readonly #value: RecordEncoder;
  readonly #key: { readonly encoder: RecordEncoder; readonly columns: readonly number[] } | undefined;
  readonly #builders: readonly BatchBuilder[];
  readonly #take: (batch: PartitionBatch) => void;
  /** False: the checksum is made when the producer is written in. */
  readonly #checksum: boolean;
  readonly #keys = new SpanTarget();
  /** Where rows without a key go until its batch is finished. */
  #sticky = 0;
  /** Of the row under way: its partition and that partition's builder. */
  #partition = 0;
  #builder: BatchBuilder;
  /** Of the call under way. */
  #from = 0;
  #timestamp = 0;
  #kinds: Uint8Array | undefined;
  bytes: Uint8Array = noBytes;
  view: DataView = new DataView(noBytes.buffer);

  /** `take` gets each finished batch. */
  constructor(value: RecordEncoder, key: { readonly encoder: RecordEncoder; readonly columns: readonly number[] } | undefined, partitions: number, take: (batch: PartitionBatch) => void, checksum = true) {
    this.#value = value;
    this.#key = key;
    this.#builders = Array.from({ length: partitions }, () => new BatchBuilder(batchBytes + (64 << 10)));
    this.#builder = this.#builders[0] as BatchBuilder;
    this.#take = take;
    this.#checksum = checksum;
  }

  /** `timestamp`: of the records, in ms. */
  write(batch: Batch, from: number, to: number, timestamp: number): void {
    if (this.#key !== undefined) {
      const columns = this.#key.columns.map((column) => batch.columns[column]).filter((column) => column !== undefined);
      this.#keys.clear();
      this.#key.encoder.encode({ ...batch, columns }, from, to, this.#keys);
    }
    this.#from = from;
    this.#timestamp = timestamp;
    this.#kinds = batch.kinds;
    this.#value.encode(batch, from, to, this);
  }

  begin(row: number, room: number): number {
    let at: number;
    if (this.#key === undefined) {
      this.#partition = this.#sticky;
      this.#builder = this.#builders[this.#sticky] as BatchBuilder;
      at = this.#builder.begin(room, this.#timestamp);
    } else {
      const keys = this.#keys;
      const offset = keys.offsets[row - this.#from] as number;
      const length = keys.lengths[row - this.#from] as number;
      this.#partition = this.#builders.length === 1 ? 0 : partitionOfKey(keys.bytes, offset, length, this.#builders.length);
      this.#builder = this.#builders[this.#partition] as BatchBuilder;
      at = this.#builder.beginWithKey(keys.view, offset, length, room, this.#timestamp);
    }
    this.bytes = this.#builder.bytes;
    this.view = this.#builder.view;
    return at;
  }

  end(row: number, at: number): void {
    const builder = this.#builder;
    const kind = this.#key === undefined || this.#kinds === undefined ? RowKind.insert : (this.#kinds[row] as number);
    if (kind === RowKind.delete || kind === RowKind.updateBefore) builder.endNull();
    else builder.end(at);
    if (builder.size < batchBytes) return;
    this.#finish(this.#partition, builder);
  }

  /** Finishes what is under way. */
  flush(): void {
    for (const [partition, builder] of this.#builders.entries()) if (builder.recordCount > 0) this.#finish(partition, builder);
  }

  #finish(partition: number, builder: BatchBuilder): void {
    this.#take({ partition, bytes: builder.finish({ checksum: this.#checksum }) });
    // Rows without a key go into one partition's batch, and those after it to the next partition, as Kafka's own client does.
    if (this.#key === undefined) this.#sticky = (partition + 1) % this.#builders.length;
  }

  /** Gives back a batch that is on disk: its buffer serves again. */
  recycle({ partition, bytes }: PartitionBatch): void {
    this.#builders[partition]?.recycle(bytes);
  }
}
