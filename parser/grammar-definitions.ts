import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import type * as statements from './ast-statement.ts';
import { stringText, upper, type Rule } from './grammar-base.ts';
import { CreateGrammar } from './grammar-create.ts';
import { StringLiteral, symbols as s, words as w } from './tokens.ts';

/** ALTER and DROP. */
export abstract class DefinitionGrammar extends CreateGrammar {
  drop: Rule<statements.Statement> = this.RULE('drop', (): statements.Statement => {
    const first = this.CONSUME(w.DROP);
    const temporary = this.OPTION(() => this.CONSUME(w.TEMPORARY)) !== undefined;
    const system = this.OPTION3({ GATE: () => temporary && this.LA(2).tokenType === w.FUNCTION, DEF: () => this.CONSUME(w.SYSTEM) }) !== undefined;
    const what = this.OR([
      { ALT: () => this.CONSUME(w.TABLE) },
      { ALT: () => this.CONSUME(w.VIEW) },
      { ALT: () => this.CONSUME(w.CATALOG) },
      { ALT: () => this.CONSUME(w.DATABASE) },
      { ALT: () => this.CONSUME(w.FUNCTION) },
      { ALT: () => this.CONSUME(w.MODEL) },
      { ALT: () => (this.CONSUME(w.MATERIALIZED), this.CONSUME2(w.TABLE)) },
    ]);
    const isMaterialized = upper(this.LA(-1)) === 'MATERIALIZED';
    const ifExists = this.SUBRULE(this.ifExists);
    const name = this.SUBRULE(this.name);
    const cascade = this.OPTION2({ GATE: () => what?.tokenType === w.DATABASE, DEF: () => this.OR2([{ ALT: () => (this.CONSUME(w.RESTRICT), false) }, { ALT: () => (this.CONSUME(w.CASCADE), true) }]) }) ?? false;
    return { kind: 'Drop', what: (isMaterialized ? 'MATERIALIZED TABLE' : upper(what)) as 'TABLE', temporary, system, name, ifExists, cascade, span: this.since(first) };
  });

  ifExists: Rule<boolean> = this.RULE('ifExists', (): boolean => this.OPTION({ GATE: () => this.LA(2).tokenType === w.EXISTS, DEF: () => (this.CONSUME(w.IF), this.CONSUME(w.EXISTS)) }) !== undefined);

