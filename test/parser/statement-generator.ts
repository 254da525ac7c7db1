import { creatable, describable, droppable, likeParts, showable } from '../../parser/ast-statement.ts';
import type { Expr, Identifier } from '../../parser/ast.ts';
import type { AlterMaterializedAction, AlterTableAction, ColumnClause, InsertStatement, OptionPair, PartitionPair, Statement } from '../../parser/ast-statement.ts';
import { span } from './expression-generator.ts';
import { QueryGenerator } from './query-generator.ts';

/** Makes statements of the grammar from the AST's side, so that every shape comes up, whether or not a person would write it. */
export class StatementGenerator extends QueryGenerator {
  columnClause(isOfQuery = true): ColumnClause {
    const name = this.identifier();
    switch (isOfQuery ? this.random.int(0, 5) : this.random.pick([0, 1, 2, 3, 5])) {
      case 4:
        return this.note({ kind: 'QueryColumn', name, span });
      case 0:
        return this.note({ kind: 'ComputedColumn', name, expr: this.expr(2), comment: this.comment(), span });
      case 1:
        return this.note({ kind: 'MetadataColumn', name, type: this.type(), key: this.random.chance(0.5) ? this.text() : undefined, isVirtual: this.random.chance(0.5), comment: this.comment(), span });
      case 2:
        return this.note({ kind: 'Watermark', column: name, expr: this.expr(1), span });
      case 3:
        return this.note({ kind: 'PrimaryKey', constraint: this.alias(), columns: this.random.list(1, 2, () => this.identifier()), span });
      default:
        return this.note({ kind: 'PhysicalColumn', name, type: this.type(), primaryKey: this.random.chance(0.2), comment: this.comment(), span });
    }
  }

  comment(): string | undefined {
    return this.random.chance(0.2) ? this.text() : undefined;
  }

  options(least: number): OptionPair[] {
    const text = (): { readonly text: string; readonly span: typeof span } => ({ text: this.text(), span });
    return this.random.list(least, 3, () => ({ key: text(), value: text(), span }));
  }

  action(): AlterTableAction {
    const { random } = this;
    switch (random.int(0, 10)) {
      case 8:
        return this.note({ kind: 'ChangeDistribution', operation: random.pick(['ADD', 'MODIFY'] as const), distribution: { by: random.pick(['HASH', 'RANGE', undefined] as const), columns: [this.identifier()], buckets: random.pick([undefined, '4']), span }, span });
      case 9:
        return this.note({ kind: 'AddPartitions', ifNotExists: random.chance(0.5), partitions: random.list(1, 2, () => ({ spec: this.partition(1), options: this.options(0) })), span });
      case 10:
        return this.note({ kind: 'DropPartitions', ifExists: random.chance(0.5), specs: random.list(1, 2, () => this.partition(1)), span });
      case 0:
        return this.note({ kind: 'RenameTo', to: this.name(), span });
      case 1:
        return this.note({ kind: 'RenameColumn', from: this.identifier(), to: this.identifier(), span });
      case 2:
        return this.note({ kind: 'SetOptions', options: this.options(0), span });
      case 3:
        return this.note({ kind: 'ResetOptions', keys: random.list(1, 2, () => this.text()), span });
      case 4:
        return this.note({ kind: 'DropColumns', columns: random.list(1, 2, () => this.identifier()), span });
      case 5:
        return this.note({ kind: 'DropConstraint', constraint: this.identifier(), span });
      case 6:
        return this.note({ kind: 'DropPart', what: random.pick(['PRIMARY KEY', 'WATERMARK', 'DISTRIBUTION'] as const), span });
      default:
        return this.note({ kind: 'ChangeColumns', operation: random.pick(['ADD', 'MODIFY'] as const), changes: random.list(1, 2, () => ({ clause: this.columnClause(false), place: random.pick([undefined, 'FIRST' as const, this.identifier()]), span })), span });
    }
  }

  partition(least: number): PartitionPair[] {
    return this.random.list(least, 2, () => ({ column: this.identifier(), value: this.random.chance(0.7) ? this.expr(1) : undefined, span }));
  }

