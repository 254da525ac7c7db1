import { finalWatermark } from '../../core/batch.ts';
import type { Clock } from '../../core/clock.ts';
import { SqlError } from '../../core/diagnostic.ts';
import type { SinkToken, SinkWriter, Source, SourcePositions } from '../../catalog/connector.ts';
import type { CheckpointStore } from '../../state/checkpoint-store.ts';
import type { JobState } from './job-state.ts';
import type { Split, SplitSet } from './split.ts';
import type { Consumer, Stage } from './stage.ts';

/** One query of a job, ready to run: where its rows come from, the first of its operators, and its sink. */
export interface Pipeline {
  /** Names its positions in checkpoints. */
  readonly name: string;
  readonly source: Source | undefined;
  readonly splits: SplitSet | undefined;
  readonly head: Consumer;
  readonly stages: readonly Stage[];
  readonly sink: SinkWriter | undefined;
}

/** What one stored checkpoint says besides state. */
export interface CheckpointMeta {
  readonly positions: SourcePositions;
  /** Pipeline -> merged watermark in ms; null for none yet. */
  readonly watermarks: Readonly<Record<string, number | null>>;
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
  /** The id of the checkpoint that was restored; 0 for none. */
  readonly restored: number;
  readonly onCheckpoint?: ((id: number) => void) | undefined;
}

/** Rows of one step. */
const stepRows = 2048;
/** The runtime gives way to others at least this often. */
const yieldEveryMs = 10;
/** How long a wait for rows may last before timeouts are looked at again. */
const waitMs = 50;

