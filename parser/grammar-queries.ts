import type { IOrAlt } from 'chevrotain';
import type { Span } from '../core/span.ts';
import type * as ast from './ast.ts';
import { spanOf, type Rule } from './grammar-base.ts';
import { SelectGrammar } from './grammar-select.ts';
import { maxNesting, tooDeep } from './nesting.ts';
import { NamedParameter, NumberLiteral, symbols as s, words as w } from './tokens.ts';

/** UNION, INTERSECT and EXCEPT in a row, joined from the left; neighbours of one kind are one operation, so that a long row is not deep. */
class SetOperations {
  query: ast.Query;
  #inputs: ast.Query[] | undefined;
  #depth = 0;

  constructor(first: ast.Query) {
    this.query = first;
  }

  /** `span` is that of the whole so far, `at` that of the operator. */
  add(operator: 'UNION' | 'INTERSECT' | 'EXCEPT', all: boolean, right: ast.Query, span: Span, at: Span): void {
    if (this.#inputs !== undefined && this.query.kind === 'SetOperation' && this.query.operator === operator && this.query.all === all) {
      this.#inputs.push(right);
      this.query = { ...this.query, span };
      return;
    }
    if (++this.#depth > maxNesting) throw tooDeep(at);
    this.#inputs = [this.query, right];
    this.query = { kind: 'SetOperation', operator, all, inputs: this.#inputs, span };
  }
}

/** Queries: what is made of SELECT, VALUES and TABLE. */
export abstract class QueryGrammar extends SelectGrammar {
  query: Rule<ast.Query> = this.RULE('query', (): ast.Query => {
    const first = this.LA(1);
    let recursive = false;
    const tables: ast.CommonTable[] = [];
    this.OPTION(() => {
      this.CONSUME(w.WITH);
      recursive = this.OPTION2({ GATE: () => this.LA(2).tokenType !== w.AS && this.LA(2).tokenType !== s.LeftParen, DEF: () => this.CONSUME(w.RECURSIVE) }) !== undefined;
      this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => tables.push(this.SUBRULE(this.commonTable)) });
    });
    const query = this.SUBRULE(this.orderedQuery);
    return tables.length === 0 ? query : { kind: 'With', recursive, tables, query, span: this.since(first) };
  });

  commonTable: Rule<ast.CommonTable> = this.RULE('commonTable', (): ast.CommonTable => {
    const first = this.LA(1);
    const name = this.SUBRULE(this.identifier);
    const columns = this.OPTION(() => this.SUBRULE(this.identifierList)) ?? [];
    this.CONSUME(w.AS);
    this.CONSUME(s.LeftParen);
    const query = this.SUBRULE(this.query);
    this.CONSUME(s.RightParen);
    return { name, columns, query, span: this.since(first) };
  });

  orderedQuery: Rule<ast.Query> = this.RULE('orderedQuery', (): ast.Query => {
    const first = this.LA(1);
    const query = this.SUBRULE(this.unionQuery);
    let isOrdered = false;
    const orderBy = this.OPTION(() => ((isOrdered = true), this.SUBRULE(this.orderBy))) ?? [];
    let limit: ast.Expr | undefined;
    this.OPTION2(() => {
      isOrdered = true;
      this.CONSUME(w.LIMIT);
      this.OR([{ ALT: () => this.CONSUME(w.ALL) }, { ALT: () => (limit = this.SUBRULE(this.rowCount)) }]);
    });
    const offset = this.OPTION3(() => {
      isOrdered = true;
      this.CONSUME(w.OFFSET);
      const count = this.SUBRULE2(this.rowCount);
      this.OPTION4(() => this.OR2([{ ALT: () => this.CONSUME(w.ROW) }, { ALT: () => this.CONSUME(w.ROWS) }]));
      return count;
    });
    this.OPTION5(() => {
      isOrdered = true;
      this.CONSUME(w.FETCH);
      this.OR3([{ ALT: () => this.CONSUME(w.FIRST) }, { ALT: () => this.CONSUME(w.NEXT) }]);
      const one = this.LA(1);
      limit = this.OPTION6(() => this.SUBRULE3(this.rowCount)) ?? { kind: 'Number', text: '1', span: spanOf(one) };
      this.OR4([{ ALT: () => this.CONSUME2(w.ROW) }, { ALT: () => this.CONSUME2(w.ROWS) }]);
      this.CONSUME(w.ONLY);
    });
    // LIMIT ALL alone says nothing.
    return isOrdered && (orderBy.length > 0 || offset !== undefined || limit !== undefined) ? { kind: 'Ordered', query, orderBy, offset, limit, span: this.since(first) } : query;
  });

  rowCount: Rule<ast.Expr> = this.RULE('rowCount', (): ast.Expr => {
    const first = this.LA(1);
    return this.OR<IOrAlt<ast.Expr>[]>([
      { ALT: () => ({ kind: 'Number', text: this.CONSUME(NumberLiteral).image, span: this.since(first) }) },
      { ALT: () => (this.CONSUME(s.Question), { kind: 'Parameter', name: undefined, span: this.since(first) }) },
      { ALT: () => ({ kind: 'Parameter', name: this.CONSUME(NamedParameter).image.slice(1), span: this.since(first) }) },
    ]);
  });

