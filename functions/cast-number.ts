import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { decimalFromText, fitsPrecision, printDecimal, rescale } from '../core/decimal.ts';
import { asDecimal, type SqlType } from '../core/sql-type.ts';
import { numberOfBigint } from './bigint-words.ts';
import { memo } from './memo.ts';
import { scaleOf } from './numeric.ts';
import { bigOf, maxSmall, type Operand, type Value } from './operand.ts';

/** Casts to numbers. Integers wrap as Java's do; a DECIMAL with too many digits is NULL. */

function known(operand: Operand): Value {
  return { operand, isNull: undefined };
}

/** A number or a BOOLEAN as source for a double. */
export function asDouble(code: CodeBuilder, value: Operand, from: SqlType): Js {
  switch (value.class) {
    case 'bigint':
      return numberOfBigint(code, value.value).number;
    case 'decimal': {
      const scale = scaleOf(from);
      // Of two numbers that doubles hold exactly the quotient is the nearest double; of others the digits are read, as BigDecimal.doubleValue does.
      const nearest = (digits: Js): Js => js`${code.use(nearestDouble(scale), 'nearest')}(${digits})`;
      const small = scale === 0 ? value.small : scale <= exactPower ? js`${value.small} / ${10 ** scale}` : nearest(js`BigInt(${value.small})`);
      return value.isSmall === undefined ? small : js`(${value.isSmall} ? ${small} : ${scale === 0 ? js`Number(${value.big})` : nearest(value.big)})`;
    }
    case 'bytes':
    case 'instant':
      return js`NaN`;
    case 'bool':
      return js`(${value.value} ? 1 : 0)`;
    default:
      return value.value;
  }
}

/** A number or a BOOLEAN as an integer of the type. */
export function toInteger(code: CodeBuilder, value: Operand, from: SqlType, to: SqlType): Operand {
  if (to.kind === 'BIGINT') {
    switch (value.class) {
      case 'int':
        return { class: 'bigint', value: code.define('l', js`BigInt.asIntN(64, BigInt(${value.value}))`) };
      case 'bool':
        return { class: 'bigint', value: code.define('l', js`${value.value} ? 1n : 0n`) };
      case 'double':
        return { class: 'bigint', value: code.define('l', js`${code.use(doubleToLong, 'doubleToLong')}(${value.value})`) };
      case 'decimal':
        return { class: 'bigint', value: code.define('l', js`BigInt.asIntN(64, ${bigOf(value)} / ${10n ** BigInt(scaleOf(from))})`) };
      default:
        return value;
    }
  }
  let number: Js;
  if (value.class === 'bigint') number = js`Number(BigInt.asIntN(32, ${value.value}))`;
  else if (value.class === 'decimal') number = js`Number(BigInt.asIntN(32, ${bigOf(value)} / ${10n ** BigInt(scaleOf(from))}))`;
  else if (value.class === 'double') number = js`${code.use(doubleToInt, 'doubleToInt')}(${value.value})`;
  else number = asDouble(code, value, from);
  const narrowed = to.kind === 'TINYINT' ? js`(${number}) << 24 >> 24` : to.kind === 'SMALLINT' ? js`(${number}) << 16 >> 16` : js`(${number}) | 0`;
  return { class: 'int', value: code.define('i', narrowed) };
}

/** A number or a BOOLEAN as a DECIMAL. */
export function toDecimal(code: CodeBuilder, value: Operand, from: SqlType, to: Extract<SqlType, { kind: 'DECIMAL' }>): Value {
  const source = asDecimal(from);
  const fits = source !== undefined && source.scale <= to.scale && source.precision - source.scale <= to.precision - to.scale;
  if (source !== undefined && source.scale === 0 && to.scale === 0 && fits) {
    if (value.class === 'int') return known({ class: 'decimal', small: value.value, isSmall: undefined, big: js`0n` });
    if (value.class === 'decimal') return known(value);
  }
  if (value.class === 'bigint' && fits && to.scale === 0) {
    const { number: small, high } = numberOfBigint(code, value.value);
    const isSmall = code.define('s', js`${high} >= -2097152 && ${high} < 2097152`);
    return known({ class: 'decimal', small, isSmall, big: code.define('g', js`${isSmall} ? 0n : ${value.value}`) });
  }
  if (value.class === 'decimal' && source?.scale === to.scale) {
    if (fits || (value.isSmall === undefined && to.precision >= 16)) return known(value);
    // What is small has 16 digits at most.
    if (to.precision >= 16) return { operand: value, isNull: code.define('n', js`!${value.isSmall ?? js`true`} && !${code.use(fitsPrecision, 'fitsPrecision')}(${value.big}, ${to.precision})`) };
  }
  const big =
    value.class === 'decimal'
      ? js`${code.use(rescaled(scaleOf(from), to.precision, to.scale), 'rescale')}(${bigOf(value)})`
      : value.class === 'bigint'
        ? js`${code.use(rescaled(0, to.precision, to.scale), 'rescale')}(${value.value})`
        : value.class === 'int'
          ? js`${code.use(rescaled(0, to.precision, to.scale), 'rescale')}(BigInt(${value.value}))`
          : js`${code.use(doubleToDecimal(to.precision, to.scale), 'toDecimal')}(${asDouble(code, value, from)})`;
  const result = code.define('g', big);
  const isNull = code.define('n', js`${result} === undefined`);
  const isSmall = code.define('s', js`${isNull} || (${result} >= ${-BigInt(maxSmall)} && ${result} <= ${BigInt(maxSmall)})`);
  const small = code.define('c', js`${isSmall} && !${isNull} ? Number(${result}) : 0`);
  return { operand: { class: 'decimal', small, isSmall, big: result }, isNull };
}

/** The greatest power of ten that a double holds exactly, and all below it. */
const exactPower = 22;

const nearestDoubles = new Map<string, (value: bigint) => number>();
function nearestDouble(scale: number): (value: bigint) => number {
  return memo(nearestDoubles, `${scale}`, () => (value) => Number(printDecimal(value, scale)));
}

const rescalers = new Map<string, (value: bigint) => bigint | undefined>();
function rescaled(from: number, precision: number, scale: number): (value: bigint) => bigint | undefined {
  return memo(rescalers, `${from}/${precision}/${scale}`, () => (value) => {
    const result = rescale(value, from, scale);
    return fitsPrecision(result, precision) ? result : undefined;
  });
}

const fromDoubles = new Map<string, (value: number) => bigint | undefined>();
function doubleToDecimal(precision: number, scale: number): (value: number) => bigint | undefined {
  return memo(fromDoubles, `${precision}/${scale}`, () => (value) => (Number.isFinite(value) ? decimalFromText(String(value), precision, scale) : undefined));
}

/** Java's (long) of a double: toward zero, NaN is 0, out of range is the nearest end. */
function doubleToLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 9223372036854775807n;
  if (value <= -(2 ** 63)) return -9223372036854775808n;
  return BigInt(Math.trunc(value));
}

function doubleToInt(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.trunc(Math.min(2147483647, Math.max(-2147483648, value)));
}

/** The least and the greatest value of an integer type. */
export function integerRange(type: SqlType): readonly [bigint, bigint] {
  const bits = type.kind === 'TINYINT' ? 8n : type.kind === 'SMALLINT' ? 16n : type.kind === 'INT' ? 32n : 64n;
  return [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}
