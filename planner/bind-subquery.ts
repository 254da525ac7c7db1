import { SqlError } from '../core/diagnostic.ts';
import { types } from '../core/sql-type.ts';
import type { Span } from '../core/span.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Expr, Query, Select } from '../parser/ast.ts';
import { bindExpr, type Scope } from './bind-expr.ts';
import { bindFunction } from './bind-function.ts';
import { containsAggregate } from './bind-grouped.ts';
import { bindTable } from './bind-table.ts';
import { besideValues } from './bind-value-query.ts';
import { allOf, conjunctsOf } from './conjuncts.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { refuseTimedJoins } from './refused-joins.ts';
import { extended, scopeOf, starOf, type Relation, type RelationContext } from './relation.ts';
import { attempt, bindPart, containsQuery, filtered, firstColumns, isOf, joined, oneIfAny, partsOf, readsAround, scopeOfBoth, truth, type Part } from './subquery-parts.ts';

/** A query whose rows are only tested for some row, or for one that is alike. */
type Test = { readonly kind: 'Exists'; readonly query: Query; readonly span: Span } | Comparison;
type Comparison = Extract<Expr, { kind: 'InQuery' | 'Quantified' }>;

/**
 * The rows of a relation that meet a WHERE in which queries stand: each EXISTS, IN, ANY and ALL is a join that gives the rows that meet some row of the query, or none
 * (semi and anti joins); a query in the place of a value, of one row at most, stands beside each row. They are joined from the left, behind the conditions
 * without queries. Gives the relation's own columns, of which none is a time attribute then.
 */
export function bindWhereQueries(where: Expr, from: Relation, scope: Scope, context: RelationContext): LogicalPlan {
  const parts = partsOf(where);
  const plain = parts.filter(({ expr }) => !containsQuery(expr)).map((part) => bindPart(part, scope));
  refuseTimedJoins(from.plan, plain.flatMap(conjunctsOf));
  const beside: Scope = { ...scope, hasWatermark: false };
  let plan = filtered(from.plan, plain);
  for (const part of parts) {
    if (!containsQuery(part.expr)) continue;
    const test = testOf(part.expr);
    plan = test === undefined ? meeting(plan, part, from, beside, context) : halfJoin(plan, test, part.negated, from, beside, context);
  }
  return plan;
}

function testOf(expr: Expr): Test | undefined {
  if (expr.kind === 'InQuery' || expr.kind === 'Quantified') return expr;
  return expr.kind === 'Exists' ? { kind: 'Exists', query: expr.query, span: expr.span } : undefined;
}

/** The rows of the left for which the test is met. */
function halfJoin(left: LogicalPlan, test: Test, negated: boolean, from: Relation, scope: Scope, context: RelationContext): LogicalPlan {
  // What is compared may hold queries itself.
  const { plan, known } = besideValues(test.kind === 'Exists' ? [] : [test.operand], { ...from, plan: left }, context);
  const { right, values, conditions } = bindInner(test.query, extended({ ...from, plan: left }, plan), test.kind !== 'Exists', context);
  const { type, match } = test.kind === 'Exists' ? { type: negated ? 'ANTI' : 'SEMI', match: [] } as const : matchOf(test, negated, values, { ...scope, known });
  return firstColumns(joined(type, plan, right, allOf([...conditions, ...match]), test.span), left.columns);
}

/**
 * What tells a row of the left and one of the query as a match, and whether the rows are asked for that have one. With NULLs as SQL has them: x NOT IN (..) is
 * met where x differs from each value, and by every x where there is none; a NULL on either side is no such difference.
 */
function matchOf(test: Comparison, negated: boolean, values: readonly BoundExpr[], scope: Scope): { readonly type: 'SEMI' | 'ANTI'; readonly match: readonly BoundExpr[] } {
  const { span } = test;
  const isAny = test.kind === 'InQuery' || test.quantifier === 'ANY';
  const operator = test.kind === 'InQuery' ? '=' : test.operator;
  // NOT IN asks for the opposite of IN.
  const isOpposite = negated !== (test.kind === 'InQuery' && test.negated);
  const operands = test.operand.kind === 'Row' ? test.operand.items : [test.operand];
  if (operands.length !== values.length) throw new SqlError({ code: 'E0205', message: `the query gives ${values.length === 1 ? 'one column' : `${values.length} columns`}, and ${operands.length} ${operands.length === 1 ? 'is' : 'are'} compared with ${values.length === 1 ? 'it' : 'them'}`, span: test.query.span, label: 'select as many columns as are compared' });
  if (operands.length > 1 && operator !== '=') throw new SqlError({ code: 'E0002', message: `not supported yet: ${operator} of several columns with a query`, span });
  const tests = operands.map((operand, i) => bindFunction(operator, operator, [bindExpr(operand, scope), values[i] as BoundExpr], span));
  const all = allOf(tests) as BoundExpr;
  const is = (value: 'TRUE' | 'FALSE', not: boolean): readonly BoundExpr[] => {
    if (all.type.nullable) return [{ kind: 'is', operand: all, test: value, negated: not, type: truth, span }];
    // What is never NULL is the one or the other.
    const isOpposed = value === 'TRUE' ? not : !not;
    return isOpposed ? [{ kind: 'not', operand: all, type: all.type, span }] : tests;
  };
  if (isAny) return isOpposite ? { type: 'ANTI', match: is('FALSE', true) } : { type: 'SEMI', match: tests };
  return isOpposite ? { type: 'SEMI', match: is('FALSE', false) } : { type: 'ANTI', match: is('TRUE', true) };
}

