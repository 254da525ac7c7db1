import { SqlError, type SourceText } from '../core/diagnostic.ts';
import { literalOfJs } from '../core/js-value.ts';
import type { SettingKey, Settings } from '../core/settings.ts';
import type { Span } from '../core/span.ts';
import type { MemoryCatalog } from '../catalog/catalog.ts';
import { optionOf, type CatalogEntry, type TableEntry } from '../catalog/entry.ts';
import type { Name, Query } from '../parser/ast.ts';
import type { InsertStatement, Statement } from '../parser/ast-statement.ts';
import { parse } from '../parser/parse.ts';
import { fillParameters, parametersOf } from '../planner/parameters.ts';
import type { SinkOptions } from '../planner/lower-sink.ts';
import { nodesOf, type PhysicalPlan } from '../planner/physical-plan.ts';
import { planInsert, planQuery, type Planned } from '../planner/plan.ts';
import { explainReady } from './explain.ts';
import { textsOf, toldWith, type PlanTexts } from './place.ts';
import { alterTable, alterView } from './statements/alter.ts';
import { done, later, nameText, type JobFacts, type StatementContext, type World } from './statements/context.ts';
import { isCreateAs, planCreateAs } from './statements/create-as.ts';
import { alterDatabase, createNamespace, dropNamespace, use } from './statements/databases.ts';
import { describe } from './statements/describe.ts';
import { explain } from './statements/explain.ts';
import { rareStatement } from './statements/rare.ts';
import { reset, set } from './statements/settings.ts';
import { show, showCreate } from './statements/show.ts';
import { createTable, createView, define, dropObject, newPath } from './statements/tables.ts';
import { recordFormat } from './record-parts.ts';
import { connect, findConnector, type ConnectorList } from './tables.ts';
import type { Params, StatementResult } from './api.ts';

export type { World } from './statements/context.ts';

/** A plan and the tables that it names, as they were defined where it stands in the script. */
export interface ReadyPlan extends Planned {
  readonly tables: ReadonlyMap<string, TableEntry>;
  /** Where the places of its errors are. */
  readonly texts: PlanTexts;
}

/** What a script comes to once it is checked: the inserts of one job, its queries, and what the other statements answered. */
export interface CheckedScript {
  readonly inserts: readonly { readonly statement: InsertStatement; readonly planned: ReadyPlan }[];
  readonly queries: readonly { readonly query: Query; readonly planned: ReadyPlan }[];
  readonly results: readonly StatementResult[];
  /** All of that in the order of the text. */
  readonly steps: readonly Step[];
  readonly errors: readonly SqlError[];
  /** What its CREATE, DROP, SET and RESET do, in order: nothing of it is done yet. */
  readonly effects: readonly ((world: World) => void)[];
  /** The settings at its end. */
  readonly settings: Settings;
}

/** What a statement comes to: an answer, the INSERTs of one job, or a query. */
export type Step = { readonly result: StatementResult; readonly statement: Statement } | { readonly inserts: CheckedScript['inserts'] } | { readonly query: ReadyPlan };

/** What a check needs besides the script. `world` is the check's own. */
export interface CheckContext {
  readonly world: World;
  readonly connectors: ConnectorList;
  readonly jobs: readonly JobFacts[];
  /** The names of the functions that the program gave the engine. */
  readonly functions?: readonly string[] | undefined;
  /** Whether an entry is kept in the state folder. */
  readonly isStored?: ((entry: CatalogEntry) => boolean) | undefined;
  readonly isNamespaceStored?: ((...names: readonly string[]) => boolean) | undefined;
}

/** Parses, binds and plans; opens nothing, and changes nothing but the copy in `context.world`. Gives every error of the script. */
export function checkScript(source: SourceText, params: Params | undefined, context: CheckContext): CheckedScript {
  const parsed = parse(source.text, source.file);
  const errors: SqlError[] = [...parsed.errors];
  const checker = new Checker(source, context, errors);
  for (const name of parsed.unmade) checker.broken.set(name, 'draft');
  const collect = (error: unknown, statement?: Statement): void => {
    if (!(error instanceof SqlError)) throw error;
    for (const one of error.all) {
      if (checker.isFollowUp(one, statement)) continue;
      errors.push(toldWith(one, textsOf(source, context.world.catalog), statement?.span));
    }
  };
  let isFilled = true;
  try {
    if (params !== undefined && params !== null) fillParameters(parsed.statements, params as readonly unknown[], literalOfJs);
  } catch (error) {
    isFilled = false;
    collect(error);
  }
  for (const statement of parsed.statements) {
    // Their values are missing because of the error that was told.
    if (!isFilled && parametersOf([statement]).length > 0) continue;
    try {
      const result = checker.check(statement);
      if (result === undefined) continue;
      checker.results.push(result);
      checker.steps.push({ result, statement });
    } catch (error) {
      collect(error, statement);
    }
  }
  errors.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return { inserts: checker.inserts, queries: checker.queries, results: checker.results, steps: checker.steps, effects: checker.effects, settings: context.world.settings, errors };
}

