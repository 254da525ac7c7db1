import type { IOrAlt } from 'chevrotain';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { didYouMean } from '../core/suggest.ts';
import * as statements from './ast-statement.ts';
import { spanOf, stringText, upper, type Rule } from './grammar-base.ts';
import { isName } from './grammar-calls.ts';
import { DefinitionGrammar } from './grammar-definitions.ts';
import { listedElsewhere } from './habits.ts';
import { Identifier, StringLiteral, symbols as s, words as w } from './tokens.ts';

/**
 * The statements that most scripts are made of. What is rarely written is one layer more (grammar-rare.ts), which is built when a statement first
 * begins like that. Chevrotain runs every rule once with made-up tokens to learn the grammar, so an action must not look inside what a rule
 * returned; spans come from the token stream.
 */
export abstract class StatementGrammar extends DefinitionGrammar {
  statement: Rule<statements.Statement> = this.RULE('statement', (): statements.Statement =>
    this.OR<IOrAlt<statements.Statement>[]>([
      { ALT: () => this.SUBRULE(this.create) },
      { ALT: () => this.SUBRULE(this.drop) },
      { ALT: () => this.SUBRULE(this.alter) },
      { ALT: () => this.SUBRULE(this.use) },
      { GATE: () => this.LA(1).tokenType === w.INSERT || this.LA(2).tokenType === w.INSERT, ALT: () => this.SUBRULE(this.insert) },
      { GATE: () => this.LA(1).tokenType !== w.EXECUTE || this.LA(2).tokenType === w.STATEMENT, ALT: () => this.SUBRULE(this.statementSet) },
      { ALT: () => this.SUBRULE(this.queryStatement) },
      { ALT: () => this.SUBRULE(this.explain) },
      { ALT: () => this.SUBRULE(this.set) },
      { ALT: () => this.SUBRULE(this.show) },
      { ALT: () => this.SUBRULE(this.describe) },
    ]),
  );

  queryStatement: Rule<statements.Statement> = this.RULE('queryStatement', (): statements.Statement => {
    const first = this.LA(1);
    // EXECUTE SELECT is the same.
    this.OPTION(() => this.CONSUME(w.EXECUTE));
    return { kind: 'QueryStatement', query: this.SUBRULE(this.query), span: this.since(first) };
  });

  insert: Rule<statements.InsertStatement> = this.RULE('insert', (): statements.InsertStatement => {
    const first = this.LA(1);
    this.OPTION({ GATE: () => this.LA(2).tokenType === w.INSERT, DEF: () => this.CONSUME(w.EXECUTE) });
    this.CONSUME(w.INSERT);
    const overwrite = this.OR([{ ALT: () => (this.CONSUME(w.INTO), false) }, { ALT: () => (this.CONSUME(w.OVERWRITE), true) }]);
    const table = this.SUBRULE(this.name);
    const hints = this.SUBRULE(this.hints);
    const partition = this.OPTION3(() => this.SUBRULE(this.partitionPairs)) ?? [];
    const columns = this.OPTION2({ GATE: () => !this.isQueryAt(2), DEF: () => this.SUBRULE(this.identifierList) }) ?? [];
    const query = this.SUBRULE(this.query);
    const onConflict = this.OPTION4(() => this.SUBRULE(this.onConflict));
    return { kind: 'Insert', overwrite, table, hints, partition, columns, query, onConflict, span: this.since(first) };
  });

  onConflict: Rule<'NOTHING' | 'ERROR' | 'DEDUPLICATE'> = this.RULE('onConflict', () => {
    this.CONSUME(w.ON);
    this.CONSUME(w.CONFLICT);
    this.CONSUME(w.DO);
    const start = this.CONSUME(Identifier);
    return this.oneOf({ text: upper(start), span: spanOf(start) }, ['NOTHING', 'ERROR', 'DEDUPLICATE'] as const);
  });