/** A query as the right side of a join. */
interface Inner {
  readonly right: LogicalPlan;
  /** What it selects, over the columns of both sides; empty where nobody reads it. */
  readonly values: readonly BoundExpr[];
  /** What its WHERE says of both sides. */
  readonly conditions: readonly BoundExpr[];
}

function bindInner(query: Query, left: Relation, reads: boolean, context: RelationContext): Inner {
  let mistake: SqlError;
  try {
    const plan = context.bindQuery(query);
    const width = left.plan.columns.length;
    if (reads) return { right: plan, values: plan.columns.map(({ type }, index): BoundExpr => ({ kind: 'column', index: index + width, type, span: query.span })), conditions: [] };
    return { right: oneIfAny(plan, query.span), values: [], conditions: [] };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    mistake = error;
  }
  if (mistake.all.some(({ code }) => code !== 'E0102' && code !== 'E0101')) throw mistake;
  return bindCorrelated(query, left, reads, context, mistake);
}

/** A query that reads columns of the one around it, in its WHERE or its items. `mistake`: what it is on its own. */
function bindCorrelated(query: Query, left: Relation, reads: boolean, context: RelationContext, mistake: SqlError): Inner {
  const notYet = (what: string): SqlError => (readsAround(query, left) ? new SqlError({ code: 'E0002', message: `not supported yet: a query ${what} that reads columns of the query around it`, span: query.span }) : mistake);
  if (query.kind !== 'Select' || query.from === undefined || query.groupBy.length > 0 || query.having !== undefined || query.items.some(({ expr }) => containsAggregate(expr))) throw notYet('with groups, or of several queries,');
  const { from } = query;
  const inner = attempt(() => bindTable(from, context));
  if (inner instanceof SqlError) throw notYet('with a FROM');
  const scope = scopeOf(inner);
  const width = left.plan.columns.length;
  const both = scopeOfBoth(scope, scopeOf(left), width);
  const own: BoundExpr[] = [];
  const conditions: BoundExpr[] = [];
  const within: Part[] = [];
  for (const part of query.where === undefined ? [] : partsOf(query.where)) {
    if (containsQuery(part.expr)) {
      within.push(part);
      continue;
    }
    const bound = attempt(() => bindPart(part, scope));
    if (bound instanceof SqlError) conditions.push(...conjunctsOf(bindPart(part, both)));
    else own.push(bound);
  }
  let right = filtered(inner.plan, own);
  for (const { expr, negated } of within) {
    const bound = attempt(() => bindWhereQueries(negated ? { kind: 'Unary', operator: 'NOT', operand: expr, span: expr.span } : expr, { ...inner, plan: right }, scope, context));
    if (!(bound instanceof SqlError)) right = bound;
    else if (bound.code !== 'E0102' || !isOf(left, expr, bound)) throw bound;
    else throw new SqlError({ code: 'E0002', message: 'not supported yet: a query within another that reads columns of the one around both', span: bound.diagnostic.span ?? expr.span });
  }
  const values = reads ? itemsOf(query, inner, width).map((item) => ('kind' in item ? bindExpr(item, both) : item.bound)) : [];
  return { right, values, conditions };
}

/** What SELECT names: expressions, and columns of a star. */
function itemsOf({ items }: Select, inner: Relation, width: number): readonly (Expr | { readonly bound: BoundExpr })[] {
  return items.flatMap(({ expr, span }): readonly (Expr | { readonly bound: BoundExpr })[] => {
    if (expr.kind !== 'Star') return [expr];
    if (expr.qualifier !== undefined) throw new SqlError({ code: 'E0002', message: 'not supported yet: t.* of a query that reads columns of the query around it', span });
    return starOf(inner).map((index) => ({ bound: { kind: 'column', index: index + width, type: inner.plan.columns[index]?.type ?? types.nothing, span } as const }));
  });
}

/** The rows that meet a condition in which queries stand for values. */
function meeting(left: LogicalPlan, part: Part, from: Relation, scope: Scope, context: RelationContext): LogicalPlan {
  const { plan, known } = besideValues([part.expr], { ...from, plan: left }, context);
  return firstColumns(filtered(plan, [bindPart(part, { ...scope, known })]), left.columns);
}
