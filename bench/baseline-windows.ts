import type { BaselineQuery, BaselineSink } from './baseline.ts';

interface Window {
  readonly end: number;
  readonly bidders: Map<number, { count: number; sum: number; max: number }>;
}

const windowMs = 10_000;
const watermarkDelayMs = 4000;

export function tumblingWindows(sink: BaselineSink): BaselineQuery {
  const open = new Map<number, Window>();
  const timeOf = timeParser();
  let current: Window | undefined;
  let watermark = -Infinity;
  let nextEnd = Infinity;
  const close = (): void => {
    nextEnd = Infinity;
    for (const window of [...open.values()].toSorted((a, b) => a.end - b.end)) {
      if (window.end - 1 > watermark) {
        nextEnd = Math.min(nextEnd, window.end);
        continue;
      }
      open.delete(window.end);
      if (current === window) current = undefined;
      const window_start = timeText(window.end - windowMs);
      const window_end = timeText(window.end);
      for (const [bidder, { count, sum, max }] of window.bidders) sink.write({ bidder, window_start, window_end, bid_count: count, price_sum: sum, price_max: max });
    }
  };
  return {
    onBid: ({ bidder, price, dateTime }) => {
      const time = timeOf(dateTime);
      const end = time - (time % windowMs) + windowMs;
      if (end - 1 > watermark) {
        if (current === undefined || current.end !== end) {
          current = open.get(end) ?? { end, bidders: new Map() };
          open.set(end, current);
          nextEnd = Math.min(nextEnd, end);
        }
        const of = current.bidders.get(bidder);
        if (of === undefined) current.bidders.set(bidder, { count: 1, sum: price, max: price });
        else {
          of.count++;
          of.sum += price;
          if (price > of.max) of.max = price;
        }
      }
      if (time - watermarkDelayMs > watermark) {
        watermark = time - watermarkDelayMs;
        if (watermark >= nextEnd - 1) close();
      }
    },
    onEnd: () => {
      watermark = Infinity;
      close();
    },
  };
}

interface Counts {
  readonly end: number;
  readonly counts: Map<number, number>;
}

/**
 * Counts per key in windows of `windowMs` that begin every `slideMs`, of event time. A window slides by whole slices: each bid is counted in its
 * slice, and a window adds up its slices when it closes.
 */
function windowCounts(slideMs: number, keyOf: 'auction' | 'bidder', sink: BaselineSink): BaselineQuery {
  const slices = new Map<number, Counts>();
  const timeOf = timeParser();
  let current: Counts | undefined;
  let watermark = -Infinity;
  /** The end of the next window to close; undefined before the first bid. */
  let nextEnd: number | undefined;
  let lastEnd = -Infinity;
  const close = (): void => {
    while (nextEnd !== undefined && nextEnd - 1 <= watermark && nextEnd < lastEnd + windowMs) {
      const start = nextEnd - windowMs;
      const window_start = timeText(start);
      const window_end = timeText(nextEnd);
      let counts = slices.get(nextEnd)?.counts;
      if (slideMs < windowMs) {
        counts = new Map<number, number>();
        for (let end = start + slideMs; end <= nextEnd; end += slideMs) {
          for (const [key, count] of slices.get(end)?.counts ?? []) counts.set(key, (counts.get(key) ?? 0) + count);
        }
      }
      for (const [key, bid_count] of counts ?? []) sink.write(keyOf === 'auction' ? { auction: key, window_start, window_end, bid_count } : { bidder: key, window_start, window_end, bid_count });
      if (current !== undefined && current.end === start + slideMs) current = undefined;
      slices.delete(start + slideMs);
      nextEnd += slideMs;
    }
  };
  return {
    onBid: (bid) => {
      const time = timeOf(bid.dateTime);
      const end = time - (time % slideMs) + slideMs;
      // The last window of the slice is still open.
      if (end + windowMs - slideMs - 1 > watermark) {
        if (current === undefined || current.end !== end) {
          current = slices.get(end) ?? { end, counts: new Map() };
          slices.set(end, current);
          if (nextEnd === undefined || end < nextEnd) nextEnd = Math.max(end, Number.isFinite(watermark) ? Math.floor((watermark + 1) / slideMs) * slideMs + slideMs : end);
          lastEnd = Math.max(lastEnd, end);
        }
        const key = bid[keyOf];
        current.counts.set(key, (current.counts.get(key) ?? 0) + 1);
      }
      if (time - watermarkDelayMs > watermark) {
        watermark = time - watermarkDelayMs;
        if (nextEnd !== undefined && watermark >= nextEnd - 1) close();
      }
    },
    onEnd: () => {
      watermark = Infinity;
      close();
    },
  };
}

export function hoppingCounts(sink: BaselineSink): BaselineQuery {
  return windowCounts(2000, 'auction', sink);
}

export function tumblingCounts(sink: BaselineSink): BaselineQuery {
  return windowCounts(windowMs, 'bidder', sink);
}

/** Windows of the clock: a bid belongs to the one in which it is read. */
export function processingCounts(sink: BaselineSink): BaselineQuery {
  let counts = new Map<number, number>();
  let end = -Infinity;
  const close = (): void => {
    const window_start = timeText(end - windowMs);
    const window_end = timeText(end);
    for (const [bidder, bid_count] of counts) sink.write({ bidder, window_start, window_end, bid_count });
    counts = new Map();
  };
  return {
    onBid: ({ bidder }) => {
      const now = Date.now();
      if (now >= end) {
        if (counts.size > 0) close();
        end = now - (now % windowMs) + windowMs;
      }
      counts.set(bidder, (counts.get(bidder) ?? 0) + 1);
    },
    onEnd: () => {
      if (counts.size > 0) close();
    },
  };
}

/** Texts of neighbouring rows share their second: only its first is parsed whole. */
function timeParser(): (text: string) => number {
  let second = '';
  let millis = 0;
  return (text) => {
    if (text.length !== 23) return Date.parse(`${text.replace(' ', 'T')}Z`);
    if (!text.startsWith(second) || second === '') {
      second = text.slice(0, 19);
      millis = Date.parse(`${second.replace(' ', 'T')}Z`);
    }
    return millis + (text.charCodeAt(20) - 48) * 100 + (text.charCodeAt(21) - 48) * 10 + text.charCodeAt(22) - 48;
  };
}

function timeText(millis: number): string {
  return new Date(millis).toISOString().replace('T', ' ').slice(0, 23);
}
