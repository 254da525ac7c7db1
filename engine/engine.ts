import { SqlError, withSource, type SourceText } from '../core/diagnostic.ts';
import { systemClock } from '../core/clock.ts';
import { isInsertOnly } from '../core/changelog.ts';
import { Settings } from '../core/settings.ts';
import { MemoryCatalog, lookUp } from '../catalog/catalog.ts';
import type { ConnectorDef } from '../catalog/connector.ts';
import { optionOf, type TableEntry } from '../catalog/entry.ts';
import type { InsertStatement, Query, Statement } from '../parser/ast.ts';
import { parse } from '../parser/parse.ts';
import { explainPlan } from '../planner/explain.ts';
import { planInsert, planQuery, type PlanContext, type Planned } from '../planner/plan.ts';
import { bindQuery } from '../planner/bind-query.ts';
import { refuseOtherZones } from '../planner/time-zone.ts';
import { nodesOf, type PhysicalPlan } from '../planner/physical-plan.ts';
import { EngineBroker } from './broker.ts';
import { explainCode } from './explain-code.ts';
import { startJob, type JobHost, type RunningJob } from './job.ts';
import { columnsOfPlan, Result, rowReader, toStats, type QueryStart } from './result.ts';
import { findConnector, tableFromStatement, type ConnectorList } from './tables.ts';
import type { Change, Collected, EngineOptions, Notice, Row, Run, StatementResult } from './api.ts';

/** What a script comes to once it is checked: the inserts of one job, and what the other statements answered. */
export interface CheckedScript {
  readonly inserts: readonly { readonly statement: InsertStatement; readonly planned: Planned }[];
  readonly queries: readonly { readonly query: Query; readonly planned: Planned }[];
  readonly results: readonly StatementResult[];
  readonly errors: readonly SqlError[];
}

export interface SubmitOptions extends Run {
  readonly name?: string | undefined;
  /** Read what is there now, close the windows, end. */
  readonly bounded?: boolean | undefined;
  readonly fresh?: boolean | undefined;
}

