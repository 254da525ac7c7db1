import type { Clock } from '../core/clock.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Settings } from '../core/settings.ts';
import type { TableEntry } from '../catalog/entry.ts';
import type { KeyedPlan } from '../planner/row-key.ts';
import { refuseOtherZones } from '../planner/time-zone.ts';
import type { BrokerLink } from '../wire/broker-link.ts';
import type { ReadyPlan } from './check.ts';
import { growthWarnings } from './explain.ts';
import { startJob } from './job.ts';
import type { JobHost, JobSpec, OnIncompatible } from './job-spec.ts';
import { JobTable } from './job-table.ts';
import type { RunningJob } from './running-job.ts';
import { isBounded, mergeTables } from './script-plans.ts';
import { tableIn, type ConnectorList } from './tables.ts';
import type { EngineOptions, Notice } from './api.ts';

/** What starting jobs needs of an engine. */
interface LauncherHost {
  readonly stateDir: string | undefined;
  readonly connectors: ConnectorList;
  readonly clock: Clock;
  readonly onPrint: EngineOptions['onPrint'];
  broker(): Promise<BrokerLink>;
  notice(notice: Notice): void;
}

/** How the INSERTs of a script become a job. */
export interface LaunchOptions {
  /** Before the setting `pipeline.name`. */
  readonly name?: string | undefined;
  /** The name where nothing else gives one. */
  readonly fallback: string;
  readonly bounded: boolean;
  readonly fresh: boolean;
  readonly onIncompatible?: OnIncompatible | undefined;
  /** See JobSpec. */
  readonly isStored: boolean;
  /** Stops the job. */
  readonly signal?: AbortSignal | undefined;
}

/** Starts the jobs and queries of an engine, knows what runs, and ends it. */
export class Launcher {
  readonly jobs = new JobTable();
  readonly #host: LauncherHost;
  /** Everything that runs, queries too. */
  readonly #running = new Set<RunningJob>();
  readonly #opening = new Set<Promise<unknown>>();
  #isClosing = false;
  #hasStarted = false;
  #queries = 0;

  constructor(host: LauncherHost) {
    this.#host = host;
  }

  /** The error of what waits for an engine that is closed, or is being closed; undefined while it is open. */
  get interruption(): SqlError | undefined {
    return this.#isClosing ? closed() : undefined;
  }

  /** Whether a job or a query was ever started. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Throws E0903 once the engine is closed. */
  check(): void {
    if (this.#isClosing) throw closed();
  }

  /** Starts INSERTs as one job. Throws E0904 for a name that a job has. */
  async start(plans: readonly ReadyPlan[], settings: Settings, options: LaunchOptions): Promise<RunningJob> {
    for (const { physical } of plans) refuseOtherZones(physical, settings.get('table.local-time-zone'));
    const { bounded, fresh, onIncompatible, isStored, signal } = options;
    const name = options.name ?? (settings.get('pipeline.name') || options.fallback);
    const tables = mergeTables(plans);
    this.jobs.take(name);
    // Of what ends, nothing grows for ever.
    if (isStored && !bounded) for (const plan of plans) if (!isBounded(plan, this.#host.connectors)) for (const message of growthWarnings(plan)) this.#host.notice({ code: 'W0401', level: 'warning', message, job: name });
    const spec = { name, plans: plans.map((plan) => plan.physical), texts: plans.map((plan) => plan.texts), settings, bounded, fresh, onIncompatible, isStored };
    const job = await this.#launch(spec, tables).catch((error: unknown) => {
      this.jobs.release(name);
      throw error;
    });
    this.jobs.add(job, this.#host.clock.now());
    const stop = (): void => void job.stop();
    const forget = (): void => {
      this.jobs.release(name);
      signal?.removeEventListener('abort', stop);
    };
    job.finished.then(forget, (error: unknown) => {
      forget();
      this.#host.notice({ code: error instanceof SqlError ? error.code : 'E0999', level: 'error', message: error instanceof Error ? error.message : String(error), job: name });
    });
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    return job;
  }

  /** Starts a query, whose rows go to whoever asked. */
  query({ physical }: KeyedPlan, { texts, tables }: Pick<ReadyPlan, 'texts' | 'tables'>, settings: Settings, bounded: boolean, rows: Pick<JobSpec, 'collect' | 'credit'>): Promise<RunningJob> {
    return this.#launch({ name: `query-${++this.#queries}`, plans: [physical], texts: [texts], settings, bounded, fresh: false, isStored: false, ...rows }, tables);
  }

  /** Starts a job, unless the engine is closed meanwhile (E0903). */
  async #launch(spec: JobSpec, tables: ReadonlyMap<string, TableEntry>): Promise<RunningJob> {
    this.check();
    const opening = (async () => {
      const job = await startJob(this.#hostOf(tables), spec);
      if (this.#isClosing) {
        await job.stop();
        throw closed();
      }
      this.#running.add(job);
      this.#hasStarted = true;
      const forget = (): void => void this.#running.delete(job);
      job.finished.then(forget, forget);
      return job;
    })();
    this.#opening.add(opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(opening);
    }
  }

  #hostOf(tables: ReadonlyMap<string, TableEntry>): JobHost {
    const { stateDir, connectors, clock, onPrint } = this.#host;
    return {
      stateDir,
      connectors,
      clock,
      broker: () => this.#host.broker(),
      table: (name) => tableIn(tables, name),
      notice: (code, message, job) => this.#host.notice({ code, level: 'info', message, job }),
      print: onPrint,
    };
  }

  /** Nothing starts from now on. */
  close(): void {
    this.#isClosing = true;
  }

  /** After `close`: stops everything with a last checkpoint. What has not ended after `timeout` ms is given up. */
  async end(timeout: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, timeout); });
    const ended = (async () => {
      await Promise.allSettled(this.#opening);
      await Promise.allSettled([...this.#running].map((job) => job.stop()));
    })();
    await Promise.race([ended, late]);
    clearTimeout(timer);
    for (const job of this.#running) job.runner.giveUp(closed());
  }
}

function closed(): SqlError {
  return new SqlError({ code: 'E0903', message: 'the engine is closed' });
}