  /** What the whole grammar reads. */
  rare(): Statement {
    const { random } = this;
    const set = (): Extract<AlterTableAction, { kind: 'SetOptions' | 'ResetOptions' }> => (random.chance(0.5) ? { kind: 'SetOptions', options: this.options(0), span } : { kind: 'ResetOptions', keys: random.list(1, 2, () => this.text()), span });
    const temporary = random.chance(0.3);
    const body = { temporary, system: temporary && random.chance(0.5), name: this.name(), as: this.text(), language: random.pick([undefined, 'JAVA', 'PYTHON']) };
    const names = (least: number): Identifier[] => random.list(least, 2, () => this.identifier());
    const where = random.chance(0.5) ? this.expr(1) : undefined;
    switch (random.int(0, 20)) {
      case 0:
        return this.note({ kind: 'AlterCatalog', name: this.name(), action: random.chance(0.5) ? set() : { kind: 'Comment', comment: this.text(), span }, span });
      case 1:
        return this.note({ kind: 'CreateFunction', ...body, ifNotExists: random.chance(0.3), using: random.list(0, 2, () => ({ what: random.pick(['JAR', 'ARTIFACT'] as const), path: this.text() })), options: this.options(0), span });
      case 2:
        return this.note({ kind: 'AlterFunction', ...body, ifExists: random.chance(0.3), span });
      case 3:
        return this.note({ kind: 'CreateModel', temporary, name: this.name(), ifNotExists: random.chance(0.3), input: random.list(0, 2, () => this.columnClause()), output: random.list(0, 2, () => this.columnClause()), comment: this.comment(), options: this.options(0), span });
      case 4:
        return this.note({ kind: 'AlterModel', ifExists: random.chance(0.3), name: this.name(), action: random.chance(0.5) ? set() : { kind: 'RenameTo', to: this.name(), span }, span });
      case 5:
        return this.note({
          kind: 'CreateMaterializedTable', orAlter: random.chance(0.3), name: this.name(), ifNotExists: random.chance(0.3), columns: random.list(0, 2, () => this.columnClause()), comment: this.comment(), distribution: undefined, partitionedBy: names(0), options: this.options(0),
          freshness: random.pick<Expr | undefined>([undefined, { kind: 'Interval', text: '3', negative: false, unit: 'MINUTE', span }]), refreshMode: random.pick([undefined, 'FULL', 'CONTINUOUS'] as const), query: this.query(1), span,
        });
      case 6:
      case 7:
        return this.note({ kind: 'AlterMaterializedTable', name: this.name(), action: random.pick<() => AlterMaterializedAction>([() => this.note({ kind: 'Suspend', span }), () => this.note({ kind: 'Resume', options: this.options(0), span }), () => this.note({ kind: 'Refresh', partition: this.partition(0), span }), () => ({ kind: 'As', query: this.query(1), span }), () => this.action()])(), span });
      case 8:
        return this.note({ kind: 'Update', table: this.name(), hints: this.hints(), assignments: random.list(1, 2, () => ({ column: this.identifier(), value: this.expr(1) })), where, span });
      case 9:
        return this.note({ kind: 'Delete', table: this.name(), hints: this.hints(), where, span });
      case 10:
        return this.note({ kind: 'Truncate', table: this.name(), span });
      case 11:
        return this.note({ kind: 'CallProcedure', name: this.name(), args: random.list(0, 2, () => (random.chance(0.3) ? { kind: 'NamedArgument', label: this.functionName(), value: this.expr(1), span } : this.expr(1))), span });
      case 12:
        return this.note({ kind: 'Jar', action: random.pick(['ADD', 'REMOVE'] as const), path: this.text(), span });
      case 13:
        return this.note({ kind: 'LoadModule', name: this.identifier(), options: this.options(0), span });
      case 14:
        return this.note({ kind: 'UnloadModule', name: this.identifier(), span });
      case 15:
        return this.note({ kind: 'UseModules', names: names(1), span });
      case 16:
        return this.note({ kind: 'Analyze', table: this.name(), partition: this.partition(0), columns: random.chance(0.3) ? 'ALL' : names(0), span });
      case 17:
        return this.note({ kind: 'CompilePlan', path: this.text(), ifNotExists: random.chance(0.3), execute: random.chance(0.5), statement: this.insert(), span });
      case 18:
        return this.note({ kind: 'ExecutePlan', path: this.text(), span });
      case 19:
        return this.note({ kind: 'StopJob', job: this.text(), savepoint: random.chance(0.5), drain: random.chance(0.5), span });
      default:
        return this.note({ kind: 'DescribeJob', job: this.text(), span });
    }
  }

