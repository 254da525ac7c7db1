import type { Clock } from '../../core/clock.ts';
import type { Split } from './split.ts';

interface WithSplits {
  readonly splits: readonly Split[];
  /** ms: in place of `TurnsOptions.idleTimeout`. */
  readonly idleTimeout?: number | undefined;
}

/** Sources whose rows meet, so that the one that is furthest behind is read first. */
export interface FeedGroup<F extends WithSplits> {
  readonly feeds: readonly F[];
  /** True: the splits of all have a watermark to compare. */
  readonly hasEventTime: boolean;
}

/** The split to read next, and what it is of. */
export interface Turn<F extends WithSplits> {
  readonly feed: F;
  readonly split: Split;
}

export interface TurnsOptions<F extends WithSplits> {
  readonly groups: readonly FeedGroup<F>[];
  readonly clock: Clock;
  /** ms after which a split that stands at its end no longer holds the watermark; 0 for never. */
  readonly idleTimeout: number;
  readonly onError: (error: unknown) => void;
}

/** ms that a split at its end may take to say that nothing came: so old may the last answer be that idleness is told from. */
const waitMs = 50;

/**
 * Whose turn it is. Groups that have rows take turns, as their watermarks have nothing to do with each other. Within one the split with
 * the lowest watermark goes first, of equals the one whose last turn is longest ago, among those that have rows or are known to have them
 * at the broker; where some source has no watermark, all are equals. So a bounded run is reproducible.
 *
 * A split at its end always has a question out, for rows that come: nobody waits for the answer while another split has rows.
 */
export class Turns<F extends WithSplits> {
  readonly #options: TurnsOptions<F>;
  readonly #feeds: readonly F[];
  /** The group that is looked at first. */
  #first = 0;
  #turn = 0;

  constructor(options: TurnsOptions<F>) {
    this.#options = options;
    this.#feeds = options.groups.flatMap(({ feeds }) => feeds);
  }

  /** The split to read or, if it is not ready, to fetch for; 'waiting' when all stand at their ends, 'finished' when nothing will come. */
  next(): Turn<F> | 'waiting' | 'finished' {
    const { groups } = this.#options;
    let next: Turn<F> | 'waiting' | 'finished' = 'finished';
    for (let i = 0; i < groups.length; i++) {
      const { feeds, hasEventTime } = groups[(this.#first + i) % groups.length] as FeedGroup<F>;
      let best: Split | undefined;
      let of: F | undefined;
      for (const feed of feeds) {
        for (const split of feed.splits) {
          if (split.reader.finished) continue;
          if (next === 'finished') next = 'waiting';
          if (split.reader.atEnd) void this.fetch(split, waitMs);
          else if (best === undefined || (hasEventTime ? goesBefore(split, best) : split.turn < best.turn)) {
            best = split;
            of = feed;
          }
        }
      }
      if (best !== undefined && of !== undefined && typeof next === 'string') next = { feed: of, split: best };
    }
    return next;
  }

  /** The turn is taken: the split has rows and is read. */
  take({ feed, split }: Turn<F>): void {
    const { groups } = this.#options;
    split.turn = ++this.#turn;
    split.isIdle = false;
    split.emptySince = undefined;
    this.#first = (groups.findIndex(({ feeds }) => feeds.includes(feed)) + 1) % groups.length;
  }

  /** Asks for more rows of a split, once at a time. Resolves when there are some or, after `wait` ms, none; an error goes to `onError`. */
  fetch(split: Split, wait: number): Promise<void> {
    split.fetching ??= this.#fetch(split, wait).finally(() => {
      split.fetching = undefined;
    });
    return split.fetching;
  }

  async #fetch(split: Split, wait: number): Promise<void> {
    const asked = this.#options.clock.now();
    const { turn } = split;
    try {
      await split.reader.fetch(wait);
    } catch (error) {
      this.#options.onError(error);
      return;
    }
    // What was read meanwhile was not nothing.
    if (split.turn !== turn || !split.reader.atEnd) return;
    // A clock that has gone back begins the wait anew.
    split.emptySince = Math.min(split.emptySince ?? asked, asked);
    split.emptyAt = asked;
  }

  /** Resolves when a split that stands at its end has an answer. */
  async answer(): Promise<void> {
    await Promise.race(this.#feeds.flatMap(({ splits }) => splits.map((split) => split.fetching).filter((fetching) => fetching !== undefined)));
  }

  /**
   * The sources of which a split has just become idle: it stands at its end, and answers that lie the timeout apart found nothing. How
   * long the engine was busy with something else does not count, for then nobody has asked.
   */
  newlyIdle(): readonly F[] {
    return this.#feeds.filter(({ splits, idleTimeout = this.#options.idleTimeout }) => {
      if (idleTimeout === 0) return false;
      let changed = false;
      for (const split of splits) {
        const { isIdle, emptySince, reader } = split;
        if (isIdle || emptySince === undefined || split.emptyAt - emptySince < idleTimeout || !reader.atEnd || reader.finished) continue;
        split.isIdle = true;
        changed = true;
      }
      return changed;
    });
  }
}

function goesBefore(a: Split, b: Split): boolean {
  return a.watermark === b.watermark ? a.turn < b.turn : a.watermark < b.watermark;
}
