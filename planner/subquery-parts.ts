import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { didYouMean, listed } from '../core/suggest.ts';
import { types, withNullable } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Expr, Query } from '../parser/ast.ts';
import { bindCondition, bindExpr, type Scope } from './bind-expr.ts';
import { allOf, shifted } from './conjuncts.ts';
import type { JoinType, LogicalPlan, PlanColumn } from './logical-plan.ts';
import { missingHint } from './missing-name.ts';
import { refuseTimedJoins } from './refused-joins.ts';
import { scopeOf, type Relation } from './relation.ts';

/** What conditions with queries and queries in the place of values are both made of. */

type Reference = Extract<Expr, { kind: 'Reference' }>;
export type InnerQuery = Extract<Expr, { kind: 'Subquery' | 'Exists' | 'InQuery' | 'Quantified' }>;

/** A condition that AND joins with others; `negated`: its opposite is asked for. */
export interface Part {
  readonly expr: Expr;
  readonly negated: boolean;
}

export const truth = withNullable(types.boolean, false);

/** Whether a query stands in an expression, in the place of a value or of a condition. Without recursion: chains of operators may be long. */
export function containsQuery(expr: Expr): boolean {
  return queriesOf(expr).length > 0;
}

/** The queries in an expression, without those within them. */
export function queriesOf(expr: Expr): readonly InnerQuery[] {
  const found: InnerQuery[] = [];
  const open: object[] = [expr];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { kind } = node as Partial<Expr>;
    if (kind === 'Exists' || kind === 'InQuery' || kind === 'Quantified' || kind === 'Subquery') found.push(node as InnerQuery);
    else for (const part of Object.values(node) as readonly unknown[]) if (typeof part === 'object' && part !== null) open.push(part);
  }
  return found;
}

/** The parts of a condition: what AND joins, and what OR joins below a NOT. */
export function partsOf(condition: Expr): readonly Part[] {
  const parts: Part[] = [];
  const open: Part[] = [{ expr: condition, negated: false }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { expr, negated } = part;
    if (expr.kind === 'Binary' && expr.operator === (negated ? 'OR' : 'AND')) open.push({ expr: expr.right, negated }, { expr: expr.left, negated });
    else if (expr.kind === 'Unary' && expr.operator === 'NOT' && containsQuery(expr)) open.push({ expr: expr.operand, negated: !negated });
    else parts.push(part);
  }
  return parts;
}

export function bindPart({ expr, negated }: Part, scope: Scope): BoundExpr {
  return bindCondition('WHERE', negated ? { kind: 'Unary', operator: 'NOT', operand: expr, span: expr.span } : expr, scope);
}

export function filtered(input: LogicalPlan, conditions: readonly BoundExpr[]): LogicalPlan {
  const condition = allOf(conditions);
  return condition === undefined ? input : { kind: 'Filter', input, condition, columns: input.columns };
}

/** The first columns of a plan, which are no time attributes behind a join. */
export function firstColumns(input: LogicalPlan, of: readonly PlanColumn[]): LogicalPlan {
  const columns = of.map(({ name, type }): PlanColumn => ({ name, type }));
  return { kind: 'Project', input, exprs: columns.map(({ type }, index) => ({ kind: 'column', index, type })), columns };
}

export function joined(type: JoinType, left: LogicalPlan, right: LogicalPlan, condition: BoundExpr | undefined, span: Span): LogicalPlan {
  const columns = [...left.columns.map(({ name, type: of }): PlanColumn => ({ name, type: of })), ...right.columns.map(({ name, type: of }): PlanColumn => ({ name, type: withNullable(of, true) }))];
  const plan: LogicalPlan = { kind: 'Join', type, left, right, condition, columns, span };
  refuseTimedJoins(plan, []);
  return plan;
}

/** Whether some name in a query is none of its own tables' but of the query around it: told by the name that it does not know. */
export function readsAround(query: Query, left: Relation): boolean {
  return referencesIn(query).some((reference) => !(attempt(() => bindExpr(reference, scopeOf(left))) instanceof SqlError));
}

