import type { StepClock } from '../../core/clock.ts';
import { isInsertOnly } from '../../core/changelog.ts';
import { noWatermark } from '../../core/batch.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { inputsOf, nodesOf, type PhysicalKind, type PhysicalNode, type PhysicalPlan } from '../../planner/physical-plan.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { calcOperator } from '../operators/calc.ts';
import { changelogNormalizeOperator } from '../operators/changelog-normalize.ts';
import { expandOperator } from '../operators/expand.ts';
import { groupAggregateOperator } from '../operators/group-aggregate.ts';
import { joinOperator } from '../operators/join.ts';
import { limitOperator } from '../operators/limit.ts';
import { sessionWindowOperator } from '../operators/session-window.ts';
import { upsertMaterializeOperator } from '../operators/upsert-materialize.ts';
import { sortLimitOperator } from '../operators/sort-limit.ts';
import { sortOperator, temporalSortOperator } from '../operators/sort.ts';
import { windowAggregateOperator } from '../operators/window-aggregate.ts';
import { unnestOperator } from '../operators/unnest.ts';
import { windowTableFunctionOperator } from '../operators/window-table-function.ts';
import type { JobState } from './job-state.ts';
import { lateRowsOf } from './late-rows.ts';
import { pacesBelowUnions } from './pace.ts';
import { Stage, type Consumer, type LateListener } from './stage.ts';
import { Union, type UnionPort } from './union.ts';

type SourceKind = 'TableSourceScan' | 'SingleRow' | 'Values';
type OperatorKind = Exclude<PhysicalKind, SourceKind | 'Sink' | 'Exchange' | 'Union'>;
type Factories = { readonly [K in OperatorKind]: (node: PhysicalNode<K>, endsSorted: boolean) => (context: OperatorContext) => Operator };

/** One line for each kind of operator: the compiler asks for it. */
const factories: Factories = {
  Calc: (node) => (context) => calcOperator(context, { inputTypes: typesOf(node.input), condition: node.condition, projection: node.projection, isUpdating: !isInsertOnly(node.input.properties.changelog) }),
  WindowAggregate: (node) => (context) => windowAggregateOperator(context, { ...node, timeName: timeNameOf(node), isUpdating: !isInsertOnly(node.input.properties.changelog), inputTypes: typesOf(node.input), outputTypes: typesOf(node) }),
  Unnest: (node) => (context) => unnestOperator(context, { ...node, inputTypes: typesOf(node.input), outputTypes: typesOf(node) }),
  Expand: (node) => (context) => expandOperator(context, { ...node, inputTypes: typesOf(node.input), outputTypes: typesOf(node) }),
  WindowTableFunction: (node) => (context) => windowTableFunctionOperator(context, { ...node, timeName: timeNameOf(node), inputTypes: typesOf(node.input) }),
  ChangelogNormalize: (node) => (context) => changelogNormalizeOperator(context, { inputTypes: typesOf(node.input), key: node.key, stateName: node.stateName }),
  UpsertMaterialize: (node) => (context) => upsertMaterializeOperator(context, { inputTypes: typesOf(node.input), key: node.key, upsertKey: node.upsertKey, stateName: node.stateName }),
  SortLimit: (node, endsSorted) => (context) => sortLimitOperator(context, { ...node, identity: node.identity, isAtEnd: endsSorted, inputTypes: typesOf(node.input) }),
  Sort: (node) => (context) => sortOperator(context, { ...node, identity: node.identity, inputTypes: typesOf(node.input) }),
  TemporalSort: (node) => (context) => temporalSortOperator(context, { ...node, timeName: node.columns[node.order[0]?.column ?? 0]?.name ?? 'time', timeSpan: node.span, inputTypes: typesOf(node.input) }),
  Join: (node) => (context) => joinOperator(context, { ...node, sides: [{ types: typesOf(node.left), identity: node.leftIdentity }, { types: typesOf(node.right), identity: node.rightIdentity }], outputTypes: typesOf(node) }),
  Limit: (node) => (context) => limitOperator(context, { ...node, inputTypes: typesOf(node.input) }),
  SessionWindow: (node) => (context) => sessionWindowOperator(context, { ...node, timeName: timeNameOf(node), isUpdating: !isInsertOnly(node.input.properties.changelog), inputTypes: typesOf(node.input) }),
  GroupAggregate: (node) => (context) => groupAggregateOperator(context, { ...node, inputTypes: typesOf(node.input), outputTypes: typesOf(node), input: isInsertOnly(node.input.properties.changelog) ? 'append' : 'retract', before: node.properties.changelog.before }),
};

function timeNameOf(node: { readonly input: PhysicalPlan; readonly timeColumn: number }): string {
  return node.input.columns[node.timeColumn]?.name ?? 'time';
}