  /** What is rarely written. */
  definition(): Statement {
    const { random } = this;
    switch (random.int(0, 9)) {
      case 0:
        return this.note({ kind: random.pick(['CreateCatalog', 'CreateDatabase'] as const), name: this.name(), ifNotExists: random.chance(0.5), comment: this.comment(), options: this.options(0), span });
      case 1:
        return this.note({ kind: 'AlterView', name: this.name(), action: random.chance(0.5) ? { kind: 'RenameTo', to: this.name(), span } : { kind: 'As', query: this.query(1), span }, span });
      case 2:
        return this.note({ kind: 'AlterDatabase', name: this.name(), options: this.options(1), span });
      case 3:
        return this.note({ kind: 'Use', what: random.pick(['CATALOG', 'DATABASE'] as const), name: this.name(), span });
      default:
        return this.note({ kind: 'AlterTable', name: this.name(), ifExists: random.chance(0.3), action: this.action(), span });
    }
  }

  insert(): InsertStatement {
    return this.note({ kind: 'Insert', overwrite: this.random.chance(0.2), table: this.name(), hints: this.hints(), partition: this.random.chance(0.3) ? this.partition(1) : [], onConflict: this.random.chance(0.2) ? this.random.pick(['NOTHING', 'ERROR', 'DEDUPLICATE'] as const) : undefined, columns: this.random.chance(0.3) ? this.random.list(1, 3, () => this.identifier()) : [], query: this.query(2), span });
  }

  drop(): Statement {
    const { random } = this;
    const what = random.pick(droppable);
    const temporary = random.chance(0.3);
    return this.note({ kind: 'Drop', what, temporary, system: temporary && what === 'FUNCTION' && random.chance(0.5), name: this.name(), ifExists: random.chance(0.5), cascade: what === 'DATABASE' && random.chance(0.5), span });
  }

  show(): Statement {
    const { random } = this;
    const what = random.pick(showable);
    if (what === 'PARTITIONS') return this.note({ kind: 'Show', what, from: this.name(), partition: this.partition(0), like: undefined, span });
    return this.note({ kind: 'Show', what, from: random.chance(0.3) ? this.name() : undefined, partition: [], like: random.chance(0.3) ? { pattern: this.text(), negated: random.chance(0.5), ignoresCase: random.chance(0.5), span } : undefined, span });
  }

  statement(): Statement {
    const { random } = this;
    switch (random.int(0, 14)) {
      case 12:
      case 13:
        return this.rare();
      case 0: {
        const query = random.chance(0.2) ? this.query(1) : undefined;
        const like = query === undefined && random.chance(0.2) ? { table: this.name(), choices: random.list(0, 2, () => ({ action: random.pick(['INCLUDING', 'EXCLUDING', 'OVERWRITING'] as const), what: random.pick(likeParts), span })), span } : undefined;
        const replace = random.chance(0.2) ? random.pick(['REPLACE', 'OR REPLACE'] as const) : undefined;
        const distribution = random.chance(0.2) ? { by: random.pick(['HASH', 'RANGE', undefined] as const), columns: [this.identifier()], buckets: random.pick([undefined, '4']), span } : undefined;
        return this.note({ kind: 'CreateTable', name: this.name(), replace, temporary: replace === undefined && random.chance(0.3), ifNotExists: random.chance(0.3), columns: random.list(0, 4, () => this.columnClause()), comment: this.comment(), distribution, partitionedBy: random.list(0, 2, () => this.identifier()), options: this.options(0), optionsSpan: span, like, query, span });
      }
      case 1:
        return this.note({ kind: 'CreateView', name: this.name(), temporary: random.chance(0.3), ifNotExists: random.chance(0.3), columns: random.list(0, 3, () => this.identifier()), comment: this.comment(), query: this.query(2), span });
      case 2:
        return this.drop();
      case 3:
        return this.insert();
      case 4:
        return this.note({ kind: 'StatementSet', inserts: random.list(1, 3, () => this.insert()), span });
      case 5:
        return this.note({ kind: 'Explain', details: random.pick([[], ['CHANGELOG_MODE'], ['CHANGELOG_MODE', 'CODE']]), statement: random.chance(0.5) ? this.insert() : this.note({ kind: 'QueryStatement', query: this.query(1), span }), span });
      case 6: {
        const key = random.chance(0.7) ? this.text() : undefined;
        return this.note({ kind: 'Set', key, value: key === undefined ? undefined : this.text(), span });
      }
      case 7:
        return random.chance(0.5) ? this.note({ kind: 'Reset', key: random.chance(0.5) ? this.text() : undefined, span }) : this.note({ kind: 'ShowCreate', what: random.pick(creatable), name: this.name(), span });
      case 8:
        return random.chance(0.5) ? this.show() : this.note({ kind: 'Describe', what: random.pick(describable), extended: random.chance(0.3), name: this.name(), span });
      case 9:
      case 10:
        return this.definition();
      default:
        return this.note({ kind: 'QueryStatement', query: this.query(2), span });
    }
  }
}
