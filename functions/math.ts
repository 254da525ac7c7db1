import { js, type CodeBuilder } from '../core/code.ts';
import { commonType, isNumeric, isStructured, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitComparison } from './comparison.ts';
import type { Overload, ScalarFunction } from './definition.ts';
import { roundedTimes } from './date-round.ts';
import { scaleOf } from './numeric.ts';
import { assign, declare, maxSmall, type Operand, type Value } from './operand.ts';
import { roundingFunctions, wholeDecimal } from './rounding.ts';
import { valueFunction } from './value-function.ts';

/** Functions of numbers, and the greatest and least of values. Source: Flink's documentation, "System (Built-in) Functions", arithmetic functions. */

/** A function that keeps the type of its one number. */
function sameNumber(name: string, takes: (type: SqlType) => boolean, emit: (code: CodeBuilder, value: Operand, type: SqlType) => Operand, doc: string, examples: readonly (readonly [string, string])[], aliases: readonly string[] = []): ScalarFunction {
  const overload: Overload = {
    id: 'numbers',
    version: 1,
    accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isNumeric(a) && takes(a) ? [a] : undefined),
    returns: ([a]) => withNullable(a ?? types.nothing, false),
    emit: (code, [value], { result }): Value => ({ operand: emit(code, value as Operand, result), isNull: undefined }),
  };
  return { name, aliases, nulls: 'return-null', deterministic: true, overloads: [overload], doc, examples: examples.map(([sql, result]) => ({ sql, result })) };
}

/** As java.lang.Math has them: one product, rounded once. */
const degreesOfRadian = 57.29577951308232;
const radiansOfDegree = 0.017453292519943295;

const abs = sameNumber(
  'ABS',
  () => true,
  (code, value, type) => {
    switch (value.class) {
      case 'decimal':
        return { class: 'decimal', small: code.define('c', js`Math.abs(${value.small})`), isSmall: value.isSmall, big: value.isSmall === undefined ? js`0n` : code.define('g', js`${value.big} < 0n ? -${value.big} : ${value.big}`) };
      case 'bigint':
        return { class: 'bigint', value: code.define('l', js`${value.value} < 0n ? BigInt.asIntN(64, -${value.value}) : ${value.value}`) };
      case 'int': {
        const shift = type.kind === 'TINYINT' ? js` << 24 >> 24` : type.kind === 'SMALLINT' ? js` << 16 >> 16` : js` | 0`;
        return { class: 'int', value: code.define('i', js`Math.abs(${value.value})${shift}`) };
      }
      default:
        return { class: 'double', value: code.define('d', js`Math.abs(${'value' in value ? value.value : js`0`})`) };
    }
  },
  'The number without its sign; the least integer of its type stays as it is.',
  [['ABS(-5)', '5'], ['ABS(CAST(-1.50 AS DECIMAL(5, 2)))', '1.50']],
);

const sign = sameNumber(
  'SIGN',
  () => true,
  (code, value, type) => {
    switch (value.class) {
      case 'decimal': {
        const one = 10 ** scaleOf(type);
        const isNegative = value.isSmall === undefined ? js`${value.small} < 0` : js`(${value.isSmall} ? ${value.small} < 0 : ${value.big} < 0n)`;
        const isZero = value.isSmall === undefined ? js`${value.small} === 0` : js`${value.isSmall} && ${value.small} === 0`;
        if (one <= maxSmall) return { class: 'decimal', small: code.define('c', js`${isZero} ? 0 : ${isNegative} ? ${-one} : ${one}`), isSmall: undefined, big: js`0n` };
        const big = code.define('g', js`${isZero} ? 0n : ${isNegative} ? ${-(10n ** BigInt(scaleOf(type)))} : ${10n ** BigInt(scaleOf(type))}`);
        return { class: 'decimal', small: js`0`, isSmall: code.define('s', js`${big} === 0n`), big };
      }
      case 'bigint':
        return { class: 'bigint', value: code.define('l', js`${value.value} < 0n ? -1n : ${value.value} > 0n ? 1n : 0n`) };
      case 'int':
        return { class: 'int', value: code.define('i', js`Math.sign(${value.value}) | 0`) };
      default:
        return { class: 'double', value: code.define('d', js`Math.sign(${'value' in value ? value.value : js`0`})`) };
    }
  },
  'The sign as a number of the same type: -1, 0 or 1.',
  [['SIGN(-7)', '-1'], ['SIGN(CAST(2.50 AS DECIMAL(5, 2)))', '1.00']],
);

/** Of a number, or with a unit of a time. */
function whole(name: 'FLOOR' | 'CEIL', doc: string, examples: readonly (readonly [string, string])[]): ScalarFunction {
  const isWhole = (value: Operand): boolean => value.class === 'int' || value.class === 'bigint';
  const round = name === 'FLOOR' ? js`Math.floor` : js`Math.ceil`;
  const emit = (code: CodeBuilder, value: Operand): Operand => (isWhole(value) ? value : { class: 'double', value: code.define('d', js`${round}(${'value' in value ? value.value : js`0`})`) });
  const numbers = sameNumber(name, (type) => type.kind !== 'DECIMAL', emit, doc, examples, name === 'CEIL' ? ['CEILING'] : []);
  return { ...numbers, usesZone: 'of-instants', overloads: [...numbers.overloads, wholeDecimal(name === 'FLOOR' ? 'down' : 'up'), ...roundedTimes(name)] };
}

