import { SqlError } from '../../core/diagnostic.ts';
import type { SinkToken, SourcePositions } from '../../catalog/connector.ts';
import type { CheckpointStore } from '../../state/checkpoint.ts';
import type { JobState } from './job-state.ts';
import type { CheckpointMeta, Pipeline } from './pipeline.ts';
import type { TimedStream } from './union.ts';

export interface CheckpointsOptions {
  readonly pipelines: readonly Pipeline[];
  readonly state: JobState;
  readonly store: CheckpointStore;
  /** ms between checkpoints; 0 for only the last. */
  readonly checkpointInterval: number;
  readonly incarnation: string;
  /** The id of the checkpoint that was restored; 0 for none. */
  readonly restored: number;
  readonly onCheckpoint?: ((id: number) => void) | undefined;
}

interface Stored {
  readonly id: number;
  readonly bytes: number;
}

interface Asking {
  readonly resolve: (checkpoint: Stored) => void;
  readonly reject: (error: unknown) => void;
}

/** Two epochs may be open; a third waits. */
const mostOpen = 2;

/** The checkpoints of a run: when the next is due, those that are being stored, and who waits for one. */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #fail: (error: unknown) => void;
  readonly #check: () => void;
  #next: number;
  /** ms of the clock: when the last was taken, or the run began. */
  #since: number;
  #id: number;
  #committing: Promise<void> = Promise.resolve();
  #open = 0;
  /** What is said to whoever asks for a checkpoint of a job that has ended. */
  #ended: SqlError | undefined;
  readonly #unpublished: { readonly id: number; readonly tokens: Record<string, SinkToken> }[] = [];
  /** Who waits for the next checkpoint. */
  #asked: Asking[] = [];
  /** Who waits for one that is being stored. */
  readonly #waiting = new Set<Asking>();
  last: Stored | undefined;

  /** `fail` ends the run with an error; `check` throws it when there is one. `now`: ms of the clock. */
  constructor(options: CheckpointsOptions, fail: (error: unknown) => void, check: () => void, now: number) {
    this.#options = options;
    this.#fail = fail;
    this.#check = check;
    this.#id = options.restored;
    this.#since = now;
    this.#next = options.checkpointInterval === 0 ? Infinity : now + options.checkpointInterval;
  }

  /** ms of the clock at `now` until the next one is due; 0 and less when it is. A clock that has gone back begins the interval anew. */
  until(now: number): number {
    if (now < this.#since) {
      if (this.#next !== Infinity) this.#next = Math.min(this.#next, now + this.#options.checkpointInterval);
      this.#since = now;
    }
    return this.#next - now;
  }

  /** True: another may be taken now. */
  get hasRoom(): boolean {
    return this.#open < mostOpen;
  }

  /** Resolves when all that were taken are stored and published, or have failed. */
  stored(): Promise<void> {
    return this.#committing;
  }

  /** Makes the next one due now; resolves when it is stored and published. Rejects once the job has ended. */
  ask(): Promise<Stored> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#asked.push({ resolve, reject });
      this.#next = 0;
    });
  }

  /** The job has ended, with `error` if it failed: who still waits is told. */
  end(error: unknown): void {
    const ended = new SqlError({ code: 'E0904', message: 'the job has ended' });
    for (const { reject } of [...this.#asked, ...this.#waiting]) reject(error ?? ended);
    this.#ended = ended;
  }

  /** Takes a checkpoint: everything up to the first await is one point in time. */
  take(now: number): void {
    const { pipelines, state, store, checkpointInterval, incarnation, onCheckpoint } = this.#options;
    this.#since = now;
    this.#next = checkpointInterval === 0 ? Infinity : now + checkpointInterval;
    const id = ++this.#id;
    for (const { inputs } of pipelines) for (const { head } of inputs) head.flush();
    const positions: SourcePositions = Object.fromEntries(pipelines.map((pipeline) => [pipeline.name, positionsOf(pipeline)]));
    const { captures, dropped } = state.capture(id);
    // What the end of the input closed is closed for the next run too: its watermark stands where the last closed window ends.
    const streams = pipelines.flatMap(({ inputs, unions }): TimedStream[] => [...inputs.map(({ key, splits }) => ({ key, merged: splits?.merged ?? -Infinity })), ...unions]);
    const watermarks = Object.fromEntries(streams.map(({ key, merged }) => [key, finiteOrNull(Math.max(merged, state.closedUpTo(key) ?? -Infinity))]));
    const prepared = pipelines.map(({ sink }) => sink?.prepare(id, positions) ?? Promise.resolve(undefined));
    const bytes = captures.reduce((sum, capture) => sum + capture.bytes.length, 0);
    const asked = this.#asked;
    this.#asked = [];
    for (const one of asked) this.#waiting.add(one);
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
        this.#check();
        this.#unpublished.push({ id, tokens });
        const meta: CheckpointMeta = { incarnation, positions, watermarks, states: state.schemas, unpublished: [...this.#unpublished] };
        await store.commit({ id, meta, captures, dropped });
        await Promise.all(pipelines.map(({ name, sink }) => (tokens[name] === undefined ? undefined : sink?.commit(tokens[name]))));
        this.#unpublished.splice(0, this.#unpublished.findIndex((epoch) => epoch.id === id) + 1);
        this.last = { id, bytes };
        for (const { resolve } of asked) resolve(this.last);
        onCheckpoint?.(id);
      } catch (error) {
        this.#fail(error);
        for (const { reject } of asked) reject(error);
      } finally {
        for (const one of asked) this.#waiting.delete(one);
        this.#open--;
      }
    })();
  }
}

/** Where a pipeline goes on. Rows that a query holds have been given before the first checkpoint. */
function positionsOf({ inputs }: Pipeline): SourcePositions[string] {
  return Object.fromEntries(inputs.flatMap(({ prefix, splits, connector }) => {
    if (splits === undefined || connector === undefined) return [[`${prefix}0`, { connector: '', position: { row: 1 }, watermark: null }] as const];
    return splits.splits.map((split) => [prefix + split.reader.id, { connector, position: split.reader.position(), watermark: finiteOrNull(splits.watermarkOf(split)) }] as const);
  }));
}

function finiteOrNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}
