import type { Catalog } from '../catalog/catalog.ts';
import type { Query, InsertStatement } from '../parser/ast.ts';
import { bindInsert } from './bind-insert.ts';
import { bindQuery } from './bind-query.ts';
import { lower, type ConnectorLookUp } from './lower.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { applyRules } from './rule.ts';
import { rules } from './rules/rules.ts';
import { refuseOtherZones } from './time-zone.ts';

/** What the planner needs to know of the world. */
export interface PlanContext {
  readonly catalog: Catalog;
  readonly connectors: ConnectorLookUp;
  /** The session's time zone; UTC when absent. */
  readonly zone?: string | undefined;
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
  return optimize(bindQuery(query, context.catalog), context);
}

function optimize(logical: LogicalPlan, context: PlanContext): Planned {
  const { plan, applied } = applyRules(logical, rules);
  const physical = lower(plan, context.connectors);
  refuseOtherZones(physical, context.zone ?? 'UTC');
  return { physical, applied };
}