/** Whether the name that is not known, as `error` says, is one of a relation. */
export function isOf(relation: Relation, within: Expr | Query, error: SqlError): boolean {
  return boundOf(relation, within, error) !== undefined;
}

/** The name that is not known, as `error` says. */
export function unknownName(within: Expr | Query, { diagnostic: { span } }: SqlError): Reference | undefined {
  return span === undefined ? undefined : referencesIn(within).find((reference) => reference.span.start <= span.start && span.end <= reference.span.end);
}

/** What the name that is not known, as `error` says, is of a relation. */
export function boundOf(relation: Relation, within: Expr | Query, error: SqlError): BoundExpr | undefined {
  const unknown = unknownName(within, error);
  const bound = unknown === undefined ? undefined : attempt(() => bindExpr(unknown, scopeOf(relation)));
  return bound instanceof SqlError ? undefined : bound;
}

/** The names in an expression or a query, those of queries within it too. */
function referencesIn(root: Expr | Query): readonly Reference[] {
  const found: Reference[] = [];
  const open: object[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if ((node as Partial<Expr>).kind === 'Reference') found.push(node as Extract<Expr, { kind: 'Reference' }>);
    for (const part of Object.values(node) as readonly unknown[]) if (typeof part === 'object' && part !== null) open.push(part);
  }
  return found;
}

/** The error of a name that a query does not know, as `own` says, nor the one around it, in `outer`: with what it may mean in either. */
export function unknownAround(own: SqlError, { name: { parts } }: Reference, outer: Scope): SqlError {
  const { diagnostic } = own;
  const [first] = parts;
  if (own.code !== 'E0102' || first === undefined) return own;
  const isQualifier = parts.length > 1 && diagnostic.span?.start === first.span.start;
  // Behind the name of a table of the query around only its columns can be meant.
  if (isQualifier && outer.qualifiers.includes(first.name)) {
    const around = attempt(() => bindExpr({ kind: 'Reference', name: { parts, span: first.span }, span: first.span }, outer));
    return around instanceof SqlError ? around : own;
  }
  if (isQualifier) return new SqlError({ ...diagnostic, label: didYouMean(first.name, outer.qualifiers) ?? `${diagnostic.label ?? 'no table in FROM is called so'}${outer.qualifiers.length === 0 ? '' : `, and ${outer.qualifiers.join(', ')} around it`}` });
  if (diagnostic.label !== undefined) return own;
  const both = { ...diagnostic, message: `${diagnostic.message}, nor in ${outer.label} around it` };
  const { label } = missingHint(parts.map(({ name }) => name), first.name, outer);
  if (label !== undefined) return new SqlError({ ...both, label, hint: undefined });
  const names = listed('around it:', outer.columns.map(({ name }) => name));
  return new SqlError({ ...both, hint: [diagnostic.hint, names].filter((line) => line !== undefined).join('; ') });
}

/** Throws for a name that is neither of the query itself nor of the one around it. */
export function refuseUnknown(expr: Expr, both: Scope): void {
  for (const reference of referencesIn(expr)) bindExpr(reference, both);
}

/** Names of the query itself, and what it does not have of the one around it. */
export function scopeOfBoth(inner: Scope, outer: Scope, width: number): Scope {
  return {
    columns: [],
    qualifiers: [],
    label: inner.label,
    known: (expr) => {
      if (expr.kind !== 'Reference') return undefined;
      const own = attempt(() => bindExpr(expr, inner));
      if (!(own instanceof SqlError)) return shifted(own, width);
      const around = own.code === 'E0102' ? attempt(() => bindExpr(expr, outer)) : own;
      if (around instanceof SqlError) throw unknownAround(own, expr, outer);
      return around;
    },
  };
}

export function attempt<T>(bind: () => T): T | SqlError {
  try {
    return bind();
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
}

/** Whether there is a row at all, as one row that says so. */
export function oneIfAny(input: LogicalPlan, span: Span): LogicalPlan {
  const one: LogicalPlan = { kind: 'Aggregate', input, keys: [], calls: [], columns: [], span };
  return { kind: 'Project', input: one, exprs: [{ kind: 'literal', value: true, type: truth }], columns: [{ name: 'is there', type: truth }] };
}
