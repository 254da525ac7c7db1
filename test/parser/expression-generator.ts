import { wordOperators } from '../../parser/ast.ts';
import type { BinaryOperator, CallClause, CallExpr, Expr, FrameBound, Identifier, Name, Query, SortItem, TypeExpr, WindowSpec } from '../../parser/ast.ts';
import type { Random } from '../random.ts';

export const span = { start: 0, end: 0 };

/** Makes names, types and expressions; of queries it knows that there are some. */
export abstract class ExpressionGenerator {
  readonly random: Random;
  readonly seen = new Set<string>();

  constructor(random: Random) {
    this.random = random;
  }

  protected note<T extends { readonly kind: string }>(node: T): T {
    this.seen.add(node.kind);
    return node;
  }

  identifier(): Identifier {
    const name = this.random.pick(['a', 'b', 'x1', '_y', 'Order', 'select', 'timestamp', 'value', 'a b', 'a`b', 'Zähler', 'from', '1st', 'user', 'TABLE', 'case', 'row', 'interval']);
    return { name, span };
  }

  name(): Name {
    return { parts: this.random.list(1, 3, () => this.identifier()), span };
  }

  functionName(): Identifier {
    return { name: this.random.pick(['COUNT', 'upper', 'MyFunction', 'select', 'a b', 'TO_TIMESTAMP_LTZ', 'cast', 'row']), span };
  }

  text(): string {
    return this.random.pick(['', 'a', "it's", '--', '/*', 'ö', '10', "''", '`']);
  }

  type(depth = 2): TypeExpr {
    const nullable = this.random.chance(0.7);
    const kind = depth === 0 ? 0 : this.random.int(0, 5);
    if (kind === 3) return this.note({ kind: 'RowType', fields: this.random.list(1, 3, () => ({ name: this.identifier(), type: this.type(depth - 1), span })), nullable, span });
    if (kind === 4) return this.note({ kind: 'CollectionType', name: this.random.pick(['ARRAY', 'MULTISET'] as const), element: this.type(depth - 1), nullable, span });
    if (kind === 5) return this.note({ kind: 'MapType', key: this.type(depth - 1), value: this.type(depth - 1), nullable, span });
    const [name, parameters] = this.random.pick([['INT', []], ['DECIMAL', [10, 2]], ['VARCHAR', [5]], ['STRING', []], ['TIMESTAMP_LTZ', [3]], ['DOUBLE PRECISION', []], ['TIMESTAMP WITH TIME ZONE', [3]], ['DATE', []], ['TIME', [0]]] as const);
    return this.note({ kind: 'SimpleType', name, parameters, nullable, span });
  }

  expr(depth: number): Expr {
    const { random } = this;
    const inner = (): Expr => this.expr(depth - 1);
    const leaf = depth <= 0;
    switch (random.int(leaf ? 0 : 8, leaf ? 7 : 18)) {
      case 0:
        return this.note({ kind: 'Number', text: random.pick(['0', '1', '2.50', '.5', '1e3', '7.', '12345678901234567890']), span });
      case 1:
        return this.note({ kind: 'String', value: this.text(), span });
      case 2:
        return this.note({ kind: 'Boolean', value: random.chance(0.5), span });
      case 3:
        return this.note({ kind: 'Null', span });
      case 4:
        if (random.chance(0.3)) return this.note({ kind: 'Parameter', name: random.pick([undefined, 'low', '_x1']), span });
        return this.note({ kind: 'Interval', text: random.pick(['1', '10', '0.5']), negative: random.chance(0.3), unit: random.pick(['SECOND', 'DAY', 'MONTH']), span });
      case 5:
        return this.note({ kind: 'TimeLiteral', type: random.pick(['DATE', 'TIME', 'TIMESTAMP'] as const), text: '2020-01-01', span });
      case 6:
      case 7:
        return this.note({ kind: 'Reference', name: this.name(), span });
      case 8: {
        const isStar = random.chance(0.15);
        const args: Expr[] = isStar ? [this.note({ kind: 'Star', qualifier: undefined, span })] : random.list(0, 3, inner);
        const filter = random.chance(0.2) ? inner() : undefined;
        return this.note({ kind: 'Call', name: this.functionName(), args, distinct: !isStar && args.length > 0 && random.chance(0.2), filter, span });
      }
      case 9:
      case 10:
        return this.note({ kind: 'Unary', operator: random.pick(['-', '+', 'NOT'] as const), operand: inner(), span });
      case 11:
      case 12:
      case 13: {
        const operator = random.pick<BinaryOperator>(['OR', 'AND', '=', '<>', '<', '<=', '>', '>=', '||', '+', '-', '*', '/', '%']);
        return this.note({ kind: 'Binary', operator, left: inner(), right: inner(), span });
      }
      case 14:
        return this.note({ kind: 'Is', operand: inner(), test: random.pick(['NULL', 'TRUE', 'FALSE', 'UNKNOWN'] as const), negated: random.chance(0.5), span });
      case 15:
        return random.chance(0.5)
          ? this.note({ kind: 'Between', operand: inner(), low: inner(), high: inner(), negated: random.chance(0.5), span })
          : this.note({ kind: 'In', operand: inner(), items: [this.note({ kind: 'Number', text: '1', span }), ...random.list(0, 2, inner)], negated: random.chance(0.5), span });
      case 16: {
        const branches = random.list(1, 2, () => ({ when: inner(), then: inner(), span }));
        return this.note({ kind: 'Case', operand: random.chance(0.4) ? inner() : undefined, branches, otherwise: random.chance(0.6) ? inner() : undefined, span });
      }
      case 17:
        return this.rareExpr(depth);
      default:
        return this.note({ kind: 'Cast', operand: inner(), type: this.type(), isTry: random.chance(0.3), span });
    }
  }

