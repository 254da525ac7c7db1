import type { Catalog } from '../catalog/catalog.ts';
import type { Query, InsertStatement } from '../parser/ast.ts';
import { bindInsert } from './bind-insert.ts';
import { bindQuery } from './bind-query.ts';
import { lower, type FormatLookUp } from './lower.ts';
import type { ConnectorLookUp } from './lower-source.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { applyRules } from './rule.ts';
import { rules } from './rules/rules.ts';
import { inZone, refuseOtherZones } from './time-zone.ts';

/** What the planner needs to know of the world. */
export interface PlanContext {
  readonly catalog: Catalog;
  readonly connectors: ConnectorLookUp;
  /** The format of a table's records; undefined where it has none. */
  readonly formatOf?: FormatLookUp | undefined;
  /** The session's time zone; UTC when absent. */
  readonly zone?: string | undefined;
  /** See ChangeOptions. */
  readonly mayRepeat?: boolean | undefined;
}

export interface Planned {
  readonly physical: PhysicalPlan;
  /** The rules that changed the plan, in order. */
  readonly applied: readonly string[];
}

/** Throws SqlError for the first mistake. */
export function planInsert(statement: InsertStatement, context: PlanContext): Planned {
  return optimize(bindInsert(statement, context.catalog), context);
}

/** A query without a sink: its rows go to whoever asked. */
export function planQuery(query: Query, context: PlanContext): Planned {
  const bound = bindQuery(query, context.catalog);
  return optimize({ ...bound, columns: uniqueNames(bound.columns) }, context);
}

/** A second column of one name gets a number behind it, as in Flink: a, a0, a1. Rows are read by name. */
function uniqueNames(columns: readonly PlanColumn[]): readonly PlanColumn[] {
  const used = new Set<string>();
  return columns.map((column) => {
    let { name } = column;
    for (let attempt = 0; used.has(name); attempt++) name = `${column.name}${attempt}`;
    used.add(name);
    return name === column.name ? column : { ...column, name };
  });
}

function optimize(logical: LogicalPlan, context: PlanContext): Planned {
  const { plan, applied } = applyRules(logical, rules);
  const zone = context.zone ?? 'UTC';
  // Before lowering, as the zone is a part of what state means; after it for the casts to a sink's columns.
  const physical = inZone(lower(inZone(plan, zone), context.connectors, context.formatOf, context.mayRepeat), zone);
  refuseOtherZones(physical, zone);
  return { physical, applied };
}
