import { finalWatermark } from '../../core/batch.ts';
import type { Clock } from '../../core/clock.ts';
import { SqlError } from '../../core/diagnostic.ts';
import type { SinkToken, SinkWriter, Source, SourcePositions } from '../../catalog/connector.ts';
import type { CheckpointStore } from '../../state/checkpoint-store.ts';
import type { JobState } from './job-state.ts';
import type { StateSchema } from './state-schema.ts';
import type { SplitSet } from './split.ts';
import type { Consumer, Stage } from './stage.ts';
import { Turns, type Turn } from './turns.ts';

/** One query of a job, ready to run: where its rows come from, the first of its operators, and its sink. */
export interface Pipeline {
  /** Names its positions in checkpoints. */
  readonly name: string;
  readonly source: Source | undefined;
  readonly splits: SplitSet | undefined;
  readonly head: Consumer;
  readonly stages: readonly Stage[];
  readonly sink: SinkWriter | undefined;
  /** The connector that the source is of; undefined for a query without a table, which gives one row. */
  readonly connector: string | undefined;
  /** True: a stored checkpoint says that the one row of a query without a table has been given. */
  readonly isSpent: boolean;
}

/** What one stored checkpoint says besides state. */
export interface CheckpointMeta {
  /** The life of the job that it belongs to. */
  readonly incarnation: string;
  readonly positions: SourcePositions;
  /** Pipeline -> merged watermark in ms; null for none yet. */
  readonly watermarks: Readonly<Record<string, number | null>>;
  /** State -> what its records hold. */
  readonly states: Readonly<Record<string, StateSchema>>;
  /** Epochs whose output was not known to be published, oldest first: pipeline -> token. */
  readonly unpublished: readonly { readonly id: number; readonly tokens: Readonly<Record<string, SinkToken>> }[];
}

export interface JobRunnerOptions {
  readonly pipelines: readonly Pipeline[];
  readonly state: JobState;
  readonly store: CheckpointStore;
  readonly clock: Clock;
  /** ms between checkpoints; 0 for only the last. */
  readonly checkpointInterval: number;
  /** ms after which a split that stands at its end no longer holds the watermark; 0 for never. */
  readonly idleTimeout: number;
  readonly incarnation: string;
  /** The id of the checkpoint that was restored; 0 for none. */
  readonly restored: number;
  readonly onCheckpoint?: ((id: number) => void) | undefined;
}