  alter: Rule<statements.Statement> = this.RULE('alter', (): statements.Statement => {
    const first = this.CONSUME(w.ALTER);
    return this.OR<IOrAlt<statements.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.TABLE);
          const ifExists = this.SUBRULE(this.ifExists);
          const name = this.SUBRULE(this.name);
          const action = this.SUBRULE(this.alterTableAction);
          return { kind: 'AlterTable', name, ifExists, action, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.VIEW);
          const name = this.SUBRULE2(this.name);
          const start = this.LA(1);
          return this.OR2<IOrAlt<statements.Statement>[]>([
            {
              ALT: () => {
                this.CONSUME(w.RENAME);
                this.CONSUME(w.TO);
                const to = this.SUBRULE3(this.name);
                return { kind: 'AlterView', name, action: { kind: 'RenameTo', to, span: this.since(start) }, span: this.since(first) };
              },
            },
            {
              ALT: () => {
                this.CONSUME(w.AS);
                const query = this.SUBRULE(this.query);
                return { kind: 'AlterView', name, action: { kind: 'As', query, span: this.since(start) }, span: this.since(first) };
              },
            },
          ]);
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.DATABASE);
          const name = this.SUBRULE4(this.name);
          this.CONSUME(w.SET);
          const options = this.SUBRULE(this.options);
          return { kind: 'AlterDatabase', name, options, span: this.since(first) };
        },
      },
    ]);
  });

  alterTableAction: Rule<statements.AlterTableAction> = this.RULE('alterTableAction', (): statements.AlterTableAction => {
    const first = this.LA(1);
    return this.OR<IOrAlt<statements.AlterTableAction>[]>([
      {
        GATE: () => this.LA(2).tokenType === w.TO,
        ALT: () => (this.CONSUME(w.RENAME), this.CONSUME(w.TO), { kind: 'RenameTo', to: this.SUBRULE(this.name), span: this.since(first) }),
      },
      {
        ALT: () => {
          this.CONSUME2(w.RENAME);
          const from = this.SUBRULE(this.identifier);
          this.CONSUME2(w.TO);
          const to = this.SUBRULE2(this.identifier);
          return { kind: 'RenameColumn', from, to, span: this.since(first) };
        },
      },
      { ALT: () => (this.CONSUME(w.SET), { kind: 'SetOptions', options: this.SUBRULE(this.options), span: this.since(first) }) },
      {
        ALT: () => {
          const keys: string[] = [];
          this.CONSUME(w.RESET);
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => keys.push(stringText(this.CONSUME(StringLiteral))) });
          this.CONSUME(s.RightParen);
          return { kind: 'ResetOptions', keys, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          const operation = upper(this.OR2([{ ALT: () => this.CONSUME(w.ADD) }, { ALT: () => this.CONSUME(w.MODIFY) }])) as 'ADD';
          const changes: statements.ColumnChange[] = [];
          return this.OR3<IOrAlt<statements.AlterTableAction>[]>([
            { GATE: () => operation === 'ADD' && this.isPartition(), ALT: () => this.SUBRULE(this.addPartitions) },
            { GATE: () => this.LA(2).tokenType === w.BY || this.LA(2).tokenType === w.INTO, ALT: () => ({ kind: 'ChangeDistribution', operation, distribution: this.SUBRULE(this.distribution), span: this.since(first) }) },
            {
              ALT: () => {
                this.CONSUME2(s.LeftParen);
                this.AT_LEAST_ONE_SEP2({ SEP: s.Comma, DEF: () => changes.push(this.SUBRULE(this.columnChange)) });
                this.CONSUME2(s.RightParen);
                return { kind: 'ChangeColumns', operation, changes, span: this.since(first) };
              },
            },
            { ALT: () => (changes.push(this.SUBRULE2(this.columnChange)), { kind: 'ChangeColumns', operation, changes, span: this.since(first) }) },
          ]);
        },
      },
      { ALT: () => (this.CONSUME(w.DROP), this.SUBRULE(this.dropPart)) },
    ]);
  });

  /** `PARTITION (`, also behind IF EXISTS and IF NOT EXISTS: else the word is a column. */
  protected isPartition(): boolean {
    const k = this.LA(1).tokenType !== w.IF ? 1 : this.LA(2).tokenType === w.NOT ? 4 : 3;
    return this.LA(k).tokenType === w.PARTITION && this.LA(k + 1).tokenType === s.LeftParen;
  }

  addPartitions: Rule<statements.AlterTableAction> = this.RULE('addPartitions', (): statements.AlterTableAction => {
    const first = this.LA(0);
    const ifNotExists = this.OPTION(() => (this.CONSUME(w.IF), this.CONSUME(w.NOT), this.CONSUME(w.EXISTS))) !== undefined;
    const partitions: { readonly spec: readonly statements.PartitionPair[]; readonly options: readonly statements.OptionPair[] }[] = [];
    this.AT_LEAST_ONE(() => partitions.push({ spec: this.SUBRULE(this.partitionPairs), options: this.SUBRULE(this.withOptions) }));
    return { kind: 'AddPartitions', ifNotExists, partitions, span: this.since(first) };
  });

  columnChange: Rule<statements.ColumnChange> = this.RULE('columnChange', (): statements.ColumnChange => {
    const first = this.LA(1);
    const clause = this.SUBRULE(this.columnClause);
    const place = this.OPTION<'FIRST' | ast.Identifier>(() =>
      this.OR<IOrAlt<'FIRST' | ast.Identifier>[]>([{ ALT: () => (this.CONSUME(w.FIRST), 'FIRST' as const) }, { ALT: () => (this.CONSUME(w.AFTER), this.SUBRULE(this.identifier)) }]),
    );
    return { clause, place, span: this.since(first) };
  });

  /** What ALTER TABLE DROP takes away. A column may have the name of what else could stand there. */
  dropPart: Rule<statements.AlterTableAction> = this.RULE('dropPart', (): statements.AlterTableAction => {
    const first = this.LA(1);
    const isLast = (k: number): boolean => this.LA(k).tokenType === s.Semicolon || this.LA(k).image === '';
    return this.OR<IOrAlt<statements.AlterTableAction>[]>([
      {
        GATE: () => this.isPartition(),
        ALT: () => {
          const ifExists = this.SUBRULE(this.ifExists);
          const specs: statements.PartitionPair[][] = [];
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => specs.push(this.SUBRULE(this.partitionPairs)) });
          return { kind: 'DropPartitions', ifExists, specs, span: this.since(first) };
        },
      },
      { GATE: () => this.LA(2).tokenType === w.KEY, ALT: () => (this.CONSUME(w.PRIMARY), this.CONSUME(w.KEY), { kind: 'DropPart', what: 'PRIMARY KEY', span: this.since(first) }) },
      { GATE: () => this.LA(1).tokenType === w.WATERMARK && isLast(2), ALT: () => (this.CONSUME(w.WATERMARK), { kind: 'DropPart', what: 'WATERMARK', span: this.since(first) }) },
      { GATE: () => this.LA(1).tokenType === w.DISTRIBUTION && isLast(2), ALT: () => (this.CONSUME(w.DISTRIBUTION), { kind: 'DropPart', what: 'DISTRIBUTION', span: this.since(first) }) },
      { GATE: () => this.LA(1).tokenType === w.CONSTRAINT && !isLast(2), ALT: () => (this.CONSUME(w.CONSTRAINT), { kind: 'DropConstraint', constraint: this.SUBRULE(this.identifier), span: this.since(first) }) },
      { ALT: () => ({ kind: 'DropColumns', columns: this.SUBRULE2(this.identifierList), span: this.since(first) }) },
      { ALT: () => ({ kind: 'DropColumns', columns: [this.SUBRULE2(this.identifier)], span: this.since(first) }) },
    ]);
  });
}