class Checker {
  readonly inserts: { readonly statement: InsertStatement; readonly planned: ReadyPlan }[] = [];
  readonly queries: { readonly query: Query; readonly planned: ReadyPlan }[] = [];
  readonly results: StatementResult[] = [];
  readonly steps: Step[] = [];
  readonly effects: ((world: World) => void)[] = [];
  /** Tables whose definitions have faults; of a draft the types and the watermark are guesses. */
  readonly broken = new Map<string, 'draft' | 'usable'>();
  readonly #hinted = new Map<string, TableEntry>();
  readonly #source: SourceText;
  readonly #context: CheckContext;
  readonly #errors: SqlError[];

  constructor(source: SourceText, context: CheckContext, errors: SqlError[]) {
    this.#source = source;
    this.#context = context;
    this.#errors = errors;
  }

  /**
   * Whether an error says again what is wrong with a table's definition. Of what reads or writes such a table, only names, groups and windows are
   * looked at: types may be guesses, and options have been told.
   */
  isFollowUp(error: SqlError, statement: Statement | undefined): boolean {
    if (statement === undefined || this.broken.size === 0) return false;
    const { read, written } = tableNames(statement);
    if (![...read, ...written].some((name) => this.broken.has(name))) return false;
    if (error.code === 'E0101') return [...this.broken.keys()].some((name) => error.message === `there is no table ${name}`);
    if (error.code === 'E0201') return read.some((name) => this.broken.get(name) === 'draft');
    return !/^E01(02|03|05)|^E02(02|04|05)/.test(error.code);
  }

  /** One statement, over what those before it defined. The answer is undefined for what answers when it runs. */
  check(statement: Statement): StatementResult | undefined {
    const context = this.#statementContext;
    switch (statement.kind) {
      case 'CreateTable':
        return isCreateAs(statement) ? this.#createAs(statement, context) : createTable(statement, context);
      case 'CreateView':
        return createView(statement, context);
      case 'CreateCatalog':
      case 'CreateDatabase':
        return createNamespace(statement, context);
      case 'Drop':
        if (statement.what === 'CATALOG' || statement.what === 'DATABASE') return dropNamespace(statement, context);
        if (statement.what === 'TABLE' || statement.what === 'VIEW') return dropObject(statement, context);
        throw later(`DROP ${statement.temporary ? 'TEMPORARY ' : ''}${statement.system ? 'SYSTEM ' : ''}${statement.what}`, statement.span);
      case 'AlterTable':
        return alterTable(statement, context);
      case 'AlterView':
        return alterView(statement, context);
      case 'AlterDatabase':
        return alterDatabase(statement, context);
      case 'Use':
        return use(statement, context);
      case 'Insert':
        this.#addInserts([statement]);
        return undefined;
      case 'StatementSet':
        this.#addInserts(statement.inserts);
        return undefined;
      case 'QueryStatement': {
        const planned = this.#ready(planQuery(statement.query, context.planContext));
        this.queries.push({ query: statement.query, planned });
        this.steps.push({ query: planned });
        return undefined;
      }
      case 'Explain':
        return explain(statement, context, (planned, format) => explainReady(this.#ready(planned), format, context.connectors));
      case 'Set':
        return set(statement, context);
      case 'Reset':
        return reset(statement, context);
      case 'Show':
        return show(statement, context);
      case 'ShowCreate':
        return showCreate(statement, context);
      case 'Describe':
        return describe(statement, context);
      default:
        return rareStatement(statement, context);
    }
  }

  /** The table, then the INSERT that fills it: what CREATE TABLE ... AS answers is what the INSERT answers. */
  #createAs(statement: Parameters<typeof planCreateAs>[0], context: StatementContext): StatementResult | undefined {
    const { name, replace, ifNotExists } = statement;
    const there = context.world.catalog.at(newPath(name, context), false);
    if (ifNotExists && there !== undefined) return done(`${nameText(name)} is there already`);
    if (replace === 'REPLACE' && there === undefined) throw new SqlError({ code: 'E0101', message: `there is no table ${nameText(name)}`, span: name.span, hint: 'CREATE OR REPLACE TABLE makes it' });
    if (replace !== undefined && there?.kind === 'view') throw new SqlError({ code: 'E0101', message: `${nameText(name)} is a view`, span: name.span });
    const { entry, errors, insert } = planCreateAs(statement, context);
    if (errors.length > 0 || entry === undefined) {
      context.faults(errors, nameText(name));
      return undefined;
    }
    if (replace !== undefined && there !== undefined) context.do((world) => void world.catalog.remove(there));
    define(entry, replace === undefined ? there : undefined, statement, context);
    this.#addInserts([insert]);
    return undefined;
  }

  #addInserts(statements: readonly InsertStatement[]): void {
    const { planContext } = this.#statementContext;
    const inserts = statements.map((statement) => {
      const planned = this.#ready(planInsert(statement, planContext));
      return { statement, planned: statement.overwrite ? this.#overwriting(planned, statement.span) : planned };
    });
    this.inserts.push(...inserts);
    this.steps.push({ inserts });
  }

  /** Throws E0002 for a table of a connector that cannot. */
  #overwriting({ physical, ...rest }: ReadyPlan, span: Span): ReadyPlan {
    const target = physical.kind === 'Sink' ? rest.tables.get(physical.table) : undefined;
    const connector = target === undefined ? undefined : findConnector(optionOf(target, 'connector') ?? '', this.#context.connectors);
    if (physical.kind !== 'Sink' || connector?.canOverwrite !== true) throw later('INSERT OVERWRITE', span);
    return { physical: { ...physical, overwrite: true }, ...rest };
  }

  get #statementContext(): StatementContext {
    const { world, connectors, jobs, functions = [], isStored = () => false, isNamespaceStored = () => false } = this.#context;
    return {
      source: this.#source,
      world,
      connectors,
      jobs,
      functions,
      isStored,
      isNamespaceStored,
      planContext: { catalog: world.catalog, connectors: (name) => findConnector(name, connectors), formatOf: recordFormat, zone: world.settings.get('table.local-time-zone'), database: world.catalog.currentDatabase, sink: sinkOptions(world.settings), mayRepeat: world.settings.get('table.exec.source.cdc-events-duplicate').toLowerCase() === 'true', mayMiss: world.settings.get('table.optimizer.non-deterministic-update.strategy').toUpperCase() === 'IGNORE' },
      do: (effect) => this.#do(effect),
      faults: (errors, broken, kind = 'draft') => {
        this.#errors.push(...errors);
        if (broken !== undefined) this.broken.set(broken, kind);
      },
    };
  }

