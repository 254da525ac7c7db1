import type { BrokerLink } from '../wire/broker-link.ts';
import { BatchBuilder } from '../wire/batch-builder.ts';
import { Random } from './random.ts';
import { TextBuffer } from './text-buffer.ts';

/**
 * Events of an auction house in the form of the Nexmark benchmark's Kafka set-up: one topic, `event_type` (0 person, 1 auction, 2 bid) and
 * one nested row of that kind, the other two null. Of 50 events 1 is a person, 3 are auctions and 46 bids, in this order. Ids count up, and
 * some are hot: see the shares below. Written from the description of the benchmark; the texts are our own.
 */
export interface EventOptions {
  readonly topic: string;
  readonly events: number;
  readonly seed: number;
}

const cycle = 50;
const auctionsPerCycle = 3;
const bidsFrom = 1 + auctionsPerCycle;
/** Of so many bids (or auctions) all but one take the hot id. */
const hotAuctionShare = 2;
const hotBidderShare = 4;
const hotSellerShare = 4;
const hotChannelShare = 2;
/** The hot id is the last multiple of this. */
const hotEvery = 100;
/** Bids go to one of the last so many auctions, by one of the last so many people. */
const openAuctions = 100;
const activePeople = 1000;
const coldChannels = 10_000;
const firstId = 1000;
const firstCategory = 10;
const categories = 5;

const eventsPerSecond = 10_000;
/** Event time starts here: 2026-01-01 00:00:00. */
export const firstTime = Date.UTC(2026, 0, 1);

const recordBatchBytes = 64 << 10;
const batchesPerRequest = 512;

const encoder = new TextEncoder();
const ascii = (text: string): Uint8Array => encoder.encode(text);
const all = (texts: readonly string[]): readonly Uint8Array[] => texts.map(ascii);

const hotChannels = all(['search', 'social', 'forum', 'store']);
const givenNames = all(['Ada', 'Bela', 'Chidi', 'Dana', 'Emeka', 'Frida', 'Goran', 'Hana', 'Ines', 'Jun', 'Kofi']);
const familyNames = all(['Adler', 'Baptiste', 'Castro', 'Dvorak', 'Eriksen', 'Fontana', 'Gupta', 'Haddad', 'Ivanov']);
const cities = all(['Almere', 'Bergen', 'Cuenca', 'Dijon', 'Essen', 'Faro', 'Graz', 'Hobart', 'Izmir', 'Jena']);
const states = all(['FL', 'NB', 'CU', 'BF', 'NW', 'AL', 'ST', 'TS']);

const words = {
  person: ascii('{"event_type":0,"person":{"id":'),
  auction: ascii('{"event_type":1,"person":null,"auction":{"id":'),
  bid: ascii('{"event_type":2,"person":null,"auction":null,"bid":{"auction":'),
  name: ascii(',"name":"'),
  email: ascii('","emailAddress":"'),
  at: ascii('@'),
  mail: ascii('.example.com'),
  card: ascii('","creditCard":"'),
  city: ascii('","city":"'),
  state: ascii('","state":"'),
  dateTime: ascii('","dateTime":"'),
  numberDateTime: ascii(',"dateTime":"'),
  extra: ascii('","extra":"'),
  afterPerson: ascii('"},"auction":null,"bid":null}'),
  itemName: ascii(',"itemName":"'),
  description: ascii('","description":"'),
  initialBid: ascii('","initialBid":'),
  reserve: ascii(',"reserve":'),
  expires: ascii('","expires":"'),
  seller: ascii('","seller":'),
  category: ascii(',"category":'),
  numberExtra: ascii(',"extra":"'),
  afterAuction: ascii('"},"bid":null}'),
  bidder: ascii(',"bidder":'),
  price: ascii(',"price":'),
  channel: ascii(',"channel":"'),
  channelNumber: ascii('channel-'),
  url: ascii('","url":"https://auctions.example.com/'),
  item: ascii('/item?query='),
  channelId: ascii('&channel_id='),
  afterBid: ascii('"}}'),
  space: ascii(' '),
  slash: ascii('/'),
};

/** Writes one event after the other. Event n is a function of the seed and n's predecessors. */
class EventWriter {
  readonly out = new TextBuffer(4096);
  readonly #random: Random;
  #day = -1;
  #date = ascii('');

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Replaces what `out` holds by event number `n`; gives its event time in ms. */
  write(n: number): number {
    const time = firstTime + Math.floor((n * 1000) / eventsPerSecond);
    const day = Math.floor(time / 86_400_000);
    if (day !== this.#day) {
      this.#day = day;
      this.#date = ascii(new Date(time).toISOString().slice(0, 10));
    }
    this.out.length = 0;
    const round = Math.floor(n / cycle);
    const place = n % cycle;
    if (place === 0) this.#person(round, time);
    else if (place < bidsFrom) this.#auction(round, place - 1, time);
    else this.#bid(round, time);
    return time;
  }