  orderBy: Rule<ast.SortItem[]> = this.RULE('orderBy', (): ast.SortItem[] => {
    const items: ast.SortItem[] = [];
    this.CONSUME(w.ORDER);
    this.CONSUME(w.BY);
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => items.push(this.SUBRULE(this.sortItem)) });
    return items;
  });

  sortItem: Rule<ast.SortItem> = this.RULE('sortItem', (): ast.SortItem => {
    const first = this.LA(1);
    const expr = this.SUBRULE(this.expression);
    const descending = this.OPTION(() => this.OR([{ ALT: () => (this.CONSUME(w.ASC), false) }, { ALT: () => (this.CONSUME(w.DESC), true) }])) ?? false;
    const nulls = this.OPTION2(() => {
      this.CONSUME(w.NULLS);
      return this.OR2([{ ALT: () => (this.CONSUME(w.FIRST), 'FIRST' as const) }, { ALT: () => (this.CONSUME(w.LAST), 'LAST' as const) }]);
    });
    return { expr, descending, nulls, span: this.since(first) };
  });

  unionQuery: Rule<ast.Query> = this.RULE('unionQuery', (): ast.Query => {
    const first = this.LA(1);
    const joined = new SetOperations(this.SUBRULE(this.intersectQuery));
    this.MANY(() => {
      const at = this.LA(1);
      const operator = this.OR([{ ALT: () => (this.CONSUME(w.UNION), 'UNION' as const) }, { ALT: () => (this.CONSUME(w.EXCEPT), 'EXCEPT' as const) }]);
      const all = this.SUBRULE(this.quantifier);
      const right = this.SUBRULE2(this.intersectQuery);
      joined.add(operator, all, right, this.since(first), spanOf(at));
    });
    return joined.query;
  });

  intersectQuery: Rule<ast.Query> = this.RULE('intersectQuery', (): ast.Query => {
    const first = this.LA(1);
    const joined = new SetOperations(this.SUBRULE(this.plainQuery));
    this.MANY(() => {
      const at = this.CONSUME(w.INTERSECT);
      const all = this.SUBRULE(this.quantifier);
      const right = this.SUBRULE2(this.plainQuery);
      joined.add('INTERSECT', all, right, this.since(first), spanOf(at));
    });
    return joined.query;
  });

  /** ALL, DISTINCT or nothing: whether it is ALL. */
  quantifier: Rule<boolean> = this.RULE('quantifier', (): boolean =>
    this.OPTION(() => this.OR([{ ALT: () => (this.CONSUME(w.ALL), true) }, { ALT: () => (this.CONSUME(w.DISTINCT), false) }])) ?? false,
  );

  plainQuery: Rule<ast.Query> = this.RULE('plainQuery', (): ast.Query =>
    this.OR<IOrAlt<ast.Query>[]>([
      { ALT: () => this.SUBRULE(this.select) },
      { ALT: () => this.SUBRULE(this.values) },
      { ALT: () => this.SUBRULE(this.explicitTable) },
      {
        ALT: () => {
          this.CONSUME(s.LeftParen);
          const query = this.SUBRULE(this.query);
          this.CONSUME(s.RightParen);
          return query;
        },
      },
    ]),
  );

  /** `TABLE t` is SELECT * FROM t. */
  explicitTable: Rule<ast.Query> = this.RULE('explicitTable', (): ast.Query => {
    const first = this.CONSUME(w.TABLE);
    const name = this.SUBRULE(this.name);
    const hints = this.SUBRULE(this.hints);
    const span = this.since(first);
    const from: ast.TableRef = { kind: 'NamedTable', name, hints, alias: undefined, columns: [], span };
    const star: ast.SelectItem = { expr: { kind: 'Star', qualifier: undefined, span }, alias: undefined, span };
    return { kind: 'Select', hints: [], distinct: false, items: [star], from, where: undefined, groupBy: [], having: undefined, windows: [], qualify: undefined, span };
  });

  values: Rule<ast.Query> = this.RULE('values', (): ast.Query => {
    const first = this.CONSUME(w.VALUES);
    const rows: ast.Expr[][] = [];
    this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => rows.push(this.SUBRULE(this.valuesRow)) });
    return { kind: 'Values', rows, span: this.since(first) };
  });

  /** `(1, 'a')`, `ROW(1, 'a')`, or one value. */
  valuesRow: Rule<ast.Expr[]> = this.RULE('valuesRow', (): ast.Expr[] => {
    const row: ast.Expr[] = [];
    const list = (): void => {
      this.CONSUME(s.LeftParen);
      this.AT_LEAST_ONE_SEP({ SEP: s.Comma, DEF: () => row.push(this.SUBRULE(this.expression)) });
      this.CONSUME(s.RightParen);
    };
    this.OR([
      { GATE: () => this.LA(1).tokenType === s.LeftParen || this.LA(2).tokenType === s.LeftParen, ALT: () => (this.OPTION(() => this.CONSUME(w.ROW)), list()) },
      { ALT: () => row.push(this.SUBRULE2(this.expression)) },
    ]);
    return row;
  });
}
