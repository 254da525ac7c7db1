import { SqlError, type SourceText } from '../../core/diagnostic.ts';
import type { Settings } from '../../core/settings.ts';
import type { Span } from '../../core/span.ts';
import type { MemoryCatalog } from '../../catalog/catalog.ts';
import type { CatalogEntry } from '../../catalog/entry.ts';
import type { Name, Statement } from '../../parser/ast.ts';
import { parametersOf } from '../../planner/parameters.ts';
import type { PlanContext } from '../../planner/plan.ts';
import type { Column, Row, StatementResult } from '../api.ts';
import type { ConnectorList } from '../tables.ts';

/** What scripts define: a check works on a copy. */
export interface World {
  readonly catalog: MemoryCatalog;
  readonly settings: Settings;
}

/** What a statement's handler sees and may do. A handler opens nothing, and throws SqlError for the first mistake. */
export interface StatementContext {
  readonly source: SourceText;
  /** As the statements before this one left it. */
  readonly world: World;
  readonly connectors: ConnectorList;
  /** The names of the jobs that run. */
  readonly jobs: readonly string[];
  readonly planContext: PlanContext;
  /** Whether it was defined by an earlier call and is kept in the state folder. */
  readonly isStored: (entry: CatalogEntry) => boolean;
  /** Does it in `world`, and keeps it for the engine's own. */
  readonly do: (effect: (world: World) => void) => void;
  /** Mistakes of one statement that is then not done; what names `broken` is not told again. */
  readonly faults: (errors: readonly SqlError[], broken?: string) => void;
}

/** A word that something is done. */
export function done(message: string): StatementResult {
  return { kind: 'done', message };
}

/** Rows that are made here, without a job. */
export function listing(columns: readonly Column[], rows: readonly Row[]): StatementResult {
  return { kind: 'rows', columns, rows, complete: true, stats: { rowsRead: 0n, rowsOut: BigInt(rows.length), late: 0n, bad: 0n } };
}

/** A column of text. */
export function textColumn(name: string, nullable = false): Column {
  return { name, type: 'STRING', nullable };
}

export function nameText(name: Name): string {
  return name.parts.map((part) => part.name).join('.');
}

export function later(feature: string, span: Span): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: ${feature}`, span });
}

/** A definition outlives the call whose values a parameter would take. */
export function refuseParameters(statement: Statement, what: string): void {
  const [first] = parametersOf([statement]);
  if (first !== undefined) throw new SqlError({ code: 'E0904', message: `${what} cannot hold a parameter`, span: first.span, label: 'write the value here' });
}