  #one(of: readonly Uint8Array[]): Uint8Array {
    return of[this.#random.below(of.length)] as Uint8Array;
  }

  /** 100 to 100,000,000, every power of ten as likely as the others. */
  #price(): number {
    return Math.round(10 ** (this.#random.unit() * 6) * 100);
  }

  /** Around `mean` letters. */
  #extra(mean: number): void {
    this.out.letters(this.#random, Math.round(mean * (0.8 + 0.4 * this.#random.unit())));
  }

  #person(round: number, time: number): void {
    const { out } = this;
    const random = this.#random;
    out.put(words.person);
    out.number(firstId + round);
    out.put(words.name);
    out.put(this.#one(givenNames));
    out.put(words.space);
    out.put(this.#one(familyNames));
    out.put(words.email);
    out.letters(random, 7);
    out.put(words.at);
    out.letters(random, 5);
    out.put(words.mail);
    out.put(words.card);
    for (let group = 0; group < 4; group++) {
      if (group > 0) out.put(words.space);
      out.number(1000 + random.below(9000));
    }
    out.put(words.city);
    out.put(this.#one(cities));
    out.put(words.state);
    out.put(this.#one(states));
    out.put(words.dateTime);
    out.time(time, this.#date);
    out.put(words.extra);
    this.#extra(90);
    out.put(words.afterPerson);
  }

  #auction(round: number, place: number, time: number): void {
    const { out } = this;
    const random = this.#random;
    const initial = this.#price();
    out.put(words.auction);
    out.number(firstId + round * auctionsPerCycle + place);
    out.put(words.itemName);
    out.letters(random, 6 + random.below(14));
    out.put(words.description);
    out.letters(random, 30 + random.below(70));
    out.put(words.initialBid);
    out.number(initial);
    out.put(words.reserve);
    out.number(initial + this.#price());
    out.put(words.numberDateTime);
    out.time(time, this.#date);
    out.put(words.expires);
    out.time(time + 1000 + random.below(20_000), this.#date);
    out.put(words.seller);
    out.number(firstId + (random.below(hotSellerShare) > 0 ? hotId(round) : recentId(random, round, activePeople)));
    out.put(words.category);
    out.number(firstCategory + random.below(categories));
    out.put(words.numberExtra);
    this.#extra(170);
    out.put(words.afterAuction);
  }

  #bid(round: number, time: number): void {
    const { out } = this;
    const random = this.#random;
    const lastAuction = round * auctionsPerCycle + auctionsPerCycle - 1;
    out.put(words.bid);
    out.number(firstId + (random.below(hotAuctionShare) > 0 ? hotId(lastAuction) : recentId(random, lastAuction, openAuctions)));
    out.put(words.bidder);
    out.number(firstId + (random.below(hotBidderShare) > 0 ? hotId(round) + 1 : recentId(random, round, activePeople)));
    out.put(words.price);
    out.number(this.#price());
    out.put(words.channel);
    const isHot = random.below(hotChannelShare) > 0;
    const channel = random.below(coldChannels);
    if (isHot) out.put(this.#one(hotChannels));
    else {
      out.put(words.channelNumber);
      out.number(channel);
    }
    out.put(words.url);
    out.letters(random, 5);
    out.put(words.slash);
    out.letters(random, 5);
    out.put(words.item);
    out.number(random.below(1000));
    if (!isHot) {
      out.put(words.channelId);
      out.number(random.next());
    }
    out.put(words.dateTime);
    out.time(time, this.#date);
    out.put(words.extra);
    this.#extra(83);
    out.put(words.afterBid);
  }
}

function hotId(last: number): number {
  return Math.floor(last / hotEvery) * hotEvery;
}

function recentId(random: Random, last: number, window: number): number {
  return Math.max(0, last - window + 1) + random.below(Math.min(window, last + 1));
}

/** Creates the topic (one partition) and fills it. Gives the bytes of all values. */
export async function writeEvents(link: BrokerLink, { topic, events, seed }: EventOptions): Promise<number> {
  await link.createTopic(topic, 1);
  const writer = new EventWriter(seed);
  const builder = new BatchBuilder(recordBatchBytes + 4096);
  const { out } = writer;
  let batches: { topic: string; partition: number; bytes: Uint8Array }[] = [];
  let valueBytes = 0;
  /** One request is on its way to the disk while the next is written. */
  let sent: Promise<unknown> = Promise.resolve();
  for (let n = 0; n < events; n++) {
    const time = writer.write(n);
    builder.append(out.bytes, 0, -1, out.bytes, 0, out.length, time);
    valueBytes += out.length;
    if (builder.size < recordBatchBytes) continue;
    batches.push({ topic, partition: 0, bytes: builder.finish() });
    if (batches.length < batchesPerRequest) continue;
    await sent;
    sent = link.produce({ batches });
    batches = [];
  }
  await sent;
  if (builder.recordCount > 0) batches.push({ topic, partition: 0, bytes: builder.finish() });
  if (batches.length > 0) await link.produce({ batches });
  return valueBytes;
}
