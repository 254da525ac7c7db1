import { setColumnName } from './bind-grouping-sets.ts';
import { inputsOf, nodesOf, type PhysicalPlan } from './physical-plan.ts';

/** W0401: a step whose state grows as long as new keys come. */
export interface UnboundedState {
  readonly node: PhysicalPlan;
  /** The step, what it keeps, and what would bound it. */
  readonly message: string;
}

/** The steps of a plan that keep something for ever. A plan that reads no table ends, and keeps nothing. */
export function unboundedStates(plan: PhysicalPlan): readonly UnboundedState[] {
  return nodesOf(plan).flatMap((node) => (node.properties.state === 'unbounded' && nodesOf(node).some((below) => below.kind === 'TableSourceScan') ? [{ node, message: `${node.kind}[${node.id}] ${describe(node)}` }] : []));
}

function describe(node: PhysicalPlan): string {
  const name = (index: number): string => (inputsOf(node)[0] ?? node).columns[index]?.name ?? '?';
  switch (node.kind) {
    case 'GroupAggregate': {
      // The number of a grouping set is no column that anyone has named.
      const keys = node.keys.map(name).filter((key) => key !== setColumnName).join(', ') || 'set';
      return `keeps every ${keys} for ever. A window bounds it:  FROM TABLE(TUMBLE(...)) GROUP BY window_start, window_end, ${keys}`;
    }
    case 'Join':
      return 'keeps all rows of both sides for ever, since each may still meet a row of the other. Less is kept of sides that are grouped, or filtered, before they are joined';
    case 'ChangelogNormalize':
      return `keeps the latest row of every ${node.key.map(name).join(', ')}, as many as the table has`;
    case 'UpsertMaterialize': {
      const told = node.upsertKey?.map(name).join(', ');
      const other = told === undefined ? 'a primary key that tells the rows of the query apart' : `PRIMARY KEY (${told}) NOT ENFORCED, which tells the rows apart,`;
      return `keeps all rows of every ${node.key.map(name).join(', ')}, since several may have one and the last one written wins. It needs none with ${other} in the table`;
    }
    default:
      return 'keeps what has come for ever';
  }
}
