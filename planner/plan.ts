import type { Catalog } from '../catalog/catalog.ts';
import type { TableEntry } from '../catalog/entry.ts';
import type { Query } from '../parser/ast.ts';
import type { InsertStatement } from '../parser/ast-statement.ts';
import { bindInsert } from './bind-insert.ts';
import { bindQuery } from './bind-query.ts';
import { refuseChangingValues } from './changing-values.ts';
import { inDatabase } from './current-database.ts';
import { lower, type FormatLookUp } from './lower.ts';
import type { ConnectorLookUp } from './lower-source.ts';
import { inputsOf, type LogicalPlan } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import type { SinkOptions } from './lower-sink.ts';
import { applyRules, type Rule } from './rule.ts';
import { rules } from './rules/rules.ts';
import { inZone, refuseOtherZones } from './time-zone.ts';
import { uniqueNames } from './unique-names.ts';

/** What the planner needs to know of the world. */
export interface PlanContext {
  readonly catalog: Catalog;
  readonly connectors: ConnectorLookUp;
  /** The format of a table's records; undefined where it has none. */
  readonly formatOf?: FormatLookUp | undefined;
  /** The session's time zone; UTC when absent. */
  readonly zone?: string | undefined;
  /** The database in use, for CURRENT_DATABASE. */
  readonly database?: string | undefined;
  readonly sink?: Partial<SinkOptions> | undefined;
  /** The rules that are applied: all of them when absent. */
  readonly rules?: readonly Rule[] | undefined;
  /** See ChangeOptions. */
  readonly mayRepeat?: boolean | undefined;
  /** True: rows may be withdrawn by values that are others each time, though they are not found then. See refuseChangingValues. */
  readonly mayMiss?: boolean | undefined;
}

export interface Planned {
  readonly physical: PhysicalPlan;
  /** The rules that changed the plan, in order. */
  readonly applied: readonly string[];
  /** The tables in it that no catalog has as they are: with options of their own, by hints. */
  readonly hinted: readonly TableEntry[];
}

/** Throws SqlError for the first mistake. */
export function planInsert(statement: InsertStatement, context: PlanContext): Planned {
  return optimize(bindInsert(statement, context.catalog, context.sink?.typeLength), context);
}

/** A query without a sink: its rows go to whoever asked. */
export function planQuery(query: Query, context: PlanContext): Planned {
  const bound = bindQuery(query, context.catalog);
  return optimize({ ...bound, columns: uniqueNames(bound.columns) }, context);
}

function hintedTables(plan: LogicalPlan): readonly TableEntry[] {
  const own = (plan.kind === 'Scan' || plan.kind === 'Sink') && plan.table.base !== undefined ? [plan.table] : [];
  return [...own, ...inputsOf(plan).flatMap(hintedTables)];
}

function optimize(logical: LogicalPlan, context: PlanContext): Planned {
  const { plan, applied } = applyRules(inDatabase(logical, context.database), context.rules ?? rules);
  const zone = context.zone ?? 'UTC';
  // Before lowering, as the zone is a part of what state means; after it for the casts to a sink's columns.
  const physical = inZone(lower(inZone(plan, zone), context.connectors, context.formatOf, context.mayRepeat, context.sink), zone);
  refuseOtherZones(physical, zone);
  if (context.mayMiss !== true) refuseChangingValues(physical);
  return { physical, applied, hinted: hintedTables(logical) };
}
