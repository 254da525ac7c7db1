import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { noWatermark, type Batch } from '../core/batch.ts';
import type { Clock } from '../core/clock.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Settings } from '../core/settings.ts';
import type { ConnectorServices, SinkToken, SinkWriter, SourcePositions } from '../catalog/connector.ts';
import { writableColumns, type TableEntry } from '../catalog/entry.ts';
import { buildPipeline } from '../executor/runtime/build.ts';
import { JobRunner, type CheckpointMeta, type Pipeline } from '../executor/runtime/job-runner.ts';
import { checkClaimed, JobState } from '../executor/runtime/job-state.ts';
import { Split, SplitSet } from '../executor/runtime/split.ts';
import type { Consumer, Stage } from '../executor/runtime/stage.ts';
import { hasKeyedState, type PhysicalPlan } from '../planner/physical-plan.ts';
import type { CheckpointStore } from '../state/checkpoint-store.ts';
import { memoryCheckpoints } from '../state/memory-checkpoints.ts';
import type { BrokerLink } from '../wire/broker-link.ts';
import { connect, type ConnectorList } from './tables.ts';

/** What a job needs of its engine. */
export interface JobHost {
  readonly stateDir: string | undefined;
  readonly connectors: ConnectorList;
  readonly clock: Clock;
  broker(): Promise<BrokerLink>;
  table(name: string): TableEntry;
  notice(code: string, message: string, job: string): void;
}

export interface JobSpec {
  readonly name: string;
  readonly plans: readonly PhysicalPlan[];
  readonly settings: Settings;
  /** Read what is there now and end. */
  readonly bounded: boolean;
  /** Forget what an earlier run stored. */
  readonly fresh: boolean;
  /** Takes the rows of a plan that has no sink. */
  readonly collect?: ((batch: Batch) => void) | undefined;
  /** A promise to wait for before more rows are read; undefined when there is room. */
  readonly credit?: (() => Promise<void> | undefined) | undefined;
  /** False: nothing is stored, as for a query whose rows go to a person. */
  readonly isStored: boolean;
}

export interface JobStats {
  readonly rowsRead: number;
  readonly rowsOut: number;
  readonly late: number;
  readonly bad: number;
  readonly watermark: number | undefined;
}

/** A job under way. Disposing of it stops it. */
export class RunningJob implements AsyncDisposable {
  readonly name: string;
  readonly runner: JobRunner;
  /** The checkpoint that the job went on from; undefined when it started anew. */
  readonly restoredFrom: number | undefined;
  readonly finished: Promise<JobStats>;
  readonly #pipelines: readonly Pipeline[];
  readonly #counts: ReadonlyMap<string, { rows: number }>;
  readonly #state: JobState;
  #outcome: 'stopped' | 'finished' | 'failed' | undefined;
  #isStopped = false;

