import type { Bid, BaselineQuery, BaselineSink } from './baseline.ts';
import { distinctByChannel, distinctByDay, statistics } from './baseline-statistics.ts';
import { hoppingCounts, processingCounts, tumblingCounts, tumblingWindows } from './baseline-windows.ts';
import { letterFunction } from './queries.ts';

/** The queries of queries.ts by hand. A row has the columns of the query, in order. */
export const baselineQueries: Readonly<Record<string, (sink: BaselineSink) => BaselineQuery>> = {
  q0: (sink) => each((bid) => sink.write(bid)),
  q1: (sink) => each(({ auction, bidder, price, dateTime, extra }) => sink.write({ auction, bidder, price: (price * 908) / 1000, dateTime, extra })),
  q2: (sink) =>
    each(({ auction, price }) => {
      if (auction % 123 === 0) sink.write({ auction, price });
    }),
  tumble: tumblingWindows,
  totals: (sink) => {
    const totals = new Map<number, { bidder: number; bid_count: number; price_sum: number }>();
    return each(({ bidder, price }) => {
      let total = totals.get(bidder);
      if (total === undefined) {
        total = { bidder, bid_count: 0, price_sum: 0 };
        totals.set(bidder, total);
      }
      total.bid_count++;
      total.price_sum += price;
      sink.write(total, { bidder });
    });
  },
  q5_inner: hoppingCounts,
  q12: processingCounts,
  q12_event: tumblingCounts,
  q14: (sink) =>
    each(({ auction, bidder, price, dateTime, extra }) => {
      const converted = (price * 908) / 1000;
      if (converted <= 900_000 || converted >= 60_000_000) return;
      const hour = (dateTime.charCodeAt(11) - 48) * 10 + dateTime.charCodeAt(12) - 48;
      const part_of_day = hour >= 9 && hour <= 17 ? 'office' : hour < 6 || hour > 21 ? 'night' : 'home';
      sink.write({ auction, bidder, price: converted, part_of_day, dateTime, extra, letters: letterFunction.call(extra, 'e') });
    }),
  q15: distinctByDay,
  q16: distinctByChannel,
  q17: statistics,
  q21: (sink) =>
    each(({ auction, bidder, price, channel, url }) => {
      const channel_id = channelNumbers[channel.toLowerCase()] ?? /[?&]channel_id=([0-9]+)/.exec(url)?.[1];
      if (channel_id !== undefined) sink.write({ auction, bidder, price, channel, channel_id });
    }),
  q22: (sink) =>
    each(({ auction, bidder, price, channel, url }) => {
      const parts = url.split('/', 6);
      sink.write({ auction, bidder, price, channel, part1: parts[3] ?? null, part2: parts[4] ?? null, part3: parts[5] ?? null });
    }),
};

const channelNumbers: Readonly<Record<string, string>> = { search: '1', social: '2', forum: '3', store: '4' };

function each(onBid: (bid: Bid) => void): BaselineQuery {
  return { onBid, onEnd: () => undefined };
}
