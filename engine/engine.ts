import type { Batch } from '../core/batch.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import { isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { Settings } from '../core/settings.ts';
import { MemoryCatalog } from '../catalog/catalog.ts';
import type { ConnectorDef } from '../catalog/connector.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { refuseOtherZones } from '../planner/time-zone.ts';
import { withRowKey, type KeyedPlan } from '../planner/row-key.ts';
import { EngineBroker } from './broker.ts';
import { builtInTables } from './built-in.ts';
import { checkCallOptions, checkEngineOptions, type CallName } from './call-options.ts';
import { changeReader, type Updates } from './changes.ts';
import { checkScript, type CheckedScript, type ReadyPlan, type World } from './check.ts';
import { collectRows, type CollectOptions } from './collect.ts';
import { millisOf } from './duration.ts';
import { JobTable } from './job-table.ts';
import { explainReady, growthWarnings, placesOfState, type ExplainFormat } from './explain.ts';
import { printVerdict, upgradeOf, verdictOf, type Upgrade } from './verdict.ts';
import { startJob, type OnIncompatible, type JobHost, type JobSpec, type RunningJob } from './job.ts';
import type { PlanTexts } from './place.ts';
import { Result, type QueryStart } from './result.ts';
import { isBounded, mergeTables, refuseQueries, textOf } from './script-plans.ts';
import { rowReader } from './rows.ts';
import { StoredCatalog } from './stored-catalog.ts';
import { openTable } from './table-handle.ts';
import { tableIn, type ConnectorList } from './tables.ts';
import { UserFunctions } from './user-functions.ts';
import type { Change, Collected, Duration, EngineOptions, FnDef, Notice, Opt, Params, Row, Run, StatementResult, TableHandle, TypedSql } from './api.ts';

export type { CheckedScript } from './check.ts';

export interface SubmitOptions extends Run {
  readonly name?: string | undefined;
  /** Read what is there now, close the windows, end. */
  readonly bounded?: boolean | undefined;
  readonly fresh?: boolean | undefined;
  /** See JobSpec. */
  readonly onIncompatible?: OnIncompatible | undefined;
}

/** What a call's text is, for errors and for its parameters. */
type TextOptions = Pick<Run, 'params' | 'settings'> & { readonly file?: string | undefined };

/** One SELECT: its text, or its plan as `check` gave it. */
type QueryText<R, P> = string | TypedSql<R, P> | ReadyPlan;

