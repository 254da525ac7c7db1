import { js } from '../core/code.ts';
import { layoutOf } from '../core/layout.ts';
import { types, type SqlType } from '../core/sql-type.ts';
import { emitMade } from './collection-code.ts';
import { emitLogged, isEmpty, loaded, overList } from './collecting.ts';
import type { AggregateFunction, AggregateOverload, AggregateSteps } from './definition.ts';
import type { OperandOf, Value } from './operand.ts';
import { emitField } from './structured.ts';
import { ValueLog } from './value-log.ts';

/** ARRAY_AGG, with NULLs as elements and without. Source: Flink's documentation, aggregate functions, and its ArrayAggFunction. */

const first = ([a]: readonly SqlType[]): SqlType => a ?? types.nothing;
const nullValue: Value = { operand: { class: 'int', value: js`0` }, isNull: js`true` };
const resultOf = (element: (args: readonly SqlType[]) => SqlType): AggregateSteps['result'] => (code, state, { args, heap }) => {
  const { heap: from, offset, length } = loaded(state);
  const log = code.use(new ValueLog(layoutOf(element(args)), false), 'log');
  return { operand: emitMade(code, heap, js`${log}.write(${heap}, ${from}, ${offset}, ${length})`), isNull: isEmpty(code, loaded(state)) };
};

const present: AggregateOverload = {
  id: 'values',
  version: 1,
  accept: (args) => (args.length === 1 ? args : undefined),
  returns: (args) => ({ kind: 'ARRAY', element: first(args), nullable: true }),
  ...overList(first, resultOf(first)),
};

const all: AggregateOverload = {
  ...present,
  accumulateNull: (code, state, { args }, isUpdating) => emitLogged(code, state, first(args), 'append', nullValue, isUpdating),
  updating: present.updating && { ...present.updating, retractNull: (code, state, { args }) => emitLogged(code, state, first(args), 'remove', nullValue, true) },
};

/** The type in a row of one field. */
const within = ([row]: readonly SqlType[]): SqlType => (row?.kind === 'ROW' ? row.fields[0]?.type : undefined) ?? types.nothing;

const changeByRow = (method: 'append' | 'remove', isUpdating: boolean): AggregateSteps['accumulate'] => (code, state, [row], { args }) =>
  emitLogged(code, state, within(args), method, emitField(code, row as OperandOf<'bytes'>, first(args), 0), isUpdating);
const rowSteps = overList(within, resultOf(within));

/** NULLs are no values of their own to DISTINCT: they stand in rows of one field, and come out of them here. */
const inRows: AggregateOverload = {
  id: 'rows',
  version: 1,
  accept: (args) => (args.length === 1 ? args : undefined),
  returns: (args) => ({ kind: 'ARRAY', element: within(args), nullable: true }),
  ...rowSteps,
  accumulate: changeByRow('append', false),
  updating: rowSteps.updating && { ...rowSteps.updating, accumulate: changeByRow('append', true), retract: changeByRow('remove', true) },
};

/** With a clause the call is bound to the name that has it, as those of JSON are. */
export const arrayAggregates: readonly AggregateFunction[] = [
  { name: 'ARRAY_AGG', overloads: [all], doc: 'ARRAY_AGG([DISTINCT] x [RESPECT NULLS | IGNORE NULLS]): the array of the values, in the order in which they came, NULL too unless it is ignored; NULL when there are none.', examples: [] },
  { name: 'ARRAY_AGG IGNORE NULLS', overloads: [present], doc: 'The array of the values that are not NULL.', examples: [] },
  { name: 'ARRAY_AGG OF ROWS', overloads: [inRows], doc: 'The array of what stands in rows of one field.', examples: [] },
];
