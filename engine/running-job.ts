import { noWatermark } from '../core/batch.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Feed } from '../executor/runtime/feed.ts';
import type { JobRunner } from '../executor/runtime/job-runner.ts';
import type { JobState } from '../executor/runtime/job-state.ts';
import type { Pipeline } from '../executor/runtime/pipeline.ts';
import type { CheckpointStore } from '../state/checkpoint.ts';
import { diagnosePipeline } from './diagnose.ts';
import { millisOf } from './duration.ts';
import type { JobSpec } from './job-spec.ts';
import { lateSummary } from './late.ts';
import { placed } from './place.ts';
import type { Finding, Job, Opt, Stats, StopOptions } from './api.ts';

/** ms that a job has to end in order once it was told to end at once. */
const graceMs = 1000;

/** A job under way. Disposing of it stops it. */
export class RunningJob implements Job {
  readonly name: string;
  readonly runner: JobRunner;
  /** The checkpoint that the job went on from; undefined when it started anew. */
  readonly restoredFrom: number | undefined;
  readonly finished: Promise<Stats>;
  readonly #pipelines: readonly Pipeline[];
  readonly #feeds: readonly Feed[];
  readonly #counts: ReadonlyMap<string, { rows: number }>;
  readonly #state: JobState;
  #outcome: 'stopped' | 'finished' | 'failed' | undefined;
  #isStopped = false;
  /** True: the rows go to whoever asked, not into a table. */
  readonly #isCollected: boolean;

  constructor({ name, texts, collect }: JobSpec, runner: JobRunner, { pipelines, feeds }: { readonly pipelines: readonly Pipeline[]; readonly feeds: readonly Feed[] }, counts: ReadonlyMap<string, { rows: number }>, state: JobState, store: CheckpointStore, restoredFrom: number | undefined) {
    this.name = name;
    this.runner = runner;
    this.restoredFrom = restoredFrom;
    this.#pipelines = pipelines;
    this.#feeds = feeds;
    this.#counts = counts;
    this.#state = state;
    this.#isCollected = collect !== undefined;
    // It begins once whoever started it holds it: nothing is read or given out before.
    this.finished = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => runner.run())
      .finally(() => store.close())
      .catch((error: unknown) => {
        throw placed(error, texts);
      })
      .then(() => this.stats());
    // A job that fails unawaited must not end the process.
    this.finished.then(
      () => void (this.#outcome = this.#isStopped ? 'stopped' : 'finished'),
      () => void (this.#outcome = 'failed'),
    );
  }

  stats(): Stats {
    let rowsRead = 0;
    let rowsOut = 0;
    let late = 0;
    let unmatched = 0;
    let watermark: number | undefined;
    let bad = 0;
    for (const { splits } of this.#feeds) {
      for (const split of splits) {
        rowsRead += split.rowsRead;
        bad += split.reader.bad ?? 0;
      }
    }
    for (const { inputs, stages } of this.#pipelines) {
      for (const stage of stages) {
        late += stage.metrics.late;
        unmatched += stage.metrics.unmatched;
      }
      for (const { splits } of inputs) if (splits !== undefined && splits.merged !== noWatermark) watermark = watermark === undefined ? splits.merged : Math.min(watermark, splits.merged);
    }
    for (const count of this.#counts.values()) rowsOut += count.rows;
    const at = watermark !== undefined && Number.isFinite(watermark) ? { watermark: new Date(watermark) } : {};
    return { rowsRead: BigInt(rowsRead), rowsOut: BigInt(rowsOut), late: BigInt(late), bad: BigInt(bad), unmatched: BigInt(unmatched), ...at };
  }

  /** What is said of late rows, a sentence for each step that dropped some. */
  lateRows(): readonly string[] {
    const read = this.#feeds.reduce((sum, { splits }) => sum + splits.reduce((rows, split) => rows + split.rowsRead, 0), 0);
    return this.#pipelines.flatMap(({ stages }) => stages.flatMap((stage) => lateSummary(stage, read) ?? [])).map(({ message, fix }) => `${message}; ${fix}`);
  }

  /** The steps of each query from its source to its sink, and why nothing comes out of one. */
  async diagnose(): Promise<readonly Finding[]> {
    return this.#pipelines.flatMap((pipeline) => diagnosePipeline(pipeline, this.#counts.get(pipeline.name)?.rows ?? 0));
  }

  /** Where the job stands. */
  get state(): 'live' | 'paused' | 'stopped' | 'finished' | 'failed' {
    return this.#outcome ?? (this.runner.isPaused ? 'paused' : 'live');
  }

  /** Stores a checkpoint now; `bytes` is what it captured. */
  checkpoint(): Promise<{ readonly id: number; readonly bytes: number }> {
    return this.runner.checkpoint();
  }

  async pause(): Promise<void> {
    this.runner.pause();
  }

  async resume(): Promise<void> {
    this.runner.resume();
  }

  /** See Job: resolves when the job has ended, however. */
  async stop({ drain = false, checkpoint = true, timeout }: Opt<StopOptions> = {}): Promise<void> {
    const limit = timeout === undefined ? undefined : millisOf(timeout);
    const asked = this.runner.stopping;
    if ((drain || asked?.drain === true) && (!checkpoint || asked?.checkpoint === false)) throw new SqlError({ code: 'E0904', message: 'what drain closes is in no checkpoint: it would come out again', hint: 'leave out checkpoint: false' });
    this.#isStopped = true;
    this.runner.stop(drain, checkpoint);
    // Whoever took the rows may be gone: a drain would wait for them.
    if (!drain && this.#isCollected) this.runner.abandon();
    const late = new SqlError({ code: 'E0904', message: `job ${this.name} did not end in ${limit} ms`, job: this.name });
    let timer = limit === undefined ? undefined : setTimeout(() => {
      this.runner.fail(late);
      timer = setTimeout(() => this.runner.giveUp(late), graceMs);
    }, limit);
    await this.finished.catch(() => undefined);
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get stateBytes(): number {
    return this.#state.allocatedBytes;
  }
}
