import { isInValue } from '../catalog/connector.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { buildPipeline } from '../executor/runtime/build.ts';
import { JobState } from '../executor/runtime/job-state.ts';
import { SplitSet } from '../executor/runtime/split.ts';
import type { PhysicalPlan } from '../planner/physical-plan.ts';
import { connect, type ConnectorList } from './tables.ts';

/** The generated source of every step of a plan, from the decoder to the encoder. */
export function explainCode(plan: PhysicalPlan, table: (name: string) => TableEntry, connectors: ConnectorList): string {
  const parts: string[] = [];
  const nothing = { accept: () => undefined, advance: () => false, flush: () => undefined, end: () => undefined };
  const { inputs, stages } = buildPipeline(plan, { name: plan.kind, sink: nothing, state: new JobState(), onLate: () => undefined, clock: { time: 0 } });
  for (const { node: source } of inputs) {
    if (source.kind !== 'TableSourceScan') continue;
    const { connected } = connect(table(source.table), connectors);
    if (connected?.table.format !== undefined) parts.push(`-- decoder of ${source.table}`, connected.table.format.decoder(source.read.filter(({ path }) => isInValue(connected.table, path[0] ?? '')), connected.table.formatOptions).source);
    for (const text of new SplitSet(source, [], -Infinity, [], { time: 0 }).sources) parts.push(`-- TableSourceScan[${source.id}]`, text);
  }
  for (const stage of stages) for (const text of stage.operator.sources) parts.push(`-- ${stage.id}`, text);
  if (plan.kind === 'Sink') {
    const { connected } = connect(table(plan.table), connectors);
    if (connected?.table.format !== undefined) parts.push(`-- encoder of ${plan.table}`, connected.table.format.encoder(plan.columns.filter(({ name }) => isInValue(connected.table, name)), connected.table.formatOptions).source);
  }
  return parts.join('\n');
}
