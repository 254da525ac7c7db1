import { unreachable } from '../core/assert.ts';

export type SinkName = 'blackhole' | 'topic-at-least-once' | 'topic-exactly-once';
export const sinkNames: readonly SinkName[] = ['blackhole', 'topic-at-least-once', 'topic-exactly-once'];

/** How a value is written down for the checksum: whole numbers by their digits, times as ms since 1970, text as it is. */
export type ColumnForm = 'integer' | 'decimal' | 'time' | 'text';

export interface BenchQuery {
  readonly name: string;
  readonly doc: string;
  /** The columns that go out, in order. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly form: ColumnForm }[];
  /** Set where the query updates its rows: the columns that name one. */
  readonly key?: readonly string[];
  readonly select: string;
  /** Set where the rows depend on the clock: the column whose sum over all rows must be equal, in place of rows and checksum. */
  readonly total?: string;
}

export const inputTopic = 'auction-events';

/** The event stream. Event time is the time of whichever row is there. */
export const sourceDdl = `
CREATE TABLE events (
  event_type INT,
  person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, dateTime TIMESTAMP(3), extra STRING>,
  auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP(3), expires TIMESTAMP(3),
    seller BIGINT, category BIGINT, extra STRING>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP(3), extra STRING>,
  ts AS CASE WHEN event_type = 0 THEN person.dateTime WHEN event_type = 1 THEN auction.dateTime ELSE bid.dateTime END,
  WATERMARK FOR ts AS ts - INTERVAL '4' SECOND
) WITH ('connector' = 'kafka', 'topic' = '${inputTopic}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');

CREATE VIEW bids AS
SELECT bid.auction AS auction, bid.bidder AS bidder, bid.price AS price, bid.channel AS channel, bid.url AS url, bid.dateTime AS dateTime, bid.extra AS extra, ts
FROM events WHERE event_type = 2;
`;

/** The function of the program that q14 calls: `(text, letter) -> how often`. */
export const letterFunction = {
  name: 'count_letter',
  def: { args: ['STRING', 'STRING'], returns: 'BIGINT' },
  call: (text: string, letter: string): number => {
    let count = 0;
    for (let at = text.indexOf(letter); at >= 0; at = text.indexOf(letter, at + 1)) count++;
    return count;
  },
} as const;

const integer = (name: string): BenchQuery['columns'][number] => ({ name, type: 'BIGINT', form: 'integer' });
const text = (name: string): BenchQuery['columns'][number] => ({ name, type: 'STRING', form: 'text' });
const time = (name: string): BenchQuery['columns'][number] => ({ name, type: 'TIMESTAMP(3)', form: 'time' });

/** The bids below 5,000, from there on below 500,000, and from there on. */
const prices = [
  ['low', 'price < 5000'],
  ['mid', 'price >= 5000 AND price < 500000'],
  ['high', 'price >= 500000'],
] as const;
const thirds = (name: string): readonly string[] => ['all', ...prices.map(([which]) => which)].map((which) => `${which}_${name}`);
/** `what` of all bids and of each third of the prices. */
const byPrice = (what: string, name: string): string => [`${what} AS all_${name}`, ...prices.map(([which, where]) => `${what} FILTER (WHERE ${where}) AS ${which}_${name}`)].join(', ');
const distinctCounts = `${byPrice('COUNT(*)', 'bids')}, ${byPrice('COUNT(DISTINCT bidder)', 'bidders')}, ${byPrice('COUNT(DISTINCT auction)', 'auctions')}`;
const distinctColumns = [...thirds('bids'), ...thirds('bidders'), ...thirds('auctions')].map(integer);
const day = "DATE_FORMAT(dateTime, 'yyyy-MM-dd')";
const bidderWindow = { columns: [integer('bidder'), time('window_start'), time('window_end'), integer('bid_count')] };
const channelPart = "REGEXP_EXTRACT(url, '[?&]channel_id=([0-9]+)', 1)";

