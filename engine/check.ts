import { SqlError, withSource, type SourceText } from '../core/diagnostic.ts';
import { literalOfJs } from '../core/js-value.ts';
import type { Settings } from '../core/settings.ts';
import type { MemoryCatalog } from '../catalog/catalog.ts';
import type { CatalogEntry, TableEntry } from '../catalog/entry.ts';
import type { InsertStatement, Query, Statement } from '../parser/ast.ts';
import { parse } from '../parser/parse.ts';
import { fillParameters, parametersOf } from '../planner/parameters.ts';
import { nodesOf, type PhysicalPlan } from '../planner/physical-plan.ts';
import { planInsert, planQuery, type Planned } from '../planner/plan.ts';
import { explainReady } from './explain.ts';
import { textsOf, type PlanTexts } from './place.ts';
import { alterTable, alterView } from './statements/alter.ts';
import { later, type StatementContext, type World } from './statements/context.ts';
import { alterDatabase, createNamespace, dropNamespace, use } from './statements/databases.ts';
import { describe } from './statements/describe.ts';
import { explain } from './statements/explain.ts';
import { reset, set } from './statements/settings.ts';
import { show, showCreate } from './statements/show.ts';
import { createTable, createView, dropObject } from './statements/tables.ts';
import { findConnector, recordFormat, type ConnectorList } from './tables.ts';
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
export type Step = { readonly result: StatementResult } | { readonly inserts: CheckedScript['inserts'] } | { readonly query: ReadyPlan };

/** What a check needs besides the script. `world` is the check's own. */
export interface CheckContext {
  readonly world: World;
  readonly connectors: ConnectorList;
  readonly jobs: readonly string[];
  /** Whether an entry is kept in the state folder. */
  readonly isStored?: ((entry: CatalogEntry) => boolean) | undefined;
}

/** Parses, binds and plans; opens nothing, and changes nothing but the copy in `context.world`. Gives every error of the script. */
export function checkScript(source: SourceText, params: Params | undefined, context: CheckContext): CheckedScript {
  const parsed = parse(source.text, source.file);
  const errors: SqlError[] = [...parsed.errors];
  const checker = new Checker(source, context, errors);
  const collect = (error: unknown): void => {
    if (!(error instanceof SqlError)) throw error;
    const isFollowUp = error.code === 'E0101' && [...checker.broken].some((name) => error.message === `there is no table ${name}`);
    if (!isFollowUp) errors.push(withSource(error, source));
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
      checker.steps.push({ result });
    } catch (error) {
      collect(error);
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
  /** Tables whose definitions have faults: what names them is not told again. */
  readonly broken = new Set<string>();
  readonly #source: SourceText;
  readonly #context: CheckContext;
  readonly #errors: SqlError[];

  constructor(source: SourceText, context: CheckContext, errors: SqlError[]) {
    this.#source = source;
    this.#context = context;
    this.#errors = errors;
  }

  /** One statement, over what those before it defined. The answer is undefined for what answers when it runs. */
  check(statement: Statement): StatementResult | undefined {
    const context = this.#statementContext;
    switch (statement.kind) {
      case 'CreateTable':
        return createTable(statement, context);
      case 'CreateView':
        return createView(statement, context);
      case 'CreateCatalog':
      case 'CreateDatabase':
        return createNamespace(statement, context);
      case 'Drop':
        return statement.what === 'CATALOG' || statement.what === 'DATABASE' ? dropNamespace(statement, context) : dropObject(statement, context);
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
      case 'Unsupported':
        throw later(statement.feature, statement.span);
    }
  }

  #addInserts(statements: readonly InsertStatement[]): void {
    const { planContext } = this.#statementContext;
    const inserts = statements.map((statement) => {
      if (statement.overwrite) throw later('INSERT OVERWRITE', statement.span);
      return { statement, planned: this.#ready(planInsert(statement, planContext)) };
    });
    this.inserts.push(...inserts);
    this.steps.push({ inserts });
  }

  get #statementContext(): StatementContext {
    const { world, connectors, jobs, isStored = () => false } = this.#context;
    return {
      source: this.#source,
      world,
      connectors,
      jobs,
      isStored,
      planContext: { catalog: world.catalog, connectors: (name) => findConnector(name, connectors), formatOf: recordFormat, zone: world.settings.get('table.local-time-zone'), mayRepeat: world.settings.get('table.exec.source.cdc-events-duplicate').toLowerCase() === 'true' },
      do: (effect) => this.#do(effect),
      faults: (errors, broken) => {
        this.#errors.push(...errors);
        if (broken !== undefined) this.broken.add(broken);
      },
    };
  }

  /** Does it in the check's own world, and keeps it for the engine's. */
  #do(effect: (world: World) => void): void {
    effect(this.#context.world);
    this.effects.push(effect);
  }

  #ready(planned: Planned): ReadyPlan {
    const { catalog } = this.#context.world;
    return { ...planned, tables: tablesOf(planned.physical, catalog), texts: textsOf(this.#source, catalog) };
  }
}

function tablesOf(plan: PhysicalPlan, catalog: MemoryCatalog): ReadonlyMap<string, TableEntry> {
  const named = new Set(nodesOf(plan).flatMap((node) => (node.kind === 'TableSourceScan' || node.kind === 'Sink' ? [node.table] : [])));
  return new Map(catalog.entries().flatMap((entry) => (entry.kind === 'table' && named.has(entry.name) ? [[entry.name, entry] as const] : [])));
}