  /** Does it in the check's own world, and keeps it for the engine's. */
  #do(effect: (world: World) => void): void {
    effect(this.#context.world);
    this.effects.push(effect);
  }

  /** The table of a hint: one for all statements that say the same of it. Throws what its options have for faults. */
  #hintedTable(entry: TableEntry): TableEntry {
    const known = this.#hinted.get(entry.name);
    if (known !== undefined && known.base === entry.base) return known;
    const [first, ...others] = connect(entry, this.#context.connectors).errors;
    if (first !== undefined) throw new SqlError(first.diagnostic, others);
    this.#hinted.set(entry.name, entry);
    return entry;
  }

  #ready(planned: Planned): ReadyPlan {
    const { catalog } = this.#context.world;
    const tables = new Map(tablesOf(planned.physical, catalog));
    for (const entry of planned.hinted) tables.set(entry.name, this.#hintedTable(entry));
    return { ...planned, tables, texts: textsOf(this.#source, catalog) };
  }
}

function sinkOptions(settings: Settings): SinkOptions {
  const value = (key: SettingKey): string => settings.get(key).toUpperCase();
  // SET lets no other values through.
  return {
    upsertMaterialize: value('table.exec.sink.upsert-materialize') as SinkOptions['upsertMaterialize'],
    notNull: value('table.exec.sink.not-null-enforcer') as SinkOptions['notNull'],
    typeLength: value('table.exec.sink.type-length-enforcer') as SinkOptions['typeLength'],
  };
}

/** The tables that a statement reads and writes, as it writes them. */
function tableNames(statement: Statement): { readonly read: readonly string[]; readonly written: readonly string[] } {
  const read: string[] = [];
  const written: string[] = [];
  const open: object[] = [statement];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if ('kind' in node && (node.kind === 'NamedTable' || node.kind === 'Temporal')) read.push(nameText((node as unknown as { readonly name: Name }).name));
    if ('kind' in node && node.kind === 'Insert') written.push(nameText((node as InsertStatement).table));
    for (const part of Object.values(node) as readonly unknown[]) if (typeof part === 'object' && part !== null) open.push(part);
  }
  return { read, written };
}

function tablesOf(plan: PhysicalPlan, catalog: MemoryCatalog): ReadonlyMap<string, TableEntry> {
  const named = new Set(nodesOf(plan).flatMap((node) => (node.kind === 'TableSourceScan' || node.kind === 'Sink' ? [node.table] : [])));
  return new Map(catalog.entries().flatMap((entry) => (entry.kind === 'table' && named.has(entry.name) ? [[entry.name, entry] as const] : [])));
}
