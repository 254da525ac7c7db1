import type { Batch } from '../core/batch.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { KeyedPlan } from '../planner/row-key.ts';
import type { RunningJob } from './running-job.ts';
import { columnsOfPlan, OwnedBatch } from './rows.ts';
import type { Column, ColumnBatch, Stats } from './api.ts';

/** Rows that wait to be read; beyond this the source is not read further. */
const highWater = 8192;

const noStats: Stats = { rowsRead: 0n, rowsOut: 0n, late: 0n, bad: 0n, unmatched: 0n };

/** Stops a source while its reader is slow. */
export class Credit {
  waiting = 0;
  #pending: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  /** A promise to wait for before more rows are read; undefined when there is room. */
  wait(): Promise<void> | undefined {
    if (this.waiting < highWater) return undefined;
    this.#pending ??= new Promise((resolve) => { this.#wake = resolve; });
    return this.#pending;
  }

  /** All that waited is taken. */
  taken(): void {
    this.waiting = 0;
    this.#wake?.();
    this.#pending = undefined;
  }
}

/** What starts a query when its first row is asked for. */
export interface QueryStart {
  readonly plan: KeyedPlan;
  /** Rejects with E0903 when the engine is closed first. */
  start(collect: (batch: Batch) => void, credit: Credit): Promise<RunningJob>;
  /** The error of a query that ends because its engine does. */
  interruption(): SqlError | undefined;
}

/** Appends what a batch comes to, as the reader wants it. */
export type Take<T> = (batch: Batch, into: T[]) => void;

/**
 * The rows of a query, lazy and read once. A slow reader stops the source; leaving the loop ends the job; an abort rejects the pending row, and
 * so does the end of the engine (E0903).
 */
export class Result<T> implements AsyncIterable<T, void, void>, AsyncDisposable {
  readonly #prepare: () => Promise<QueryStart>;
  readonly #take: (plan: KeyedPlan) => Take<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #credit = new Credit();
  #prepared: Promise<QueryStart> | undefined;
  #isRead = false;
  #isEnded = false;
  #job: RunningJob | undefined;
  #wakeReader: (() => void) | undefined;

  constructor(prepare: () => Promise<QueryStart>, take: (plan: KeyedPlan) => Take<T>, signal: AbortSignal | undefined) {
    this.#prepare = prepare;
    this.#take = take;
    this.#signal = signal;
  }

  async columns(): Promise<readonly Column[]> {
    this.#prepared ??= this.#prepare();
    const { plan } = await this.#prepared;
    return columnsOfPlan(plan.physical.columns.slice(0, plan.width));
  }

  /** What runs for it; undefined until the first row was asked for. */
  get job(): RunningJob | undefined {
    return this.#job;
  }

  stats(): Stats {
    return this.#job?.stats() ?? noStats;
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void, void> {
    return this.#read(this.#take);
  }

  /** The rows as typed arrays, without an object for each; the changes of an updating query as its plan makes them. Instead of the rows, not beside them. */
  batches(): AsyncIterable<ColumnBatch, void, void> {
    return { [Symbol.asyncIterator]: () => this.#read<ColumnBatch>(({ width }) => (batch, into) => { if (batch.rowCount > 0) into.push(new OwnedBatch(batch, width)); }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#job?.finished.catch(() => undefined);
  }

  #end(): void {
    this.#isEnded = true;
    this.#job?.runner.abandon();
    this.#wakeReader?.();
  }

  #read<I>(take: (plan: KeyedPlan) => Take<I>): AsyncIterator<I, void, void> {
    if (this.#isRead) throw new SqlError({ code: 'E0901', message: 'a result is read once', hint: 'ask the query again' });
    this.#isRead = true;
    const items = this.#items(take);
    return {
      next: () => items.next(),
      // A generator answers `return` only after a pending `next`, which may wait for a row for ever.
      return: () => {
        this.#end();
        return items.return();
      },
    };
  }

  async *#items<I>(make: (plan: KeyedPlan) => Take<I>): AsyncGenerator<I, void, void> {
    this.#signal?.throwIfAborted();
    this.#prepared ??= this.#prepare();
    const query = await this.#prepared;
    const take = make(query.plan);
    const credit = this.#credit;
    let queue: I[] = [];
    const collect = (batch: Batch): void => {
      take(batch, queue);
      credit.waiting += batch.rowCount;
      this.#wakeReader?.();
    };
    let outcome: { readonly error?: unknown } | undefined;
    const onAbort = (): void => this.#wakeReader?.();
    this.#signal?.addEventListener('abort', onAbort);
    try {
      const opening = query.start(collect, credit);
      const woken = new Promise<void>((resolve) => { this.#wakeReader = resolve; });
      await Promise.race([opening, woken]);
      if (this.#signal?.aborted === true || this.#isEnded) {
        // What is still being opened is ended by itself: who gave up does not wait for it.
        opening.then((job) => job.stop(), () => undefined);
        this.#signal?.throwIfAborted();
        return;
      }
      this.#job = await opening;
      this.#job.finished.then(
        () => {
          const interruption = query.interruption();
          outcome = interruption === undefined ? {} : { error: interruption };
          this.#wakeReader?.();
        },
        (error: unknown) => { outcome = { error }; this.#wakeReader?.(); },
      );
      for (;;) {
        this.#signal?.throwIfAborted();
        if (this.#isEnded) return;
        const items = queue;
        queue = [];
        credit.taken();
        for (const item of items) {
          this.#signal?.throwIfAborted();
          yield item;
        }
        if (queue.length > 0) continue;
        if (outcome !== undefined) {
          if ('error' in outcome) throw outcome.error;
          return;
        }
        await new Promise<void>((resolve) => { this.#wakeReader = resolve; });
        this.#wakeReader = undefined;
      }
    } finally {
      this.#signal?.removeEventListener('abort', onAbort);
      await this[Symbol.asyncDispose]();
    }
  }
}
