import { entryTypes } from '../core/collection.ts';
import { SqlError } from '../core/diagnostic.ts';
import { describeType, withNullable, type SqlType } from '../core/sql-type.ts';
import type { TableRef } from '../parser/ast.ts';
import { bindCondition, bindExpr } from './bind-expr.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';
import { ownersOf, scopeOf, starOf, type Relation } from './relation.ts';

type UnnestRef = Extract<TableRef, { kind: 'Unnest' }>;
type JoinRef = Extract<TableRef, { kind: 'Join' }>;

/** The columns that one element of a collection is: the fields of a ROW, key and value of a MAP, else the element. */
function elementColumns(type: SqlType): readonly PlanColumn[] {
  const element = type.kind === 'ARRAY' || type.kind === 'MULTISET' ? type.element : undefined;
  if (element?.kind === 'ROW') return element.fields.map((field) => ({ name: field.name, type: withNullable(field.type, field.type.nullable || element.nullable) }));
  return (element === undefined ? entryTypes(type) : [element]).map((of, i) => ({ name: `f${i}`, type: of }));
}

/**
 * `a CROSS JOIN UNNEST(a.list) AS t (x)` and `a LEFT JOIN UNNEST(a.list) AS t (x) ON TRUE`: each row with each element, the second also with
 * NULLs where there is none. Undefined for other joins. Without a table before it, UNNEST is over one row.
 */
export function bindUnnestJoin(join: JoinRef, bindLeft: (ref: TableRef) => Relation): Relation | undefined {
  const { right, on } = join;
  if (right.kind !== 'Unnest' || join.natural || join.using.length > 0 || (join.type !== 'CROSS' && join.type !== 'INNER' && join.type !== 'LEFT')) return undefined;
  const left = bindLeft(join.left);
  const isLeft = join.type === 'LEFT';
  const isTrue = on === undefined || (on.kind === 'Boolean' && on.value);
  if (isLeft && !isTrue) throw new SqlError({ code: 'E0002', message: 'not supported yet: LEFT JOIN UNNEST with a condition other than TRUE', span: on?.span ?? join.span });
  const relation = bindUnnest(right, left, isLeft);
  if (isTrue) return relation;
  const condition = bindCondition('WHERE', on, scopeOf(relation));
  return { ...relation, plan: { kind: 'Filter', input: relation.plan, condition, columns: relation.plan.columns } };
}

/** Each row of `left` with each element of its collection; `isLeft`: a row without elements stays, beside NULLs. */
export function bindUnnest(ref: UnnestRef, left: Relation, isLeft: boolean): Relation {
  const [list, other] = ref.values;
  if (list === undefined || other !== undefined) throw new SqlError({ code: 'E0002', message: 'not supported yet: UNNEST of several collections', span: other?.span ?? ref.span });
  const collection = bindExpr(list, scopeOf(left));
  const { type } = collection;
  if (type.kind !== 'ARRAY' && type.kind !== 'MAP' && type.kind !== 'MULTISET') throw new SqlError({ code: 'E0206', message: `UNNEST takes an ARRAY, a MAP or a MULTISET, not ${describeType(type)}`, span: list.span });
  const own = left.plan.columns;
  // What is no column is computed into one, which the projection above leaves out again.
  const input: LogicalPlan = collection.kind === 'column' ? left.plan : { kind: 'Project', input: left.plan, exprs: [...own.map((column, index) => ({ kind: 'column' as const, index, type: column.type })), collection], columns: [...own, { name: 'unnest$', type }] };
  const elements = elementColumns(type).map((column) => ({ ...column, type: withNullable(column.type, column.type.nullable || isLeft) }));
  const added: PlanColumn[] = [...elements, ...(ref.ordinality ? [{ name: 'ORDINALITY', type: { kind: 'INT', nullable: isLeft } as const }] : [])];
  if (ref.columns.length > 0 && ref.columns.length !== added.length) {
    throw new SqlError({ code: 'E0205', message: `${ref.alias?.name ?? 'the table'} names ${ref.columns.length} columns of ${added.length}`, span: ref.columns[0]?.span ?? ref.span });
  }
  const named = added.map((column, i) => ({ ...column, name: ref.columns[i]?.name ?? column.name }));
  const unnest: LogicalPlan = { kind: 'Unnest', input, column: collection.kind === 'column' ? collection.index : own.length, ordinality: ref.ordinality, isLeft, columns: [...input.columns, ...named], span: ref.span };
  const width = input.columns.length;
  const kept = [...own.keys(), ...named.map((_, i) => width + i)];
  const columns = kept.map((index) => unnest.columns[index] as PlanColumn);
  const plan: LogicalPlan = width === own.length ? unnest : { kind: 'Project', input: unnest, exprs: kept.map((index, i) => ({ kind: 'column', index, type: (columns[i] as PlanColumn).type })), columns };
  const alias = ref.alias?.name;
  const owners = [...ownersOf(left), ...named.map(() => alias)];
  const star = [...starOf(left), ...named.map((_, i) => own.length + i)];
  return { plan, qualifiers: [...left.qualifiers, ...(alias === undefined ? [] : [alias])], owners, label: left.label, ...(left.star !== undefined && { star }) };
}
