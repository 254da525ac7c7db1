import { printExpr } from '../expression/bound-expr.ts';
import { fingerprint } from '../planner/state-name.ts';
import { nodesOf, type PhysicalPlan } from '../planner/physical-plan.ts';

/**
 * The pipelines of a job by name, as checkpoints, groups and transactional ids hold it: `sink@source`, each percent-encoded, so that no two
 * pairs give one name. Positions belong to that pair wherever in the script its INSERT stands; a second of the same pair gets `@2`. An
 * INSERT without a table is `sink@@HASH` of what it gives.
 */
export function pipelineNames(plans: readonly PhysicalPlan[]): readonly string[] {
  const counts = new Map<string, number>();
  return plans.map((plan, i) => {
    const nodes = nodesOf(plan);
    const sink = plan.kind === 'Sink' ? encode(plan.table) : `query${i}`;
    const scan = nodes.find((node) => node.kind === 'TableSourceScan');
    const name = `${sink}@${scan === undefined ? `@${fingerprint(nodes.map(describe).join('\n'))}` : encode(scan.table)}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}@${count}`;
  });
}

/** Any name in characters that are safe in files, ids and URLs; `@` and `/` are not among them. */
export function encode(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replaceAll('*', '%2A');
}

export interface PipelineName {
  readonly sink: string;
  /** Undefined for an INSERT without a table. */
  readonly source: string | undefined;
}

export function parsePipelineName(name: string): PipelineName {
  const [sink = '', source = ''] = name.split('@');
  return { sink: decodeURIComponent(sink), source: source === '' ? undefined : decodeURIComponent(source) };
}

/** What an INSERT without a table gives, whatever the script around it. */
function describe(node: PhysicalPlan): string {
  switch (node.kind) {
    case 'Calc':
      return [node.condition, ...node.projection].map((expr) => (expr === undefined ? '' : printExpr(expr, []))).join(', ');
    case 'GroupAggregate':
    case 'WindowAggregate':
      return node.stateName;
    default:
      return node.kind;
  }
}
