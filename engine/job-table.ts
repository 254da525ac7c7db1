import { SqlError } from '../core/diagnostic.ts';
import type { RunningJob } from './running-job.ts';
import type { JobFacts } from './statements/context.ts';

/** Throws E0904 for a name that no job can have: it is a folder's and a part of transactional ids. */
export function checkJobName(name: string): void {
  if (/^(?!\.{1,2}$)[^/\\\p{Cc}]{1,100}$/u.test(name)) return;
  throw new SqlError({ code: 'E0904', message: `${JSON.stringify(name)} cannot be the name of a job`, hint: 'one to 100 characters, no slash and no control character' });
}

/** The jobs of an engine by name. A name is taken from before its job is opened until it has ended. */
export class JobTable {
  readonly #taken = new Set<string>();
  readonly #running = new Map<string, { readonly job: RunningJob; readonly startedAt: number }>();

  /** Throws E0904 for a name that a job has, or that none can have. */
  take(name: string): void {
    checkJobName(name);
    if (this.#taken.has(name)) throw new SqlError({ code: 'E0904', message: `a job ${name} runs already`, hint: `SET 'pipeline.name' = '${name}-2';  gives this one another name` });
    this.#taken.add(name);
  }

  /** That name, or the first of its kind that no job has: several calls may run at once. */
  free(name: string): string {
    let free = name;
    for (let i = 2; this.#taken.has(free); i++) free = `${name}-${i}`;
    return free;
  }

  /** `startedAt` in ms since 1970. */
  add(job: RunningJob, startedAt: number): void {
    this.#running.set(job.name, { job, startedAt });
  }

  release(name: string): void {
    this.#taken.delete(name);
    this.#running.delete(name);
  }

  get(name: string): RunningJob | undefined {
    return this.#running.get(name)?.job;
  }

  all(): readonly RunningJob[] {
    return [...this.#running.values()].map(({ job }) => job);
  }

  facts(): readonly JobFacts[] {
    return [...this.#running.values()].map(({ job: { name, state }, startedAt }) => ({ name, state, startedAt }));
  }
}
