import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { didYouMean } from '../core/suggest.ts';
import { withNullable } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Identifier, TableRef } from '../parser/ast.ts';
import { coalesce } from './bind-case.ts';
import { bindCondition } from './bind-expr.ts';
import { bindFunction } from './bind-function.ts';
import { castTo } from './cast-to.ts';
import { allOf, conjunctsOf } from './conjuncts.ts';
import { padsSide, type JoinType, type LogicalPlan, type PlanColumn } from './logical-plan.ts';
import { Mistakes } from './mistakes.ts';
import { refuseTimedJoins } from './refused-joins.ts';
import { ownersOf, scopeOf, starOf, type Relation } from './relation.ts';

type JoinRef = Extract<TableRef, { kind: 'Join' }>;

/**
 * `a JOIN b ON ..`, USING, NATURAL, CROSS JOIN and the comma: each row of one side with each of the other that it meets. Event time does not go
 * through: rows come out whenever the later of the two comes, so that all columns are ordinary ones.
 */
export function bindJoin(ref: JoinRef, bind: (ref: TableRef) => Relation): Relation {
  checkForm(ref);
  const mistakes = new Mistakes();
  const left = mistakes.attempt(() => bind(ref.left));
  const right = mistakes.attempt(() => bind(ref.right));
  mistakes.throwAny();
  if (left === undefined || right === undefined) throw new SqlError({ code: 'E0101', message: 'a side of the join has a mistake', span: ref.span });
  const twice = right.qualifiers.find((name) => left.qualifiers.includes(name));
  if (twice !== undefined) {
    throw new SqlError({ code: 'E0105', message: `${twice} stands for two tables in FROM`, span: ref.right.alias?.span ?? ref.right.span, label: `the other one stands to its left`, hint: `give one of them another name:  ${twice} AS ${twice}2` });
  }
  const type: JoinType = ref.type === 'CROSS' ? 'INNER' : ref.type;
  const width = left.plan.columns.length;
  const sides: readonly PlanColumn[] = [...left.plan.columns, ...right.plan.columns];
  const columns = sides.map(({ name, type: of }, i): PlanColumn => ({ name, type: withNullable(of, of.nullable || padsSide(type, i < width ? 'left' : 'right')) }));
  const both: Relation = {
    plan: { kind: 'SingleRow', columns: sides },
    qualifiers: [...left.qualifiers, ...right.qualifiers],
    label: `${left.label} and ${right.label}`,
    owners: [...ownersOf(left), ...ownersOf(right)],
    star: [...starOf(left), ...starOf(right).map((index) => index + width)],
  };
  const { on } = ref;
  const shared = sharedNames(ref, left, right);
  const equalities = shared.map(({ span, left: l, right: r }) => bindFunction('=', '=', [column(sides, l, span), column(sides, r + width, span)], span));
  const condition = allOf(conjunctsOf(on === undefined ? allOf(equalities) : bindCondition('ON', on, scopeOf(both))));
  const plan: LogicalPlan = { kind: 'Join', type, left: left.plan, right: right.plan, condition, columns, span: ref.span };
  refuseTimedJoins(plan, []);
  const joined: Relation = { ...both, plan };
  return shared.length === 0 ? joined : withShared(joined, type, shared, width);
}

/** A condition stands where the join has to have one, and nowhere else. */
function checkForm({ type, natural, on, using, left, span }: JoinRef): void {
  const hasCondition = on !== undefined || using.length > 0;
  const at = on?.span ?? using[0]?.span ?? span;
  if (natural && (hasCondition || type === 'CROSS')) throw new SqlError({ code: 'E0001', message: type === 'CROSS' ? 'NATURAL CROSS JOIN contradicts itself' : 'NATURAL JOIN takes no condition: it compares the columns that both sides have', span: at });
  if (type === 'CROSS' && hasCondition) throw new SqlError({ code: 'E0001', message: 'CROSS JOIN takes no condition: it gives each row with each', span: at, hint: 'a JOIN b ON a.id = b.id' });
  if (type !== 'CROSS' && !natural && !hasCondition) {
    throw new SqlError({ code: 'E0001', message: `${type === 'INNER' ? 'JOIN' : `${type} JOIN`} needs a condition`, span: { ...span, start: left.span.end }, label: 'ON or USING is missing here', hint: 'a JOIN b ON a.id = b.id, or  a CROSS JOIN b  for each row with each' });
  }
}

function column(columns: readonly PlanColumn[], index: number, span: Span): BoundExpr {
  return { kind: 'column', index, type: columns[index]?.type ?? { kind: 'NULL', nullable: true }, span };
}

/** A column that both sides have, of which the join makes one. */
interface Shared {
  readonly name: string;
  readonly span: Span;
  readonly left: number;
  /** From 0 on. */
  readonly right: number;
}

function sharedNames({ natural, using, span }: JoinRef, left: Relation, right: Relation): readonly Shared[] {
  const named = (relation: Relation): readonly string[] => starOf(relation).map((index) => relation.plan.columns[index]?.name ?? '');
  const names = natural ? [...new Set(named(left))].filter((name) => named(right).includes(name)).map((name): Identifier => ({ name, span })) : using;
  return names.map(({ name, span: at }) => ({ name, span: at, left: only(left, name, at), right: only(right, name, at) }));
}

/** The one column of that name. */
function only(relation: Relation, name: string, span: Span): number {
  const { columns } = relation.plan;
  const [index, other] = starOf(relation).filter((at) => columns[at]?.name === name);
  if (index === undefined) throw new SqlError({ code: 'E0102', message: `no column "${name}" in ${relation.label}`, span, label: didYouMean(name, columns.map((of) => of.name)) });
  if (other !== undefined) throw new SqlError({ code: 'E0105', message: `"${name}" could be more than one column of ${relation.label}`, span, label: 'say which:  ON a.column = b.column' });
  return index;
}

/** Of each shared column one, which stands before the others: what the side has whose rows are all there, of both sides what is not NULL. */
function withShared(joined: Relation, type: JoinType, shared: readonly Shared[], width: number): Relation {
  const { plan } = joined;
  const merged = shared.map(({ left, right, span }): BoundExpr => {
    const values = [column(plan.columns, left, span), column(plan.columns, right + width, span)] as const;
    const whole = coalesce(values, span);
    if (type === 'FULL') return whole;
    const kept = type === 'RIGHT' ? values[1] : values[0];
    return castTo(kept, withNullable(whole.type, kept.type.nullable), span);
  });
  const used = new Set(shared.flatMap(({ left, right }) => [left, right + width]));
  const rest = starOf(joined).filter((index) => !used.has(index));
  if (merged.every((expr) => expr.kind === 'column')) return { ...joined, star: [...merged.map((expr) => expr.index), ...rest] };
  const own = plan.columns.map(({ type: of }, index): BoundExpr => ({ kind: 'column', index, type: of }));
  const columns = [...plan.columns, ...merged.map((expr, i): PlanColumn => ({ name: shared[i]?.name ?? '', type: expr.type }))];
  return {
    ...joined,
    plan: { kind: 'Project', input: plan, exprs: [...own, ...merged], columns },
    owners: [...ownersOf(joined), ...merged.map(() => undefined)],
    star: [...merged.map((_, i) => own.length + i), ...rest],
  };
}

