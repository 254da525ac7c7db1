import { finalWatermark } from '../../core/batch.ts';
import type { Clock } from '../../core/clock.ts';
import { SqlError } from '../../core/diagnostic.ts';
import type { SinkToken, SinkWriter, SourcePositions } from '../../catalog/connector.ts';
import type { CheckpointStore } from '../../state/checkpoint-store.ts';
import type { Feed, PipelineInput } from './feed.ts';
import type { JobState } from './job-state.ts';
import type { StateSchema } from './state-schema.ts';
import { groupsOf, pipelinesOf } from './groups.ts';
import { lend, type Stage } from './stage.ts';
import { Turns, type Turn } from './turns.ts';
import type { TimedStream } from './union.ts';

/** One query of a job, ready to run: what comes in, the operators, and its sink. */
export interface Pipeline {
  /** Names its positions in checkpoints. */
  readonly name: string;
  /** One for each scan, and for each row source, of the plan, in its order. */
  readonly inputs: readonly PipelineInput[];
  readonly stages: readonly Stage[];
  /** What comes out of unions; their event time is stored with that of the inputs. */
  readonly unions: readonly TimedStream[];
  readonly sink: SinkWriter | undefined;
  /** True once no more rows will come out, whatever comes in: a LIMIT is reached. Undefined for a query without one. */
  readonly isFull?: (() => boolean) | undefined;
}

/** What one stored checkpoint says besides state. */
export interface CheckpointMeta {
  /** The life of the job that it belongs to. */
  readonly incarnation: string;
  readonly positions: SourcePositions;
  /** Input or union of a pipeline -> merged watermark in ms; null for none yet. */
  readonly watermarks: Readonly<Record<string, number | null>>;
  /** State -> what its records hold. */
  readonly states: Readonly<Record<string, StateSchema>>;
  /** Epochs whose output was not known to be published, oldest first: pipeline -> token. */
  readonly unpublished: readonly { readonly id: number; readonly tokens: Readonly<Record<string, SinkToken>> }[];
}