function ofDouble(name: string, call: (value: number) => number, doc: string, example: readonly [string, string]): ScalarFunction {
  return valueFunction(name, [{ args: ['double'], result: 'double', call }], doc, [example]);
}

/** GREATEST and LEAST: NULL when a value is. */
function extreme(name: 'GREATEST' | 'LEAST', doc: string, example: readonly [string, string]): ScalarFunction {
  const common = (args: readonly SqlType[]): SqlType | undefined => args.reduce<SqlType | undefined>((type, arg) => (type === undefined ? undefined : commonType(type, arg)), types.nothing);
  const overload: Overload = {
    id: 'values',
    version: 1,
    accept: (args) => {
      const type = common(args);
      const isHeld = type !== undefined && type.kind !== 'NULL' && !isStructured(type);
      return isHeld ? args.map((arg) => withNullable(type, arg.nullable)) : undefined;
    },
    returns: (args) => withNullable(common(args) ?? types.nothing, false),
    emit: (code, [first, ...others], { args, result }): Value => {
      const best = declare(code, (first as Operand).class);
      assign(code, best, first as Operand);
      for (const other of others) code.block(js`if (${emitComparison(code, name === 'GREATEST' ? '>' : '<', other, best, [args[0] ?? result, result])})`, () => assign(code, best, other));
      return { operand: best, isNull: undefined };
    },
  };
  return { name, nulls: 'return-null', deterministic: true, overloads: [overload], doc, examples: [{ sql: example[0], result: example[1] }] };
}

export const mathFunctions: readonly ScalarFunction[] = [
  abs,
  whole('FLOOR', 'The greatest whole number that is not greater; of a time, with TO and a unit, the start of the unit.', [['FLOOR(CAST(-1.5 AS DOUBLE))', '-2.0'], ['FLOOR(-1.5)', '-2'], ["FLOOR(TIMESTAMP '2026-02-28 07:08:09' TO HOUR)", '2026-02-28 07:00:00']]),
  whole('CEIL', 'The least whole number that is not less; of a time, with TO and a unit, the start of the next unit unless it is one; of a DATE to a day the next, and always the next decade, century and millennium.', [['CEIL(CAST(1.2 AS DOUBLE))', '2.0'], ['CEIL(1.2)', '2'], ["CEIL(DATE '2026-02-28' TO MONTH)", '2026-03-01']]),
  valueFunction('POWER', [{ args: ['double', 'double'], result: 'double', call: Math.pow }], 'The first number to the power of the second.', [['POWER(2, 10)', '1024.0']]),
  ofDouble('SQRT', Math.sqrt, 'The square root.', ['SQRT(2.25)', '1.5']),
  ofDouble('EXP', Math.exp, 'The number e to the power of the number.', ['EXP(0)', '1.0']),
  ofDouble('LN', Math.log, 'The natural logarithm.', ['LN(1)', '0.0']),
  ofDouble('LOG10', Math.log10, 'The logarithm to base 10.', ['LOG10(1000)', '3.0']),
  // As a quotient of natural logarithms, digit by digit as Flink has it.
  ofDouble('LOG2', (value) => Math.log(value) / Math.log(2), 'The logarithm to base 2.', ['LOG2(8)', '3.0']),
  valueFunction('LOG', [{ args: ['double'], result: 'double', call: Math.log }, { args: ['double', 'double'], result: 'double', call: (base: number, value: number) => Math.log(value) / Math.log(base) }], 'The natural logarithm; with two numbers, the logarithm of the second to the base of the first.', [['LOG(10, 100)', '2.0']]),
  ...([['SIN', Math.sin, '0.0'], ['COS', Math.cos, '1.0'], ['TAN', Math.tan, '0.0'], ['ASIN', Math.asin, '0.0'], ['ATAN', Math.atan, '0.0'], ['SINH', Math.sinh, '0.0'], ['COSH', Math.cosh, '1.0'], ['TANH', Math.tanh, '0.0']] as const).map(([name, call, result]) => ofDouble(name, call, `The ${name.toLowerCase()} of the number.`, [`${name}(0)`, result])),
  ofDouble('COT', (value) => 1 / Math.tan(value), 'The cotangent of the number.', ["CAST(COT(1) AS DECIMAL(6, 4))", '0.6421']),
  ofDouble('DEGREES', (value) => value * degreesOfRadian, 'The angle of so many radians in degrees.', ['DEGREES(PI())', '180.0']),
  ofDouble('RADIANS', (value) => value * radiansOfDegree, 'The angle of so many degrees in radians.', ['RADIANS(180)', '3.141592653589793']),
  valueFunction('ATAN2', [{ args: ['double', 'double'], result: 'double', call: Math.atan2 }], 'The angle of the point (x, y), given as y and x.', [['ATAN2(0, 1)', '0.0']]),
  sign,
  ...roundingFunctions,
  ofDouble('ACOS', Math.acos, 'The acos of the number.', ['ACOS(1)', '0.0']),
  valueFunction('PI', [{ args: [], result: 'double', call: () => Math.PI }], 'The number pi.', [['PI()', '3.141592653589793']]),
  valueFunction('E', [{ args: [], result: 'double', call: () => Math.E }], 'The number e.', [['E()', '2.718281828459045']]),
  extreme('GREATEST', 'The greatest of the values; NULL when one is.', ['GREATEST(1, 3, 2)', '3']),
  extreme('LEAST', 'The least of the values; NULL when one is.', ["LEAST('b', 'a')", 'a']),
];
