import { draw } from '../datagen/generate.ts';
import type { TextBuffer } from './text-buffer.ts';

/**
 * The events of an auction house in the form of the Nexmark benchmark: of so many events some are people, some auctions, the rest bids, in
 * this order; ids count up, and some are hot. Every value is a function of the seed and the event's number, so that any event can be
 * made without those before it. Written from the description of the benchmark and its Flink connector's options; the texts are our own.
 */
export interface EventSettings {
  readonly seed: number;
  /** Event time of event 0, ms since 1970. */
  readonly baseTime: number;
  /** Events a second of event time. */
  readonly rate: number;
  /** How many of each there are in a round. */
  readonly people: number;
  readonly auctions: number;
  readonly bids: number;
  /** Of so many bids (or auctions) all but one take the hot id. */
  readonly hotAuctions: number;
  readonly hotBidders: number;
  readonly hotSellers: number;
  /** What an event has in all, on average: `extra` fills it up. A number counts 8. */
  readonly personBytes: number;
  readonly auctionBytes: number;
  readonly bidBytes: number;
}

/** The connector's defaults, which are those of the benchmark. */
export const usualSettings: Omit<EventSettings, 'seed' | 'baseTime'> = {
  rate: 10_000,
  people: 1,
  auctions: 3,
  bids: 46,
  hotAuctions: 2,
  hotBidders: 4,
  hotSellers: 4,
  personBytes: 200,
  auctionBytes: 500,
  bidBytes: 100,
};

/** The kinds of events by `event_type`. */
export const eventKinds = ['person', 'auction', 'bid'] as const;

/** One field of an event: made of the event's number alone. */
export type EventField =
  | { readonly form: 'number' | 'time'; readonly value: (n: number) => number }
  | { readonly form: 'text'; readonly write: (n: number, out: TextBuffer) => void };

/** The fields of one kind, in the order of the benchmark's rows. */
export type EventFields = Readonly<Record<string, EventField>>;

export interface NexmarkEvents {
  /** The index in `eventKinds` of event `n`. */
  kindOf(n: number): number;
  /** In ms since 1970. */
  timeOf(n: number): number;
  /** By the index in `eventKinds`. Needs: a field is asked for events of its kind. */
  readonly fields: readonly [EventFields, EventFields, EventFields];
}

/** A hot id is the last multiple of this (of bidders, the one after). */
const hotEvery = 100;
/** Bids go to one of the last so many auctions, by one of the last so many people; some ids are ahead of their event. */
const openAuctions = 100;
const activePeople = 1000;
const lead = 10;
const coldChannels = 10_000;
const firstId = 1000;
const firstCategory = 10;
const categories = 5;

const encoder = new TextEncoder();
const ascii = (text: string): Uint8Array => encoder.encode(text);
const all = (texts: readonly string[]): readonly Uint8Array[] => texts.map(ascii);

const hotChannels = all(['search', 'social', 'forum', 'store']);
const givenNames = all(['Ada', 'Bela', 'Chidi', 'Dana', 'Emeka', 'Frida', 'Goran', 'Hana', 'Ines', 'Jun', 'Kofi']);
const familyNames = all(['Adler', 'Baptiste', 'Castro', 'Dvorak', 'Eriksen', 'Fontana', 'Gupta', 'Haddad', 'Ivanov']);
const cities = all(['Almere', 'Bergen', 'Cuenca', 'Dijon', 'Essen', 'Faro', 'Graz', 'Hobart', 'Izmir', 'Jena']);
const states = all(['AK', 'CA', 'HI', 'ID', 'MT', 'NV', 'OR', 'UT', 'WA']);
const space = ascii(' ');
const slash = ascii('/');
const at = ascii('@');
const mail = ascii('.example.com');
const channelNumber = ascii('channel-');
const urlHead = ascii('https://auctions.example.com/');
const item = ascii('/item?query=');
const channelId = ascii('&channel_id=');

/** What is drawn, each by its number: what stands in stored topics and checkpoints depends on it. */
const drawn = {
  givenName: 0,
  familyName: 1,
  mailName: 2,
  mailHost: 3,
  card: 4,
  city: 5,
  state: 6,
  extra: 7,
  extraLength: 8,
  itemLength: 9,
  itemName: 10,
  descriptionLength: 11,
  description: 12,
  initialBid: 13,
  reserve: 14,
  expires: 15,
  seller: 16,
  category: 17,
  auction: 18,
  bidder: 19,
  price: 20,
  channel: 21,
  url: 22,
} as const;

