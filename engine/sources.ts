import { noWatermark } from '../core/batch.ts';
import type { StepClock } from '../core/clock.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { ConnectorServices, Source, SourcePositions } from '../catalog/connector.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { substitute, type BoundExpr } from '../expression/bound-expr.ts';
import type { BuiltInput } from '../executor/runtime/build.ts';
import type { Feed, PipelineInput } from '../executor/runtime/feed.ts';
import type { CheckpointMeta } from '../executor/runtime/pipeline.ts';
import { Split, SplitSet } from '../executor/runtime/split.ts';
import { giveRows } from '../executor/runtime/values.ts';
import type { ScanColumn } from '../planner/logical-plan.ts';
import type { PhysicalNode } from '../planner/physical-plan.ts';
import { otherSource } from './restore.ts';
import { connect, refuseExternal, type ConnectorList } from './tables.ts';

type Positions = SourcePositions[string];
type Scan = PhysicalNode<'TableSourceScan'>;

/** An input of a pipeline before its source is open, and where it goes on. */
export interface WantedInput {
  readonly input: BuiltInput;
  /** See PipelineInput. */
  readonly prefix: string;
  /** By split, without the prefix; empty for one that starts anew. */
  readonly positions: Positions;
}

/** The inputs of a pipeline, each with its part of the pipeline's stored positions. */
export function wantedInputs(name: string, inputs: readonly BuiltInput[], stored: Positions): readonly WantedInput[] {
  return inputs.map((input) => {
    const prefix = input.key === name ? '' : `${input.key.slice(name.length + 1)}/`;
    const own = Object.entries(stored).filter(([split]) => split.startsWith(prefix));
    return { input, prefix, positions: Object.fromEntries(own.map(([split, at]) => [split.slice(prefix.length), at])) };
  });
}

/** What opening a source needs of a job. */
export interface SourceHost {
  readonly connectors: ConnectorList;
  table(name: string): TableEntry;
}

/**
 * Opens the sources of all inputs of a job: one for those that read one table from the same place on, which is then read and decoded once.
 * Each input keeps positions and event time of its own, so that the next start may divide them anew. Gives the inputs in their order.
 */
export async function openInputs(host: SourceHost, wanted: readonly WantedInput[], services: ConnectorServices, meta: CheckpointMeta | undefined, clock: StepClock): Promise<{ readonly inputs: readonly PipelineInput[]; readonly feeds: readonly Feed[] }> {
  const opened = new Map<WantedInput, PipelineInput>();
  const feeds: Feed[] = [];
  try {
    for (const { read, members } of shared(wanted)) feeds.push(await openFeed(host, read, members, services, meta, opened, clock));
  } catch (error) {
    await Promise.allSettled(feeds.map(({ source }) => source.close()));
    throw error;
  }
  const inputs = wanted.map((one) => opened.get(one) ?? heldRows(one, clock));
  return { inputs, feeds };
}

/** The rows of a query that holds them itself. */
function heldRows({ input: { key, node, head, port }, prefix, positions }: WantedInput, clock: StepClock): PipelineInput {
  const isGiven = Object.keys(positions).length > 0;
  const rows = node.kind === 'Values' ? node.rows : [[]];
  return { key, prefix, splits: undefined, connector: undefined, head, port, give: isGiven ? undefined : () => giveRows(`${node.kind}[${node.id}]`, rows, head, clock) };
}

interface Shared {
  readonly read: ScanColumn[];
  readonly members: { readonly wanted: WantedInput; readonly node: Scan }[];
}

/** Scans of one table that go on from one place, with all columns that any of them reads. */
function shared(wanted: readonly WantedInput[]): readonly Shared[] {
  const groups = new Map<string, Shared[]>();
  for (const one of wanted) {
    const { node } = one.input;
    if (node.kind !== 'TableSourceScan') continue;
    const key = [JSON.stringify(node.table), ...Object.entries(one.positions).map(([split, { connector, position }]) => JSON.stringify([split, connector, position])).toSorted()].join('\n');
    const same = groups.get(key) ?? [];
    groups.set(key, same);
    const fitting = same.find(({ read }) => fits(read, node.read));
    if (fitting === undefined) {
      same.push({ read: [...node.read], members: [{ wanted: one, node }] });
      continue;
    }
    fitting.members.push({ wanted: one, node });
    for (const column of node.read) if (indexIn(fitting.read, column) < 0) fitting.read.push(column);
  }
  return [...groups.values()].flat();
}

