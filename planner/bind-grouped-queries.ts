import { SqlError } from '../core/diagnostic.ts';
import { findAggregate } from '../functions/registry.ts';
import type { Expr, Identifier, Select, SelectItem } from '../parser/ast.ts';
import { bindGrouped, nameOf } from './bind-grouped.ts';
import { bindExpr, type Scope } from './bind-expr.ts';
import { bindWhereQueries } from './bind-subquery.ts';
import { ownersOf, scopeOf, type Relation, type RelationContext } from './relation.ts';
import { attempt, boundOf, containsQuery, partsOf, queriesOf, unknownAround, unknownName, type Part } from './subquery-parts.ts';

/** Groups whose HAVING or items have queries in them, as a query over the groups. */
export interface GroupsBelow {
  /** The groups that meet HAVING. */
  readonly relation: Relation;
  /** What is selected, in terms of its columns. */
  readonly items: readonly SelectItem[];
}

/**
 * SELECT and HAVING in two steps: what of them holds no query is computed with the groups, under names of its own; the rest is a WHERE and a SELECT
 * over that. Of the columns of the query around them queries here see those that it groups by.
 */
export function groupsBelow(query: Select, from: Relation, scope: Scope, context: RelationContext): GroupsBelow {
  const keys = readKeys(query, from, context);
  const below: SelectItem[] = keys.map(({ expr, name }) => ({ expr, alias: { name, span: expr.span }, span: expr.span }));
  const items = query.items.map((item, position): SelectItem => {
    const alias: Identifier = item.alias ?? { name: nameOf(item.expr, undefined, position), span: item.span };
    return { ...item, alias, expr: lifted(item.expr, below) };
  });
  const parts = query.having === undefined ? [] : partsOf(query.having);
  const tests = parts.filter(({ expr }) => containsQuery(expr)).map(({ expr, negated }): Part => ({ expr: lifted(expr, below), negated }));
  const having = conjunction(parts.filter(({ expr }) => !containsQuery(expr)));
  const groups = bindGrouped({ ...query, items: below, having, distinct: false }, from.plan, scope);
  const relation: Relation = { plan: groups, qualifiers: from.qualifiers, label: 'the groups', owners: groups.columns.map((_, i) => keys[i]?.owner) };
  const condition = conjunction(tests);
  return { relation: condition === undefined ? relation : { ...relation, plan: bindWhereQueries(condition, relation, scopeOf(relation), context) }, items };
}

/** A column that is grouped by, as a query beside the groups names it. */
interface Key {
  readonly expr: Expr;
  readonly index: number;
  readonly name: string;
  readonly owner: string | undefined;
}

/** The columns of GROUP BY where some query reads one; throws E0204 for a query that reads another column of the query around it. */
function readKeys({ items, having, groupBy }: Select, from: Relation, context: RelationContext): readonly Key[] {
  const keys = groupBy.flatMap(namesIn).flatMap((expr): readonly Key[] => {
    const bound = attempt(() => bindExpr(expr, scopeOf(from)));
    if (bound instanceof SqlError || bound.kind !== 'column') return [];
    return [{ expr, index: bound.index, name: from.plan.columns[bound.index]?.name ?? '', owner: ownersOf(from)[bound.index] }];
  });
  let isRead = false;
  for (const { query } of [...items.map(({ expr }) => expr), ...(having === undefined ? [] : [having])].flatMap(queriesOf)) {
    const mistake = attempt(() => context.bindQuery(query));
    if (!(mistake instanceof SqlError)) continue;
    const read = mistake.code === 'E0102' ? boundOf(from, query, mistake) : undefined;
    const unknown = unknownName(query, mistake);
    if (read?.kind !== 'column') throw unknown === undefined ? mistake : unknownAround(mistake, unknown, scopeOf(from));
    if (!keys.some(({ index }) => index === read.index)) throw new SqlError({ code: 'E0204', message: `${from.plan.columns[read.index]?.name ?? ''} is not grouped: a query beside groups sees of the query around it what that groups by`, span: mistake.diagnostic.span ?? query.span, label: 'add it to GROUP BY' });
    isRead = true;
  }
  return isRead ? keys.filter(({ index }, i) => keys.findIndex((key) => key.index === index) === i) : [];
}

/** Columns that GROUP BY names as such. */
function namesIn(expr: Expr): readonly Expr[] {
  if (expr.kind === 'Row') return expr.items.flatMap(namesIn);
  if (expr.kind === 'GroupingSets') return expr.sets.flat().flatMap(namesIn);
  return expr.kind === 'Reference' ? [expr] : [];
}

function conjunction(parts: readonly Part[]): Expr | undefined {
  const exprs = parts.map(({ expr, negated }): Expr => (negated ? { kind: 'Unary', operator: 'NOT', operand: expr, span: expr.span } : expr));
  return exprs.length === 0 ? undefined : exprs.reduce((left, right) => ({ kind: 'Binary', operator: 'AND', left, right, span: left.span }));
}

const literals: ReadonlySet<Expr['kind']> = new Set(['Number', 'String', 'Boolean', 'Null', 'Interval', 'TimeLiteral', 'Bytes', 'Parameter']);
const typeKinds: ReadonlySet<string> = new Set(['SimpleType', 'RowType', 'CollectionType', 'MapType']);

/** An expression with its greatest parts without a query put into `below` and named. */
function lifted(expr: Expr, below: SelectItem[]): Expr {
  if (literals.has(expr.kind)) return expr;
  if (!containsQuery(expr)) {
    const { span } = expr;
    const alias: Identifier = { name: `of the group ${below.length + 1}`, span };
    below.push({ expr, alias, span });
    return { kind: 'Reference', name: { parts: [alias], span }, span };
  }
  switch (expr.kind) {
    case 'Subquery':
    case 'Exists':
      return expr;
    case 'InQuery':
    case 'Quantified': {
      const { operand } = expr;
      return { ...expr, operand: operand.kind === 'Row' ? { ...operand, items: operand.items.map((item) => lifted(item, below)) } : lifted(operand, below) };
    }
    case 'Call':
      if (findAggregate(expr.name.name) !== undefined) throw new SqlError({ code: 'E0002', message: 'not supported yet: a query within an aggregate', span: expr.span });
      return { ...expr, args: expr.args.map((arg) => lifted(arg, below)) };
    default:
      // Each property of an expression that is one, or holds some, becomes one of the same shape.
      return withParts(expr, below) as Expr;
  }
}

function withParts(value: unknown, below: SelectItem[]): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => part(item, below));
  return Object.fromEntries(Object.entries(value as object).map(([key, of]) => [key, part(of, below)]));
}

function part(value: unknown, below: SelectItem[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (!('kind' in value)) return withParts(value, below);
  return typeKinds.has(value.kind as string) ? value : lifted(value as Expr, below);
}