/** The events of a seed: each field a function of the event's number alone. */
export function nexmarkEvents(settings: EventSettings): NexmarkEvents {
  const { seed, baseTime, rate, people, auctions, bids } = settings;
  const round = people + auctions + bids;
  const bits = (what: number, n: number, nth: number): number => draw(seed, what, n, nth);
  const below = (bound: number, what: number, n: number, nth = 0): number => Math.floor((bits(what, n, nth) / 4294967296) * bound);
  const one = (of: readonly Uint8Array[], what: number, n: number): Uint8Array => of[below(of.length, what, n)] as Uint8Array;
  const letters = (out: TextBuffer, count: number, what: number, n: number, from = 0): void => out.letters(count, seed, what, n, from);

  const kindOf = (n: number): number => {
    const place = n % round;
    return place < people ? 0 : place < people + auctions ? 1 : 2;
  };
  const timeOf = (n: number): number => baseTime + Math.floor((n * 1000) / rate);
  /** The last person, counted from 0, that event `n` or one before it is; below 0 where there is none. */
  const lastPerson = (n: number): number => Math.floor(n / round) * people + Math.min(n % round, people - 1);
  const lastAuction = (n: number): number => Math.floor(n / round) * auctions + Math.min(Math.max(-1, (n % round) - people), auctions - 1);
  const recent = (last: number, window: number, what: number, n: number): number => {
    const first = Math.max(0, last - window);
    return first + below(Math.max(0, last) - first + 1 + lead, what, n, 1);
  };
  const hot = (last: number): number => Math.max(0, Math.floor(last / hotEvery) * hotEvery);
  /** 100 to 100,000,000, every power of ten as likely as the others. */
  const price = (what: number, n: number): number => Math.round(10 ** ((bits(what, n, 0) / 4294967296) * 6) * 100);
  /** Letters that fill an event of `used` bytes up to `bytes`, a fifth more or less. */
  const extra = (bytes: number, used: number): EventField => ({
    form: 'text',
    write: (n, out) => letters(out, Math.round(Math.max(0, bytes - used) * (0.8 + (0.4 * bits(drawn.extraLength, n, 0)) / 4294967296)), drawn.extra, n),
  });
  const itemLength = (n: number): number => 6 + below(14, drawn.itemLength, n);
  const descriptionLength = (n: number): number => 30 + below(70, drawn.descriptionLength, n);
  const isHotChannel = (n: number): boolean => (bits(drawn.channel, n, 0) & 1) === 1;
  /** How long an auction is open on average, ms: until so many auctions more have come. */
  const horizon = Math.max(1, Math.floor((openAuctions * round * 1000) / (Math.max(1, auctions) * rate)));

  const number = (value: (n: number) => number): EventField => ({ form: 'number', value });
  const time = (value: (n: number) => number): EventField => ({ form: 'time', value });
  const text = (write: (n: number, out: TextBuffer) => void): EventField => ({ form: 'text', write });

  const person: EventFields = {
    id: number((n) => firstId + lastPerson(n)),
    name: text((n, out) => {
      out.put(one(givenNames, drawn.givenName, n));
      out.put(space);
      out.put(one(familyNames, drawn.familyName, n));
    }),
    emailAddress: text((n, out) => {
      letters(out, 7, drawn.mailName, n);
      out.put(at);
      letters(out, 5, drawn.mailHost, n);
      out.put(mail);
    }),
    creditCard: text((n, out) => {
      for (let group = 0; group < 4; group++) {
        if (group > 0) out.put(space);
        out.number(1000 + below(9000, drawn.card, n, group));
      }
    }),
    city: text((n, out) => out.put(one(cities, drawn.city, n))),
    state: text((n, out) => out.put(one(states, drawn.state, n))),
    dateTime: time(timeOf),
    extra: extra(settings.personBytes, 78),
  };
  const auction: EventFields = {
    id: number((n) => firstId + lastAuction(n)),
    itemName: text((n, out) => letters(out, itemLength(n), drawn.itemName, n)),
    description: text((n, out) => letters(out, descriptionLength(n), drawn.description, n)),
    initialBid: number((n) => price(drawn.initialBid, n)),
    reserve: number((n) => price(drawn.initialBid, n) + price(drawn.reserve, n)),
    dateTime: time(timeOf),
    expires: time((n) => timeOf(n) + 1 + below(2 * horizon, drawn.expires, n)),
    seller: number((n) => firstId + (below(settings.hotSellers, drawn.seller, n) > 0 ? hot(lastPerson(n)) : recent(lastPerson(n), activePeople, drawn.seller, n))),
    category: number((n) => firstCategory + below(categories, drawn.category, n)),
    extra: extra(settings.auctionBytes, 133),
  };
  const bid: EventFields = {
    auction: number((n) => firstId + (below(settings.hotAuctions, drawn.auction, n) > 0 ? hot(lastAuction(n)) : recent(lastAuction(n), openAuctions, drawn.auction, n))),
    bidder: number((n) => firstId + (below(settings.hotBidders, drawn.bidder, n) > 0 ? hot(lastPerson(n)) + 1 : recent(lastPerson(n), activePeople, drawn.bidder, n))),
    price: number((n) => price(drawn.price, n)),
    channel: text((n, out) => {
      if (isHotChannel(n)) out.put(hotChannels[(bits(drawn.channel, n, 1) >>> 1) % hotChannels.length] as Uint8Array);
      else {
        out.put(channelNumber);
        out.number(below(coldChannels, drawn.channel, n, 1));
      }
    }),
    url: text((n, out) => {
      out.put(urlHead);
      letters(out, 5, drawn.url, n);
      out.put(slash);
      letters(out, 5, drawn.url, n, 1);
      out.put(item);
      out.number(below(1000, drawn.url, n, 2));
      if (isHotChannel(n) || below(10, drawn.url, n, 4) === 0) return;
      out.put(channelId);
      out.number(bits(drawn.url, n, 3));
    }),
    dateTime: time(timeOf),
    extra: extra(settings.bidBytes, 32),
  };
  return { kindOf, timeOf, fields: [person, auction, bid] };
}
