import { SqlError } from '../core/diagnostic.ts';
import { Settings } from '../core/settings.ts';
import { MemoryCatalog } from '../catalog/catalog.ts';
import { builtInTables } from './built-in.ts';
import { checkScript, type CheckedScript, type ReadyPlan, type World } from './check.ts';
import { textOf } from './script-plans.ts';
import type { JobFacts } from './statements/context.ts';
import { StoredCatalog } from './stored-catalog.ts';
import type { ConnectorList } from './tables.ts';
import { UserFunctions } from './user-functions.ts';
import type { Params, Run, TypedSql } from './api.ts';

/** What a call's text is, for errors and for its parameters. */
export type TextOptions = Pick<Run, 'params' | 'settings'> & { readonly file?: string | undefined };

/** One SELECT: its text, or its plan as `check` gave it. */
export type QueryText<R, P> = string | TypedSql<R, P> | ReadyPlan;

/** What an engine knows, and the scripts that are checked against it: catalog, settings, functions of the program, what the state folder keeps. */
export class Checker {
  readonly functions = new UserFunctions();
  readonly #world: World;
  readonly #connectors: ConnectorList;
  readonly #jobs: () => readonly JobFacts[];
  #stored: StoredCatalog | undefined;

  /** `jobs`: what runs, for statements that show it. */
  constructor(settings: Run['settings'], connectors: ConnectorList, jobs: () => readonly JobFacts[]) {
    this.#world = { catalog: new MemoryCatalog(builtInTables), settings: new Settings(settings) };
    this.#connectors = connectors;
    this.#jobs = jobs;
  }

  get catalog(): MemoryCatalog {
    return this.#world.catalog;
  }

  /** Takes over what a state folder keeps, and keeps there what is defined from now on. */
  async open(stateDir: string, notice: (message: string) => void): Promise<void> {
    this.#stored = await StoredCatalog.open(stateDir, this.#world.catalog, this.#connectors, notice);
  }

  /** Parses, binds and plans over a copy of what is known. Gives every error of the script. */
  check(text: string, { file, params, settings }: TextOptions): CheckedScript {
    const world: World = { catalog: this.#world.catalog.copy(), settings: this.settingsOf({ settings }) };
    return this.functions.inSight(() => checkScript({ text: textOf(text), file }, params, { world, connectors: this.#connectors, jobs: this.#jobs(), functions: this.functions.names(), isStored: (entry) => this.#stored?.has(entry) === true, isNamespaceStored: (...names) => this.#stored?.hasNamespace(...names) === true }));
  }

  /** The same, for a script that is to run. Throws its errors. */
  faultless(text: string, options: TextOptions): CheckedScript {
    const checked = this.check(text, options);
    const [first] = checked.errors;
    if (first !== undefined) throw new SqlError(first.diagnostic, checked.errors.slice(1));
    return checked;
  }

  /** The plan of one SELECT. Throws E0904 for any other script. */
  planOne<R, P>(sql: QueryText<R, P>, options: Run<P>): { readonly planned: ReadyPlan; readonly settings: Settings } {
    if (typeof sql === 'object' && sql !== null && 'physical' in sql) return { planned: sql, settings: this.settingsOf(options) };
    const text = textOf(sql);
    // That the values are SQL's is seen when they are read.
    const { queries, inserts, results, settings } = this.faultless(text, { params: options.params as Params | undefined, settings: options.settings });
    const [query] = queries;
    if (query === undefined || queries.length + inserts.length + results.length > 1) throw new SqlError({ code: 'E0904', message: 'one SELECT is expected here', source: { text } });
    return { planned: query.planned, settings };
  }

  /** The engine's settings under those of a call. */
  settingsOf({ settings }: Pick<Run, 'settings'>): Settings {
    const copy = this.#world.settings.copy();
    for (const [key, value] of Object.entries(settings ?? {})) copy.set(key, value);
    return copy;
  }

  /** Adopts what a script defines, and keeps its tables and views in the state folder. */
  async define(checked: CheckedScript): Promise<void> {
    const before = this.#world.catalog.copy();
    this.adopt(checked);
    await this.#stored?.keep(before, this.#world.catalog);
  }

  /** Makes what scripts define known, in their order. Stores nothing. */
  adopt(...scripts: readonly Pick<CheckedScript, 'effects'>[]): void {
    for (const { effects } of scripts) for (const effect of effects) effect(this.#world);
  }
}
