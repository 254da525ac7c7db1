import { js, type Js } from '../core/code.ts';
import { layoutOf } from '../core/layout.ts';
import { types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitRead } from './collection-code.ts';
import { isEmpty, loaded, overList } from './collecting.ts';
import type { AggregateFunction, AggregateSteps } from './definition.ts';
import { assign, classOf, declare, type Operand } from './operand.ts';
import { loggedFirst, loggedLast, loggedLength, loggedStart } from './value-log.ts';

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
  const { updating } = overList(argument, (code, state, { args, result }) => {
    const log = loaded(state);
    const { heap, offset } = log;
    const type = result.kind === 'NULL' ? argument(args) : result;
    const value = declare(code, classOf(type) ?? 'int');
    const isNull = code.define('n', isEmpty(code, log));
    code.block(js`if (!${isNull})`, () => {
      const entry = code.define('e', name === 'FIRST_VALUE' ? js`${code.use(loggedFirst, 'loggedFirst')}(${heap}, ${offset})` : js`${code.use(loggedLast, 'loggedLast')}(${heap}, ${offset})`);
      const at = (place: typeof loggedStart, of: string): Js => js`${code.use(place, of)}(${heap}, ${offset}, ${entry})`;
      assign(code, value, emitRead(code, type, heap, at(loggedStart, 'loggedStart'), at(loggedLength, 'loggedLength')));
    });
    return { operand: value, isNull };
  });
  return {
    name,
    overloads: [
      {
        id: 'values',
        version: 1,
        accept: ([a, ...rest]) => (a !== undefined && a.kind !== 'NULL' && rest.length === 0 && layoutOf(a) !== undefined ? [a] : undefined),
        returns: ([a]) => withNullable(a ?? types.nothing, true),
        keepsPresence: () => true,
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
