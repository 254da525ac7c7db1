import type { BaselineQuery, BaselineSink } from './baseline.ts';

/** The columns of q15 and q16 that count. */
interface Counted {
  all_bids: number;
  low_bids: number;
  mid_bids: number;
  high_bids: number;
  all_bidders: number;
  low_bidders: number;
  mid_bidders: number;
  high_bidders: number;
  all_auctions: number;
  low_auctions: number;
  mid_auctions: number;
  high_auctions: number;
}

const zeros: Counted = {
  all_bids: 0,
  low_bids: 0,
  mid_bids: 0,
  high_bids: 0,
  all_bidders: 0,
  low_bidders: 0,
  mid_bidders: 0,
  high_bidders: 0,
  all_auctions: 0,
  low_auctions: 0,
  mid_auctions: 0,
  high_auctions: 0,
};

/** A row that is brought up to date and goes out after each bid, and the sets behind it. */
class DistinctCounts<Row extends Counted> {
  readonly row: Row;
  readonly #bidders = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()] as const;
  readonly #auctions = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()] as const;

  constructor(row: Row) {
    this.row = row;
  }

  add(bidder: number, auction: number, price: number): void {
    const { row } = this;
    const [allBidders, lowBidders, midBidders, highBidders] = this.#bidders;
    const [allAuctions, lowAuctions, midAuctions, highAuctions] = this.#auctions;
    row.all_bids++;
    row.all_bidders = allBidders.add(bidder).size;
    row.all_auctions = allAuctions.add(auction).size;
    if (price < 5000) {
      row.low_bids++;
      row.low_bidders = lowBidders.add(bidder).size;
      row.low_auctions = lowAuctions.add(auction).size;
    } else if (price < 500_000) {
      row.mid_bids++;
      row.mid_bidders = midBidders.add(bidder).size;
      row.mid_auctions = midAuctions.add(auction).size;
    } else {
      row.high_bids++;
      row.high_bidders = highBidders.add(bidder).size;
      row.high_auctions = highAuctions.add(auction).size;
    }
  }
}

export function distinctByDay(sink: BaselineSink): BaselineQuery {
  const days = new Map<string, DistinctCounts<Counted & { day: string }>>();
  return {
    onBid: ({ auction, bidder, price, dateTime }) => {
      const day = dateTime.slice(0, 10);
      let counts = days.get(day);
      if (counts === undefined) days.set(day, (counts = new DistinctCounts({ day, ...zeros })));
      counts.add(bidder, auction, price);
      sink.write(counts.row, { day });
    },
    onEnd: () => undefined,
  };
}

export function distinctByChannel(sink: BaselineSink): BaselineQuery {
  const channels = new Map<string, DistinctCounts<Counted & { channel: string; day: string; last_minute: string }>>();
  return {
    onBid: ({ auction, bidder, price, channel, dateTime }) => {
      const day = dateTime.slice(0, 10);
      const minute = dateTime.slice(11, 16);
      const key = `${day} ${channel}`;
      let of = channels.get(key);
      if (of === undefined) channels.set(key, (of = new DistinctCounts({ channel, day, last_minute: minute, ...zeros })));
      else if (minute > of.row.last_minute) of.row.last_minute = minute;
      of.add(bidder, auction, price);
      sink.write(of.row, { channel, day });
    },
    onEnd: () => undefined,
  };
}

export function statistics(sink: BaselineSink): BaselineQuery {
  const auctions = new Map<string, { auction: number; day: string; all_bids: number; low_bids: number; mid_bids: number; high_bids: number; price_min: number; price_max: number; price_avg: number; price_sum: number }>();
  return {
    onBid: ({ auction, price, dateTime }) => {
      const day = dateTime.slice(0, 10);
      const key = `${auction} ${day}`;
      let of = auctions.get(key);
      if (of === undefined) {
        of = { auction, day, all_bids: 0, low_bids: 0, mid_bids: 0, high_bids: 0, price_min: price, price_max: price, price_avg: 0, price_sum: 0 };
        auctions.set(key, of);
      }
      of.all_bids++;
      if (price < 5000) of.low_bids++;
      else if (price < 500_000) of.mid_bids++;
      else of.high_bids++;
      if (price < of.price_min) of.price_min = price;
      if (price > of.price_max) of.price_max = price;
      of.price_sum += price;
      of.price_avg = Math.trunc(of.price_sum / of.all_bids);
      sink.write(of, { auction, day });
    },
    onEnd: () => undefined,
  };
}
