import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { noWatermark } from '../core/batch.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { ConnectorServices, SinkWriter } from '../catalog/connector.ts';
import { buildPipeline } from '../executor/runtime/build.ts';
import { JobRunner } from '../executor/runtime/job-runner.ts';
import { JobState } from '../executor/runtime/job-state.ts';
import type { CheckpointMeta, Pipeline } from '../executor/runtime/pipeline.ts';
import { ProcessingTime } from '../executor/runtime/processing-time.ts';
import type { Consumer } from '../executor/runtime/stage.ts';
import { refuseEndlessSort } from './endless-sort.ts';
import type { JobHost, JobSpec } from './job-spec.ts';
import { openJobStore } from './job-store.ts';
import { refuseLengths, refuseNulls, requiredColumns, sizedColumns } from './not-null.ts';
import { pipelineNames } from './pipeline-names.ts';
import { mayWaitForEnd } from './refusals.ts';
import { checkPipelines } from './restore.ts';
import { RunningJob } from './running-job.ts';
import { openSinks } from './sinks.ts';
import { openInputs, wantedInputs } from './sources.ts';
import { conditionsOf, wantedStates } from './verdict.ts';

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
  if (!mayWaitForEnd(spec.settings, spec.bounded)) {
    for (const [i, plan] of spec.plans.entries()) refuseEndlessSort(plan, spec.texts.slice(i, i + 1), (name) => host.table(name), host.connectors);
  }
  const stateDir = host.stateDir === undefined || !spec.isStored ? undefined : join(host.stateDir, 'jobs', spec.name);
  const store = await openJobStore(stateDir, spec.fresh);
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
    const state = new JobState(stored, meta?.states, new Set(Object.keys(meta?.positions ?? {})), { mayDrop, wanted: wantedStates(spec.plans), conditions: conditionsOf(spec.plans) });
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