/** The engine: a catalog, settings, a broker, and the jobs that run. */
export class Engine implements AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #catalog = new MemoryCatalog();
  readonly #settings: Settings;
  readonly #broker: EngineBroker;
  readonly #jobs = new Map<string, RunningJob>();
  readonly #connectors: ConnectorList;
  #closed: Promise<void> | undefined;
  #queries = 0;

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.#settings = new Settings(options.settings);
    this.#broker = new EngineBroker(options.kafka, options.stateDir);
    this.#connectors = (options.connectors ?? []) as readonly ConnectorDef[];
  }

  /** No socket, thread or broker is opened before a table needs it. */
  static async create(options: EngineOptions = {}): Promise<Engine> {
    return new Engine(options);
  }

  /** The broker's verbs: for producers inside this process. Throws E0506 when the engine has none. */
  brokerLink(): ReturnType<EngineBroker['link']> {
    return this.#broker.link();
  }

  /** Checks the whole script first, then runs it: DDL, SET, SHOW, EXPLAIN, and queries and inserts that end. */
  async exec(script: string, options: Run & { readonly bounded?: boolean | undefined; readonly file?: string | undefined } = {}): Promise<readonly StatementResult[]> {
    this.#check();
    const checked = this.check(script, options.file);
    throwAll(checked.errors);
    const results = [...checked.results];
    if (checked.inserts.length > 0) {
      const isBounded = checked.inserts.every(({ planned }) => this.#isBounded(planned.physical));
      if (options.bounded !== true && !isBounded) throw new SqlError({ code: 'E0902', message: 'exec waits for its statements, and this INSERT does not end', hint: 'use submit' });
      const job = await this.#start(checked, { ...options, bounded: true, fresh: true }, 'exec', false);
      const stats = await job.finished;
      results.push({ kind: 'done', message: `inserted ${stats.rowsOut} rows` });
    }
    for (const { planned } of checked.queries) {
      const collected = await this.#collect(planned, { ...options, bounded: options.bounded ?? true });
      results.push({ kind: 'rows', ...collected });
    }
    return results;
  }

  /** Rows of a query that only appends; E0302 when it updates rows it gave before. */
  query<R extends object = Row>(sql: string, options: Run & { readonly bounded?: boolean } = {}): Result<R> {
    return new Result<R>(() => this.#prepareQuery(sql, options, true), (change) => change.row as R, options.types ?? this.#options.types, options.signal);
  }

  /** The changes of a query. */
  changes<R extends object = Row>(sql: string, options: Run & { readonly bounded?: boolean } = {}): Result<Change<R>> {
    return new Result<Change<R>>(() => this.#prepareQuery(sql, options, false), (change) => change as Change<R>, options.types ?? this.#options.types, options.signal);
  }

  /** The rows of a query over what is there now, all at once. */
  async collect<R extends object = Row>(sql: string, options: Run & { readonly maxRows?: number | undefined } = {}): Promise<Collected<R>> {
    this.#check();
    const query = this.#planOne(sql);
    return (await this.#collect(query, { ...options, bounded: true })) as Collected<R>;
  }

  /** Starts the INSERTs of a script as one job. */
  async submit(script: string, options: SubmitOptions & { readonly file?: string | undefined } = {}): Promise<RunningJob> {
    this.#check();
    const checked = this.check(script, options.file);
    throwAll(checked.errors);
    if (checked.inserts.length === 0) throw new SqlError({ code: 'E0904', message: 'there is no INSERT in the script to submit' });
    return this.#start(checked, options, checked.inserts[0]?.statement.table.parts.at(-1)?.name ?? 'job', true);
  }

  /** Starts the INSERTs of scripts that `check` found without fault as one job. `stored` (the default): it goes on from its last checkpoint. */
  async start(inserts: CheckedScript['inserts'], options: SubmitOptions & { readonly stored?: boolean | undefined; readonly defaultName?: string | undefined } = {}): Promise<RunningJob> {
    this.#check();
    const fallback = options.defaultName ?? inserts[0]?.statement.table.parts.at(-1)?.name;
    if (inserts.length === 0 || fallback === undefined) throw new SqlError({ code: 'E0904', message: 'there is no INSERT to start' });
    return this.#start({ inserts }, options, fallback, options.stored ?? true);
  }

  /** The text of a plan that `check` gave: the tree for people, the plan as JSON, or the generated code. */
  explain({ physical, applied }: Planned, format: 'text' | 'json' | 'code' = 'text'): string {
    if (format === 'json') return JSON.stringify(physical, undefined, 2);
    if (format === 'code') return explainCode(physical, (name) => this.#table(name), this.#connectors);
    return explainPlan(physical, applied);
  }

  job(name: string): RunningJob | undefined {
    return this.#jobs.get(name);
  }

  jobs(): readonly RunningJob[] {
    return [...this.#jobs.values()];
  }

  /** Parses, binds and plans; what defines tables takes effect in the catalog. Opens nothing. Gives every error of the script. */
  check(script: string, file?: string): CheckedScript {
    const source: SourceText = { text: script, file };
    const parsed = parse(script, file);
    const errors: SqlError[] = [...parsed.errors];
    const inserts: { statement: InsertStatement; planned: Planned }[] = [];
    const queries: { query: Query; planned: Planned }[] = [];
    const results: StatementResult[] = [];
    const broken = new Set<string>();
    for (const statement of parsed.statements) {
      try {
        const result = this.#checkStatement(statement, source, { inserts, queries, errors, broken });
        if (result !== undefined) results.push(result);
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        const isFollowUp = error.code === 'E0101' && [...broken].some((name) => error.message === `there is no table ${name}`);
        if (!isFollowUp) errors.push(withSource(error, source));
      }
    }
    errors.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
    return { inserts, queries, results, errors };
  }

  async close(): Promise<void> {
    this.#closed ??= (async () => {
      for (const job of this.#jobs.values()) job.runner.stop();
      await Promise.allSettled([...this.#jobs.values()].map((job) => job.finished));
      await this.#broker.close();
    })();
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // ---- statements ----

  #checkStatement(
    statement: Statement,
    source: SourceText,
    into: { inserts: { statement: InsertStatement; planned: Planned }[]; queries: { query: Query; planned: Planned }[]; errors: SqlError[]; broken: Set<string> },
  ): StatementResult | undefined {
    switch (statement.kind) {
      case 'CreateTable': {
        const name = statement.name.parts.map((part) => part.name).join('.');
        if (statement.ifNotExists && this.#catalog.find(name) !== undefined) return done(`${name} is there already`);
        const { entry, errors } = tableFromStatement(statement, source, this.#connectors);
        into.errors.push(...errors);
        if (entry === undefined) into.broken.add(name);
        else this.#catalog.add(entry, statement.name.span);
        if (errors.length > 0) return undefined;
        return done(`created ${name}`);
      }
      case 'CreateView': {
        const name = statement.name.parts.map((part) => part.name).join('.');
        if (statement.ifNotExists && this.#catalog.find(name) !== undefined) return done(`${name} is there already`);
        bindQuery(statement.query, this.#catalog);
        this.#catalog.add({ kind: 'view', name, columns: statement.columns.map((column) => column.name), query: statement.query, source, span: statement.span }, statement.name.span);
        return done(`created ${name}`);
      }
      case 'Drop': {
        const name = statement.name.parts.map((part) => part.name).join('.');
        if (!statement.ifExists) lookUp(this.#catalog, name, statement.name.span);
        this.#catalog.remove(name);
        return done(`dropped ${name}`);
      }
      case 'Insert':
        into.inserts.push({ statement, planned: planInsert(statement, this.#context) });
        return undefined;
      case 'StatementSet':
        for (const insert of statement.inserts) into.inserts.push({ statement: insert, planned: planInsert(insert, this.#context) });
        return undefined;
      case 'QueryStatement':
        into.queries.push({ query: statement.query, planned: planQuery(statement.query, this.#context) });
        return undefined;
      case 'Explain':
        return this.#explain(statement.statement, statement.details);
      case 'Set':
        if (statement.key === undefined) return done(this.#settings.entries().map(([key, value]) => `'${key}' = '${value}'`).join('\n'));
        this.#settings.set(statement.key, statement.value ?? '', statement.span);
        return done(`set '${statement.key}'`);
      case 'Reset':
        this.#settings.reset(statement.key);
        return done('reset');
      case 'Show': {
        if (statement.what === 'JOBS') return done([...this.#jobs.keys()].join('\n'));
        const wanted = statement.what === 'VIEWS' ? 'view' : undefined;
        return done(this.#catalog.entries().filter((entry) => wanted === undefined || entry.kind === wanted).map((entry) => entry.name).join('\n'));
      }
      case 'ShowCreate': {
        const entry = lookUp(this.#catalog, statement.name.parts.map((part) => part.name).join('.'), statement.name.span);
        return done(entry.source.text.slice(entry.span.start, entry.span.end));
      }
      case 'Describe': {
        const entry = lookUp(this.#catalog, statement.name.parts.map((part) => part.name).join('.'), statement.name.span);
        const query = parse(`SELECT * FROM \`${entry.name}\``).statements[0];
        if (query?.kind !== 'QueryStatement') return undefined;
        const { columns } = bindQuery(query.query, this.#catalog);
        return done(columnsOfPlan(columns).map((column) => `${column.name} ${column.type}${column.nullable ? '' : ' NOT NULL'}${column.time === undefined ? '' : ' *ROWTIME*'}`).join('\n'));
      }
      case 'Unsupported':
        throw new SqlError({ code: 'E0002', message: `not supported yet: ${statement.feature}`, span: statement.span });
    }
  }

  #explain(statement: Statement, details: readonly string[]): StatementResult {
    const plans: Planned[] = [];
    if (statement.kind === 'Insert') plans.push(planInsert(statement, this.#context));
    if (statement.kind === 'StatementSet') plans.push(...statement.inserts.map((insert) => planInsert(insert, this.#context)));
    if (statement.kind === 'QueryStatement') plans.push(planQuery(statement.query, this.#context));
    const text = plans.map((planned) => {
      if (details.includes('JSON_EXECUTION_PLAN')) return this.explain(planned, 'json');
      const code = details.includes('CODE') ? `\n\n${this.explain(planned, 'code')}` : '';
      return this.explain(planned) + code;
    });
    return done(text.join('\n\n'));
  }

  get #context(): PlanContext {
    return { catalog: this.#catalog, connectors: (name) => findConnector(name, this.#connectors), zone: this.#settings.get('table.local-time-zone') };
  }

  // ---- running ----

  async #start(checked: Pick<CheckedScript, 'inserts'>, options: SubmitOptions, fallback: string, isStored: boolean): Promise<RunningJob> {
    const settings = this.#settings.copy();
    for (const [key, value] of Object.entries(options.settings ?? {})) settings.set(key, value);
    for (const { planned } of checked.inserts) refuseOtherZones(planned.physical, settings.get('table.local-time-zone'));
    const name = options.name ?? (settings.get('pipeline.name') || fallback);
    // The name is a folder's and a part of transactional ids.
    if (!/^(?!\.{1,2}$)[^/\\]{1,100}$/.test(name)) throw new SqlError({ code: 'E0904', message: `'${name}' cannot be the name of a job`, hint: 'at most 100 characters, no slash' });
    if (this.#jobs.has(name)) throw new SqlError({ code: 'E0904', message: `a job ${name} runs already`, hint: 'give this one another name' });
    const job = await startJob(this.#host, {
      name,
      plans: checked.inserts.map((insert) => insert.planned.physical),
      settings,
      bounded: options.bounded ?? false,
      fresh: options.fresh ?? false,
      isStored,
    });
    this.#jobs.set(name, job);
    options.signal?.addEventListener('abort', () => job.runner.stop(), { once: true });
    const forget = (): void => void this.#jobs.delete(name);
    job.finished.then(forget, (error: unknown) => {
      forget();
      this.#notice({ code: error instanceof SqlError ? error.code : 'E0999', level: 'error', message: error instanceof Error ? error.message : String(error), job: name });
    });
    return job;
  }

  get #host(): JobHost {
    return {
      stateDir: this.#options.stateDir,
      connectors: this.#connectors,
      clock: systemClock,
      broker: () => this.#broker.link(),
      table: (name) => this.#table(name),
      notice: (code, message, job) => this.#notice({ code, level: 'info', message, job }),
    };
  }

  #table(name: string): TableEntry {
    const entry = this.#catalog.find(name);
    if (entry?.kind !== 'table') throw new SqlError({ code: 'E0101', message: `there is no table ${name}` });
    return entry;
  }

  /** True when the plan's input ends by itself. */
  #isBounded(plan: PhysicalPlan): boolean {
    return nodesOf(plan).every((node) => node.kind !== 'TableSourceScan' || (optionOf(this.#table(node.table), 'scan.bounded.mode') ?? 'unbounded') !== 'unbounded');
  }

  #planOne(sql: string): Planned {
    const source: SourceText = { text: sql };
    const { statements, errors } = parse(sql);
    throwAll(errors);
    const [statement] = statements;
    if (statement?.kind !== 'QueryStatement' || statements.length > 1) throw new SqlError({ code: 'E0904', message: 'one SELECT is expected here', source });
    try {
      return planQuery(statement.query, this.#context);
    } catch (error) {
      throw error instanceof SqlError ? withSource(error, source) : error;
    }
  }

  async #prepareQuery(sql: string, options: Run & { readonly bounded?: boolean }, appendOnly: boolean): Promise<QueryStart> {
    this.#check();
    const { physical } = this.#planOne(sql);
    if (appendOnly && !isInsertOnly(physical.properties.changelog)) {
      throw new SqlError({ code: 'E0302', message: 'this query updates rows it already gave', hint: 'use changes() to get each change' });
    }
    return {
      columns: physical.columns,
      start: async (collect, credit) => {
        const settings = this.#settings.copy();
        return startJob(this.#host, { name: `query-${++this.#queries}`, plans: [physical], settings, bounded: options.bounded ?? false, fresh: false, collect, credit, isStored: false });
      },
    };
  }

  async #collect({ physical }: Planned, options: Run & { readonly bounded?: boolean | undefined; readonly maxRows?: number | undefined }): Promise<Collected<Row>> {
    const rows: Row[] = [];
    const limit = options.maxRows ?? Infinity;
    const read = rowReader(physical.columns, options.types ?? this.#options.types);
    const isAppend = isInsertOnly(physical.properties.changelog);
    const key = physical.properties.upsertKeys[0];
    const latest = new Map<string, Row>();
    let job: RunningJob | undefined = undefined;
    job = await startJob(this.#host, {
      name: `query-${++this.#queries}`,
      plans: [physical],
      settings: this.#settings.copy(),
      bounded: options.bounded ?? true,
      fresh: false,
      isStored: false,
      collect: (batch) => {
        for (let row = 0; row < batch.rowCount; row++) {
          const change = read(batch, row);
          if (isAppend) {
            if (rows.length < limit) rows.push(change.row);
            else job?.runner.stop();
          } else latest.set(JSON.stringify((key ?? []).map((index) => change.row[physical.columns[index]?.name ?? '']), jsonSafe), change.row);
        }
      },
    });
    options.signal?.addEventListener('abort', () => job?.runner.stop(), { once: true });
    const stats = await job.finished;
    return { rows: isAppend ? rows : [...latest.values()], columns: columnsOfPlan(physical.columns), complete: rows.length < limit, stats: toStats(stats) };
  }

  #notice(notice: Notice): void {
    this.#options.onNotice?.(notice);
  }

  #check(): void {
    if (this.#closed !== undefined) throw new SqlError({ code: 'E0903', message: 'the engine is closed' });
  }
}

function jsonSafe(_key: string, value: unknown): unknown {
  // JSON has no word for what is not a finite number, and writes NULL's.
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? `${value}n` : value;
}

function done(message: string): StatementResult {
  return { kind: 'done', message };
}

function throwAll(errors: readonly SqlError[]): void {
  const [first] = errors;
  if (first !== undefined) throw new SqlError(first.diagnostic, errors.slice(1));
}
