import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { divideRounded, fitsPrecision, parseDecimal, powerOfTen } from '../core/decimal.ts';
import { isInteger, isNumeric, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { Overload, ScalarFunction } from './definition.ts';
import { scaleOf } from './numeric.ts';
import { bigOf, maxSmall, type Operand, type OperandOf, type Value } from './operand.ts';

/** ROUND and TRUNCATE, and FLOOR and CEIL of DECIMAL. Source: Flink's documentation, arithmetic functions, and its findRoundDecimalType. */

type Rounding = 'nearest' | 'zero' | 'down' | 'up';

/** a / b, b > 0, brought to a whole number. */
function divide(rounding: Rounding, a: bigint, b: bigint): bigint {
  if (rounding === 'nearest') return divideRounded(a, b);
  const quotient = a / b;
  if (a % b === 0n || rounding === 'zero') return quotient;
  if (rounding === 'down') return a < 0n ? quotient - 1n : quotient;
  return a < 0n ? quotient : quotient + 1n;
}

/** The unscaled value brought to `places` digits of fraction, at the scale `to`. */
function roundUnscaled(rounding: Rounding, value: bigint, scale: number, places: number, to: number): bigint {
  if (places >= scale) return value * powerOfTen(Math.max(0, to - scale));
  // Further left than the longest number reaches there is nothing.
  if (places < -40) return 0n;
  const kept = divide(rounding, value, powerOfTen(scale - places));
  return to >= places ? kept * powerOfTen(to - places) : kept;
}

function roundDouble(rounding: Rounding, value: number, places: number): number {
  const parsed = Number.isFinite(value) ? parseDecimal(String(value)) : undefined;
  if (parsed === undefined || places >= parsed.scale) return value;
  if (places < -400) return 0;
  return Number(`${roundUnscaled(rounding, parsed.unscaled, parsed.scale, places, Math.max(0, places))}e${-Math.max(0, places)}`);
}

const makers = new Map<string, (value: bigint, places: number) => bigint>();

function decimalRounder(rounding: Rounding, scale: number, to: number): (value: bigint, places: number) => bigint {
  const key = `${rounding} ${scale} ${to}`;
  let made = makers.get(key);
  if (made === undefined) {
    made = (value, places) => roundUnscaled(rounding, value, scale, places, to);
    makers.set(key, made);
  }
  return made;
}

function roundLong(rounding: Rounding): (value: bigint, places: number) => bigint {
  return decimalRounder(rounding, 0, 0);
}

const doubleRounders: Readonly<Record<Rounding, (value: number, places: number) => number>> = {
  nearest: (value, places) => roundDouble('nearest', value, places),
  zero: (value, places) => roundDouble('zero', value, places),
  down: (value, places) => roundDouble('down', value, places),
  up: (value, places) => roundDouble('up', value, places),
};

function emitRounded(code: CodeBuilder, rounding: Rounding, value: Operand, places: Js, from: SqlType, to: SqlType): Operand {
  switch (value.class) {
    case 'decimal': {
      const big = code.define('g', js`${code.use(decimalRounder(rounding, scaleOf(from), scaleOf(to)), 'round')}(${bigOf(value)}, ${places})`);
      const isSmall = code.define('s', js`${big} >= ${-BigInt(maxSmall)} && ${big} <= ${BigInt(maxSmall)}`);
      return { class: 'decimal', small: code.define('c', js`${isSmall} ? Number(${big}) : 0`), isSmall, big };
    }
    case 'bigint':
      return { class: 'bigint', value: code.define('l', js`${places} >= 0 ? ${value.value} : BigInt.asIntN(64, ${code.use(roundLong(rounding), 'round')}(${value.value}, ${places}))`) };
    case 'int':
      return { class: 'int', value: code.define('i', js`${places} >= 0 ? ${value.value} : Number(${code.use(roundLong(rounding), 'round')}(BigInt(${value.value}), ${places})) | 0`) };
    default: {
      const rounded = js`${code.use(doubleRounders[rounding], 'round')}(${'value' in value ? value.value : js`0`}, ${places})`;
      return { class: 'double', value: code.define('d', to.kind === 'FLOAT' ? js`Math.fround(${rounded})` : rounded) };
    }
  }
}

/** The type of a DECIMAL that is brought to `places` digits of fraction. */
function roundedType(type: SqlType, places: number): SqlType {
  if (type.kind !== 'DECIMAL' || places >= type.scale) return withNullable(type, false);
  const whole = type.precision - type.scale + 1;
  return places < 0 ? types.decimal(Math.min(38, whole), 0) : types.decimal(Math.min(38, whole + places), places);
}

/** One overload for each number of places that a DECIMAL can have as a literal: the result's type depends on it. */
function rounder(name: 'ROUND' | 'TRUNCATE', rounding: Rounding, doc: string, examples: readonly (readonly [string, string])[]): ScalarFunction {
  const make = (id: string, literal: number | undefined, isOne: boolean): Overload => ({
    id,
    version: 1,
    accept: ([value, places, ...rest], literals) => {
      if (value === undefined || !isNumeric(value) || rest.length > 0 || isOne !== (places === undefined)) return undefined;
      if (places === undefined) return [value];
      if (!isInteger(places) && places.kind !== 'NULL') return undefined;
      // A literal decides the digits of a DECIMAL; negative ones all give none.
      if (literal !== undefined && (value.kind !== 'DECIMAL' || !/^-?\d+$/.test(literals[1] ?? '') || Math.max(-1, Number(literals[1])) !== literal)) return undefined;
      return [value, withNullable(types.int, places.nullable)];
    },
    returns: ([value]) => {
      const type = roundedType(value ?? types.nothing, isOne ? 0 : (literal ?? 38));
      return type.kind === 'DECIMAL' ? withNullable(type, true) : type;
    },
    emit: (code, [value, places], { args, result }): Value => {
      const operand = emitRounded(code, rounding, value as Operand, places === undefined ? js`0` : (places as OperandOf<'int'>).value, args[0] as SqlType, result);
      // 99.9 has three digits, 100.0 four.
      const canGrow = rounding === 'nearest' && result.kind === 'DECIMAL' && operand.class === 'decimal' && (result.precision === 38 || (!isOne && literal === undefined));
      return { operand, isNull: canGrow ? js`!${code.use(fitsPrecision, 'fitsPrecision')}(${operand.big}, ${result.precision})` : undefined };
    },
  });
  const overloads = [make('whole', undefined, true), ...Array.from({ length: 39 }, (_, i) => make(`${i - 1} places`, i - 1, false)), make('places', undefined, false)];
  return { name, nulls: 'return-null', deterministic: true, overloads, doc, examples: examples.map(([sql, result]) => ({ sql, result })) };
}

/** FLOOR and CEIL of a DECIMAL: a DECIMAL without fraction. */
export function wholeDecimal(rounding: 'down' | 'up'): Overload {
  return {
    id: 'decimal',
    version: 1,
    accept: ([value, ...rest]) => (value?.kind === 'DECIMAL' && rest.length === 0 ? [value] : undefined),
    returns: ([value]) => (value?.kind === 'DECIMAL' ? types.decimal(value.precision, 0) : types.nothing),
    emit: (code, [value], { args, result }): Value => ({ operand: emitRounded(code, rounding, value as Operand, js`0`, args[0] as SqlType, result), isNull: undefined }),
  };
}

export const roundingFunctions: readonly ScalarFunction[] = [
  rounder('ROUND', 'nearest', 'The number with so many digits of fraction, none if not said; halves go away from zero. Negative places round before the point. NULL when a DECIMAL would have too many digits.', [['ROUND(2.345, 2)', '2.35'], ['ROUND(-2.5)', '-3'], ['ROUND(1250, -2)', '1300']]),
  rounder('TRUNCATE', 'zero', 'The number with so many digits of fraction, none if not said; the others are cut off.', [['TRUNCATE(2.349, 2)', '2.34'], ['TRUNCATE(CAST(-1.9 AS DOUBLE))', '-1.0']]),
];
