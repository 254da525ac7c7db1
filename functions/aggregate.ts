import { js, type CodeBuilder } from '../core/code.ts';
import { isNumeric, isStructured, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { arrayAggregates } from './array-agg.ts';
import { emitCast } from './cast.ts';
import { collectingAggregates } from './collecting.ts';
import { emitComparison } from './comparison.ts';
import type { Accumulator, AggregateFunction, AggregateOverload, AggregateSteps, AggregateUpdating, CallTypes, Lane } from './definition.ts';
import { firstLastAggregates } from './first-last.ts';
import { emitArithmetic } from './numeric.ts';
import type { Operand, OperandOf } from './operand.ts';
import { percentile } from './percentile.ts';
import { singleValue } from './single-value.ts';
import { avgType, sumType } from './sum-types.ts';
import { varianceAggregates } from './variance.ts';

const countType: SqlType = { kind: 'BIGINT', nullable: false };

/** Adds `by` rows to a lane of type BIGINT. */
function countBy(lane: Lane | undefined, by: 1n | -1n): void {
  if (lane !== undefined) lane.store({ class: 'bigint', value: js`${(lane.load() as OperandOf<'bigint'>).value} + ${by}` });
}

function addCounts(total: Lane | undefined, more: Lane | undefined): void {
  if (total === undefined || more === undefined) return;
  const [a, b] = [total.load(), more.load()] as [OperandOf<'bigint'>, OperandOf<'bigint'>];
  total.store({ class: 'bigint', value: js`${a.value} + ${b.value}` });
}

const countSteps: AggregateSteps = {
  lanes: () => [countType],
  accumulate: (_code, { lanes: [total] }) => countBy(total, 1n),
  merge: (_code, { lanes: [total] }, { lanes: [more] }) => addCounts(total, more),
  result: (_code, { lanes: [total] }) => ({ operand: total?.load() as Operand, isNull: undefined }),
};

const count: AggregateFunction = {
  name: 'COUNT',
  overloads: [
    {
      id: 'rows',
      version: 1,
      accept: (args) => (args.length <= 1 ? args : undefined),
      returns: () => countType,
      ...countSteps,
      updating: { ...countSteps, keepsValues: false, retract: (_code, { lanes: [total] }) => countBy(total, -1n) },
    },
  ],
  doc: 'How many rows there are; with an argument, how many rows have one that is not NULL.',
  examples: [],
};

/** The planner binds a call as one with DISTINCT. */
const approxCountDistinct: AggregateFunction = {
  name: 'APPROX_COUNT_DISTINCT',
  overloads: count.overloads.map((overload) => ({ ...overload, id: 'values', accept: (args) => (args[0] !== undefined && args.length === 1 && !isStructured(args[0]) ? args : undefined) })),
  doc: 'How many different values there are that are not NULL; the number is exact, as that of COUNT(DISTINCT x).',
  examples: [],
};

function addTo(code: CodeBuilder, lane: Lane, operator: '+' | '-', value: Operand, type: SqlType, total: SqlType): void {
  const sum = emitArithmetic(code, operator, lane.load(), value, [total, type], total);
  // More than 38 digits: the total stays at what cannot be told from an overflow, so it is an error instead of a wrong number.
  if (sum.isNull !== undefined) code.line(js`if (${sum.isNull}) throw new RangeError('a sum has more than 38 digits');`);
  lane.store(sum.operand);
}

function addToSum(code: CodeBuilder, { lanes: [total] }: Accumulator, operator: '+' | '-', [value]: readonly Operand[], { args: [type], result }: CallTypes): void {
  if (total !== undefined && value !== undefined && type !== undefined) addTo(code, total, operator, value, type, result);
}

/** Beside the total, how many values it is of: when the last has gone, the sum is NULL again. */
const sumUpdating: AggregateUpdating = {
  keepsValues: false,
  lanes: ([a]) => [withNullable(sumType(a ?? types.nothing), false), countType],
  accumulate: (code, state, args, callTypes) => {
    addToSum(code, state, '+', args, callTypes);
    countBy(state.lanes[1], 1n);
  },
  retract: (code, state, args, callTypes) => {
    addToSum(code, state, '-', args, callTypes);
    countBy(state.lanes[1], -1n);
  },
  result: (_code, { lanes }) => {
    const [total, rows] = lanes.map((lane) => lane.load()) as [Operand, OperandOf<'bigint'>];
    return { operand: total, isNull: js`${rows.value} === 0n` };
  },
};

const sum: AggregateFunction = {
  name: 'SUM',
  overloads: [
    {
      id: 'numbers',
      version: 1,
      accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isNumeric(a) ? [a] : undefined),
      returns: ([a]) => sumType(a ?? types.nothing),
      keepsPresence: () => true,
      lanes: ([a]) => [withNullable(sumType(a ?? types.nothing), false)],
      accumulate: (code, state, args, callTypes) => {
        addToSum(code, state, '+', args, callTypes);
        state.hasValue.set();
      },
      merge: (code, into, from, callTypes) => {
        code.block(js`if (${from.hasValue.test()})`, () => {
          addToSum(code, into, '+', from.lanes.map((lane) => lane.load()), { ...callTypes, args: [callTypes.result] });
          into.hasValue.set();
        });
      },
      result: (_code, state) => ({ operand: state.lanes[0]?.load() as Operand, isNull: js`!${state.hasValue.test()}` }),
      updating: sumUpdating,
    },
  ],
  doc: 'The total of the values that are not NULL; NULL when there are none.',
  examples: [],
};

