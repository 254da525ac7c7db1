import type { IOrAlt } from 'chevrotain';
import { SqlError } from '../core/diagnostic.ts';
import type * as statements from './ast-statement.ts';
import { upper, type Rule } from './grammar-base.ts';
import { StatementGrammar } from './grammar.ts';
import { symbols as s, words as w } from './tokens.ts';

type Action = statements.AlterMaterializedAction;

/** CREATE and ALTER MATERIALIZED TABLE. */
export abstract class MaterializedTableGrammar extends StatementGrammar {
  createMaterializedTable: Rule<statements.Statement> = this.RULE('createMaterializedTable', (): statements.Statement => {
    const first = this.CONSUME(w.CREATE);
    const orAlter = this.OPTION(() => (this.CONSUME(w.OR), this.CONSUME(w.ALTER))) !== undefined;
    this.CONSUME(w.MATERIALIZED);
    this.CONSUME(w.TABLE);
    const subject = this.SUBRULE(this.subject);
    const columns = this.OPTION2(() => this.SUBRULE(this.columnClauses)) ?? [];
    const comment = this.SUBRULE(this.comment);
    const distribution = this.OPTION3(() => this.SUBRULE(this.distribution));
    const partitionedBy = this.OPTION4(() => (this.CONSUME(w.PARTITIONED), this.CONSUME(w.BY), this.SUBRULE(this.identifierList))) ?? [];
    const options = this.SUBRULE(this.withOptions);
    const freshness = this.OPTION5(() => (this.CONSUME(w.FRESHNESS), this.CONSUME(s.Equal), this.SUBRULE(this.intervalLiteral)));
    const refreshMode = this.OPTION6(() => {
      this.CONSUME(w.REFRESH_MODE);
      this.CONSUME2(s.Equal);
      return upper(this.OR([{ ALT: () => this.CONSUME(w.CONTINUOUS) }, { ALT: () => this.CONSUME(w.FULL) }])) as 'FULL';
    });
    this.CONSUME(w.AS);
    const query = this.SUBRULE(this.query);
    return { kind: 'CreateMaterializedTable', orAlter, ...subject, columns, comment, distribution, partitionedBy, options, freshness, refreshMode, query, span: this.since(first) };
  });

  alterMaterializedTable: Rule<statements.Statement> = this.RULE('alterMaterializedTable', (): statements.Statement => {
    const first = this.CONSUME(w.ALTER);
    this.CONSUME(w.MATERIALIZED);
    this.CONSUME(w.TABLE);
    const name = this.SUBRULE(this.name);
    const action = this.SUBRULE(this.alterMaterializedAction);
    return { kind: 'AlterMaterializedTable', name, action, span: this.since(first) };
  });

  alterMaterializedAction: Rule<Action> = this.RULE('alterMaterializedAction', (): Action => {
    const first = this.LA(1);
    return this.OR<IOrAlt<Action>[]>([
      { ALT: () => (this.CONSUME(w.SUSPEND), { kind: 'Suspend', span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.RESUME), { kind: 'Resume', options: this.SUBRULE(this.withOptions), span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.REFRESH), { kind: 'Refresh', partition: this.OPTION(() => this.SUBRULE(this.partitionPairs)) ?? [], span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.AS), { kind: 'As', query: this.SUBRULE(this.query), span: this.since(first) }) },
      { ALT: () => this.SUBRULE(this.alterTableAction) },
    ]);
  });

  /** An action of ALTER TABLE where only some may stand. Throws E0001. */
  protected onlyOf<A extends statements.AlterTableAction>(action: A, kinds: readonly A['kind'][], statement: string): A {
    if (kinds.includes(action.kind)) return action;
    throw new SqlError({ code: 'E0001', message: `this cannot stand in ${statement}`, span: action.span });
  }
}