  statementSet: Rule<statements.Statement> = this.RULE('statementSet', (): statements.Statement => {
    const first = this.LA(1);
    // BEGIN STATEMENT SET; ... END is the older form.
    this.OR([
      // EXPLAIN and COMPILE PLAN FOR leave EXECUTE out.
      { ALT: () => (this.OPTION2(() => this.CONSUME(w.EXECUTE)), this.CONSUME(w.STATEMENT), this.CONSUME(w.SET), this.CONSUME(w.BEGIN)) },
      { ALT: () => (this.CONSUME2(w.BEGIN), this.CONSUME2(w.STATEMENT), this.CONSUME2(w.SET), this.OPTION(() => this.CONSUME2(s.Semicolon))) },
    ]);
    const inserts: statements.InsertStatement[] = [];
    this.AT_LEAST_ONE(() => {
      inserts.push(this.SUBRULE(this.insert));
      this.CONSUME(s.Semicolon);
    });
    this.CONSUME(w.END);
    return { kind: 'StatementSet', inserts, span: this.since(first) };
  });

  explain: Rule<statements.Statement> = this.RULE('explain', (): statements.Statement => {
    const first = this.CONSUME(w.EXPLAIN);
    const details: string[] = [];
    this.OPTION({
      GATE: () => this.LA(1).tokenType !== w.EXECUTE && this.LA(2).tokenType !== w.STATEMENT && (this.LA(1).tokenType !== w.STATEMENT || this.LA(2).tokenType !== w.SET) && (this.LA(1).tokenType !== w.REPLACE || this.LA(2).tokenType !== w.TABLE),
      DEF: () =>
      this.OR([
        { GATE: () => this.LA(2).tokenType === w.FOR, ALT: () => (this.CONSUME(w.PLAN), this.CONSUME(w.FOR)) },
        { ALT: () => this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => details.push(upper(this.CONSUME(Identifier))) }) },
      ]),
    });
    const statement = this.OR2<IOrAlt<statements.Statement>[]>([
      { GATE: () => this.LA(2).tokenType !== w.STATEMENT, ALT: () => this.SUBRULE(this.insert) },
      { ALT: () => this.SUBRULE(this.statementSet) },
      { ALT: () => this.SUBRULE(this.create) },
      { ALT: () => this.SUBRULE(this.queryStatement) },
    ]);
    return { kind: 'Explain', details, statement, span: this.since(first) };
  });

  set: Rule<statements.Statement> = this.RULE('set', (): statements.Statement => {
    const first = this.LA(1);
    return this.OR<IOrAlt<statements.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.SET);
          const pair = this.OPTION(() => {
            const key = stringText(this.CONSUME(StringLiteral));
            this.CONSUME(s.Equal);
            return [key, stringText(this.CONSUME2(StringLiteral))] as const;
          });
          return { kind: 'Set', key: pair?.[0], value: pair?.[1], span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.RESET);
          const key = this.OPTION2(() => stringText(this.CONSUME3(StringLiteral)));
          return { kind: 'Reset', key, span: this.since(first) };
        },
      },
    ]);
  });

  show: Rule<statements.Statement> = this.RULE('show', (): statements.Statement => {
    const first = this.CONSUME(w.SHOW);
    return this.OR<IOrAlt<statements.Statement>[]>([
      {
        ALT: () => {
          this.CONSUME(w.CREATE);
          // SHOW CREATE OR ALTER MATERIALIZED TABLE tells the same.
          this.OPTION4(() => (this.CONSUME(w.OR), this.CONSUME(w.ALTER)));
          const what = this.SUBRULE(this.wordsBeforeName);
          const name = this.SUBRULE(this.name);
          return { kind: 'ShowCreate', what: this.oneOf(what, statements.creatable), name, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(1).tokenType === w.PARTITIONS,
        ALT: () => {
          this.CONSUME(w.PARTITIONS);
          const from = this.SUBRULE3(this.name);
          const partition = this.OPTION5(() => this.SUBRULE(this.partitionPairs)) ?? [];
          return { kind: 'Show', what: 'PARTITIONS', from, partition, like: undefined, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          const start = this.LA(1);
          const read: string[] = [];
          this.OPTION3(() => read.push(upper(this.CONSUME(w.FULL))));
          this.AT_LEAST_ONE({ GATE: () => this.LA(1).tokenType !== w.ILIKE, DEF: () => read.push(upper(this.CONSUME(Identifier))) });
          const what = this.oneOf({ text: read.join(' '), span: this.since(start) }, statements.showable);
          const from = this.OPTION(() => {
            this.OR2([{ ALT: () => this.CONSUME(w.FROM) }, { ALT: () => this.CONSUME(w.IN) }]);
            return this.SUBRULE2(this.name);
          });
          const like = this.OPTION2(() => this.SUBRULE(this.likePattern));
          return { kind: 'Show', what, from, partition: [], like, span: this.since(first) };
        },
      },
    ]);
  });

  likePattern: Rule<statements.LikePattern> = this.RULE('likePattern', (): statements.LikePattern => {
    const first = this.LA(1);
    const negated = this.OPTION(() => this.CONSUME(w.NOT)) !== undefined;
    const ignoresCase = this.OR([{ ALT: () => (this.CONSUME(w.LIKE), false) }, { ALT: () => (this.CONSUME(w.ILIKE), true) }]);
    const pattern = stringText(this.CONSUME(StringLiteral));
    return { pattern, negated, ignoresCase, span: this.since(first) };
  });

  /** The words before a name that say what it names: `MATERIALIZED TABLE t`. None where only the name stands. */
  wordsBeforeName: Rule<Words> = this.RULE('wordsBeforeName', (): Words => {
    const first = this.LA(1);
    const read: string[] = [];
    this.MANY({ GATE: () => isName(this.LA(1).tokenType) && isName(this.LA(2).tokenType), DEF: () => read.push(upper(this.CONSUME(Identifier))) });
    return { text: read.join(' '), span: read.length === 0 ? spanOf(first) : this.since(first) };
  });

  describe: Rule<statements.Statement> = this.RULE('describe', (): statements.Statement => {
    const first = this.LA(1);
    this.OR([{ ALT: () => this.CONSUME(w.DESCRIBE) }, { ALT: () => this.CONSUME(w.DESC) }]);
    const { text, span } = this.SUBRULE(this.wordsBeforeName);
    const name = this.SUBRULE(this.name);
    const isExtended = /(^| )EXTENDED$/.test(text ?? '');
    const what = isExtended ? text.slice(0, -8).trim() : text;
    return { kind: 'Describe', what: this.oneOf({ text: what === '' ? 'TABLE' : what, span }, statements.describable), extended: isExtended, name, span: this.since(first) };
  });

  use: Rule<statements.Statement> = this.RULE('use', (): statements.Statement => {
    const first = this.CONSUME(w.USE);
    const what = this.OPTION({ GATE: () => isName(this.LA(2).tokenType), DEF: () => this.CONSUME(w.CATALOG) }) === undefined ? 'DATABASE' : 'CATALOG';
    return { kind: 'Use', what, name: this.SUBRULE(this.name), span: this.since(first) };
  });

  /** The words as one of a list. Throws E0001 with what is meant. */
  protected oneOf<T extends string>({ text, span }: Words, all: readonly [T, ...T[]]): T {
    const found = all.find((item) => item === text);
    if (found !== undefined || this.RECORDING_PHASE) return found ?? all[0];
    throw new SqlError({ code: 'E0001', message: text === '' ? 'a word is missing here' : `"${text}" cannot stand here`, span, label: (Object.hasOwn(listedElsewhere, text) ? listedElsewhere[text] : didYouMean(text, all)) ?? `it is one of ${all.join(', ')}` });
  }
}

interface Words {
  readonly text: string;
  readonly span: Span;
}
