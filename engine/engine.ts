import type { Batch } from '../core/batch.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Settings } from '../core/settings.ts';
import type { MemoryCatalog } from '../catalog/catalog.ts';
import type { ConnectorDef } from '../catalog/connector.ts';
import { withRowKey } from '../planner/row-key.ts';
import { EngineBroker } from './broker.ts';
import { checkCallOptions, checkEngineOptions, type CallName } from './call-options.ts';
import { changeReader, type Updates } from './changes.ts';
import type { CheckedScript, ReadyPlan } from './check.ts';
import { Checker, type QueryText } from './checker.ts';
import { collectRows, type CollectOptions } from './collect.ts';
import { millisOf } from './duration.ts';
import { explainReady, type ExplainFormat } from './explain.ts';
import type { OnIncompatible } from './job-spec.ts';
import { Launcher } from './launcher.ts';
import type { RunningJob } from './running-job.ts';
import { refusalsOf } from './refusals.ts';
import { Result, type QueryStart } from './result.ts';
import { isBounded, refuseQueries, textOf } from './script-plans.ts';
import { rowReader } from './rows.ts';
import { openTable } from './table-handle.ts';
import type { ConnectorList } from './tables.ts';
import { compareJobs } from './upgrade.ts';
import { printVerdict, verdictOf, type Upgrade } from './verdict.ts';
import type { Change, Collected, Duration, EngineOptions, FnDef, Notice, Opt, Params, Row, Run, StatementResult, TableHandle } from './api.ts';

export type { CheckedScript } from './check.ts';

export interface SubmitOptions extends Run {
  readonly name?: string | undefined;
  /** Read what is there now, close the windows, end. */
  readonly bounded?: boolean | undefined;
  readonly fresh?: boolean | undefined;
  /** See JobSpec. */
  readonly onIncompatible?: OnIncompatible | undefined;
}

