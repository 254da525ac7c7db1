import { printExpr } from '../expression/bound-expr.ts';
import { fingerprint } from '../planner/state-name.ts';
import { inputsOf, nodesOf, type PhysicalPlan } from '../planner/physical-plan.ts';

/**
 * The pipelines of a job by name, as checkpoints, groups and transactional ids hold it: `sink@source`, each percent-encoded, so that no two
 * pairs give one name. Positions belong to that pair wherever in the script its INSERT stands; a second of the same pair gets `@2`. An
 * INSERT without a table is `sink@@HASH` of what it gives. Of several sources all are named in their order, `sink@a+b`, rows that
 * the query holds among them as `@HASH`.
 */
export function pipelineNames(plans: readonly PhysicalPlan[]): readonly string[] {
  const counts = new Map<string, number>();
  return plans.map((plan, i) => {
    const nodes = nodesOf(plan);
    const sink = plan.kind === 'Sink' ? encode(plan.table) : `query${i}`;
    const sources = nodes.filter((node) => inputsOf(node).length === 0);
    const held = `@${fingerprint(nodes.map(describe).join('\n'))}`;
    const name = `${sink}@${sources.map((source) => (source.kind === 'TableSourceScan' ? encode(source.table) : held)).join('+')}`;
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
  /** The tables that it reads, as `a` or `a, b`; undefined for an INSERT without a table. */
  readonly source: string | undefined;
}

export function parsePipelineName(name: string): PipelineName {
  const at = name.indexOf('@');
  const tables = name.slice(at + 1).split('+').map((source) => source.split('@')[0] ?? '').filter((source) => source !== '');
  return { sink: decodeURIComponent(name.slice(0, at)), source: tables.length === 0 ? undefined : tables.map(decodeURIComponent).join(', ') };
}

/** What an INSERT without a table gives, whatever the script around it. */
function describe(node: PhysicalPlan): string {
  switch (node.kind) {
    case 'Calc':
      return [node.condition, ...node.projection].map((expr) => (expr === undefined ? '' : printExpr(expr, []))).join(', ');
    case 'Values':
      return node.rows.map((row) => row.map((expr) => printExpr(expr, [])).join(', ')).join('; ');
    case 'GroupAggregate':
    case 'WindowAggregate':
    case 'Join':
      return node.stateName;
    default:
      return node.kind;
  }
}
