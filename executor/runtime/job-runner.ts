import type { Batch } from '../../core/batch.ts';
import type { Clock } from '../../core/clock.ts';
import type { SinkWriter } from '../../catalog/connector.ts';
import { Checkpoints, type CheckpointsOptions } from './checkpoints.ts';
import { DueTimers } from './due-timers.ts';
import type { Feed, PipelineInput } from './feed.ts';
import { groupsOf, pipelinesOf } from './groups.ts';
import { pacesOf, piecesOf } from './pace.ts';
import type { Pipeline } from './pipeline.ts';
import { ProcessingTime } from './processing-time.ts';
import { lend } from './stage.ts';
import { StepRows } from './step-rows.ts';
import { Turns, type Turn } from './turns.ts';

export interface JobRunnerOptions extends CheckpointsOptions {
  /** The sources of their inputs. */
  readonly feeds: readonly Feed[];
  /** True: the job ends when no pipeline gives more rows, though its input has not ended. */
  readonly endsWhenFull?: boolean | undefined;
  readonly clock: Clock;
  /** The time that the pipelines' operators see; one of its own when absent, for pipelines that see none. */
  readonly time?: ProcessingTime | undefined;
  /** ms after which a split that stands at its end no longer holds the watermark; 0 for never. */
  readonly idleTimeout: number;
}

/** The runtime gives way to others at least this often, also where time stands still, as under a test's clock. */
const yieldEveryMs = 10;
const yieldEverySteps = 64;

