import type { IOrAlt } from 'chevrotain';
import type * as ast from './ast.ts';
import { GrammarBase, stringText, upper, type Rule } from './grammar-base.ts';
import { Identifier, NumberLiteral, StringLiteral, symbols as s, words as w } from './tokens.ts';

const intervalUnit = /^(YEAR|QUARTER|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)$/i;

/** The names of types. */
export abstract class TypeGrammar extends GrammarBase {
  type: Rule<ast.TypeExpr> = this.RULE('type', (): ast.TypeExpr => {
    const first = this.LA(1);
    let type = this.OR<IOrAlt<ast.TypeExpr>[]>([
      { ALT: () => this.SUBRULE(this.rowType) },
      { ALT: () => this.SUBRULE(this.collectionType) },
      { GATE: () => intervalUnit.test(this.LA(2).image), ALT: () => this.SUBRULE(this.intervalType) },
      { ALT: () => this.SUBRULE(this.simpleType) },
    ]);
    this.MANY(() => {
      const word = this.OR2([{ ALT: () => this.CONSUME(w.ARRAY) }, { ALT: () => this.CONSUME(w.MULTISET) }]);
      type = { kind: 'CollectionType', name: upper(word) as 'ARRAY', element: type, nullable: true, span: this.since(first) };
    });
    // RETURNING INT NULL ON EMPTY: there NULL is no part of the type.
    this.OPTION({ GATE: () => this.LA(2).tokenType !== w.ON, DEF: () => {
      const nullable = this.OR3([
        { ALT: () => (this.CONSUME(w.NULL), true) },
        { ALT: () => (this.CONSUME(w.NOT), this.CONSUME2(w.NULL), false) },
      ]);
      type = { ...type, nullable, span: this.since(first) };
    } });
    return type;
  });

  simpleType: Rule<ast.TypeExpr> = this.RULE('simpleType', (): ast.TypeExpr => {
    const first = this.LA(1);
    const token = this.OR([{ ALT: () => this.CONSUME(Identifier) }, { ALT: () => this.CONSUME(w.END) }, { ALT: () => this.CONSUME2(w.NULL) }]);
    let name = upper(token);
    const parameters: number[] = [];
    this.OPTION(() => (this.CONSUME(w.PRECISION), (name += ' PRECISION')));
    this.OPTION2(() => (this.CONSUME(w.VARYING), (name += ' VARYING')));
    this.OPTION3(() => {
      this.CONSUME(s.LeftParen);
      this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => parameters.push(Number(this.CONSUME(NumberLiteral).image)) });
      this.CONSUME(s.RightParen);
    });
    this.OPTION4({
      GATE: () => this.LA(1).tokenType === w.WITHOUT || this.LA(2).tokenType === w.LOCAL || this.LA(2).tokenType === w.TIME,
      DEF: () =>
        this.OR2([
          { ALT: () => (this.CONSUME(w.WITH), this.OPTION5(() => (this.CONSUME(w.LOCAL), (name += '_LTZ'))), this.CONSUME(w.TIME), this.CONSUME(w.ZONE), name.endsWith('_LTZ') || (name += ' WITH TIME ZONE')) },
          { ALT: () => (this.CONSUME(w.WITHOUT), this.CONSUME2(w.TIME), this.CONSUME2(w.ZONE)) },
        ]),
    });
    return { kind: 'SimpleType', name, parameters, nullable: true, span: this.since(first) };
  });

  /** INTERVAL SECOND(3), INTERVAL DAY TO SECOND: the digits are read, as an interval always has three of a second. */
  intervalType: Rule<ast.TypeExpr> = this.RULE('intervalType', (): ast.TypeExpr => {
    const first = this.CONSUME(w.INTERVAL);
    const digits = (): void => {
      this.CONSUME(s.LeftParen);
      this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => this.CONSUME(NumberLiteral) });
      this.CONSUME(s.RightParen);
    };
    let name = `INTERVAL ${upper(this.CONSUME(Identifier))}`;
    this.OPTION(digits);
    this.OPTION2(() => {
      this.CONSUME(w.TO);
      name += ` TO ${upper(this.CONSUME2(Identifier))}`;
      this.OPTION3(() => (this.CONSUME2(s.LeftParen), this.CONSUME2(NumberLiteral), this.CONSUME2(s.RightParen)));
    });
    return { kind: 'SimpleType', name, parameters: [], nullable: true, span: this.since(first) };
  });

  rowType: Rule<ast.TypeExpr> = this.RULE('rowType', (): ast.TypeExpr => {
    const first = this.CONSUME(w.ROW);
    const fields: ast.RowTypeField[] = [];
    const field = (): void => {
      const start = this.LA(1);
      const name = this.SUBRULE(this.identifier);
      const type = this.SUBRULE(this.type);
      // Flink writes the comment alone; that of a column has its word before it.
      const comment = this.OPTION(() => (this.OPTION2(() => this.CONSUME(w.COMMENT)), stringText(this.CONSUME(StringLiteral))));
      fields.push({ name, type, ...(comment !== undefined && { comment }), span: this.since(start) });
    };
    this.OR([
      { ALT: () => (this.CONSUME(s.Less), this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: field }), this.CONSUME(s.Greater)) },
      {
        ALT: () => {
          this.CONSUME(s.LeftParen);
          this.AT_LEAST_ONE_SEP2({
            SEP: s.Comma,
            DEF: () => {
              const start = this.LA(1);
              const name = this.SUBRULE2(this.identifier);
              const type = this.SUBRULE2(this.type);
              const comment = this.OPTION3(() => (this.OPTION4(() => this.CONSUME2(w.COMMENT)), stringText(this.CONSUME2(StringLiteral))));
              fields.push({ name, type, ...(comment !== undefined && { comment }), span: this.since(start) });
            },
          });
          this.CONSUME(s.RightParen);
        },
      },
    ]);
    return { kind: 'RowType', fields, nullable: true, span: this.since(first) };
  });

  collectionType: Rule<ast.TypeExpr> = this.RULE('collectionType', (): ast.TypeExpr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.TypeExpr>[]>([
      {
        ALT: () => {
          const word = this.OR2([{ ALT: () => this.CONSUME(w.ARRAY) }, { ALT: () => this.CONSUME(w.MULTISET) }]);
          this.CONSUME(s.Less);
          const element = this.SUBRULE(this.type);
          this.CONSUME(s.Greater);
          return { kind: 'CollectionType', name: upper(word) as 'ARRAY', element, nullable: true, span: this.since(first) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(w.MAP);
          this.CONSUME2(s.Less);
          const key = this.SUBRULE2(this.type);
          this.CONSUME(s.Comma);
          const value = this.SUBRULE3(this.type);
          this.CONSUME2(s.Greater);
          return { kind: 'MapType', key, value, nullable: true, span: this.since(first) };
        },
      },
    ]);
  });
}
