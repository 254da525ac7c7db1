import type { BadRecord } from '../../catalog/bad-record.ts';
import type { BrokerLink } from '../../wire/broker-link.ts';
import { headedBatch, type HeadedRecord } from '../../wire/headed-batch.ts';

/** Bytes of a batch of them. */
const batchBytes = 1 << 20;

/** A record as it stands in its topic. */
export interface WholeRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** ms. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

const utf8 = new TextEncoder();

/** Records that did not fit, on their way to the topic that keeps them: key and value as they were, where they come from and why in headers. */
export class DeadLetters {
  readonly #link: BrokerLink;
  readonly #topic: string;
  #waiting: HeadedRecord[] = [];
  #isThere = false;

  constructor(link: BrokerLink, topic: string) {
    this.#link = link;
    this.#topic = topic;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Copies what it is given. `isKey`: it is the key that does not fit. */
  add({ topic, partition, offset, timestamp, key, value }: WholeRecord, bad: BadRecord, isKey: boolean): void {
    const headers = {
      source_topic: topic,
      source_partition: String(partition),
      source_offset: String(offset),
      source_timestamp: String(timestamp),
      error_code: 'E0701',
      error_message: `${isKey ? (bad.column === undefined ? 'the key' : `${bad.column} of the key`) : (bad.column ?? 'the record')} is not ${bad.expected}`,
    };
    this.#waiting.push({ key: key?.slice() ?? null, value: value?.slice() ?? null, timestamp, headers: Object.entries(headers).map(([name, text]) => [name, utf8.encode(text)] as const) });
  }

  /** Resolves when all that were added are on disk. */
  async store(): Promise<void> {
    if (!this.#isThere) await this.#link.createTopic(this.#topic, 1);
    this.#isThere = true;
    while (this.#waiting.length > 0) {
      let count = 0;
      for (let bytes = 0; count < this.#waiting.length && bytes < batchBytes; count++) bytes += (this.#waiting[count]?.value?.length ?? 0) + (this.#waiting[count]?.key?.length ?? 0);
      await this.#link.produce({ batches: [{ topic: this.#topic, partition: 0, bytes: headedBatch(this.#waiting.slice(0, count)) }] });
      this.#waiting.splice(0, count);
    }
  }
}
