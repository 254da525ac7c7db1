import type { SqlType } from '../../core/sql-type.ts';
import type { CallSpec } from '../aggregate-calls.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { groupAggregateOperator } from './group-aggregate.ts';

export interface ChangelogNormalizeSpec {
  readonly inputTypes: readonly SqlType[];
  readonly key: readonly number[];
  readonly stateName: string;
}

/**
 * Turns upserts by key into changes that name whole rows: +I for a new key, -U and +U for another row of a known one, nothing for the same
 * row again, -D with the row that was there. A deletion of what is not there is counted and dropped. Keeps the latest row of every key:
 * it is a group of which only the latest row counts.
 */
export function changelogNormalizeOperator(context: OperatorContext, { inputTypes, key, stateName }: ChangelogNormalizeSpec): Operator {
  const others = inputTypes.map((_, index) => index).filter((index) => !key.includes(index));
  const calls = others.map((index): CallSpec => {
    const type = inputTypes[index] ?? { kind: 'NULL', nullable: true };
    return { name: '$LATEST', overload: 'values', version: 1, args: [{ kind: 'column', index, type }], filter: undefined, type };
  });
  return groupAggregateOperator(context, { inputTypes, keys: key, calls, outputTypes: inputTypes, order: [...key, ...others], stateName, input: 'upsert', before: true });
}
