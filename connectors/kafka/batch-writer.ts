import { RowKind } from '../../core/changelog.ts';
import type { Batch } from '../../core/batch.ts';
import type { RecordEncoder, RecordSpans } from '../../catalog/connector.ts';
import { BatchBuilder } from '../../wire/record-batch.ts';
import { partitionOfKey } from './murmur2.ts';

export interface PartitionBatch {
  readonly partition: number;
  readonly bytes: Uint8Array;
}

/** A batch is finished at this size. */
const batchBytes = 256 << 10;

const emptySpans = (): RecordSpans => ({ heap: new Uint8Array(1024), slackStart: 0, offsets: new Int32Array(0), lengths: new Int32Array(0), count: 0 });

/** Rows to record batches, one under way per partition. With a key encoder, deletions become tombstones and the key picks the partition. */
export class BatchWriter {
  readonly #value: RecordEncoder;
  readonly #key: { readonly encoder: RecordEncoder; readonly columns: readonly number[] } | undefined;
  readonly #builders: readonly BatchBuilder[];
  readonly #take: (batch: PartitionBatch) => void;
  /** False: the checksum is made when the producer is written in. */
  readonly #checksum: boolean;
  readonly #values = emptySpans();
  readonly #keys = emptySpans();
  #sticky = 0;

  /** `take` gets each finished batch. */
  constructor(value: RecordEncoder, key: { readonly encoder: RecordEncoder; readonly columns: readonly number[] } | undefined, partitions: number, take: (batch: PartitionBatch) => void, checksum = true) {
    this.#value = value;
    this.#key = key;
    this.#builders = Array.from({ length: partitions }, () => new BatchBuilder(batchBytes + 4096));
    this.#take = take;
    this.#checksum = checksum;
  }

  write(batch: Batch, from: number, to: number, timestamp: number): void {
    this.#value.encode(batch, from, to, this.#values);
    const { heap, offsets, lengths } = this.#values;
    if (this.#key === undefined) {
      for (let i = 0; i < to - from; i++) {
        const builder = this.#builders[this.#sticky] as BatchBuilder;
        builder.append(heap, 0, -1, heap, offsets[i] as number, lengths[i] as number, timestamp);
        if (builder.size >= batchBytes) this.#finishSticky();
      }
      return;
    }
    const columns = this.#key.columns.map((column) => batch.columns[column]).filter((column) => column !== undefined);
    this.#key.encoder.encode({ ...batch, columns }, from, to, this.#keys);
    const keys = this.#keys;
    for (let i = 0; i < to - from; i++) {
      const keyOffset = keys.offsets[i] as number;
      const keyLength = keys.lengths[i] as number;
      const partition = partitionOfKey(keys.heap, keyOffset, keyLength, this.#builders.length);
      const builder = this.#builders[partition] as BatchBuilder;
      const kind = batch.kinds?.[from + i] ?? RowKind.insert;
      const isDelete = kind === RowKind.delete || kind === RowKind.updateBefore;
      builder.append(keys.heap, keyOffset, keyLength, heap, offsets[i] as number, isDelete ? -1 : (lengths[i] as number), timestamp);
      if (builder.size >= batchBytes) this.#finish(partition, builder);
    }
  }

  /** Finishes what is under way. */
  flush(): void {
    for (const [partition, builder] of this.#builders.entries()) if (builder.recordCount > 0) this.#finish(partition, builder);
  }

  /** Rows without a key fill one partition's batch, then go on with the next partition, as Kafka's own client does. */
  #finishSticky(): void {
    const partition = this.#sticky;
    this.#sticky = (partition + 1) % this.#builders.length;
    this.#finish(partition, this.#builders[partition] as BatchBuilder);
  }

  #finish(partition: number, builder: BatchBuilder): void {
    this.#take({ partition, bytes: builder.finish({ checksum: this.#checksum }) });
  }

  /** Gives back a batch that is on disk: its buffer serves again. */
  recycle({ partition, bytes }: PartitionBatch): void {
    this.#builders[partition]?.recycle(bytes);
  }
}
