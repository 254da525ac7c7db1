import { SqlError, type SourceText } from '../../core/diagnostic.ts';
import type { Settings } from '../../core/settings.ts';
import type { Span } from '../../core/span.ts';
import type { MemoryCatalog } from '../../catalog/catalog.ts';
import type { CatalogEntry } from '../../catalog/entry.ts';
import type { Name } from '../../parser/ast.ts';
import type { Statement } from '../../parser/ast-statement.ts';
import { parametersOf } from '../../planner/parameters.ts';
import type { PlanContext } from '../../planner/plan.ts';
import type { Column, Row, StatementResult } from '../api.ts';
import type { ConnectorList } from '../tables.ts';

/** What scripts define: a check works on a copy. */
export interface World {
  readonly catalog: MemoryCatalog;
  readonly settings: Settings;
}

/** What SHOW JOBS tells of a job. */
export interface JobFacts {
  readonly name: string;
  readonly state: 'live' | 'paused' | 'stopped' | 'finished' | 'failed';
  /** In ms since 1970. */
  readonly startedAt: number;
}

/** What a statement's handler sees and may do. A handler opens nothing, and throws SqlError for the first mistake. */
export interface StatementContext {
  readonly source: SourceText;
  /** As the statements before this one left it. */
  readonly world: World;
  readonly connectors: ConnectorList;
  /** The jobs that run. */
  readonly jobs: readonly JobFacts[];
  /** The names of the functions that the program gave the engine. */
  readonly functions: readonly string[];
  readonly planContext: PlanContext;
  /** Whether it was defined by an earlier call and is kept in the state folder. */
  readonly isStored: (entry: CatalogEntry) => boolean;
  /** The same of a catalog, or of a database of one. */
  readonly isNamespaceStored: (...names: readonly string[]) => boolean;
  /** Does it in `world`, and keeps it for the engine's own. */
  readonly do: (effect: (world: World) => void) => void;
  /** Mistakes of one statement that is then not done. What they make of the table `broken` is not told again: a draft has guessed types. */
  readonly faults: (errors: readonly SqlError[], broken?: string, kind?: 'draft' | 'usable') => void;
}

/** A word that something is done. */
export function done(message: string): StatementResult {
  return { kind: 'done', message };
}

/** Rows that are made here, without a job. */
export function listing(columns: readonly Column[], rows: readonly Row[]): StatementResult {
  return { kind: 'rows', columns, rows, complete: true, stats: { rowsRead: 0n, rowsOut: BigInt(rows.length), late: 0n, bad: 0n, unmatched: 0n } };
}

const statuses: { readonly [S in JobFacts['state']]: string } = { live: 'RUNNING', paused: 'SUSPENDED', stopped: 'CANCELED', finished: 'FINISHED', failed: 'FAILED' };

/** Jobs with Flink's columns and words. A job's name is its identity here. */
export function jobListing(jobs: readonly JobFacts[]): StatementResult {
  const columns: Column[] = [textColumn('job id'), textColumn('job name'), textColumn('status'), { name: 'start time', type: 'TIMESTAMP_LTZ(3)', nullable: false }];
  return listing(columns, jobs.map(({ name, state, startedAt }) => ({ 'job id': name, 'job name': name, status: statuses[state], 'start time': new Date(startedAt) })));
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
