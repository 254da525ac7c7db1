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

const integer = (name: string): BenchQuery['columns'][number] => ({ name, type: 'BIGINT', form: 'integer' });
const text = (name: string): BenchQuery['columns'][number] => ({ name, type: 'STRING', form: 'text' });
const time = (name: string): BenchQuery['columns'][number] => ({ name, type: 'TIMESTAMP(3)', form: 'time' });

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
];

/** The INSERT of a query and the table that it fills. `table` and `topic` name what belongs to one run. */
export function insertScript(query: BenchQuery, sink: SinkName, table: string, topic: string): string {
  const columns = query.columns.map(({ name, type }) => `${name} ${type}`);
  return `CREATE TABLE ${table} (${[...columns, ...primaryKey(query, sink)].join(', ')}) WITH (${sinkOptions(query, sink, topic)});
INSERT INTO ${table} ${query.select};`;
}

function primaryKey(query: BenchQuery, sink: SinkName): readonly string[] {
  return query.key === undefined || sink === 'blackhole' ? [] : [`PRIMARY KEY (${query.key.join(', ')}) NOT ENFORCED`];
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
