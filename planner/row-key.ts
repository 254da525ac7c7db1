import { isInsertOnly } from '../core/changelog.ts';
import type { PhysicalNode, PhysicalPlan } from './physical-plan.ts';

/** A query whose changes can be told apart. */
export interface KeyedPlan {
  readonly physical: PhysicalPlan;
  /** How many columns are the query's own; behind them stand columns of the key that it does not name. */
  readonly width: number;
  /** The columns that tell rows apart; undefined when each change names its whole row. */
  readonly key: readonly number[] | undefined;
}

/**
 * A query that updates rows without naming what tells them apart, such as SELECT COUNT(*) FROM t GROUP BY k, has the key's columns put
 * behind its own, so that whoever keeps the rows can tell which one is replaced.
 */
export function withRowKey(physical: PhysicalPlan): KeyedPlan {
  const width = physical.columns.length;
  const { changelog, upsertKeys } = physical.properties;
  if (upsertKeys[0] !== undefined || isInsertOnly(changelog)) return { physical, width, key: upsertKeys[0] };
  const keyed = extended(physical);
  return keyed === undefined ? { physical, width, key: undefined } : { physical: keyed, width, key: keyed.properties.upsertKeys[0] };
}

function extended(plan: PhysicalPlan): PhysicalPlan | undefined {
  if (plan.properties.upsertKeys[0] !== undefined) return plan;
  if (plan.kind !== 'Calc') return undefined;
  const input = extended(plan.input);
  const key = input?.properties.upsertKeys[0];
  return input === undefined || key === undefined ? undefined : withColumns(plan, input, key);
}

function withColumns(calc: PhysicalNode<'Calc'>, input: PhysicalPlan, key: readonly number[]): PhysicalPlan {
  const width = calc.columns.length;
  const added = key.map((index) => input.columns[index] ?? { name: '?', type: { kind: 'NULL', nullable: true } as const });
  return {
    ...calc,
    input,
    projection: [...calc.projection, ...key.map((index, i) => ({ kind: 'column' as const, index, type: added[i]?.type ?? { kind: 'NULL', nullable: true } as const }))],
    columns: [...calc.columns, ...added],
    properties: { ...calc.properties, upsertKeys: [key.map((_, i) => width + i)] },
  };
}
