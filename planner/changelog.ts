import { isInsertOnly, mergeChangelogs, type Changelog } from '../core/changelog.ts';
import { columnsOf } from '../expression/bound-expr.ts';
import { exchangeOn } from './lower-exchange.ts';
import type { PhysicalNode, PhysicalPlan } from './physical-plan.ts';
import { withRowKey } from './row-key.ts';
import { stateName, tracedColumns } from './state-name.ts';

/**
 * The second pass over the changes of a plan. Lowering goes up and says what each node can produce; this goes down and says what is needed:
 * a node gives the row that an update replaces (`before`) only where somebody below it in the stream has to have it. Where a source cannot
 * give it, a ChangelogNormalize stands above the source.
 */
export function planChanges(plan: PhysicalPlan, options: ChangeOptions): PhysicalPlan {
  return need(plan, plan.kind !== 'Sink' && readerNeedsBefore(plan), options);
}

export interface ChangeOptions {
  readonly nextId: () => number;
  /** True: sources of changes may tell a change twice. Those that have a key are normalized, whatever is needed of them. */
  readonly mayRepeat: boolean;
}

/** Whoever reads a query's rows tells them apart by key; without a key, or where a deletion names only a key, by the whole row. */
function readerNeedsBefore(plan: PhysicalPlan): boolean {
  const { changelog } = plan.properties;
  return !isInsertOnly(changelog) && ((changelog.deletes && !changelog.fullDeletes) || withRowKey(plan).key === undefined);
}

/** The plan such that its updates come with the rows that they replace, if `before`; else as is cheapest. */
function need(plan: PhysicalPlan, before: boolean, options: ChangeOptions): PhysicalPlan {
  switch (plan.kind) {
    case 'TableSourceScan':
      return isNormalized(plan, before, options) ? normalized(plan, options.nextId) : plan;
    case 'SingleRow':
    case 'Values':
      return plan;
    case 'Union': {
      const inputs = plan.inputs.map((input) => need(input, before, options));
      return { ...plan, inputs, properties: { ...plan.properties, changelog: mergeChangelogs(inputs.map((input) => input.properties.changelog)) } };
    }
    case 'Join':
      // A row that was replaced has met others.
      return { ...plan, left: need(plan.left, true, options), right: need(plan.right, true, options) };
    case 'Calc':
      return passing(plan, need(plan.input, before || dropsRows(plan), options));
    case 'Exchange':
      return passing(plan, need(plan.input, before, options));
    case 'WindowTableFunction':
    case 'SessionWindow':
    case 'Unnest':
    case 'Expand':
      // A row that was replaced may have lain in other windows, and had other elements.
      return passing(plan, need(plan.input, true, options));
    case 'Sink':
      // What materializes the rows of a key takes back the row that was there, and gives what the sink takes.
      return plan.input.kind === 'UpsertMaterialize' ? { ...plan, input: need(plan.input, true, options) } : passing(plan, need(plan.input, sinkNeedsBefore(plan), options));
    case 'GroupAggregate': {
      const changelog: Changelog = { ...plan.properties.changelog, before: before && plan.properties.changelog.updates };
      return { ...plan, input: need(plan.input, true, options), properties: { ...plan.properties, changelog } };
    }
    default:
      // What keeps rows takes back the row that was there.
      return { ...plan, input: need(plan.input, true, options) };
  }
}

function isNormalized({ properties: { changelog, upsertKeys } }: PhysicalNode<'TableSourceScan'>, before: boolean, { mayRepeat }: ChangeOptions): boolean {
  if (isInsertOnly(changelog)) return false;
  return (mayRepeat && upsertKeys.length > 0) || (before && !changelog.before);
}

function passing<P extends PhysicalNode<'Calc' | 'Exchange' | 'WindowTableFunction' | 'SessionWindow' | 'Unnest' | 'Expand' | 'Sink'>>(plan: P, input: PhysicalPlan): P {
  return { ...plan, input, properties: { ...plan.properties, changelog: input.properties.changelog } };
}

/**
 * True for a condition that one version of a row may meet and the next may not: then only the row that was replaced can tell that it has
 * to go. Not so for a condition on what stays as long as the row does.
 */
function dropsRows({ condition, input }: PhysicalNode<'Calc'>): boolean {
  if (condition === undefined || isInsertOnly(input.properties.changelog)) return false;
  const read = [...columnsOf(condition)];
  return !input.properties.upsertKeys.some((key) => read.every((column) => key.includes(column)));
}

/** An update by key says itself what it replaces, as long as it is in the same key of the sink. */
function sinkNeedsBefore({ input, mode, key }: PhysicalNode<'Sink'>): boolean {
  if (isInsertOnly(input.properties.changelog) || mode === 'append') return false;
  if (mode === 'retract' || key.length === 0) return mode === 'retract';
  return !input.properties.upsertKeys.some((upsertKey) => key.every((index) => upsertKey.includes(index)));
}

/** The latest row of each key is kept: it is what an update replaces and a deletion takes away. */
function normalized(scan: PhysicalNode<'TableSourceScan'>, nextId: () => number): PhysicalPlan {
  const key = scan.properties.upsertKeys[0] ?? [];
  return {
    kind: 'ChangelogNormalize',
    id: nextId(),
    input: exchangeOn(scan, key, nextId()),
    key,
    columns: scan.columns,
    // What it keeps is its rows: what their columns hold is part of what it is.
    stateName: stateName('ChangelogNormalize', scan, key, [], { columns: tracedColumns(scan) }, undefined),
    properties: { ...scan.properties, changelog: { ...scan.properties.changelog, before: true, fullDeletes: true }, state: 'unbounded' },
  };
}
