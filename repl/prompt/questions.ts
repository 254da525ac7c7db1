import { SqlError } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/suggest.ts';
import { optionOf, type CatalogEntry } from '../../catalog/entry.ts';
import { quoted } from '../../catalog/object-path.ts';
import type { Column, Finding, Row } from '../../engine/api.ts';
import type { Engine } from '../../engine/engine.ts';
import { findAggregate, findScalar, functionNames } from '../../functions/registry.ts';
import { examineFolder } from '../doctor/folder.ts';
import { TableLines } from '../render/table.ts';
import { topicSizes } from '../topic-records.ts';
import type { Question } from './protocol.ts';

/** What a question about the engine comes to, in lines. Throws SqlError for what is not there. */
export async function answer(engine: Engine, question: Question, stateDir: string): Promise<readonly string[]> {
  switch (question.about) {
    case 'tables':
      return tables(engine, question.onlyTables);
    case 'table':
      return describe(engine, question.name, question.isLong);
    case 'functions':
      return functions(question.name);
    case 'topics': {
      const rows = await topicSizes(await engine.brokerLink());
      return rows.length === 0 ? ['there are no topics'] : table(['topic', 'partitions INT', 'offsets BIGINT'], rows);
    }
    case 'jobs':
      return jobs(engine);
    case 'folder':
      return examineFolder(engine, stateDir);
    case 'why':
      return why(engine, question.name);
  }
}

function table(columns: readonly string[], rows: readonly Row[]): string[] {
  const shape = columns.map((column): Column => {
    const [name = '', type = 'STRING'] = column.split(' ');
    return { name, type, nullable: true };
  });
  return new TableLines(shape).rows(rows);
}

function tables({ catalog }: Engine, onlyTables: boolean): string[] {
  const names = catalog.names();
  const rows = catalog.entries().flatMap((entry, i): Row[] => (onlyTables && entry.kind !== 'table' ? [] : [{ name: names[i] ?? entry.name, kind: entry.kind, connector: connectorOf(entry) }]));
  if (rows.length === 0) return ['there are no tables yet:  CREATE TABLE t (..) WITH (..);   \\? lists all commands'];
  return table(['name', 'kind', 'connector'], rows.toSorted((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1)));
}

function connectorOf(entry: CatalogEntry): string {
  return entry.kind === 'table' ? (optionOf(entry, 'connector') ?? '') : '';
}

/** The columns of a table as DESCRIBE gives them; long: and what SHOW CREATE prints, which hides passwords. */
function describe(engine: Engine, name: string, isLong: boolean): string[] {
  const entry = engine.catalog.find(name.replaceAll('`', '').split('.'));
  if (entry === undefined) throw new SqlError({ code: 'E0101', message: `there is no table ${name}`, hint: didYouMean(name, engine.catalog.names()) ?? '\\d lists all' });
  const path = quoted(entry.path.catalog, entry.path.database, entry.path.object);
  const [columns] = resultsOf(engine, `DESCRIBE ${path}`);
  const lines = columns === undefined ? [] : new TableLines(columns.columns).rows(columns.rows.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? '']))));
  if (!isLong) return lines;
  const [definition] = resultsOf(engine, `SHOW CREATE ${entry.kind === 'view' ? 'VIEW' : 'TABLE'} ${path}`);
  return [...lines, '', ...(definition?.rows.flatMap((row) => String(row['result']).split('\n')) ?? [])];
}

function resultsOf(engine: Engine, sql: string): { readonly columns: readonly Column[]; readonly rows: readonly Row[] }[] {
  const { errors, results } = engine.check(sql);
  if (errors[0] !== undefined) throw errors[0];
  return results.flatMap((result) => (result.kind === 'rows' ? [result] : []));
}

/** All functions, or what there is to know of one. */
function functions(name: string | undefined): string[] {
  const names = functionNames().filter((candidate) => /^[A-Za-z]\w*$/.test(candidate)).toSorted();
  const docOf = (candidate: string): string => (findScalar(candidate) ?? findAggregate(candidate))?.doc ?? '';
  if (name === undefined) return table(['function', 'does'], names.map((candidate) => ({ function: candidate, does: docOf(candidate) })));
  const scalar = findScalar(name);
  if (scalar === undefined && findAggregate(name) === undefined) throw new SqlError({ code: 'E0103', message: `there is no function ${name}`, hint: didYouMean(name.toUpperCase(), names) ?? '\\df lists all' });
  return [`${name.toUpperCase()}  ${docOf(name)}`, ...(scalar?.examples ?? []).map(({ sql, result }) => `  ${sql}  is  ${result ?? 'NULL'}`)];
}

function jobs(engine: Engine): string[] {
  if (engine.jobs().length === 0) return ['no job runs; INSERT INTO starts one'];
  const rows = engine.jobs().map((job): Row => {
    const { rowsRead, rowsOut, late, watermark } = job.stats();
    return { job: job.name, state: job.state, read: rowsRead, written: rowsOut, late, watermark: watermark?.toISOString().replace('T', ' ').slice(0, -1) ?? '' };
  });
  return table(['job', 'state', 'read BIGINT', 'written BIGINT', 'late BIGINT', 'watermark'], rows);
}

/** The steps of a job, and why nothing comes out of one. Without a name, of all jobs. */
async function why(engine: Engine, name: string | undefined): Promise<string[]> {
  const job = name === undefined ? undefined : engine.job(name);
  if (name !== undefined && job === undefined) throw noJob(engine, name);
  const asked = job === undefined ? engine.jobs() : [job];
  if (asked.length === 0) return ['no job runs; INSERT INTO starts one'];
  const lines: string[] = [];
  for (const each of asked) {
    lines.push(`job ${each.name}`, ...stepLines(await each.diagnose()));
  }
  return lines;
}

/** The steps of what runs, and why nothing comes out of one. */
export function stepLines(findings: readonly Finding[]): string[] {
  const lines = table(['step', 'in BIGINT', 'out BIGINT'], findings.map(({ stage, rowsIn, rowsOut }) => ({ step: stage, in: rowsIn, out: rowsOut })));
  return [...lines, ...findings.flatMap(({ stage, cause, fix }) => (cause === undefined ? [] : [`${stage}: ${cause}`, ...(fix === undefined ? [] : [`  ${fix}`])]))];
}

export function noJob(engine: Engine, name: string): SqlError {
  const running = engine.jobs().map((job) => job.name);
  return new SqlError({ code: 'E0904', message: `no job ${name} runs`, hint: didYouMean(name, running) ?? (running.length === 0 ? 'none runs' : `these run: ${running.join(', ')}`) });
}
