import { SqlError, type SourceText } from '../core/diagnostic.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { nodesOf } from '../planner/physical-plan.ts';
import type { CheckedScript, ReadyPlan } from './check.ts';
import { endsByItself, tableIn, type ConnectorList } from './tables.ts';

/** True when the plan's input ends by itself. */
export function isBounded({ physical, tables }: ReadyPlan, connectors: ConnectorList): boolean {
  return nodesOf(physical).every((node) => node.kind !== 'TableSourceScan' || endsByItself(tableIn(tables, node.table), connectors));
}

/** The tables of a job's plans. One name means one table: its sinks and positions are found by it. */
export function mergeTables(plans: readonly ReadyPlan[]): ReadonlyMap<string, TableEntry> {
  const merged = new Map<string, TableEntry>();
  for (const { tables } of plans) {
    for (const [name, entry] of tables) {
      if ((merged.get(name) ?? entry) !== entry) throw new SqlError({ code: 'E0105', message: `${name} is made anew between two INSERTs of one job`, span: entry.span, source: entry.source, hint: 'start them as two jobs, or give the tables two names' });
      merged.set(name, entry);
    }
  }
  return merged;
}

/** Nobody would get the rows of a SELECT among the INSERTs of a job. Throws E0904 with its place. */
export function refuseQueries({ queries }: CheckedScript, source: SourceText): void {
  const [first] = queries;
  if (first === undefined) return;
  throw new SqlError({ code: 'E0904', message: 'submit starts INSERTs, and nobody would get the rows of this SELECT', span: first.query.span, source, hint: 'write INSERT INTO ... SELECT, or ask it with query() or exec()' });
}

/** The text of a query. Throws E0904 for what is none. */
export function textOf(sql: unknown): string {
  const text = typeof sql === 'object' && sql !== null && 'sql' in sql ? sql.sql : sql;
  if (typeof text !== 'string') throw new SqlError({ code: 'E0904', message: `SQL is a text, not ${text === null ? 'null' : typeof text}` });
  return text;
}
