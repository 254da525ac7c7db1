import { SqlError } from '../core/diagnostic.ts';
import type { ConnectorServices, SinkRequest, SinkWriter } from '../catalog/connector.ts';
import type { CheckpointMeta } from '../executor/runtime/pipeline.ts';
import { hasKeyedState as keepsKeyedState, type PhysicalPlan } from '../planner/physical-plan.ts';
import type { JobHost, JobSpec } from './job-spec.ts';
import { encode } from './pipeline-names.ts';
import { connect, refuseExternal } from './tables.ts';

/** Where a job goes on: the last checkpoint, 0 for none, and what it says besides state. */
interface Restored {
  readonly checkpoint: number;
  readonly meta: CheckpointMeta | undefined;
}

/** Opens the sinks into `sinks` and lets each finish what an earlier run decided. Gives where to go on: a sink may know of more than is stored. */
export async function openSinks(host: JobHost, spec: JobSpec, names: readonly string[], services: ConnectorServices, stored: Restored, sinks: SinkWriter[]): Promise<Restored> {
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
