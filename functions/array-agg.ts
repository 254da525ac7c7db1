import { js, type CodeBuilder } from '../core/code.ts';
import { layoutOf } from '../core/layout.ts';
import { types, type SqlType } from '../core/sql-type.ts';
import { List } from './collecting-state.ts';
import { emitChange, isEmpty, loaded, overList } from './collecting.ts';
import type { Accumulator, AggregateFunction, AggregateOverload, AggregateSteps, CallTypes } from './definition.ts';
import type { OperandOf, Value } from './operand.ts';
import { emitField } from './structured.ts';

/** ARRAY_AGG, with NULLs as elements and without. Source: Flink's documentation, aggregate functions, and its ArrayAggFunction. */

const first = ([a]: readonly SqlType[]): SqlType => a ?? types.nothing;
const nullValue: Value = { operand: { class: 'int', value: js`0` }, isNull: js`true` };
const result: AggregateSteps['result'] = (code, state) => {
  const list = loaded(state);
  return { operand: list, isNull: isEmpty(code, list) };
};

function change(code: CodeBuilder, state: Accumulator, element: SqlType, method: 'append' | 'remove', value: Value): void {
  const list = new List(layoutOf(element));
  emitChange(code, state.lanes[0], list, method, [[list.value, value]]);
}

const present: AggregateOverload = {
  id: 'values',
  version: 1,
  accept: (args) => (args.length === 1 ? args : undefined),
  returns: (args) => ({ kind: 'ARRAY', element: first(args), nullable: true }),
  ...overList(first, result),
};

const changeByNull = (method: 'append' | 'remove') => (code: CodeBuilder, state: Accumulator, { args }: CallTypes): void => change(code, state, first(args), method, nullValue);

const all: AggregateOverload = { ...present, accumulateNull: changeByNull('append'), updating: present.updating && { ...present.updating, retractNull: changeByNull('remove') } };

/** The type in a row of one field. */
const within = ([row]: readonly SqlType[]): SqlType => (row?.kind === 'ROW' ? row.fields[0]?.type : undefined) ?? types.nothing;

const changeByRow = (method: 'append' | 'remove'): AggregateSteps['accumulate'] => (code, state, [row], { args }) =>
  change(code, state, within(args), method, emitField(code, row as OperandOf<'bytes'>, first(args), 0));

/** NULLs are no values of their own to DISTINCT: they stand in rows of one field, and come out of them here. */
const inRows: AggregateOverload = {
  id: 'rows',
  version: 1,
  accept: (args) => (args.length === 1 ? args : undefined),
  returns: (args) => ({ kind: 'ARRAY', element: within(args), nullable: true }),
  lanes: (args) => [{ kind: 'ARRAY', element: within(args), nullable: false }],
  accumulate: changeByRow('append'),
  result,
  updating: {
    lanes: (args) => [{ kind: 'ARRAY', element: within(args), nullable: false }],
    keepsValues: false,
    accumulate: changeByRow('append'),
    retract: changeByRow('remove'),
    result,
  },
};

/** With a clause the call is bound to the name that has it, as those of JSON are. */
export const arrayAggregates: readonly AggregateFunction[] = [
  { name: 'ARRAY_AGG', overloads: [all], doc: 'ARRAY_AGG([DISTINCT] x [RESPECT NULLS | IGNORE NULLS]): the array of the values, in the order in which they came, NULL too unless it is ignored; NULL when there are none.', examples: [] },
  { name: 'ARRAY_AGG IGNORE NULLS', overloads: [present], doc: 'The array of the values that are not NULL.', examples: [] },
  { name: 'ARRAY_AGG OF ROWS', overloads: [inRows], doc: 'The array of what stands in rows of one field.', examples: [] },
];
