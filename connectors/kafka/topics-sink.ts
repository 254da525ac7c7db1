import type { Batch } from '../../core/batch.ts';
import type { BytesColumn } from '../../core/column.ts';
import { SqlError } from '../../core/diagnostic.ts';
import type { SinkRequest, SinkToken, SinkWriter, SourcePositions } from '../../catalog/connector.ts';

/** What a stored checkpoint says of a sink of several topics: the token of each that has one. */
interface TopicsToken extends SinkToken {
  readonly delivery: 'topics';
  readonly epoch: number;
  readonly tokens: Readonly<Record<string, SinkToken>>;
}

/**
 * Rows into the topics that they name: a sink for each. `column` holds the names; one that is NULL or not among `topics` is E0704. Exactly-once
 * holds for all of them together where the checkpoint decides, as the outbox has it: each is published once it is stored.
 */
export class TopicsSink implements SinkWriter {
  readonly #table: string;
  readonly #column: number;
  readonly #names: readonly string[];
  readonly #encoded: readonly Uint8Array[];
  readonly #sinks: readonly SinkWriter[];

  /** `sinks`: of each topic, in order. */
  constructor({ table }: SinkRequest, column: number, topics: readonly string[], sinks: readonly SinkWriter[]) {
    this.#table = table.name;
    this.#column = column;
    this.#names = topics;
    this.#encoded = topics.map((topic) => new TextEncoder().encode(topic));
    this.#sinks = sinks;
  }

  get hasCredit(): boolean {
    return this.#sinks.every((sink) => sink.hasCredit);
  }

  get wantsCheckpoint(): boolean {
    return this.#sinks.some((sink) => sink.wantsCheckpoint === true);
  }

  async drained(): Promise<void> {
    await Promise.all(this.#sinks.filter((sink) => !sink.hasCredit).map((sink) => sink.drained()));
  }

  write(batch: Batch, from: number, to: number): void {
    if (from === to) return;
    const topics = batch.columns[this.#column] as BytesColumn;
    let start = from;
    let current = this.#topicOf(topics, from);
    for (let row = from + 1; row < to; row++) {
      if (this.#isTopic(current, topics, row)) continue;
      this.#sinks[current]?.write(batch, start, row);
      start = row;
      current = this.#topicOf(topics, row);
    }
    this.#sinks[current]?.write(batch, start, to);
  }

  #isTopic(topic: number, { heap, offsets, lengths, nulls }: BytesColumn, row: number): boolean {
    const name = this.#encoded[topic] as Uint8Array;
    if (nulls?.[row] === 1 || lengths[row] !== name.length) return false;
    const at = offsets[row] as number;
    for (let k = 0; k < name.length; k++) if (heap[at + k] !== name[k]) return false;
    return true;
  }

  #topicOf(topics: BytesColumn, row: number): number {
    for (let i = 0; i < this.#encoded.length; i++) if (this.#isTopic(i, topics, row)) return i;
    const at = topics.offsets[row] as number;
    const name = topics.nulls?.[row] === 1 ? 'NULL' : `'${new TextDecoder().decode(topics.heap.subarray(at, at + (topics.lengths[row] as number)))}'`;
    throw new SqlError({ code: 'E0704', message: `a row for ${this.#table} names the topic ${name}, which is none of its topics`, hint: `there are ${this.#names.join(', ')}` });
  }

  async prepare(checkpoint: number, positions: SourcePositions): Promise<SinkToken | undefined> {
    const tokens = await Promise.all(this.#sinks.map((sink) => sink.prepare(checkpoint, positions)));
    const given = Object.fromEntries(tokens.flatMap((token, i) => (token === undefined ? [] : [[this.#names[i], token] as const])));
    return Object.keys(given).length === 0 ? undefined : ({ delivery: 'topics', epoch: checkpoint, tokens: given } satisfies TopicsToken);
  }

  async commit(token: SinkToken): Promise<void> {
    await Promise.all(this.#sinks.map((sink, i) => {
      const own = this.#tokenOf(token, i);
      return own === undefined ? undefined : sink.commit(own);
    }));
  }

  async recover(tokens: readonly SinkToken[]): Promise<void> {
    if (tokens.some((token) => !isTopicsToken(token))) throw new SqlError({ code: 'E0803', message: `the checkpoint holds rows for one topic, and ${this.#table} now writes ${this.#names.join(', ')}`, hint: 'let the job write the one topic until they are written, or start over with --fresh' });
    const unread = tokens.filter(isTopicsToken).flatMap((token) => Object.keys(token.tokens)).find((topic) => !this.#names.includes(topic));
    if (unread !== undefined) throw new SqlError({ code: 'E0803', message: `the checkpoint holds rows for the topic ${unread}, which ${this.#table} no longer writes`, hint: "name it in 'topic' until they are written, or start over with --fresh" });
    for (const [i, sink] of this.#sinks.entries()) await sink.recover(tokens.map((token) => this.#tokenOf(token, i)).filter((token) => token !== undefined));
  }

  #tokenOf(token: SinkToken, i: number): SinkToken | undefined {
    return isTopicsToken(token) ? token.tokens[this.#names[i] as string] : undefined;
  }

  async close(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.close()));
  }
}

export function isTopicsToken(token: SinkToken): token is TopicsToken {
  return token['delivery'] === 'topics';
}
