import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import type * as statements from './ast-statement.ts';
import { stringText, upper, type Rule } from './grammar-base.ts';
import { MaterializedTableGrammar } from './grammar-materialized.ts';
import { Identifier, StringLiteral, symbols as s, words as w } from './tokens.ts';

/** Statements that few scripts have: functions, models, modules, stored plans, changes in place, jobs. */
export abstract class RareGrammar extends MaterializedTableGrammar {
  rareStatement: Rule<statements.Statement> = this.RULE('rareStatement', (): statements.Statement =>
    this.OR<IOrAlt<statements.Statement>[]>([
      { ALT: () => this.SUBRULE(this.rareDefinition) },
      { ALT: () => this.SUBRULE(this.update) },
      { ALT: () => this.SUBRULE(this.deletion) },
      { ALT: () => this.SUBRULE(this.truncate) },
      { ALT: () => this.SUBRULE(this.procedureCall) },
      { ALT: () => this.SUBRULE(this.jar) },
      { ALT: () => this.SUBRULE(this.module) },
      { ALT: () => this.SUBRULE(this.analyze) },
      { ALT: () => this.SUBRULE(this.storedPlan) },
      { ALT: () => this.SUBRULE(this.jobStatement) },
    ]),
  );

  /** CREATE and ALTER of what is rare. */
  rareDefinition: Rule<statements.Statement> = this.RULE('rareDefinition', (): statements.Statement =>
    this.OR<IOrAlt<statements.Statement>[]>([
      { GATE: () => this.LA(1).tokenType === w.CREATE && this.LA(2).tokenType !== w.OR && this.wordBehindTemporary() === w.FUNCTION, ALT: () => this.SUBRULE(this.createFunction) },
      { GATE: () => this.LA(1).tokenType === w.CREATE && this.wordBehindTemporary() === w.MODEL, ALT: () => this.SUBRULE(this.createModel) },
      { GATE: () => this.LA(1).tokenType === w.CREATE, ALT: () => this.SUBRULE(this.createMaterializedTable) },
      { GATE: () => this.wordBehindTemporary() === w.FUNCTION, ALT: () => this.SUBRULE(this.alterFunction) },
      { GATE: () => this.LA(2).tokenType === w.MODEL, ALT: () => this.SUBRULE(this.alterModel) },
      { GATE: () => this.LA(2).tokenType === w.CATALOG, ALT: () => this.SUBRULE(this.alterCatalog) },
      { ALT: () => this.SUBRULE(this.alterMaterializedTable) },
    ]),
  );

  protected wordBehindTemporary(): unknown {
    const k = this.LA(2).tokenType !== w.TEMPORARY ? 2 : this.LA(3).tokenType === w.SYSTEM ? 4 : 3;
    return this.LA(k).tokenType;
  }

  createFunction: Rule<statements.Statement> = this.RULE('createFunction', (): statements.Statement => {
    const first = this.CONSUME(w.CREATE);
    const temporary = this.OPTION(() => this.CONSUME(w.TEMPORARY)) !== undefined;
    const system = this.OPTION2(() => this.CONSUME(w.SYSTEM)) !== undefined;
    this.CONSUME(w.FUNCTION);
    const subject = this.SUBRULE(this.subject);
    const body = this.SUBRULE(this.functionBody);
    const using: { readonly what: 'JAR' | 'ARTIFACT'; readonly path: string }[] = [];
    this.OPTION3(() => {
      this.CONSUME(w.USING);
      this.AT_LEAST_ONE_SEP({
        SEP: s.Comma,
        DEF: () => {
          const what = upper(this.OR([{ ALT: () => this.CONSUME(w.JAR) }, { ALT: () => this.CONSUME(w.ARTIFACT) }])) as 'JAR';
          using.push({ what, path: stringText(this.CONSUME(StringLiteral)) });
        },
      });
    });
    const options = this.SUBRULE(this.withOptions);
    return { kind: 'CreateFunction', temporary, system, ...subject, ...body, using, options, span: this.since(first) };
  });

  /** AS 'what it is' LANGUAGE JAVA */
  functionBody: Rule<{ readonly as: string; readonly language: string | undefined }> = this.RULE('functionBody', () => {
    this.CONSUME(w.AS);
    const as = stringText(this.CONSUME(StringLiteral));
    const language = this.OPTION(() => (this.CONSUME(w.LANGUAGE), upper(this.CONSUME(Identifier))));
    return { as, language };
  });

  alterFunction: Rule<statements.Statement> = this.RULE('alterFunction', (): statements.Statement => {
    const first = this.CONSUME(w.ALTER);
    const temporary = this.OPTION(() => this.CONSUME(w.TEMPORARY)) !== undefined;
    const system = this.OPTION2(() => this.CONSUME(w.SYSTEM)) !== undefined;
    this.CONSUME(w.FUNCTION);
    const ifExists = this.SUBRULE(this.ifExists);
    const name = this.SUBRULE(this.name);
    const body = this.SUBRULE(this.functionBody);
    return { kind: 'AlterFunction', temporary, system, ifExists, name, ...body, span: this.since(first) };
  });