function addToMean(code: CodeBuilder, { lanes: [total, rows] }: Accumulator, operator: '+' | '-', [value]: readonly Operand[], { args: [type] }: CallTypes): void {
  if (total === undefined || rows === undefined || value === undefined || type === undefined) return;
  const totalType = avgTotalType(type);
  const widened = type.kind === 'DECIMAL' ? value : emitCast(code, value, type, totalType, js`undefined`).operand;
  addTo(code, total, operator, widened, type.kind === 'DECIMAL' ? type : totalType, totalType);
  countBy(rows, operator === '+' ? 1n : -1n);
}

const avgSteps: AggregateSteps = {
  lanes: ([a]) => [avgTotalType(a ?? types.nothing), countType],
  accumulate: (code, state, args, callTypes) => addToMean(code, state, '+', args, callTypes),
  merge: (code, into, from, { args: [type] }) => {
    const [total] = into.lanes;
    const [more] = from.lanes;
    if (total === undefined || more === undefined || type === undefined) return;
    const totalType = avgTotalType(type);
    addTo(code, total, '+', more.load(), totalType, totalType);
    addCounts(into.lanes[1], from.lanes[1]);
  },
  result: (code, { lanes: [total, rows] }, { args: [type], result }) => {
    const argument = type ?? types.nothing;
    const totalType = avgTotalType(argument);
    const [sumOperand, rowsOperand] = [total, rows].map((lane) => lane?.load()) as [Operand, OperandOf<'bigint'>];
    const n = rowsOperand.value;
    const none = code.define('n', js`${n} === 0n`);
    if (sumOperand.class === 'double') {
      const mean = js`${none} ? 0 : ${sumOperand.value} / Number(${n})`;
      return { operand: { class: 'double', value: code.define('d', argument.kind === 'FLOAT' ? js`Math.fround(${mean})` : mean) }, isNull: none };
    }
    if (sumOperand.class === 'bigint') {
      const mean = code.define('l', js`${none} ? 0n : BigInt.asIntN(64, ${sumOperand.value} / ${n})`);
      return { operand: emitCast(code, { class: 'bigint', value: mean }, types.bigint, withNullable(argument, true), js`undefined`).operand, isNull: none };
    }
    const divisor: Operand = { class: 'decimal', small: js`(${none} ? 1 : Number(${n}))`, isSmall: undefined, big: js`0n` };
    const mean = emitArithmetic(code, '/', sumOperand, divisor, [totalType, types.decimal(19, 0)], result);
    return { operand: mean.operand, isNull: mean.isNull === undefined ? none : js`(${none} || ${mean.isNull})` };
  },
};

const avg: AggregateFunction = {
  name: 'AVG',
  overloads: [
    {
      id: 'numbers',
      version: 1,
      accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isNumeric(a) ? [a] : undefined),
      returns: ([a]) => avgType(a ?? types.nothing),
      // The mean of DECIMALs may have too many digits, and is NULL then.
      keepsPresence: ([a]) => a?.kind !== 'DECIMAL',
      ...avgSteps,
      updating: { ...avgSteps, keepsValues: false, retract: (code, state, args, callTypes) => addToMean(code, state, '-', args, callTypes) },
    },
  ],
  doc: 'The mean of the values that are not NULL; of integers, cut to an integer, as Flink does.',
  examples: [],
};