export const queries: readonly BenchQuery[] = [
  {
    name: 'q0',
    doc: 'every column of every bid',
    columns: [integer('auction'), integer('bidder'), integer('price'), text('channel'), text('url'), time('dateTime'), text('extra')],
    select: 'SELECT auction, bidder, price, channel, url, dateTime, extra FROM bids',
  },
  {
    name: 'q1',
    doc: 'the price in another currency, as DECIMAL(23, 3)',
    columns: [integer('auction'), integer('bidder'), { name: 'price', type: 'DECIMAL(23, 3)', form: 'decimal' }, time('dateTime'), text('extra')],
    select: 'SELECT auction, bidder, 0.908 * price AS price, dateTime, extra FROM bids',
  },
  {
    name: 'q2',
    doc: 'the bids on some auctions',
    columns: [integer('auction'), integer('price')],
    select: 'SELECT auction, price FROM bids WHERE MOD(auction, 123) = 0',
  },
  {
    name: 'tumble',
    doc: 'count, sum and maximum per bidder in windows of 10 s',
    columns: [integer('bidder'), time('window_start'), time('window_end'), integer('bid_count'), integer('price_sum'), integer('price_max')],
    select: `SELECT bidder, window_start, window_end, COUNT(*) AS bid_count, SUM(price) AS price_sum, MAX(price) AS price_max
FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY bidder, window_start, window_end`,
  },
  {
    name: 'totals',
    doc: 'count and sum per bidder over all time, each change',
    columns: [integer('bidder'), integer('bid_count'), integer('price_sum')],
    key: ['bidder'],
    select: 'SELECT bidder, COUNT(*) AS bid_count, SUM(price) AS price_sum FROM bids GROUP BY bidder',
  },
  {
    name: 'q5_inner',
    doc: 'count per auction in windows of 10 s that slide by 2 s',
    columns: [integer('auction'), time('window_start'), time('window_end'), integer('bid_count')],
    select: `SELECT auction, window_start, window_end, COUNT(*) AS bid_count
FROM TABLE(HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY auction, window_start, window_end`,
  },
  {
    name: 'q12',
    doc: 'count per bidder in windows of 10 s of processing time',
    ...bidderWindow,
    total: 'bid_count',
    select: `WITH arrivals AS (SELECT bidder, PROCTIME() AS arrived FROM bids)
SELECT bidder, window_start, window_end, COUNT(*) AS bid_count
FROM TABLE(TUMBLE(TABLE arrivals, DESCRIPTOR(arrived), INTERVAL '10' SECOND)) GROUP BY bidder, window_start, window_end`,
  },
  {
    name: 'q12_event',
    doc: 'the same of event time',
    ...bidderWindow,
    select: `SELECT bidder, window_start, window_end, COUNT(*) AS bid_count
FROM TABLE(TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY bidder, window_start, window_end`,
  },
  {
    name: 'q14',
    doc: 'bids of a middling price, the part of the day by CASE, a function of the program',
    columns: [integer('auction'), integer('bidder'), { name: 'price', type: 'DECIMAL(23, 3)', form: 'decimal' }, text('part_of_day'), time('dateTime'), text('extra'), integer('letters')],
    select: `SELECT auction, bidder, 0.908 * price AS price,
  CASE WHEN HOUR(dateTime) BETWEEN 9 AND 17 THEN 'office' WHEN HOUR(dateTime) < 6 OR HOUR(dateTime) > 21 THEN 'night' ELSE 'home' END AS part_of_day,
  dateTime, extra, COUNT_LETTER(extra, 'e') AS letters
FROM bids WHERE 0.908 * price > 900000 AND 0.908 * price < 60000000`,
  },
  {
    name: 'q15',
    doc: 'bids, different bidders and auctions per day, in all and by price',
    columns: [text('day'), ...distinctColumns],
    key: ['day'],
    select: `SELECT ${day} AS \`day\`, ${distinctCounts} FROM bids GROUP BY ${day}`,
  },
  {
    name: 'q16',
    doc: 'the same per channel and day, with the last minute',
    columns: [text('channel'), text('day'), text('last_minute'), ...distinctColumns],
    key: ['channel', 'day'],
    select: `SELECT channel, ${day} AS \`day\`, MAX(DATE_FORMAT(dateTime, 'HH:mm')) AS last_minute, ${distinctCounts} FROM bids GROUP BY channel, ${day}`,
  },
  {
    name: 'q17',
    doc: 'bids by price, and statistics of the price, per auction and day',
    columns: [integer('auction'), text('day'), ...thirds('bids').map(integer), ...['price_min', 'price_max', 'price_avg', 'price_sum'].map(integer)],
    key: ['auction', 'day'],
    select: `SELECT auction, ${day} AS \`day\`, ${byPrice('COUNT(*)', 'bids')},
  MIN(price) AS price_min, MAX(price) AS price_max, AVG(price) AS price_avg, SUM(price) AS price_sum FROM bids GROUP BY auction, ${day}`,
  },
  {
    name: 'q21',
    doc: 'the number of the channel: by CASE of its name, or by REGEXP_EXTRACT out of the URL',
    columns: [integer('auction'), integer('bidder'), integer('price'), text('channel'), text('channel_id')],
    select: `SELECT auction, bidder, price, channel,
  CASE LOWER(channel) WHEN 'search' THEN '1' WHEN 'social' THEN '2' WHEN 'forum' THEN '3' WHEN 'store' THEN '4' ELSE ${channelPart} END AS channel_id
FROM bids WHERE LOWER(channel) IN ('search', 'social', 'forum', 'store') OR ${channelPart} IS NOT NULL`,
  },
  {
    name: 'q22',
    doc: 'three parts of the URL, by SPLIT_INDEX',
    columns: [integer('auction'), integer('bidder'), integer('price'), text('channel'), text('part1'), text('part2'), text('part3')],
    select: `SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3) AS part1, SPLIT_INDEX(url, '/', 4) AS part2, SPLIT_INDEX(url, '/', 5) AS part3 FROM bids`,
  },
];

/** The INSERT of a query and the table that it fills. `table` and `topic` name what belongs to one run. */
export function insertScript(query: BenchQuery, sink: SinkName, table: string, topic: string): string {
  const columns = query.columns.map(({ name, type }) => `\`${name}\` ${type}`);
  return `CREATE TABLE ${table} (${[...columns, ...primaryKey(query, sink)].join(', ')}) WITH (${sinkOptions(query, sink, topic)});
INSERT INTO ${table} ${query.select};`;
}

function primaryKey(query: BenchQuery, sink: SinkName): readonly string[] {
  return query.key === undefined || sink === 'blackhole' ? [] : [`PRIMARY KEY (${query.key.map((name) => `\`${name}\``).join(', ')}) NOT ENFORCED`];
}

function sinkOptions(query: BenchQuery, sink: SinkName, topic: string): string {
  const kafka = query.key === undefined ? `'connector' = 'kafka', 'format' = 'json'` : `'connector' = 'upsert-kafka', 'key.format' = 'json', 'value.format' = 'json'`;
  switch (sink) {
    case 'blackhole':
      return `'connector' = 'blackhole'`;
    case 'topic-at-least-once':
      return `${kafka}, 'topic' = '${topic}', 'sink.delivery-guarantee' = 'at-least-once'`;
    case 'topic-exactly-once':
      return `${kafka}, 'topic' = '${topic}', 'sink.delivery-guarantee' = 'exactly-once'`;
    default:
      return unreachable(sink);
  }
}