/** The engine: a catalog, settings, a broker, and the jobs that run. */
export class Engine implements AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #world: World;
  readonly #broker: EngineBroker;
  readonly #connectors: ConnectorList;
  readonly #jobs = new JobTable();
  /** Everything that runs, queries too. */
  readonly #running = new Set<RunningJob>();
  readonly #opening = new Set<Promise<unknown>>();
  readonly #onAbort = (): void => void this.close().catch(() => undefined);
  readonly #functions = new UserFunctions();
  #stored: StoredCatalog | undefined;
  #closed: Promise<void> | undefined;
  #isClosing = false;
  #queries = 0;

  readonly #clock: Clock;

  private constructor(options: EngineOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#world = { catalog: new MemoryCatalog(builtInTables), settings: new Settings(options.settings) };
    this.#broker = new EngineBroker(options.kafka, options.stateDir, (message) => this.#notice({ code: 'N0703', level: 'warning', message }));
    this.#connectors = (options.connectors ?? []) as readonly ConnectorDef[];
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** No socket, thread or broker is opened before a table needs it. `clock`: for tests, what stands in for the time of day. */
  static async create(options: EngineOptions = {}, clock: Clock = systemClock): Promise<Engine> {
    checkEngineOptions(options);
    options.signal?.throwIfAborted();
    const engine = new Engine(options, clock);
    if (options.stateDir !== undefined) {
      engine.#stored = await StoredCatalog.open(options.stateDir, engine.#world.catalog, engine.#connectors, (message) => engine.#notice({ code: 'N0804', level: 'warning', message }));
    }
    return engine;
  }

  /** The broker's verbs: for producers inside this process. Throws E0506 when the engine has none. */
  brokerLink(): ReturnType<EngineBroker['link']> {
    this.#check();
    return this.#broker.link();
  }

  /** A table of connector memory, for rows of this program. Throws E0101, E0904. */
  table<R extends object = Row>(name: string): TableHandle<R> {
    this.#check();
    return openTable<R>(name, this.#world.catalog, this.#connectors);
  }

  /** Makes a JavaScript function callable in this engine's SQL, once for each row; jobs that run keep it. Throws E0904 for a name that is taken. */
  fn(name: string, def: FnDef, call: Function): void {
    this.#check();
    this.#functions.add(name, def, call);
  }

  /**
   * Checks the whole script first, then runs it, each statement when the one before it has ended: DDL, SET, SHOW, EXPLAIN, and queries and
   * inserts that end. Gives one result for each, in their order.
   */
  async exec(script: string, options: Run & { readonly bounded?: boolean | undefined; readonly file?: string | undefined } = {}): Promise<readonly StatementResult[]> {
    const { signal } = options;
    this.#check();
    checkCallOptions('exec', options);
    signal?.throwIfAborted();
    const checked = this.#checked(script, options);
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
      const job = await this.#start(step.inserts, checked.settings, { name: this.#jobs.free('exec'), signal, bounded: true, fresh: true }, 'exec', false);
      const stats = await job.finished;
      signal?.throwIfAborted();
      this.#check();
      results.push({ kind: 'done', message: `inserted ${stats.rowsOut} rows` });
    }
    return results;
  }

  /** Rows of a query that only appends; E0302 when it updates rows it gave before. */
  query<R extends object = Row, P = Params>(sql: QueryText<R, P>, options: Run<P> & Opt<{ bounded: boolean }> = {}): Result<R> {
    this.#check();
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
    this.#check();
    const types = options.types ?? this.#options.types;
    return new Result<Change<R>>(() => this.#prepareQuery('changes', sql, options), (plan) => changeReader(plan, types, options.updates) as (batch: Batch, into: Change<R>[]) => void, options.signal);
  }

  /** The rows of a query over what is there now, all at once. */
  async collect<R extends object = Row, P = Params>(sql: QueryText<R, P>, options: Run<P> & Opt<{ maxRows: number; timeout: Duration }> = {}): Promise<Collected<R>> {
    this.#check();
    checkCallOptions('collect', options as Run);
    options.signal?.throwIfAborted();
    const { planned, settings } = this.#planOne(sql, options);
    return (await this.#collect(planned, settings, options, true)) as Collected<R>;
  }

  /** Starts the INSERTs of a script as one job. */
  async submit(script: string, options: SubmitOptions & { readonly file?: string | undefined } = {}): Promise<RunningJob> {
    this.#check();
    checkCallOptions('submit', options);
    options.signal?.throwIfAborted();
    const checked = this.#checked(script, options);
    refuseQueries(checked, { text: textOf(script), file: options.file });
    const fallback = checked.inserts[0]?.statement.table.parts.at(-1)?.name;
    if (fallback === undefined) throw new SqlError({ code: 'E0904', message: 'there is no INSERT in the script to submit' });
    await this.define(checked);
    return this.#start(checked.inserts, checked.settings, options, fallback, true);
  }

  /** Starts the INSERTs of scripts that `check` found without fault as one job. `stored` (the default): it goes on from its last checkpoint. */
  async start(inserts: CheckedScript['inserts'], options: SubmitOptions & { readonly stored?: boolean | undefined; readonly defaultName?: string | undefined } = {}): Promise<RunningJob> {
    this.#check();
    checkCallOptions('start', options);
    const fallback = options.defaultName ?? inserts[0]?.statement.table.parts.at(-1)?.name;
    if (inserts.length === 0 || fallback === undefined) throw new SqlError({ code: 'E0904', message: 'there is no INSERT to start' });
    return this.#start(inserts, this.#settingsOf(options), options, fallback, options.stored ?? true);
  }

  /** The text of a plan that `check` gave: the tree for people, the plan as JSON, or the generated code. */
  explain(planned: ReadyPlan, format: ExplainFormat = 'text'): string {
    return explainReady(planned, format, this.#connectors);
  }

  /** What a start of these INSERTs as the job of a name would do with what an earlier one stored, in words. Changes nothing. */
  async verdict(inserts: CheckedScript['inserts'], name: string): Promise<string> {
    this.#check();
    return printVerdict(name, await verdictOf(this.#options.stateDir, name, inserts.map((insert) => insert.planned.physical)));
  }

  /**
   * What the INSERTs `after` would keep of the state of `before`, as one job: one line for each state, with the place of the step that keeps it.
   * Needs nothing that is stored.
   */
  upgrade(before: CheckedScript['inserts'], after: CheckedScript['inserts']): { readonly verdict: Upgrade['verdict']; readonly lines: readonly string[] } {
    const [old, now] = [before, after].map((inserts) => inserts.map((insert) => insert.planned));
    const { verdict, states } = upgradeOf((old ?? []).map((planned) => planned.physical), (now ?? []).map((planned) => planned.physical));
    const places = [...(now ?? []), ...(old ?? [])].flatMap((planned) => [...placesOfState(planned)]);
    const lines = states.map(({ state, verdict: own, reason }) => {
      const place = places.find(([name]) => state.startsWith(`${name} of `))?.[1];
      return `${own.padEnd(7)} ${place === undefined ? '' : `${place}  `}${state}${reason === undefined ? '' : `: ${reason}`}`;
    });
    return { verdict, lines };
  }

  job(name: string): RunningJob | undefined {
    return this.#jobs.get(name);
  }

  jobs(): readonly RunningJob[] {
    return this.#jobs.all();
  }

  /** Parses, binds and plans. Opens nothing and leaves the engine as it was. Gives every error of the script. */
  check(script: string, file?: string, params?: Params): CheckedScript {
    return this.#checkText(script, { file, params });
  }

  /** What can be named in SQL now. To be read only. */
  get catalog(): MemoryCatalog {
    return this.#world.catalog;
  }

  /** Makes what a script defines the engine's own, and keeps its tables and views in the state folder. */
  async define(checked: CheckedScript): Promise<void> {
    const before = this.#world.catalog.copy();
    this.adopt(checked);
    await this.#stored?.keep(before, this.#world.catalog);
  }

  /** Makes what checked scripts define the engine's own for as long as it lives, in their order: tables, views, settings. Stores nothing. */
  adopt(...scripts: readonly Pick<CheckedScript, 'effects'>[]): void {
    for (const { effects } of scripts) for (const effect of effects) effect(this.#world);
  }

  /**
   * Ends all jobs with a last checkpoint, and the broker. What still waits for rows rejects with E0903. What has not ended after `timeout`
   * (10 s) is given up.
   */
  async close(options: Opt<{ timeout: Duration }> = {}): Promise<void> {
    const timeout = millisOf(options.timeout ?? '10s');
    this.#isClosing = true;
    this.#closed ??= this.#shutDown(timeout);
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(timeout: number): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, timeout); });
    const ended = (async () => {
      await Promise.allSettled(this.#opening);
      await Promise.allSettled([...this.#running].map((job) => job.stop()));
    })();
    await Promise.race([ended, late]);
    clearTimeout(timer);
    for (const job of this.#running) job.runner.fail(closed());
    await this.#broker.close();
    this.#functions.drop();
  }

  // ---- checking ----

  #checkText(text: string, { file, params, settings }: TextOptions): CheckedScript {
    this.#check();
    const world: World = { catalog: this.#world.catalog.copy(), settings: this.#settingsOf({ settings }) };
    return this.#functions.inSight(() => checkScript({ text: textOf(text), file }, params, { world, connectors: this.#connectors, jobs: this.#jobs.facts(), functions: this.#functions.names(), isStored: (entry) => this.#stored?.has(entry) === true, isNamespaceStored: (...names) => this.#stored?.hasNamespace(...names) === true }));
  }

  /** Throws the script's errors. */
  #checked(text: string, options: TextOptions): CheckedScript {
    const checked = this.#checkText(text, options);
    const [first] = checked.errors;
    if (first !== undefined) throw new SqlError(first.diagnostic, checked.errors.slice(1));
    return checked;
  }

  #planOne<R, P>(sql: QueryText<R, P>, options: Run<P>): { readonly planned: ReadyPlan; readonly settings: Settings } {
    if (typeof sql === 'object' && sql !== null && 'physical' in sql) return { planned: sql, settings: this.#settingsOf(options) };
    const text = textOf(sql);
    // That the values are SQL's is seen when they are read.
    const { queries, inserts, results, settings } = this.#checked(text, { params: options.params as Params | undefined, settings: options.settings });
    const [query] = queries;
    if (query === undefined || queries.length + inserts.length + results.length > 1) throw new SqlError({ code: 'E0904', message: 'one SELECT is expected here', source: { text } });
    return { planned: query.planned, settings };
  }

  /** The engine's settings under those of a call. */
  #settingsOf({ settings }: Pick<Run, 'settings'>): Settings {
    const copy = this.#world.settings.copy();
    for (const [key, value] of Object.entries(settings ?? {})) copy.set(key, value);
    return copy;
  }

  // ---- running ----

  async #start(inserts: CheckedScript['inserts'], settings: Settings, options: SubmitOptions, fallback: string, isStored: boolean): Promise<RunningJob> {
    const plans = inserts.map((insert) => insert.planned);
    for (const { physical } of plans) refuseOtherZones(physical, settings.get('table.local-time-zone'));
    const name = options.name ?? (settings.get('pipeline.name') || fallback);
    const tables = mergeTables(plans);
    this.#jobs.take(name);
    // Of what ends, nothing grows for ever.
    if (isStored && options.bounded !== true) for (const plan of plans) if (!isBounded(plan, this.#connectors)) for (const message of growthWarnings(plan)) this.#notice({ code: 'W0401', level: 'warning', message, job: name });
    const spec = { name, plans: plans.map((plan) => plan.physical), texts: plans.map((plan) => plan.texts), settings, bounded: options.bounded ?? false, fresh: options.fresh ?? false, onIncompatible: options.onIncompatible, isStored };
    const job = await this.#launch(spec, tables).catch((error: unknown) => {
      this.#jobs.release(name);
      throw error;
    });
    this.#jobs.add(job, this.#clock.now());
    const stop = (): void => void job.stop();
    const forget = (): void => {
      this.#jobs.release(name);
      options.signal?.removeEventListener('abort', stop);
    };
    job.finished.then(forget, (error: unknown) => {
      forget();
      this.#notice({ code: error instanceof SqlError ? error.code : 'E0999', level: 'error', message: error instanceof Error ? error.message : String(error), job: name });
    });
    options.signal?.addEventListener('abort', stop, { once: true });
    if (options.signal?.aborted === true) stop();
    return job;
  }

  /** Starts a job, unless the engine is closed meanwhile (E0903). */
  async #launch(spec: JobSpec, tables: ReadonlyMap<string, TableEntry>): Promise<RunningJob> {
    this.#check();
    const opening = (async () => {
      const job = await startJob(this.#hostOf(tables), spec);
      if (this.#isClosing) {
        await job.stop();
        throw closed();
      }
      this.#running.add(job);
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
    return {
      stateDir: this.#options.stateDir,
      connectors: this.#connectors,
      clock: this.#clock,
      broker: () => this.#broker.link(),
      table: (name) => tableIn(tables, name),
      notice: (code, message, job) => this.#notice({ code, level: 'info', message, job }),
      print: this.#options.onPrint,
    };
  }

  #querySpec({ physical }: KeyedPlan, texts: PlanTexts, settings: Settings, bounded: boolean): Omit<JobSpec, 'collect' | 'credit'> {
    return { name: `query-${++this.#queries}`, plans: [physical], texts: [texts], settings, bounded, fresh: false, isStored: false };
  }

  async #prepareQuery<R, P>(call: CallName, sql: QueryText<R, P>, options: Run<P> & Opt<{ bounded: boolean; updates: Updates }>): Promise<QueryStart> {
    checkCallOptions(call, options as Run);
    const { planned, settings } = this.#planOne(sql, options);
    if (call === 'query' && !isInsertOnly(planned.physical.properties.changelog)) {
      throw new SqlError({ code: 'E0302', message: 'this query updates rows it already gave', hint: 'use changes() to get each change' });
    }
    const plan = withRowKey(planned.physical);
    return {
      plan,
      start: (collect, credit) => this.#launch({ ...this.#querySpec(plan, planned.texts, settings, options.bounded ?? false), collect, credit: () => credit.wait() }, planned.tables),
      interruption: () => (this.#isClosing ? closed() : undefined),
    };
  }

  async #collect(planned: ReadyPlan, settings: Settings, options: CollectOptions, bounded: boolean): Promise<Collected<Row>> {
    const plan = withRowKey(planned.physical);
    const launch = (collect: (batch: Batch) => void): Promise<RunningJob> => this.#launch({ ...this.#querySpec(plan, planned.texts, settings, bounded), collect }, planned.tables);
    const { maxRows, timeout, signal } = options;
    const collected = await collectRows(plan, launch, { maxRows, timeout, signal, types: options.types ?? this.#options.types });
    this.#check();
    return collected;
  }

  #notice(notice: Notice): void {
    this.#options.onNotice?.(notice);
  }

  #check(): void {
    if (this.#isClosing) throw closed();
  }
}

function closed(): SqlError {
  return new SqlError({ code: 'E0903', message: 'the engine is closed' });
}