/** False where one reads a whole ROW of which the other reads a field. */
function fits(a: readonly ScanColumn[], b: readonly ScanColumn[]): boolean {
  return a.every(({ path }) => b.every((other) => path.length === other.path.length || path.slice(0, other.path.length).join('\0') !== other.path.slice(0, path.length).join('\0')));
}

function indexIn(read: readonly ScanColumn[], { path }: ScanColumn): number {
  return read.findIndex((column) => column.path.join('\0') === path.join('\0'));
}

async function openFeed(host: SourceHost, read: readonly ScanColumn[], members: Shared['members'], services: ConnectorServices, meta: CheckpointMeta | undefined, opened: Map<WantedInput, PipelineInput>, clock: StepClock): Promise<Feed> {
  const name = members[0]?.node.table ?? '';
  const positions = members[0]?.wanted.positions ?? {};
  const { connected, errors } = connect(host.table(name), host.connectors);
  if (connected === undefined || errors[0] !== undefined) throw errors[0] ?? new SqlError({ code: 'E0502', message: `${name} has no connector` });
  refuseExternal(connected.table.options.text('properties.bootstrap.servers'), name);
  const runtime = await connected.connector.runtime();
  if (runtime.source === undefined) throw new SqlError({ code: 'E0502', message: `${connected.connector.name} cannot be read` });
  const connector = connected.connector.name;
  const former = Object.values(positions).find((at) => at.connector !== connector);
  if (former !== undefined) throw otherSource(`${name} (${former.connector})`, `${name} is now a table of ${connector}`);
  const source = await runtime.source({ table: connected.table, read, services, positions: Object.fromEntries(Object.entries(positions).map(([split, { position }]) => [split, position])) });
  const splits = await openSplits(source, members, { name, connector }).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  const inputs = members.map(({ wanted, node }): PipelineInput => {
    const { key, head, port, pace } = wanted.input;
    const set = new SplitSet(over(node, read), splits, meta?.watermarks[key] ?? noWatermark, splits.map(({ reader }) => wanted.positions[reader.id]?.watermark ?? noWatermark), clock);
    const input: PipelineInput = { key, prefix: wanted.prefix, splits: set, connector, head, port, pace, give: undefined };
    opened.set(wanted, input);
    return input;
  });
  return { source, splits, inputs, idleTimeout: connected.table.options.duration('scan.watermark.idle-timeout') };
}

/** Throws E0805 where a split is gone that the checkpoint goes on in: what it still held would be lost without a word. */
async function openSplits(source: Source, members: Shared['members'], { name, connector }: { readonly name: string; readonly connector: string }): Promise<readonly Split[]> {
  const positions = members[0]?.wanted.positions ?? {};
  const ids = await source.splits();
  const lost = Object.keys(positions).find((id) => !ids.includes(id));
  if (lost !== undefined) throw otherSource(`${name} (${connector}, split ${lost})`, `${name} no longer has that split`);
  const splits: Split[] = [];
  for (const id of ids) {
    const watermark = Math.max(...members.map(({ wanted }) => wanted.positions[id]?.watermark ?? noWatermark));
    splits.push(new Split(await source.open(id, positions[id]?.position), watermark));
  }
  return splits;
}

/** A scan over more columns than it reads. */
function over(node: Scan, read: readonly ScanColumn[]): Scan {
  if (read.length === node.read.length && node.read.every((column, i) => indexIn(read, column) === i)) return node;
  const moved = node.read.map((column): BoundExpr => ({ kind: 'column', index: indexIn(read, column), type: column.type }));
  const projection = node.projection === undefined ? moved : node.projection.map((expr) => substitute(expr, moved));
  return { ...node, read, projection, watermark: node.watermark === undefined ? undefined : substitute(node.watermark, moved) };
}