/**
 * Runs pipelines in one thread. One step: rows of one split, through all operators into the sink. The split with the lowest watermark goes
 * first among those that have rows or are known to have them at the broker; ties go by order. Between two steps all is at rest: there a
 * checkpoint takes positions, state and output of the same point.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  #stopping: { readonly drain: boolean } | undefined;
  #wake: (() => void) | undefined;
  #isPaused = false;
  #nextCheckpoint: number;
  #checkpointId: number;
  #committing: Promise<void> = Promise.resolve();
  #open = 0;
  #failure: { readonly error: unknown } | undefined;
  readonly #unpublished: { readonly id: number; readonly tokens: Record<string, SinkToken> }[] = [];
  /** Who waits for the next checkpoint. */
  #asked: { readonly resolve: (checkpoint: { readonly id: number; readonly bytes: number }) => void; readonly reject: (error: unknown) => void }[] = [];
  lastCheckpoint: { readonly id: number; readonly bytes: number } | undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#checkpointId = options.restored;
    this.#nextCheckpoint = options.checkpointInterval === 0 ? Infinity : options.clock.now() + options.checkpointInterval;
  }

  /** Resolves when the input has ended or `stop` was called, after a last checkpoint. Rejects when the job fails. */
  async run(): Promise<void> {
    const { pipelines, clock } = this.#options;
    try {
      let lastYield = clock.now();
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
        const best = await this.#nextReady(now);
        if (best === 'finished') break;
        if (best !== undefined) await this.#step(best.pipeline, best.split);
        if (clock.now() - lastYield >= yieldEveryMs) {
          await new Promise<void>((resolve) => setImmediate(resolve));
          lastYield = clock.now();
        }
      }
      const ended = this.#stopping === undefined || this.#stopping.drain;
      for (const { head } of pipelines) {
        if (ended) {
          head.advance(finalWatermark);
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
      const ended = this.#failure?.error ?? new SqlError({ code: 'E0904', message: 'the job has ended' });
      for (const { reject } of this.#asked) reject(ended);
      await Promise.allSettled(pipelines.flatMap((pipeline) => [pipeline.sink?.close(), pipeline.source?.close()]));
    }
  }

  /** Ends the run after the current step. `drain`: as if the input had ended here, so that all windows close. */
  stop(drain = false): void {
    this.#stopping = { drain };
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

  /** Stores a checkpoint now; resolves when it is stored and published. */
  checkpoint(): Promise<{ readonly id: number; readonly bytes: number }> {
    return new Promise((resolve, reject) => {
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

  #emitSingleRow({ splits, head }: Pipeline): void {
    if (splits !== undefined) return;
    head.accept({ rowCount: 1, columns: [], kinds: undefined, watermarks: undefined, watermarkAfter: -Infinity });
  }

  /** The split to read next, once it has rows; undefined when something else is due first. */
  async #nextReady(now: number): Promise<{ readonly pipeline: Pipeline; readonly split: Split } | 'finished' | undefined> {
    let best: { readonly pipeline: Pipeline; readonly split: Split } | undefined;
    let isOpen = false;
    for (const pipeline of this.#options.pipelines) {
      for (const split of pipeline.splits?.splits ?? []) {
        if (split.reader.finished) continue;
        isOpen = true;
        if (split.reader.atEnd) continue;
        if (best === undefined || split.watermark < best.split.watermark) best = { pipeline, split };
      }
    }
    if (!isOpen) return 'finished';
    if (best === undefined) {
      await this.#waitForRows(now);
      return undefined;
    }
    if (!best.split.reader.ready) await this.#fetch(best.split, 0);
    return best.split.reader.ready ? best : undefined;
  }

  #fetch(split: Split, wait: number): Promise<void> {
    split.fetching ??= split.reader.fetch(wait).then(
      () => {
        split.fetching = undefined;
      },
      (error: unknown) => {
        split.fetching = undefined;
        throw error;
      },
    );
    return split.fetching;
  }

  /** Every split stands at its end: waits for the first that goes on, or for the next thing that is due. */
  async #waitForRows(now: number): Promise<void> {
    const { pipelines, idleTimeout } = this.#options;
    const fetches: Promise<void>[] = [];
    for (const { splits, head } of pipelines) {
      if (splits === undefined) continue;
      let changed = false;
      for (const split of splits.splits) {
        if (split.reader.finished) continue;
        split.idleSince ??= now;
        if (idleTimeout > 0 && !split.isIdle && now - split.idleSince >= idleTimeout) {
          split.isIdle = true;
          changed = true;
        }
        fetches.push(this.#fetch(split, waitMs));
      }
      if (changed) head.advance(splits.update());
    }
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    try {
      await Promise.race([...fetches, woken]);
    } finally {
      this.#wake = undefined;
      for (const fetch of fetches) fetch.catch((error: unknown) => this.fail(error));
    }
  }

  async #step(pipeline: Pipeline, split: Split): Promise<void> {
    const { splits, head, sink } = pipeline;
    if (splits === undefined) return;
    if (sink !== undefined && !sink.hasCredit) await sink.drained();
    split.isIdle = false;
    split.idleSince = undefined;
    const batch = splits.take(split, split.reader.read(stepRows));
    head.accept(batch);
    head.advance(splits.update());
    this.#markIdleOthers(pipeline);
  }

  /** A split that has stood at its end for the timeout gives way, even while others are busy. */
  #markIdleOthers({ splits, head }: Pipeline): void {
    const { idleTimeout, clock } = this.#options;
    if (splits === undefined || splits.splits.length < 2 || idleTimeout === 0) return;
    let changed = false;
    for (const split of splits.splits) {
      if (split.isIdle || split.reader.finished || !split.reader.atEnd) continue;
      const now = clock.now();
      split.idleSince ??= now;
      void this.#fetch(split, 0).catch((error: unknown) => this.fail(error));
      if (now - split.idleSince >= idleTimeout) {
        split.isIdle = true;
        changed = true;
      }
    }
    if (changed) head.advance(splits.update());
  }

  /** Takes a checkpoint: everything up to the first await is one point in time. */
  #barrier(now: number): void {
    const { pipelines, state, store, checkpointInterval, onCheckpoint } = this.#options;
    this.#nextCheckpoint = checkpointInterval === 0 ? Infinity : now + checkpointInterval;
    const id = ++this.#checkpointId;
    for (const { head } of pipelines) head.flush();
    const positions = this.#positions();
    const watermarks = Object.fromEntries(pipelines.map(({ name, splits }) => [name, finiteOrNull(splits?.merged)]));
    const { captures, dropped } = state.capture(id);
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
        const meta: CheckpointMeta = { positions, watermarks, unpublished: [...this.#unpublished] };
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
    return Object.fromEntries(
      this.#options.pipelines.map(({ name, splits }) => [
        name,
        Object.fromEntries((splits?.splits ?? []).map((split) => [split.reader.id, { position: split.reader.position(), watermark: finiteOrNull(split.watermark) }])),
      ]),
    );
  }
}

function finiteOrNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}
