import { SqlError } from '../core/diagnostic.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/** A record has one flag word for the NULLs of its keys. */
const maxKeys = 32;

/** Divides the rows of `input` by keys, for an operator that keeps them. */
export function exchangeOn(input: PhysicalPlan, keys: readonly number[], id: number): PhysicalPlan {
  if (keys.length > maxKeys) throw new SqlError({ code: 'E0002', message: `not supported yet: GROUP BY of more than ${maxKeys} columns` });
  return { kind: 'Exchange', id, input, keys, columns: input.columns, properties: { ...input.properties, state: 'none' } };
}