/** Rows of one step. */
const stepRows = 2048;
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
  #nextCheckpoint: number;
  #checkpointId: number;
  #committing: Promise<void> = Promise.resolve();
  #open = 0;
  #failure: { readonly error: unknown } | undefined;
  readonly #turns: Turns<Pipeline>;
  /** What is said to whoever asks for a checkpoint of a job that has ended. */
  #ended: SqlError | undefined;
  readonly #unpublished: { readonly id: number; readonly tokens: Record<string, SinkToken> }[] = [];
  /** Who waits for the next checkpoint. */
  #asked: { readonly resolve: (checkpoint: { readonly id: number; readonly bytes: number }) => void; readonly reject: (error: unknown) => void }[] = [];
  lastCheckpoint: { readonly id: number; readonly bytes: number } | undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    const { pipelines, clock, idleTimeout } = options;
    this.#turns = new Turns({ pipelines, clock, idleTimeout, onError: (error) => this.fail(error) });
    this.#checkpointId = options.restored;
    this.#nextCheckpoint = options.checkpointInterval === 0 ? Infinity : options.clock.now() + options.checkpointInterval;
  }

  /** Resolves when the input has ended or `stop` was called, after a last checkpoint. Rejects when the job fails. */
  async run(): Promise<void> {
    const { pipelines, clock } = this.#options;
    try {
      let lastYield = clock.now();
      let steps = 0;
      for (const pipeline of pipelines) this.#emitSingleRow(pipeline);
      while (this.#stopping === undefined) {
        this.#check();
        const now = clock.now();
        const isFull = pipelines.some(({ sink }) => sink?.wantsCheckpoint === true);
        // Two epochs may be open; a third waits, and the input with it when the sinks can hold no more.
        if (isFull && this.#open >= 2) await this.#committing;
        if ((isFull || now >= this.#nextCheckpoint) && this.#open < 2) this.#barrier(now);
        if (this.#isPaused) {
          await this.#paused();
          continue;
        }
        for (const pipeline of this.#turns.newlyIdle()) await this.#advance(pipeline, pipeline.splits?.update());
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
      for (const pipeline of pipelines) {
        const { head } = pipeline;
        if (ended) {
          await this.#advance(pipeline, finalWatermark);
          head.end();
        }
        head.flush();
      }
      await this.#committing;
      this.#check();
      this.#barrier(clock.now());
      await this.#committing;
      this.#check();
    } finally {
      // Nothing may be stored or published behind the back of the job's next run.
      await this.#committing;
      const ended = new SqlError({ code: 'E0904', message: 'the job has ended' });
      for (const { reject } of this.#asked) reject(this.#failure?.error ?? ended);
      this.#ended = ended;
      await Promise.allSettled(pipelines.flatMap((pipeline) => [pipeline.sink?.close(), pipeline.source?.close()]));
    }
  }

  /**
   * Ends the run after the current step. `drain`: as if the input had ended here, so that all windows close. Without a last `checkpoint` the
   * next run goes on from the one before.
   */
  stop(drain = false, checkpoint = true): void {
    this.#stopping = { drain, checkpoint };
    this.#wake?.();
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

  /** Stores a checkpoint now; resolves when it is stored and published. Rejects once the job has ended. */
  checkpoint(): Promise<{ readonly id: number; readonly bytes: number }> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#asked.push({ resolve, reject });
      this.#nextCheckpoint = 0;
      this.#wake?.();
    });
  }

  /** Resolves when something is asked of the run, or the next checkpoint is due. */
  async #paused(): Promise<void> {
    const { clock } = this.#options;
    const left = Math.min(1000, this.#nextCheckpoint - clock.now());
    if (left <= 0 && this.#open < 2) return;
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

  #emitSingleRow({ splits, head, isSpent }: Pipeline): void {
    if (splits !== undefined || isSpent) return;
    head.accept({ rowCount: 1, columns: [], kinds: undefined, watermarks: undefined, watermarkAfter: -Infinity });
  }

  async #step(turn: Turn<Pipeline>): Promise<void> {
    const { pipeline, split } = turn;
    const { splits, head, sink } = pipeline;
    if (splits === undefined) return;
    if (sink?.hasCredit === false) {
      // Then all is looked at anew: a checkpoint may have been asked for meanwhile, or the end.
      await Promise.race([sink.drained(), this.#woken()]);
      return;
    }
    this.#turns.take(turn);
    head.accept(splits.take(split, split.reader.read(stepRows)));
    const watermark = splits.update();
    if (head.advance(watermark)) await this.#fireRest(pipeline, watermark);
  }

  async #advance(pipeline: Pipeline, watermark: number | undefined): Promise<void> {
    if (watermark !== undefined && pipeline.head.advance(watermark)) await this.#fireRest(pipeline, watermark);
  }

  /** Goes on with timers that are due until none is left. */
  async #fireRest({ head, sink }: Pipeline, watermark: number): Promise<void> {
    do {
      await giveWay();
      if (sink?.hasCredit === false) await this.#credit(sink);
      this.#check();
    } while (head.advance(watermark));
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

  /** Takes a checkpoint: everything up to the first await is one point in time. */
  #barrier(now: number): void {
    const { pipelines, state, store, checkpointInterval, incarnation, onCheckpoint } = this.#options;
    this.#nextCheckpoint = checkpointInterval === 0 ? Infinity : now + checkpointInterval;
    const id = ++this.#checkpointId;
    for (const { head } of pipelines) head.flush();
    const positions = this.#positions();
    const { captures, dropped } = state.capture(id);
    // What the end of the input closed is closed for the next run too: its watermark stands where the last closed window ends.
    const watermarks = Object.fromEntries(pipelines.map(({ name, splits }) => [name, finiteOrNull(Math.max(splits?.merged ?? -Infinity, state.closedUpTo(name) ?? -Infinity))]));
    const prepared = pipelines.map(({ sink }) => sink?.prepare(id, positions) ?? Promise.resolve(undefined));
    const bytes = captures.reduce((sum, capture) => sum + capture.bytes.length, 0);
    const asked = this.#asked;
    this.#asked = [];
    this.#open++;
    const before = this.#committing;
    const all = Promise.all(prepared);
    all.catch(() => undefined);
    this.#committing = (async () => {
      try {
        await before;
        // A checkpoint stands on those before it: when one was not stored, what it captured and its output are in none.
        this.#check();
        const tokens: Record<string, SinkToken> = {};
        for (const [i, token] of (await all).entries()) if (token !== undefined) tokens[pipelines[i]?.name ?? ''] = token;
        this.#unpublished.push({ id, tokens });
        const meta: CheckpointMeta = { incarnation, positions, watermarks, states: state.schemas, unpublished: [...this.#unpublished] };
        await store.commit({ id, meta, captures, dropped });
        await Promise.all(pipelines.map(({ name, sink }) => (tokens[name] === undefined ? undefined : sink?.commit(tokens[name]))));
        this.#unpublished.splice(0, this.#unpublished.findIndex((epoch) => epoch.id === id) + 1);
        this.lastCheckpoint = { id, bytes };
        for (const { resolve } of asked) resolve(this.lastCheckpoint);
        onCheckpoint?.(id);
      } catch (error) {
        this.fail(error);
        for (const { reject } of asked) reject(error);
      } finally {
        this.#open--;
      }
    })();
  }

  #positions(): SourcePositions {
    return Object.fromEntries(this.#options.pipelines.map((pipeline) => [pipeline.name, positionsOf(pipeline)]));
  }
}

/** Where a pipeline goes on. One without a table has given its one row before the first checkpoint. */
function positionsOf({ splits, connector }: Pipeline): SourcePositions[string] {
  if (splits === undefined || connector === undefined) return { '0': { connector: '', position: { row: 1 }, watermark: null } };
  return Object.fromEntries(splits.splits.map((split) => [split.reader.id, { connector, position: split.reader.position(), watermark: finiteOrNull(split.watermark) }]));
}

/** Lets what else the process does have its turn. */
function giveWay(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function finiteOrNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}
