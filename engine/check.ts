import { SqlError, withSource, type SourceText } from '../core/diagnostic.ts';
import { literalOfJs } from '../core/js-value.ts';
import type { Settings } from '../core/settings.ts';
import { lookUp, type MemoryCatalog } from '../catalog/catalog.ts';
import type { TableEntry } from '../catalog/entry.ts';
import type { InsertStatement, Name, Query, Statement } from '../parser/ast.ts';
import { parse } from '../parser/parse.ts';
import { bindQuery } from '../planner/bind-query.ts';
import { fillParameters, parametersOf } from '../planner/parameters.ts';
import { nodesOf, type PhysicalPlan } from '../planner/physical-plan.ts';
import { planInsert, planQuery, type PlanContext, type Planned } from '../planner/plan.ts';
import { explainReady, type ExplainFormat } from './explain.ts';
import { textsOf, type PlanTexts } from './place.ts';
import { columnsOfPlan } from './rows.ts';
import { findConnector, recordFormat, tableFromStatement, type ConnectorList } from './tables.ts';
import type { Params, StatementResult } from './api.ts';

/** A plan and the tables that it names, as they were defined where it stands in the script. */
export interface ReadyPlan extends Planned {
  readonly tables: ReadonlyMap<string, TableEntry>;
  /** Where the places of its errors are. */
  readonly texts: PlanTexts;
}

