import { js, type CodeBuilder } from '../core/code.ts';
import { layoutOf } from '../core/layout.ts';
import { types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { Accumulator, AggregateFunction, AggregateSteps } from './definition.ts';
import type { Operand, OperandOf } from './operand.ts';

const countType: SqlType = { kind: 'BIGINT', nullable: false };

/** How many rows there are, beside the value of the one. */
function countBy({ lanes: [, rows] }: Accumulator, by: 1n | -1n): void {
  if (rows !== undefined) rows.store({ class: 'bigint', value: js`${(rows.load() as OperandOf<'bigint'>).value} + ${by}` });
}

function begin(code: CodeBuilder, state: Accumulator): void {
  const rows = state.lanes[1]?.load() as OperandOf<'bigint'>;
  code.line(js`if (${rows.value} > 0n) throw new RangeError('there is a second row where one value is asked for');`);
  countBy(state, 1n);
}

const steps: AggregateSteps = {
  lanes: ([a]) => [withNullable(a ?? types.nothing, false), countType],
  accumulate: (code, state, [value]) => {
    begin(code, state);
    if (value !== undefined) state.lanes[0]?.store(value);
    state.hasValue.set();
  },
  result: (_code, { lanes: [kept], hasValue }) => ({ operand: kept?.load() as Operand, isNull: js`!${hasValue.test()}` }),
};

function takeBack(state: Accumulator): void {
  countBy(state, -1n);
  state.hasValue.clear();
}

/** The value of the only row, NULL too. A second row that is there at the same time is an error. Source: Flink's SingleValueAggFunction. */
export const singleValue: AggregateFunction = {
  name: 'SINGLE_VALUE',
  overloads: [
    {
      id: 'values',
      version: 1,
      accept: ([a, ...rest]) => (a !== undefined && a.kind !== 'NULL' && rest.length === 0 && layoutOf(a) !== undefined ? [a] : undefined),
      returns: ([a]) => withNullable(a ?? types.nothing, true),
      ...steps,
      accumulateNull: begin,
      updating: { ...steps, keepsValues: false, retract: (_code, state) => takeBack(state), retractNull: (_code, state) => takeBack(state) },
    },
  ],
  doc: 'The value of the only row, which a query in the place of a value has; a second one is an error.',
  examples: [],
};
