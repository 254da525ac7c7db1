import { SqlError } from '../../core/diagnostic.ts';
import type { RareStatement } from '../../parser/ast-statement.ts';
import type { StatementResult } from '../api.ts';
import { alterCatalog } from './databases.ts';
import { done, jobListing, later, type StatementContext } from './context.ts';

type RareKind = RareStatement['kind'];

/** What Flink calls the statements that are read and do nothing here yet. */
const names: { readonly [K in Exclude<RareKind, 'AlterCatalog' | 'UseModules' | 'LoadModule' | 'UnloadModule' | 'DescribeJob'>]: (statement: Extract<RareStatement, { kind: K }>) => string } = {
  CreateFunction: ({ temporary, system }) => `CREATE ${temporary ? 'TEMPORARY ' : ''}${system ? 'SYSTEM ' : ''}FUNCTION`,
  AlterFunction: ({ temporary, system }) => `ALTER ${temporary ? 'TEMPORARY ' : ''}${system ? 'SYSTEM ' : ''}FUNCTION`,
  CreateModel: ({ temporary }) => `CREATE ${temporary ? 'TEMPORARY ' : ''}MODEL`,
  AlterModel: () => 'ALTER MODEL',
  CreateMaterializedTable: ({ orAlter }) => `CREATE ${orAlter ? 'OR ALTER ' : ''}MATERIALIZED TABLE`,
  AlterMaterializedTable: () => 'ALTER MATERIALIZED TABLE',
  Update: () => 'UPDATE',
  Delete: () => 'DELETE FROM',
  Truncate: () => 'TRUNCATE TABLE',
  CallProcedure: () => 'CALL',
  Jar: ({ action }) => `${action} JAR`,
  Analyze: () => 'ANALYZE TABLE',
  CompilePlan: ({ execute }) => (execute ? 'COMPILE AND EXECUTE PLAN' : 'COMPILE PLAN'),
  ExecutePlan: () => 'EXECUTE PLAN',
  StopJob: () => 'STOP JOB',
};

/** What the whole grammar reads. Of modules there is one, core; the rest answers E0002 at its first words. */
export function rareStatement(statement: RareStatement, context: StatementContext): StatementResult {
  switch (statement.kind) {
    case 'AlterCatalog':
      return alterCatalog(statement, context);
    case 'UseModules': {
      const other = statement.names.find(({ name }) => name !== 'core');
      if (other !== undefined) throw new SqlError({ code: 'E0101', message: `there is no module ${other.name}`, span: other.span, label: 'core is the only one' });
      return done('using module core');
    }
    case 'LoadModule':
      if (statement.name.name === 'core') throw new SqlError({ code: 'E0105', message: 'the module core is loaded', span: statement.name.span });
      throw later(`the module ${statement.name.name}`, statement.name.span);
    case 'UnloadModule':
      if (statement.name.name !== 'core') throw new SqlError({ code: 'E0101', message: `there is no module ${statement.name.name}`, span: statement.name.span, label: 'core is the only one' });
      throw later('UNLOAD MODULE core', statement.span);
    case 'DescribeJob': {
      const jobs = context.jobs.filter(({ name }) => name === statement.job);
      if (jobs.length === 0) throw new SqlError({ code: 'E0904', message: `no job ${statement.job} runs`, span: statement.span, hint: 'SHOW JOBS;' });
      return jobListing(jobs);
    }
    default: {
      const name = names[statement.kind] as (statement: RareStatement) => string;
      const text = name(statement);
      // The caret stands under the words, not under all of a long statement.
      const { diagnostic } = later(text, { start: statement.span.start, end: Math.min(statement.span.end, statement.span.start + text.length) });
      throw new SqlError(statement.kind === 'StopJob' ? { ...diagnostic, label: 'at the prompt a job is stopped by this alone on its line', hint: `\\stop ${statement.job}  does the same; Ctrl-C ends sluice run with a checkpoint, and job.stop() a program's` } : diagnostic);
    }
  }
}
