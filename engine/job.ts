import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { noWatermark, type Batch } from '../core/batch.ts';
import type { Clock } from '../core/clock.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Settings } from '../core/settings.ts';
import type { ConnectorServices, SinkRequest, SinkWriter } from '../catalog/connector.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { buildPipeline } from '../executor/runtime/build.ts';
import type { Feed } from '../executor/runtime/feed.ts';
import { JobRunner } from '../executor/runtime/job-runner.ts';
import { JobState } from '../executor/runtime/job-state.ts';
import type { CheckpointMeta, Pipeline } from '../executor/runtime/pipeline.ts';
import { ProcessingTime } from '../executor/runtime/processing-time.ts';
import type { Consumer } from '../executor/runtime/stage.ts';
import { hasKeyedState as keepsKeyedState, type PhysicalPlan } from '../planner/physical-plan.ts';
import type { CheckpointStore } from '../state/checkpoint-store.ts';
import { memoryCheckpoints } from '../state/memory-checkpoints.ts';
import type { BrokerLink } from '../wire/broker-link.ts';
import { refuseLengths, refuseNulls, requiredColumns, sizedColumns } from './not-null.ts';
import { encode, pipelineNames } from './pipeline-names.ts';
import { placed, type PlanTexts } from './place.ts';
import { checkPipelines } from './restore.ts';
import { wantedStates } from './verdict.ts';
import { openInputs, wantedInputs } from './sources.ts';
import { diagnosePipeline } from './diagnose.ts';
import { refuseEndlessSort } from './endless-sort.ts';
import { connect, refuseExternal, type ConnectorList } from './tables.ts';
import { millisOf } from './duration.ts';
import { lateSummary } from './late.ts';
import type { Finding, Job, Opt, Stats, StopOptions } from './api.ts';

export type OnIncompatible = 'refuse' | 'rebuild' | 'discard';

/** What a job needs of its engine. */
export interface JobHost {
  readonly stateDir: string | undefined;
  readonly connectors: ConnectorList;
  readonly clock: Clock;
  broker(): Promise<BrokerLink>;
  table(name: string): TableEntry;
  notice(code: string, message: string, job: string): void;
  readonly print: ConnectorServices['print'];
}

export interface JobSpec {
  readonly name: string;
  readonly plans: readonly PhysicalPlan[];
  /** The texts that the spans of the plans lie in, by plan. */
  readonly texts: readonly PlanTexts[];
  readonly settings: Settings;
  /** Read what is there now and end. */
  readonly bounded: boolean;
  /** Forget what an earlier run stored. */
  readonly fresh: boolean;
  /** Where what is stored does not fit: refuse to start (the default), start over, or give up what does not fit and go on with the rest. */
  readonly onIncompatible?: OnIncompatible | undefined;
  /** Takes the rows of a plan that has no sink. */
  readonly collect?: ((batch: Batch) => void) | undefined;
  /** A promise to wait for before more rows are read; undefined when there is room. */
  readonly credit?: (() => Promise<void> | undefined) | undefined;
  /** False: nothing is stored, as for a query whose rows go to a person. */
  readonly isStored: boolean;
}

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
    const timer = limit === undefined ? undefined : setTimeout(() => this.runner.fail(late), limit);
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

/** Opens sources and sinks, restores what an earlier run stored, and starts. */
export async function startJob(host: JobHost, spec: JobSpec): Promise<RunningJob> {
  try {
    return await openJob(host, spec);
  } catch (error) {
    const isOther = error instanceof SqlError && (error.code === 'E0801' || error.code === 'E0805');
    if (!isOther || spec.onIncompatible !== 'rebuild') throw error;
    host.notice('N0801', `started over: ${error.message}`, spec.name);
    return openJob(host, { ...spec, fresh: true });
  }
}