/**
 * Runs pipelines in one thread. One step: rows of one split, through all operators into the sink, and the timers that they make due. Whose
 * step is next, Turns says. Between two steps all is at rest: there a checkpoint takes positions, state and output of the same point.
 *
 * Timers fire in slices of a budget, and between two of them the runner gives way and waits for the sink, so that a window of any number of
 * keys neither stops the process nor fills its memory. That is still within the step: no rows are read and no barrier falls until the last
 * timer has fired. A window half emitted is in no checkpoint: to go on in it would need the place as state, and a window that is emitted
 * again would need a sink that knows. The price is that a checkpoint waits for as long as the sink takes to accept one firing.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  #stopping: { readonly drain: boolean; readonly checkpoint: boolean } | undefined;
  #wake: (() => void) | undefined;
  #isPaused = false;
  readonly #checkpoints: Checkpoints;
  readonly #time: ProcessingTime;
  #failure: { readonly error: unknown } | undefined;
  readonly #givenUp = Promise.withResolvers<never>();
  readonly #turns: Turns<Feed>;
  /** The pipelines that each source's rows go into. */
  readonly #fed: ReadonlyMap<Feed, readonly Pipeline[]>;
  readonly #timers: DueTimers;
  /** Of sources that give rows to a union more than once. */
  readonly #paces: ReadonlyMap<Feed, number>;
  readonly #stepRows: StepRows;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    const { pipelines, feeds, clock, idleTimeout } = options;
    this.#turns = new Turns({ groups: groupsOf(feeds, pipelines), clock, idleTimeout, onError: (error) => this.fail(error) });
    this.#fed = new Map(feeds.map((feed) => [feed, pipelinesOf(feed, pipelines)]));
    this.#stepRows = new StepRows(this.#fed);
    this.#paces = pacesOf(feeds, pipelines);
    this.#timers = new DueTimers(pipelines, (sink) => this.#rest(sink));
    // Where it is given up before it runs, nobody waits.
    this.#givenUp.promise.catch(() => undefined);
    this.#checkpoints = new Checkpoints(options, (error) => this.fail(error), () => this.#check(), clock.now());
    this.#time = options.time ?? new ProcessingTime();
    this.#time.reach(clock.now());
  }

  /** Resolves when the input has ended or `stop` was called, after a last checkpoint. Rejects when the job fails, or is given up. */
  async run(): Promise<void> {
    await Promise.race([this.#run(), this.#givenUp.promise]);
  }

  async #run(): Promise<void> {
    const { pipelines, feeds, clock } = this.#options;
    try {
      let lastYield = clock.now();
      let steps = 0;
      for (const { inputs } of pipelines) for (const { give } of inputs) give?.();
      while (this.#stopping === undefined) {
        this.#check();
        const now = clock.now();
        const isFull = pipelines.some(({ sink }) => sink?.wantsCheckpoint === true);
        // Two epochs may be open; a third waits, and the input with it when the sinks can hold no more.
        const checkpoints = this.#checkpoints;
        if (isFull && !checkpoints.hasRoom) await checkpoints.stored();
        if ((isFull || checkpoints.until(now) <= 0) && checkpoints.hasRoom) checkpoints.take(now);
        if (this.#time.reach(now)) await this.#timers.fireProcessingTime(this.#time.time);
        if (this.#isPaused) {
          await this.#paused();
          continue;
        }
        for (const feed of this.#turns.newlyIdle()) await this.#timers.advanceAll(feed);
        await this.#timers.endFinished();
        if (this.#isFull()) break;
        const turn = this.#turns.next();
        if (turn === 'finished') break;
        if (turn === 'waiting') await Promise.race([this.#turns.answer(), this.#woken()]);
        else if (turn.split.reader.ready) await this.#step(turn);
        else await this.#turns.fetch(turn.split, 0);
        if (++steps >= yieldEverySteps || clock.now() - lastYield >= yieldEveryMs) {
          await giveWay();
          lastYield = clock.now();
          steps = 0;
        }
      }
      if (this.#stopping?.checkpoint === false) return;
      const ended = this.#stopping === undefined || this.#stopping.drain;
      if (ended) await this.#timers.endAll();
      for (const { inputs } of pipelines) for (const { head } of inputs) head.flush();
      await this.#checkpoints.stored();
      this.#check();
      this.#checkpoints.take(clock.now());
      await this.#checkpoints.stored();
      this.#check();
      for (const { sink } of pipelines) await sink?.finish?.(ended);
    } finally {
      // Nothing may be stored or published behind the back of the job's next run.
      await this.#checkpoints.stored();
      this.#checkpoints.end(this.#failure?.error);
      await Promise.allSettled([...pipelines.map(({ sink }) => sink?.close()), ...feeds.map(({ source }) => source.close())]);
    }
  }

  /**
   * Ends the run after the current step. `drain`: as if the input had ended here, so that all windows close. Without a last `checkpoint` the
   * next run goes on from the one before. Asked again, what was asked before holds too.
   */
  stop(drain = false, checkpoint = true): void {
    this.#stopping = { drain: drain || this.#stopping?.drain === true, checkpoint: checkpoint && this.#stopping?.checkpoint !== false };
    this.#wake?.();
  }

  /** As `stop`, where nobody takes the rows any more: none are drained for them, though that was asked before. */
  abandon(): void {
    this.#stopping = { drain: false, checkpoint: this.#stopping?.checkpoint !== false };
    this.#wake?.();
  }

  /** What was asked of the end; undefined while nothing was. */
  get stopping(): { readonly drain: boolean; readonly checkpoint: boolean } | undefined {
    return this.#stopping;
  }

  /** Stops reading after the current step, until `resume`. Checkpoints go on. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake?.();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Ends the run with an error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }

  /** As `fail`, and does not wait for what a sink or source is asked for, which may never answer. Nothing that is still under way is stored. */
  giveUp(error: unknown): void {
    this.fail(error);
    this.#checkpoints.end(error);
    this.#givenUp.reject(error);
  }

  /** Stores a checkpoint now; resolves when it is stored and published. Rejects once the job has ended. */
  checkpoint(): Promise<{ readonly id: number; readonly bytes: number }> {
    const stored = this.#checkpoints.ask();
    this.#wake?.();
    return stored;
  }

  get lastCheckpoint(): { readonly id: number; readonly bytes: number } | undefined {
    return this.#checkpoints.last;
  }

  /** Resolves when something is asked of the run, or the next checkpoint is due. */
  async #paused(): Promise<void> {
    const { clock } = this.#options;
    const left = Math.min(1000, this.#checkpoints.until(clock.now()));
    if (left <= 0 && this.#checkpoints.hasRoom) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, left));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #step(turn: Turn<Feed>): Promise<void> {
    const { feed, split } = turn;
    for (const { sink } of this.#fed.get(feed) ?? []) {
      if (sink?.hasCredit !== false) continue;
      // Then all is looked at anew: a checkpoint may have been asked for meanwhile, or the end.
      await Promise.race([sink.drained(), this.#woken()]);
      return;
    }
    this.#turns.take(turn);
    const emitted = this.#stepRows.emitted(feed);
    const decoded = split.reader.read(this.#stepRows.of(feed));
    split.rowsRead += decoded.rowCount;
    const pace = this.#paces.get(feed);
    if (pace === undefined || decoded.rowCount < 2) give(turn, decoded, 0, decoded.rowCount);
    else {
      let from = 0;
      for (const to of piecesOf(feed, split, decoded, pace)) {
        give(turn, decoded, from, to);
        from = to;
        if (to < decoded.rowCount) await this.#timers.advanceAll(feed);
      }
    }
    this.#stepRows.adapt(feed, decoded.rowCount, emitted);
    await this.#timers.advanceAll(feed);
  }

  #isFull(): boolean {
    const { pipelines, endsWhenFull } = this.#options;
    return endsWhenFull === true && pipelines.every(({ isFull }) => isFull?.() === true);
  }

  /** Gives way between two slices of timers, and waits for the sink. */
  async #rest(sink: SinkWriter | undefined): Promise<void> {
    await giveWay();
    if (sink?.hasCredit === false) await this.#credit(sink);
    this.#check();
  }

  /** Resolves when the sink takes more. A job that stops without draining asks no longer: who gave the credit may be gone. */
  async #credit(sink: SinkWriter): Promise<void> {
    while (!sink.hasCredit && this.#stopping?.drain !== false) {
      this.#check();
      await Promise.race([sink.drained(), this.#woken()]);
    }
  }

  /** Resolves when something is asked of the run. */
  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Gives the rows [from, to) of what a split has decoded to all inputs that it feeds. */
function give({ feed: { inputs }, split }: Turn<Feed>, decoded: Batch, from: number, to: number): void {
  for (let i = 0; i < inputs.length; i++) {
    const { splits, head, port } = inputs[i] as PipelineInput;
    if (splits === undefined) continue;
    port?.setIdle(false);
    const batch = splits.take(split, decoded, from, to);
    if (i === inputs.length - 1 && to === decoded.rowCount) head.accept(batch);
    else lend(() => head.accept(batch));
  }
}

/** Lets what else the process does have its turn. */
function giveWay(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
