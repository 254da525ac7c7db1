import { SqlError } from '../../core/diagnostic.ts';
import type { SqlType } from '../../core/sql-type.ts';
import type { PhysicalKind, PhysicalNode, PhysicalPlan } from '../../planner/physical-plan.ts';
import type { Operator, OperatorContext, OperatorState } from '../operator.ts';
import { calcOperator } from '../operators/calc.ts';
import { groupAggregateOperator } from '../operators/group-aggregate.ts';
import { windowAggregateOperator } from '../operators/window-aggregate.ts';
import { Stage, type Consumer, type LateListener } from './stage.ts';

type OperatorKind = Exclude<PhysicalKind, 'TableSourceScan' | 'SingleRow' | 'Sink' | 'Exchange'>;
type Factories = { readonly [K in OperatorKind]: (node: PhysicalNode<K>) => (context: OperatorContext) => Operator };

/** One line for each kind of operator: the compiler asks for it. */
const factories: Factories = {
  Calc: (node) => (context) => calcOperator(context, { inputTypes: typesOf(node.input), condition: node.condition, projection: node.projection }),
  WindowAggregate: (node) => (context) => windowAggregateOperator(context, { ...node, inputTypes: typesOf(node.input), outputTypes: typesOf(node) }),
  GroupAggregate: (node) => (context) => groupAggregateOperator(context, { ...node, inputTypes: typesOf(node.input), outputTypes: typesOf(node) }),
};

export function typesOf(plan: PhysicalPlan): readonly SqlType[] {
  return plan.columns.map((column) => column.type);
}

export interface Built {
  readonly head: Consumer;
  readonly source: PhysicalNode<'TableSourceScan'> | PhysicalNode<'SingleRow'>;
  readonly stages: readonly Stage[];
}

/** Makes the operators of a plan, from the one before the sink down to its source, each handing on to the one above it. */
export function buildPipeline(plan: PhysicalPlan, sink: Consumer, state: OperatorState, onLate: LateListener): Built {
  const stages: Stage[] = [];
  const build = (node: PhysicalPlan, next: Consumer): { readonly head: Consumer; readonly source: Built['source'] } => {
    switch (node.kind) {
      case 'TableSourceScan':
      case 'SingleRow':
        return { head: next, source: node };
      case 'Sink':
        return build(node.input, next);
      case 'Exchange':
        // One worker: rows pass through.
        return build(node.input, next);
      default: {
        const make = (factories[node.kind] as (node: PhysicalPlan) => (context: OperatorContext) => Operator)(node);
        const stage = new Stage(`${node.kind}[${node.id}]`, state, next, onLate, make);
        stages.unshift(stage);
        return build(node.input, stage);
      }
    }
  };
  const { head, source } = build(plan, sink);
  if (source === undefined) throw new SqlError({ code: 'E0999', message: 'a plan without a source' });
  return { head, source, stages };
}