async function openJob(host: JobHost, spec: JobSpec): Promise<RunningJob> {
  if (!spec.bounded && spec.settings.get('table.exec.non-temporal-sort.enabled').toLowerCase() !== 'true') {
    for (const [i, plan] of spec.plans.entries()) refuseEndlessSort(plan, spec.texts.slice(i, i + 1), (name) => host.table(name), host.connectors);
  }
  const stateDir = host.stateDir === undefined || !spec.isStored ? undefined : join(host.stateDir, 'jobs', spec.name);
  if (spec.fresh && stateDir !== undefined) rmSync(stateDir, { recursive: true, force: true });
  const store = stateDir === undefined ? memoryCheckpoints : (await import('../state/checkpoint-store.ts')).openCheckpoints(join(stateDir, 'checkpoints.db'));
  const names = pipelineNames(spec.plans);
  const counts = new Map(names.map((name) => [name, { rows: 0 }]));
  const sinks: SinkWriter[] = [];
  let runner: JobRunner | undefined;
  try {
    const stored = store.latest();
    const storedMeta = stored?.meta as CheckpointMeta | undefined;
    const incarnation = storedMeta?.incarnation ?? randomUUID();
    const services: ConnectorServices = {
      broker: () => host.broker(),
      group: `sluice-${spec.name}`,
      bounded: spec.bounded,
      // What is not stored cannot be gone on from.
      fresh: spec.fresh || stateDir === undefined,
      stateDir,
      incarnation,
      clock: host.clock,
      notice: (code, message) => host.notice(code, message, spec.name),
      print: host.print,
      fail: (error) => runner?.fail(error),
    };
    const { checkpoint, meta } = await openSinks(host, spec, names, services, { checkpoint: stored?.id ?? 0, meta: storedMeta }, sinks);
    const mayDrop = spec.onIncompatible === 'discard';
    checkPipelines(meta?.positions ?? {}, names, mayDrop);
    const time = new ProcessingTime();
    time.reach(host.clock.now());
    const state = new JobState(stored, meta?.states, new Set(Object.keys(meta?.positions ?? {})), { mayDrop, wanted: wantedStates(spec.plans) });
    const built = spec.plans.map((plan, i) => {
      const name = names[i] ?? '';
      const sink = sinks[i];
      const count = counts.get(name) ?? { rows: 0 };
      const sized = plan.kind === 'Sink' && spec.settings.get('table.exec.sink.type-length-enforcer').toUpperCase() === 'ERROR' ? sizedColumns(host.table(plan.table), plan) : [];
      const required = plan.kind === 'Sink' ? requiredColumns(host.table(plan.table), plan) : [];
      const target: Consumer = {
        accept: (batch) => {
          refuseNulls(batch, required);
          if (sized.length > 0) refuseLengths(batch, sized);
          count.rows += batch.rowCount;
          sink?.write(batch, 0, batch.rowCount);
        },
        advance: () => false,
        flush: () => undefined,
        end: () => undefined,
      };
      const { inputs, stages, unions, isFull } = buildPipeline(plan, { name, sink: target, state, onLate: () => undefined, clock: time, endsSorted: spec.bounded && spec.collect !== undefined, watermarkOf: (key) => meta?.watermarks[key] ?? noWatermark });
      return { name, stages, unions, isFull, sink, wanted: wantedInputs(name, inputs, meta?.positions[name] ?? {}) };
    });
    state.checkClaimed();
    for (const { state: name, verdict, reason } of state.verdicts) if (verdict !== 'reuse') host.notice('N0801', `${verdict === 'convert' ? 'kept' : 'given up'}: ${name}: ${reason ?? ''}`, spec.name);
    const { inputs, feeds } = await openInputs(host, built.flatMap(({ wanted }) => wanted), services, meta, time);
    let first = 0;
    const pipelines = built.map(({ name, stages, unions, isFull, sink, wanted }): Pipeline => {
      const own = inputs.slice(first, first + wanted.length);
      first += wanted.length;
      return { name, inputs: own, stages, unions, isFull, sink };
    });
    runner = new JobRunner({
      pipelines,
      feeds,
      // A job that goes on for ever keeps its place in the input, as in Flink, though a LIMIT lets nothing more through.
      endsWhenFull: spec.bounded || spec.collect !== undefined,
      state,
      store,
      clock: host.clock,
      time,
      checkpointInterval: spec.isStored ? spec.settings.duration('execution.checkpointing.interval') : 0,
      idleTimeout: spec.settings.duration('table.exec.source.idle-timeout'),
      incarnation,
      restored: checkpoint,
    });
    const job = new RunningJob(spec, runner, { pipelines, feeds }, counts, state, store, checkpoint === 0 ? undefined : checkpoint);
    const tell = (): void => {
      for (const message of job.lateRows()) host.notice('W0201', message, spec.name);
    };
    job.finished.then(tell, tell);
    return job;
  } catch (error) {
    await Promise.allSettled(sinks.map((sink) => sink.close()));
    await store.close();
    throw error;
  }
}

