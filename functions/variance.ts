import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { asDecimal, commonType, isNumeric, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitCast } from './cast.ts';
import type { Accumulator, AggregateFunction, AggregateSteps, CallTypes, Lane } from './definition.ts';
import { arithmeticType, emitArithmetic, type ArithmeticOperator } from './numeric.ts';
import { assign, classOf, declare, type Operand, type OperandOf, type Value } from './operand.ts';
import { avgType, sumType } from './sum-types.ts';

/**
 * Variances and standard deviations, as Flink's planner rewrites them: from the sum of squares, the sum and the count, in the arithmetic of the
 * argument's type, so that of integers they are integers, cut at each division. Source: Calcite's AggregateReduceFunctionsRule, reduceStddev.
 */

interface Typed {
  readonly operand: Operand;
  readonly type: SqlType;
}

const countType: SqlType = { kind: 'BIGINT', nullable: false };

/** What of a call stands where: the argument in the result's type, its square and the sums. */
function typesOf(argument: SqlType): { readonly result: SqlType; readonly square: SqlType; readonly squares: SqlType; readonly sum: SqlType } {
  const result = avgType(argument);
  const square = arithmeticType('*', result, result) ?? types.nothing;
  return { result, square, squares: withNullable(sumType(square), false), sum: withNullable(sumType(argument), false) };
}

/** `a operator b`; leaves the block `done` where the result has too many digits. */
function compute(code: CodeBuilder, done: Js, operator: ArithmeticOperator, a: Typed, b: Typed): Typed {
  const type = arithmeticType(operator, a.type, b.type) ?? types.nothing;
  const common = type.kind === 'DECIMAL' ? undefined : (commonType(a.type, b.type) ?? type);
  const [left, right] = [a, b].map(({ operand, type: from }): Typed => {
    const digits = from.kind === 'DECIMAL' ? undefined : asDecimal(from);
    const to = common ?? (digits === undefined ? from : types.decimal(digits.precision, digits.scale));
    return { operand: emitCast(code, operand, from, to, js`undefined`).operand, type: to };
  }) as [Typed, Typed];
  const { operand, isNull } = emitArithmetic(code, operator, left.operand, right.operand, [left.type, right.type], type);
  if (isNull !== undefined) code.line(js`if (${isNull}) break ${done};`);
  return { operand, type };
}

function add(code: CodeBuilder, lane: Lane, operator: '+' | '-', value: Typed, total: SqlType): void {
  const sum = emitArithmetic(code, operator, lane.load(), value.operand, [total, value.type], total);
  if (sum.isNull !== undefined) code.line(js`if (${sum.isNull}) throw new RangeError('a sum has more than 38 digits');`);
  lane.store(sum.operand);
}

function take(code: CodeBuilder, { lanes: [squares, sum, count] }: Accumulator, operator: '+' | '-', [value]: readonly Operand[], { args: [type] }: CallTypes): void {
  if (squares === undefined || sum === undefined || count === undefined || value === undefined || type === undefined) return;
  const of = typesOf(type);
  add(code, sum, operator, { operand: value, type }, of.sum);
  count.store({ class: 'bigint', value: js`${(count.load() as OperandOf<'bigint'>).value} + ${operator === '+' ? 1n : -1n}` });
  const done = code.name('done');
  code.block(js`${done}:`, () => {
    const given = emitCast(code, value, type, of.result, js`undefined`);
    if (given.isNull !== undefined) code.line(js`if (${given.isNull}) break ${done};`);
    const wide: Typed = { operand: given.operand, type: of.result };
    add(code, squares, operator, compute(code, done, '*', wide, wide), of.squares);
  });
}

function emitResult(code: CodeBuilder, { lanes }: Accumulator, { args: [argument = types.nothing], result }: CallTypes, isSample: boolean, isRoot: boolean): Value {
  const of = typesOf(argument);
  const [squares, sum, count] = lanes.map((lane) => lane.load()) as [Operand, Operand, OperandOf<'bigint'>];
  const made = declare(code, classOf(result) ?? 'double');
  const isNull = code.name('n');
  code.line(js`let ${isNull} = true;`);
  const done = code.name('done');
  code.block(js`${done}:`, () => {
    code.line(js`if (${count.value} <= ${isSample ? 1n : 0n}) break ${done};`);
    const total: Typed = { operand: sum, type: of.sum };
    const rows: Typed = { operand: count, type: countType };
    const mean = compute(code, done, '/', compute(code, done, '*', total, total), rows);
    const rest = compute(code, done, '-', { operand: squares, type: of.squares }, mean);
    const divisor: Typed = isSample ? { operand: { class: 'bigint', value: code.define('l', js`${count.value} - 1n`) }, type: countType } : rows;
    let answer = compute(code, done, '/', rest, divisor);
    if (isRoot) {
      const square = emitCast(code, answer.operand, answer.type, types.double, js`undefined`).operand as OperandOf<'double'>;
      answer = { operand: { class: 'double', value: code.define('d', js`Math.pow(${square.value}, 0.5)`) }, type: types.double };
    }
    const cast = emitCast(code, answer.operand, answer.type, result, js`undefined`);
    if (cast.isNull !== undefined) code.line(js`if (${cast.isNull}) break ${done};`);
    assign(code, made, cast.operand);
    code.line(js`${isNull} = false;`);
  });
  return { operand: made, isNull };
}

function define(name: string, isSample: boolean, isRoot: boolean, doc: string): AggregateFunction {
  const steps: AggregateSteps = {
    lanes: ([a]) => {
      const of = typesOf(a ?? types.nothing);
      return [of.squares, of.sum, countType];
    },
    accumulate: (code, state, args, callTypes) => take(code, state, '+', args, callTypes),
    result: (code, state, callTypes) => emitResult(code, state, callTypes, isSample, isRoot),
    merge: (code, into, from, { args: [type] }) => {
      const of = typesOf(type ?? types.nothing);
      for (const [i, total] of [of.squares, of.sum, countType].entries()) {
        const [lane, more] = [into.lanes[i], from.lanes[i]];
        if (lane !== undefined && more !== undefined) add(code, lane, '+', { operand: more.load(), type: total }, total);
      }
    },
  };
  return {
    name,
    overloads: [
      {
        id: 'numbers',
        version: 1,
        accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isNumeric(a) ? [a] : undefined),
        returns: ([a]) => withNullable(avgType(a ?? types.nothing), true),
        ...steps,
        updating: { ...steps, keepsValues: false, retract: (code, state, args, callTypes) => take(code, state, '-', args, callTypes) },
      },
    ],
    doc: `${doc} of the values that are not NULL, in the type of AVG; of integers, cut to an integer, as Flink does.`,
    examples: [],
  };
}

export const varianceAggregates: readonly AggregateFunction[] = [
  define('VAR_POP', false, false, 'The variance'),
  define('VAR_SAMP', true, false, 'The variance of a sample'),
  define('VARIANCE', true, false, 'The variance of a sample'),
  define('STDDEV_POP', false, true, 'The standard deviation'),
  define('STDDEV_SAMP', true, true, 'The standard deviation of a sample'),
  define('STDDEV', true, true, 'The standard deviation of a sample'),
];