/** What scripts define: a check works on a copy. */
export interface World {
  readonly catalog: MemoryCatalog;
  readonly settings: Settings;
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

export function done(message: string): StatementResult {
  return { kind: 'done', message };
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
    const { catalog, settings } = this.#context.world;
    switch (statement.kind) {
      case 'CreateTable': {
        const name = nameText(statement.name);
        refuseParameters(statement, 'a table');
        if (statement.ifNotExists && catalog.find(name) !== undefined) return done(`${name} is there already`);
        const { entry, errors } = tableFromStatement(statement, this.#source, this.#context.connectors);
        this.#errors.push(...errors);
        if (entry === undefined) this.broken.add(name);
        else this.#do((world) => world.catalog.add(entry, statement.name.span));
        return errors.length > 0 ? undefined : done(`created ${name}`);
      }
      case 'CreateView': {
        const name = nameText(statement.name);
        refuseParameters(statement, 'a view');
        if (statement.ifNotExists && catalog.find(name) !== undefined) return done(`${name} is there already`);
        const given = bindQuery(statement.query, catalog).columns.length;
        const columns = statement.columns.map((column) => column.name);
        if (columns.length > 0 && columns.length !== given) {
          throw new SqlError({ code: 'E0205', message: `the view ${name} names ${columns.length} columns, its query gives ${given}`, span: statement.name.span });
        }
        const view = { kind: 'view', name, columns, query: statement.query, source: this.#source, span: statement.span } as const;
        this.#do((world) => world.catalog.add(view, statement.name.span));
        return done(`created ${name}`);
      }
      case 'Drop': {
        const name = nameText(statement.name);
        const entry = statement.ifExists ? catalog.find(name) : lookUp(catalog, name, statement.name.span);
        const kind = entry?.kind.toUpperCase() ?? statement.what;
        if (kind !== statement.what) throw new SqlError({ code: 'E0101', message: `${name} is a ${kind.toLowerCase()}`, span: statement.name.span, hint: `DROP ${kind} ${name};` });
        this.#do((world) => void world.catalog.remove(name));
        return done(`dropped ${name}`);
      }
      case 'Insert':
        this.#addInserts([statement]);
        return undefined;
      case 'StatementSet':
        this.#addInserts(statement.inserts);
        return undefined;
      case 'QueryStatement': {
        const planned = this.#ready(planQuery(statement.query, this.#planContext));
        this.queries.push({ query: statement.query, planned });
        this.steps.push({ query: planned });
        return undefined;
      }
      case 'Explain':
        return this.#explain(statement.statement, statement.details);
      case 'Set': {
        const { key, value = '', span } = statement;
        if (key === undefined) return done(settings.entries().map(([name, text]) => `'${name}' = '${text}'`).join('\n'));
        this.#do((world) => world.settings.set(key, value, span));
        return done(`set '${key}'`);
      }
      case 'Reset':
        this.#do((world) => world.settings.reset(statement.key));
        return done('reset');
      case 'Show': {
        if (statement.what === 'JOBS') return done(this.#context.jobs.join('\n'));
        const wanted = statement.what === 'VIEWS' ? 'view' : undefined;
        return done(catalog.entries().filter((entry) => wanted === undefined || entry.kind === wanted).map((entry) => entry.name).join('\n'));
      }
      case 'ShowCreate': {
        const entry = lookUp(catalog, nameText(statement.name), statement.name.span);
        return done(entry.source.text.slice(entry.span.start, entry.span.end));
      }
      case 'Describe': {
        const entry = lookUp(catalog, nameText(statement.name), statement.name.span);
        const query = parse(`SELECT * FROM \`${entry.name.replaceAll('`', '``')}\``).statements[0];
        if (query?.kind !== 'QueryStatement') return undefined;
        const { columns } = bindQuery(query.query, catalog);
        return done(columnsOfPlan(columns).map((column) => `${column.name} ${column.type}${column.nullable ? '' : ' NOT NULL'}${column.time === undefined ? '' : ' *ROWTIME*'}`).join('\n'));
      }
      case 'Unsupported':
        throw new SqlError({ code: 'E0002', message: `not supported yet: ${statement.feature}`, span: statement.span });
    }
  }

  #addInserts(statements: readonly InsertStatement[]): void {
    const inserts = statements.map((statement) => ({ statement, planned: this.#ready(planInsert(statement, this.#planContext)) }));
    this.inserts.push(...inserts);
    this.steps.push({ inserts });
  }

  /** Does it in the check's own world, and keeps it for the engine's. */
  #do(effect: (world: World) => void): void {
    effect(this.#context.world);
    this.effects.push(effect);
  }

  #explain(statement: Statement, details: readonly string[]): StatementResult {
    const plans: Planned[] = [];
    if (statement.kind === 'Insert') plans.push(planInsert(statement, this.#planContext));
    if (statement.kind === 'StatementSet') plans.push(...statement.inserts.map((insert) => planInsert(insert, this.#planContext)));
    if (statement.kind === 'QueryStatement') plans.push(planQuery(statement.query, this.#planContext));
    const explain = (planned: Planned, format: ExplainFormat): string => explainReady(this.#ready(planned), format, this.#context.connectors);
    const text = plans.map((planned) => {
      if (details.includes('JSON_EXECUTION_PLAN')) return explain(planned, 'json');
      const code = details.includes('CODE') ? `\n\n${explain(planned, 'code')}` : '';
      return explain(planned, 'text') + code;
    });
    return done(text.join('\n\n'));
  }

  get #planContext(): PlanContext {
    const { world, connectors } = this.#context;
    return { catalog: world.catalog, connectors: (name) => findConnector(name, connectors), formatOf: recordFormat, zone: world.settings.get('table.local-time-zone') };
  }

  #ready(planned: Planned): ReadyPlan {
    const { catalog } = this.#context.world;
    return { ...planned, tables: tablesOf(planned.physical, catalog), texts: textsOf(this.#source, catalog) };
  }
}

function tablesOf(plan: PhysicalPlan, catalog: MemoryCatalog): ReadonlyMap<string, TableEntry> {
  const tables = new Map<string, TableEntry>();
  for (const node of nodesOf(plan)) {
    const entry = node.kind === 'TableSourceScan' || node.kind === 'Sink' ? catalog.find(node.table) : undefined;
    if (entry?.kind === 'table') tables.set(entry.name, entry);
  }
  return tables;
}

function nameText(name: Name): string {
  return name.parts.map((part) => part.name).join('.');
}

/** A definition outlives the call whose values a parameter would take. */
function refuseParameters(statement: Statement, what: string): void {
  const [first] = parametersOf([statement]);
  if (first !== undefined) throw new SqlError({ code: 'E0904', message: `${what} cannot hold a parameter`, span: first.span, label: 'write the value here' });
}
