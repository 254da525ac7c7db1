import { js, type CodeBuilder } from '../core/code.ts';
import { isNumeric, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitCast } from './cast.ts';
import type { AggregateFunction, AggregateOverload } from './definition.ts';
import { emitArithmetic } from './numeric.ts';
import { emitComparison } from './comparison.ts';
import { classOf, type Operand, type OperandOf } from './operand.ts';

const countType: SqlType = { kind: 'BIGINT', nullable: false };

const count: AggregateFunction = {
  name: 'COUNT',
  overloads: [
    {
      id: 'rows',
      version: 1,
      accept: (args) => (args.length <= 1 ? args : undefined),
      returns: () => countType,
      lanes: () => [countType],
      accumulate: (_code, { lanes: [total] }) => {
        if (total !== undefined) total.store({ class: 'bigint', value: js`${(total.load() as OperandOf<'bigint'>).value} + 1n` });
      },
      result: (_code, { lanes: [total] }) => ({ operand: total?.load() as Operand, isNull: undefined }),
    },
  ],
  doc: 'How many rows there are; with an argument, how many rows have one that is not NULL.',
  examples: [],
};

/** SUM keeps the type of integers (and wraps as they do); a DECIMAL gets 38 digits. */
function sumType(type: SqlType): SqlType {
  if (type.kind === 'DECIMAL') return types.decimal(38, type.scale);
  return withNullable(type, true);
}

function addTo(code: CodeBuilder, lane: { load(): Operand; store(value: Operand): void }, value: Operand, type: SqlType, total: SqlType): void {
  const sum = emitArithmetic(code, '+', lane.load(), value, [total, type], total);
  // More than 38 digits: the total stays at what cannot be told from an overflow, so it is an error instead of a wrong number.
  if (sum.isNull !== undefined) code.line(js`if (${sum.isNull}) throw new RangeError('a sum has more than 38 digits');`);
  lane.store(sum.operand);
}

const sum: AggregateFunction = {
  name: 'SUM',
  overloads: [
    {
      id: 'numbers',
      version: 1,
      accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isNumeric(a) ? [a] : undefined),
      returns: ([a]) => sumType(a ?? types.nothing),
      lanes: ([a]) => [withNullable(sumType(a ?? types.nothing), false)],
      accumulate: (code, state, [value], { args: [type], result }) => {
        const [total] = state.lanes;
        if (total === undefined || value === undefined || type === undefined) return;
        addTo(code, total, value, type, result);
        state.hasValue.set();
      },
      result: (_code, state) => ({ operand: state.lanes[0]?.load() as Operand, isNull: js`!${state.hasValue.test()}` }),
    },
  ],
  doc: 'The total of the values that are not NULL; NULL when there are none.',
  examples: [],
};

const avg: AggregateFunction = {
  name: 'AVG',
  overloads: [
    {
      id: 'numbers',
      version: 1,
      accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isNumeric(a) ? [a] : undefined),
      returns: ([a]) => (a?.kind === 'DECIMAL' ? types.decimal(38, Math.max(6, a.scale)) : withNullable(a ?? types.nothing, true)),
      lanes: ([a]) => [avgTotalType(a ?? types.nothing), countType],
      accumulate: (code, { lanes: [total, rows] }, [value], { args: [type] }) => {
        if (total === undefined || rows === undefined || value === undefined || type === undefined) return;
        const totalType = avgTotalType(type);
        const widened = type.kind === 'DECIMAL' ? value : emitCast(code, value, type, totalType, js`undefined`).operand;
        addTo(code, total, widened, type.kind === 'DECIMAL' ? type : totalType, totalType);
        rows.store({ class: 'bigint', value: js`${(rows.load() as OperandOf<'bigint'>).value} + 1n` });
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
  const overload: AggregateOverload = {
    id: 'values',
    version: 1,
    accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && classOf(a) !== undefined ? [a] : undefined),
    returns: ([a]) => withNullable(a ?? types.nothing, true),
    lanes: ([a]) => [withNullable(a ?? types.nothing, false)],
    accumulate: (code, state, [value], { args: [type] }) => {
      const [best] = state.lanes;
      if (best === undefined || value === undefined || type === undefined) return;
      const first = js`!${state.hasValue.test()}`;
      code.block(js`better:`, () => {
        code.block(js`if (!(${first}))`, () => {
          const beats = emitComparison(code, name === 'MAX' ? '>' : '<', value, best.load(), [type, type]);
          code.line(js`if (!(${beats})) break better;`);
        });
        best.store(value);
      });
      state.hasValue.set();
    },
    result: (_code, state) => ({ operand: state.lanes[0]?.load() as Operand, isNull: js`!${state.hasValue.test()}` }),
  };
  return { name, overloads: [overload], doc: name === 'MAX' ? 'The greatest value that is not NULL.' : 'The least value that is not NULL.', examples: [] };
}

/** Every aggregate function of this build. */
export const aggregateFunctions: readonly AggregateFunction[] = [count, sum, avg, extreme('MIN'), extreme('MAX')];
