import { js } from '../core/code.ts';
import { countAt } from '../core/collection.ts';
import { layoutOf } from '../core/layout.ts';
import { types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitNullableElement } from './collection-code.ts';
import { overList } from './collecting.ts';
import type { AggregateFunction, AggregateSteps } from './definition.ts';
import type { Operand, OperandOf } from './operand.ts';

/**
 * FIRST_VALUE and LAST_VALUE, in the order in which rows come; NULL is left out. Over input that withdraws rows all values are kept.
 * Source: Flink's FirstValueAggFunction, FirstValueWithRetractAggFunction and their like.
 */
function define(name: 'FIRST_VALUE' | 'LAST_VALUE', doc: string): AggregateFunction {
  const argument = ([a]: readonly SqlType[]): SqlType => withNullable(a ?? types.nothing, false);
  const steps: AggregateSteps = {
    lanes: (args) => [argument(args)],
    accumulate: (code, { lanes: [kept], hasValue }, [value]) => {
      const keep = (): void => {
        if (value !== undefined) kept?.store(value);
        hasValue.set();
      };
      if (name === 'LAST_VALUE') keep();
      else code.block(js`if (!${hasValue.test()})`, keep);
    },
    result: (_code, { lanes: [kept], hasValue }) => ({ operand: kept?.load() as Operand, isNull: js`!${hasValue.test()}` }),
  };
  const { updating } = overList(argument, (code, { lanes }, { args, result }) => {
    const [{ heap, offset, length }] = lanes.map((lane) => lane.load()) as [OperandOf<'bytes'>];
    const count = code.define('i', js`${length} === 0 ? 0 : ${code.use(countAt, 'countAt')}(${heap}, ${offset})`);
    return emitNullableElement(code, result.kind === 'NULL' ? argument(args) : result, heap, offset, name === 'FIRST_VALUE' ? js`0` : js`${count} - 1`, js`${count} === 0`);
  });
  return {
    name,
    overloads: [
      {
        id: 'values',
        version: 1,
        accept: ([a, ...rest]) => (a !== undefined && a.kind !== 'NULL' && rest.length === 0 && layoutOf(a) !== undefined ? [a] : undefined),
        returns: ([a]) => withNullable(a ?? types.nothing, true),
        ...steps,
        updating,
      },
    ],
    doc,
    examples: [],
  };
}

export const firstLastAggregates: readonly AggregateFunction[] = [
  define('FIRST_VALUE', 'The value that came first, of those that are not NULL.'),
  define('LAST_VALUE', 'The value that came last, of those that are not NULL.'),
];