function avgTotalType(type: SqlType): SqlType {
  if (type.kind === 'DECIMAL') return { kind: 'DECIMAL', precision: 38, scale: type.scale, nullable: false };
  return { kind: type.kind === 'FLOAT' || type.kind === 'DOUBLE' ? 'DOUBLE' : 'BIGINT', nullable: false };
}

function extreme(name: 'MIN' | 'MAX'): AggregateFunction {
  const steps: AggregateSteps = {
    lanes: ([a]) => [withNullable(a ?? types.nothing, false)],
    accumulate: (code, state, [value], { args: [type] }) => {
      const [best] = state.lanes;
      if (best === undefined || value === undefined || type === undefined) return;
      const first = js`!${state.hasValue.test()}`;
      const better = code.name('better');
      code.block(js`${better}:`, () => {
        code.block(js`if (!(${first}))`, () => {
          const known = best.load();
          const beats = emitComparison(code, name === 'MAX' ? '>' : '<', value, known, [type, type]);
          // NaN is the greatest, whatever came first: what is left does not depend on the order of rows, slices and withdrawals.
          const above = name === 'MAX' ? value : known;
          if (above.class === 'double') return code.line(js`if (!(${beats} || ${above.value} !== ${above.value})) break ${better};`);
          code.line(js`if (!(${beats})) break ${better};`);
        });
        best.store(value);
      });
      state.hasValue.set();
    },
    merge: (code, into, from, callTypes) => {
      code.block(js`if (${from.hasValue.test()})`, () => steps.accumulate(code, into, from.lanes.map((lane) => lane.load()), callTypes));
    },
    result: (_code, state) => ({ operand: state.lanes[0]?.load() as Operand, isNull: js`!${state.hasValue.test()}` }),
  };
  const updating: AggregateUpdating = {
    ...steps,
    keepsValues: true,
    // The next best is looked for only when the best has gone. NaN equals nothing, not even itself: it is looked for as well.
    retract: (code, state, [value], callTypes) => {
      const [best] = state.lanes;
      const [type] = callTypes.args;
      if (best === undefined || value === undefined || type === undefined) return;
      const isOther = emitComparison(code, '<>', value, best.load(), [type, type]);
      const isNumber = value.class === 'double' ? js` && ${value.value} === ${value.value}` : js``;
      code.block(js`if (!(${isOther}${isNumber}))`, () => {
        state.hasValue.clear();
        state.eachValue((left) => steps.accumulate(code, state, [left], callTypes));
      });
    },
  };
  const overload: AggregateOverload = {
    id: 'values',
    version: 1,
    accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && !isStructured(a) ? [a] : undefined),
    returns: ([a]) => withNullable(a ?? types.nothing, true),
    keepsPresence: () => true,
    ...steps,
    updating,
    ignoresDuplicates: true,
  };
  return { name, overloads: [overload], doc: name === 'MAX' ? 'The greatest value that is not NULL.' : 'The least value that is not NULL.', examples: [] };
}

/** The latest value of a column, NULL too: what a ChangelogNormalize keeps of each row. Not for queries. */
const latest: AggregateFunction = {
  name: '$LATEST',
  overloads: [
    {
      id: 'values',
      version: 1,
      accept: (args) => args,
      returns: ([a]) => a ?? types.nothing,
      lanes: ([a]) => [withNullable(a ?? types.nothing, false)],
      accumulate: (_code, state, [value]) => {
        if (value !== undefined) state.lanes[0]?.store(value);
        state.hasValue.set();
      },
      accumulateNull: (_code, state) => state.hasValue.clear(),
      result: (_code, state) => ({ operand: state.lanes[0]?.load() as Operand, isNull: js`!${state.hasValue.test()}` }),
      updating: undefined,
    },
  ],
  doc: 'The latest value.',
  examples: [],
};

/** What plans name and queries cannot. */
export const internalAggregates: readonly AggregateFunction[] = [latest];

/** Every aggregate function of this build. */
export const aggregateFunctions: readonly AggregateFunction[] = [count, approxCountDistinct, sum, avg, extreme('MIN'), extreme('MAX'), ...varianceAggregates, ...firstLastAggregates, singleValue, percentile, ...arrayAggregates, ...collectingAggregates];