/** Where a job goes on: the last checkpoint, 0 for none, and what it says besides state. */
interface Restored {
  readonly checkpoint: number;
  readonly meta: CheckpointMeta | undefined;
}

/** Opens the sinks into `sinks` and lets each finish what an earlier run decided. Gives where to go on: a sink may know of more than is stored. */
async function openSinks(host: JobHost, spec: JobSpec, names: readonly string[], services: ConnectorServices, stored: Restored, sinks: SinkWriter[]): Promise<Restored> {
  const hasKeyedState = spec.plans.some(keepsKeyedState) || spec.plans.length > 1;
  let restored = stored;
  for (const [i, plan] of spec.plans.entries()) {
    const name = names[i] ?? '';
    const id = `${encode(spec.name)}/${name}`;
    const isRestored = stored.meta?.positions[name] !== undefined;
    const sink = plan.kind === 'Sink' ? await openSink(host, plan, { services, hasKeyedState, id, checkpoint: stored.checkpoint, isRestored }) : collector(spec);
    sinks.push(sink);
    const tokens = stored.meta?.unpublished.map((epoch) => epoch.tokens[name]) ?? [];
    await sink.recover(tokens.filter((token) => token !== undefined));
    const decided = await sink.recoveredPositions?.();
    // Committed with the output: they hold where the job died before their checkpoint was stored.
    if (decided !== undefined && decided.checkpoint > restored.checkpoint) {
      const meta: CheckpointMeta = { incarnation: services.incarnation, positions: decided.positions, watermarks: stored.meta?.watermarks ?? {}, states: stored.meta?.states ?? {}, unpublished: [] };
      restored = { checkpoint: decided.checkpoint, meta };
    }
  }
  return restored;
}

/** The sink of a query whose rows go to whoever asked. */
function collector(spec: JobSpec): SinkWriter {
  return {
    get hasCredit() {
      return spec.credit?.() === undefined;
    },
    drained: async () => spec.credit?.(),
    write: (batch) => spec.collect?.(batch),
    prepare: async () => undefined,
    commit: async () => undefined,
    recover: async () => undefined,
    close: async () => undefined,
  };
}

async function openSink(host: JobHost, plan: Extract<PhysicalPlan, { kind: 'Sink' }>, request: Omit<SinkRequest, 'table' | 'columns'>): Promise<SinkWriter> {
  const { connected, errors } = connect(host.table(plan.table), host.connectors);
  if (connected === undefined || errors[0] !== undefined) throw errors[0] ?? new SqlError({ code: 'E0502', message: `${plan.table} has no connector` });
  refuseExternal(connected.table.options.text('properties.bootstrap.servers'), plan.table);
  const runtime = await connected.connector.runtime();
  if (runtime.sink === undefined) throw new SqlError({ code: 'E0502', message: `${connected.connector.name} cannot be written` });
  return runtime.sink({ ...request, table: connected.table, columns: plan.columns, overwrite: plan.overwrite === true });
}
