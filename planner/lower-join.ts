import { isInsertOnly, type Changelog } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { allOf, conjunctsOf } from './conjuncts.ts';
import { equalityOf, haveSameBits } from './join-equality.ts';
import { isHalf, padsSide, type JoinType, type LogicalPlan } from './logical-plan.ts';
import { exchangeOn } from './lower-exchange.ts';
import type { JoinKey, PhysicalPlan } from './physical-plan.ts';
import { joinStateName } from './state-name.ts';

type JoinNode = Extract<LogicalPlan, { kind: 'Join' }>;
type Keys = readonly (readonly number[])[];

/** A record has one flag word for the NULLs of its keys. */
const mostKeys = 32;

/** Columns of both sides that have to be equal are keys, by which both are divided; what else is asked is tried on each pair of rows. */
export function lowerJoin(node: JoinNode, left: PhysicalPlan, right: PhysicalPlan, nextId: () => number): PhysicalPlan {
  const { type, columns } = node;
  const width = left.columns.length;
  const keys: JoinKey[] = [];
  const rest: BoundExpr[] = [];
  for (const condition of conjunctsOf(node.condition)) {
    const key = keyOf(condition, left, right);
    if (key !== undefined && keys.length < mostKeys) keys.push(key);
    else rest.push(condition);
  }
  const condition = allOf(rest);
  const [leftColumns, rightColumns] = [keys.map((key) => key.left), keys.map((key) => key.right)];
  const leftIdentity = identityOf(left, leftColumns, node);
  const rightIdentity = identityOf(right, rightColumns, node);
  return {
    kind: 'Join',
    type,
    left: exchangeOn(left, leftColumns, nextId()),
    right: exchangeOn(right, rightColumns, nextId()),
    id: nextId(),
    keys,
    condition,
    ...(leftIdentity !== undefined && { leftIdentity }),
    ...(rightIdentity !== undefined && { rightIdentity }),
    columns,
    stateName: joinStateName(type, left, right, keys, condition),
    properties: { changelog: changesOf(type, left, right), upsertKeys: upsertKeysOf(type, left.properties.upsertKeys, right.properties.upsertKeys, keys, width), state: 'unbounded' },
  };
}

function keyOf(condition: BoundExpr, left: PhysicalPlan, right: PhysicalPlan): JoinKey | undefined {
  const equality = equalityOf(condition, left.columns.length);
  if (equality?.left.kind !== 'column' || equality.right.kind !== 'column') return undefined;
  const [leftType, rightType] = [left.columns[equality.left.index]?.type, right.columns[equality.right.index]?.type];
  if (leftType === undefined || rightType === undefined || !haveSameBits(leftType, rightType)) return undefined;
  return { left: equality.left.index, right: equality.right.index, nullsMatch: equality.nullsMatch };
}

/** The columns by which rows of a side are withdrawn, the join's keys among them; undefined where none is. */
function identityOf({ properties: { changelog, upsertKeys }, columns }: PhysicalPlan, keys: readonly number[], node: JoinNode): readonly number[] | undefined {
  if (isInsertOnly(changelog)) return undefined;
  const [own = [...columns.keys()]] = upsertKeys.toSorted((a, b) => a.length - b.length);
  const identity = [...new Set([...keys, ...own])];
  if (identity.length > mostKeys) throw new SqlError({ code: 'E0002', message: `not supported yet: a join of rows of more than ${mostKeys} columns that are withdrawn`, span: node.span });
  return identity;
}

/**
 * What changes a row of one side changes the rows that it is in. Rows of an outer join come and go as whole ones: whether the other side
 * stands there or NULLs is no update. A row that SEMI or ANTI gives changes as it does on the left, and comes and goes with what it meets.
 */
function changesOf(type: JoinType, left: PhysicalPlan, right: PhysicalPlan): Changelog {
  const sides = [left.properties.changelog, right.properties.changelog];
  if (isHalf(type)) {
    const { updates, deletes: ownDeletes } = left.properties.changelog;
    const deletes = type === 'ANTI' || ownDeletes || !isInsertOnly(right.properties.changelog);
    return { inserts: true, updates, deletes, before: updates, fullDeletes: deletes };
  }
  const isOuter = type !== 'INNER';
  const updates = !isOuter && sides.some((side) => side.updates);
  const deletes = isOuter || sides.some((side) => side.deletes);
  return { inserts: true, updates, deletes, before: updates, fullDeletes: deletes };
}

/**
 * What tells the rows of a join apart, as Flink derives it: a key of the left side with one of the right; that of one side alone where each of its rows
 * meets one row of the other at the most. Only keys that hold the join's own: another row of the same key may be in another place.
 */
export function upsertKeysOf(type: JoinType, left: Keys, right: Keys, keys: readonly JoinKey[], width: number): Keys {
  const [leftColumns, rightColumns] = [keys.map((key) => key.left), keys.map((key) => key.right)];
  const holding = (of: Keys, columns: readonly number[]): Keys => of.filter((key) => columns.every((index) => key.includes(index)));
  const isUnique = (of: Keys, columns: readonly number[]): boolean => of.some((key) => key.every((index) => columns.includes(index)));
  const ofLeft = holding(left, leftColumns);
  const ofRight = holding(right, rightColumns).map((key) => key.map((index) => index + width));
  if (isHalf(type)) return holding(left, leftColumns);
  const found = [
    ...(isUnique(right, rightColumns) && !padsSide(type, 'left') ? ofLeft : []),
    ...(isUnique(left, leftColumns) && !padsSide(type, 'right') ? ofRight : []),
    ...ofLeft.flatMap((key) => ofRight.map((other) => [...key, ...other])),
  ];
  // What is equal stands for each other.
  const swapped = type !== 'INNER' ? [] : found.flatMap((key) => keys.flatMap(({ left: l, right: r }) => [swap(key, l, r + width), swap(key, r + width, l)].filter((other) => other !== undefined)));
  const distinct = new Map([...found, ...swapped].map((key) => [...new Set(key)].toSorted((a, b) => a - b)).map((key) => [key.join(), key]));
  return [...distinct.values()].toSorted((a, b) => a.length - b.length).slice(0, 16);
}

function swap(key: readonly number[], from: number, to: number): readonly number[] | undefined {
  return key.includes(from) ? key.map((index) => (index === from ? to : index)) : undefined;
}