  createModel: Rule<statements.Statement> = this.RULE('createModel', (): statements.Statement => {
    const first = this.CONSUME(w.CREATE);
    const temporary = this.OPTION(() => this.CONSUME(w.TEMPORARY)) !== undefined;
    this.CONSUME(w.MODEL);
    const subject = this.SUBRULE(this.subject);
    const input = this.OPTION2(() => (this.CONSUME(w.INPUT), this.SUBRULE(this.columnClauses))) ?? [];
    const output = this.OPTION3(() => (this.CONSUME(w.OUTPUT), this.SUBRULE2(this.columnClauses))) ?? [];
    const comment = this.SUBRULE(this.comment);
    const options = this.SUBRULE(this.withOptions);
    return { kind: 'CreateModel', temporary, ...subject, input, output, comment, options, span: this.since(first) };
  });

  alterModel: Rule<statements.Statement> = this.RULE('alterModel', (): statements.Statement => {
    const first = this.CONSUME(w.ALTER);
    this.CONSUME(w.MODEL);
    const ifExists = this.SUBRULE(this.ifExists);
    const name = this.SUBRULE(this.name);
    const action = this.SUBRULE(this.alterTableAction) as Extract<statements.Statement, { kind: 'AlterModel' }>['action'];
    return { kind: 'AlterModel', ifExists, name, action: this.RECORDING_PHASE ? action : this.onlyOf(action, ['RenameTo', 'SetOptions', 'ResetOptions'], 'ALTER MODEL'), span: this.since(first) };
  });

  alterCatalog: Rule<statements.Statement> = this.RULE('alterCatalog', (): statements.Statement => {
    const first = this.CONSUME(w.ALTER);
    this.CONSUME(w.CATALOG);
    const name = this.SUBRULE(this.name);
    const start = this.LA(1);
    return this.OR<IOrAlt<statements.Statement>[]>([
      { ALT: () => ({ kind: 'AlterCatalog', name, action: { kind: 'Comment', comment: (this.CONSUME(w.COMMENT), stringText(this.CONSUME(StringLiteral))), span: this.since(start) }, span: this.since(first) }) },
      {
        ALT: () => {
          const action = this.SUBRULE(this.alterTableAction) as Extract<Extract<statements.Statement, { kind: 'AlterCatalog' }>['action'], { kind: 'SetOptions' }>;
          return { kind: 'AlterCatalog', name, action: this.RECORDING_PHASE ? action : this.onlyOf<statements.AlterTableAction>(action, ['SetOptions', 'ResetOptions'], 'ALTER CATALOG') as typeof action, span: this.since(first) };
        },
      },
    ]);
  });

