import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { SqlType } from '../core/sql-type.ts';
import { rewrite, visit, type BoundExpr } from '../expression/bound-expr.ts';
import { findScalar } from '../functions/registry.ts';
import { nodesOf, type PhysicalPlan } from './physical-plan.ts';

/**
 * The plan, logical or physical, with the session's zone in each expression that depends on it: casts between TIMESTAMP_LTZ and local times or
 * texts, and functions that say so. Parts that do not are the same objects as before.
 */
export function inZone<P extends object>(plan: P, zone: string): P {
  return zone.toUpperCase() === 'UTC' ? plan : (withZone(plan, zone, new Map()) as P);
}

/** A plan is plain data: expressions are found in it by their form. */
function withZone(value: unknown, zone: string, seen: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null || !(Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  let made: unknown = value;
  if (isBoundExpr(value)) made = rewrite(value, (node) => (node.kind !== 'literal' && dependsOnZone(node) ? { ...node, zone } : node));
  else if (Array.isArray(value)) {
    const parts = value.map((part) => withZone(part, zone, seen));
    if (parts.some((part, i) => part !== value[i])) made = parts;
  } else {
    const parts = Object.entries(value).map(([name, part]) => [name, withZone(part, zone, seen), part] as const);
    if (parts.some(([, after, before]) => after !== before)) made = Object.fromEntries(parts);
  }
  if (isZonedWindow(made)) made = { ...made, zone, ...('stateName' in made ? { stateName: `${String(made.stateName)} in ${zone}` } : {}) };
  seen.set(value, made);
  return made;
}

/** A physical node whose windows lie in local time: window_time, its last column, tells. */
function isZonedWindow(value: unknown): value is { readonly stateName?: unknown } {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('columns' in value) || !('id' in value) || 'zone' in value) return false;
  const isWindow = value.kind === 'WindowAggregate' || value.kind === 'WindowTableFunction' || value.kind === 'SessionWindow';
  return isWindow && Array.isArray(value.columns) && isInstant((value.columns.at(-1) as { readonly type?: SqlType } | undefined)?.type);
}

const exprKinds = new Set(['column', 'literal', 'call', 'cast', 'logic', 'field', 'not', 'is', 'case']);

function isBoundExpr(value: object): value is BoundExpr {
  return 'kind' in value && typeof value.kind === 'string' && exprKinds.has(value.kind) && 'type' in value && typeof value.type === 'object';
}

function dependsOnZone(node: BoundExpr): boolean {
  if (node.kind === 'call') {
    const uses = findScalar(node.name)?.usesZone;
    return uses === true || (uses === 'of-instants' && node.args.some((arg) => isInstant(arg.type)));
  }
  return node.kind === 'cast' && holdsInstant(node.type) !== holdsInstant(node.operand.type) && node.operand.type.kind !== 'NULL';
}

/**
 * Throws E0002 for a plan whose rows would depend on the session's time zone, when that is not UTC, and that it was not made for: windows over
 * TIMESTAMP_LTZ, and expressions that do not have the zone. Everything else means the same in all zones.
 */
export function refuseOtherZones(plan: PhysicalPlan, zone: string): void {
  if (zone.toUpperCase() === 'UTC') return;
  for (const node of nodesOf(plan)) {
    if ((node.kind === 'WindowAggregate' || node.kind === 'WindowTableFunction' || node.kind === 'SessionWindow') && isInstant(node.columns.at(-1)?.type) && node.zone !== zone) throw later(zone, undefined);
    for (const expr of expressionsOf(node)) check(expr, zone);
  }
}

function expressionsOf(node: PhysicalPlan): readonly BoundExpr[] {
  switch (node.kind) {
    case 'TableSourceScan':
      return [...(node.projection ?? []), ...(node.watermark === undefined ? [] : [node.watermark])];
    case 'Values':
      return node.rows.flat();
    case 'Calc':
      return [...node.projection, ...(node.condition === undefined ? [] : [node.condition])];
    case 'Join':
      return node.condition === undefined ? [] : [node.condition];
    case 'WindowAggregate':
    case 'GroupAggregate':
      return node.calls.flatMap((call) => [...call.args, ...(call.filter === undefined ? [] : [call.filter])]);
    default:
      return [];
  }
}

function check(expr: BoundExpr, zone: string): void {
  visit(expr, (node) => {
    if (dependsOnZone(node) && (node as Extract<BoundExpr, { kind: 'cast' }>).zone !== zone) throw later(zone, node.span);
  });
}

/** True for TIMESTAMP_LTZ, and for what has some within. */
function holdsInstant(type: SqlType): boolean {
  switch (type.kind) {
    case 'ARRAY':
    case 'MULTISET':
      return holdsInstant(type.element);
    case 'MAP':
      return holdsInstant(type.key) || holdsInstant(type.value);
    case 'ROW':
      return type.fields.some((field) => holdsInstant(field.type));
    default:
      return isInstant(type);
  }
}

function isInstant(type: SqlType | undefined): boolean {
  return type?.kind === 'TIMESTAMP_LTZ';
}

function later(zone: string, span: Span | undefined): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: TIMESTAMP_LTZ as local time of the zone ${zone}`, span, hint: "SET 'table.local-time-zone' = 'UTC';" });
}
