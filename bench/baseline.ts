import type { BrokerLink } from '../wire/broker-link.ts';
import { BatchBuilder } from '../wire/batch-builder.ts';
import { baselineQueries } from './baseline-queries.ts';
import { inputTopic } from './queries.ts';
import { pieces } from './topic-records.ts';

/**
 * What a good Node programmer ships for one of the queries: records out of the batches, JSON.parse, plain objects, Map, JSON.stringify.
 * Numbers are doubles, as every value here is below 2^53. Measured and not taken, as slower: one JSON.parse for a whole batch, and one
 * string for a whole batch with a slice per record.
 */
export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTime: string;
  readonly extra: string;
}

interface AuctionEvent {
  readonly event_type: number;
  readonly bid: Bid | null;
}

/** Where the rows go. `flush` resolves when all are acknowledged. */
export interface BaselineSink {
  write(row: object, key?: object): void;
  /** A promise while too much is in flight. */
  full(): Promise<unknown> | undefined;
  flush(): Promise<void>;
}

/** One query: what each bid does, and what is left to do at the end of the input. */
export interface BaselineQuery {
  onBid(bid: Bid): void;
  onEnd(): void;
}

/** Runs a query over the input topic, to its end or until `goOn`, which is told the events so far, says no. Gives the number of events. */
export async function runBaseline(link: BrokerLink, query: string, sink: BaselineSink, goOn: (events: number) => boolean = () => true): Promise<number> {
  const make = baselineQueries[query];
  if (make === undefined) throw new RangeError(`the baseline has no query ${query}`);
  const running = make(sink);
  let events = 0;
  for await (const { bytes, records } of pieces(link, inputTopic)) {
    const { valueOffsets, valueLengths, count } = records;
    for (let i = 0; i < count; i++) {
      const start = valueOffsets[i] as number;
      const event = JSON.parse(bytes.toString('utf8', start, start + (valueLengths[i] as number))) as AuctionEvent;
      if (event.event_type === 2 && event.bid !== null) running.onBid(event.bid);
    }
    events += count;
    const full = sink.full();
    if (full !== undefined) await full;
    if (!goOn(events)) break;
  }
  running.onEnd();
  await sink.flush();
  return events;
}

/** A bare JSON.parse loop over the same bytes: what no program that parses every record can beat. */
export async function runParseLoop(link: BrokerLink, goOn: (events: number) => boolean): Promise<number> {
  let events = 0;
  let bids = 0;
  for await (const { bytes, records } of pieces(link, inputTopic)) {
    const { valueOffsets, valueLengths, count } = records;
    for (let i = 0; i < count; i++) {
      const start = valueOffsets[i] as number;
      const event = JSON.parse(bytes.toString('utf8', start, start + (valueLengths[i] as number))) as AuctionEvent;
      if (event.event_type === 2) bids++;
    }
    events += count;
    if (!goOn(events)) break;
  }
  if (bids > events) throw new RangeError('more bids than events');
  return events;
}

/** Takes every row; keeps the last, so that no row can be optimized away. */
export class BlackholeSink implements BaselineSink {
  rows = 0;
  last: object | undefined;

  write(row: object): void {
    this.rows++;
    this.last = row;
  }

  full(): undefined {
    return undefined;
  }

  async flush(): Promise<void> {}
}

const batchBytes = 256 << 10;
const maxInFlight = 16;

/** Rows as JSON records, in batches, published at once. */
export class TopicSink implements BaselineSink {
  readonly #link: BrokerLink;
  readonly #topic: string;
  readonly #builder = new BatchBuilder(batchBytes + 4096);
  readonly #inFlight = new Set<Promise<unknown>>();
  #scratch = Buffer.alloc(4096);

  constructor(link: BrokerLink, topic: string) {
    this.#link = link;
    this.#topic = topic;
  }

  write(row: object, key?: object): void {
    const value = JSON.stringify(row);
    const name = key === undefined ? '' : JSON.stringify(key);
    // A UTF-16 unit is at most 3 bytes of UTF-8.
    const room = (value.length + name.length) * 3;
    if (this.#scratch.length < room) this.#scratch = Buffer.alloc(room * 2);
    const scratch = this.#scratch;
    const keyLength = key === undefined ? 0 : scratch.write(name, 0, 'utf8');
    const length = scratch.write(value, keyLength, 'utf8');
    this.#builder.append(scratch, 0, key === undefined ? -1 : keyLength, scratch, keyLength, length, Date.now());
    if (this.#builder.size >= batchBytes) this.#send();
  }

  full(): Promise<unknown> | undefined {
    return this.#inFlight.size < maxInFlight ? undefined : Promise.race(this.#inFlight);
  }

  async flush(): Promise<void> {
    if (this.#builder.recordCount > 0) this.#send();
    await Promise.all(this.#inFlight);
  }

  #send(): void {
    const sent: Promise<unknown> = this.#link
      .produce({ batches: [{ topic: this.#topic, partition: 0, bytes: this.#builder.finish() }] })
      .finally(() => this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
  }
}