  update: Rule<statements.Statement> = this.RULE('update', (): statements.Statement => {
    const first = this.CONSUME(w.UPDATE);
    const table = this.SUBRULE(this.name);
    const hints = this.SUBRULE(this.hints);
    this.CONSUME(w.SET);
    const assignments: { readonly column: ast.Identifier; readonly value: ast.Expr }[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => assignments.push({ column: this.SUBRULE(this.identifier), value: (this.CONSUME(s.Equal), this.SUBRULE(this.expression)) }) });
    const where = this.OPTION(() => (this.CONSUME(w.WHERE), this.SUBRULE2(this.expression)));
    return { kind: 'Update', table, hints, assignments, where, span: this.since(first) };
  });

  deletion: Rule<statements.Statement> = this.RULE('deletion', (): statements.Statement => {
    const first = this.CONSUME(w.DELETE);
    this.CONSUME(w.FROM);
    const table = this.SUBRULE(this.name);
    const hints = this.SUBRULE(this.hints);
    const where = this.OPTION(() => (this.CONSUME(w.WHERE), this.SUBRULE(this.expression)));
    return { kind: 'Delete', table, hints, where, span: this.since(first) };
  });

  truncate: Rule<statements.Statement> = this.RULE('truncate', (): statements.Statement => {
    const first = this.CONSUME(w.TRUNCATE);
    this.CONSUME(w.TABLE);
    return { kind: 'Truncate', table: this.SUBRULE(this.name), span: this.since(first) };
  });

  procedureCall: Rule<statements.Statement> = this.RULE('procedureCall', (): statements.Statement => {
    const first = this.CONSUME(w.CALL);
    const name = this.SUBRULE(this.name);
    const args: ast.Expr[] = [];
    this.CONSUME(s.LeftParen);
    this.MANY_SEP({
      SEP: s.Comma,
      DEF: () => {
        const start = this.LA(1);
        const label = this.OPTION({ GATE: () => this.LA(2).tokenType === s.Arrow, DEF: () => this.SUBRULE(this.label) });
        const value = this.SUBRULE(this.expression);
        args.push(label === undefined ? value : { kind: 'NamedArgument', label, value, span: this.since(start) });
      },
    });
    this.CONSUME(s.RightParen);
    return { kind: 'CallProcedure', name, args, span: this.since(first) };
  });

  jar: Rule<statements.Statement> = this.RULE('jar', (): statements.Statement => {
    const first = this.LA(1);
    const action = upper(this.OR([{ ALT: () => this.CONSUME(w.ADD) }, { ALT: () => this.CONSUME(w.REMOVE) }])) as 'ADD';
    this.CONSUME(w.JAR);
    return { kind: 'Jar', action, path: stringText(this.CONSUME(StringLiteral)), span: this.since(first) };
  });

  module: Rule<statements.Statement> = this.RULE('module', (): statements.Statement => {
    const first = this.LA(1);
    return this.OR<IOrAlt<statements.Statement>[]>([
      { ALT: () => (this.CONSUME(w.LOAD), this.CONSUME(w.MODULE), { kind: 'LoadModule', name: this.SUBRULE(this.identifier), options: this.SUBRULE(this.withOptions), span: this.since(first) }) },
      { ALT: () => (this.CONSUME(w.UNLOAD), this.CONSUME2(w.MODULE), { kind: 'UnloadModule', name: this.SUBRULE2(this.identifier), span: this.since(first) }) },
      {
        ALT: () => {
          const names: ast.Identifier[] = [];
          this.CONSUME(w.USE);
          this.CONSUME(w.MODULES);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => names.push(this.SUBRULE3(this.identifier)) });
          return { kind: 'UseModules', names, span: this.since(first) };
        },
      },
    ]);
  });

  analyze: Rule<statements.Statement> = this.RULE('analyze', (): statements.Statement => {
    const first = this.CONSUME(w.ANALYZE);
    this.CONSUME(w.TABLE);
    const table = this.SUBRULE(this.name);
    const partition = this.OPTION(() => this.SUBRULE(this.partitionPairs)) ?? [];
    this.CONSUME(w.COMPUTE);
    this.CONSUME(w.STATISTICS);
    let columns: 'ALL' | ast.Identifier[] = [];
    this.OPTION2(() => {
      this.CONSUME(w.FOR);
      this.OR([
        { ALT: () => (this.CONSUME(w.ALL), this.CONSUME(w.COLUMNS), (columns = 'ALL')) },
        {
          ALT: () => {
            const named: ast.Identifier[] = [];
            this.CONSUME2(w.COLUMNS);
            this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => named.push(this.SUBRULE(this.identifier)) });
            columns = named;
          },
        },
      ]);
    });
    return { kind: 'Analyze', table, partition, columns, span: this.since(first) };
  });

  /** COMPILE PLAN 'f' FOR insert, COMPILE AND EXECUTE PLAN 'f' FOR insert, EXECUTE PLAN 'f'. */
  storedPlan: Rule<statements.Statement> = this.RULE('storedPlan', (): statements.Statement => {
    const first = this.LA(1);
    return this.OR<IOrAlt<statements.Statement>[]>([
      { ALT: () => (this.CONSUME(w.EXECUTE), this.CONSUME(w.PLAN), { kind: 'ExecutePlan', path: stringText(this.CONSUME(StringLiteral)), span: this.since(first) }) },
      {
        ALT: () => {
          this.CONSUME(w.COMPILE);
          const execute = this.OPTION(() => (this.CONSUME(w.AND), this.CONSUME2(w.EXECUTE))) !== undefined;
          this.CONSUME2(w.PLAN);
          const path = stringText(this.CONSUME2(StringLiteral));
          const ifNotExists = this.OPTION2(() => (this.CONSUME(w.IF), this.CONSUME(w.NOT), this.CONSUME(w.EXISTS))) !== undefined;
          this.CONSUME(w.FOR);
          const statement = this.OR2<IOrAlt<statements.Statement>[]>([
            { GATE: () => this.LA(2).tokenType !== w.STATEMENT, ALT: () => this.SUBRULE(this.insert) },
            { ALT: () => this.SUBRULE(this.statementSet) },
          ]);
          return { kind: 'CompilePlan', path, ifNotExists, execute, statement, span: this.since(first) };
        },
      },
    ]);
  });

  /** STOP JOB and DESCRIBE JOB. */
  jobStatement: Rule<statements.Statement> = this.RULE('jobStatement', (): statements.Statement => {
    const first = this.LA(1);
    return this.OR<IOrAlt<statements.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.STOP);
          this.CONSUME(w.JOB);
          const job = stringText(this.CONSUME(StringLiteral));
          const savepoint = this.OPTION({ GATE: () => this.LA(2).tokenType === w.SAVEPOINT, DEF: () => (this.CONSUME(w.WITH), this.CONSUME(w.SAVEPOINT)) }) !== undefined;
          const drain = this.OPTION2(() => (this.CONSUME2(w.WITH), this.CONSUME(w.DRAIN))) !== undefined;
          return { kind: 'StopJob', job, savepoint, drain, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.OR2([{ ALT: () => this.CONSUME(w.DESCRIBE) }, { ALT: () => this.CONSUME(w.DESC) }]);
          this.CONSUME2(w.JOB);
          return { kind: 'DescribeJob', job: stringText(this.CONSUME2(StringLiteral)), span: this.since(first) };
        },
      },
    ]);
  });
}