  call(depth: number): CallExpr {
    return this.note({ kind: 'Call', name: this.functionName(), args: this.random.list(0, 2, () => this.expr(depth - 1)), distinct: false, filter: undefined, span });
  }

  clause(depth: number): CallClause {
    const none = { type: undefined, value: undefined, orderBy: [], span };
    switch (this.random.int(0, 5)) {
      case 0:
        return { ...none, words: 'RETURNING', isInside: true, type: this.type(0) };
      case 1:
        return { ...none, words: 'DEFAULT ON EMPTY', isInside: true, value: this.expr(depth - 1) };
      case 2:
        return { ...none, words: 'ORDER BY', isInside: true, orderBy: [this.sortItem()] };
      case 3:
        return { ...none, words: 'WITHIN GROUP', isInside: false, orderBy: [this.sortItem()] };
      case 4:
        return { ...none, words: 'IGNORE NULLS', isInside: false };
      default:
        return { ...none, words: this.random.pick(['NULL ON ERROR', 'EMPTY ARRAY ON ERROR', 'WITH CONDITIONAL ARRAY WRAPPER', 'ABSENT ON NULL', 'TRUE ON ERROR']), isInside: true };
    }
  }

  windowSpec(depth: number): WindowSpec {
    const { random } = this;
    const bound = (): FrameBound => (random.chance(0.3) ? this.note({ kind: 'CurrentRow', span }) : this.note({ kind: random.pick(['Preceding', 'Following'] as const), value: random.chance(0.3) ? undefined : this.expr(depth - 1), span }));
    const frame = random.chance(0.5) ? { unit: random.pick(['ROWS', 'RANGE'] as const), start: bound(), end: random.chance(0.5) ? bound() : undefined, span } : undefined;
    return this.note({ kind: 'WindowSpec', base: random.chance(0.3) ? this.identifier() : undefined, partitionBy: random.list(0, 2, () => this.expr(depth - 1)), orderBy: random.list(0, 2, () => this.sortItem()), frame, span });
  }

  groupingSets(depth: number): Expr {
    const { random } = this;
    const set = (): readonly Expr[] => (depth > 0 && random.chance(0.2) ? [this.groupingSets(depth - 1)] : random.list(0, 2, () => this.expr(1)));
    return this.note({ kind: 'GroupingSets', operator: random.pick(['GROUPING SETS', 'ROLLUP', 'CUBE'] as const), sets: random.list(1, 3, set), span });
  }

  /** What few statements hold. */
  rareExpr(depth: number): Expr {
    const { random } = this;
    const inner = (): Expr => this.expr(depth - 1);
    switch (random.int(0, 10)) {
      case 0:
        return this.note({ kind: 'Bytes', digits: random.pick(['', '0f', 'A0b1']), span });
      case 1:
        return this.note({ kind: random.pick(['Row', 'Array', 'Map'] as const), items: random.list(1, 3, inner), span });
      case 2:
        return this.note({ kind: 'Element', operand: inner(), index: inner(), span });
      case 3:
        return this.note({ kind: 'Field', operand: inner(), field: this.identifier(), span });
      case 4:
        return this.note({ kind: random.pick(['Subquery', 'Exists'] as const), query: this.query(0), span });
      case 5:
        return this.note({ kind: 'InQuery', operand: inner(), query: this.query(0), negated: random.chance(0.5), span });
      case 6:
        return this.note({ kind: 'Quantified', operand: inner(), operator: random.pick(['=', '<>', '>='] as const), quantifier: random.pick(['ANY', 'ALL'] as const), query: this.query(0), span });
      case 7: {
        const clause = this.clause(depth);
        const name = { name: clause.isInside ? random.pick(['JSON_VALUE', 'json_query', 'LISTAGG']) : 'FIRST_VALUE', span };
        return this.note({ kind: 'WordyCall', call: { kind: 'Call', name, args: random.list(1, 2, inner), distinct: false, filter: random.chance(0.2) ? inner() : undefined, span }, clauses: [clause], span });
      }
      case 8:
        return this.note({ kind: 'Over', call: this.call(depth), window: random.chance(0.3) ? this.identifier() : this.windowSpec(depth), span });
      case 9: {
        const name = random.pick(wordOperators);
        const args = Array.from({ length: name.startsWith('IS') ? 1 : name === 'BETWEEN SYMMETRIC' ? 3 : 2 }, inner);
        return this.note({ kind: 'Call', name: { name, span }, args, distinct: false, filter: undefined, span });
      }
      default: {
        const value = this.note<Expr>({ kind: 'NamedArgument', label: this.identifier(), value: inner(), span });
        return this.note({ kind: 'Call', name: { name: 'f', span }, args: [value], distinct: false, filter: undefined, span });
      }
    }
  }

  sortItem(): SortItem {
    return { expr: this.expr(1), descending: this.random.chance(0.5), nulls: this.random.pick([undefined, 'FIRST', 'LAST'] as const), span };
  }

  abstract query(depth: number): Query;
}
