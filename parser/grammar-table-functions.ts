import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import { stringText, type Rule } from './grammar-base.ts';
import { isName } from './grammar-calls.ts';
import { MatchGrammar } from './grammar-match.ts';
import { StringLiteral, symbols as s, words as w } from './tokens.ts';

export const noAlias: { readonly alias: ast.Identifier | undefined; readonly columns: readonly ast.Identifier[] } = { alias: undefined, columns: [] };

/** Tables without a name: queries in parentheses, calls of table functions and their arguments; hints. */
export abstract class TableFunctionGrammar extends MatchGrammar {
  abstract sortItem: Rule<ast.SortItem>;

  hints: Rule<ast.Hint[]> = this.RULE('hints', (): ast.Hint[] => {
    const hints: ast.Hint[] = [];
    this.OPTION(() => {
      this.CONSUME(s.HintStart);
      this.AT_LEAST_ONE(() => {
        hints.push(this.SUBRULE(this.hint));
        this.OPTION2(() => this.CONSUME(s.Comma));
      });
      this.CONSUME(s.HintEnd);
    });
    return hints;
  });

  hint: Rule<ast.Hint> = this.RULE('hint', (): ast.Hint => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.identifier);
    const args: ast.Hint['args'][number][] = [];
    this.OPTION(() => {
      this.CONSUME(s.LeftParen);
      this.MANY_SEP({
        SEP: s.Comma,
        DEF: () => {
          let isName = false;
          const key = this.OR([{ ALT: () => stringText(this.CONSUME(StringLiteral)) }, { ALT: () => ((isName = true), this.SUBRULE2(this.identifier).name) }]);
          const value = this.OPTION2(() => (this.CONSUME(s.Equal), stringText(this.CONSUME2(StringLiteral))));
          args.push({ key, isName, value });
        },
      });
      this.CONSUME(s.RightParen);
    });
    return { name, args, span: this.since(first) };
  });

  /** A query in parentheses, TABLE(f(...)) or f(...): what has no name but its alias. */
  namelessTable: Rule<ast.TableRef> = this.RULE('namelessTable', (): ast.TableRef => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.TableRef>[]>([
      { ALT: () => ({ kind: 'DerivedTable', query: this.SUBRULE(this.queryInParens), ...noAlias, span: this.since(first) }) },
      {
        GATE: () => this.LA(1).tokenType === w.TABLE,
        ALT: () => {
          this.CONSUME(w.TABLE);
          this.CONSUME(s.LeftParen);
          const table = this.SUBRULE(this.tableFunction);
          this.CONSUME(s.RightParen);
          return this.RECORDING_PHASE ? table : { ...table, span: this.since(first) };
        },
      },
      { ALT: () => this.SUBRULE2(this.tableFunction) },
    ]);
  });

  tableFunction: Rule<ast.TableRef> = this.RULE('tableFunction', (): ast.TableRef => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.identifier);
    const args: ast.TableArgument[] = [];
    this.CONSUME(s.LeftParen);
    this.MANY_SEP({ SEP: s.Comma, DEF: () => args.push(this.SUBRULE(this.tableArgument)) });
    this.CONSUME(s.RightParen);
    return { kind: 'TableFunction', name, args, ...noAlias, span: this.since(first) };
  });

  /** `PARTITION BY k` of a table argument, of several columns in parentheses. */
  partitionBy: Rule<ast.Expr[]> = this.RULE('partitionBy', (): ast.Expr[] => {
    const keys: ast.Expr[] = [];
    this.CONSUME(w.PARTITION);
    this.CONSUME(w.BY);
    this.OR([
      {
        GATE: () => this.LA(1).tokenType === s.LeftParen,
        ALT: () => {
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => keys.push(this.SUBRULE(this.expression)) });
          this.CONSUME(s.RightParen);
        },
      },
      { ALT: () => keys.push(this.SUBRULE2(this.expression)) },
    ]);
    return keys;
  });

  tableArgument: Rule<ast.TableArgument> = this.RULE('tableArgument', (): ast.TableArgument => {
    const first = this.LA(1);
    const label = this.OPTION({
      GATE: () => this.LA(2).tokenType === s.Arrow,
      DEF: () => {
        const name = this.SUBRULE(this.identifier);
        this.CONSUME(s.Arrow);
        return name;
      },
    });
    return this.OR<IOrAlt<ast.TableArgument>[]>([
      {
        GATE: () => this.LA(1).tokenType === w.TABLE || (this.LA(1).tokenType === s.LeftParen && this.isQueryAt(2)),
        ALT: () => {
          const table = this.SUBRULE(this.tableOperand);
          const partitionBy = this.OPTION2(() => this.SUBRULE(this.partitionBy)) ?? [];
          const orderBy = this.OPTION3(() => this.SUBRULE(this.argumentOrder)) ?? [];
          return { kind: 'TableArgument', label, table, partitionBy, orderBy, span: this.since(first) };
        },
      },
      {
        GATE: () => this.LA(2).tokenType === s.LeftParen,
        ALT: () => {
          this.CONSUME(w.DESCRIPTOR);
          const columns = this.SUBRULE(this.identifierList);
          return { kind: 'DescriptorArgument', label, columns, span: this.since(first) };
        },
      },
      { GATE: () => isName(this.LA(2).tokenType), ALT: () => (this.CONSUME(w.MODEL), { kind: 'ModelArgument', label, model: this.SUBRULE(this.name), span: this.since(first) }) },
      { ALT: () => ({ kind: 'ValueArgument', label, value: this.SUBRULE(this.expression), span: this.since(first) }) },
    ]);
  });

  /** `ORDER BY ts` of a table argument, of several columns in parentheses. */
  argumentOrder: Rule<ast.SortItem[]> = this.RULE('argumentOrder', (): ast.SortItem[] => {
    const items: ast.SortItem[] = [];
    this.CONSUME(w.ORDER);
    this.CONSUME(w.BY);
    this.OR([
      {
        GATE: () => this.LA(1).tokenType === s.LeftParen,
        ALT: () => {
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => items.push(this.SUBRULE(this.sortItem)) });
          this.CONSUME(s.RightParen);
        },
      },
      { ALT: () => items.push(this.SUBRULE2(this.sortItem)) },
    ]);
    return items;
  });

  tableOperand: Rule<ast.TableRef> = this.RULE('tableOperand', (): ast.TableRef => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.TableRef>[]>([
      {
        ALT: () => {
          this.CONSUME(w.TABLE);
          const name = this.SUBRULE(this.name);
          const hints = this.SUBRULE(this.hints);
          return { kind: 'NamedTable', name, hints, alias: undefined, columns: [], span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(s.LeftParen);
          const query = this.SUBRULE(this.query);
          this.CONSUME(s.RightParen);
          return { kind: 'DerivedTable', query, alias: undefined, columns: [], span: this.since(first) };
        },
      },
    ]);
  });
}