export interface JobRunnerOptions {
  readonly pipelines: readonly Pipeline[];
  /** The sources of their inputs. */
  readonly feeds: readonly Feed[];
  /** True: the job ends when no pipeline gives more rows, though its input has not ended. */
  readonly endsWhenFull?: boolean | undefined;
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
  readonly #turns: Turns<Feed>;
  /** The pipelines that each source's rows go into. */
  readonly #fed: ReadonlyMap<Feed, readonly Pipeline[]>;
  readonly #owners: ReadonlyMap<PipelineInput, Pipeline>;
  /** The inputs of each pipeline that has several. */
  readonly #united: readonly (readonly PipelineInput[])[];
  /** Inputs that have had the final watermark and their end. */
  readonly #endedInputs = new Set<PipelineInput>();
  /** What is said to whoever asks for a checkpoint of a job that has ended. */
  #ended: SqlError | undefined;
  readonly #unpublished: { readonly id: number; readonly tokens: Record<string, SinkToken> }[] = [];
  /** Who waits for the next checkpoint. */
  #asked: { readonly resolve: (checkpoint: { readonly id: number; readonly bytes: number }) => void; readonly reject: (error: unknown) => void }[] = [];
  lastCheckpoint: { readonly id: number; readonly bytes: number } | undefined;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    const { pipelines, feeds, clock, idleTimeout } = options;
    this.#turns = new Turns({ groups: groupsOf(feeds, pipelines), clock, idleTimeout, onError: (error) => this.fail(error) });
    this.#fed = new Map(feeds.map((feed) => [feed, pipelinesOf(feed, pipelines)]));
    this.#united = pipelines.map(({ inputs }) => inputs).filter((inputs) => inputs.length > 1);
    this.#owners = new Map(pipelines.flatMap((pipeline) => pipeline.inputs.map((input) => [input, pipeline] as const)));
    this.#checkpointId = options.restored;
    this.#nextCheckpoint = options.checkpointInterval === 0 ? Infinity : options.clock.now() + options.checkpointInterval;
  }

  /** Resolves when the input has ended or `stop` was called, after a last checkpoint. Rejects when the job fails. */
  async run(): Promise<void> {
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
        if (isFull && this.#open >= 2) await this.#committing;
        if ((isFull || now >= this.#nextCheckpoint) && this.#open < 2) this.#barrier(now);
        if (this.#isPaused) {
          await this.#paused();
          continue;
        }
        for (const feed of this.#turns.newlyIdle()) await this.#advanceAll(feed);
        if (this.#united.length > 0) await this.#endInputs();
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
      for (const { inputs } of pipelines) {
        for (const input of inputs) {
          if (ended) await this.#end(input);
          input.head.flush();
        }
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

  async #step(turn: Turn<Feed>): Promise<void> {
    const { feed, split } = turn;
    for (const { sink } of this.#fed.get(feed) ?? []) {
      if (sink?.hasCredit !== false) continue;
      // Then all is looked at anew: a checkpoint may have been asked for meanwhile, or the end.
      await Promise.race([sink.drained(), this.#woken()]);
      return;
    }
    this.#turns.take(turn);
    const decoded = split.reader.read(stepRows);
    split.rowsRead += decoded.rowCount;
    const { inputs } = feed;
    for (let i = 0; i < inputs.length; i++) {
      const { splits, head, port } = inputs[i] as PipelineInput;
      if (splits === undefined) continue;
      port?.setIdle(false);
      const batch = splits.take(split, decoded);
      if (i === inputs.length - 1) head.accept(batch);
      else lend(() => head.accept(batch));
    }
    await this.#advanceAll(feed);
  }

  /** Merges watermarks anew, after a split has read or become idle, and fires what they make due. */
  async #advanceAll({ inputs }: Feed): Promise<void> {
    for (const input of inputs) {
      const { splits, port } = input;
      if (splits === undefined) continue;
      port?.setIdle(splits.isIdle);
      await this.#advance(input, splits.update());
    }
  }

  /** What has ended no longer holds back the inputs that it is united with. An only input ends with the job. */
  async #endInputs(): Promise<void> {
    for (const inputs of this.#united) {
      for (const input of inputs) if (input.splits === undefined || input.splits.isFinished) await this.#end(input);
    }
  }

  async #end(input: PipelineInput): Promise<void> {
    if (this.#endedInputs.has(input)) return;
    this.#endedInputs.add(input);
    await this.#advance(input, finalWatermark);
    input.head.end();
  }

  #isFull(): boolean {
    const { pipelines, endsWhenFull } = this.#options;
    return endsWhenFull === true && pipelines.every(({ isFull }) => isFull?.() === true);
  }

  async #advance(input: PipelineInput, watermark: number): Promise<void> {
    if (input.head.advance(watermark)) await this.#fireRest(input, watermark);
  }

  /** Goes on with timers that are due until none is left. */
  async #fireRest(input: PipelineInput, watermark: number): Promise<void> {
    const sink = this.#owners.get(input)?.sink;
    do {
      await giveWay();
      if (sink?.hasCredit === false) await this.#credit(sink);
      this.#check();
    } while (input.head.advance(watermark));
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
    for (const { inputs } of pipelines) for (const { head } of inputs) head.flush();
    const positions = this.#positions();
    const { captures, dropped } = state.capture(id);
    // What the end of the input closed is closed for the next run too: its watermark stands where the last closed window ends.
    const streams = pipelines.flatMap(({ inputs, unions }): TimedStream[] => [...inputs.map(({ key, splits }) => ({ key, merged: splits?.merged ?? -Infinity })), ...unions]);
    const watermarks = Object.fromEntries(streams.map(({ key, merged }) => [key, finiteOrNull(Math.max(merged, state.closedUpTo(key) ?? -Infinity))]));
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

/** Where a pipeline goes on. Rows that a query holds have been given before the first checkpoint. */
function positionsOf({ inputs }: Pipeline): SourcePositions[string] {
  return Object.fromEntries(inputs.flatMap(({ prefix, splits, connector }) => {
    if (splits === undefined || connector === undefined) return [[`${prefix}0`, { connector: '', position: { row: 1 }, watermark: null }] as const];
    return splits.splits.map((split) => [prefix + split.reader.id, { connector, position: split.reader.position(), watermark: finiteOrNull(splits.watermarkOf(split)) }] as const);
  }));
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