  constructor(name: string, runner: JobRunner, pipelines: readonly Pipeline[], counts: ReadonlyMap<string, { rows: number }>, state: JobState, store: CheckpointStore, restoredFrom: number | undefined) {
    this.name = name;
    this.runner = runner;
    this.restoredFrom = restoredFrom;
    this.#pipelines = pipelines;
    this.#counts = counts;
    this.#state = state;
    this.finished = runner
      .run()
      .finally(() => store.close())
      .then(() => this.stats());
    // A job that fails unawaited must not end the process.
    this.finished.then(
      () => void (this.#outcome = this.#isStopped ? 'stopped' : 'finished'),
      () => void (this.#outcome = 'failed'),
    );
  }

  stats(): JobStats {
    let rowsRead = 0;
    let rowsOut = 0;
    let late = 0;
    let watermark: number | undefined;
    for (const { splits, stages } of this.#pipelines) {
      for (const split of splits?.splits ?? []) rowsRead += split.rowsRead;
      for (const stage of stages) late += stage.metrics.late;
      if (splits !== undefined && splits.merged !== noWatermark) watermark = watermark === undefined ? splits.merged : Math.min(watermark, splits.merged);
    }
    for (const count of this.#counts.values()) rowsOut += count.rows;
    return { rowsRead, rowsOut, late, bad: 0, watermark: watermark !== undefined && Number.isFinite(watermark) ? watermark : undefined };
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

  /** Ends the job after a last checkpoint. `drain`: as if the input had ended here, so that all windows close. */
  async stop(options: { readonly drain?: boolean | undefined } = {}): Promise<void> {
    this.#isStopped = true;
    this.runner.stop(options.drain ?? false);
    await this.finished.catch(() => undefined);
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
  const stateDir = host.stateDir === undefined || !spec.isStored ? undefined : join(host.stateDir, 'jobs', spec.name);
  if (spec.fresh && stateDir !== undefined) rmSync(stateDir, { recursive: true, force: true });
  const store = stateDir === undefined ? memoryCheckpoints : (await import('../state/checkpoint-store.ts')).openCheckpoints(join(stateDir, 'checkpoints.db'));
  const stored = store.latest();
  let meta = stored?.meta as CheckpointMeta | undefined;
  const state = new JobState(stored);
  const services: ConnectorServices = {
    broker: () => host.broker(),
    group: `sluice-${spec.name}`,
    bounded: spec.bounded,
    // What is not stored cannot be gone on from.
    fresh: spec.fresh || stateDir === undefined,
    stateDir,
    notice: (code, message) => host.notice(code, message, spec.name),
  };
  const names = spec.plans.map((plan, i) => (plan.kind === 'Sink' ? plan.table : `query${i}`));
  const unique = names.map((name, i) => (names.indexOf(name) === i ? name : `${name}-${i}`));
  const keyed = spec.plans.some(hasKeyedState) || spec.plans.length > 1;
  const counts = new Map(unique.map((name) => [name, { rows: 0 }]));
  const sinks: SinkWriter[] = [];
  let checkpoint = stored?.id ?? 0;
  try {
    for (const [i, plan] of spec.plans.entries()) {
      const name = unique[i] ?? '';
      const sink = plan.kind === 'Sink' ? await openSink(host, plan, services, keyed, `${spec.name}-${name}`) : collector(spec);
      sinks.push(sink);
      await sink.recover((meta?.unpublished ?? []).map((epoch) => epoch.tokens[name]).filter((token): token is SinkToken => token !== undefined));
      const decided = await sink.recoveredPositions?.();
      // Committed with the output, so they hold even where the checkpoint store knows less or more.
      if (decided !== undefined) {
        checkpoint = Math.max(checkpoint, decided.checkpoint);
        meta = { positions: decided.positions, watermarks: meta?.watermarks ?? {}, unpublished: [] };
      }
    }
    const pipelines: Pipeline[] = [];
    for (const [i, plan] of spec.plans.entries()) {
      const name = unique[i] ?? '';
      const sink = sinks[i];
      const count = counts.get(name) ?? { rows: 0 };
      const required = plan.kind === 'Sink' ? requiredColumns(host.table(plan.table), plan) : [];
      const target: Consumer = {
        accept: (batch) => {
          refuseNulls(batch, required);
          count.rows += batch.rowCount;
          sink?.write(batch, 0, batch.rowCount);
        },
        advance: () => undefined,
        flush: () => undefined,
        end: () => undefined,
      };
      const built = buildPipeline(plan, target, state, () => undefined);
      pipelines.push(await openPipeline(host, name, built, sink, services, meta));
    }
    checkClaimed(state);
    const runner = new JobRunner({
      pipelines,
      state,
      store,
      clock: host.clock,
      checkpointInterval: spec.isStored ? spec.settings.duration('execution.checkpointing.interval') : 0,
      idleTimeout: spec.settings.duration('table.exec.source.idle-timeout'),
      restored: checkpoint,
    });
    return new RunningJob(spec.name, runner, pipelines, counts, state, store, checkpoint === 0 ? undefined : checkpoint);
  } catch (error) {
    await Promise.allSettled(sinks.map((sink) => sink.close()));
    await store.close();
    throw error;
  }
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

async function openSink(host: JobHost, plan: Extract<PhysicalPlan, { kind: 'Sink' }>, services: ConnectorServices, keyed: boolean, id: string): Promise<SinkWriter> {
  const { connected, errors } = connect(host.table(plan.table), host.connectors);
  if (connected === undefined || errors[0] !== undefined) throw errors[0] ?? new SqlError({ code: 'E0502', message: `${plan.table} has no connector` });
  refuseExternal(connected.table.options.text('properties.bootstrap.servers'), plan.table);
  const runtime = await connected.connector.runtime();
  if (runtime.sink === undefined) throw new SqlError({ code: 'E0502', message: `${connected.connector.name} cannot be written` });
  return runtime.sink({ table: connected.table, columns: plan.columns, services, hasKeyedState: keyed, id });
}

interface RequiredColumn {
  readonly index: number;
  readonly name: string;
}

/** The columns of a sink that the table declares NOT NULL and the query may give as NULL. */
function requiredColumns(table: TableEntry, plan: Extract<PhysicalPlan, { kind: 'Sink' }>): readonly RequiredColumn[] {
  const declared = writableColumns(table);
  return plan.columns.flatMap(({ name, type }, index) => (type.nullable && declared[index]?.type.nullable === false ? [{ index, name: `${table.name}.${name}` }] : []));
}

/** As Flink's table.exec.sink.not-null-enforcer = ERROR, its default. */
function refuseNulls(batch: Batch, required: readonly RequiredColumn[]): void {
  for (const { index, name } of required) {
    const nulls = batch.columns[index]?.nulls;
    if (nulls === undefined || !nulls.subarray(0, batch.rowCount).includes(1)) continue;
    throw new SqlError({ code: 'E0702', message: `${name} is declared NOT NULL, and the query gives NULL for it`, hint: 'drop such rows:  WHERE ... IS NOT NULL' });
  }
}

async function openPipeline(
  host: JobHost,
  name: string,
  built: { readonly head: Consumer; readonly source: ReturnType<typeof buildPipeline>['source']; readonly stages: readonly Stage[] },
  sink: SinkWriter | undefined,
  services: ConnectorServices,
  meta: CheckpointMeta | undefined,
): Promise<Pipeline> {
  const { source: node, head, stages } = built;
  if (node.kind === 'SingleRow') return { name, source: undefined, splits: undefined, head, stages, sink };
  const { connected, errors } = connect(host.table(node.table), host.connectors);
  if (connected === undefined || errors[0] !== undefined) throw errors[0] ?? new SqlError({ code: 'E0502', message: `${node.table} has no connector` });
  refuseExternal(connected.table.options.text('properties.bootstrap.servers'), node.table);
  const runtime = await connected.connector.runtime();
  if (runtime.source === undefined) throw new SqlError({ code: 'E0502', message: `${connected.connector.name} cannot be read` });
  const source = await runtime.source({ table: connected.table, read: node.read, services });
  const positions: SourcePositions[string] = meta?.positions[name] ?? {};
  const splits: Split[] = [];
  for (const id of await source.splits()) {
    const at = positions[id];
    splits.push(new Split(await source.open(id, at?.position), at?.watermark ?? noWatermark));
  }
  const set = new SplitSet(node, splits, meta?.watermarks[name] ?? noWatermark);
  return { name, source, splits: set, head, stages, sink };
}

function refuseExternal(servers: string | undefined, table: string): void {
  if (servers === undefined) return;
  throw new SqlError({
    code: 'E0507',
    message: `${table} names the broker ${servers}, and external brokers are not supported yet`,
    hint: "delete the option 'properties.bootstrap.servers': the topic then lives in Sluice's own broker",
  });
}