function typesOf(plan: PhysicalPlan): readonly SqlType[] {
  return plan.columns.map((column) => column.type);
}

/** Where rows come into a pipeline. */
export interface BuiltInput {
  /** See PipelineInput. */
  readonly key: string;
  readonly node: PhysicalNode<SourceKind>;
  readonly head: Consumer;
  readonly port: UnionPort | undefined;
  /** See PipelineInput. */
  readonly pace?: number | undefined;
}

export interface Built {
  readonly inputs: readonly BuiltInput[];
  readonly unions: readonly Union[];
  /** In the order in which rows pass through them. */
  readonly stages: readonly Stage[];
  /** See Pipeline. */
  readonly isFull: (() => boolean) | undefined;
}

export interface BuildOptions {
  /** Names the pipeline's state. */
  readonly name: string;
  readonly sink: Consumer;
  readonly state: JobState;
  readonly onLate: LateListener;
  /** The processing time that operators see. */
  readonly clock: StepClock;
  /** True: the input ends, and somebody reads the rows themselves: an ORDER BY with LIMIT gives them in their order, at the end. */
  readonly endsSorted?: boolean | undefined;
  /** ms: where the event time of a union stands at the start. */
  readonly watermarkOf?: ((key: string) => number) | undefined;
}

/** Makes the operators of a plan, from the one before the sink down to its sources, each handing on to the one above it. */
export function buildPipeline(plan: PhysicalPlan, { name, sink, state, onLate, clock, endsSorted = false, watermarkOf = () => noWatermark }: BuildOptions): Built {
  const stages: Stage[] = [];
  const unions: Union[] = [];
  const inputs: BuiltInput[] = [];
  const keys = streamKeys(plan, name);
  const paces = pacesBelowUnions(plan);
  let isFull: (() => boolean) | undefined;
  /** `isLast`: everything that comes out goes to the sink. */
  const build = (node: PhysicalPlan, next: Consumer, port: UnionPort | undefined, isLast: boolean): void => {
    const key = keys.get(node) ?? name;
    switch (node.kind) {
      case 'TableSourceScan':
      case 'SingleRow':
      case 'Values':
        inputs.push({ key, node, head: next, port, pace: paces.get(node) });
        return;
      case 'Sink':
      // One worker: rows pass through.
      case 'Exchange':
        build(node.input, next, port, isLast);
        return;
      case 'Union': {
        const union = new Union(key, node.inputs.length, next, port, watermarkOf(key));
        unions.push(union);
        for (const [i, input] of node.inputs.entries()) {
          const own = union.ports[i];
          if (own !== undefined) build(input, own, own, false);
        }
        return;
      }
      default: {
        const make = (factories[node.kind] as (node: PhysicalPlan, endsSorted: boolean) => (context: OperatorContext) => Operator)(node, endsSorted);
        const stage = new Stage(`${node.kind}[${node.id}]`, state.of(name, key), next, onLate, make, clock, lateRowsOf(node));
        if (isLast) isFull ??= stage.operator.isFull;
        if (node.kind === 'Join') {
          const union = new Union(key, 2, stage, port, watermarkOf(key), [0, 1].map((input) => ({ accept: (batch) => stage.accept(batch, input) })));
          unions.push(union);
          // The side whose rows may be missing is read first, of two that are as far: then fewer rows come out beside NULLs, and are taken back.
          const sides = [...inputsOf(node).entries()];
          for (const [i, input] of node.type === 'LEFT' ? sides.toReversed() : sides) {
            const own = union.ports[i];
            if (own !== undefined) build(input, own, own, false);
          }
        } else build(node.input, stage, port, isLast && node.kind === 'Calc');
        stages.push(stage);
      }
    }
  };
  build(plan, sink, undefined, true);
  return { inputs, unions, stages, isFull };
}

/** True for what rows of several inputs come to. */
function unites(node: PhysicalPlan): boolean {
  return node.kind === 'Union' || node.kind === 'Join';
}

/**
 * What the event time of each node's rows is stored under: the input that they come from, or the union. An only input has the pipeline's
 * name; of several, input i is `name/i`, union i, or join, `name/union-i`.
 */
function streamKeys(plan: PhysicalPlan, name: string): ReadonlyMap<PhysicalPlan, string> {
  const keys = new Map<PhysicalPlan, string>();
  const isUnited = nodesOf(plan).some(unites);
  let sources = 0;
  let unions = 0;
  const go = (node: PhysicalPlan): string => {
    const [only] = inputsOf(node).map(go);
    const key = unites(node) ? `${name}/union-${unions++}` : (only ?? (isUnited ? `${name}/${sources++}` : name));
    keys.set(node, key);
    return key;
  };
  go(plan);
  return keys;
}