/** The engine: a catalog, settings, a broker, and the jobs that run. */
export class Engine implements AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #checker: Checker;
  readonly #broker: EngineBroker;
  readonly #connectors: ConnectorList;
  readonly #launcher: Launcher;
  readonly #onAbort = (): void => void this.close().catch(() => undefined);
  #closed: Promise<void> | undefined;

  private constructor(options: EngineOptions, clock: Clock) {
    this.#options = options;
    this.#broker = new EngineBroker(options.kafka, options.stateDir, (message) => this.#notice({ code: 'N0703', level: 'warning', message }));
    this.#connectors = (options.connectors ?? []) as readonly ConnectorDef[];
    this.#launcher = new Launcher({ stateDir: options.stateDir, connectors: this.#connectors, clock, onPrint: options.onPrint, broker: () => this.#broker.link(), notice: (notice) => this.#notice(notice) });
    this.#checker = new Checker(options.settings, this.#connectors, () => this.#launcher.jobs.facts());
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** No socket, thread or broker is opened before a table needs it. `clock`: for tests, what stands in for the time of day. */
  static async create(options: EngineOptions = {}, clock: Clock = systemClock): Promise<Engine> {
    checkEngineOptions(options);
    options.signal?.throwIfAborted();
    const engine = new Engine(options, clock);
    if (options.stateDir !== undefined) await engine.#checker.open(options.stateDir, (message) => engine.#notice({ code: 'N0804', level: 'warning', message }));
    return engine;
  }

  /** The broker's verbs: for producers inside this process. Throws E0506 when the engine has none. */
  brokerLink(): ReturnType<EngineBroker['link']> {
    this.#launcher.check();
    return this.#broker.link();
  }

  /** A table of connector memory, for rows of this program. Throws E0101, E0904. */
  table<R extends object = Row>(name: string): TableHandle<R> {
    this.#launcher.check();
    return openTable<R>(name, this.#checker.catalog, this.#connectors);
  }

  /** Makes a JavaScript function callable in this engine's SQL, once for each row; jobs that run keep it. Throws E0904 for a name that is taken. */
  fn(name: string, def: FnDef, call: Function): void {
    this.#launcher.check();
    this.#checker.functions.add(name, def, call);
  }

  /**
   * Checks the whole script first, then runs it, each statement when the one before it has ended: DDL, SET, SHOW, EXPLAIN, and queries and
   * inserts that end. Gives one result for each, in their order.
   */
  async exec(script: string, options: Run & { readonly bounded?: boolean | undefined; readonly file?: string | undefined } = {}): Promise<readonly StatementResult[]> {
    const { signal } = options;
    this.#launcher.check();
    checkCallOptions('exec', options);
    signal?.throwIfAborted();
    const checked = this.#checker.faultless(script, options);
    if (options.bounded !== true && checked.inserts.some(({ planned }) => !isBounded(planned, this.#connectors))) {
      throw new SqlError({ code: 'E0902', message: 'exec waits for its statements, and this INSERT does not end', hint: 'use submit' });
    }
    await this.define(checked);
    const results: StatementResult[] = [];
    for (const step of checked.steps) {
      if ('result' in step) {
        results.push(step.result);
        continue;
      }
      if ('query' in step) {
        results.push({ kind: 'rows', ...(await this.#collect(step.query, checked.settings, options, options.bounded ?? true)) });
        continue;
      }
      const job = await this.#start(step.inserts, checked.settings, { name: this.#launcher.jobs.free('exec'), signal, bounded: true, fresh: true }, 'exec', false);
      const stats = await job.finished;
      signal?.throwIfAborted();
      this.#launcher.check();
      results.push({ kind: 'done', message: `inserted ${stats.rowsOut} ${stats.rowsOut === 1n ? 'row' : 'rows'}` });
    }
    return results;
  }

  /** Rows of a query that only appends; E0302 when it updates rows it gave before. */
  query<R extends object = Row, P = Params>(sql: QueryText<R, P>, options: Run<P> & Opt<{ bounded: boolean }> = {}): Result<R> {
    this.#launcher.check();
    const types = options.types ?? this.#options.types;
    return new Result<R>(() => this.#prepareQuery('query', sql, options), ({ physical, width }) => {
      const read = rowReader(physical.columns.slice(0, width), types);
      return (batch, into) => {
        // What the rows are is the caller's to say.
        for (let row = 0; row < batch.rowCount; row++) into.push(read(batch, row) as R);
      };
    }, options.signal);
  }

  /** The changes of a query: see Updates. */
  changes<R extends object = Row, P = Params>(sql: QueryText<R, P>, options: Run<P> & Opt<{ bounded: boolean; updates: Updates }> = {}): Result<Change<R>> {
    this.#launcher.check();
    const types = options.types ?? this.#options.types;
    return new Result<Change<R>>(() => this.#prepareQuery('changes', sql, options), (plan) => changeReader(plan, types, options.updates) as (batch: Batch, into: Change<R>[]) => void, options.signal);
  }

  /** The rows of a query over what is there now, all at once. */
  async collect<R extends object = Row, P = Params>(sql: QueryText<R, P>, options: Run<P> & Opt<{ maxRows: number; timeout: Duration }> = {}): Promise<Collected<R>> {
    this.#launcher.check();
    checkCallOptions('collect', options as Run);
    options.signal?.throwIfAborted();
    const { planned, settings } = this.#checker.planOne(sql, options);
    return (await this.#collect(planned, settings, options, true)) as Collected<R>;
  }

  /** Starts the INSERTs of a script as one job. */
  async submit(script: string, options: SubmitOptions & { readonly file?: string | undefined } = {}): Promise<RunningJob> {
    this.#launcher.check();
    checkCallOptions('submit', options);
    options.signal?.throwIfAborted();
    const checked = this.#checker.faultless(script, options);
    refuseQueries(checked, { text: textOf(script), file: options.file });
    const fallback = checked.inserts[0]?.statement.table.parts.at(-1)?.name;
    if (fallback === undefined) throw new SqlError({ code: 'E0904', message: 'there is no INSERT in the script to submit' });
    await this.define(checked);
    return this.#start(checked.inserts, checked.settings, options, fallback, true);
  }

  /** Starts the INSERTs of scripts that `check` found without fault as one job. `stored` (the default): it goes on from its last checkpoint. */
  async start(inserts: CheckedScript['inserts'], options: SubmitOptions & { readonly stored?: boolean | undefined; readonly defaultName?: string | undefined } = {}): Promise<RunningJob> {
    this.#launcher.check();
    checkCallOptions('start', options);
    const fallback = options.defaultName ?? inserts[0]?.statement.table.parts.at(-1)?.name;
    if (inserts.length === 0 || fallback === undefined) throw new SqlError({ code: 'E0904', message: 'there is no INSERT to start' });
    return this.#start(inserts, this.#checker.settingsOf(options), options, fallback, options.stored ?? true);
  }

  /** Whether a job or a query was ever started: what fails before is a mistake of the SQL. */
  get hasStarted(): boolean {
    return this.#launcher.hasStarted;
  }

  /** What a start of these plans would refuse though each of them is right by itself, under settings that `check` gave. */
  refusals(plans: readonly ReadyPlan[], settings: Settings, bounded: boolean): readonly SqlError[] {
    return refusalsOf(plans, settings, bounded, this.#connectors);
  }

  /** The text of a plan that `check` gave: the tree for people, the plan as JSON, or the generated code. */
  explain(planned: ReadyPlan, format: ExplainFormat = 'text'): string {
    return explainReady(planned, format, this.#connectors);
  }

  /** What a start of these INSERTs as the job of a name would do with what an earlier one stored, in words. Changes nothing. */
  async verdict(inserts: CheckedScript['inserts'], name: string): Promise<string> {
    this.#launcher.check();
    return printVerdict(name, await verdictOf(this.#options.stateDir, name, inserts.map((insert) => insert.planned.physical)));
  }

  /**
   * What the INSERTs `after` would keep of the state of `before`, as one job: one line for each state, with the place of the step that keeps it.
   * Needs nothing that is stored.
   */
  upgrade(before: CheckedScript['inserts'], after: CheckedScript['inserts']): { readonly verdict: Upgrade['verdict']; readonly lines: readonly string[] } {
    const plansOf = (inserts: CheckedScript['inserts']): readonly ReadyPlan[] => inserts.map((insert) => insert.planned);
    return compareJobs(plansOf(before), plansOf(after));
  }

  job(name: string): RunningJob | undefined {
    return this.#launcher.jobs.get(name);
  }

  jobs(): readonly RunningJob[] {
    return this.#launcher.jobs.all();
  }

  /** Parses, binds and plans. Opens nothing and leaves the engine as it was. Gives every error of the script. */
  check(script: string, file?: string, params?: Params): CheckedScript {
    this.#launcher.check();
    return this.#checker.check(script, { file, params });
  }

  /** What can be named in SQL now. To be read only. */
  get catalog(): MemoryCatalog {
    return this.#checker.catalog;
  }

  /** Makes what a script defines the engine's own, and keeps its tables and views in the state folder. */
  async define(checked: CheckedScript): Promise<void> {
    await this.#checker.define(checked);
  }

  /** Makes what checked scripts define the engine's own for as long as it lives, in their order: tables, views, settings. Stores nothing. */
  adopt(...scripts: readonly Pick<CheckedScript, 'effects'>[]): void {
    this.#checker.adopt(...scripts);
  }

  /**
   * Ends all jobs with a last checkpoint, and the broker. What still waits for rows rejects with E0903. What has not ended after `timeout`
   * (10 s) is given up.
   */
  async close(options: Opt<{ timeout: Duration }> = {}): Promise<void> {
    const timeout = millisOf(options.timeout ?? '10s');
    this.#launcher.close();
    this.#closed ??= this.#shutDown(timeout);
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(timeout: number): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    await this.#launcher.end(timeout);
    await this.#broker.close();
    this.#checker.functions.drop();
  }

  async #start(inserts: CheckedScript['inserts'], settings: Settings, { name, bounded = false, fresh = false, onIncompatible, signal }: SubmitOptions, fallback: string, isStored: boolean): Promise<RunningJob> {
    return this.#launcher.start(inserts.map((insert) => insert.planned), settings, { name, fallback, bounded, fresh, onIncompatible, signal, isStored });
  }

  async #prepareQuery<R, P>(call: CallName, sql: QueryText<R, P>, options: Run<P> & Opt<{ bounded: boolean; updates: Updates }>): Promise<QueryStart> {
    this.#launcher.check();
    checkCallOptions(call, options as Run);
    const { planned, settings } = this.#checker.planOne(sql, options);
    if (call === 'query' && !isInsertOnly(planned.physical.properties.changelog)) {
      throw new SqlError({ code: 'E0302', message: 'this query updates rows it already gave', hint: 'use changes() to get each change' });
    }
    const plan = withRowKey(planned.physical);
    return {
      plan,
      start: (collect, credit) => this.#launcher.query(plan, planned, settings, options.bounded ?? false, { collect, credit: () => credit.wait() }),
      interruption: () => this.#launcher.interruption,
    };
  }

  async #collect(planned: ReadyPlan, settings: Settings, options: CollectOptions, bounded: boolean): Promise<Collected<Row>> {
    const plan = withRowKey(planned.physical);
    const launch = (collect: (batch: Batch) => void): Promise<RunningJob> => this.#launcher.query(plan, planned, settings, bounded, { collect });
    const { maxRows, timeout, signal } = options;
    const collected = await collectRows(plan, launch, { maxRows, timeout, signal, types: options.types ?? this.#options.types });
    this.#launcher.check();
    return collected;
  }

  #notice(notice: Notice): void {
    this.#options.onNotice?.(notice);
  }
}
