import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { SqlType } from '../core/sql-type.ts';
import { visit, type BoundExpr } from '../expression/bound-expr.ts';
import { nodesOf, type PhysicalPlan } from './physical-plan.ts';

/**
 * Throws E0002 for a plan whose rows would depend on the session's time zone, when that is not UTC: a TIMESTAMP_LTZ that becomes a local
 * time or a text or comes from one, or windows over it. Everything else means the same in all zones.
 */
export function refuseOtherZones(plan: PhysicalPlan, zone: string): void {
  if (zone.toUpperCase() === 'UTC') return;
  for (const node of nodesOf(plan)) {
    if (node.kind === 'WindowAggregate' && isInstant(node.input.columns[node.timeColumn]?.type)) throw later(zone, undefined);
    for (const expr of expressionsOf(node)) check(expr, zone);
  }
}

function expressionsOf(node: PhysicalPlan): readonly BoundExpr[] {
  switch (node.kind) {
    case 'TableSourceScan':
      return [...(node.projection ?? []), ...(node.watermark === undefined ? [] : [node.watermark])];
    case 'Calc':
      return [...node.projection, ...(node.condition === undefined ? [] : [node.condition])];
    case 'WindowAggregate':
    case 'GroupAggregate':
      return node.calls.flatMap((call) => [...call.args, ...(call.filter === undefined ? [] : [call.filter])]);
    default:
      return [];
  }
}

function check(expr: BoundExpr, zone: string): void {
  visit(expr, (node) => {
    if (node.kind === 'cast' && isInstant(node.type) !== isInstant(node.operand.type) && node.operand.type.kind !== 'NULL') throw later(zone, node.span);
  });
}

function isInstant(type: SqlType | undefined): boolean {
  return type?.kind === 'TIMESTAMP_LTZ';
}

function later(zone: string, span: Span | undefined): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: TIMESTAMP_LTZ as local time of the zone ${zone}`, span, hint: "SET 'table.local-time-zone' = 'UTC';" });
}
